#include <catch2/catch.hpp>

#include "media/helper/job.hpp"
#include "media/helper/lexicon.hpp"
#include "media/helper/negation.hpp"

using namespace shotwire;
using namespace shotwire::media::helper;

TEST_CASE("what a text says is not there is left out of it, and no more") {
    struct Said {
        const char *text, *there, *missing;  // a word that stays, one that goes
    };
    const auto said = GENERATE(values<Said>({
        {"a meadow, no rain, no fog", "meadow", "rain"},
        {"a meadow, no rain, no fog", "meadow", "fog"},
        {"overcast, no neon", "overcast", "neon"},
        {"a street without snow", "street", "snow"},
        {"a street without a trace of snow at night", "night", "snow"},
        {"a street with no sign of rain in the city", "city", "rain"},
        {"no music, no rain, wind", "wind", "rain"},
        {"after the rain has stopped, a woman walks", "woman", "rain"},
        {"a street after heavy rain, puddles", "puddles", "rain"},
        {"the fog has lifted from the lake", "lake", "fog"},
        {"It has stopped raining in the city.", "city", "raining"},
        {"a snow-free road", "road", "snow"},
        {"a road free of snow", "road", "snow"},
        {"without rain, snow or fog, a city", "city", "fog"},
        {"without rain and fog in the city", "city", "fog"},
        {"no rain but heavy fog", "fog", "rain"},
        {"It isn't raining in the city.", "city", "raining"},
        {"the sky is not dark, stars shine", "stars", "dark"},
        {"A dog walks. Avoid: rain, neon.", "dog", "neon"},
        {"A dog walks. Avoid: rain, neon. It barks.", "barks", "neon"},
        {"a dog, handheld, avoid: rain, neon", "handheld", "neon"},
        {"Subject: a dog\nAvoid: rain, neon\nStyle: film", "film", "neon"},
        {"A dog. Do not show people, rain.", "dog", "rain"},
        {"A dog. Negative prompt: rain, neon", "dog", "neon"},
        {"nobody walks along the street", "street", "walks"},
        {"without a word she walks", "walks", "word"},
        {"a woman who does not look back walks on", "walks", "look"},
        {"a sea without big waves", "sea", "waves"},
    }));
    CAPTURE(said.text);
    const auto left = affirmed(said.text);
    CAPTURE(left);
    CHECK(left.find(said.there) != std::string::npos);
    CHECK(left.find(said.missing) == std::string::npos);
}

TEST_CASE("what is there stays, whatever stands beside it") {
    for (const std::string text : {"a man runs to avoid the rain", "not only rain but snow", "after dark, stars", "after the snowfall", "rain over the sea", "a no-smoking sign", "a woman stopped in the rain",
                                   "Łódź im Regen – “größer”", ""}) {
        CAPTURE(text);
        CHECK(affirmed(text) == text);
    }
    CHECK(affirmed("no") == "");
}

TEST_CASE("what is negated is not drawn") {
    auto of = [](std::string prompt) {
        Shot shot;
        shot.prompt = std::move(prompt);
        return read_words(shot);
    };
    CHECK_FALSE(of("a meadow, no rain, no fog").rain);
    CHECK_FALSE(of("a meadow, no rain, no fog").fog);
    CHECK(of("a street, overcast, no neon").hour == Hour::overcast);
    CHECK_FALSE(of("a street, overcast, no neon").neon);
    CHECK_FALSE(of("a street without snow").snow);
    CHECK_FALSE(of("a street, after the rain has stopped").rain);
    const auto avoided = of("A woman walks. In a city street. Avoid: rain, neon, night.");
    CHECK_FALSE((avoided.rain || avoided.neon));
    CHECK(avoided.hour == Hour::day);
    CHECK(of("a street in the rain, no neon").rain);
    Shot heard;
    heard.subject = "a man", heard.sound = "no music, no rain";
    CHECK_FALSE(read_words(heard).rain);
    heard.subject = "a man without a coat", heard.sound = "rain";
    CHECK_FALSE(read_words(heard).coat);
    CHECK(read_words(heard).rain);
    auto job = parse_animatic({{"output", "a.mp4"}, {"prompt", "A dog. The camera pans left. Avoid: handheld, zoom in."}});
    REQUIRE(job);
    CHECK(job->motion.pan < 0);
    CHECK(job->motion.shake == 0);
    CHECK(job->motion.zoom == 1);
}
