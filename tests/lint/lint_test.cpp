#include "lint/lint.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "catalog/catalog.hpp"
#include "core/files.hpp"
#include "shot/shot_file.hpp"
#include "support/places.hpp"

namespace lint = shotwire::lint;
using shotwire::Shot;
using shotwire::catalog::Model;

namespace {

Model with_negative_field() {
    Model model;
    model.id = "fake-1";
    model.prompt.negative_field = true;
    model.prompt.limit = 600;
    return model;
}

// A shot that no rule objects to, to be spoilt in one place.
Shot sound_shot() {
    Shot shot;
    shot.subject = "a woman in a red wool coat";
    shot.action = "walks slowly through the rain";
    shot.environment = "a cobblestone street in a European city";
    shot.lighting = "amber lamplight, neon reflections in puddles";
    shot.camera = {"handheld tracking shot at shoulder height"};
    return shot;
}

std::vector<lint::Finding> findings(const Shot& shot, double seconds = 6, std::optional<bool> audio = {}) {
    static const auto model = with_negative_field();
    return lint::lint({shot, &model, seconds, audio});
}
bool reports(const Shot& shot, std::string_view rule, double seconds = 6, std::optional<bool> audio = {}) {
    const auto all = findings(shot, seconds, audio);
    return std::any_of(all.begin(), all.end(), [&](const lint::Finding& one) { return one.rule == rule; });
}
Shot fixed(const Shot& shot) {
    static const auto model = with_negative_field();
    return lint::fix({shot, &model, 6});
}

// A text in one field of the sound shot, and whether the rule must speak.
struct Case {
    std::string_view rule;
    bool hit;
    std::string field;
    std::string text;
    double seconds = 6;
    std::optional<bool> audio = {};
};
const std::vector<Case>& cases() {
    static const std::vector<Case> all{
        {"missing-part", true, "subject", ""},
        {"missing-part", true, "lighting", ""},
        {"missing-part", true, "camera", ""},
        {"missing-part", false, "style", ""},

        {"vague-words", true, "style", "cinematic"},
        {"vague-words", true, "subject", "a beautiful woman"},
        {"vague-words", true, "prompt", "Interesting footage of a harbour."},
        {"vague-words", true, "style", "high-quality film"},
        {"vague-words", false, "environment", "the promenade in Nice"},
        {"vague-words", false, "lighting", "cool blue light from the window"},
        {"vague-words", false, "action", "says \"beautiful\" and walks slowly on"},
        {"vague-words", false, "subject", "a reader of an epic poem"},
        {"vague-words", false, "subject", "a beautician"},

        {"flat-light", true, "lighting", "daytime"},
        {"flat-light", true, "lighting", "at night."},
        {"flat-light", true, "lighting", "natural light"},
        {"flat-light", false, "lighting", "moonlit night"},
        {"flat-light", false, "lighting", "night, one sodium lamp"},
        {"flat-light", false, "lighting", "morning light through blinds"},

        {"contradictory-light", true, "lighting", "midnight, bright sunlight"},
        {"contradictory-light", true, "lighting", "golden hour at noon"},
        {"contradictory-light", true, "lighting", "overcast sky with harsh sunlight"},
        {"contradictory-light", true, "lighting", "soft light, harsh shadows"},
        {"contradictory-light", true, "lighting", "bright noon sun, pitch dark"},
        {"contradictory-light", true, "lighting", "bright sunlight in pitch darkness"},
        {"contradictory-light", true, "lighting", "blazing sunshine, pitch black room"},
        {"contradictory-light", true, "lighting", "golden hour, moonlight"},
        {"contradictory-light", true, "prompt", "A barn in total darkness under the midday sun."},
        {"contradictory-light", false, "lighting", "moonlight through a dark forest"},
        {"contradictory-light", false, "lighting", "a bright lamp in a dark room"},
        {"contradictory-light", false, "lighting", "one torch in pitch darkness"},
        {"contradictory-light", false, "lighting", "a shaft of sunlight in a pitch dark barn"},
        {"contradictory-light", false, "lighting", "golden hour fading into moonlight"},
        {"contradictory-light", false, "lighting", "golden hour into moonlight"},
        {"contradictory-light", false, "lighting", "dusk turning to moonlight"},
        {"contradictory-light", false, "lighting", "sunlight on a midnight blue dress"},
        {"contradictory-light", false, "lighting", "the midnight sun, low sunlight"},
        {"contradictory-light", false, "lighting", "sunlight fades into night"},
        {"contradictory-light", false, "lighting", "a daylight-balanced lamp at night"},
        {"contradictory-light", false, "lighting", "moonlight, warm candlelight"},

        {"no-time-language", true, "action", "walks through the rain", 6},
        {"no-time-language", true, "action", "walks through the rain", 12},
        {"no-time-language", false, "action", "walks through the rain", 4},
        {"no-time-language", false, "action", "walks through the rain, then stops"},
        {"no-time-language", false, "action", "chases a ball and tumbles over it"},
        {"no-time-language", false, "ending", "she stops under a lamp"},

        {"too-many-beats", true, "action", "picks up the cup, drinks, puts it down, then stands and leaves", 4},
        {"too-many-beats", true, "action", "opens the door and walks in, turns slowly, smiles, waves", 8},
        {"too-many-beats", true, "prompt", "A man enters. He looks around, opens a drawer, takes a key and runs.", 4},
        {"too-many-beats", false, "action", "picks up the cup, then drinks", 4},
        {"too-many-beats", false, "action", "walks slowly on stone steps, her coat wet, her hair loose, and her hands cold", 4},
        {"too-many-beats", false, "action", "picks up the cup, drinks, puts it down, then stands and leaves", 12},
        {"too-many-beats", false, "action", "says \"he runs, jumps, falls, stands, turns and leaves\" slowly", 4},

        {"too-many-beats", true, "action", "lifts off, then lands, then eats, then sleeps, then dies", 4},
        {"too-many-beats", true, "action", "lands on the roof, pecks the slates, preens itself, hops away", 4},
        {"too-many-beats", true, "prompt", "A heron lifts off, then lands, then pecks, then preens.", 4},
        {"too-many-beats", false, "prompt", "A man in boots, gloves and scarves walks slowly.", 2},
        {"too-many-beats", false, "action", "wears a hat, gloves and boots, and slowly carries apples, pears and plums", 2},
        {"too-many-beats", false, "action", "walks slowly, arms out, eyes down, past shops, cafes and bars", 2},
        {"too-many-beats", false, "prompt", "A heron lifts off. The camera lowers, then steadies, then rests.", 4},

        {"asks-for-cuts", true, "ending", "fades to black, then a car"},
        {"asks-for-cuts", true, "prompt", "Close-up of her face. Then wide shot of the city."},
        {"asks-for-cuts", true, "camera", "wide shot, then a close-up"},
        {"asks-for-cuts", false, "ending", "fade to black"},
        {"asks-for-cuts", false, "prompt", "Wide shot of the city. Slowly push in to a close-up of her face."},
        {"asks-for-cuts", false, "camera", "wide shot, then push in to a close-up"},
        {"asks-for-cuts", true, "action", "walks slowly, cut to her face"},
        {"asks-for-cuts", true, "prompt", "A montage of city life, then night falls."},
        {"asks-for-cuts", true, "style", "fast cuts, grain"},
        {"asks-for-cuts", true, "prompt", "Shot 1: a fox walks slowly. Shot 2: it sleeps."},
        {"asks-for-cuts", false, "subject", "shot 2 of my list"},
        {"asks-for-cuts", false, "action", "slowly cuts the bread"},
        {"asks-for-cuts", false, "subject", "a woman with hair cut to her shoulders"},
        {"asks-for-cuts", false, "style", "one continuous take, no jump cuts"},
        {"asks-for-cuts", false, "action", "waits slowly while a beam cuts to the horizon"},
        {"asks-for-cuts", false, "style", "a photomontage look"},

        {"misspelt-move", true, "camera", "pan lft"},
        {"misspelt-move", true, "camera", "dolley in"},
        {"misspelt-move", true, "camera", "dollyin"},
        {"misspelt-move", true, "camera", "trakcing shot"},
        {"misspelt-move", false, "camera", "no zoom"},
        {"misspelt-move", false, "camera", "without pan lft"},
        {"misspelt-move", false, "camera", "slow pull"},
        {"misspelt-move", false, "camera", "pull in"},
        {"misspelt-move", false, "camera", "top shot"},
        {"misspelt-move", false, "camera", "low shot"},
        {"misspelt-move", false, "camera", "dog shot"},
        {"misspelt-move", false, "camera", "one shot"},
        {"misspelt-move", false, "camera", "car shot"},
        {"misspelt-move", false, "camera", "dolly"},
        {"misspelt-move", false, "camera", "roll left"},
        {"misspelt-move", false, "camera", "pan up"},
        {"misspelt-move", false, "camera", "zoom up"},
        {"misspelt-move", false, "camera", "crane left"},
        {"misspelt-move", false, "camera", "crash pan"},
        {"misspelt-move", false, "camera", "pan left"},
        {"misspelt-move", false, "camera", "shot on a long lens"},

        {"conflicting-moves", true, "camera", "dolly in, pull back"},
        {"conflicting-moves", true, "camera", "static handheld shot"},
        {"conflicting-moves", true, "camera", "pan left and pan right"},
        {"conflicting-moves", false, "camera", "pan left, then pan right"},
        {"conflicting-moves", false, "camera", "dolly in while zooming out"},
        {"conflicting-moves", false, "camera", "on a tripod, slow pan left"},
        {"conflicting-moves", false, "camera", "static, rack focus"},

        {"too-many-moves", true, "camera", "dolly in, pan left, tilt up, zoom in"},
        {"too-many-moves", false, "camera", "handheld tracking shot, slow push in"},

        {"legible-text", true, "environment", "a shop with a neon sign reading \"OPEN\""},
        {"legible-text", true, "environment", "a billboard that says SALE"},
        {"legible-text", true, "subject", "a poster with the words \"Last Night\""},
        {"legible-text", true, "style", "documentary with subtitles"},
        {"legible-text", true, "environment", "a wall with legible text"},
        {"legible-text", true, "subject", "a letter that says 'goodbye'"},
        {"legible-text", true, "subject", "a newspaper with the headline 'WAR'"},
        {"legible-text", true, "subject", "a phone whose screen shows a chat"},
        {"legible-text", false, "subject", "a phone whose screen shows a sunset"},
        {"legible-text", false, "subject", "a newspaper in the old man's hands"},
        {"legible-text", false, "subject", "a letter that says goodbye"},
        {"legible-text", false, "environment", "a street full of glowing neon signs"},
        {"legible-text", false, "action", "slowly reads a newspaper"},
        {"legible-text", false, "subject", "a girl next to a billboard reading a book"},
        {"legible-text", false, "action", "slowly turns and says \"Hello\""},
        {"legible-text", false, "action", "gives a sign of relief, slowly"},
        {"legible-text", false, "style", "documentary, no subtitles"},
        {"legible-text", false, "style", "documentary free of subtitles"},

        {"real-person", true, "subject", "Tom Cruise in a leather jacket"},
        {"real-person", true, "subject", "tom cruise in a leather jacket"},
        {"real-person", true, "subject", "a man who looks like Peter Sandmann"},
        {"real-person", true, "prompt", "A portrait of Obama, slowly smiling."},
        {"real-person", true, "subject", "a Jane Roe lookalike"},
        {"real-person", true, "subject", "Messi on a beach"},
        {"real-person", true, "subject", "Napoleon on a white horse"},
        {"real-person", true, "subject", "the Pope in a small car"},
        {"real-person", false, "subject", "a pope of the Renaissance"},
        {"real-person", false, "subject", "the pope of a small village"},
        {"real-person", false, "subject", "a slice of Napoleon cake"},
        {"real-person", false, "subject", "Anna, a tired nurse"},
        {"real-person", false, "environment", "Paris at dusk"},
        {"real-person", false, "environment", "Martin Luther King Boulevard after rain"},
        {"real-person", false, "environment", "a rock that looks like Mount Fuji"},
        {"real-person", false, "environment", "a street that looks like New York"},
        {"real-person", false, "subject", "a statue of Winston Churchill"},
        {"real-person", false, "style", "framed as Alfred Hitchcock would"},
        {"real-person", false, "subject", "a mallard drake"},

        {"extreme-action", true, "action", "fights two men, slowly"},
        {"extreme-action", true, "environment", "a street with explosions"},
        {"extreme-action", true, "environment", "a dense crowd in a square"},
        {"extreme-action", true, "action", "and another man slowly shoot at each other"},
        {"extreme-action", true, "action", "punch each other"},
        {"extreme-action", true, "action", "is punched"},
        {"extreme-action", true, "action", "duel with swords"},
        {"extreme-action", true, "prompt", "Two cars crash."},
        {"extreme-action", true, "environment", "a packed stadium"},
        {"extreme-action", false, "action", "slowly smile at each other"},
        {"extreme-action", false, "action", "slowly punches a ticket"},
        {"extreme-action", false, "environment", "a beach where waves crash"},
        {"extreme-action", false, "environment", "an empty stadium, a packed suitcase"},
        {"extreme-action", false, "subject", "a firefighter"},
        {"extreme-action", false, "action", "fights back tears as she walks"},
        {"extreme-action", false, "action", "slowly fights the wind"},
        {"extreme-action", false, "environment", "an explosion of colour in a garden"},
        {"extreme-action", false, "subject", "a couple in a battle-worn coat"},

        {"negatives-in-prompt", true, "environment", "a street, no people, no cars"},
        {"negatives-in-prompt", true, "prompt", "A fox slowly crosses snow. No text."},
        {"negatives-in-prompt", true, "style", "grainy film, without any logos"},
        {"negatives-in-prompt", false, "action", "slowly walks on, no longer afraid"},
        {"negatives-in-prompt", false, "action", "slowly walks on, without looking back"},
        {"negatives-in-prompt", false, "action", "slowly walks on; no one follows"},
        {"negatives-in-prompt", true, "environment", "a street without people"},
        {"negatives-in-prompt", true, "environment", "a square free of cars, wet asphalt"},
        {"negatives-in-prompt", true, "environment", "a room devoid of furniture"},
        {"negatives-in-prompt", true, "environment", "the beach is empty of tourists at dawn"},
        {"negatives-in-prompt", true, "environment", "a street with no people"},
        {"negatives-in-prompt", true, "environment", "a street, but absolutely no cars"},
        {"negatives-in-prompt", true, "style", "grainy film, avoid any logos"},
        {"negatives-in-prompt", true, "style", "grainy film, please avoid text"},
        {"negatives-in-prompt", true, "style", "don't show any text, grainy film"},
        {"negatives-in-prompt", true, "prompt", "A fox slowly crosses snow. Do not include people."},
        {"negatives-in-prompt", true, "style", "grainy film without on-screen text"},
        {"negatives-in-prompt", false, "action", "slowly walks on without hesitation"},
        {"negatives-in-prompt", false, "action", "slowly walks on, without hesitation"},
        {"negatives-in-prompt", false, "action", "slowly walks on, without a word"},
        {"negatives-in-prompt", false, "action", "slowly walks without people noticing"},
        {"negatives-in-prompt", false, "action", "avoid the puddles, then slowly sit"},
        {"negatives-in-prompt", false, "action", "slowly walks on, avoiding the crowds"},
        {"negatives-in-prompt", false, "subject", "a man without a hat"},
        {"negatives-in-prompt", false, "subject", "a face devoid of emotion"},
        {"negatives-in-prompt", false, "environment", "a clearing devoid of all life"},
        {"negatives-in-prompt", true, "environment", "a stadium empty of spectators"},
        {"negatives-in-prompt", false, "subject", "a bird, free of its cage"},
        {"negatives-in-prompt", false, "environment", "nothing but sand"},
        {"negatives-in-prompt", false, "environment", "an empty street"},
        {"negatives-in-prompt", false, "environment", "a station, zero gravity"},
        {"negatives-in-prompt", false, "environment", "a sign reading \"no people\""},
        {"negatives-in-prompt", false, "camera", "no camera movement"},

        {"negated-negatives", true, "negative_prompt", "no text, blur"},
        {"negated-negatives", true, "negative_prompt", "blur, without text"},
        {"negated-negatives", false, "negative_prompt", "text, blur"},
        {"negated-negatives", false, "negative_prompt", "people without faces, streets without people"},

        {"sound-without-audio", true, "sound", "rain on a tin roof", 6, false},
        {"sound-without-audio", false, "sound", "rain on a tin roof", 6, true},
        {"sound-without-audio", false, "sound", "rain on a tin roof"},
        {"sound-without-audio", false, "style", "grainy film", 6, false},

        {"settings-in-prompt", true, "style", "4k, grainy film"},
        {"settings-in-prompt", true, "prompt", "A fox slowly crosses snow, 16:9"},
        {"settings-in-prompt", true, "prompt", "A 10 second clip of a fox, slowly walking"},
        {"settings-in-prompt", true, "style", "24 fps"},
        {"settings-in-prompt", true, "prompt", "a fox walks slowly --ar 16:9"},
        {"settings-in-prompt", false, "environment", "a station clock at 9:16 in the morning"},
        {"settings-in-prompt", false, "camera", "35mm lens, f/2.8"},
        {"settings-in-prompt", false, "subject", "a runner in an 8k race"},
        {"settings-in-prompt", false, "action", "waits ten seconds -- then walks slowly on"},

        {"doubled-words", true, "action", "walks slowly through the the rain"},
        {"doubled-words", false, "environment", "a beach on Bora Bora"},
        {"doubled-words", false, "action", "slowly walks to, to her surprise, a door"},

        {"over-long", true, "prompt", std::string(700, 'x')},
        {"over-long", false, "style", std::string(200, 'x')},
    };
    return all;
}

Shot shot_of(const Case& one) {
    auto document = shotwire::shot::to_json(sound_shot());
    // Ready text stands for the parts it tells.
    if (one.field == "prompt") document = {{"lighting", "amber lamplight"}, {"camera", {"handheld"}}};
    if (one.field == "camera")
        document["camera"] = one.text.empty() ? shotwire::json::array() : shotwire::json{one.text};
    else
        document[one.field] = one.text;
    return *shotwire::shot::from_json(document);
}

}  // namespace

