#include "cli/drift.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

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

void compare_values(const char* name, std::vector<std::string> ours, std::vector<std::string> theirs, std::vector<std::string>& drift) {
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

std::vector<Endpoint> endpoints(const catalog::ModelRoute& there) {
    std::vector<Endpoint> all;
    const auto add = [&](const std::string& id, json form) {
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

std::vector<std::string> listed_ids(const json& reply) {
    std::vector<std::string> ids;
    if (!reply.is_object()) return ids;
    for (const auto& [list, key] : {std::pair{"data", "id"}, std::pair{"models", "name"}}) {
        const auto found = reply.find(list);
        if (found == reply.end() || !found->is_array()) continue;
        for (const auto& one : *found) {
            auto id = core::field_or(one, std::string("/") + key, "");
            if (id.starts_with("models/")) id.erase(0, 7);
            if (!id.empty()) ids.push_back(std::move(id));
        }
    }
    return ids;
}

}  // namespace shotwire::cli
