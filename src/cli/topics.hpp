#pragma once
#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace shotwire::cli {

// A variable of the environment that is read, and what it does.
struct VariableHelp {
    std::string name;
    std::string help;
};
// Those of the configuration in the words of the flags that they stand for, then the keys of the built-in routes, then the
// ones that many programs read.
std::vector<VariableHelp> environment_help(const CLI::App& root);

}  // namespace shotwire::cli
