#include "cli/drift.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "catalog/catalog.hpp"
#include "catalog/measures.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

// Of a part of a form: the field's name; empty where nothing is sent.
std::string field_of(const json& form, const std::string& part) {
    const auto found = form.find(part);
    if (found == form.end() || found->is_null()) return {};
    return found->is_string() ? found->get<std::string>() : core::field_or(*found, "/name", "");
}

std::string type_of(const json& form, const std::string& part) {
    const auto found = form.find(part);
    return found == form.end() || !found->is_object() ? "" : core::field_or(*found, "/as", "");
}

void compare_fields(const json& ours, const json& theirs, std::vector<std::string>& drift) {
    for (const auto& [part, unused] : ours.items()) {
        if (part == "fixed") continue;
        const auto mine = field_of(ours, part), published = field_of(theirs, part);
        if (mine.empty() || mine == published) {
            const bool same = mine.empty() || type_of(ours, part) == type_of(theirs, part) || part != "seconds";
            if (!same)
                drift.push_back(
                    fmt::format("{} is {} now", mine, type_of(theirs, part).empty() ? "a number" : "a " + type_of(theirs, part)));
            continue;
        }
        drift.push_back(published.empty() ? fmt::format("there is no field {} ({})", mine, part)
                                          : fmt::format("the field {} ({}) is called {}", mine, part, published));
    }
    for (const auto& [part, unused] : theirs.items())
        if (part != "fixed" && field_of(ours, part).empty() && !field_of(theirs, part).empty())
            drift.push_back(fmt::format("it takes {} too, as {}", part, field_of(theirs, part)));
}

void compare_values(const char* name, const std::vector<std::string>& ours, const std::vector<std::string>& theirs, std::vector<std::string>& drift) {
    if (ours.empty() || theirs.empty()) return;
    const auto missing = [](const auto& from, const auto& in) {
        std::vector<std::string> left;
        for (const auto& one : from)
            if (std::none_of(in.begin(), in.end(), [&](const auto& other) { return core::equal_fold(one, other); })) left.push_back(one);
        return left;
    };
    if (const auto gone = missing(ours, theirs); !gone.empty())
        drift.push_back(fmt::format("{} {}: no longer there", name, core::join(gone, ", ")));
    if (const auto fresh = missing(theirs, ours); !fresh.empty()) drift.push_back(fmt::format("{} {}: new", name, core::join(fresh, ", ")));
}

std::vector<std::string> texts(const json& row, const char* key) {
    std::vector<std::string> all;
    if (const auto found = row.find(key); found != row.end() && found->is_array())
        for (const auto& one : *found)
            if (one.is_string()) all.push_back(one.get<std::string>());
    return all;
}

// 2160p and 4k are the same.
std::vector<std::string> in_lines(const std::vector<std::string>& resolutions) {
    std::vector<std::string> all;
    for (const auto& one : resolutions) all.push_back(std::to_string(catalog::lines_of(one)) + "p");
    return all;
}

std::vector<std::string> lengths_in(const json& row) {
    std::vector<std::string> all;
    const auto seconds = row.value("seconds", json::object());
    if (seconds.contains("list"))
        for (const auto& one : seconds["list"]) all.push_back(core::print_number(one.is_number() ? one.get<double>() : 0));
    return all;
}

void compare_lengths(const catalog::Model& row, const json& published, std::vector<std::string>& drift) {
    const auto theirs = lengths_in(published);
    if (!theirs.empty() && !row.lengths.list.empty()) {
        std::vector<std::string> ours;
        for (const double one : row.lengths.list) ours.push_back(core::print_number(one));
        return compare_values("seconds", ours, theirs, drift);
    }
    const double least = core::number_or(published, "/seconds/least", 0), most = core::number_or(published, "/seconds/most", 0);
    if (most > 0 && row.lengths.list.empty() && row.lengths.known() && (least != row.lengths.least || most != row.lengths.most))
        drift.push_back(
            fmt::format("seconds are {} to {}, not {}", core::print_number(least), core::print_number(most), row.lengths.print()));
}

}  // namespace

