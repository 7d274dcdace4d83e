#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace shotwire::cli {

// "shotwire jobs wait"
std::string path_of(const CLI::App& command);

// A flag as --help, `man` and `completion` show it.
struct FlagHelp {
    std::string group;
    std::vector<std::string> names;  // "-s", "--subject", "--no-audio"; a positional: "PROMPT"
    std::string value;               // "TEXT"; empty: takes none
    std::string help;
    bool positional = false;
    bool repeatable = false;
    bool required = false;
};
std::vector<FlagHelp> flags_help(const CLI::App& command);  // in the order in which --help shows them

// "shotwire make [PROMPT] [flags]"
std::string usage_of(const CLI::App& command);
// A name and what it means, wrapped; the two columns of --help.
std::string help_entry(const std::string& name, const std::string& help);
std::string root_footer();  // first steps and exit codes

class HelpFormatter : public CLI::FormatterBase {
public:
    std::string make_help(const CLI::App* command, std::string, CLI::AppFormatMode) const override;
};

}  // namespace shotwire::cli
