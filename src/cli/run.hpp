#pragma once
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "cli/interrupt.hpp"
#include "core/clock.hpp"

namespace shotwire::cli {

// What a run gets from the process around it. Tests bring their own.
struct World {
    std::ostream& out;  // the result alone
    std::ostream& err;  // the talk
    std::istream& in;
    std::function<std::optional<std::string>(const std::string&)> env;
    const core::Clock& clock;
    Interrupt& interrupt;
    bool err_is_terminal = false;
    std::function<int()> columns = [] { return 100; };  // of the terminal, as wide as it is now
    std::vector<std::string> env_names = {};  // all variables there are, to find slips among SHOTWIRE_*
    bool out_is_terminal = false;
    bool in_is_terminal = false;
    std::function<bool()> reader_is_gone = [] { return false; };  // of stdout, a pipe: asked where it took nothing
};

// One command line, without the program's name, from start to exit code. What is thrown is a bug of ours: told, and 70.
int run(const std::vector<std::string>& args, World& world);

}  // namespace shotwire::cli
