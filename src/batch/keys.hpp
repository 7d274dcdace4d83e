#pragma once
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/json.hpp"

// What the keys of a row, of `defaults` and of a matrix are called.
namespace shotwire::batch {

std::string plain(std::string key);  // the long flag, with underscores, of whatever it may also be called
json opposite(const json& value);    // of a flag that says no; what is neither is left for the readers to refuse
// Two keys that are one, such as duration and seconds: the second, and what is wrong with it.
std::optional<std::pair<std::string, std::string>> given_twice(const json& keys);
json with_plain_keys(json& keys);                    // no_audio becomes audio; takes the values out and leaves the keys as they were written
const std::vector<std::string>& row_keys();           // all that a row may have, by their plain names
std::optional<std::string> unknown_key(const std::string& plain_key);  // what is wrong with a key that is none of them, with the nearest
std::string said_elsewhere(const std::string& key);   // what is said once, not by a row; empty: a row may say it

}  // namespace shotwire::batch
