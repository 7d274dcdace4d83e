#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {

// Whether what follows a word is spelled out: in quotes, or in capitals ("a sign reading OPEN").
bool is_spelled(const Text& text, std::size_t at) {
    if (at >= text.words.size()) return false;
    const auto& word = text.words[at];
    const auto as_written = text.text.substr(word.begin, word.end - word.begin);
    const bool capitals = as_written.size() > 1 && std::all_of(as_written.begin(), as_written.end(),
                                                               [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
    const auto mark = std::string_view(text.text).substr(0, word.begin);
    return word.quoted || mark.ends_with('\'') || mark.ends_with("\u2018") || capitals || (word.capital && word.before != shot::Word::Before::stop);
}

// Where a sign is said to carry certain words; the last word of that, or none.
std::optional<Span> sign_with_words(const Text& text) {
    static const shot::WordSet signs{
        "sign",    "signs",    "billboard",  "billboards", "poster",     "posters",    "placard",    "placards",  "label",
        "labels",  "headline", "headlines",  "caption",    "captions",   "plaque",     "nameplate",  "signboard", "marquee",
        "banner",  "banners",  "storefront", "subtitle",   "title",      "logo",       "lettering",  "letters",   "screen",
        "screens", "monitor",  "phone",      "laptop",     "display",    "shirt",      "tshirt",     "t",         "page",
        "letter",  "note",     "newspaper",  "book",       "chalkboard", "blackboard", "whiteboard", "neon",      "graffiti",
        "cake",    "mug",      "jersey",     "door",       "window",     "license",    "plate"};
    static const shot::WordSet verbs{"reading", "reads",      "read",    "saying",  "says",     "spelling",
                                     "spells",  "displaying", "showing", "labeled", "labelled", "titled"};
    static const shot::WordSet headings{"headline", "headlines", "caption", "lettering"};
    static const shot::WordSet screens{"screen", "screens", "phone", "smartphone", "tablet", "laptop", "monitor", "display"};
    static const shot::WordSet shows{"shows", "showing", "displays", "displaying"};
    static const shot::WordSet writing{"chat", "chats", "message", "messages", "text", "texts", "email", "emails", "website", "tweet", "tweets", "article", "conversation", "letters", "words", "subtitles",
                                       "headline", "headlines", "document", "spreadsheet"};
    const auto& words = text.words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (!signs.has(words[i].text) || words[i].quoted || is_negated(words, i)) continue;
        for (std::size_t k = i + 1; k < words.size() && k <= i + 4 && words[k].before != shot::Word::Before::stop; ++k) {
            if (words[k].quoted) return Span{i, k};
            if (k == i + 1 && headings.has(words[i].text) && is_spelled(text, k)) return Span{i, k};
            if (k <= i + 2 && screens.has(words[i].text) && shows.has(words[k].text))
                for (auto n = k + 1; n < words.size() && n <= k + 3 && !words[n].starts_clause(); ++n)
                    if (writing.has(words[n].text)) return Span{i, n};
            if (k <= i + 2 && verbs.has(words[k].text) && is_spelled(text, k + 1)) return Span{i, k + 1};
        }
    }
    return {};
}

}  // namespace

Findings legible_text(const Reading& subject) {
    static const Phrases asked{
        "with the words", "with the word",    "the words",       "with the text",   "the text",       "text reading",    "text that reads",
        "text saying",    "letters spelling", "letters spell",   "legible text",    "readable text",  "legible writing", "readable writing",
        "legible sign",   "readable sign",    "legible letters", "text overlay",    "on screen text", "text on screen",  "onscreen text",
        "title card",     "subtitles",        "captions",        "closed captions", "lower third",    "opening titles",  "end credits",
        "brand name",     "written on it",    "that reads",      "that says"};
    Findings found;
    for (const auto& text : subject.described) {
        std::optional<Span> hit = sign_with_words(text);
        for (const auto& span : asked.find(text.words)) {
            const auto& first = text.words[span.first].text;
            const bool spoken = first == "that" || written(text, span) == "the words" || written(text, span) == "with the words";
            if (hit || is_negated(text.words, span.first) || (spoken && !is_spelled(text, span.last + 1))) continue;
            hit = span;
        }
        if (!hit) continue;
        found.push_back({"legible-text", text.name(), fmt::format("'{}' asks for text that can be read", written(text, *hit)),
                         "leave the words out ('a glowing shop sign') and add them in the edit"});
    }
    return found;
}

