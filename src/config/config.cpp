#include "config/config.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "config/file.hpp"
#include "config/settings.hpp"
#include "core/text.hpp"

namespace shotwire::config {
namespace {

std::string variable_of(std::string_view name) {
    std::string variable = "SHOTWIRE_";
    for (const unsigned char c : name) variable += c == '-' ? '_' : char(std::toupper(c));
    return variable;
}

// What a variable may say beside the defaults. Where it goes is null where others read it.
struct Special {
    const char* name;
    std::string Config::*into;
    const char* help;
};
constexpr Special specials[] = {
    {"SHOTWIRE_LEDGER", &Config::ledger, "As --ledger: the ledger of jobs"},
    {"SHOTWIRE_PROXY", &Config::proxy, "As --proxy: go through this proxy"},
    {"SHOTWIRE_CACERT", &Config::cacert, "As --cacert: trust this CA in place of the system's"},
    {"SHOTWIRE_CONFIG", nullptr, "As --config: read this configuration in place of the usual ones"},
    {"SHOTWIRE_PROFILE", nullptr, "As --profile: take the table [profiles.NAME] of the configuration"},
    {"SHOTWIRE_MEDIA", nullptr, "The helper shotwire-media, in place of the installed one"},
    {"SHOTWIRE_SERVE", nullptr, "The module shotwire-serve.so, in place of the installed one"},
};

Result<> read_default(const Setting& setting, const std::string& variable, const std::string& text, json& defaults) {
    const std::string name(setting.name);
    const auto word = core::lower(text);
    switch (setting.form) {
        case Setting::Form::text: defaults[name] = text; break;
        case Setting::Form::list: defaults[name] = json::array({text}); break;
        case Setting::Form::flag:
            if (word != "true" && word != "false" && word != "1" && word != "0" && word != "yes" && word != "no")
                return Error{ErrorKind::usage, fmt::format("${} is {}; allowed: true, false", variable, core::printable(text))};
            defaults[name] = word == "true" || word == "1" || word == "yes";
            break;
        case Setting::Form::table: {
            const auto at = text.find('=');
            if (at == std::string::npos || at == 0)
                return Error{ErrorKind::usage, fmt::format("${} is not of the form name=value", variable)};
            defaults[name] = json{{text.substr(0, at), text.substr(at + 1)}};
            break;
        }
    }
    return Ok{};
}

Result<> read_environment(const Sources& sources, Config& config) {
    for (const auto& setting : settings())
        for (const auto name : {setting.flag, setting.name}) {
            if (name.empty()) continue;
            const auto variable = variable_of(name);
            const auto text = sources.env(variable);
            if (!text || text->empty()) continue;
            if (auto read = read_default(setting, variable, *text, config.defaults); !read) return read;
            config.variables[std::string(setting.name)] = variable;
        }
    for (const auto& special : specials)
        if (const auto text = sources.env(special.name); special.into && text && !text->empty()) config.*special.into = *text;
    return Ok{};
}

// A variable that is nothing of ours may be anybody's; one that is nearly ours is probably a slip.
void warn_of_slips(const Sources& sources, Config& config) {
    std::vector<std::string> known;
    for (const auto& variable : variables()) known.push_back(variable.name);
    for (const auto& name : sources.env_names) {
        if (!name.starts_with("SHOTWIRE_") || name.ends_with("_BASE_URL") || std::find(known.begin(), known.end(), name) != known.end())
            continue;
        // The common prefix would let any two short names look alike.
        std::vector<std::string> ends;
        for (const auto& one : known) ends.push_back(one.substr(9));
        if (const auto meant = core::nearest(name.substr(9), ends))
            config.warnings.push_back(fmt::format("${} is not read; did you mean $SHOTWIRE_{}?", core::printable(name), *meant));
    }
}

std::string from_env(const Sources& sources, const char* variable) { return sources.env ? sources.env(variable).value_or("") : ""; }

}  // namespace

std::vector<Variable> variables() {
    std::vector<Variable> all;
    for (const auto& setting : settings())
        for (const auto name : {setting.name, setting.flag})
            if (!name.empty()) all.push_back({variable_of(name), {std::string(setting.name), std::string(setting.flag)}, ""});
    for (const auto& special : specials) all.push_back({special.name, {}, special.help});
    all.push_back({"SHOTWIRE_<ROUTE>_BASE_URL", {}, "Moves the route to this host; a - in its name is _"});
    return all;
}

Result<Config> load(const Sources& sources) {
    Config config;
    FileReader reader;
    reader.profile = sources.profile.empty() ? from_env(sources, "SHOTWIRE_PROFILE") : sources.profile;
    const auto named = sources.named_file.empty() ? std::filesystem::path(from_env(sources, "SHOTWIRE_CONFIG")) : sources.named_file;
    std::error_code failed;
    if (!named.empty()) {
        reader.trusted = true;
        if (!std::filesystem::exists(named, failed))
            return Error{ErrorKind::usage, fmt::format("the configuration {} does not exist", core::printable(named.string()))};
        if (auto read = reader.read(named, config); !read) return read.error();
    } else {
        for (const auto& [file, trusted] : {std::pair{&sources.user_file, true}, std::pair{&sources.project_file, false}}) {
            if (file->empty() || !std::filesystem::exists(*file, failed)) continue;
            reader.trusted = trusted;
            if (auto read = reader.read(*file, config); !read) return read.error();
        }
    }
    if (!reader.profile.empty() && !reader.found_profile)
        return Error{ErrorKind::usage, fmt::format("there is no profile {}: no file has the table [profiles.{}]",
                                                   core::printable(reader.profile), core::printable(reader.profile))};
    config.profile = reader.profile;
    if (sources.env) {
        if (auto read = read_environment(sources, config); !read) return read.error();
        warn_of_slips(sources, config);
    }
    return config;
}

}  // namespace shotwire::config
