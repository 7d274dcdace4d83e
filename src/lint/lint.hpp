#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/model.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::lint {

struct Subject {
    const Shot& shot;
    const catalog::Model* model = nullptr;  // null: rules that need one are left out
    double seconds = 0;                     // of the clip; 0: not known
    std::optional<bool> audio = {};         // as wished; none: the model's own way
    const std::string* composed = nullptr;  // the shot's prompt for that model, where it was composed already; outlives the subject
};

struct Finding {
    std::string_view rule;          // "vague-words"
    std::string field;              // "style"; empty: the shot as a whole
    std::string message;            // one line: what and why
    std::string suggestion;         // what to write instead
    std::shared_ptr<const Shot> fixed = {};  // the shot with this mended, where that is mechanical
};

class Reading;  // scan.hpp
struct Rule {
    std::string_view id;
    std::string_view reason;  // one line, for lists and SARIF
    std::vector<Finding> (*check)(const Reading& subject);
};
std::span<const Rule> rules();

std::vector<Finding> lint(const Subject& subject);
// Applies every mechanical mend until none is left; `applied` names what was done.
Shot fix(const Subject& subject, std::vector<Finding>* applied = nullptr);

}  // namespace shotwire::lint