TEST_CASE("every rule hits what it is for and nothing near it") {
    for (const auto& one : cases()) {
        CAPTURE(one.rule, one.field, one.text, one.seconds);
        CHECK(reports(shot_of(one), one.rule, one.seconds, one.audio) == one.hit);
    }
}

TEST_CASE("every rule has an id of its own, a reason, a hit and a near miss") {
    std::map<std::string_view, std::set<bool>> tried;
    for (const auto& one : cases()) tried[one.rule].insert(one.hit);
    for (const auto* of_a_model : {"unquoted-dialogue", "no-negative-field", "too-many-words", "too-many-characters", "not-present-tense"})
        tried[of_a_model] = {true, false};  // models_test.cpp
    std::set<std::string_view> ids;
    for (const auto& rule : lint::rules()) {
        CAPTURE(rule.id);
        CHECK(ids.insert(rule.id).second);
        CHECK(rule.reason.ends_with("."));
        CHECK(rule.reason.find('\n') == std::string_view::npos);
        CHECK(tried[rule.id].size() == 2);
    }
    CHECK(tried.size() == ids.size());
}

TEST_CASE("a finding names its rule and field in one line and suggests something else") {
    for (const auto& one : cases())
        for (const auto& finding : findings(shot_of(one), one.seconds, one.audio)) {
            CAPTURE(finding.rule, finding.message, finding.suggestion);
            CHECK_FALSE(finding.rule.empty());
            CHECK((finding.field.empty() || shotwire::shot::field_from(finding.field)));
            CHECK_FALSE(finding.message.empty());
            CHECK_FALSE(finding.suggestion.empty());
            CHECK(finding.message.find('\n') == std::string::npos);
        }
}

