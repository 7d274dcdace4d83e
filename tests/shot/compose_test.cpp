#include "shot/compose.hpp"

#include <catch2/catch.hpp>
#include <random>

#include "core/text.hpp"
#include "shot/words.hpp"

namespace shot = shotwire::shot;
using shot::Field;
using shot::PromptStyle;
using shotwire::Shot;

namespace {

PromptStyle prose() {
    return {.form = PromptStyle::Form::prose, .order = {Field::subject, Field::action, Field::environment, Field::lighting, Field::camera}};
}

std::string prompt_of(const Shot& one, const PromptStyle& style = prose()) {
    auto composed = shot::compose(one, style);
    if (!composed) FAIL(composed.error().message);
    return composed->prompt;
}

Shot rain() {
    Shot one;
    one.subject = "a woman in a red wool coat";
    one.action = "walks slowly through the rain";
    one.environment = "a cobblestone street in a European city at night";
    one.lighting = "amber lamplight, neon reflections in puddles";
    one.camera = {"handheld tracking shot at shoulder height"};
    return one;
}

}  // namespace

TEST_CASE("prose reads as sentences") {
    CHECK(prompt_of(rain()) ==
          "A woman in a red wool coat walks slowly through the rain on a cobblestone street in a European city at night. Lit by amber "
          "lamplight, neon "
          "reflections in puddles. Handheld tracking shot at shoulder height.");
}

TEST_CASE("a place gets the preposition that its noun takes, and a sentence of its own where that would be a guess") {
    const auto with = [](std::string place) {
        Shot one;
        one.subject = "A dog";
        one.action = "sleeps";
        one.environment = std::move(place);
        return prompt_of(one);
    };
    CHECK(with("a kitchen at dawn") == "A dog sleeps in a kitchen at dawn.");
    CHECK(with("A kitchen at dawn.") == "A dog sleeps in a kitchen at dawn.");
    CHECK(with("forest") == "A dog sleeps. Setting: forest.");
    CHECK(with("misty hills") == "A dog sleeps in misty hills.");
    CHECK(with("under a bridge") == "A dog sleeps under a bridge.");
    CHECK(with("a crowded airport") == "A dog sleeps at a crowded airport.");
    CHECK(with("a rusty spaceship") == "A dog sleeps. The setting is a rusty spaceship.");
    CHECK(with("Paris at dusk") == "A dog sleeps. Setting: Paris at dusk.");
    CHECK(with("The street is empty") == "A dog sleeps. The street is empty.");
    CHECK(with("A street. It rains.") == "A dog sleeps. A street. It rains.");
}

TEST_CASE("an action that is a sentence stays one") {
    Shot one;
    one.subject = "a woman in red";
    one.action = "She walks. Then she stops";
    CHECK(prompt_of(one) == "A woman in red. She walks. Then she stops.");
    one.subject.clear();
    one.action = "walking through rain";
    CHECK(prompt_of(one) == "Walking through rain.");
}

TEST_CASE("the opening and the ending become time language") {
    const auto with = [](std::string opening, std::string ending) {
        Shot one;
        one.opening = std::move(opening);
        one.ending = std::move(ending);
        return prompt_of(one);
    };
    CHECK(with("an empty street", "her face in close-up") == "The clip opens on an empty street; it ends with her face in close-up.");
    CHECK(with("in darkness", "on her smile") == "The clip opens in darkness; it ends on her smile.");
    CHECK(with("An empty street.", "") == "The clip opens on an empty street.");
    CHECK(with("", "she turns and smiles") == "At the end, she turns and smiles.");
    CHECK(with("the street is empty", "fades to black") == "At the start, the street is empty. The clip fades to black.");
    CHECK(with("", "It leaves the frame") == "At the end, it leaves the frame.");
    CHECK(with("", "It's gone.") == "At the end, it's gone.");
    CHECK(with("", "Only ripples remain.") == "At the end, only ripples remain.");
    CHECK(with("", "The lights go out") == "At the end, the lights go out.");
    CHECK(with("", "Only one lamp remains") == "At the end, only one lamp remains.");
    CHECK(with("", "The remains of a fire") == "The clip ends with the remains of a fire.");
    CHECK(with("", "Fades to black.") == "The clip fades to black.");
    CHECK(with("There is fog", "I wave") == "At the start, there is fog. At the end, I wave.");
    CHECK(with("", "Anna turns and smiles") == "At the end, Anna turns and smiles.");
    CHECK(with("", "UFOs over Paris") == "The clip ends with UFOs over Paris.");
    CHECK(with("Paris at night", "A kiss") == "The clip opens on Paris at night; it ends with a kiss.");
    CHECK(with("", "stops and looks up") == "At the end: stops and looks up.");
    CHECK(with("A street. Rain begins", "") == "At the start: a street. Rain begins.");
    CHECK(with("The shot starts on rain", "Finally the door opens") == "The shot starts on rain. Finally the door opens.");
}

