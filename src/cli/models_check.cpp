#include <spdlog/fmt/fmt.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <ostream>

#include "backend/backend.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/converse.hpp"
#include "cli/drift.hpp"
#include "cli/network.hpp"
#include "cli/routes.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {
namespace {

struct Entry {
    const catalog::Model* row;  // as it is on the route
    const catalog::ModelRoute* there;
};

// What the route has of the catalogue and what has not ended there.
std::vector<Entry> entries(const catalog::Catalog& catalog, const catalog::Route& route, core::Wall today) {
    std::vector<Entry> all;
    for (const auto& model : catalog.models())
        for (const auto& there : model.routes) {
            const auto& row = there.differing ? *there.differing : model;
            const auto ends = core::parse_iso_time(row.life.retired);
            if (there.route == route.name && !(ends && *ends <= today && !route.moved)) all.push_back({&row, &there});
        }
    return all;
}

class Check {
public:
    Check(const ModelsCheck& options, Context& context) : options_(options), context_(context) {}

    // False: this route publishes nothing that could be compared.
    Result<bool> route(const catalog::Catalog& catalog, const catalog::Route& route) {
        auto backend = make_backend(route, {});
        if (!backend) return backend.error();
        const bool lists = (*backend)->lists() && !route.base_url.empty();
        const auto rows = entries(catalog, route, context_.world.clock.wall());
        if (rows.empty() || (!lists && !(*backend)->describes())) return false;
        // Some tell it to anybody.
        auto key = context_.key_of(route);
        backend = make_backend(route, key ? *key : http::Credential{});
        if (!backend) return backend.error();
        return lists ? ask_list(route, **backend, key, rows) : ask_schemas(route, **backend, key, rows);
    }

    Exit print() {
        auto& out = context_.world.out;
        if (context_.flags.json) {
            json drift = json::array();
            for (const auto& one : drift_)
                drift.push_back({{"model", one.model}, {"route", one.route}, {"id", one.id}, {"what", one.what}});
            out << core::dump(json{{"schema", "shotwire.drift/1"}, {"asked", asked_}, {"drift", drift}, {"unreachable", unreachable_}}, 2)
                << '\n';
        } else {
            for (const auto& one : drift_)
                out << fmt::format("{} over {} ({}): {}\n", one.model, one.route, one.id, core::printable(one.what));
        }
        context_.note(fmt::format("{} endpoints asked, {} differences", asked_, drift_.size()));
        if (!unreachable_.empty()) return Exit(ErrorKind::provider);
        return drift_.empty() ? 0 : Exit(ErrorKind::mismatch);
    }

private:
    template <class T>
    Result<T> ask(http::Step<T> step, const Result<http::Credential>& key) {
        auto told = carry_out(std::move(step), context_.client(options_.network), context_.world.interrupt);
        ++asked_;
        if (!told && told.error().kind == ErrorKind::auth && !key) return key.error();
        return told;
    }

    Result<bool> ask_list(const catalog::Route& route, const backend::Backend& backend, const Result<http::Credential>& key, const std::vector<Entry>& rows) {
        const auto listed = ask(backend.list(), key);
        if (!listed) return failed(route, listed.error());
        for (const auto& [row, there] : rows)
            for (const auto& endpoint : endpoints(*there, route.values)) {
                const auto found = listed->find(endpoint.id);
                if (found == listed->end())
                    drift_.push_back({row->id, route.name, endpoint.id, fmt::format("it is not among the {} models that the route lists", listed->size())});
                else
                    for (auto& what : compare(*row, *found)) drift_.push_back({row->id, route.name, endpoint.id, std::move(what)});
            }
        return true;
    }

    Result<bool> ask_schemas(const catalog::Route& route, const backend::Backend& backend, const Result<http::Credential>& key, const std::vector<Entry>& rows) {
        for (const auto& [row, there] : rows)
            for (const auto& endpoint : endpoints(*there, route.values)) {
                const auto published = ask(backend.describe(endpoint.id), key);
                if (!published && published.error().kind == ErrorKind::usage) {
                    drift_.push_back({row->id, route.name, endpoint.id, published.error().message});
                    continue;
                }
                if (!published) return failed(route, published.error());
                for (auto& what : compare(*row, endpoint.form, *published))
                    drift_.push_back({row->id, route.name, endpoint.id, std::move(what)});
            }
        return true;
    }

    Result<bool> failed(const catalog::Route& route, const Error& error) {
        if (error.kind == ErrorKind::cancelled) return error;
        unreachable(route, error);
        return true;
    }

    void unreachable(const catalog::Route& route, const Error& error) {
        context_.warn(fmt::format("{} could not be asked: {}", route.name, error.message));
        unreachable_.push_back({{"route", route.name}, {"error", report::error_document(error)}});
    }

    const ModelsCheck& options_;
    Context& context_;
    int asked_ = 0;
    std::vector<Drift> drift_;
    json unreachable_ = json::array();
};

}  // namespace

CLI::App* add_models_check(CLI::App& models, Chosen<ModelsCheck> chosen) {
    auto options = std::make_shared<ModelsCheck>();
    auto* command = models.add_subcommand("check", "Compare the catalogue with what its routes publish of their models");
    command->add_option("--via", options->routes, "Ask this route (repeatable) [all that publish something and whose key is set]")
        ->type_name("ROUTE")
        ->allow_extra_args(false)
        ->group("Flags");
    command->add_option("--cacert", options->network.cacert, "Trust this CA in place of the system's")->type_name("FILE")->group("Flags");
    command->add_option("--proxy", options->network.proxy, "Go through this proxy")->type_name("URL")->group("Flags");
    command->footer(
        "stdout has a line for each difference. Exit 0: none, 12: some, 7: a route could not be asked.\n\n"
        "Examples:\n"
        "  shotwire models check\n"
        "  shotwire models check --via fal --json\n");
    command->callback([options, chosen] { chosen(*options); });
    return command;
}

Result<Exit> run(const ModelsCheck& options, Context& context) {
    if (auto good = check_network(options.network, context); !good) return good.error();
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    Check check(options, context);
    for (const auto& name : options.routes) {
        const auto* route = (*catalog)->find_route(name);
        if (!route) {
            std::vector<std::string> names;
            for (const auto& known : (*catalog)->routes()) names.push_back(known.name);
            const auto near = core::nearest(name, names);
            return Error{ErrorKind::usage, fmt::format("there is no route {}{}; there are {}", core::printable(name),
                                                       near ? "; did you mean " + *near + "?" : "", core::join(names, ", "))};
        }
        auto asked = check.route(**catalog, *route);
        if (!asked) return asked.error();
        if (!*asked)
            return Error{ErrorKind::usage, fmt::format("the route {} publishes nothing of its models that could be compared", name)};
    }
    for (const auto& route : (*catalog)->routes()) {
        if (!options.routes.empty() || !route.ready || route.base_url.find('{') != std::string::npos) continue;
        if (auto asked = check.route(**catalog, route); !asked) return asked.error();
    }
    return check.print();
}

}  // namespace shotwire::cli
