#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "shotwire/result.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::shot {

// YAML or JSON text (told apart by itself) to one JSON object. YAML scalars stay text unless they are plain numbers or booleans;
// aliases are limited, merge keys and tags refused. Errors: usage, with `name` and line.
Result<json> read_document(std::string_view text, const std::string& name);

// In a text, from 1; 0: not known.
struct Place {
    std::size_t line = 0, column = 0;
};
std::string print(const Place& place);  // "line 3, column 5"
// Where keys and groups stand, by their JSON pointer (without its escapes).
using Marks = std::map<std::string, Place, std::less<>>;
std::string place_in(const Marks& marks, std::string_view key, const std::string& otherwise);  // in words
// The same for any value: a list of shots, say.
Result<json> read_value(std::string_view text, const std::string& name, Marks* marks = nullptr);

bool is_key(std::string_view written, std::string_view key);  // hyphens and underscores are the same

// The keys of a shot, in the order of the flags.
const std::vector<std::string>& shot_keys();

// Takes the keys of a shot out of the document (hyphens and underscores are the same; camera and references also as a single
// text). What stays in it is not ours. Paths of images are taken as relative to `folder`. Errors: usage, naming key and type.
Result<Shot> take_shot(json& document, const std::string& name, const std::filesystem::path& folder = {});

// What stayed is an error that names the nearest of `known`.
Result<> refuse_leftovers(const json& document, const std::string& name, const std::vector<std::string>& known);

// The fields that `over` gives replace those of `base`: flags win over a file.
Shot merge(Shot base, const Shot& over);
// The first by name that holds no UTF-8; empty: none.
std::string_view broken_key(const Shot& shot);

json to_json(const Shot& shot);          // only what is given
Result<Shot> from_json(const json& document);  // of to_json: sidecars, ledger, the local route

}  // namespace shotwire::shot
