#include "batch/keys.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>

#include "catalog/plan.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::batch {
json opposite(const json& value) {
    if (value.is_boolean()) return !value.get<bool>();
    const auto word = value.is_string() ? core::lower(value.get<std::string>()) : core::dump(value);
    for (const auto& [yes, no] : {std::pair{"true", "false"}, std::pair{"yes", "no"}, std::pair{"on", "off"}, std::pair{"1", "0"}}) {
        if (word == yes) return no;
        if (word == no) return yes;
    }
    return value;
}

std::string plain(std::string key) {
    while (key.starts_with('-')) key.erase(0, 1);
    std::replace(key.begin(), key.end(), '-', '_');
    static const std::map<std::string, std::string> others{{"ar", "aspect_ratio"}, {"seconds", "duration"}, {"image", "first_frame"}, {"reference", "references"},
                                                           {"param", "params"},    {"n", "takes"},          {"s", "subject"},         {"a", "action"},
                                                           {"e", "environment"},   {"l", "lighting"},       {"c", "camera"},          {"m", "model"},
                                                           {"d", "duration"},      {"o", "output"}};
    const auto found = others.find(key);
    return found == others.end() ? key : found->second;
}

std::optional<std::pair<std::string, std::string>> given_twice(const json& keys) {
    std::map<std::string, std::string> first;
    for (const auto& [key, value] : keys.items()) {
        const auto name = plain(key);
        const auto [one, fresh] = first.emplace(name == "no_audio" ? "audio" : name, key);
        if (!fresh) return std::pair(name, fmt::format("{} and {} are one key; give one of them", core::printable(one->second), core::printable(key)));
    }
    return {};
}

json with_plain_keys(json& keys) {
    json out = json::object();
    for (auto one = keys.begin(); one != keys.end(); ++one) {
        auto name = plain(one.key());
        if (name == "no_audio") out["audio"] = opposite(*one);
        else out[std::move(name)] = std::move(*one);
    }
    return out;
}

const std::vector<std::string>& row_keys() {
    static const std::vector<std::string> all = [] {
        std::vector<std::string> keys{"id", "shot"};
        for (const auto* more : {&shot::shot_keys(), &catalog::wish_keys()}) keys.insert(keys.end(), more->begin(), more->end());
        keys.insert(keys.end(), {"output", "takes", "matrix"});
        return keys;
    }();
    return all;
}

std::optional<std::string> unknown_key(const std::string& plain_key) {
    const auto& known = row_keys();
    if (plain_key == "no_audio" || std::find(known.begin(), known.end(), plain_key) != known.end()) return {};
    json one = json::object();
    one[plain_key] = nullptr;
    return shot::refuse_leftovers(one, "", known).error().message.substr(2);  // behind the name of no file
}

std::string said_elsewhere(const std::string& key) {
    if (key != "base_url") return {};
    return "base_url sends orders and keys to another host, which no batch file may do, since such files come with a checkout: give it on the command line (--base-url URL), once for the batch, or in your own configuration";
}

}  // namespace shotwire::batch
