#include "core/json.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace shotwire::core {
namespace {

const json* find_parsed(const json& document, std::string_view pointer) {
    const json::json_pointer path{std::string(pointer)};
    return document.contains(path) ? &document.at(path) : nullptr;
}

bool is_index(std::string_view token) {
    return std::all_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; }) && (token.size() == 1 || token.front() != '0');
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
ObjectWriter& ObjectWriter::written(std::string_view key, std::string_view value) { return begin(key), written_ += value, *this; }
ObjectWriter& ObjectWriter::value(std::string_view key, const json& value) { return begin(key), written_ += dump(value), *this; }

// By hand along the text: several are asked of every answer and of every row. What is rare is left to the library: escapes, what
// is no pointer, and indices that it throws at.
const json* find(const json& document, std::string_view pointer) {
    if (!pointer.empty() && (pointer.front() != '/' || pointer.find('~') != std::string_view::npos)) return find_parsed(document, pointer);
    const auto* value = &document;
    for (auto rest = pointer; !rest.empty();) {
        rest.remove_prefix(1);
        const auto token = rest.substr(0, rest.find('/'));
        rest.remove_prefix(token.size());
        if (value->is_object()) {
            const auto found = value->find(token);
            if (found == value->end()) return nullptr;
            value = &*found;
        } else if (value->is_array()) {
            if (token.empty() || token.size() > 18) return find_parsed(document, pointer);
            std::size_t index = 0;
            if (!is_index(token)) return nullptr;
            std::from_chars(token.data(), token.data() + token.size(), index);
            if (index >= value->size()) return nullptr;
            value = &(*value)[index];
        } else {
            return nullptr;
        }
    }
    return value;
}

template <class T>
Result<T> field(const json& document, std::string_view pointer) {
    const auto* value = find(document, pointer);
    if (!value) return Error{ErrorKind::provider, fmt::format("the answer has no {}", pointer)};
    if (!is<T>(*value))
        return Error{ErrorKind::provider, fmt::format("{} of the answer is a {}", pointer, value->type_name())};
    return value->get<T>();
}
template Result<std::string> field(const json&, std::string_view);
template Result<bool> field(const json&, std::string_view);
template Result<std::int64_t> field(const json&, std::string_view);
template Result<double> field(const json&, std::string_view);

std::string field_or(const json& document, std::string_view pointer, std::string_view fallback) {
    const auto* value = find(document, pointer);
    return value && value->is_string() ? value->get<std::string>() : std::string(fallback);
}

double number_or(const json& document, std::string_view pointer, double fallback) {
    const auto* value = find(document, pointer);
    if (!value) return fallback;
    if (value->is_number()) return value->get<double>();
    if (!value->is_string()) return fallback;
    const auto& text = value->get_ref<const std::string&>();
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return !text.empty() && *end == 0 && std::isfinite(number) ? number : fallback;
}

}  // namespace shotwire::core
