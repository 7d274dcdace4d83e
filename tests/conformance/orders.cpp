#include "conformance/orders.hpp"

#include <filesystem>
#include <map>
#include <stdexcept>

#include "catalog/catalog.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "support/places.hpp"

namespace shotwire::test {
namespace {

std::pair<int, int> two_numbers(const std::string& text, char between) {
    const auto at = text.find(between);
    return {std::stoi(text.substr(0, at)), std::stoi(text.substr(at + 1))};
}

// {"role": "first_frame"} is a file, {"role": "first_frame", "source": "https://..."} a URL.
Image image_of(const json& given) {
    static const std::map<std::string, ImageRole> roles = {
        {"first_frame", ImageRole::first_frame}, {"last_frame", ImageRole::last_frame}, {"reference", ImageRole::reference}};
    auto image = png(roles.at(given.at("role")));
    if (!given.contains("source")) return image;
    image.source = given["source"];
    image.media_type = image.sha256 = "";
    image.pixels = {};
    image.bytes = nullptr;
    return image;
}

}  // namespace

Order order_of(const json& contract, const json& over) {
    auto given = contract.at("order");
    given.merge_patch(over);
    if (over.contains("form")) given["form"] = over["form"];  // whole: a part that is null is one that is not sent
    Order order;
    order.route = "studio";
    for (const auto& [key, value] : given.items()) {
        if (key == "model") order.model = value;
        else if (key == "remote_model") order.remote_model = value;
        else if (key == "prompt") order.prompt = value;
        else if (key == "negative_prompt") order.negative_prompt = value;
        else if (key == "seconds") order.seconds = value;
        else if (key == "resolution") order.resolution = value;
        else if (key == "fps") order.fps = value.get<int>();
        else if (key == "seed") order.seed = value.get<std::uint64_t>();
        else if (key == "audio") order.audio = value.get<bool>();
        else if (key == "camera_motion") order.camera_motion = value;
        else if (key == "form") order.form = value.dump();
        else if (key == "size") {
            const auto [width, height] = two_numbers(value, 'x');
            order.size = Size{width, height};
        } else if (key == "ratio") {
            const auto [width, height] = two_numbers(value, ':');
            order.ratio = AspectRatio{width, height};
        } else if (key == "images") {
            for (const auto& image : value) order.images.push_back(image_of(image));
        } else if (key == "params") {
            for (const auto& [name, text] : value.items()) order.params.emplace_back(name, text);
        } else if (key != "note") {
            throw std::runtime_error("an order of the contract has an unknown key \"" + key + "\"");
        }
    }
    if (order.remote_model.empty()) order.remote_model = order.model;
    return order;
}

std::vector<Subject> subjects() {
    std::vector<Subject> all;
    for (const auto& entry : backend::registry())
        if (entry.name != std::string("custom")) all.emplace_back(entry);
    // Hosts that speak a backend's protocol in a way of their own.
    for (const auto& dialect : catalog::Catalog::built_in().dialects())
        if (!read_contract(dialect.name).document().contains("blocks")) all.emplace_back(dialect.name, *backend::find_entry(dialect.backend), dialect.keys);
    all.emplace_back("azure", *backend::find_entry("openai"), catalog::Catalog::built_in().find_route("azure")->dialect);
    const auto* custom = backend::find_entry("custom");
    if (!custom) return all;
    std::map<std::string, json> examples;
    for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(places::source) / "examples/backends")) {
        const auto example = json::parse(*core::read_file(file.path()));
        for (const auto& route : example.at("routes")) examples[route.at("name")] = route.at("dialect");
    }
    for (auto& [name, dialect] : examples) all.emplace_back(name, *custom, std::move(dialect));
    return all;
}

backend::Deps deps_of(const json& contract, const std::string& base_url, json dialect) {
    const auto origin = base_url.empty() ? FakeProvider::default_origin : http::origin_of(base_url);
    backend::Deps deps;
    deps.route = "studio";
    deps.base_url = origin + contract.at("base").get<std::string>();
    const auto& auth = contract.at("auth");
    deps.credential = {auth.value("header", "Authorization"), auth.value("prefix", ""), core::Key(credential_text(auth, origin)), "$STUDIO_API_KEY"};
    deps.dialect = std::move(dialect);
    deps.dialect.update(fill(contract.value("dialect", json::object()), {{"origin", origin}, {"cdn", FakeProvider::cdn_of(origin)}, {"base_url", deps.base_url}}));
    return deps;
}

Result<std::string> bytes_of(const backend::Source& source, const std::function<Result<http::Response>(const http::Request&)>& fetch) {
    if (const auto* in_line = std::get_if<backend::Inline>(&source)) return in_line->bytes;
    if (const auto* spooled = std::get_if<backend::Spooled>(&source)) {
        std::string bytes;
        auto decoded = spooled->spool->decode(spooled->mark, [&](std::string_view piece) {
            bytes += piece;
            return true;
        });
        if (!decoded) return decoded.error();
        return bytes;
    }
    const auto& request = std::get<http::Request>(source);
    if (request.method != "GET") return Error{ErrorKind::bug, "a download by " + request.method};
    auto response = fetch(request);
    if (!response) return response.error();
    if (response->status != 200) return Error{ErrorKind::provider, "the download answered " + std::to_string(response->status)};
    return response->body;
}

Result<std::string> bytes_of(const backend::Source& source, FakeProvider& provider) {
    return bytes_of(source, [&](const http::Request& request) -> Result<http::Response> {
        auto reply = provider.answer(see(request));
        if (reply.drop) return Error{ErrorKind::network, "the connection ended"};
        return response_of(request, std::move(reply));
    });
}

ErrorKind kind_of(const std::string& word) {
    static const std::map<std::string, ErrorKind> kinds = {
        {"usage", ErrorKind::usage},       {"auth", ErrorKind::auth},       {"rejected", ErrorKind::rejected}, {"rate_limited", ErrorKind::rate_limited},
        {"provider", ErrorKind::provider}, {"unknown", ErrorKind::unknown}, {"network", ErrorKind::network},   {"cancelled", ErrorKind::cancelled},
        {"bug", ErrorKind::bug}};
    return kinds.at(word);
}

}  // namespace shotwire::test