TEST_CASE("the sound shot and the examples have no finding") {
    CHECK(findings(sound_shot()).empty());
    for (const auto& entry : std::filesystem::directory_iterator(std::filesystem::path(shotwire::places::source) / "examples/shots")) {
        const auto text = shotwire::core::read_file(entry.path());
        REQUIRE(text);
        auto document = shotwire::shot::read_document(*text, entry.path());
        REQUIRE(document);
        const auto shot = shotwire::shot::take_shot(*document, entry.path());
        REQUIRE(shot);
        const auto found = findings(*shot, (*document)["duration"].get<double>());
        CAPTURE(entry.path(), found.empty() ? "" : found.front().message);
        CHECK(found.empty());
    }
}

// What `lint --strict` without a model says of a document of ours.
static void check_clean(shotwire::json document, const std::string& name) {
    const auto shot = shotwire::shot::take_shot(document, name);
    REQUIRE(shot);
    const auto found = lint::lint({*shot, shotwire::catalog::Catalog::built_in().find("animatic"), document["duration"].get<double>()});
    CAPTURE(name, found.empty() ? "" : found.front().message);
    CHECK(found.empty());
}

TEST_CASE("what we show in the README and in the examples is clean on the model that is taken without a word") {
    const std::filesystem::path source = shotwire::places::source;
    for (const auto& entry : std::filesystem::directory_iterator(source / "examples/shots"))
        check_clean(*shotwire::shot::read_document(*shotwire::core::read_file(entry.path()), entry.path()), entry.path());
    const auto batch = *shotwire::shot::read_document(*shotwire::core::read_file(source / "examples/batch.yaml"), "batch.yaml");
    for (auto row : batch["shots"]) {
        row.update(batch["defaults"]);
        row.erase("id");
        check_clean(row, "batch.yaml");
    }
    const auto readme = *shotwire::core::read_file(source / "README.md");
    const std::string begin = "cat > heron.yaml <<'YAML'\n";
    const auto at = readme.find(begin) + begin.size();
    check_clean(*shotwire::shot::read_document(readme.substr(at, readme.find("YAML\n", at) - at), "README.md"), "README.md");
}