std::vector<Endpoint> endpoints(const catalog::ModelRoute& there, const std::map<std::string, std::string>& settings) {
    std::vector<Endpoint> all;
    const auto add = [&](const std::string& pattern, json form) {
        const auto id = catalog::with_values(pattern, settings);
        const bool known = std::any_of(all.begin(), all.end(), [&](const Endpoint& one) { return one.id == id; });
        if (!known && id.find('{') == std::string::npos) all.push_back({id, std::move(form)});
    };
    // A form may hold parts of pictures that only its variants send.
    auto plain = there.form;
    bool for_pictures = false;
    for (const auto& variant : there.variants) for_pictures = for_pictures || (variant.when.contains("image") && variant.id != there.id);
    if (for_pictures)
        for (const char* part : {"first_frame", "last_frame", "reference"}) plain.erase(part);
    add(there.id, std::move(plain));
    for (const auto& variant : there.variants) {
        auto form = there.form;
        form.update(variant.form);
        if (for_pictures && !variant.when.contains("image"))
            for (const char* part : {"first_frame", "last_frame", "reference"}) form.erase(part);
        add(variant.id, std::move(form));
    }
    return all;
}

std::vector<std::string> compare(const catalog::Model& row, const json& form, const json& published) {
    std::vector<std::string> drift;
    const auto routes = published.value("routes", json::array());
    const auto theirs = routes.empty() ? json::object() : routes[0].value("form", json::object());
    auto ours = form;
    // A picture sets the ratio there: the field is not missed.
    if (ours.contains("first_frame") && field_of(theirs, "ratio").empty()) ours.erase("ratio");
    compare_fields(ours, theirs, drift);
    compare_lengths(row, published, drift);
    if (!field_of(form, "ratio").empty() && !field_of(theirs, "ratio").empty())
        compare_values("ratios", row.ratios, texts(published, "ratios"), drift);
    if (!field_of(form, "resolution").empty() && !field_of(theirs, "resolution").empty())
        compare_values("resolutions", in_lines(row.resolutions), in_lines(texts(published, "resolutions")), drift);
    return drift;
}

std::vector<std::string> compare(const catalog::Model& row, const json& listed) {
    std::vector<std::string> drift;
    const auto seconds = lengths_in(listed);
    if (!row.lengths.list.empty()) {
        compare_lengths(row, listed, drift);
    } else if (row.lengths.known() && !seconds.empty()) {
        // A range, of which the list names each length.
        std::vector<std::string> fresh;
        bool least = false, most = false;
        for (const auto& one : listed["seconds"]["list"]) {
            const double length = one;
            if (!row.lengths.allows(length)) fresh.push_back(core::print_number(length));
            least = least || length == row.lengths.least;
            most = most || length == row.lengths.most;
        }
        if (!least || !most) drift.push_back(fmt::format("seconds are {}, not {}", core::join(seconds, ", "), row.lengths.print()));
        else if (!fresh.empty()) drift.push_back(fmt::format("seconds {}: new", core::join(fresh, ", ")));
    }
    compare_values("ratios", row.ratios, texts(listed, "ratios"), drift);
    compare_values("resolutions", in_lines(row.resolutions), in_lines(texts(listed, "resolutions")), drift);
    if (listed.contains("images")) {
        std::vector<std::string> ours, theirs;
        for (const auto role : {ImageRole::first_frame, ImageRole::last_frame})
            if (const auto limits = row.images.find(role); limits != row.images.end() && limits->second.most > 0) ours.emplace_back(catalog::to_string(role));
        for (const auto& [role, unused] : listed["images"].items()) theirs.push_back(role);
        compare_values("images", ours, theirs, drift);
    }
    const auto audio = core::field_or(listed, "/audio", "untold");
    if (audio == "optional" && row.audio == catalog::Audio::never) drift.push_back("it can make sound");
    if (audio == "never" && row.audio != catalog::Audio::never && row.audio != catalog::Audio::untold) drift.push_back("it makes no sound");
    if (row.most_seed && listed.contains("audio") && !listed.contains("seed")) drift.push_back("it is not said to take a seed");
    return drift;
}

}  // namespace shotwire::cli
