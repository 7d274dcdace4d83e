#include "report/junit.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "report/documents.hpp"

namespace shotwire::report {
namespace {

// XML 1.0 has no control characters, not even escaped, and neither U+FFFE nor U+FFFF.
std::string escaped(const std::string& text) {
    std::string out;
    const auto safe = core::printable(text);  // half a surrogate pair is no UTF-8, so it is none here either
    for (std::size_t i = 0; i < safe.size(); ++i) {
        switch (safe[i]) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            case '"': out += "&quot;"; break;
            case '\xEF':
                if (const auto point = safe.substr(i, 3); point == "\xEF\xBF\xBE" || point == "\xEF\xBF\xBF") {
                    out += "\xEF\xBF\xBD";
                    i += 2;
                    break;
                }
                [[fallthrough]];
            default: out += safe[i];
        }
    }
    return out;
}

std::string escaped_lines(const std::string& text) {
    std::vector<std::string> lines;
    for (const auto& line : core::split(text, '\n')) lines.push_back(escaped(line));
    return core::join(lines, "\n");
}

enum class End { done, failure, error, skipped };
End end_of(const RowEnd& row) {
    if (!row.ran) return End::skipped;
    if (!row.error) return row.exec.empty() ? End::done : End::failure;
    switch (row.error->kind) {
        case ErrorKind::pending: return End::skipped;
        case ErrorKind::cancelled: return row.error->lasting ? End::failure : End::skipped;
        case ErrorKind::local:
        case ErrorKind::bug: return End::error;
        default: return End::failure;
    }
}

}  // namespace

std::string junit(const std::string& batch, const std::vector<RowEnd>& rows, const std::optional<Error>& refused) {
    const auto count = [&](End end) { return std::count_if(rows.begin(), rows.end(), [&](const auto& row) { return end_of(row) == end; }); };
    double seconds = 0;
    for (const auto& row : rows) seconds += row.seconds;
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- shotwire.batch/1 -->\n";
    const auto numbers = fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{:.3f}\"", rows.size() + bool(refused), count(End::failure),
                                     count(End::error) + bool(refused), count(End::skipped), seconds);
    out += fmt::format("<testsuites {}>\n  <testsuite name=\"{}\" {}>\n", numbers, escaped(batch), numbers);
    if (refused)
        out += fmt::format("    <testcase classname=\"shotwire\" name=\"the batch as a whole\" time=\"0.000\">\n      <error type=\"{}\" message=\"{}\">{}</error>\n    </testcase>\n",
                           kind_word(refused->kind), escaped(refused->message.substr(0, refused->message.find('\n'))), escaped_lines(refused->message));
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
