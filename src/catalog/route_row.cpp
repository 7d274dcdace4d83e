#include <spdlog/fmt/fmt.h>

#include "catalog/row.hpp"
#include "core/text.hpp"

// The rows of hosts: routes and dialects.
namespace shotwire::catalog {

Result<Dialect> read_dialect(const json& row, const std::string& where) {
    Fields fields(row, where);
    fields.require("name");
    fields.require("backend");
    fields.require("dialect");
    Dialect dialect{fields.text("name"), fields.text("backend"), fields.text("title"), fields.object("dialect")};
    if (auto error = fields.error(); !error.empty()) return Error{ErrorKind::usage, std::move(error)};
    return dialect;
}

namespace {

void read_base_url(Fields& fields, Route& route) {
    if (fields.has("base_urls")) route.base_urls = fields.texts("base_urls");
    if (route.base_urls.empty()) route.base_urls = {fields.text("base_url")};
    for (auto& url : route.base_urls) {
        while (url.ends_with('/')) url.pop_back();
        if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://") && !url.starts_with('{'))
            fields.fail(fields.has("base_urls") ? "base_urls" : "base_url", "an http or https URL");
    }
    route.base_url = route.base_urls.back();
}

void read_keys(Fields& fields, Route& route) {
    route.key_env = fields.texts("key_env");
    route.key_file_env = fields.texts("key_file_env");
    if (const auto* pairs = fields.list("key_pair_env"))
        for (const auto& pair : *pairs) {
            if (pair.is_array() && pair.size() == 2 && pair[0].is_string() && pair[1].is_string())
                route.key_pair_env.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
            else
                fields.fail("key_pair_env", "a list of two variables each");
        }
    route.key_header = fields.text("key_header", route.key_header);
    route.key_prefix = fields.text("key_prefix", route.key_prefix);
    route.key_needed = fields.flag("key_needed", true);
}

// Each is met by itself.
std::vector<Condition> read_conditions(Fields& fields, const std::string& key) {
    std::vector<Condition> conditions;
    const auto& rows = fields.objects(key);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto one = json::object({{key, rows[i]}});
        Fields part(one, fields.where());
        conditions.push_back(read_condition(part, key));
        fields.take(part);
    }
    return conditions;
}

void read_settings(Fields& fields, Route& route) {
    const auto& settings = fields.object("settings");
    Fields all(fields, "settings", settings);
    for (const auto& [name, unused] : settings.items()) {
        Fields part(all, name);
        RouteSetting setting{part.texts("env"), part.text("default"), part.flag("needed", false), part.text("in_key"),
                             part.flag("url_only", false), part.text("with"), {}, part.texts("offered"), read_conditions(part, "needed_for"),
                             read_conditions(part, "advised_for"), part.text("why")};
        Fields hosts(part, "base_urls");
        for (const auto& [value, unread] : part.object("base_urls").items()) setting.base_urls[value] = hosts.text(value);
        part.take(hosts);
        all.take(part);
        route.settings[name] = std::move(setting);
    }
    fields.take(all);
}

}  // namespace

Result<Route> read_route(const json& row, const std::string& where) {
    Fields fields(row, where);
    Route route;
    fields.require("name");
    fields.require("backend");
    route.name = fields.text("name");
    route.backend = fields.text("backend");
    route.title = fields.text("title", route.name);
    read_base_url(fields, route);
    read_keys(fields, route);
    read_settings(fields, route);
    route.dialect = fields.object("dialect");
    route.most_submits_per_minute = int(fields.whole("most_submits_per_minute", 0, 100000));
    route.most_at_once = int(fields.whole("most_at_once", 0, 100000));
    route.any_model = fields.flag("any_model", false);
    route.in_pixels = fields.flag("in_pixels", false);
    if (auto error = fields.error(); !error.empty()) return Error{ErrorKind::usage, std::move(error)};
    return route;
}

}  // namespace shotwire::catalog
