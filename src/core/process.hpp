#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::core {

struct Finished {
    int exit = 0;  // 128 + signal where a signal ended it
    std::string out;
    std::string err;
};

struct Command {
    std::vector<std::string> words;  // an argument vector; no shell
    std::string input;               // given on its standard input
    std::chrono::milliseconds limit = std::chrono::minutes(10);  // then it is killed: ErrorKind::local
    std::size_t most_output = 16 << 20;
    bool without_secrets = false;    // it inherits no variable whose name tells of a key, token, password or the like
    // Each whole line of its standard error as it comes; false ends the process.
    std::function<bool(std::string_view)> on_line = {};
    // Asked at least every 50 ms while it runs; false ends the process.
    std::function<bool()> keep_going = {};
};

// Runs it to its end, in a process group of its own that never outlives this call. Errors: local (cannot be
// started, killed at its limit, by `on_line` or `keep_going`).
Result<Finished> run_process(const Command& command);

// Ends all that run, for a process that leaves without their callers. From a signal handler, too.
void end_processes() noexcept;

}  // namespace shotwire::core
