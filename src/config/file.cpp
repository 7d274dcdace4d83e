#include "config/file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstdlib>

#define TOML_ENABLE_FORMATTERS 0
#define TOML_ASSERT(expr) static_assert(true)  // some of them judge what stands in the file, and would end a build without NDEBUG
#include <toml++/toml.h>

#include "config/settings.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace shotwire::config {
namespace {

const std::vector<std::string> route_keys{"backend",    "base_url",   "key_env",       "key_command", "key_file",
                                          "key_header", "key_prefix", "allow_private", "dialect"};
const std::vector<std::string> trusted_keys{"ledger", "proxy", "cacert"};

json to_json(const toml::node& node) {
    if (const auto* table = node.as_table()) {
        json out = json::object();
        for (const auto& [key, value] : *table) out[std::string(key.str())] = to_json(value);
        return out;
    }
    if (const auto* array = node.as_array()) {
        json out = json::array();
        for (const auto& value : *array) out.push_back(to_json(value));
        return out;
    }
    if (const auto text = node.value_exact<std::string>()) return *text;
    if (const auto flag = node.value_exact<bool>()) return *flag;
    if (const auto whole = node.value_exact<std::int64_t>()) return *whole;
    if (const auto number = node.value_exact<double>()) return *number;
    return nullptr;  // dates: nothing here takes one
}

// What a text may also be written as: a plain number.
std::optional<std::string> text_of(const toml::node& node) {
    if (const auto text = node.value_exact<std::string>()) return text;
    if (const auto whole = node.value_exact<std::int64_t>()) return std::to_string(*whole);
    if (const auto number = node.value_exact<double>()) return core::print_number(*number);
    return {};
}

// Relative to the folder of the configuration that names it; "~/" is the user's home.
std::string file_beside(const std::filesystem::path& config, const std::string& path) {
    const char* home = std::getenv("HOME");
    if (path.starts_with("~/") && home) return (std::filesystem::path(home) / path.substr(2)).string();
    return (config.parent_path() / path).string();
}

class Reading {
public:
    Reading(std::string file, bool trusted, Config& config) : file_(std::move(file)), trusted_(trusted), config_(config) {}

    // The keys of the file, or of a profile in it.
    Result<> table(const toml::table& table, bool in_profile) {
        for (const auto& [key, node] : table) {
            const std::string name(key.str());
            if (name == "profiles" && !in_profile) continue;
            if (auto taken = entry(name, node); !taken) return taken;
        }
        return Ok{};
    }

    // Every profile is checked, whether it is asked for or not.
    Result<> profiles(const toml::table& table, const std::string& wanted, bool& found) {
        const auto* node = table.get("profiles");
        if (!node) return Ok{};
        if (!node->is_table()) return wrong("profiles", *node, "tables, such as [profiles.draft]");
        for (const auto& [key, profile] : *node->as_table()) {
            if (!profile.is_table()) return wrong(std::string(key.str()), profile, "a table");
            Config unused;
            const bool is_wanted = key.str() == wanted;
            found = found || is_wanted;
            Reading into(file_, trusted_, is_wanted ? config_ : unused);
            if (auto taken = into.table(*profile.as_table(), true); !taken) return taken;
        }
        return Ok{};
    }

    Error wrong(const std::string& key, const toml::node& node, std::string_view allowed) const {
        const auto value = to_json(node);
        // A table may hold a key: its content is never quoted.
        const auto shown = value.is_structured() ? std::string(value.type_name()) : core::printable(core::dump(value));
        return at(node, fmt::format("{} is {}; allowed: {}", core::printable(key), shown, allowed));
    }

private:
    Error at(const toml::node& node, const std::string& message) const {
        return {ErrorKind::usage, fmt::format("{}:{}: {}", file_, node.source().begin.line, message)};
    }

    Error untrusted(const toml::node& node, const std::string& key) const {
        return at(
            node,
            fmt::format("{} is not taken from a project's file: it may set defaults of shots, orders and output only; put it into your own "
                        "configuration, or name this file by --config",
                        key));
    }

    Result<> entry(const std::string& name, const toml::node& node) {
        if (name == "routes") {
            if (!trusted_) return untrusted(node, name);
            if (!node.is_table()) return wrong(name, node, "tables, such as [routes.fal]");
            for (const auto& [key, route] : *node.as_table())
                if (auto taken = this->route(std::string(key.str()), route); !taken) return taken;
            return Ok{};
        }
        if (name == "budget") {
            if (!trusted_) return untrusted(node, name);
            if (!node.is_table()) return wrong(name, node, "a table with day and total");
            for (const auto& [key, limit] : *node.as_table()) {
                const std::string which(key.str());
                if (which != "day" && which != "total") return at(node, unknown("budget." + which, {"budget.day", "budget.total"}));
                const auto text = text_of(limit);
                const bool money = text && !text->empty() && text->find_first_not_of("0123456789.") == text->npos;
                if (!money) return wrong("budget." + which, limit, "an amount in US dollars such as 5.00");
                (which == "day" ? config_.budget_day : config_.budget_total) = *text;
            }
            return Ok{};
        }
        if (std::find(trusted_keys.begin(), trusted_keys.end(), name) != trusted_keys.end()) {
            if (!trusted_) return untrusted(node, name);
            const auto text = node.value_exact<std::string>();
            if (!text) return wrong(name, node, "a text");
            (name == "ledger" ? config_.ledger : name == "proxy" ? config_.proxy : config_.cacert) = *text;
            return Ok{};
        }
        if (const auto* setting = find_setting(name)) {
            if (!trusted_ && !setting->project) return untrusted(node, name);
            return this->setting(*setting, node);
        }
        auto known = setting_names();
        known.insert(known.end(), trusted_keys.begin(), trusted_keys.end());
        known.insert(known.end(), {"routes", "profiles", "budget"});
        // What might be a route's key or command is refused as such, however it is spelled.
        if (!trusted_ && std::find(route_keys.begin(), route_keys.end(), name) != route_keys.end()) return untrusted(node, name);
        return at(node, unknown(name, known));
    }

