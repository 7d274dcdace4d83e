#include "shot/camera.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

namespace shot = shotwire::shot;

namespace {

std::vector<std::string> ids(std::string_view text) {
    std::vector<std::string> found;
    for (const auto& match : shot::find_moves(text)) found.emplace_back(match.move->id);
    return found;
}
using Ids = std::vector<std::string>;

const shot::Move& move(std::string_view id) {
    for (const auto& one : shot::vocabulary())
        if (one.id == id) return one;
    throw std::out_of_range(std::string(id));
}

}  // namespace

TEST_CASE("the vocabulary has every move of the handbook, each with words of its own") {
    std::set<std::string_view> seen, words;
    for (const auto& one : shot::vocabulary()) {
        CAPTURE(one.id);
        CHECK(seen.insert(one.id).second);
        CHECK(words.insert(one.words).second);
        CHECK_FALSE(one.words.empty());
        CHECK(one.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    }
    for (const auto name : {"slow dolly in",     "dolly out",        "push in",       "pan left",      "pan right",     "tilt up",
                            "tilt down",         "truck left",       "truck right",   "pedestal up",   "pedestal down", "crane up",
                            "crane down",        "orbit left",       "orbit right",   "tracking shot", "handheld",      "steadicam",
                            "aerial descending", "aerial ascending", "drone flyover", "zoom in",       "zoom out",      "rack focus",
                            "whip pan",          "dolly zoom",       "POV",           "static"}) {
        CAPTURE(name);
        const auto found = shot::find_moves(name);
        REQUIRE(found.size() == 1);
        CHECK(found[0].move->name == name);
    }
    CHECK(seen.size() == 28);
}

TEST_CASE("every id, name and synonym finds its own move and no other") {
    for (const auto& one : shot::vocabulary()) {
        auto names = one.synonyms;
        names.push_back(one.id);
        names.push_back(one.name);
        for (auto name : names) {
            std::string text(name.substr(name.starts_with('=') ? 1 : 0));
            std::erase(text, '*');
            CAPTURE(one.id, text);
            CHECK(ids(text) == Ids{std::string(one.id)});
        }
    }
}

TEST_CASE("what one move excludes excludes it") {
    for (const auto& one : shot::vocabulary())
        for (const auto other : one.excludes) {
            CAPTURE(one.id, other);
            const auto& back = move(other).excludes;
            CHECK(std::find(back.begin(), back.end(), one.id) != back.end());
        }
}

TEST_CASE("moves are found in any writing and in the order in which they stand") {
    CHECK(ids("handheld tracking shot at shoulder height") == Ids{"handheld", "tracking_shot"});
    CHECK(ids("Hand-held TRACKING-shot") == Ids{"handheld", "tracking_shot"});
    CHECK(ids("dolly_in") == Ids{"dolly_in"});
    CHECK(ids("the camera pans slowly to the left and tilts up") == Ids{"pan_left", "tilt_up"});
    CHECK(ids("panning right, then zooming in") == Ids{"pan_right", "zoom_in"});
    CHECK(ids("the camera dollies in while zooming out") == Ids{"dolly_in", "zoom_out"});
    CHECK(ids("bird\u2019s-eye view, slowly descending") == Ids{"aerial_descending"});
    CHECK(ids("bird's-eye view slowly descending over the roofs") == Ids{"aerial_descending"});
    CHECK(ids("the camera orbits around her to the left") == Ids{"orbit_left"});
    CHECK(ids("a slow push-in on her face") == Ids{"push_in"});
    CHECK(ids("The camera slowly pulls back to reveal the valley") == Ids{"dolly_out"});
    CHECK(ids("drone shot descending on the harbour") == Ids{"aerial_descending"});
    CHECK(ids("dolly zoom in") == Ids{"dolly_zoom"});
    CHECK(ids("locked-off wide shot") == Ids{"static"});
    CHECK(ids("static wide shot, rack focus") == Ids{"static", "rack_focus"});
    CHECK(ids("tripod").size() == 1);
    CHECK(ids("handheld camera tracks beside him") == Ids{"handheld", "tracking_shot"});
    CHECK(ids("pan left, pan left again") == Ids{"pan_left"});
}

TEST_CASE("everyday words are no moves") {
    for (const auto text : {"a frying pan",
                            "a frying pan left on the stove",
                            "company left",
                            "pan",
                            "slow pan across the valley",
                            "spanning leftover",
                            "a truck left the yard",
                            "the truck right behind her",
                            "she pulls out a knife",
                            "he sits down, pulls out a chair",
                            "tire tracks in the snow",
                            "TV static on the screen",
                            "static electricity",
                            "a static figure at the window",
                            "a handheld torch",
                            "the first person to arrive",
                            "a moth circles around the lamp",
                            "she tilts her head",
                            "a crane on a building site",
                            "an orbiting station",
                            "she zooms in on her phone",
                            "a dolly in the corner",
                            "expandleft",
                            "an aerial acrobat",
                            "no zoom in"}) {
        CAPTURE(text);
        CHECK(ids(text).empty());
    }
}

TEST_CASE("a match says which bytes it stands on") {
    const std::string text = "caf\u00e9 at dusk, slow dolly-in";
    const auto found = shot::find_moves(text);
    REQUIRE(found.size() == 1);
    CHECK(text.substr(found[0].begin, found[0].end - found[0].begin) == "slow dolly-in");
}

TEST_CASE("motions have the signs that the header promises") {
    CHECK(shot::combine({"dolly in"}).dolly >= 0.35);
    CHECK(shot::combine({"dolly in"}).dolly <= 0.5);
    CHECK(shot::combine({"dolly out"}).dolly < 0);
    CHECK(shot::combine({"pan left"}).pan <= -25);
    CHECK(shot::combine({"pan right"}).pan >= 25);
    CHECK(shot::combine({"tilt up"}).tilt > 0);
    CHECK(shot::combine({"truck left"}).truck == Approx(-0.5));
    CHECK(shot::combine({"pedestal down"}).pedestal < 0);
    CHECK(shot::combine({"orbit right"}).orbit > 0);
    CHECK(shot::combine({"zoom in"}).zoom == Approx(1.6));
    CHECK(shot::combine({"zoom out"}).zoom < 1);
    CHECK(shot::combine({"rack focus"}).focus == 1);
    CHECK(shot::combine({"POV"}).first_person);
    CHECK(shot::combine({"aerial descending"}).pitch < 0);
    const auto vertigo = shot::combine({"dolly zoom"});
    CHECK(vertigo.dolly > 0);
    CHECK(vertigo.zoom == Approx(1 - vertigo.dolly));
    CHECK(shot::combine({"static"}).dolly == 0);
}

TEST_CASE("moves add up and speed words scale them") {
    const auto motion = shot::combine({"handheld tracking shot at shoulder height", "pan left"});
    CHECK(motion.shake > 0);
    CHECK(motion.follow);
    CHECK(motion.pan == Approx(-30));
    CHECK(shot::combine({"pan left", "pan left"}).pan == Approx(-30));
    CHECK(shot::combine({"slow pan left"}).pan == Approx(-25.5));
    CHECK(shot::combine({"pan left quickly"}).pan == Approx(-39));
    CHECK(shot::combine({"slow pan left, zoom in"}).zoom == Approx(1.6));
    CHECK(shot::combine({"push in", "dolly in", "track forward"}).dolly <= 0.7);
    CHECK(shot::combine({"whip pan left"}).pan < 0);
    CHECK(shot::combine({"whip pan"}).whip);
    CHECK(shot::combine({"low angle"}).pitch > 0);
    CHECK(shot::combine({"a dog barks"}).pan == 0);
}
