#pragma once
#include <optional>
#include <utility>
#include <vector>

#include "core/json.hpp"

namespace shotwire::core {

// An object's keys and their values in the order of its text, for whoever takes each of them once: to make an object of them costs more
// than to read them.
using Members = std::vector<std::pair<std::string, json>>;
std::optional<Members> read_members(std::string_view text);  // of our own; none: it is no object
std::optional<Members> members_of(const json& document);
json* find(Members& members, std::string_view key);  // null: it is not there; of several the last, as in an object

}  // namespace shotwire::core
