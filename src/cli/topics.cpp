#include "cli/topics.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ostream>

#include "catalog/catalog.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/routes.hpp"
#include "config/config.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

constexpr const char* environment = "environment";

const CLI::App* child_of(const CLI::App& command, const std::string& name) {
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; }))
        if (child->get_name() == name) return child;
    return nullptr;
}

// The flag's own words, under any of its names.
std::string help_of(const CLI::App& command, const std::vector<std::string>& settings) {
    for (const auto& flag : flags_help(command))
        for (auto setting : settings) {
            std::replace(setting.begin(), setting.end(), '_', '-');
            const auto name = "--" + setting;
            if (std::find(flag.names.begin(), flag.names.end(), name) != flag.names.end()) return fmt::format("As {}: {}", name, flag.help);
        }
    return "";
}

std::string print_environment(const CLI::App& root) {
    std::string text = "Environment variables. They win over the configuration, flags win over them.\n\n";
    for (const auto& variable : environment_help(root)) text += help_entry(variable.name, variable.help);
    return text;
}

}  // namespace

std::vector<VariableHelp> environment_help(const CLI::App& root) {
    std::vector<VariableHelp> all;
    for (const auto& variable : config::variables()) {
        const auto flag = help_of(*child_of(root, "make"), variable.settings);
        all.push_back({variable.name, flag.empty() ? variable.help : flag});
    }
    struct Held {
        std::string name, what;
        std::vector<std::string> routes;
    };
    std::vector<Held> held;  // what routes read, told once for all of them
    const auto add = [&](const std::string& name, const std::string& what, const std::string& route) {
        const auto told = std::find_if(held.begin(), held.end(), [&](const auto& one) { return one.name == name; });
        if (told == held.end()) held.push_back({name, what, {route}});
        else if (told->routes.back() != route) told->routes.push_back(route);
    };
    for (const auto& route : catalog::Catalog::built_in().routes()) {
        const auto source = key_source(route);
        for (const auto& name : source.env) add(name, "The key", route.name);
        for (const auto& [first, second] : source.pairs) {
            add(first, "The first half of the key", route.name);
            add(second, "The second half of the key", route.name);
        }
        for (const auto& [setting, about] : route.settings)
            for (const auto& name : about.env) add(name, fmt::format("The {}", setting), route.name);
        for (const auto& name : source.file_env) add(name, "A file that holds the key", route.name);
    }
    for (const auto& [name, what, routes] : held)
        if (std::none_of(all.begin(), all.end(), [&, &name = name](const auto& told) { return told.name == name; }))
            all.push_back({name, fmt::format("{} of the route{} {}", what, routes.size() > 1 ? "s" : "", core::join(routes, ", "))});
    all.push_back({"https_proxy", "The proxy for https: hosts; http_proxy and all_proxy likewise, in small or capital letters; --proxy wins"});
    all.push_back({"no_proxy", "Hosts that are reached without a proxy"});
    all.push_back({"SSL_CERT_FILE", "The certificates that are trusted; CURL_CA_BUNDLE likewise, --cacert wins [the system's]"});
    all.push_back({"XDG_CACHE_HOME", "Where the schemas of models without a row are kept [~/.cache]"});
    all.push_back({"XDG_CONFIG_HOME", "Where shotwire/config.toml, shotwire/models.d and shotwire/backends.d lie [~/.config]"});
    all.push_back({"XDG_STATE_HOME", "Where the ledger and the embedded server's state lie [~/.local/state]"});
    all.push_back({"NO_COLOR", "Set to anything: no colours"});
    return all;
}

void define_help(CLI::App& command, Chosen<Help> chosen) {
    auto options = std::make_shared<Help>();
    command.add_option("COMMAND", options->words, "A command, such as jobs wait; or environment, for the environment variables");
    command.footer("Examples:\n  shotwire help make\n  shotwire help jobs wait\n  shotwire help environment\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Help& options, Context& context) {
    GlobalFlags none;
    const auto root = make_tree(none, [](const Action&) {});
    if (options.words == std::vector<std::string>{environment}) {
        context.world.out << print_environment(*root);
        return 0;
    }
    const CLI::App* command = root.get();
    for (const auto& word : options.words) {
        const auto* child = child_of(*command, word);
        if (!child) {
            std::vector<std::string> known;
            for (const auto* each : command->get_subcommands([](const CLI::App*) { return true; })) known.push_back(each->get_name());
            if (command == root.get()) known.emplace_back(environment);
            const auto near = core::nearest(word, known);
            return Error{ErrorKind::usage, fmt::format("{} has no command {}{}", path_of(*command), core::printable(word),
                                                       near            ? fmt::format("; did you mean {}?", *near)
                                                       : known.empty() ? ""
                                                                       : "; it has " + core::join(known, ", "))};
        }
        command = child;
    }
    context.world.out << HelpFormatter().make_help(command, "", CLI::AppFormatMode::Normal);
    return 0;
}

}  // namespace shotwire::cli
