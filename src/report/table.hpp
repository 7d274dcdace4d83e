#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace shotwire::report {

// A name and what is to be said of it, wrapped between words; each line ends.
std::string wrapped(const std::string& name, const std::string& said, std::size_t indent, std::size_t width);

// Columns for people. Fitted to a width, what is too long is cut with an ellipsis in the last column alone; for a file or a pipe
// nothing is cut. Control characters never reach the terminal.
class Table {
public:
    explicit Table(std::vector<std::string> headings) : rows_{std::move(headings)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string print(std::size_t width = 0) const;  // 0: as wide as it comes

private:
    std::vector<std::vector<std::string>> rows_;
};

// At most that many characters, the last of them an ellipsis where something was cut; 0: all of them.
std::string cut(const std::string& text, std::size_t characters);

}  // namespace shotwire::report
