#include "cli/dry_run.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {
namespace {

constexpr const char* embedded_url = "https://127.0.0.1/v1";  // its port is known when it runs

// A picture inside of JSON, a data URI or bare Base64, is told by its size and hash, as a part of a multipart body is.
json without_pictures(const json& value) {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        const bool uri = text.starts_with("data:");
        if (text.size() < 512 || !(uri || core::from_base64(text))) return value;
        return fmt::format("{}... ({} characters, sha256 {})", uri ? text.substr(0, text.find(',') + 1) : "", text.size(), core::sha256_hex(text));
    }
    json copy = value;
    if (copy.is_structured())
        for (auto& child : copy) child = without_pictures(child);
    return copy;
}

json show(const http::Part& part) {
    json shown{{"name", part.name}};
    const std::string bytes = part.bytes ? *part.bytes : "";
    if (part.file_name.empty()) {
        shown["value"] = bytes;
    } else {
        shown["file_name"] = part.file_name;
        shown["content_type"] = part.content_type;
        shown["bytes"] = bytes.size();
        shown["sha256"] = core::sha256_hex(bytes);
    }
    return shown;
}

json show(const http::Request& request) {
    json headers = json::array();
    if (request.credential && !request.credential->key.empty())
        headers.push_back({{"name", request.credential->header}, {"value", request.credential->prefix + request.credential->shown}});
    for (const auto& header : request.headers) headers.push_back({{"name", header.name}, {"value", header.value}});
    json shown{{"method", request.method}, {"url", http::without_userinfo(request.url)}, {"paid", request.paid}, {"headers", headers}};
    if (const auto* text = std::get_if<std::string>(&request.body)) {
        auto body = core::parse_json(*text, "the body");
        const auto as_it_is = [&] { return core::is_utf8(*text) ? *text : fmt::format("{} bytes, sha256 {}", text->size(), core::sha256_hex(*text)); };
        shown["body"] = body ? without_pictures(*body) : json(as_it_is());
    }
    if (const auto* parts = std::get_if<http::Multipart>(&request.body)) {
        shown["multipart"] = json::array();
        for (const auto& part : *parts) shown["multipart"].push_back(show(part));
    }
    return shown;
}

}  // namespace

Result<json> dry_run(const catalog::Plan& plan, const Env& env, core::Wall now) {
    auto route = plan.route;
    if (route.base_url.empty()) route.base_url = embedded_url;
    auto backend = make_backend(route, shown_credential(route, env));
    if (!backend) return backend.error();
    json requests = json::array();
    auto step = (*backend)->submit(plan.order, {JobId{"JOB"}, "IDEMPOTENCY-KEY", now});
    while (const auto* ask = http::ask(step)) {
        requests.push_back(show(ask->request));
        if (ask->request.paid) break;
        auto next = ask->then(ask->sample);
        step = std::move(next);
    }
    if (const auto* error = std::get_if<Error>(&step)) return *error;
    return json{{"schema", "shotwire.request/1"},
                {"model", plan.order.model},
                {"route", plan.order.route},
                {"requests", requests},
                {"price", report::price_document(plan.order.price)},
                {"changes", plan.changes},
                {"notes", plan.notes}};
}

std::string print_dry_run(const json& document) {
    const auto& price = document["price"];
    const bool known = price["usd"].is_number(), free = known && price["usd"] == 0.0;
    const auto* cost = free ? "  (free)" : known ? "  (paid)" : "  (perhaps paid)";
    std::string text;
    for (const auto& request : document["requests"]) {
        text += fmt::format("{} {}{}\n", request["method"].get<std::string>(), request["url"].get<std::string>(), request["paid"].get<bool>() ? cost : "");
        for (const auto& header : request["headers"])
            text += fmt::format("{}: {}\n", header["name"].get<std::string>(), header["value"].get<std::string>());
        text += "\n";
        if (request.contains("body")) text += (request["body"].is_string() ? request["body"].get<std::string>() : core::dump(request["body"], 2)) + "\n\n";
        for (const auto& part : request.value("multipart", json::array())) {
            if (part.contains("value"))
                text += fmt::format("{} = {}\n", part["name"].get<std::string>(), part["value"].get<std::string>());
            else
                text += fmt::format("{} = file {} ({}, {} bytes, sha256 {})\n", part["name"].get<std::string>(), part["file_name"].get<std::string>(),
                                    part["content_type"].get<std::string>(), part["bytes"].get<std::size_t>(), part["sha256"].get<std::string>());
        }
        if (request.contains("multipart")) text += "\n";
    }
    text += "price: ";
    if (!known) return text + "unknown\n";
    if (free) return text + "free\n";
    text += fmt::format("{}USD {}", price["upper_bound"].get<bool>() ? "at most " : "", to_string(Money{std::int64_t(price["usd"].get<double>() * 1e6 + 0.5)}));
    if (price.contains("usd_in_all")) text += fmt::format(" each, USD {} for {} takes", to_string(Money{std::int64_t(price["usd_in_all"].get<double>() * 1e6 + 0.5)}), document["takes"].get<int>());
    if (price["as_of"].is_string()) text += fmt::format(" (list of {})", price["as_of"].get<std::string>());
    return text + "\n";
}

}  // namespace shotwire::cli
