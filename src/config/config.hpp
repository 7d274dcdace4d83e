#pragma once
#include <chrono>
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
    std::string backend;  // of an own route
    std::string base_url;
    std::string key_env, key_command, key_file, key_header, key_prefix;
    std::optional<bool> allow_private;
    json dialect;  // a table, or the name of a known one; null: not said
};

struct Config {
    // Flags of a shot, an order, a job by their long names with underscores, in the form that shot::take_shot and
    // catalog::take_wishes read: text (numbers too), true or false, "camera" and "references" lists of texts, "params" a table.
    json defaults = json::object();
    std::map<std::string, std::string> variables;  // of the environment, by the defaults that they set
    std::map<std::string, RouteSettings> routes;
    std::string ledger;
    std::string proxy, cacert;
    std::string profile;                // that was taken; empty: none
    std::string budget_day, budget_total;  // US dollars, as they were written; empty: no limit
    std::vector<std::string> read;      // the files it came from
    std::vector<std::string> warnings;  // for stderr: variables that are nearly ours
};

struct Sources {
    std::filesystem::path user_file;     // $XDG_CONFIG_HOME/shotwire/config.toml; may be missing
    std::filesystem::path project_file;  // ./shotwire.toml; may be missing; not trusted
    std::filesystem::path named_file;    // --config, or $SHOTWIRE_CONFIG: in place of both, must exist, trusted
    std::string profile;                 // --profile, or $SHOTWIRE_PROFILE: the table [profiles.NAME], over the rest of its file
    std::function<std::optional<std::string>(const std::string&)> env;  // SHOTWIRE_*
    std::vector<std::string> env_names;  // all variables there are, to find slips among them; may be left out
};

// File, project file, SHOTWIRE_* ; the last wins. At the top of a file stand defaults, `ledger`, `proxy` and `cacert`; tables are
// [routes.NAME], [budget] and [profiles.NAME], which is like a file itself. SHOTWIRE_<ROUTE>_BASE_URL is left to who knows the routes.
// Errors: usage, with file, line and key; unknown keys name the nearest; what a project file may not say (routes, hosts, keys,
// proxy, CA, commands, ledger) is refused.
Result<Config> load(const Sources& sources);

// A variable of the environment that is read.
struct Variable {
    std::string name;
    std::vector<std::string> settings;  // the default that it sets, and that one's other name; none: see `help`
    std::string help;
};
std::vector<Variable> variables();

// Where a route's key comes from, in order: `key_command`, `key_file`, the variables, pairs of variables, files that a variable
// names. Not asked before it is needed. A pair becomes "FIRST:SECOND"; a file or command may hold a service account's JSON.
struct KeySource {
    std::string route;
    std::string command;
    std::filesystem::path file;
    std::vector<std::string> env;
    std::vector<std::pair<std::string, std::string>> pairs = {};
    std::vector<std::string> file_env = {};
    std::chrono::milliseconds patience = std::chrono::seconds(30);  // with the command
    std::string shown() const;  // "$OPENAI_API_KEY", "key_command of route x"
};
// Errors: auth: missing (says where it is looked for), half a pair, a file that others can read, a command that fails, hangs or says
// nothing.
using Environment = std::function<std::optional<std::string>(const std::string&)>;
Result<core::Key> find_key(const KeySource& source, const Environment& env);
// By the names of variables alone: whether find_key has something to go by.
bool has_key(const KeySource& source, const Environment& env);

}  // namespace shotwire::config