TEST_CASE("a picture to start from stands for what it shows") {
    Shot shot;
    shot.first_frame = "a.png";
    shot.action = "turns slowly";
    shot.camera = {"static"};
    CHECK(findings(shot).empty());
    shot.action.clear();
    CHECK(reports(shot, "missing-part"));
}

TEST_CASE("rules that need a model are left out without one") {
    auto shot = sound_shot();
    shot.environment += ", no people";
    CHECK(lint::lint({shot, nullptr, 6}).empty());
    Model plain;
    CHECK(lint::lint({shot, &plain, 6}).empty());
}

TEST_CASE("the 301st word is one too many, however short the words are") {
    const auto over = [](int words) {
        Shot shot;
        for (int i = 0; i < words; ++i) shot.prompt += i ? ",x" : "x";
        return lint::lint({shot}).back().rule == "over-long";
    };
    CHECK(!over(300));
    CHECK(over(301));
}

TEST_CASE("a prompt that is composed already is not composed again") {
    const auto shot = sound_shot();
    const std::string composed(900, 'x');
    CHECK_FALSE(reports(shot, "over-long"));
    const auto model = with_negative_field();
    const auto found = lint::lint({shot, &model, 6, {}, &composed});
    REQUIRE(found.size() == 1);
    CHECK(found[0].message == "the prompt has 900 characters, fake-1 takes at most 600");
}

