#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <ostream>
#include <sstream>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/topics.hpp"
#include "cli/version.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

// Text for roff: no line is taken for a request, no hyphen for a dash.
std::string roff(std::string_view text) {
    std::string safe;
    for (const char c : text) {
        if (c == '\\') safe += "\\e";
        else if (c == '-') safe += "\\-";
        else if ((c == '.' || c == '\'') && (safe.empty() || safe.back() == '\n')) safe += std::string("\\&") + c;
        else safe += c;
    }
    return safe;
}

// Paragraphs are filled; "Examples:" and the lines under it become a section, where lines stay as they are.
std::string footer(const std::string& text) {
    std::string page;
    std::istringstream lines(text);
    bool listed = false, told = false;  // what the line before belongs to
    const auto close = [&] {
        if (listed) page += ".fi\n.RE\n";
        listed = told = false;
    };
    for (std::string line; std::getline(lines, line);) {
        if (line.empty()) {
            close();
        } else if (line.ends_with(":") && !line.starts_with(" ")) {
            close();
            line.pop_back();
            page += fmt::format(".PP\n.B {}\n.RS\n.nf\n", roff(line));
            listed = true;
        } else if (listed) {
            page += roff(std::string_view(line).substr(std::min<std::size_t>(2, line.size()))) + "\n";
        } else {
            page += (told ? "" : ".PP\n") + roff(line) + "\n";
            told = true;
        }
    }
    close();
    return page;
}

std::string flags(const CLI::App& command) {
    std::string page, group;
    for (const auto& flag : flags_help(command)) {
        if (flag.group == "Global" && command.get_parent()) continue;  // told once, at the end
        const auto title = flag.positional ? "Arguments" : flag.group;
        if (title != group) page += fmt::format(".PP\n.I {}\n", roff(title));
        group = title;
        page += fmt::format(".TP\n.B {}{}\n{}\n", roff(core::join(flag.names, ", ")), flag.value.empty() ? "" : " " + roff(flag.value), roff(flag.help));
    }
    return page;
}

void commands(const CLI::App& command, std::string& page) {
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; })) {
        page += fmt::format(".SS {}\n{}.\n.PP\n.B {}\n", roff(path_of(*child)), roff(child->get_description()), roff(usage_of(*child)));
        page += flags(*child) + footer(child->get_footer());
        commands(*child, page);
    }
}

}  // namespace

void define_man(CLI::App& command, Chosen<Man> chosen) {
    auto options = std::make_shared<Man>();
    command.footer("Examples:\n  shotwire man | man -l -\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Man&, Context& context) {
    GlobalFlags none;
    const auto tree = make_tree(none, [](const Action&) {});
    std::string page = fmt::format(".TH SHOTWIRE 1 \"\" \"shotwire {}\" \"User Commands\"\n", version);
    page += fmt::format(".SH NAME\nshotwire \\- {}\n", roff(tree->get_description()));
    page += fmt::format(".SH SYNOPSIS\n.B {}\n", roff(usage_of(*tree)));
    page += ".SH DESCRIPTION\n"
            "A shot is described the way a shot sheet does, composed into the prompt that the chosen model reads best, sent, waited for\n"
            "and saved as a checked MP4. Results are on stdout, talk is on stderr, and the exit code tells what happened.\n";
    page += ".SH COMMANDS\n";
    commands(*tree, page);
    page += ".SH GLOBAL FLAGS\n" + flags(*tree);
    page += ".SH EXAMPLES AND EXIT CODES\n" + footer(tree->get_footer());
    page += ".SH ENVIRONMENT\n";
    for (const auto& variable : environment_help(*tree)) page += fmt::format(".TP\n.B {}\n{}\n", roff(variable.name), roff(variable.help));
    page += ".SH FILES\n.TP\n.I $XDG_CONFIG_HOME/shotwire/config.toml\nThe configuration; then ./shotwire.toml, then SHOTWIRE_* variables, then flags.\n"
            ".TP\n.I $XDG_STATE_HOME/shotwire/ledger.db\nThe ledger of jobs.\n";
    context.world.out << page;
    return 0;
}

}  // namespace shotwire::cli
