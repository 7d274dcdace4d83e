#include <algorithm>
#include <catch2/catch.hpp>

#include "catalog/catalog.hpp"
#include "lint/lint.hpp"

using namespace shotwire;

namespace {

std::vector<lint::Finding> findings(const std::string& model, const Shot& shot, std::string_view rule) {
    auto all = lint::lint({shot, catalog::Catalog::built_in().find(model)});
    std::erase_if(all, [&](const auto& finding) { return finding.rule != rule; });
    return all;
}

Shot doing(const std::string& action) {
    Shot shot;
    shot.subject = "a fisherman";
    shot.action = action;
    return shot;
}

Shot of_words(int count) {
    Shot shot;
    for (int i = 0; i < count; ++i) shot.prompt += i % 9 == 8 ? "reeds. " : "grey ";
    return shot;
}

}  // namespace

TEST_CASE("for Veo and Gemini spoken words stand in quotes") {
    const std::string rule = "unquoted-dialogue";
    for (const auto* model : {"veo-3.1", "veo-3.1-fast", "gemini-omni-1.2-flash"}) {
        CAPTURE(model);
        const auto found = findings(model, doing("looks up and says: the tide is early today. Then he rows on"), rule);
        REQUIRE(found.size() == 1);
        CHECK(found[0].field == "action");
        REQUIRE(found[0].fixed);
        CHECK(found[0].fixed->action == "looks up and says: \"the tide is early today.\" Then he rows on");
        CHECK(findings(model, *found[0].fixed, rule).empty());
    }
    for (const auto* near_miss : {"says: \"the tide is early\"", "whispers: 'not today'", "says nothing",
                                  "ties three knots: one bowline, two hitches", "points at a sign that says 10:30"})
        CHECK(findings("veo-3.1", doing(near_miss), rule).empty());
    CHECK(findings("kling-3.0", doing("says: the tide is early"), rule).empty());
}

TEST_CASE("for Kling and others without a field for negatives they are said to become words") {
    auto shot = doing("rows");
    shot.negative_prompt = "people, text";
    for (const auto* model : {"kling-3.0", "seedance-2.0", "ltx-2.3-pro"}) {
        const auto found = findings(model, shot, "no-negative-field");
        REQUIRE(found.size() == 1);
        CHECK(found[0].field == "negative_prompt");
        CHECK(found[0].message.find("'people, text' becomes words") != std::string::npos);
    }
    CHECK(findings("veo-3.1", shot, "no-negative-field").empty());
    CHECK(findings("wan-2.7", shot, "no-negative-field").empty());
    CHECK(findings("kling-3.0", doing("rows"), "no-negative-field").empty());
}

TEST_CASE("beyond the words that a model's guide advises the prompt is too long") {
    REQUIRE(findings("seedance-2.0", of_words(1001), "too-many-words").size() == 1);
    CHECK(findings("seedance-2.0", of_words(1001), "too-many-words")[0].message.find("at most 1000 are advised") != std::string::npos);
    CHECK(findings("seedance-2.0", of_words(999), "too-many-words").empty());
    CHECK(findings("ltx-2.3-pro", of_words(230), "too-many-words").size() == 1);
    CHECK(findings("ltx-2.3-pro", of_words(190), "too-many-words").empty());
    CHECK(findings("kling-3.0", of_words(1001), "too-many-words").empty());
}

TEST_CASE("beyond the characters that a model's guide advises the prompt is too long") {
    const auto chinese = [](int count) {
        Shot shot;
        for (int i = 0; i < count; ++i) shot.prompt += "\xE9\xB9\xAD";  // a heron
        return shot;
    };
    REQUIRE(findings("seedance-2.0", chinese(501), "too-many-characters").size() == 1);
    CHECK(findings("seedance-2.5", chinese(501), "too-many-characters")[0].message.find("at most 500 are advised") != std::string::npos);
    CHECK(findings("seedance-2.0", chinese(500), "too-many-characters").empty());
    CHECK(findings("seedance-2.0", of_words(600), "too-many-characters").empty());
    REQUIRE(findings("kling-3.0", of_words(502), "too-many-characters").size() == 1);
    CHECK(findings("kling-3.0-omni", of_words(502), "too-many-characters")[0].message.find("at most 2500 are advised") != std::string::npos);
    CHECK(findings("kling-3.0", of_words(400), "too-many-characters").empty());
    CHECK(findings("wan-2.7", of_words(502), "too-many-characters").empty());
}

TEST_CASE("for LTX the shot is told in the present tense") {
    const auto found = findings("ltx-2.3-pro", doing("pulls the net in; then he turned to the shore"), "not-present-tense");
    REQUIRE(found.size() == 1);
    CHECK(found[0].message.find("'he turned'") != std::string::npos);
    for (const auto* near_miss : {"pulls the net in; then he turns to the shore", "rows as if he were late",
                                  "stands by a boat that the storm turned over", "speaks: \"we had it all\""})
        CHECK(findings("ltx-2.3-pro", doing(near_miss), "not-present-tense").empty());
    CHECK(findings("kling-3.0", doing("rows; he turned to the shore"), "not-present-tense").empty());
}