TEST_CASE("moves that exclude each other may follow one another, in one entry of the camera or in two") {
    const auto conflict = [](std::vector<std::string> camera, std::string prompt = "") {
        auto shot = sound_shot();
        shot.camera = std::move(camera);
        shot.prompt = std::move(prompt);
        return reports(shot, "conflicting-moves");
    };
    CHECK_FALSE(conflict({"pan left", "then pan right"}));
    CHECK_FALSE(conflict({"dolly in", "tilt up", "and finally dolly out"}));
    CHECK_FALSE(conflict({"pan left, then tilt up", "then pan right"}));
    CHECK(conflict({"pan left", "pan right"}));
    CHECK(conflict({"pan left, then tilt up", "pan right"}));
    CHECK(conflict({"tilt up, then pan left", "pan right, then tilt up"}));
    CHECK(conflict({"pan left"}, "The camera holds, then pans right."));  // of two fields neither is the first
}

TEST_CASE("fix moves negatives to their field") {
    auto shot = sound_shot();
    shot.environment = "a street, no people, no cars, wet asphalt";
    shot.style = "grainy film. No text.";
    shot.negative_prompt = "no blur";
    const auto mended = fixed(shot);
    CHECK(mended.environment == "a street, wet asphalt");
    CHECK(mended.style == "grainy film.");
    CHECK(mended.negative_prompt == "blur, people, cars, text");
}

