#include "core/json.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

namespace shotwire::core {
namespace {

const json* find(const json& document, const std::string& pointer) {
    const json::json_pointer path(pointer);
    return document.contains(path) ? &document.at(path) : nullptr;
}

template <class T>
bool is(const json& value) {
    if constexpr (std::is_same_v<T, std::string>) return value.is_string();
    if constexpr (std::is_same_v<T, bool>) return value.is_boolean();
    if constexpr (std::is_same_v<T, std::int64_t>)
        return value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT64_MAX : value.is_number_integer();
    if constexpr (std::is_same_v<T, double>) return value.is_number();
}

}  // namespace

Result<json> parse_json(std::string_view text, std::string_view what, int deepest) {
    // Depth is counted before parsing: nlohmann's values are destroyed recursively.
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest)
                return Error{ErrorKind::provider, fmt::format("{} nests deeper than {} levels", what, deepest)};
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    auto value = json::parse(text, nullptr, false);
    if (value.is_discarded()) return Error{ErrorKind::provider, fmt::format("{} is not valid JSON", what)};
    return value;
}

std::string dump(const json& value, int indent) {
    return value.dump(indent, ' ', false, json::error_handler_t::replace);
}

void ObjectWriter::begin(std::string_view key) {
    if (written_.size() > 1) written_ += ',';
    quote(key);
    written_ += ':';
}

void ObjectWriter::quote(std::string_view text) {
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; });
    if (!plain) return void(written_ += dump(json(text)));
    written_ += '"';
    written_ += text;
    written_ += '"';
}

ObjectWriter& ObjectWriter::text(std::string_view key, std::string_view value) { return begin(key), quote(value), *this; }
ObjectWriter& ObjectWriter::number(std::string_view key, std::int64_t value) { return begin(key), written_ += std::to_string(value), *this; }
ObjectWriter& ObjectWriter::flag(std::string_view key, bool value) { return begin(key), written_ += value ? "true" : "false", *this; }
ObjectWriter& ObjectWriter::value(std::string_view key, const json& value) { return begin(key), written_ += dump(value), *this; }

template <class T>
Result<T> field(const json& document, const std::string& pointer) {
    const auto* value = find(document, pointer);
    if (!value) return Error{ErrorKind::provider, fmt::format("the answer has no {}", pointer)};
    if (!is<T>(*value))
        return Error{ErrorKind::provider, fmt::format("{} of the answer is a {}", pointer, value->type_name())};
    return value->get<T>();
}
template Result<std::string> field(const json&, const std::string&);
template Result<bool> field(const json&, const std::string&);
template Result<std::int64_t> field(const json&, const std::string&);
template Result<double> field(const json&, const std::string&);

std::string field_or(const json& document, const std::string& pointer, const std::string& fallback) {
    const auto* value = find(document, pointer);
    return value && value->is_string() ? value->get<std::string>() : fallback;
}

double number_or(const json& document, const std::string& pointer, double fallback) {
    const auto* value = find(document, pointer);
    if (!value) return fallback;
    if (value->is_number()) return value->get<double>();
    if (!value->is_string()) return fallback;
    const auto text = value->get<std::string>();
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == 0 && std::isfinite(number) ? number : fallback;
}

}  // namespace shotwire::core
