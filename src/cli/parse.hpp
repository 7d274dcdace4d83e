#pragma once
#include <CLI/CLI.hpp>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cli/commands.hpp"

namespace shotwire::cli {

using Action = std::function<Result<Exit>(Context&)>;

// All commands and flags: what is parsed, and what --help, `man` and `completion` print. `chosen` gets the command of the line.
// With a line, the flags of those commands alone that its words may name: the others are half of a start.
std::unique_ptr<CLI::App> make_tree(GlobalFlags& globals, const std::function<void(Action)>& chosen, const std::vector<std::string>* line = nullptr);

inline constexpr const char* empty_value = "is empty; give it a value, or leave it out";

struct Parsed {
    GlobalFlags globals;
    Action action;
};
struct Answer {
    std::string text;  // of --help or --version
};

// Errors: usage, one sentence that names the flag, its value and what is allowed or nearest.
std::variant<Parsed, Answer, Error> parse(const std::vector<std::string>& args);

}  // namespace shotwire::cli