Findings extreme_action(const Reading& subject) {
    static const Phrases extreme{"fight",
                                 "fights",
                                 "fighting",
                                 "fist fight",
                                 "sword fight",
                                 "gun fight",
                                 "gunfight",
                                 "brawl",
                                 "brawling",
                                 "brawls",
                                 "melee",
                                 "explosion",
                                 "explosions",
                                 "explodes",
                                 "exploding",
                                 "explode",
                                 "battle",
                                 "battles",
                                 "battlefield",
                                 "riot",
                                 "rioting",
                                 "stampede",
                                 "car chase",
                                 "car crash",
                                 "crash into",
                                 "crashes into",
                                 "shootout",
                                 "mosh pit",
                                 "dense crowd",
                                 "dense crowds",
                                 "huge crowd",
                                 "massive crowd",
                                 "packed crowd",
                                 "crowds of people",
                                 "hundreds of people",
                                 "thousands of people",
                                 "hundreds of dancers",
                                 "hundreds of soldiers",
                                 "thousands of soldiers",
                                 "chaotic",
                                 "chaos",
                                 "breakdancing",
                                 "backflip",
                                 "somersaults",
                                 "wrestling",
                                 "wrestle",
                                 "kung fu",
                                 "parkour",
                                 "pillow fight",
                                 "collapsing building",
                                 "building collapses",
                                 "shoot each other",
                                 "shoot at each other",
                                 "shooting each other",
                                 "shooting at each other",
                                 "punch each other",
                                 "punching each other",
                                 "hit each other",
                                 "hitting each other",
                                 "kick each other",
                                 "kicking each other",
                                 "attack each other",
                                 "attacking each other",
                                 "is punched",
                                 "are punched",
                                 "gets punched",
                                 "being punched",
                                 "is stabbed",
                                 "are stabbed",
                                 "gets stabbed",
                                 "duel with swords",
                                 "duels with swords",
                                 "dueling with swords",
                                 "duelling with swords",
                                 "sword duel",
                                 "sword duels",
                                 "cars crash",
                                 "cars crashing",
                                 "cars collide",
                                 "cars colliding",
                                 "packed stadium",
                                 "crowded stadium",
                                 "packed arena",
                                 "full stadium"};
    static const shot::WordSet harmless_before{"snowball", "pillow",    "bull",      "food",  "water",
                                               "play",     "organised", "organized", "after", "before"};
    static const shot::WordSet harmless_after{"back",    "off",  "for",  "to",      "against", "sleep", "tears",
                                              "through", "over", "worn", "scarred", "dress",   "of",    "theory"};
    static const shot::WordSet forces{"wind", "rain", "current", "storm", "snow", "cold", "waves", "urge", "sleep", "tide"};
    Findings found;
    for (const Text& text : subject.texts({shot::Field::prompt, shot::Field::subject, shot::Field::action, shot::Field::environment,
                                                 shot::Field::opening, shot::Field::ending}))
        for (const auto& span : extreme.find(text.words)) {
            const auto& word = text.words[span.first].text;
            const bool single = span.first == span.last;
            const auto before = near(text.words, span.first, -1), after = near(text.words, span.last, 1),
                       second = near(text.words, span.last, 2);
            const bool figure = single && (harmless_before.has(before) || harmless_after.has(after) || forces.has(after) ||
                                           ((after == "the" || after == "a") && forces.has(second)));
            const bool pillow = word == "pillow";
            if (figure || pillow || is_negated(text.words, span.first)) continue;
            found.push_back({"extreme-action", text.name(),
                             fmt::format("'{}' is more than models draw without falling apart", written(text, span)),
                             "show its moment before or after, one detail of it, or two people instead of a crowd"});
            break;
        }
    return found;
}

}  // namespace shotwire::lint