    static std::string unknown(const std::string& name, const std::vector<std::string>& known) {
        const auto meant = core::nearest(name, known);
        return fmt::format("unknown key {}; {}", core::printable(name),
                           meant ? "did you mean " + *meant + "?" : "known are " + core::join(known, ", "));
    }

    Result<> setting(const Setting& setting, const toml::node& node) {
        const std::string name(setting.name);
        auto& value = config_.defaults[name];
        switch (setting.form) {
            case Setting::Form::flag:
                if (!node.is_boolean()) return wrong(name, node, "true, false");
                value = *node.value_exact<bool>();
                break;
            case Setting::Form::text: {
                const auto text = text_of(node);
                if (!text) return wrong(name, node, "a text or a number");
                value = *text;
                break;
            }
            case Setting::Form::list: {
                value = json::array();
                if (const auto text = node.value_exact<std::string>()) {
                    value.push_back(*text);
                    break;
                }
                if (!node.is_array()) return wrong(name, node, "a list of texts");
                for (const auto& one : *node.as_array()) {
                    if (!one.is_string()) return wrong(name, one, "a list of texts");
                    value.push_back(*one.value_exact<std::string>());
                }
                break;
            }
            case Setting::Form::table:
                if (!node.is_table()) return wrong(name, node, "a table of names and values");
                value = to_json(node);
                break;
        }
        return Ok{};
    }

    Result<> route(const std::string& name, const toml::node& node) {
        if (!node.is_table()) return wrong("routes." + name, node, "a table");
        const bool good = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        });
        if (!good) return at(node, fmt::format("the route's name {} is not of small letters, digits and hyphens", core::printable(name)));
        auto& settings = config_.routes[name];
        settings.name = name;
        for (const auto& [key, value] : *node.as_table())
            if (auto taken = route_entry(settings, std::string(key.str()), value); !taken) return taken;
        return Ok{};
    }

    Result<> route_entry(RouteSettings& settings, const std::string& key, const toml::node& node) {
        const auto full = "routes." + settings.name + "." + key;
        if (std::find(route_keys.begin(), route_keys.end(), key) == route_keys.end()) return at(node, unknown(key, route_keys));
        if (key == "allow_private") {
            if (!node.is_boolean()) return wrong(full, node, "true, false");
            settings.allow_private = *node.value_exact<bool>();
            return Ok{};
        }
        if (key == "dialect") {
            if (!node.is_table() && !node.is_string()) return wrong(full, node, "a table, the name of a known dialect");
            settings.dialect = to_json(node);
            return Ok{};
        }
        const auto text = node.value_exact<std::string>();
        // The value is not quoted: it may be a key in the wrong place.
        if (!text || text->empty()) return at(node, fmt::format("{} is no text", full));
        if (key == "base_url" && !text->starts_with("https://") && !text->starts_with("http://"))
            return at(node, fmt::format("{} is not an http or https URL", full));
        if (key == "base_url" && text->find('@') != std::string::npos)
            return at(node, fmt::format("{} must not hold a user or a key; use key_env, key_command or key_file", full));
        auto& into = key == "backend"       ? settings.backend
                     : key == "base_url"    ? settings.base_url
                     : key == "key_env"     ? settings.key_env
                     : key == "key_command" ? settings.key_command
                     : key == "key_file"    ? settings.key_file
                     : key == "key_header"  ? settings.key_header
                                            : settings.key_prefix;
        into = key == "key_file" ? file_beside(file_, *text) : *text;
        while (key == "base_url" && into.ends_with('/')) into.pop_back();
        return Ok{};
    }

    std::string file_;
    bool trusted_;
    Config& config_;
};

}  // namespace

Result<> FileReader::read(const std::filesystem::path& path, Config& config) {
    const auto text = core::read_file(path, 4 << 20);
    if (!text) return text.error();
    const auto name = path.string();
    const auto parsed = toml::parse(*text, name);
    if (!parsed)
        return Error{ErrorKind::usage,
                     fmt::format("{}:{}: {}", name, parsed.error().source().begin.line, core::printable(parsed.error().description()))};
    Reading reading(name, trusted, config);
    if (auto taken = reading.table(parsed.table(), false); !taken) return taken;
    if (auto taken = reading.profiles(parsed.table(), profile, found_profile); !taken) return taken;
    config.read.push_back(name);
    return Ok{};
}

}  // namespace shotwire::config
