#include "report/junit.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "report/documents.hpp"

namespace shotwire::report {
namespace {

// XML 1.0 has no control characters, not even escaped.
std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : core::printable(text)) {
        switch (c) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\n': out += "&#10;"; break;
            default: out += c;
        }
    }
    return out;
}

enum class End { done, failure, error, skipped };
End end_of(const RowEnd& row) {
    if (!row.error) return row.exec.empty() ? End::done : End::failure;
    switch (row.error->kind) {
        case ErrorKind::pending:
        case ErrorKind::cancelled: return End::skipped;
        case ErrorKind::local:
        case ErrorKind::bug: return End::error;
        default: return End::failure;
    }
}

}  // namespace

std::string junit(const std::string& batch, const std::vector<RowEnd>& rows) {
    const auto count = [&](End end) { return std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return end_of(row) == end; }); };
    double seconds = 0;
    for (const auto& row : rows) seconds += row.seconds;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- shotwire.batch/1 -->\n";
    const auto numbers = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"", rows.size(), count(End::failure), count(End::error),
                                     count(End::skipped), seconds);
    out += fmt::format("<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", numbers, escaped(batch), numbers);
    for (const auto& row : rows) {
        out += fmt::format("    <testcase classname=\"{}\" name=\"{}\" time=\"{:.3f}\"", escaped(row.model), escaped(row.row), row.seconds);
        if (!row.error && !row.exec.empty()) {
            out += fmt::format(">\n      <failure type=\"exec\" message=\"{}\"/>\n      <system-out>{}</system-out>\n    </testcase>\n", escaped(row.exec), escaped(row.clip));
            continue;
        }
        if (!row.error) {
            out += fmt::format(">\n      <system-out>{}</system-out>\n    </testcase>\n", escaped(row.clip));
            continue;
        }
        const auto end = end_of(row);
        const auto* name = end == End::skipped ? "skipped" : end == End::error ? "error" : "failure";
        const auto type = end == End::skipped ? std::string() : fmt::format(" type=\"{}\"", kind_word(row.error->kind));
        out += fmt::format(">\n      <{}{} message=\"{}\"/>\n", name, type, escaped(row.error->message));
        if (!row.clip.empty()) out += fmt::format("      <system-out>{}</system-out>\n", escaped(row.clip));
        out += "    </testcase>\n";
    }
    return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace shotwire::report