TEST_CASE("fix moves what a clause denies where the rest reads on, and leaves it where it does not") {
    const auto placed = [](const std::string& environment) {
        auto shot = sound_shot();
        shot.environment = environment;
        const auto mended = fixed(shot);
        return std::pair(mended.environment, mended.negative_prompt);
    };
    const auto is = [](const char* environment, const char* negative) { return std::pair(std::string(environment), std::string(negative)); };
    CHECK(placed("a street without people, wet asphalt") == is("a street, wet asphalt", "people"));
    CHECK(placed("a quiet square free of any cars.") == is("a quiet square.", "cars"));
    CHECK(placed("a street with no people or cars") == is("a street", "people or cars"));
    CHECK(placed("a street, wet asphalt, but no people") == is("a street, wet asphalt", "people"));
    CHECK(placed("a street, wet and free of cars") == is("a street, wet", "cars"));
    CHECK(placed("a street. Don't show any cars.") == is("a street.", "cars"));
    for (const auto* as_it_is : {"the street is free of people", "a street completely devoid of people", "the street has no people",
                                 "a street without people in the background", "a street without people and cars"}) {
        auto shot = sound_shot();
        shot.environment = as_it_is;
        CAPTURE(as_it_is);
        CHECK(reports(shot, "negatives-in-prompt"));
        CHECK(placed(as_it_is) == is(as_it_is, ""));
    }
}

