#pragma once
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "core/secrets.hpp"
#include "shotwire/result.hpp"

namespace shotwire::config {

// What the user may say of a route: a built-in one by its name, or one of their own.
struct RouteSettings {
    std::string name;
    std::string backend;      // of an own route
    std::string base_url;
    std::string key_env, key_command, key_file, key_header, key_prefix;
    std::optional<bool> allow_private;
    json dialect;             // null: not said
};

struct Config {
    json defaults = json::object();     // flags of a shot, an order, a job, by their long names with underscores
    std::map<std::string, RouteSettings> routes;
    std::string ledger;
    std::string proxy, cacert;
    std::vector<std::string> read;      // the files it came from
};

struct Sources {
    std::filesystem::path user_file;     // $XDG_CONFIG_HOME/shotwire/config.toml; may be missing
    std::filesystem::path project_file;  // ./shotwire.toml; may be missing; not trusted
    std::filesystem::path named_file;    // --config: in place of both, must exist, trusted
    std::string profile;                 // --profile: the table [profiles.NAME], over the rest
    std::function<std::optional<std::string>(const std::string&)> env;  // SHOTWIRE_*
};

// File, project file, SHOTWIRE_* ; the last wins. Errors: usage, with file, line and key; unknown keys name the nearest; what a
// project file may not say (routes, hosts, keys, proxy, CA, commands, ledger) is refused.
Result<Config> load(const Sources& sources);

// Where a route's key comes from, in order: `key_command`, `key_file`, the variables. Not asked before it is needed.
struct KeySource {
    std::string route;
    std::string command;
    std::filesystem::path file;
    std::vector<std::string> env;
    std::string shown() const;  // "$OPENAI_API_KEY", "key_command of route x"
};
// Errors: auth: missing (says where it is looked for), a file that others can read, a command that fails, hangs or says nothing.
Result<core::Key> find_key(const KeySource& source, const std::function<std::optional<std::string>(const std::string&)>& env);

}  // namespace shotwire::config
