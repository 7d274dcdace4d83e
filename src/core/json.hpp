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

// Text of our own to JSON, however deep; discarded (`is_discarded`) where it is none.
json json_of(std::string_view text);
// A JSON object on one line, known without making it. False where that would have to be looked at more closely: json_of tells.
bool is_object_line(std::string_view text);

// JSON to text that always succeeds: a byte that is no UTF-8 becomes U+FFFD.
std::string dump(const json& value, int indent = -1);

// An object written key by key, without a document between: for texts that are written often and read seldom. As `dump` writes it, but in
// the order of its keys' coming.
class ObjectWriter {
public:
    ObjectWriter& text(std::string_view key, std::string_view value);
    ObjectWriter& number(std::string_view key, std::int64_t value);
    ObjectWriter& flag(std::string_view key, bool value);
    ObjectWriter& value(std::string_view key, const json& value);
    ObjectWriter& written(std::string_view key, std::string_view value);  // JSON already, taken as it is
    std::string take() && { return std::move(written_) + "}"; }

private:
    void begin(std::string_view key);
    void quote(std::string_view text);
    std::string written_ = "{";
};

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