TEST_CASE("fix drops settings that are an item of a list, and nothing else") {
    const auto styled = [](const std::string& style) {
        auto shot = sound_shot();
        shot.style = style;
        return fixed(shot).style;
    };
    CHECK(styled("8k") == "");
    CHECK(styled("4k, grainy film, 24 fps") == "grainy film");
    CHECK(styled("grainy film, 16:9.") == "grainy film.");
    CHECK(styled("grainy 8k film") == "grainy 8k film");
    CHECK(styled("grainy film --ar 16:9") == "grainy film --ar 16:9");
}

TEST_CASE("a word that stands twice is named once") {
    auto shot = sound_shot();
    shot.style = "cinematic, Cinematic, epic";
    const auto all = findings(shot);
    REQUIRE(all.size() == 1);
    CHECK(all[0].message == "'cinematic', 'epic' name nothing that can be seen");
}

TEST_CASE("fix drops praise from a list and mends doubled words, and names what it did") {
    auto shot = sound_shot();
    shot.style = "cinematic, 35mm film grain, beautiful and epic";
    shot.action = "walks slowly through the the rain";
    const auto model = with_negative_field();
    std::vector<lint::Finding> applied;
    const auto mended = lint::fix({shot, &model, 6}, &applied);
    CHECK(mended.style == "35mm film grain");
    CHECK(mended.action == "walks slowly through the rain");
    REQUIRE(applied.size() == 2);
    CHECK(applied[0].rule == "vague-words");
    shot.subject = "a beautiful old house";
    CHECK(fixed(shot).subject == shot.subject);
}

TEST_CASE("fix is idempotent and leaves nothing that could be mended") {
    for (const auto& one : cases()) {
        CAPTURE(one.rule, one.text);
        const auto once = fixed(shot_of(one));
        CHECK(fixed(once) == once);
        for (const auto& finding : findings(once)) CHECK_FALSE(finding.fixed);
        if (!one.hit) CHECK((once == shot_of(one) || !findings(shot_of(one)).empty()));
    }
}

TEST_CASE("what a finding quotes can be printed, whatever stands in the text") {
    Shot shot = sound_shot();
    shot.action = std::string("walks at 2") + '\0' + "fps";
    bool said = false;
    for (const auto& finding : findings(shot)) {
        said = said || finding.rule == "settings-in-prompt";
        CHECK(finding.message.find('\0') == std::string::npos);
    }
    CHECK(said);
}
