#pragma once
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>

#include "catalog/catalog.hpp"
#include "cli/flags.hpp"
#include "cli/run.hpp"
#include "config/config.hpp"
#include "core/secrets.hpp"
#include "http/curl_client.hpp"
#include "job/ledger.hpp"
#include "job/runner.hpp"
#include "serve/server.hpp"

namespace shotwire::cli {

// What commands work with. Each thing comes to life when it is first asked for: `--help` opens no ledger, `models` starts no curl.
class Context {
public:
    Context(World& world, const GlobalFlags& flags) : world(world), flags(flags) {}

    World& world;
    const GlobalFlags& flags;
    core::Mask mask;  // knows every key that was found
    bool ran_jobs = false;  // what became of them is missed where nobody reads it; of a listing nothing is

    Result<const config::Config*> config();
    Result<const config::Config*> config_of(const std::string& profile);  // as if it had been asked for
    Result<catalog::Catalog*> catalog();  // built-in rows, the user's rows, the configuration's routes
    Result<job::Ledger*> ledger();
    Result<bool> was_sent_over(const std::string& route, const std::string& model);  // any job of it, by the ledger as it was at the start
    std::filesystem::path ledger_path();  // errors of the configuration are told by `ledger`
    Result<bool> has_ledger();            // for who only reads: looking makes none. Errors: usage, where --ledger names no file
    http::CurlClient& client(const NetworkFlags& network = {}, int most_transfers = 64);

    // The text of a flag, else of the configuration's default of that name.
    Text setting(const Text& flag, const std::string& name);
    // Who said it, for errors: "--jobs", "$SHOTWIRE_JOBS" or "jobs of the configuration".
    std::string source(const Text& flag, const std::string& flag_name, const std::string& name) const;
    std::string limit_in_words(const Text& flag, Money most) const;  // --max-cost or what stands for it: "--max-cost 0.50"

    bool color(bool terminal) const;
    std::size_t table_width() const;  // of stdout; 0: no terminal, nothing is cut
    void warn(const std::string& sentence);  // on stderr, labelled, not with -q
    void note(const std::string& sentence);  // the same for what is no warning
    void talk(const std::string& sentence);  // with -v
    // What was asked for and could not be written. It is told with -q, too, and the exit says so.
    void lost(const std::string& sentence);
    int exit_of(int code) const;  // with what was lost

    // For the runner: a job's route, its key and its host. The embedded server is started for the local route. Keys are looked
    // for here and no earlier, for no longer than the time-out. Errors: auth (where the key is looked for), usage (route), local (the embedded server).
    job::Connect connect(std::chrono::milliseconds timeout);
    // The key alone, known to the mask; that a host does not get it is told. Errors: as `credential` of routes.hpp.
    Result<http::Credential> key_of(const catalog::Route& route, std::optional<std::chrono::milliseconds> timeout = {});
    void tell_held_back(const catalog::Route& route);  // once

private:
    Result<job::Connection> connection(const job::Row& row, std::chrono::milliseconds timeout);
    Result<catalog::Route> embedded(catalog::Route route);

    Result<config::Config> load(const std::string& profile, const config::Environment& env) const;

    bool lost_ = false;
    std::unique_ptr<config::Config> config_;
    std::map<std::string, config::Config> of_profiles_;
    std::map<std::pair<std::string, std::string>, bool> sent_over_;
    std::set<std::string> held_back_;  // what was told
    std::unique_ptr<catalog::Catalog> catalog_;
    std::unique_ptr<job::Ledger> ledger_;
    std::unique_ptr<serve::Server> server_;
    std::unique_ptr<http::CurlClient> client_;
};

}  // namespace shotwire::cli
