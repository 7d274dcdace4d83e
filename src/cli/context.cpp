#include "cli/context.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <ostream>

#include "catalog/plan.hpp"
#include "cli/routes.hpp"
#include "cli/version.hpp"
#include "core/files.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"
#include "serve/loaded.hpp"

namespace shotwire::cli {

Result<config::Config> Context::load(const std::string& profile, const config::Environment& env) const {
    return config::load({core::config_home() / "config.toml", "shotwire.toml", flags.config.value_or(""), profile, env, world.env_names});
}

Result<const config::Config*> Context::config_of(const std::string& profile) {
    if (auto own = config(); !own || (*own)->profile == profile) return own;
    auto known = of_profiles_.find(profile);
    if (known == of_profiles_.end()) {
        auto loaded = load(profile, [&](const std::string& name) { return name == "SHOTWIRE_PROFILE" ? std::nullopt : world.env(name); });
        if (!loaded) return loaded.error();
        known = of_profiles_.emplace(profile, std::move(*loaded)).first;
    }
    return static_cast<const config::Config*>(&known->second);
}

Result<const config::Config*> Context::config() {
    if (!config_) {
        auto loaded = load(flags.profile.value_or(""), world.env);
        if (!loaded) return loaded.error();
        config_ = std::make_unique<config::Config>(std::move(*loaded));
    }
    return static_cast<const config::Config*>(config_.get());
}

Result<catalog::Catalog*> Context::catalog() {
    if (!catalog_) {
        auto settings = config();
        if (!settings) return settings.error();
        auto loaded = catalog::Catalog::load({core::config_home() / "backends.d", core::config_home() / "models.d"});
        if (!loaded) return loaded.error();
        auto settled = settle_routes(*loaded, **settings, world.env);
        if (!settled) return settled.error();
        catalog_ = std::make_unique<catalog::Catalog>(std::move(*loaded));
    }
    return catalog_.get();
}

std::filesystem::path Context::ledger_path() {
    if (flags.ledger) return *flags.ledger;
    auto settings = config();
    if (settings && !(*settings)->ledger.empty()) return (*settings)->ledger;
    return core::state_home() / "ledger.db";
}

Result<bool> Context::has_ledger() {
    if (auto settings = config(); !settings) return settings.error();
    std::error_code failed;
    if (std::filesystem::exists(ledger_path(), failed) || failed) return true;  // what cannot be looked at is told when it is opened
    if (flags.ledger) return Error{ErrorKind::usage, fmt::format("--ledger {}: there is no such ledger", core::printable(*flags.ledger))};
    return false;
}

Result<job::Ledger*> Context::ledger() {
    if (!ledger_) {
        if (auto settings = config(); !settings) return settings.error();
        auto opened = job::Ledger::open(ledger_path(), world.clock);
        if (!opened) {
            auto error = opened.error();
            if (error.message.find("shotwire doctor") == std::string::npos) error.message += "; `shotwire doctor` tells more";
            return error;
        }
        ledger_ = std::move(*opened);
    }
    return ledger_.get();
}

Result<bool> Context::was_sent_over(const std::string& route, const std::string& model) {
    const std::pair key{route, model};
    if (const auto known = sent_over_.find(key); known != sent_over_.end()) return known->second;
    auto ledger = this->ledger();
    if (!ledger) return ledger.error();
    auto rows = (*ledger)->list({.stages = {}, .route = route, .model = model, .most = 1});
    if (!rows) return rows.error();
    return sent_over_[key] = !rows->empty();
}

http::CurlClient& Context::client(const NetworkFlags& network, int most_transfers) {
    if (!client_) {
        http::CurlOptions options;
        options.proxy = network.proxy.value_or(config_ ? config_->proxy : "");
        options.ca_file = network.cacert.value_or(config_ ? config_->cacert : "");
        options.most_transfers = most_transfers;
        options.user_agent = std::string("shotwire/") + version;
        options.mask = &mask;
        if (flags.verbose > 1) options.wire = [this](const std::string& line) { world.err << mask(line) << '\n'; };
        client_ = http::make_curl_client(std::move(options));
    }
    return *client_;
}

Text Context::setting(const Text& flag, const std::string& name) {
    if (flag || !config_ || !config_->defaults.contains(name)) return flag;
    const auto& value = config_->defaults[name];
    return value.is_string() ? value.get<std::string>() : core::dump(value);
}

std::string Context::source(const Text& flag, const std::string& flag_name, const std::string& name) const {
    if (flag || !config_) return flag_name;
    const auto variable = config_->variables.find(name);
    return variable == config_->variables.end() ? name + " of the configuration" : "$" + variable->second;
}

std::string Context::limit_in_words(const Text& flag, Money most) const {
    if (flag) return "--max-cost " + to_string(most);
    return fmt::format("{} ({})", to_string(most), source(flag, "", "max_cost"));
}

bool Context::color(bool terminal) const {
    if (flags.color == "always") return true;
    if (flags.color == "never") return false;
    const auto no_color = world.env("NO_COLOR");
    return terminal && (!no_color || no_color->empty()) && world.env("TERM").value_or("") != "dumb";
}

std::size_t Context::table_width() const { return world.out_is_terminal ? std::size_t(std::max(40, world.columns())) : 0; }

void Context::warn(const std::string& sentence) {
    const bool colored = color(world.err_is_terminal);
    if (!flags.quiet) world.err << "shotwire: " << (colored ? "\x1b[33mwarning:\x1b[0m " : "warning: ") << core::printable(mask(sentence)) << '\n';
}

void Context::note(const std::string& sentence) {
    if (!flags.quiet) world.err << "shotwire: " << core::printable(mask(sentence)) << '\n';
}

void Context::talk(const std::string& sentence) {
    if (flags.verbose > 0) world.err << "shotwire: " << mask(sentence) << '\n';
}

void Context::lost(const std::string& sentence) {
    lost_ = true;
    world.err << "shotwire: " << core::printable(mask(sentence)) << '\n';
}

int Context::exit_of(int code) const { return lost_ ? report::exit_code({code, int(ErrorKind::local)}) : code; }

Result<catalog::Route> Context::embedded(catalog::Route route) {
    if (!server_) {
        // Told by who starts it: to the server it would be a render that failed.
        const auto helper = core::companion("SHOTWIRE_MEDIA", "shotwire-media");
        if (helper.has_parent_path() && ::access(helper.c_str(), X_OK) != 0)
            return Error{ErrorKind::local, fmt::format("{}; it renders the clips of the local route, and SHOTWIRE_MEDIA names it",
                                                       core::system_error("run", helper).message)};
        serve::Options options;
        options.state = core::state_home() / "serve";
        auto started = serve::start_loaded(options);
        if (!started) return started.error();
        server_ = std::move(*started);
        talk("the embedded server listens at " + server_->url());
        client().trust(http::origin_of(server_->url()), server_->certificate());
    }
    route.base_url = server_->url();
    return route;
}

void Context::tell_held_back(const catalog::Route& route) {
    if (const auto sentence = held_back(route, world.env); !sentence.empty() && held_back_.insert(sentence).second) warn(sentence);
}

Result<http::Credential> Context::key_of(const catalog::Route& route, std::optional<std::chrono::milliseconds> timeout) {
    tell_held_back(route);
    auto found = credential(route, world.env, timeout);
    if (found) mask.add(found->key);
    return found;
}

Result<job::Connection> Context::connection(const job::Row& row, std::chrono::milliseconds timeout) {
    auto rows = catalog();
    if (!rows) return rows.error();
    const auto* known = (*rows)->find_route(row.route);
    if (!known && row.backend.empty())
        return Error{ErrorKind::usage, fmt::format("job {} went over the route {}, which the configuration no longer has", row.id.text, row.route)};
    catalog::Route route = known ? *known : catalog::Route{};
    route.name = row.route;
    route.backend = row.backend;
    route.dialect = row.dialect;
    if (!row.base_url.empty()) route.base_url = row.base_url;  // where it is, whatever the configuration says today
    route.moved = row.moved;
    if (route.backend == "openai" && route.base_url.empty() && row.route == "local") {
        auto here = embedded(route);
        if (!here) return here.error();
        route = *here;
    }
    auto key = key_of(route, timeout);
    if (!key) return with_other_routes(key.error(), **rows, row.model, route.name);
    auto backend = make_backend(route, *key);
    if (!backend) return backend.error();
    job::Connection connection;
    connection.backend = std::move(*backend);
    connection.fetch = {http::origin_of(route.base_url), route.allow_private};
    connection.submits_per_minute = route.most_submits_per_minute;
    connection.most_at_once = route.moved ? 0 : route.most_at_once;
    if (row.base_url.empty() && row.route == "local") connection.least_poll = std::chrono::milliseconds(100);  // it is in this process
    const auto* model = (*rows)->find(row.model);
    // Of a model that we do not know, on a host of the user's, no time is guessed: it may be a toy or a film.
    if (model && model->expected_seconds > 0) connection.expected = catalog::expected_time(model, row.seconds);
    if (model && !route.moved) connection.ends = core::parse_iso_time(model->life.retired);
    return connection;
}

job::Connect Context::connect(std::chrono::milliseconds timeout) {
    return [this, timeout](const job::Row& row) { return connection(row, timeout); };
}

}  // namespace shotwire::cli
