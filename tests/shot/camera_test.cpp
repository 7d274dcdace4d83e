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
    CHECK(ids("handheld, a boy stands and pulls out a knife") == Ids{"handheld"});
    CHECK(ids("handheld shot of a woman in a hat, tilting up her chin") == Ids{"handheld"});
    CHECK(ids("tracking shot, she stops, then pulls back") == Ids{"tracking_shot"});
}

TEST_CASE("what people call a move by another name is that move, and what leaves its way open is none") {
    const std::pair<const char*, const char*> meant[] = {
        {"pan up", "tilt_up"},          {"the camera pans slowly down", "tilt_down"}, {"tilt left", "pan_left"},           {"tilting to the right", "pan_right"},
        {"drone", "drone_flyover"},     {"180 degree orbit", "orbit_right"},          {"arc around him", "orbit_right"},   {"lateral tracking left", "truck_left"},
        {"gimbal follow", "steadicam"}, {"slider move to the right", "truck_right"},  {"camera follows", "tracking_shot"}, {"lateral tracking shot to the right", "truck_right"},
        {"moving forward", "dolly_in"}, {"moving backwards", "dolly_out"},            {"lateral tracking shot", "tracking_shot"}};
    for (const auto& [text, move] : meant) {
        CAPTURE(text);
        CHECK(ids(text) == Ids{move});
    }
    for (const auto text : {"pan", "tilt", "zoom", "crane", "boom", "panning shot", "her face tilted left", "a drone on a table", "the rainbow arcs around the hill", "Moving forward, she waves",
                            "a crowd moving forward", "he moves back"}) {
        CAPTURE(text);
        CHECK(ids(text).empty());
    }
    CHECK(ids("whip pan up") == Ids{"whip_pan"});
}

