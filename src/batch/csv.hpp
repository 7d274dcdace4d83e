#pragma once
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace shotwire::batch {

struct CsvFault {
    std::size_t line = 0;  // on which the row begins
    std::string message;
};

// RFC 4180, read by libcsv: each row's cells, and the line on which it begins. A fault ends the reading.
std::optional<CsvFault> read_csv(std::string_view text, const std::function<void(const std::vector<std::string>& cells, std::size_t line)>& on_row);

}  // namespace shotwire::batch
