#include "cli/routes.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <set>

#include "core/text.hpp"

namespace shotwire::cli {
namespace {

constexpr std::string_view setting_characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-:/";
constexpr const char* home_endings[] = {".localhost", ".local", ".internal", ".lan", ".home.arpa"};

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

// Whether a host is one of a pattern's: {name} in it stands for any word without a dot.
bool fits(std::string_view pattern, std::string_view host) {
    if (pattern.empty() || host.empty()) return pattern.empty() && host.empty();
    if (pattern.front() != '{') return pattern.front() == host.front() && fits(pattern.substr(1), host.substr(1));
    const auto rest = pattern.substr(pattern.find('}') + 1);
    for (std::size_t length = 1; length <= host.size() && host[length - 1] != '.' && host[length - 1] != '/'; ++length)
        if (fits(rest, host.substr(length))) return true;
    return false;
}

std::string_view without_path(std::string_view url) { return url.substr(0, url.find('/', url.find("://") + 3)); }

// The providers' own hosts: origins, and patterns of those that name an account or a region.
struct OwnHosts {
    std::set<std::string> origins;
    std::vector<std::string> patterns;
    OwnHosts() {
        for (const auto& route : catalog::Catalog::built_in().routes()) {
            if (http::is_loopback(http::host_of(route.base_url))) continue;
            for (const auto& own : route.base_urls) add(own);
            for (const auto& [name, setting] : route.settings)
                for (const auto& [value, own] : setting.base_urls) add(own);
        }
    }
    void add(const std::string& own) {
        if (own.find('{') == std::string::npos) origins.insert(http::origin_of(own));
        else patterns.emplace_back(without_path(own));
    }
};

// The provider's own host keeps its prices and its models' lives, under whatever name it is reached.
bool is_providers_own(const std::string& base_url) {
    static const OwnHosts own;
    return own.origins.contains(http::origin_of(base_url)) ||
           std::any_of(own.patterns.begin(), own.patterns.end(), [&](const auto& pattern) { return fits(pattern, without_path(base_url)); });
}

// The host's name holds what only the user can know, such as a resource: what is served there is theirs to say.
bool is_own_account(const catalog::Route& route) {
    return std::any_of(route.settings.begin(), route.settings.end(), [&](const auto& setting) {
        const auto place = "{" + setting.first + "}";
        return setting.second.fallback.empty() && std::any_of(route.base_urls.begin(), route.base_urls.end(), [&](const auto& url) {
                   return without_path(url).find(place) != std::string_view::npos;
               });
    });
}

// Whether the key may be a service account's JSON, which tells settings of its own.
bool may_be_account(const catalog::Route& route, const Env& env) {
    if (!route.key_command.empty() || !route.key_file.empty()) return true;
    return std::any_of(route.key_file_env.begin(), route.key_file_env.end(), [&](const auto& name) { return !env(name).value_or("").empty(); }) ||
           std::any_of(route.key_env.begin(), route.key_env.end(), [&](const auto& name) { return env(name).value_or("").starts_with('{'); });
}

// On this machine or in its network, by an address or by a name that no public host can have.
bool is_at_home(const std::string& base_url) {
    const auto host = core::lower(http::host_of(base_url));
    if (host.empty()) return false;
    if (http::is_loopback(host) || http::is_private_address(host) || host.find_first_of(".:") == std::string::npos) return true;
    return std::any_of(std::begin(home_endings), std::end(home_endings), [&](const char* ending) { return host.ends_with(ending); });
}

// A route of the user's own has the key's place and the settings of the backend's first route, until they say otherwise.
catalog::Route own_route(const catalog::Catalog& catalog, const std::string& name, const std::string& backend) {
    catalog::Route route;
    for (const auto& known : catalog.routes()) {
        if (known.backend != backend || !known.key_needed) continue;
        route.key_header = known.key_header;
        route.key_prefix = known.key_prefix;
        route.settings = known.settings;
        break;
    }
    route.name = route.title = name;
    route.backend = backend;
    return route;
}

Result<> take_dialect(const catalog::Catalog& catalog, const json& said, catalog::Route& route) {
    if (said.is_object()) route.dialect.update(said);
    if (!said.is_string()) return Ok{};
    const auto name = said.get<std::string>();
    if (const auto* known = catalog.find_dialect(name); known && known->backend == route.backend) {
        route.dialect.update(known->keys);
        return Ok{};
    }
    std::vector<std::string> names;
    for (const auto& known : catalog.dialects())
        if (known.backend == route.backend) names.push_back(known.name);
    const auto near = core::nearest(name, names);
    return Error{ErrorKind::usage, fmt::format("dialect of route {} is \"{}\", which the backend {} does not know{}; there are: {}", route.name,
                                               core::printable(name), route.backend, near ? fmt::format("; did you mean {}?", *near) : "",
                                               names.empty() ? "none" : core::join(names, ", "))};
}

// The value of a setting is in the user's dialect, in a variable, or the catalogue's own.
Result<> settle_settings(catalog::Route& route, const Env& env) {
    for (const auto& [name, setting] : route.settings) {
        auto value = core::field_or(route.dialect, "/" + name, "");
        for (const auto& variable : setting.env)
            if (value.empty()) value = env(variable).value_or("");
        value.erase(value.find_last_not_of('/') + 1);
        if (value.find_first_not_of(setting_characters) != std::string::npos)
            return Error{ErrorKind::usage, fmt::format("{} of the route {} is \"{}\"; allowed: letters, digits and . _ - : /", name, route.name,
                                                       core::printable(value))};
        if (value.empty()) value = setting.fallback;
        if (!value.empty()) route.values[name] = value;
        if (setting.url_only) route.dialect.erase(name);
        else if (!value.empty()) route.dialect[name] = value;
    }
    for (const auto& pattern : route.base_urls) {
        if (route.moved) break;
        route.base_url = catalog::with_values(pattern, route.values);
        if (route.base_url.find('{') == std::string::npos) break;
    }
    if (route.moved) return Ok{};
    for (const auto& [name, value] : route.values) {
        const auto& setting = route.settings.at(name);
        if (!setting.with.empty() && value != setting.fallback && !route.values.contains(setting.with))
            return Error{ErrorKind::usage, fmt::format("the {} of the route {} is \"{}\", which needs its {} too: set {}", name, route.name, value, setting.with,
                                                       catalog::places_of(route, setting.with))};
        if (const auto own = setting.base_urls.find(value); own != setting.base_urls.end()) route.base_url = catalog::with_values(own->second, route.values);
    }
    return Ok{};
}

}  // namespace

Result<catalog::Route> moved(catalog::Route route, const std::string& base_url, const std::string& named_by) {
    if (http::origin_of(base_url).empty())
        return Error{ErrorKind::usage, fmt::format("{} {} is not an http or https URL", named_by, core::printable(base_url))};
    if (http::without_userinfo(base_url) != base_url)
        return Error{ErrorKind::usage, fmt::format("{} must not hold a user, a password or a key; give the key by its variable", named_by)};
    route.named = route.named || is_own_account(route);
    route.base_url = base_url.substr(0, base_url.find_last_not_of('/') + 1);
    route.moved = !is_providers_own(base_url);
    route.at_home = is_at_home(route.base_url);
    route.base_urls = {route.base_url};
    return route;
}

Result<> settle_routes(catalog::Catalog& catalog, const config::Config& config, const Env& env) {
    for (const auto& [name, settings] : config.routes) {
        const auto* known = catalog.find_route(name);
        catalog::Route route = known ? *known : own_route(catalog, name, settings.backend);
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
        if (auto taken = take_dialect(catalog, settings.dialect, route); !taken) return taken;
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
    for (auto route : std::vector(catalog.routes())) {
        if (auto settled = settle_settings(route, env); !settled) return settled;
        route.at_home = is_at_home(route.base_url);
        route.ready = route.moved || ((!route.key_needed || config::has_key(key_source(route), env)) && check_settings(route, env));
        catalog.add_route(std::move(route));
    }
    return Ok{};
}

namespace {

Result<> check_known(const catalog::Route& route, const std::function<bool(const catalog::RouteSetting&)>& told) {
    for (const auto& [name, setting] : route.settings) {
        if (!setting.in_key.empty() && told(setting)) continue;
        const bool in_url = route.base_url.find("{" + name + "}") != std::string::npos;
        if ((!setting.needed && !in_url) || route.values.contains(name)) continue;
        return Error{ErrorKind::usage, fmt::format("the route {} does not know its {}: set {}", route.name, name, catalog::places_of(route, name))};
    }
    return Ok{};
}

}  // namespace

Result<> check_settings(const catalog::Route& route, const core::Key& key) {
    const auto account = key.expose().starts_with('{') ? core::parse_json(key.expose(), "the key") : Result<json>(json());
    return check_known(route, [&](const catalog::RouteSetting& setting) { return account && !core::field_or(*account, "/" + setting.in_key, "").empty(); });
}

Result<> check_settings(const catalog::Route& route, const Env& env) {
    return check_known(route, [&](const catalog::RouteSetting&) { return may_be_account(route, env); });
}

Error with_other_routes(Error error, const catalog::Catalog& catalog, const std::string& model, const std::string& route) {
    const auto* row = catalog.find(model);
    std::vector<std::string> others;
    if (row && error.kind == ErrorKind::auth)
        for (const auto& there : row->routes)
            if (const auto* other = catalog.find_route(there.route); other && other->name != route && other->key_needed)
                others.push_back(fmt::format("{} ({})", other->name, key_source(*other).shown()));
    if (!others.empty()) error.message += fmt::format("; {} is on other routes too, by --via: {}", model, core::join(others, ", "));
    return error;
}

config::KeySource key_source(const catalog::Route& route) {
    return {route.name, route.key_command, route.key_file, route.key_env, route.key_pair_env, route.key_file_env};
}

std::string place_of_key(const catalog::Route& route, const Env& env) {
    const auto source = key_source(route);
    const auto is_set = [&](const std::string& name) { return !env(name).value_or("").empty(); };
    if (!source.command.empty()) return "key_command";
    if (!source.file.empty()) return "key_file " + source.file.string();
    for (const auto& name : source.env)
        if (is_set(name)) return "$" + name;
    for (const auto& [first, second] : source.pairs)
        if (is_set(first) || is_set(second)) return fmt::format("${} with ${}", first, second);
    for (const auto& name : source.file_env)
        if (is_set(name)) return fmt::format("the file ${}", name);
    return "";
}

std::string held_back(const catalog::Route& route, const Env& env) {
    const auto place = may_carry_key(route) ? "" : place_of_key(route, env);
    if (place.empty()) return "";
    return fmt::format("the key from {} is not sent to {} over plain http, where anybody on the way could read it", place, http::host_of(route.base_url));
}

http::Credential shown_credential(const catalog::Route& route, const Env& env) {
    auto shown = empty_credential(route);
    const bool configured = config::has_key(key_source(route), env);
    if ((route.key_needed && !route.moved) || (configured && may_carry_key(route))) shown.key = core::Key("not-asked-for");
    return shown;
}

Result<http::Credential> credential(const catalog::Route& route, const Env& env, std::optional<std::chrono::milliseconds> timeout) {
    auto found = empty_credential(route);
    const bool configured = config::has_key(key_source(route), env);
    if (may_carry_key(route) && (configured || (!route.moved && route.key_needed))) {
        auto source = key_source(route);
        if (timeout) source.patience = std::clamp<std::chrono::milliseconds>(*timeout, std::chrono::seconds(1), source.patience);
        auto key = config::find_key(source, env);
        if (!key) return key.error();
        found.key = *key;
    }
    if (auto known = check_settings(route, found.key); !known) return known.error();
    return found;
}

void learn_keys(const catalog::Catalog& catalog, const Env& env, core::Mask& mask) {
    for (const auto& route : catalog.routes()) {
        auto names = route.key_env;
        for (const auto& [first, second] : route.key_pair_env) names.insert(names.end(), {first, second});
        for (const auto& name : names) mask.add(core::Key(env(name).value_or("")));
        auto source = key_source(route);
        source.command.clear();  // it may ask the user for a word, and nobody inherits what it prints
        if (auto key = config::find_key(source, env)) mask.add(*key);
    }
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
