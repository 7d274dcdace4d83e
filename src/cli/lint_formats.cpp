#include "cli/lint_formats.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdio>
#include <optional>

#include "batch/batch_file.hpp"
#include "cli/version.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

// What a workflow command of GitHub takes as text.
std::string escaped(const std::string& text, bool property) {
    std::string safe;
    for (const char c : text) {
        if (c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ',')))
            safe += fmt::format("%{:02X}", static_cast<unsigned char>(c));
        else
            safe += c;
    }
    return safe;
}

// The column of a CSV counts cells, which these formats do not know.
std::optional<int> line_of(const Remark& remark) {
    int line = 0;
    return std::sscanf(remark.where.c_str(), "line %d", &line) == 1 ? std::optional(line) : std::nullopt;
}

std::string of_row(const Remark& remark) { return (remark.row.empty() ? "" : "row " + remark.row + ": ") + sentence(remark.finding); }

}  // namespace

std::string sentence(const lint::Finding& finding) {
    auto text = finding.field.empty() ? finding.message : finding.field + ": " + finding.message;
    if (!finding.suggestion.empty()) text += "; " + finding.suggestion;
    return text;
}

std::string lint_text(const std::vector<Remark>& remarks, const std::string& file) {
    std::string text;
    for (const auto& [finding, row, where] : remarks) {
        const auto said = fmt::format("{} [{}]", sentence(finding), finding.rule);
        text += core::printable(file.empty() ? said : batch::print({where, row, said}, file)) + "\n";
    }
    return text;
}

std::string lint_github(const std::vector<Remark>& remarks, const std::string& file) {
    std::string text;
    for (const auto& one : remarks) {
        const auto line = line_of(one);
        const auto place = file.empty() ? "" : fmt::format("file={},{}", escaped(file, true), line ? fmt::format("line={},", *line) : "");
        text += fmt::format("::warning {}title=shotwire {}::{}\n", place, one.finding.rule, escaped(of_row(one), false));
    }
    return text;
}

json lint_json(const std::vector<Remark>& remarks, const std::string& file) {
    json document{{"schema", "shotwire.lint/1"}, {"file", file.empty() ? json() : json(file)}, {"findings", json::array()}};
    for (const auto& one : remarks) {
        const auto& finding = one.finding;
        const auto line = line_of(one);
        document["findings"].push_back({{"rule", finding.rule},
                                        {"row", one.row.empty() ? json() : json(one.row)},
                                        {"line", line ? json(*line) : json()},
                                        {"field", finding.field.empty() ? json() : json(finding.field)},
                                        {"message", finding.message},
                                        {"suggestion", finding.suggestion},
                                        {"fixable", bool(finding.fixed)}});
    }
    return document;
}

json lint_sarif(const std::vector<Remark>& remarks, const std::string& file) {
    json rules = json::array(), results = json::array();
    for (const auto& rule : lint::rules()) rules.push_back({{"id", rule.id}, {"shortDescription", {{"text", rule.reason}}}});
    for (const auto& one : remarks) {
        json result{{"ruleId", one.finding.rule}, {"level", "warning"}, {"message", {{"text", of_row(one)}}}};
        if (!file.empty())
            result["locations"] = {{{"physicalLocation", {{"artifactLocation", {{"uri", file}}}, {"region", {{"startLine", line_of(one).value_or(1)}}}}}}};
        results.push_back(result);
    }
    return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", {{{"tool", {{"driver", {{"name", "shotwire"}, {"version", version}, {"rules", rules}}}}}, {"results", results}}}}};
}

}  // namespace shotwire::cli