TEST_CASE("a move alone is followed by what it means, and an id is replaced by it") {
    Shot one;
    one.subject = "a lighthouse";
    one.camera = {"truck left"};
    CHECK(prompt_of(one) == "A lighthouse. Truck left: the camera trucks left, sliding sideways.");
    one.camera = {"pan_left"};
    CHECK(prompt_of(one) == "A lighthouse. The camera pans left.");
    one.camera = {"dolly in, then pan left", "then tilt up"};
    CHECK(prompt_of(one) == "A lighthouse. Dolly in, then pan left. Then tilt up.");
    one.camera = {"low angle, 35mm lens", "slow push-in on the lamp"};
    CHECK(prompt_of(one) == "A lighthouse. Low angle, 35mm lens. Slow push-in on the lamp.");
}

TEST_CASE("ends of sentences are neither doubled nor lost") {
    Shot one;
    one.subject = "A dog.";
    one.lighting = "dim..";
    one.style = "noir...";
    one.sound = "a voice: \"Who?!\"";
    one.ending = "what now?";
    CHECK(prompt_of(one) == "A dog. Lighting: dim. Noir... A voice: \"Who?!\" At the end: what now?");
}

TEST_CASE("negatives go to the model's field, else they become words and say so") {
    auto one = rain();
    one.negative_prompt = "text, logos";
    auto style = prose();
    auto words = shot::compose(one, style);
    REQUIRE(words);
    CHECK(words->prompt.ends_with(" Avoid: text, logos."));
    CHECK(words->negative_prompt.empty());
    CHECK(words->pieces.back().why.find("no field for negatives") != std::string::npos);
    style.negative_field = true;
    auto field = shot::compose(one, style);
    REQUIRE(field);
    CHECK(field->prompt == prompt_of(rain()));
    CHECK(field->negative_prompt == "text, logos");
    CHECK(field->pieces.back().words.empty());
    one.negative_prompt = "no text";
    CHECK(prompt_of(one).ends_with(" No text."));
}

TEST_CASE("negatives that become words name things, whether or not they were denied one by one") {
    Shot one;
    one.subject = "a cat";
    const auto said = [&](const char* negative) {
        one.negative_prompt = negative;
        return prompt_of(one);
    };
    CHECK(said("no blur, text") == "A cat. Avoid: blur, text.");
    CHECK(said("No blur, no text; no logos") == "A cat. Avoid: blur, text; logos.");
    CHECK(said("blur, no text") == "A cat. Avoid: blur, text.");
    CHECK(said("no one, text") == "A cat. No one, text.");
    CHECK(said("noise, nobody") == "A cat. Avoid: noise, nobody.");
    one.negative_prompt = "no blur, text";
    CHECK(prompt_of(one, {.form = PromptStyle::Form::labelled}) == "Subject: a cat\nAvoid: blur, text");
    CHECK(prompt_of(one, {.form = PromptStyle::Form::phrases}) == "a cat, Avoid: blur, text");
}

TEST_CASE("a move that two entries name in the same words is said once") {
    Shot one;
    one.subject = "a cat";
    one.camera = {"handheld", " Handheld", "pan left"};
    const auto composed = shot::compose(one, prose());
    REQUIRE(composed);
    CHECK(composed->prompt == "A cat. Handheld: the camera is handheld, swaying slightly with the operator. Pan left: the camera pans left.");
    CHECK(composed->pieces.size() == 4);
    CHECK(composed->pieces.back().words.empty());
    one.camera = {"handheld", "pan left, handheld"};
    CHECK(prompt_of(one).ends_with("Pan left, handheld."));
}

TEST_CASE("an orbit without a side is given none") {
    Shot one;
    one.subject = "a cat";
    const auto said = [&](const char* camera) {
        one.camera = {camera};
        return prompt_of(one);
    };
    CHECK(said("arc shot").ends_with(": the camera orbits around the subject."));
    CHECK(said("180 degree orbit").ends_with(": the camera orbits around the subject."));
    CHECK(said("orbit right").ends_with(": the camera orbits to the right around the subject."));
    CHECK(said("orbit counterclockwise").ends_with(": the camera orbits to the right around the subject."));
}

TEST_CASE("too long is an error that counts characters, not bytes") {
    Shot one;
    one.prompt = "\u00e9\u00e9\u00e9\u00e9";
    auto style = prose();
    style.limit = 4;
    CHECK(prompt_of(one, style) == one.prompt);
    style.limit = 3;
    const auto refused = shot::compose(one, style);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == shotwire::ErrorKind::usage);
    CHECK(refused.error().message.find("has 4 characters") != std::string::npos);
    CHECK(refused.error().message.find("at most 3") != std::string::npos);
    one.negative_prompt = "12345";
    style = {.negative_field = true, .negative_limit = 4};
    CHECK(shot::compose(one, style).error().message.find("negative prompt has 5") != std::string::npos);
}

TEST_CASE("nothing to say and broken UTF-8 are usage errors") {
    CHECK(shot::compose({}, prose()).error().kind == shotwire::ErrorKind::usage);
    Shot negative;
    negative.negative_prompt = "text";
    CHECK_FALSE(shot::compose(negative, prose()));
    Shot broken;
    broken.lighting = "dim \xff";
    CHECK(shot::compose(broken, prose()).error().message.find("lighting") == 0);
}

