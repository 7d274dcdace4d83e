#include "report/table.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::report {

std::string cut(const std::string& text, std::size_t characters) {
    if (characters == 0 || core::count_characters(text) <= characters) return text;
    std::size_t seen = 0, at = 0;
    for (; at < text.size(); ++at)
        if ((static_cast<unsigned char>(text[at]) & 0xC0) != 0x80 && ++seen >= std::max<std::size_t>(characters, 1)) break;
    return text.substr(0, at) + "…";
}

std::string wrapped(const std::string& name, const std::string& said, std::size_t indent, std::size_t width) {
    std::string text, row = name + std::string(indent > core::count_characters(name) ? indent - core::count_characters(name) : 1, ' ');
    bool fresh = true;
    for (const auto& word : core::split(said, ' ')) {
        if (!fresh && core::count_characters(row) + 1 + core::count_characters(word) > width) {
            text += row + "\n";
            row = std::string(indent, ' ');
            fresh = true;
        }
        row += (fresh ? "" : " ") + word;
        fresh = false;
    }
    return text + row + "\n";
}

std::string Table::print(std::size_t width) const {
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], core::count_characters(core::printable(row[i])));
    std::size_t before_last = 0;
    for (std::size_t i = 0; i + 1 < widths.size(); ++i) before_last += widths[i] + 2;
    const auto last = width == 0 ? 0 : width > before_last + 8 ? width - before_last : 8;

    std::string text;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const auto cell = core::printable(row[i]);
            const bool end = i + 1 == row.size();
            line += end ? cut(cell, last) : cell + std::string(widths[i] - core::count_characters(cell) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        text += line + "\n";
    }
    return text;
}

}  // namespace shotwire::report
