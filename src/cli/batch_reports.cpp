#include "cli/batch_reports.hpp"

#include "core/json.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {

bool is_left_open(const report::RowEnd& row) {
    const auto code = report::code_of(row.error);
    return row.error && (!row.ran || code == int(ErrorKind::cancelled) || code == int(ErrorKind::pending));
}

void BatchReports::write(const BatchEnd& end, Context& context) const {
    const auto write_one = [&](const ReportFile& report, const std::string& text) {
        if (auto written = write_report(report, context.mask(text)); !written) context.lost(written.error().message);
    };
    if (junit) write_one(*junit, report::junit(end.batch, end.ends, end.refused));
    if (!summary) return;
    const auto error_of = [](const std::optional<Error>& error) { return error ? json{{"kind", report::kind_word(error->kind)}, {"message", error->message}} : json(); };
    json rows = json::array();
    for (const auto& one : end.ends)
        rows.push_back({{"row", one.row}, {"id", one.job}, {"state", one.state}, {"model", one.model}, {"clip", one.clip.empty() ? json() : json(one.clip)},
                        {"exit", report::code_of(one.error)},
                        {"error", error_of(one.error)},
                        {"exec_failed", one.exec.empty() ? json() : json(one.exec)},
                        {"usd", one.cost ? json(double(one.cost->micros) / 1e6) : json()}});
    const json document{{"schema", "shotwire.batch/1"}, {"batch", end.batch}, {"exit", context.exit_of(end.code)}, {"error", error_of(end.refused)}, {"rows_total", end.rows},
                        {"done", end.done}, {"not_as_ordered", end.differs}, {"left", end.left}, {"failed", end.rows - end.done - end.differs - end.left},
                        {"usd_spent", double(end.spent.micros) / 1e6}, {"seconds", end.seconds}, {"rows", rows}};
    write_one(*summary, core::dump(document, 2) + "\n");
}

}  // namespace shotwire::cli
