#include "catalog/fields.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::catalog {
namespace {

const json no_object = json::object();
const std::vector<json> no_objects;

std::string shown(const json& value) {
    auto text = core::printable(core::dump(value));
    return text.size() > 60 ? text.substr(0, 57) + "..." : text;
}

bool is_whole(const json& value) {
    return value.is_number_unsigned() ? value.get<std::uint64_t>() <= INT64_MAX : value.is_number_integer();
}

}  // namespace

Fields::Fields(const json& object, std::string where) : Fields(object, no_object, std::move(where)) {}

Fields::Fields(const json& over, const json& under, std::string where) : object_(over.is_object() ? over : no_object), under_(under), where_(std::move(where)) {
    known_.reserve(32);
    if (!over.is_object()) say(fmt::format("{} is {}, not an object", where_, shown(over)));
}

Fields::Fields(Fields& whole, const std::string& key) : Fields(whole, key, whole.object(key)) {}

Fields::Fields(const Fields& whole, const std::string& key, const json& object) : object_(object), under_(no_object), whole_(&whole), where_(key) {}

std::string Fields::where() const { return whole_ ? whole_->where() + ", " + where_ : where_; }

const json* Fields::find(const std::string& key) {
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) known_.push_back(key);
    if (const auto found = object_.find(key); found != object_.end()) return under_.empty() || !found->is_null() ? &*found : nullptr;
    const auto found = under_.find(key);
    return found == under_.end() ? nullptr : &*found;
}

bool Fields::has(const std::string& key) { return find(key) != nullptr; }

void Fields::require(const std::string& key) {
    if (!has(key)) say(fmt::format("{} has no \"{}\"", where(), key));
}

void Fields::say(std::string error) {
    if (error_.empty()) error_ = std::move(error);
}

void Fields::fail(const std::string& key, const std::string& allowed) {
    const auto* value = find(key);
    say(fmt::format("{}: \"{}\" is {}; allowed: {}", where(), key, value ? shown(*value) : "missing", allowed));
}

void Fields::take(const Fields& part) { say(part.error()); }

std::string Fields::text(const std::string& key, const std::string& fallback) {
    const auto* value = find(key);
    if (!value) return fallback;
    if (value->is_string()) return value->get<std::string>();
    fail(key, "text");
    return fallback;
}

std::string Fields::one_of(const std::string& key, const std::vector<std::string>& allowed, const std::string& fallback) {
    const auto word = text(key, fallback);
    if (has(key) && std::find(allowed.begin(), allowed.end(), word) == allowed.end()) fail(key, core::join(allowed, ", "));
    return word;
}

std::vector<std::string> Fields::texts(const std::string& key) {
    const auto* value = find(key);
    if (!value) return {};
    const bool good = value->is_array() && std::all_of(value->begin(), value->end(), [](const json& one) { return one.is_string(); });
    if (good) return value->get<std::vector<std::string>>();
    fail(key, "a list of texts");
    return {};
}

bool Fields::flag(const std::string& key, bool fallback) { return flag(key).value_or(fallback); }

std::optional<bool> Fields::flag(const std::string& key) {
    const auto* value = find(key);
    if (!value) return {};
    if (value->is_boolean()) return value->get<bool>();
    fail(key, "true, false");
    return {};
}

double Fields::number(const std::string& key, double least, double most, double fallback) {
    const auto* value = find(key);
    if (!value) return fallback;
    if (value->is_number() && value->get<double>() >= least && value->get<double>() <= most) return value->get<double>();
    fail(key, fmt::format("a number from {} to {}", core::print_number(least), core::print_number(most)));
    return fallback;
}

std::int64_t Fields::whole(const std::string& key, std::int64_t least, std::int64_t most, std::int64_t fallback) {
    const auto* value = find(key);
    if (!value) return fallback;
    if (is_whole(*value) && value->get<std::int64_t>() >= least && value->get<std::int64_t>() <= most) return value->get<std::int64_t>();
    fail(key, fmt::format("a whole number from {} to {}", least, most));
    return fallback;
}

std::vector<double> Fields::numbers(const std::string& key) {
    const auto* value = find(key);
    if (!value) return {};
    const bool good = value->is_array() && std::all_of(value->begin(), value->end(), [](const json& one) {
                          return one.is_number() && one.get<double>() > 0 && one.get<double>() <= 86400;
                      });
    if (good) return value->get<std::vector<double>>();
    fail(key, "a list of numbers above 0");
    return {};
}

const json& Fields::object(const std::string& key) {
    const auto* value = find(key);
    if (!value) return no_object;
    if (value->is_object()) return *value;
    fail(key, "an object");
    return no_object;
}

const std::vector<json>& Fields::objects(const std::string& key) {
    const auto* value = find(key);
    if (!value) return no_objects;
    if (value->is_array() && std::all_of(value->begin(), value->end(), [](const json& one) { return one.is_object(); }))
        return value->get_ref<const json::array_t&>();
    fail(key, "a list of objects");
    return no_objects;
}

const std::vector<json>* Fields::list(const std::string& key) {
    const auto* value = find(key);
    if (!value) return nullptr;
    if (value->is_array()) return &value->get_ref<const json::array_t&>();
    fail(key, "a list");
    return nullptr;
}

std::string Fields::error() const {
    if (!error_.empty()) return error_;
    for (const auto* object : {&object_, &under_})
        for (const auto& [key, value] : object->items()) {
            if (value.is_null() && !under_.empty()) continue;  // taken away, whatever it was
            if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
            const auto meant = core::nearest(key, known_);
            return fmt::format("{} has the unknown key \"{}\"; {}", where(), core::printable(key),
                               meant ? fmt::format("did you mean \"{}\"?", *meant) : "known are " + core::join(known_, ", "));
        }
    return {};
}

}  // namespace shotwire::catalog
