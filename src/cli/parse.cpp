#include "cli/parse.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <optional>

#include "cli/help.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

const auto every_command = [](const CLI::App*) { return true; };

// The innermost command that the line named.
const CLI::App& named(const CLI::App& root) {
    const auto chosen = root.get_subcommands();
    return chosen.empty() ? root : named(*chosen.back());
}

std::vector<std::string> flags_of(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* option : command.get_options()) {
        for (const auto& name : option->get_lnames()) names.push_back("--" + name);
        for (const auto& name : option->get_snames()) names.push_back("-" + name);
    }
    return names;
}

std::vector<std::string> commands_of(const CLI::App& command) {
    std::vector<std::string> names;
    for (const auto* child : command.get_subcommands(every_command)) names.push_back(child->get_name());
    return names;
}

// What other tools call it.
const std::map<std::string, std::string, std::less<>> other_names{
    {"create", "make"}, {"delete", "forget"}, {"generate", "make"}, {"list", "ls"}, {"price", "estimate"}, {"remove", "forget"},
    {"render", "make"}, {"retry", "resend"},  {"rm", "forget"},     {"run", "make"}, {"status", "show"},   {"submit", "make"}};

std::string meant(const std::string& word, const std::vector<std::string>& known) {
    const auto other = other_names.find(word);
    const bool has_it = other != other_names.end() && std::find(known.begin(), known.end(), other->second) != known.end();
    const auto near = has_it ? std::optional(other->second) : core::nearest(word, known);
    return near ? fmt::format("; did you mean {}?", *near) : "";
}

// The command with that flag, where it is another one than the user's.
std::string owner_of(const CLI::App& root, const std::string& flag) {
    for (const auto* child : root.get_subcommands(every_command)) {
        const auto flags = flags_of(*child);
        if (std::find(flags.begin(), flags.end(), flag) != flags.end()) return path_of(*child);
    }
    return "";
}

std::string unexpected(const CLI::App& root) {
    const auto& command = named(root);
    auto left = command.remaining();
    if (left.empty()) left = root.remaining(true);
    const bool behind_flags = !left.empty() && left.front() == "--";  // what follows is no flag, whatever it begins with
    if (behind_flags) left.erase(left.begin());
    const std::string word = left.empty() ? "" : core::printable(left.front());
    const auto path = path_of(command);
    if (!behind_flags && word.starts_with("-") && word.size() > 1) {
        const auto flag = word.substr(0, word.find('='));
        auto hint = meant(flag, flags_of(command));
        if (const auto owner = hint.empty() ? owner_of(root, flag) : ""; !owner.empty()) hint = fmt::format("; {} has it", owner);
        return fmt::format("{} has no flag {}{}", path, flag, hint);
    }
    if (const auto known = commands_of(command); !known.empty())
        return fmt::format("{} has no command {}{}", path, word, meant(word, known).empty() ? "; it has " + core::join(known, ", ")
                                                                                             : meant(word, known));
    return fmt::format("{} does not take a further word: {}; a text of several words stands in quotes", path, word);
}

// The flag as it was typed: --image, where CLI11 says --first-frame.
std::string as_typed(const CLI::App& command, const std::string& name, const std::vector<std::string>& args) {
    const auto* option = command.get_option_no_throw(name);
    for (std::size_t i = 1; option && i < args.size(); ++i)
        if (args[i].empty() && option->check_name(args[i - 1])) return args[i - 1];
    return name;
}

// CLI11 takes the word behind "--flag=" for its value.
std::vector<std::string> with_empty_values(const std::vector<std::string>& args) {
    std::vector<std::string> words;
    bool flags = true;
    for (const auto& arg : args) {
        flags = flags && arg != "--";
        if (!flags || !arg.starts_with("--") || arg.find('=') != arg.size() - 1) {
            words.push_back(arg);
            continue;
        }
        words.push_back(arg.substr(0, arg.size() - 1));
        words.emplace_back();
    }
    return words;
}

// What CLI11 says, in our words.
std::string sentence(const CLI::App& root, const CLI::ParseError& error, const std::vector<std::string>& args) {
    const std::string text = error.what();
    if (text.ends_with(empty_value)) return fmt::format("{} {}", as_typed(named(root), text.substr(0, text.find(':')), args), empty_value);
    const auto flag = text.substr(0, text.find_first_of(": "));
    const auto says = [&](const char* words) { return text.find(words) != std::string::npos; };
    switch (CLI::ExitCodes(error.get_exit_code())) {
        case CLI::ExitCodes::ExtrasError: return unexpected(root);
        case CLI::ExitCodes::RequiredError: return fmt::format("{} needs {}", path_of(named(root)), flag);
        case CLI::ExitCodes::ArgumentMismatch:
            if (says("At Most")) return fmt::format("{} is given more than once; it takes one value", flag);
            if (says("override")) return fmt::format("--{} takes no value", flag.substr(flag.find_first_not_of('-')));
            return fmt::format("{} needs a value", flag);
        default: return text;
    }
}

// What is wrong with a line, by the whole tree, which knows what was meant.
Error complaint(const std::vector<std::string>& args) {
    GlobalFlags globals;
    auto root = make_tree(globals, [](const Action&) {});
    try {
        root->parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::ParseError& error) {
        const auto path = path_of(named(*root));
        return {ErrorKind::usage, fmt::format("{} (see {} --help)", sentence(*root, error, args), path)};
    }
    const auto& command = named(*root);
    return {ErrorKind::usage, fmt::format("{} needs a command: {} (see {} --help)", path_of(command), core::join(commands_of(command), ", "), path_of(command))};
}

}  // namespace

std::variant<Parsed, Answer, Error> parse(const std::vector<std::string>& line) {
    const auto args = with_empty_values(line);
    Parsed parsed;
    auto root = make_tree(parsed.globals, [&](Action action) { parsed.action = std::move(action); }, &args);
    try {
        root->parse(std::vector<std::string>(args.rbegin(), args.rend()));
    } catch (const CLI::CallForHelp&) {
        return Answer{root->help()};
    } catch (const CLI::CallForVersion& version) {
        return Answer{std::string(version.what()) + "\n"};
    } catch (const CLI::ParseError&) {
        return complaint(args);
    }
    if (!parsed.action) return complaint(args);
    return parsed;
}

}  // namespace shotwire::cli