TEST_CASE("ready text stays as it is and fields join it") {
    Shot one;
    one.prompt = "a fox, in snow\n\n  second line";
    CHECK(prompt_of(one) == one.prompt);
    one.prompt = "A fox in snow";
    one.lighting = "low winter sun";
    PromptStyle style;
    CHECK(prompt_of(one, style) == "A fox in snow. Lit by low winter sun.");
}

TEST_CASE("the model's order is kept, and what it leaves out follows") {
    const PromptStyle style{.form = PromptStyle::Form::prose, .order = {Field::camera, Field::subject, Field::action}};
    CHECK(prompt_of(rain(), style) ==
          "Handheld tracking shot at shoulder height. A woman in a red wool coat walks slowly through the rain on a cobblestone street in "
          "a European city at "
          "night. Lit by amber lamplight, neon reflections in puddles.");
}

TEST_CASE("labels and phrases are other forms of the same words") {
    auto one = rain();
    one.camera.push_back("static");
    const auto lines = prompt_of(one, {.form = PromptStyle::Form::labelled});
    CHECK(lines.starts_with("Subject: a woman in a red wool coat\nAction: walks slowly through the rain\n"));
    CHECK(lines.ends_with("\nCamera: static (the camera is locked off and does not move)"));
    CHECK(prompt_of(rain(), {.form = PromptStyle::Form::phrases}) ==
          "a woman in a red wool coat walks slowly through the rain, a cobblestone street in a European city at night, amber lamplight, "
          "neon reflections in "
          "puddles, handheld tracking shot at shoulder height");
}

TEST_CASE("no word is lost, whatever is combined") {
    const std::vector<std::string> texts{"",
                                         "a man",
                                         "A man.",
                                         "She walks, slowly...",
                                         "the street is empty",
                                         "in the rain",
                                         "Caf\u00e9 \u6771\u4eac",
                                         "wait?!",
                                         "turns to the camera;",
                                         "pan left",
                                         "  two   blanks ",
                                         "He says \u201CNo.\u201D",
                                         "\"Stop\" she said",
                                         "no text",
                                         "on A. B. Street, dawn",
                                         "Lighting: soft",
                                         "\U0001F600",
                                         "opens a door:",
                                         "dim..",
                                         "3.5 metres (tall)"};
    std::mt19937 random(7);
    const auto pick = [&] { return texts[random() % texts.size()]; };
    for (int round = 0; round < 1500; ++round) {
        Shot one;
        one.subject = pick(), one.action = pick(), one.environment = pick(), one.lighting = pick(), one.style = pick(), one.sound = pick();
        one.opening = pick(), one.ending = pick(), one.negative_prompt = pick(), one.prompt = round % 3 ? "" : "ready text";
        for (unsigned i = random() % 3; i > 0; --i) one.camera.push_back(pick());
        PromptStyle style{.form = PromptStyle::Form(random() % 3), .negative_field = random() % 2 == 0};
        for (int i = 0; i < 6; ++i) style.order.push_back(Field(random() % 11));
        const auto composed = shot::compose(one, style);
        if (!composed) continue;
        const auto& prompt = composed->prompt;
        CAPTURE(round, prompt, int(style.form));
        REQUIRE(shotwire::core::is_utf8(prompt));
        REQUIRE(prompt.find("  ") == std::string::npos);
        REQUIRE(prompt.find(". .") == std::string::npos);
        for (auto at = prompt.find(".."); at != std::string::npos; at = prompt.find("..", at + 3)) {
            REQUIRE(prompt.substr(at, 3) == "...");
            REQUIRE(prompt.substr(at, 4) != "....");
        }
        REQUIRE(prompt.find("?!.") == std::string::npos);
        const auto all = ' ' + shotwire::core::lower(prompt + ' ' + composed->negative_prompt) + ' ';
        std::size_t from = 0;
        for (const auto& piece : composed->pieces) {
            REQUIRE_FALSE(piece.why.empty());
            REQUIRE(prompt.find(piece.words, from) != std::string::npos);
            from = prompt.find(piece.words, from);
            for (const auto& word : shot::words_of(piece.given)) {
                const auto written = shotwire::core::lower(piece.given.substr(word.begin, word.end - word.begin));
                if (all.find(written) == std::string::npos) FAIL("lost: " << written);
            }
        }
        std::size_t given = one.camera.size();
        for (const auto& entry : one.camera) given -= entry.empty();
        for (const auto* text : {&one.subject, &one.action, &one.environment, &one.lighting, &one.style, &one.sound, &one.opening,
                                 &one.ending, &one.negative_prompt, &one.prompt})
            given += !text->empty();
        REQUIRE(composed->pieces.size() == given);
    }
}

TEST_CASE("a field's name reads back") {
    for (int i = 0; i < 11; ++i) CHECK(shot::field_from(shot::to_string(Field(i))) == Field(i));
    CHECK_FALSE(shot::field_from("mood"));
}
