#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {
using shot::Field;

// A side of a contradiction: words that bring it with them.
struct Side {
    std::string_view name;
    Phrases words;
};
struct Contradiction {
    Side one;
    Side other;
    Phrases unless = Phrases(std::initializer_list<std::string_view>{});  // words with which both can be
};
const std::array<Contradiction, 6>& contradictions() {
    static const std::array<Contradiction, 6> all{{
        {{"night", {"at night", "night", "nighttime", "midnight", "moonlight", "moonlit", "starlight", "starry sky"}},
         {"day",
          {"noon", "midday", "sunlight", "sunlit", "sunny", "daylight", "broad daylight", "sunshine", "blue sky", "midday sun",
           "noon sun", "bright sun", "blazing sun"}}},
        {{"darkness",
          {"pitch dark", "pitch darkness", "pitch black", "pitch blackness", "total darkness", "complete darkness", "utter darkness",
           "absolute darkness", "total blackness"}},
         {"bright sun",
          {"noon", "midday", "noon sun", "midday sun", "bright sun", "blazing sun", "harsh sun", "full sun", "hot sun", "sunlight", "sunlit",
           "sunny", "sunshine", "daylight", "broad daylight"}},
         // "a shaft of sunlight in a pitch dark barn": light that is let into the dark.
         {"shaft", "shafts", "beam", "beams", "ray", "rays", "sliver", "slivers", "crack", "cracks", "slit", "slits", "keyhole", "far end", "outside", "beyond"}},
        {{"a low sun", {"golden hour", "sunset", "sunrise"}}, {"a high sun", {"noon", "midday", "overhead sun", "noon sun", "midday sun"}}},
        {{"a low sun", {"golden hour", "sunset", "sunrise"}},
         {"night", {"midnight", "moonlight", "moonlit", "starlight", "starlit", "at night", "nighttime", "pitch black", "pitch dark", "pitch darkness"}}},
        {{"an overcast sky", {"overcast", "cloudy", "clouded sky"}},
         {"direct sun", {"harsh sunlight", "direct sunlight", "direct sun", "hard sunlight", "cloudless", "clear sky", "bright sunshine"}}},
        {{"soft light",
          {"soft light", "soft lighting", "diffuse light", "diffused light", "low contrast lighting", "high key", "shadowless"}},
         {"hard light",
          {"hard light", "harsh light", "harsh lighting", "hard lighting", "low key", "high contrast lighting", "hard shadows",
           "harsh shadows"}}},
    }};
    return all;
}

bool any_has(const auto& texts, const Phrases& words) {
    return std::any_of(texts.begin(), texts.end(), [&](const Text& text) { return words.stand_in(text.words); });
}

// Light that changes, or is made, may be both.
bool may_be_both(const Texts& texts) {
    static const Phrases words{"turns",         "turning",       "becomes",      "becoming",    "fades",         "fading",      "until",      "gives way",
                               "giving way",    "timelapse",     "time lapse",   "from day to", "from night to", "changes",     "changing",   "shifts",
                               "shifting",      "into night",    "into day",     "to night",    "to day",        "then",        "dissolves",  "dissolving",
                               "transition",    "transitions",   "day for night", "against",    "half",          "one side",    "melts into", "melting into",
                               "contrast with", "into moonlight", "to moonlight", "followed by", "from golden hour", "from sunset", "from sunrise", "moonrise"};
    return any_has(texts, words);
}

// "midnight blue", "sunset boulevard", "a daylight lamp": no light of that time.
bool means_another_thing(const std::vector<shot::Word>& words, const Span& span) {
    static const shot::WordSet after{"blue", "sun",   "express",  "boulevard", "strip", "market", "club",  "stand",  "shift",
                                     "bus",  "train", "balanced", "bulb",      "bulbs", "lamp",   "lamps", "led",    "leds",
                                     "tube", "tubes", "gown",     "watchman",  "owl",   "nurse",  "table", "yellow", "side"};
    return after.has(near(words, span.last, 1)) || is_negated(words, span.first);
}

std::string first_of(const Side& side, const Texts& texts) {
    for (const Text& text : texts)
        for (const auto& span : side.words.find(text.words))
            if (!means_another_thing(text.words, span)) return written(text, span);
    return {};
}

}  // namespace

bool names_light(const Reading& subject) {
    static const Phrases words{
        "light",       "lights",   "lighting",  "lit",      "lamplight",      "sunlight", "moonlight",    "candlelight",  "firelight",
        "backlight",   "backlit",  "neon",      "lamp",     "lamps",          "lantern",  "lanterns",     "sun",          "moon",
        "glow",        "glowing",  "candle",    "candles",  "shadow",         "shadows",  "silhouette",   "golden hour",  "blue hour",
        "sunset",      "sunrise",  "dusk",      "dawn",     "twilight",       "overcast", "streetlights", "streetlamps",  "headlights",
        "torch",       "torches",  "spotlight", "rim",      "sunlit",         "moonlit",  "chiaroscuro",  "low key",      "high key",
        "fluorescent", "sunny",    "starlight", "sunbeams", "fog lit",        "haze",     "noon",         "midday",       "lightning",
        "illuminated", "contrast", "sunshine",  "daylight", "bioluminescent", "embers",   "day to night", "night to day", "day into night"};
    return any_has(subject.described, words);
}

Findings flat_light(const Reading& subject) {
    static const shot::WordSet flat{"daytime", "day",      "night",   "nighttime", "night-time", "dark",    "light",   "bright",
                                    "natural", "lighting", "normal",  "time",      "at",         "by",      "the",     "in",
                                    "it",      "is",       "during",  "daylight",  "indoor",     "indoors", "outdoor", "outdoors",
                                    "outside", "good",     "nice",    "regular",   "standard",   "a",       "and",     "scene",
                                    "of",      "very",     "morning", "evening",   "afternoon"};
    const auto finding = [](std::string field, std::string_view said) {
        return Finding{
            "flat-light", std::move(field), fmt::format("'{}' is a time or an amount, not a light", said),
            "name source, colour and direction: 'low sun from the left, long shadows', 'one amber street lamp, wet reflections'"};
    };
    for (const Text& text : subject.texts({Field::lighting}))
        if (std::all_of(text.words.begin(), text.words.end(), [](const shot::Word& word) { return flat.has(word.text); }))
            return {finding("lighting", text.text)};
    if (!subject.shot.lighting.empty() || !subject.shot.first_frame.empty() || names_light(subject)) return {};
    static const Phrases times{"daytime", "at night", "nighttime", "by night", "by day", "during the day"};
    for (const Text& text : subject.texts({Field::prompt, Field::environment}))
        for (const auto& span : times.find(text.words)) return {finding(text.name(), written(text, span))};
    return {};
}

Findings contradictory_light(const Reading& subject) {
    const auto all = subject.texts({Field::prompt, Field::environment, Field::lighting});
    if (may_be_both(all)) return {};
    Findings found;
    for (const auto& [one, other, unless] : contradictions()) {
        const auto first = first_of(one, all);
        if (first.empty()) continue;
        const auto second = first_of(other, all);
        if (second.empty() || any_has(all, unless)) continue;
        found.push_back({"contradictory-light", subject.shot.lighting.empty() ? "" : "lighting",
                         fmt::format("'{}' is {}, '{}' is {}", first, one.name, second, other.name),
                         "keep one, or say how one turns into the other"});
        break;
    }
    return found;
}

}  // namespace shotwire::lint
