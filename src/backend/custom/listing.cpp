#include "backend/custom/listing.hpp"

#include <algorithm>

#include "catalog/measures.hpp"
#include "catalog/model.hpp"
#include "core/text.hpp"

namespace shotwire::backend::custom {
namespace {

constexpr std::int64_t usual_seeds = 4294967295;  // a list says that seeds are taken, not up to which

const json& told(const json& item, const std::string& pointer) {
    static const json nothing;
    if (pointer.empty()) return nothing;
    const json::json_pointer place(pointer);
    return item.contains(place) ? item.at(place) : nothing;
}

std::vector<std::string> words_of(const json& list) {
    std::vector<std::string> words;
    if (!list.is_array()) return words;
    for (const auto& one : list)
        if (one.is_string() && std::find(words.begin(), words.end(), one.get<std::string>()) == words.end()) words.push_back(one);
    return words;
}

}  // namespace

json listed_row(const Protocol::Listing& listing, const json& item) {
    json row = json::object();
    const auto& lengths = told(item, listing.seconds);
    for (const auto& one : lengths.is_array() ? lengths : json::array())
        if (one.is_number() && one > 0 && one <= 3600) row["seconds"]["list"].push_back(one);
    for (const auto& ratio : words_of(told(item, listing.ratios)))
        if (catalog::parse_ratio(ratio)) row["ratios"].push_back(ratio);
    for (const auto& resolution : words_of(told(item, listing.resolutions)))
        if (catalog::lines_of(resolution) > 0) row["resolutions"].push_back(core::lower(resolution));
    for (const auto& role : words_of(told(item, listing.images)))
        if (catalog::role_from(role)) row["images"][role] = {{"most", 1}, {"url", true}};
    const auto& audio = told(item, listing.audio);
    row["audio"] = !audio.is_boolean() ? "untold" : audio ? "optional" : "never";
    if (told(item, listing.seed) == true) row["seed"] = {{"most", usual_seeds}};
    return row;
}

}  // namespace shotwire::backend::custom
