#include "cli/dry_run.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <functional>

#include "http/shown.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {
namespace {
constexpr const char* embedded_url = "https://127.0.0.1/v1";  // its port is known when it runs

// The requests up to the paid one, by the answers that the backend takes for plausible.
Result<> walk(const catalog::Plan& plan, const Env& env, core::Wall now, const std::function<void(const http::Request&)>& each) {
    auto route = plan.route;
    if (route.base_url.empty()) route.base_url = embedded_url;
    auto backend = make_backend(route, shown_credential(route, env));
    if (!backend) return backend.error();
    auto step = (*backend)->submit(plan.order, {JobId{"JOB"}, "IDEMPOTENCY-KEY", now});
    while (const auto* ask = http::ask(step)) {
        each(ask->request);
        if (ask->request.paid) break;
        auto next = ask->then(ask->sampled());
        step = std::move(next);
    }
    if (const auto* error = std::get_if<Error>(&step)) return *error;
    return Ok{};
}

}  // namespace

Result<> check_request(const catalog::Plan& plan, const Env& env, core::Wall now) {
    return walk(plan, env, now, [](const http::Request&) {});
}

Result<json> dry_run(const catalog::Plan& plan, const Env& env, core::Wall now) {
    json requests = json::array();
    if (auto walked = walk(plan, env, now, [&](const http::Request& request) { requests.push_back(http::shown(request)); }); !walked) return walked.error();
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
    text += fmt::format("{}USD {}", price["upper_bound"].get<bool>() ? "at most " : "", to_string(Money{std::llround(price["usd"].get<double>() * 1e6)}));
    if (price.contains("usd_in_all")) text += fmt::format(" each, USD {} for {} takes", to_string(Money{std::llround(price["usd_in_all"].get<double>() * 1e6)}), document["takes"].get<int>());
    if (price["as_of"].is_string()) text += fmt::format(" (list of {})", price["as_of"].get<std::string>());
    return text + "\n";
}

}  // namespace shotwire::cli
