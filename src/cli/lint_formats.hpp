#pragma once
#include <string>
#include <vector>

#include "core/json.hpp"
#include "lint/lint.hpp"

namespace shotwire::cli {

struct Remark {
    lint::Finding finding;
    std::string row = {}, where = {};  // of a batch: id, and "line 12, column 3"
};

// Findings as people and programs read them. `file` is what was looked at; empty where the shot came by flags.
std::string sentence(const lint::Finding& finding);  // "style: vague words ...; instead: ..."
std::string lint_text(const std::vector<Remark>& remarks, const std::string& file);
std::string lint_github(const std::vector<Remark>& remarks, const std::string& file);  // workflow commands
json lint_json(const std::vector<Remark>& remarks, const std::string& file);           // "shotwire.lint/1"
json lint_sarif(const std::vector<Remark>& remarks, const std::string& file);          // SARIF 2.1.0

}  // namespace shotwire::cli
