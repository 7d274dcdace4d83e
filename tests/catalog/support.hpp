#pragma once
#include <catch2/catch.hpp>
#include <string>

#include "catalog/catalog.hpp"
#include "catalog/plan.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

namespace catalog_test {
using namespace shotwire;
using catalog::Catalog;
using catalog::Plan;
using catalog::Problem;
using catalog::Wishes;
using Problems = std::vector<Problem>;

inline const core::Wall today = *core::parse_iso_time("2026-11-22");

// The compiled catalogue with one file over it.
inline Result<Catalog> with_file(const std::string& text, const std::string& name = "mine.json") {
    core::TemporaryFolder folder;
    REQUIRE(core::write_file(folder.path() / name, text, core::Existing::keep));
    return Catalog::load(folder.path());
}

// The compiled catalogue, and a row with what no real model has.
inline const Catalog& others() {
    static const Catalog catalog = *with_file(R"({"models": [{
        "id": "silent", "routes": [{"route": "ark", "id": "silent"}], "seconds": {"list": [6, 10]}, "ratios": ["16:9"],
        "resolutions": ["768p", "1080p"], "default": {"resolution": "1080p"},
        "rules": [{"when": {"resolution": ["1080p"]}, "only": {"seconds": ["6"]}, "why": "its maker's limit"}],
        "images": {"reference": {"most": 2, "file": false, "url": true}},
        "price": {"rates": [{"image": true, "per_second": 0.2}, {"seconds": 10, "per_clip": 0.56}, {"per_second": 0.084}]}}]})");
    return catalog;
}

inline Shot a_shot() {
    Shot shot;
    shot.subject = "a paper boat";
    shot.action = "crosses a puddle";
    return shot;
}

inline Image picture(ImageRole role, Size pixels, std::string type = "image/png") {
    return {role, "picture.png", std::move(type), std::string(64, 'a'), pixels, std::make_shared<const std::string>("bytes")};
}
inline Image at_url(ImageRole role) { return {role, "https://example.com/a.png", "", "", {}, nullptr}; }

inline Plan planned(const Catalog& catalog, const Wishes& wishes, std::vector<Image> images = {}, const Shot& shot = a_shot()) {
    auto made = catalog::plan(catalog, shot, wishes, std::move(images), today);
    if (auto* problems = std::get_if<Problems>(&made)) FAIL(problems->front().message);
    return std::get<Plan>(std::move(made));
}

inline Problems refused(const Catalog& catalog, const Wishes& wishes, std::vector<Image> images = {}, const Shot& shot = a_shot()) {
    auto made = catalog::plan(catalog, shot, wishes, std::move(images), today);
    REQUIRE(std::holds_alternative<Problems>(made));
    return std::get<Problems>(std::move(made));
}

// The one problem there is.
inline Problem refusal(const Catalog& catalog, const Wishes& wishes, std::vector<Image> images = {}, const Shot& shot = a_shot()) {
    const auto problems = refused(catalog, wishes, std::move(images), shot);
    for (const auto& problem : problems) UNSCOPED_INFO(problem.message);
    REQUIRE(problems.size() == 1);
    return problems.front();
}

inline bool says(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

// The same catalogue with a route moved to a host of the user's own, somewhere or in their network.
enum class Place { abroad, at_home };
inline Catalog moved(Catalog catalog, const std::string& route, Place place = Place::abroad) {
    auto there = *catalog.find_route(route);
    there.base_url = "https://gateway.example/v1";
    there.moved = true;
    there.at_home = place == Place::at_home;
    catalog.add_route(there);
    return catalog;
}

// What is wished of a clip, where only the model and its route count.
inline Wishes of(const std::string& model, const std::string& via = {}) {
    Wishes wishes;
    wishes.model = model;
    wishes.via = via;
    return wishes;
}

}  // namespace catalog_test
