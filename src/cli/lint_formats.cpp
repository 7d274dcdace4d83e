#include "cli/lint_formats.hpp"

#include <spdlog/fmt/fmt.h>

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

}  // namespace

std::string sentence(const lint::Finding& finding) {
    auto text = finding.field.empty() ? finding.message : finding.field + ": " + finding.message;
    if (!finding.suggestion.empty()) text += "; " + finding.suggestion;
    return text;
}

std::string lint_text(const std::vector<lint::Finding>& findings, const std::string& file) {
    std::string text;
    for (const auto& finding : findings)
        text += core::printable(fmt::format("{}{} [{}]", file.empty() ? "" : file + ": ", sentence(finding), finding.rule)) + "\n";
    return text;
}

std::string lint_github(const std::vector<lint::Finding>& findings, const std::string& file) {
    std::string text;
    for (const auto& finding : findings) {
        const auto place = file.empty() ? "" : fmt::format("file={},", escaped(file, true));
        text += fmt::format("::warning {}title=shotwire {}::{}\n", place, finding.rule, escaped(sentence(finding), false));
    }
    return text;
}

json lint_json(const std::vector<lint::Finding>& findings, const std::string& file) {
    json document{{"schema", "shotwire.lint/1"}, {"file", file.empty() ? json() : json(file)}, {"findings", json::array()}};
    for (const auto& finding : findings)
        document["findings"].push_back({{"rule", finding.rule},
                                        {"field", finding.field.empty() ? json() : json(finding.field)},
                                        {"message", finding.message},
                                        {"suggestion", finding.suggestion},
                                        {"fixable", finding.fixed.has_value()}});
    return document;
}

json lint_sarif(const std::vector<lint::Finding>& findings, const std::string& file) {
    json rules = json::array(), results = json::array();
    for (const auto& rule : lint::rules()) rules.push_back({{"id", rule.id}, {"shortDescription", {{"text", rule.reason}}}});
    for (const auto& finding : findings) {
        json result{{"ruleId", finding.rule}, {"level", "warning"}, {"message", {{"text", sentence(finding)}}}};
        if (!file.empty())
            result["locations"] = {{{"physicalLocation", {{"artifactLocation", {{"uri", file}}}, {"region", {{"startLine", 1}}}}}}};
        results.push_back(result);
    }
    return {{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
            {"version", "2.1.0"},
            {"runs", {{{"tool", {{"driver", {{"name", "shotwire"}, {"version", version}, {"rules", rules}}}}}, {"results", results}}}}};
}

}  // namespace shotwire::cli