TEST_CASE("everyday words are no moves") {
    for (const auto text : {"a frying pan",
                            "a frying pan left on the stove",
                            "a pan on the stove",
                            "pans on the stove, tilted",
                            "a tilted hat",
                            "a man in a tilted hat, his face up",
                            "her hat tilted down over her eyes",
                            "a woman tilting up her chin",
                            "he sits down, pulling out a chair",
                            "a boy stands, then pulls out his phone",
                            "she pans for gold and tilts up the sieve",
                            "pulling out a chair, she sits down",
                            "two trucks left the yard",
                            "the truck, left on the hill",
                            "cranes over the harbour",
                            "a crowd pushing in",
                            "the children circle the tree",
                            "a whip in his hand",
                            "a zoom call on her laptop",
                            "a crane lifts a beam, a truck tracks mud",
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

TEST_CASE("every move is found in every form of its verb and at every place") {
    // The verb's forms and what follows it.
    struct Row {
        std::string id;
        std::vector<std::string> verbs;
        std::vector<std::string> rests;
    };
    const std::vector<Row> rows{
        {"dolly_in", {"dolly", "dollies", "dollying", "dollied"}, {"in", "slowly in", "forward", "closer", "towards her"}},
        {"dolly_out", {"dolly", "dollies", "dollying", "dollied"}, {"out", "back", "away"}},
        {"dolly_out", {"pull", "pulls", "pulling", "pulled"}, {"out", "back", "away"}},
        {"push_in", {"push", "pushes", "pushing", "pushed"}, {"in", "slowly in", "in on her face"}},
        {"pan_left", {"pan", "pans", "panning", "panned"}, {"left", "slowly to the left", "across the valley to the left", "from right to left"}},
        {"pan_right", {"pan", "pans", "panning", "panned"}, {"right", "slowly to the right", "across the valley to the right", "from left to right"}},
        {"tilt_up", {"tilt", "tilts", "tilting", "tilted"}, {"up", "slowly up", "upward", "upwards", "up to the sky"}},
        {"tilt_down", {"tilt", "tilts", "tilting", "tilted"}, {"down", "slowly down", "downward", "downwards", "down to the floor"}},
        {"truck_left", {"truck", "trucks", "trucking", "trucked"}, {"left", "slowly to the left"}},
        {"truck_right", {"truck", "trucks", "trucking", "trucked"}, {"right", "slowly to the right"}},
        {"truck_left", {"track", "tracks", "tracking", "tracked"}, {"left"}},
        {"truck_right", {"slide", "slides", "sliding", "slid"}, {"right"}},
        {"pedestal_up", {"pedestal", "pedestals", "pedestaling"}, {"up", "slowly up"}},
        {"pedestal_down", {"boom", "booms", "booming", "boomed"}, {"down"}},
        {"crane_up", {"crane", "cranes", "craning", "craned"}, {"up", "slowly up", "upward", "up over the roofs"}},
        {"crane_down", {"crane", "cranes", "craning", "craned"}, {"down", "slowly down", "downward"}},
        {"orbit_left", {"orbit", "orbits", "orbiting", "orbited"}, {"left", "slowly to the left", "around her to the left", "clockwise"}},
        {"orbit_right", {"orbit", "orbits", "orbiting", "orbited"}, {"right", "slowly to the right", "around her", "counterclockwise"}},
        {"orbit_left", {"circle", "circles", "circling", "circled"}, {"left"}},
        {"orbit_right", {"arc", "arcs", "arcing", "arced"}, {"right"}},
        {"tracking_shot", {"track", "tracks", "tracking", "tracked"}, {"alongside him", "with him"}},
        {"zoom_in", {"zoom", "zooms", "zooming", "zoomed"}, {"in", "slowly in", "in on her face", "closer"}},
        {"zoom_out", {"zoom", "zooms", "zooming", "zoomed"}, {"out", "slowly out", "back", "away"}},
        {"rack_focus", {"rack", "racks", "racking", "racked"}, {"focus", "focus to the door"}},
        {"whip_pan", {"whip pan", "whip-pans", "whip-panning", "whip-panned", "swish pan", "swish pans", "swish-panning"},
         {"", "left", "right", "to the left", "to the right", "quickly to the left"}},
        {"dolly_zoom", {"dolly zoom", "dolly zooms", "dolly-zooming", "dolly zoomed"}, {"", "in"}},
    };
    for (const auto& row : rows)
        for (const auto& verb : row.verbs)
            for (const auto& rest : row.rests) {
                const auto phrase = rest.empty() ? verb : verb + " " + rest;
                const auto says = [](const std::string& text, const Ids& wanted) {
                    CAPTURE(text);
                    CHECK(ids(text) == wanted);
                };
                says(phrase, {row.id});
                says("slowly " + phrase, {row.id});
                says("the camera " + phrase, {row.id});
                says("the camera slowly " + phrase, {row.id});
                says("a wide shot " + phrase, {row.id});
                says("a wide shot that " + phrase, {row.id});
                says("The street at dusk. Slowly " + phrase + ".", {row.id});
                says("POV, " + phrase, {"pov", row.id});
                says("POV, slowly " + phrase, {"pov", row.id});
                says("POV, then " + phrase, {"pov", row.id});
                says("POV then " + phrase, {"pov", row.id});
                says("POV and " + phrase, {"pov", row.id});
                says("POV while " + phrase, {"pov", row.id});
                says("POV while slowly " + phrase, {"pov", row.id});
                says("POV as it " + phrase, {"pov", row.id});
                says("POV before " + phrase, {"pov", row.id});
                says(phrase + ", POV", {row.id, "pov"});
                says(phrase + " and then POV", {row.id, "pov"});
            }
}

TEST_CASE("moves combine, each with the other") {
    CHECK(ids("zoom in while panning left") == Ids{"zoom_in", "pan_left"});
    CHECK(ids("pans left then tilts up") == Ids{"pan_left", "tilt_up"});
    CHECK(ids("pans left across the valley, then tilts up to the sky") == Ids{"pan_left", "tilt_up"});
    CHECK(ids("The camera cranes up, tilting down and pushing in") == Ids{"crane_up", "tilt_down", "push_in"});
    CHECK(ids("trucking right while slowly zooming out") == Ids{"truck_right", "zoom_out"});
    CHECK(ids("pans right and trucks to the left") == Ids{"pan_right", "truck_left"});
    CHECK(ids("the camera tracks left, then orbits clockwise") == Ids{"truck_left", "orbit_left"});
    CHECK(ids("push in as it tilts up the tower") == Ids{"push_in", "tilt_up"});
    CHECK(ids("then pull back") == Ids{"dolly_out"});  // goes on with another entry
    CHECK(ids("then slowly slide left") == Ids{"truck_left"});
    CHECK(ids("then she pulls back").empty());
    const std::vector<std::string> all{"dollies in", "pans left", "tilts up", "trucks right", "cranes down", "orbits left", "zooms out", "racks focus", "pulls back"};
    for (const auto& one : all)
        for (const auto& two : all) {
            const auto first = ids(one), second = ids(two);
            if (first == second) continue;
            for (const auto* joint : {", then ", " then ", " and ", ", ", " while it "}) {
                CAPTURE(one, joint, two);
                CHECK(ids(one + joint + two) == Ids{first[0], second[0]});
            }
        }
    CHECK(shot::combine({"zoom in while panning left"}).pan == Approx(-30));
    CHECK(shot::combine({"pans left then tilts up"}).tilt == Approx(22));
    CHECK(shot::combine({"whip pan to the left"}).pan == Approx(-80));
    CHECK(shot::combine({"swish pan to the right"}).pan == Approx(80));
    CHECK(shot::combine({"whip-pan to the right"}).whip);
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
