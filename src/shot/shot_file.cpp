#include "shot/shot_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace shotwire::shot {
namespace {

struct Key {
    std::string_view name;
    std::string Shot::*text = nullptr;
    std::vector<std::string> Shot::*list = nullptr;
    bool path = false;
    std::string_view alias = {};
};
constexpr std::array<Key, 14> keys{{
    {"subject", &Shot::subject},
    {"action", &Shot::action},
    {"environment", &Shot::environment},
    {"lighting", &Shot::lighting},
    {"camera", nullptr, &Shot::camera},
    {"style", &Shot::style},
    {"sound", &Shot::sound},
    {"opening", &Shot::opening},
    {"ending", &Shot::ending},
    {"negative_prompt", &Shot::negative_prompt},
    {"prompt", &Shot::prompt},
    {"first_frame", &Shot::first_frame, nullptr, true, "image"},
    {"last_frame", &Shot::last_frame, nullptr, true},
    {"references", nullptr, &Shot::references, true, "reference"},
}};

std::string normal(std::string key) {
    std::replace(key.begin(), key.end(), '-', '_');
    return key;
}

std::string describe(const json& value) {
    if (value.is_boolean()) return value.get<bool>() ? "the boolean true" : "the boolean false";
    if (value.is_number()) return "the number " + value.dump();
    if (value.is_array()) return "a list";
    if (value.is_object()) return "a group of keys";
    return "empty";
}

Result<std::string> text_of(const json& value, std::string_view key, const std::string& name) {
    if (value.is_null()) return std::string();
    if (value.is_string()) return std::string(core::trim(value.get_ref<const std::string&>()));
    const bool quotable = value.is_number() || value.is_boolean();
    return Error{ErrorKind::usage,
                 fmt::format("{}: '{}' is {}, but takes text{}", name, key, describe(value), quotable ? "; put it in quotes" : "")};
}

std::string located(const std::string& path, const std::filesystem::path& folder) {
    const auto start = core::lower(path.substr(0, 8));
    const bool url = start.starts_with("http://") || start.starts_with("https://") || start.starts_with("gs://");
    if (path.empty() || url || folder.empty()) return path;
    return (folder / path).lexically_normal().string();  // an absolute path replaces the folder
}

Result<> fill(Shot& shot, const Key& key, const std::string& written, const json& value, const std::string& name,
              const std::filesystem::path& folder) {
    const auto take = [&](const json& one, const std::string& called) -> Result<std::string> {
        auto text = text_of(one, called, name);
        if (!text || !key.path) return text;
        return located(*text, folder);
    };
    if (key.text || !value.is_array()) {
        auto text = take(value, written);
        if (!text) return text.error();
        if (key.text)
            shot.*key.text = std::move(*text);
        else if (!text->empty())
            shot.*key.list = {std::move(*text)};
        return Ok{};
    }
    for (std::size_t i = 0; i < value.size(); ++i) {
        auto text = take(value[i], fmt::format("{}[{}]", written, i + 1));
        if (!text) return text.error();
        if (!text->empty()) (shot.*key.list).push_back(std::move(*text));
    }
    return Ok{};
}

}  // namespace

bool is_key(std::string_view written, std::string_view key) {
    return std::equal(written.begin(), written.end(), key.begin(), key.end(), [](char mine, char its) { return (mine == '-' ? '_' : mine) == its; });
}

const std::vector<std::string>& shot_keys() {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& key : keys) all.emplace_back(key.name);
        return all;
    }();
    return names;
}

Result<Shot> take_shot(json& document, const std::string& name, const std::filesystem::path& folder) {
    if (!document.is_object())
        return Error{ErrorKind::usage, fmt::format("{}: a shot is a group of keys, this is {}", name, describe(document))};
    Shot shot;
    for (const auto& key : keys) {
        auto found = document.end();
        for (auto one = document.begin(); one != document.end(); ++one) {
            if (!is_key(one.key(), key.name) && (key.alias.empty() || !is_key(one.key(), key.alias))) continue;
            if (found != document.end())
                return Error{ErrorKind::usage, fmt::format("{}: '{}' and '{}' are the same key; keep one", name, found.key(), one.key())};
            found = one;
        }
        if (found == document.end()) continue;
        if (auto filled = fill(shot, key, found.key(), *found, name, folder); !filled) return filled.error();
        document.erase(found);
    }
    return shot;
}

Result<> refuse_leftovers(const json& document, const std::string& name, const std::vector<std::string>& known) {
    std::vector<std::string> unknown;
    for (const auto& [key, value] : document.items()) {
        const auto nearest = core::nearest(normal(key), known);
        unknown.push_back(fmt::format("'{}'{}", core::printable(key), nearest ? fmt::format(" (did you mean '{}'?)", *nearest) : ""));
    }
    if (unknown.empty()) return Ok{};
    const bool all_near = std::all_of(unknown.begin(), unknown.end(), [](const std::string& one) { return one.ends_with("?)"); });
    return Error{ErrorKind::usage, fmt::format("{}: unknown key{} {}{}", name, unknown.size() == 1 ? "" : "s", core::join(unknown, ", "),
                                               all_near ? "" : "; known are " + core::join(known, ", "))};
}

Shot merge(Shot base, const Shot& over) {
    for (const auto& key : keys) {
        if (key.text && !(over.*key.text).empty()) base.*key.text = over.*key.text;
        if (key.list && !(over.*key.list).empty()) base.*key.list = over.*key.list;
    }
    return base;
}

std::string_view broken_key(const Shot& shot) {
    std::string_view first;
    for (const auto& key : keys) {
        const bool sound = key.text ? core::is_utf8(shot.*key.text) : std::all_of((shot.*key.list).begin(), (shot.*key.list).end(), core::is_utf8);
        if (!sound && (first.empty() || key.name < first)) first = key.name;
    }
    return first;
}

json to_json(const Shot& shot) {
    auto document = json::object();
    for (const auto& key : keys) {
        if (key.text && !(shot.*key.text).empty()) document[std::string(key.name)] = shot.*key.text;
        if (key.list && !(shot.*key.list).empty()) document[std::string(key.name)] = shot.*key.list;
    }
    return document;
}

Result<Shot> from_json(const json& document) {
    auto copy = document;
    return take_shot(copy, "shot");
}

}  // namespace shotwire::shot
