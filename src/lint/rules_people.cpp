#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "lint/checks.hpp"
#include "lint/people.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {
using shot::Word;

// The words of the span followed or preceded by what makes them a place, a thing or a work.
bool is_a_thing(const std::vector<Word>& words, const Span& span) {
    static const shot::WordSet after{"street",  "avenue",  "boulevard", "road",     "square",      "park",    "bridge",  "airport",
                                     "station", "tower",   "museum",    "memorial", "university",  "school",  "college", "center",
                                     "centre",  "library", "hall",      "drive",    "day",         "lane",    "plaza",   "stadium",
                                     "theatre", "theater", "hotel",     "platz",    "stra\u00dfe", "quay",    "harbour", "lake",
                                     "cake",    "pastry",  "brandy",    "card",    "cards",   "passage",   "monument", "house",       "spaniel", "ring"};
    static const shot::WordSet before{"statue", "bust", "rue", "avenida", "place", "via", "plaza"};
    const auto previous = near(words, span.first, -1), second = near(words, span.first, -2);
    return after.has(near(words, span.last, 1)) || (near(words, span.last, 1) == "jr" && after.has(near(words, span.last, 2))) ||
           before.has(previous) || (previous == "of" && before.has(second));
}

std::optional<Span> by_list(const Text& text) {
    static const Phrases listed(real_people());
    for (const auto& span : listed.find(text.words))
        if (!is_a_thing(text.words, span)) return span;
    const auto single = real_people_by_one_name();
    for (std::size_t i = 0; i < text.words.size(); ++i) {
        const auto& word = text.words[i];
        if (word.quoted || !word.capital || std::find(single.begin(), single.end(), word.text) == single.end()) continue;
        if (word.text == "pope" && near(text.words, i, -1) != "the") continue;  // "a Pope", "Alexander Pope"
        if (!is_a_thing(text.words, {i, i}) && !(i > 0 && text.words[i - 1].capital && word.text == "drake")) return Span{i, i};
    }
    return {};
}

// "who looks like Jane Doe", "a Jane Doe lookalike": any two names with capitals.
std::optional<Span> by_likeness(const Text& text) {
    static const Phrases like{"looks like",   "look like",     "looking like", "looks exactly like", "resembling",   "resembles",
                              "lookalike of", "look alike of", "likeness of",  "played by",          "portrayed by", "face of",
                              "deepfake of",  "impersonating", "dressed as",   "doppelganger of"};
    static const shot::WordSet places{"mount",  "new",    "san",   "santa", "los",   "las",    "saint",   "st",       "lake",
                                      "the",    "north",  "south", "east",  "west",  "old",    "hong",    "monument", "grand",
                                      "buenos", "rio",    "tel",   "el",    "cape",  "fort",   "central", "times",    "big",
                                      "golden", "eiffel", "art",   "star",  "blade", "studio", "wes",     "santa"};
    static const shot::WordSet no_people{"claus",        "christmas", "universe", "deco",       "nouveau", "runner", "wars",
                                         "ghibli",       "valley",    "city",     "street",     "desert",  "age",    "ages",
                                         "mountains",    "forest",    "ocean",    "sea",        "pitt's",  "holmes", "potter",
                                         "frankenstein", "dracula",   "batman",   "wonderland", "punk"};
    const auto is_name = [&](std::size_t i) {
        return i < text.words.size() && text.words[i].capital && !text.words[i].starts_clause() && !text.words[i].quoted;
    };
    for (const auto& span : like.find(text.words)) {
        auto first = span.last + 1;
        while (first < text.words.size() && (text.words[first].text == "a" || text.words[first].text == "the" ||
                                             text.words[first].text == "actor" || text.words[first].text == "singer"))
            ++first;
        if (!is_name(first) || !is_name(first + 1)) continue;
        if (places.has(text.words[first].text) || no_people.has(text.words[first + 1].text) || is_a_thing(text.words, {first, first + 1}))
            continue;
        return Span{span.first, first + 1};
    }
    for (std::size_t i = 2; i < text.words.size(); ++i) {
        const bool alike = text.words[i].text == "lookalike" || (text.words[i].text == "look" && near(text.words, i, 1) == "alike");
        if (alike && text.words[i - 1].capital && text.words[i - 2].capital && !text.words[i].starts_clause()) return Span{i - 2, i};
    }
    return {};
}

}  // namespace

Findings real_person(const Reading& subject) {
    Findings found;
    for (const auto& text : subject.described) {
        // A style is another matter: "lit like a Hitchcock film" shows nobody.
        if (text.field == shot::Field::style || text.field == shot::Field::camera || text.field == shot::Field::lighting) continue;
        auto hit = by_list(text);
        if (!hit) hit = by_likeness(text);
        if (!hit) continue;
        found.push_back({"real-person", text.name(), fmt::format("'{}' asks for a real person", written(text, *hit)),
                         "describe a person of your own: age, hair, clothes, bearing"});
    }
    return found;
}

}  // namespace shotwire::lint
