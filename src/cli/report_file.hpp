#pragma once
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::cli {

// Where a batch writes how it ended (--summary, --junit). An earlier report there gives way and a device or a pipe is written into;
// any other file stays.
struct ReportFile {
    std::string flag;
    std::filesystem::path path;
    std::string mark;  // in each report of that kind, and in no other file
};

// What a report must not take the place of, by what it is.
using Taken = std::vector<std::pair<std::string, std::filesystem::path>>;

// Whether it could be written now; touches nothing. Errors: usage: it would take another file's place; local: it cannot be written.
Result<> check_report(const ReportFile& report, const Taken& taken = {});
Result<> write_report(const ReportFile& report, std::string_view text);  // checks again: a clip may have come there meanwhile

}  // namespace shotwire::cli
