#pragma once
#include <cstddef>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "shotwire/result.hpp"

namespace shotwire {
using json = nlohmann::json;
}

namespace shotwire::core {

// Text from outside to JSON. Refused: more than `deepest` levels, broken UTF-8, anything behind the value.
// `what` names the text in the error ("the answer of api.example.com").
Result<json> parse_json(std::string_view text, std::string_view what, int deepest = 64);

// JSON to text that always succeeds: a byte that is no UTF-8 becomes U+FFFD.
std::string dump(const json& value, int indent = -1);

// The value at a JSON pointer ("/video/url"); null: there is none. Throws where the text is no pointer.
const json* find(const json& document, std::string_view pointer);

// The same, of the asked type; anything else is a provider Error naming it.
template <class T>
Result<T> field(const json& document, std::string_view pointer);
extern template Result<std::string> field(const json&, std::string_view);
extern template Result<bool> field(const json&, std::string_view);
extern template Result<std::int64_t> field(const json&, std::string_view);
extern template Result<double> field(const json&, std::string_view);

// The value at a JSON pointer, or the fallback where it is missing, null or of another type.
std::string field_or(const json& document, std::string_view pointer, std::string_view fallback);
// Also reads a number that stands in quotes: several providers write "8" for 8.
double number_or(const json& document, std::string_view pointer, double fallback);

}  // namespace shotwire::core
