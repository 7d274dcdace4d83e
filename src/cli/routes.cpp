#include "cli/routes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "core/text.hpp"

namespace shotwire::cli {
namespace {

std::string variable_of(const std::string& route) {
    std::string name = "SHOTWIRE_" + route + "_BASE_URL";
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return c == '-' ? '_' : char(std::toupper(c)); });
    return name;
}

http::Credential empty_credential(const catalog::Route& route) {
    return {route.key_header, route.key_prefix, core::Key(), key_source(route).shown()};
}

// A key of the user's own host is optional; over plain http it stays at home.
bool may_carry_key(const catalog::Route& route) {
    return !route.base_url.starts_with("http:") || http::is_loopback(http::host_of(route.base_url));
}

// The provider's own host keeps its prices and its models' lives, under whatever name it is reached.
bool is_providers_own(const std::string& base_url) {
    const auto& routes = catalog::Catalog::built_in().routes();
    return std::any_of(routes.begin(), routes.end(), [&](const auto& route) { return http::origin_of(route.base_url) == http::origin_of(base_url); });
}

}  // namespace

Result<catalog::Route> moved(catalog::Route route, const std::string& base_url, const std::string& named_by) {
    if (http::origin_of(base_url).empty())
        return Error{ErrorKind::usage, fmt::format("{} {} is not an http or https URL", named_by, core::printable(base_url))};
    if (http::without_userinfo(base_url) != base_url)
        return Error{ErrorKind::usage, fmt::format("{} must not hold a user, a password or a key; give the key by its variable", named_by)};
    route.base_url = base_url.substr(0, base_url.find_last_not_of('/') + 1);
    route.moved = !is_providers_own(base_url);
    return route;
}

Result<> settle_routes(catalog::Catalog& catalog, const config::Config& config, const Env& env) {
    for (const auto& [name, settings] : config.routes) {
        const auto* known = catalog.find_route(name);
        catalog::Route route = known ? *known : catalog::Route{};
        route.name = name;
        if (!settings.backend.empty()) route.backend = settings.backend;
        if (route.backend.empty())
            return Error{ErrorKind::usage, fmt::format("route {} of the configuration names no backend", name)};
        if (!settings.key_env.empty()) route.key_env = {settings.key_env};
        if (!settings.key_command.empty()) route.key_command = settings.key_command;
        if (!settings.key_file.empty()) route.key_file = settings.key_file;
        if (!settings.key_header.empty()) {
            route.key_header = settings.key_header;
            route.key_prefix.clear();
        }
        if (!settings.key_prefix.empty()) route.key_prefix = settings.key_prefix;
        if (settings.allow_private) route.allow_private = *settings.allow_private;
        if (!settings.dialect.is_null()) route.dialect.update(settings.dialect);
        if (!settings.base_url.empty()) {
            auto there = moved(route, settings.base_url, fmt::format("base_url of route {}", name));
            if (!there) return there.error();
            route = *there;
        }
        catalog.add_route(route);
    }
    const auto routes = catalog.routes();  // a copy: add_route changes the list
    for (const auto& route : routes) {
        const auto url = env(variable_of(route.name));
        if (!url || url->empty()) continue;
        auto there = moved(route, *url, "$" + variable_of(route.name));
        if (!there) return there.error();
        catalog.add_route(*there);
    }
    return Ok{};
}

config::KeySource key_source(const catalog::Route& route) {
    return {route.name, route.key_command, route.key_file, route.key_env};
}

http::Credential shown_credential(const catalog::Route& route, const Env& env) {
    auto shown = empty_credential(route);
    const bool set = std::any_of(route.key_env.begin(), route.key_env.end(), [&](const auto& name) { return env(name).has_value(); });
    const bool configured = set || !route.key_command.empty() || !route.key_file.empty();
    if ((route.key_needed && !route.moved) || (configured && may_carry_key(route))) shown.key = core::Key("not-asked-for");
    return shown;
}

Result<http::Credential> credential(const catalog::Route& route, const Env& env) {
    auto found = empty_credential(route);
    const bool set = std::any_of(route.key_env.begin(), route.key_env.end(), [&](const auto& name) { return env(name).has_value(); });
    const bool configured = set || !route.key_command.empty() || !route.key_file.empty();
    if (!may_carry_key(route) || ((route.moved || !route.key_needed) && !configured)) return found;
    auto key = config::find_key(key_source(route), env);
    if (!key) return key.error();
    found.key = *key;
    return found;
}

Result<std::unique_ptr<backend::Backend>> make_backend(const catalog::Route& route, http::Credential credential) {
    const auto* entry = backend::find_entry(route.backend);
    if (!entry) {
        std::vector<std::string> names;
        for (const auto& known : backend::registry()) names.push_back(known.name);
        return Error{ErrorKind::usage, fmt::format("route {} names the backend {}, which does not exist; there are {}", route.name,
                                                   core::printable(route.backend), core::join(names, ", "))};
    }
    return entry->make({route.name, route.base_url, std::move(credential), route.dialect, route.moved});
}

}  // namespace shotwire::cli
