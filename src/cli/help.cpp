#include "cli/help.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::cli {
namespace {

constexpr std::size_t names_width = 30;
constexpr std::size_t page_width = 100;

std::string wrap(const std::string& text, std::size_t indent) {
    std::string lines;
    std::size_t used = indent;
    for (const auto& word : core::split(text, ' ')) {
        if (used > indent && used + 1 + word.size() > page_width) {
            lines += "\n" + std::string(indent, ' ');
            used = indent;
        } else if (used > indent) {
            lines += ' ';
            ++used;
        }
        lines += word;
        used += word.size();
    }
    return lines;
}

std::string entry(const FlagHelp& flag) {
    const bool lone = !flag.positional && flag.names.front().starts_with("--");
    return help_entry((lone ? "    " : "") + core::join(flag.names, ", ") + (flag.value.empty() ? "" : " " + flag.value), flag.help);
}

}  // namespace

std::string help_entry(const std::string& name, const std::string& help) {
    auto line = "  " + name;
    line += line.size() + 2 > names_width ? "\n" + std::string(names_width, ' ') : std::string(names_width - line.size(), ' ');
    return line + wrap(help, names_width) + "\n";
}

std::string path_of(const CLI::App& command) {
    const auto* parent = command.get_parent();
    return parent ? path_of(*parent) + " " + command.get_name() : command.get_name();
}

std::vector<FlagHelp> flags_help(const CLI::App& command) {
    std::vector<FlagHelp> flags;
    for (const auto* option : command.get_options()) {
        FlagHelp flag;
        flag.group = option->get_group();
        flag.help = option->get_description();
        flag.repeatable = option->get_expected_max() > 1 || option->get_items_expected_max() > 1;
        flag.required = option->get_required();
        if (option->get_positional()) {  // perhaps beside a flag, as FILE and --shot
            flag.positional = true;
            flag.names = {option->get_name(true)};
            flags.push_back(flag);
        }
        if (!option->nonpositional()) continue;
        flag.positional = false;
        flag.names.clear();
        flag.value = option->get_type_size() == 0 ? "" : option->get_type_name();
        for (const auto& name : option->get_snames()) flag.names.push_back("-" + name);
        for (const auto& name : option->get_lnames()) flag.names.push_back("--" + name);
        flags.push_back(std::move(flag));
    }
    const std::vector<std::string> groups{"Batch", "Shot", "Order", "Output", "Job", "Spend", "Flags", "Global"};
    const auto rank = [&](const FlagHelp& flag) { return std::find(groups.begin(), groups.end(), flag.group) - groups.begin(); };
    std::stable_sort(flags.begin(), flags.end(), [&](const FlagHelp& a, const FlagHelp& b) {
        const int first = a.positional ? -1 : int(rank(a)), second = b.positional ? -1 : int(rank(b));
        return first < second;
    });
    return flags;
}

std::string usage_of(const CLI::App& command) {
    auto usage = path_of(command);
    if (!command.get_subcommands([](const CLI::App*) { return true; }).empty()) usage += " COMMAND";
    for (const auto& flag : flags_help(command)) {
        if (!flag.positional) continue;
        const auto name = flag.names.front() + (flag.repeatable ? "..." : "");
        usage += flag.required ? " " + name : " [" + name + "]";
    }
    return usage + " [flags]";
}

std::string root_footer() {
    return "Examples:\n"
           "  shotwire make -s \"a heron\" -a \"lifts off\" -e \"a misty lake\" -l \"dawn\" -c \"slow dolly in\" -o heron.mp4\n"
           "  mpv \"$(shotwire make --shot heron.yaml -d 6)\"\n"
           "  shotwire make --shot heron.yaml -d 8 -m sora-2 --base-url https://host.example/v1 --via openai --dry-run\n"
           "  shotwire jobs ls\n"
           "  shotwire help environment\n"
           "\n"
           "Exit codes:\n"
           "  0 done   2 usage   3 key   4 content refused   5 rate limit or quota   6 network   7 provider failed\n"
           "  8 still rendering   9 disk, ledger or permission   10 budget   11 outcome of a submit unknown\n"
           "  12 not what was ordered   14 a part failed   70 a bug of ours   130 interrupted\n";
}

std::string HelpFormatter::make_help(const CLI::App* command, std::string, CLI::AppFormatMode) const {
    auto text = command->get_description() + "\n\nUsage: " + usage_of(*command) + "\n";
    const auto children = command->get_subcommands([](const CLI::App*) { return true; });
    if (!children.empty()) text += "\nCommands:\n";
    for (const auto* child : children) text += help_entry(child->get_name(), child->get_description());
    std::string group;
    for (const auto& flag : flags_help(*command)) {
        const auto title = flag.positional ? "Arguments" : flag.group;
        if (title != group) text += "\n" + title + ":\n";
        group = title;
        text += entry(flag);
    }
    if (const auto footer = command->get_footer(); !footer.empty()) text += "\n" + footer;
    return text;
}

}  // namespace shotwire::cli
