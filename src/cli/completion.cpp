#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <ostream>

#include "catalog/catalog.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/help.hpp"
#include "cli/parse.hpp"
#include "cli/resolve.hpp"
#include "core/text.hpp"
#include "shot/camera.hpp"

namespace shotwire::cli {
namespace {

// What may follow a flag: one of these words, a file, or a job of the ledger, which the shell asks for when it needs it; else
// free text.
struct Values {
    std::vector<std::string> words;
    bool files = false;
    bool jobs = false;
};

struct Vocabulary {
    std::vector<std::string> models, routes, cameras, commands;

    // `path`: of the command, "jobs wait".
    Values after(const std::string& path, const FlagHelp& flag) const {
        const auto& name = flag.names.back();
        const bool of_jobs = path.starts_with("jobs ");
        if (flag.value == "JOB" || (name == "ID" && of_jobs)) return {{}, false, true};
        if (name == "--model" || name == "ID") return {models};
        if (name == "--state" && of_jobs) return {job_states()};
        if (name == "COMMAND") return {commands};
        if (name == "--via") return {routes};
        if (name == "--camera") return {cameras};
        if (name == "--color") return {{"auto", "always", "never"}};
        if (name == "--format") return {{"text", "json", "sarif", "github"}};
        if (name == "SHELL") return {{"bash", "zsh", "fish"}};
        const auto& kind = flag.positional ? name : flag.value;
        return {{}, kind.find("FILE") != std::string::npos || kind == "PATH" || kind == "DIR"};
    }
};

struct Entry {
    std::string path;  // "jobs wait"; the root's is empty
    std::vector<const CLI::App*> children;
    std::vector<FlagHelp> flags;
};

void collect(const CLI::App& command, const std::string& path, std::vector<Entry>& entries) {
    const auto children = command.get_subcommands([](const CLI::App*) { return true; });
    entries.push_back({path, children, flags_help(command)});
    for (const auto* child : children) collect(*child, path.empty() ? child->get_name() : path + " " + child->get_name(), entries);
}

std::string shell_quoted(std::string_view text) {
    std::string safe = "'";
    for (const char c : text) safe += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return safe + "'";
}

std::string lines(const std::vector<std::string>& words) { return shell_quoted(core::join(words, "\n")); }

// Finds the command by the words typed so far, then offers what may come next; shared by bash and zsh.
std::string bash(const std::vector<Entry>& entries, const Vocabulary& vocabulary) {
    std::string paths, names, values;
    for (const auto& entry : entries) {
        if (!entry.path.empty()) paths += (paths.empty() ? "" : "|") + shell_quoted(entry.path);
        std::vector<std::string> offered;
        std::string more;  // what the shell adds to it
        for (const auto* child : entry.children) offered.push_back(child->get_name());
        for (const auto& flag : entry.flags) {
            if (flag.positional) {
                const auto after = vocabulary.after(entry.path, flag);
                offered.insert(offered.end(), after.words.begin(), after.words.end());
                if (after.jobs) more += "$'\\n'\"$(_shotwire_job_ids)\"";
                if (after.files) more += " files=1";
                continue;
            }
            offered.insert(offered.end(), flag.names.begin(), flag.names.end());
            if (flag.value.empty()) continue;
            const auto after = vocabulary.after(entry.path, flag);
            std::vector<std::string> patterns;
            for (const auto& name : flag.names) patterns.push_back(shell_quoted(entry.path + "/" + name));
            values += fmt::format("        {}) {} ;;\n", core::join(patterns, "|"),
                                  after.files         ? "_shotwire_files; return"
                                  : after.jobs        ? "words=$(_shotwire_job_ids)"
                                  : after.words.empty() ? "return"
                                                        : "words=" + lines(after.words));
        }
        names += fmt::format("        {}) words={}{} ;;\n", shell_quoted(entry.path), lines(offered), more);
    }
    return fmt::format(R"(# shotwire completion for bash
_shotwire_files() {{ local IFS=$'\n'; compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); }}
_shotwire_job_ids() {{ shotwire jobs ls 2>/dev/null | sed '1d;s/ .*//'; }}
_shotwire() {{
    local cur="${{COMP_WORDS[COMP_CWORD]}}" prev="${{COMP_WORDS[COMP_CWORD-1]}}" at= word i words= files=
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${{at:+$at }}${{COMP_WORDS[i]}}"
        case "$word" in {}) at="$word" ;; esac
    done
    case "$at/$prev" in
{}        *) case "$at" in
{}        esac ;;
    esac
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "$words" -- "$cur"))
    if [[ $files && $cur != -* ]] && ! ((${{#COMPREPLY[@]}})); then _shotwire_files; return; fi
    [[ $cur == [\"\']* ]] && return  # within quotes a space is itself
    local n; for n in "${{!COMPREPLY[@]}}"; do COMPREPLY[n]="${{COMPREPLY[n]// /\\ }}"; done
}}
complete -F _shotwire shotwire
)", paths, values, names);
}

std::string zsh(const std::vector<Entry>& entries, const Vocabulary& vocabulary) {
    const auto plain = [](const std::string& text) {
        std::string safe;
        for (const char c : text) {
            if (c == '[' || c == ']' || c == ':' || c == '\\') safe += '\\';
            safe += c;
        }
        return safe;
    };
    std::string functions;
    for (const auto& entry : entries) {
        auto name = "_shotwire" + (entry.path.empty() ? "" : "_" + entry.path);
        for (auto& c : name)
            if (c == ' ') c = '_';
        std::string specs;
        for (const auto& flag : entry.flags) {
            const auto after = vocabulary.after(entry.path, flag);
            std::string action;
            if (after.files) action = "_files";
            if (after.jobs) action = "_shotwire_job_ids";
            if (!after.words.empty()) {
                action = "(";
                for (const auto& word : after.words) {
                    for (const char c : word) action += c == ' ' || c == ':' ? std::string("\\") + c : std::string(1, c);
                    action += ' ';
                }
                action.back() = ')';
            }
            if (flag.positional) {
                specs += fmt::format(" \\\n        {}", shell_quoted(fmt::format("{}:{}:{}", flag.repeatable ? "*" : "", flag.names.front(), action)));
                continue;
            }
            for (const auto& each : flag.names)
                specs += fmt::format(" \\\n        {}", shell_quoted(fmt::format("{}{}[{}]{}", flag.repeatable ? "*" : "", each, plain(flag.help),
                                                                         flag.value.empty() ? "" : fmt::format(":{}:{}", plain(flag.value), action))));
        }
        functions += name + "() {\n";
        if (entry.children.empty()) {
            functions += "    _arguments -s" + specs + "\n}\n";
            continue;
        }
        std::string commands, cases;
        for (const auto* child : entry.children) {
            commands += " " + shell_quoted(child->get_name() + ":" + plain(child->get_description()));
            cases += fmt::format("            {0}) {1}_{0} ;;\n", child->get_name(), name);
        }
        functions += fmt::format("    local line state\n    _arguments -s -C{} \\\n        '1: :->command' '*::arg:->rest'\n"
                                 "    case $state in\n        command) local -a commands=({}); _describe command commands ;;\n"
                                 "        rest) case $line[1] in\n{}        esac ;;\n    esac\n}}\n",
                                 specs, commands, cases);
    }
    const std::string job_ids =
        "_shotwire_job_ids() {\n"
        "    local -a known=(${(f)\"$(shotwire jobs ls 2>/dev/null | sed '1d;s/  */:/')\"})\n"
        "    _describe job known\n}\n";
    return "#compdef shotwire\n" + job_ids + functions + "if [ \"$funcstack[1]\" = _shotwire ]; then _shotwire \"$@\"; else compdef _shotwire shotwire; fi\n";
}

std::string fish(const std::vector<Entry>& entries, const Vocabulary& vocabulary) {
    std::string text = "# shotwire completion for fish\n"
                       "function __shotwire_job_ids\n    shotwire jobs ls 2>/dev/null | tail -n +2 | string replace -r ' +' \\t\nend\n";
    for (const auto& entry : entries) {
        std::vector<std::string> siblings;
        for (const auto* child : entry.children) siblings.push_back(child->get_name());
        std::string when = entry.path.empty() ? "__fish_use_subcommand" : "";
        for (const auto& word : core::split(entry.path, ' ')) when += (when.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
        auto bare = when;
        if (!siblings.empty() && !entry.path.empty()) bare += "; and not __fish_seen_subcommand_from " + core::join(siblings, " ");
        for (const auto* child : entry.children)
            text += fmt::format("complete -c shotwire -f -n {} -a {} -d {}\n", shell_quoted(bare), child->get_name(), shell_quoted(child->get_description()));
        for (const auto& flag : entry.flags) {
            const auto after = vocabulary.after(entry.path, flag);
            std::string offer = after.jobs ? "(__shotwire_job_ids)" : "";
            for (const auto& word : after.words) offer += (offer.empty() ? "" : " ") + (word.find(' ') == std::string::npos ? word : "\"" + word + "\"");
            if (flag.positional) {
                if (!offer.empty()) text += fmt::format("complete -c shotwire -f -n {} -a {}\n", shell_quoted(bare), shell_quoted(offer));
                continue;
            }
            std::string names;
            for (const auto& name : flag.names) names += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
            text += fmt::format("complete -c shotwire -n {}{}{}{} -d {}\n", shell_quoted(bare), names, flag.value.empty() ? "" : after.files ? " -r -F" : " -x",
                                offer.empty() ? "" : " -a " + shell_quoted(offer), shell_quoted(flag.help));
        }
    }
    return text;
}

}  // namespace

void define_completion(CLI::App& command, Chosen<Completion> chosen) {
    auto options = std::make_shared<Completion>();
    command.add_option("SHELL", options->shell, "bash, zsh or fish")->required();
    command.footer("Examples:\n"
                    "  source <(shotwire completion bash)\n"
                    "  shotwire completion zsh > ~/.zfunc/_shotwire\n"
                    "  shotwire completion fish > ~/.config/fish/completions/shotwire.fish\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Completion& options, Context& context) {
    if (auto known = check_word("SHELL", options.shell, {"bash", "zsh", "fish"}); !known) return known.error();
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    Vocabulary vocabulary;
    vocabulary.models = (*catalog)->names();
    for (const auto& route : (*catalog)->routes()) vocabulary.routes.push_back(route.name);
    for (const auto& move : shot::vocabulary()) vocabulary.cameras.emplace_back(move.name);
    GlobalFlags none;
    const auto tree = make_tree(none, [](const Action&) {});
    for (const auto* command : tree->get_subcommands([](const CLI::App*) { return true; })) vocabulary.commands.push_back(command->get_name());
    vocabulary.commands.emplace_back("environment");
    std::vector<Entry> entries;
    collect(*tree, "", entries);
    const auto print = options.shell == "bash" ? bash : options.shell == "zsh" ? zsh : fish;
    context.world.out << print(entries, vocabulary);
    return 0;
}

}  // namespace shotwire::cli
