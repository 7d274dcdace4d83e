#pragma once
#include <optional>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "cli/report_file.hpp"
#include "report/junit.hpp"

namespace shotwire::cli {

// What --summary and --junit tell of a run.
struct BatchEnd {
    std::string batch;
    int code = 0;
    std::optional<Error> refused = {};  // why no row was run
    std::size_t done = 0, differs = 0, left = 0, rows = 0;
    Money spent = {};
    double seconds = 0;
    std::vector<report::RowEnd> ends = {};
};

bool is_left_open(const report::RowEnd& row);  // it goes on in the next run: neither done nor failed

struct BatchReports {
    std::optional<ReportFile> summary, junit;

    explicit operator bool() const { return summary || junit; }
    // Each, whatever becomes of the other; the summary last, as it tells the exit. What cannot be written is told, and counts as lost.
    void write(const BatchEnd& end, Context& context) const;
};

}  // namespace shotwire::cli
