#include "core/json.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
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

constexpr std::size_t begun = 240;  // bytes of an object or a list: shorter ones are rare

std::string dump_slowly(const json& value, int indent) { return value.dump(indent, ' ', false, json::error_handler_t::replace); }

// Characters that stand in quotes as they are.
constexpr auto plain = [] {
    std::array<bool, 256> is{};
    for (unsigned char c = ' '; c <= '~'; ++c) is[c] = c != '"' && c != '\\';
    return is;
}();

void append_quoted(std::string& out, std::string_view text) {
    const auto start = out.size();
    out += '"';
    for (const char *rest = text.data(), *const end = rest + text.size();;) {
        const auto* odd = std::find_if_not(rest, end, [](unsigned char c) { return plain[c]; });
        out.append(rest, std::size_t(odd - rest));
        if (odd == end) break;
        if (*odd != '"' && *odd != '\\') return out.resize(start), void(out += dump_slowly(text, -1));
        out += '\\';
        out += *odd;
        rest = odd + 1;
    }
    out += '"';
}

// By the library's own function, though it calls it a detail: fingerprints hang on its digits.
void append_number(std::string& out, double number) {
    if (!std::isfinite(number)) return void(out += "null");
    char digits[64];
    out.append(digits, nlohmann::detail::to_chars(digits, digits + sizeof digits, number));
}

// As nlohmann's serializer writes it, which sets itself up for each value and looks at texts byte by byte; what is rare is left to it.
void append(std::string& out, const json& value) {
    switch (value.type()) {
        case json::value_t::object:
            out += '{';
            for (const auto& [key, inner] : value.get_ref<const json::object_t&>()) {
                if (out.back() != '{') out += ',';  // no value ends in one
                append_quoted(out, key);
                out += ':';
                append(out, inner);
            }
            out += '}';
            break;
        case json::value_t::array:
            out += '[';
            for (const auto& inner : value) {
                if (out.back() != '[') out += ',';
                append(out, inner);
            }
            out += ']';
            break;
        case json::value_t::string: append_quoted(out, value.get_ref<const std::string&>()); break;
        case json::value_t::null: out += "null"; break;
        case json::value_t::boolean: out += value.get<bool>() ? "true" : "false"; break;
        case json::value_t::number_integer: out += std::to_string(value.get<std::int64_t>()); break;
        case json::value_t::number_unsigned: out += std::to_string(value.get<std::uint64_t>()); break;
        case json::value_t::number_float: append_number(out, value.get<double>()); break;
        default: out += dump_slowly(value, -1);
    }
}

}  // namespace

std::string dump(const json& value, int indent) {
    if (indent >= 0) return dump_slowly(value, indent);
    std::string text;
    if (value.is_structured()) text.reserve(begun);
    append(text, value);
    return text;
}

void ObjectWriter::begin(std::string_view key) {
    if (written_.size() > 1) written_ += ',';
    else written_.reserve(begun);
    quote(key);
    written_ += ':';
}

void ObjectWriter::quote(std::string_view text) { append_quoted(written_, text); }

ObjectWriter& ObjectWriter::text(std::string_view key, std::string_view value) { return begin(key), quote(value), *this; }
ObjectWriter& ObjectWriter::number(std::string_view key, std::int64_t value) { return begin(key), written_ += std::to_string(value), *this; }
ObjectWriter& ObjectWriter::flag(std::string_view key, bool value) { return begin(key), written_ += value ? "true" : "false", *this; }
ObjectWriter& ObjectWriter::written(std::string_view key, std::string_view value) { return begin(key), written_ += value, *this; }
ObjectWriter& ObjectWriter::value(std::string_view key, const json& value) { return begin(key), append(written_, value), *this; }

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
