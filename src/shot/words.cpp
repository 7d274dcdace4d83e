#include "shot/words.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::shot {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_plain(char c) { return (c >= 'a' && c <= 'z') || is_upper(c) || is_digit(c); }
bool is_letter(char c) { return is_plain(c) || (c & 0x80); }

// Marks beyond ASCII, and what they mean between two words.
struct Mark {
    std::string_view bytes;
    char as;
};
constexpr Mark marks[] = {{"\u2018", '\''}, {"\u2019", '\''}, {"\u201C", '"'}, {"\u201D", '"'}, {"\u00AB", '"'}, {"\u00BB", '"'},
                          {"\u2010", '-'},  {"\u2011", '-'},  {"\u2013", ','}, {"\u2014", ','}, {"\u2026", '.'}, {"\u00A0", ' '},
                          {"\u3001", ','},  {"\uFF0C", ','},  {"\u3002", '.'}, {"\uFF01", '.'}, {"\uFF1F", '.'}};

// The character at a place with its length: ASCII as it is, known marks by their meaning, other letters as 'x'.
struct Character {
    char as = 'x';
    std::size_t length = 1;
};
Character beyond_ascii(std::string_view text) {
    for (const auto& mark : marks)
        if (text.starts_with(mark.bytes)) return {mark.as, mark.bytes.size()};
    return {};
}
Character character_at(std::string_view text, std::size_t at) { return text[at] & 0x80 ? beyond_ascii(text.substr(at)) : Character{text[at], 1}; }

void raise(Word::Before& before, Word::Before to) { before = std::max(before, to); }

}  // namespace

std::vector<Word> words_of(std::string_view text) {
    std::vector<Word> words;
    words.reserve(text.size() / 5 + 1);
    auto before = Word::Before::space;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = character_at(text, i);
        if (!is_letter(c.as)) {
            switch (c.as) {
                case '-': case '_': raise(before, Word::Before::hyphen); break;
                case '"': quoted = !quoted; [[fallthrough]];
                case ',': case ';': case ':': case '(': case ')': case '/': raise(before, Word::Before::comma); break;
                case '.': case '!': case '?': case '\n': raise(before, Word::Before::stop); break;
                default: break;
            }
            i += c.length;
            continue;
        }
        auto& word = words.emplace_back(Word{.text = {}, .begin = i, .end = i, .before = before, .capital = is_upper(text[i]), .quoted = quoted});
        while (true) {
            const auto run = i;
            while (i < text.size() && is_plain(text[i])) ++i;
            word.text.append(text, run, i - run);
            if (i == text.size()) break;
            const auto next = character_at(text, i);
            if (is_letter(next.as)) {
                word.text += text[i++];
                continue;
            }
            const char after = i + next.length < text.size() ? character_at(text, i + next.length).as : ' ';
            const bool apostrophe = next.as == '\'' && is_letter(after);
            const bool point = next.as == '.' && is_digit(word.text.back()) && is_digit(after);
            if (!apostrophe && !point) break;
            if (apostrophe) word.text += '\'';
            else word.text += text.substr(i, next.length);
            i += next.length;
        }
        word.end = i;
        for (auto& c : word.text) c = core::lower(c);
        before = Word::Before::space;
    }
    return words;
}

WordSet::WordSet(std::initializer_list<std::string_view> words) : sorted_(words) {
    std::sort(sorted_.begin(), sorted_.end());
    for (const auto word : words) sieve_.add(word);
}

bool WordSet::has(std::string_view word) const {
    if (!sieve_.may_have(word)) return false;
    const auto lower = core::lower(word);
    return std::binary_search(sorted_.begin(), sorted_.end(), std::string_view(lower));
}

bool is_preposition(std::string_view word) {
    static const WordSet set{"about",   "above",   "across",  "after",      "against", "along",  "alongside", "amid",  "among",
                             "amongst", "around",  "as",      "at",         "atop",    "before", "behind",    "below", "beneath",
                             "beside",  "between", "beyond",  "by",         "deep",    "down",   "during",    "from",  "high",
                             "in",      "inside",  "into",    "near",       "of",      "off",    "on",        "onto",  "outside",
                             "over",    "past",    "through", "throughout", "to",      "toward", "towards",   "under", "underneath",
                             "up",      "upon",    "with",    "within",     "without"};
    return set.has(word);
}

bool is_determiner(std::string_view word) {
    static const WordSet set{"a",       "an",   "the",  "this",  "that", "these", "those", "his",  "her",  "its",
                             "their",   "my",   "our",  "your",  "one",  "two",   "three", "four", "five", "six",
                             "several", "many", "some", "a few", "few",  "each",  "every", "no"};
    return set.has(word);
}

bool is_pronoun(std::string_view word) {
    static const WordSet set{"he",    "she",      "it",         "they",    "we",     "i",      "you",
                             "there", "everyone", "everything", "someone", "nobody", "nothing"};
    return set.has(word);
}

bool is_finite_verb(std::string_view word) {
    static const WordSet set{
        "appears", "approaches", "are",      "arrives", "begins",  "bends",    "blinks",  "blows",   "bows",      "breaks",   "breathes",
        "brings",  "carries",    "catches",  "climbs",  "closes",  "comes",    "crosses", "cries",   "crouches",  "dances",   "disappears",
        "dives",   "drifts",     "drinks",   "drives",  "drops",   "eats",     "emerges", "enters",  "exhales",   "exits",    "fades",
        "falls",   "fills",      "flickers", "flies",   "floats",  "gazes",    "gets",    "gives",   "glances",   "glides",   "glows",
        "goes",    "grabs",      "grows",    "has",     "hits",    "holds",    "is",      "jumps",   "kisses",    "kneels",   "laughs",
        "leans",   "leaps",      "leaves",   "lets",    "lies",    "lifts",    "looks",   "lowers",  "makes",     "moves",    "nods",
        "notices", "opens",      "passes",   "pauses",  "picks",   "places",   "plays",   "pours",   "presses",   "pulls",    "pushes",
        "puts",    "raises",     "reaches",  "reads",   "reveals", "rides",    "rises",   "rolls",   "runs",      "says",     "settles",
        "shakes",  "sighs",      "sings",    "sinks",   "sits",    "sleeps",   "slides",  "smiles",  "snaps",     "speaks",   "spins",
        "sprints", "stands",     "stares",   "starts",  "stays",   "steps",    "stirs",   "stops",   "strides",   "stumbles", "sways",
        "swims",   "takes",      "talks",    "throws",  "touches", "tries",    "turns",   "types",   "waits",     "wakes",    "walks",
        "was",     "watches",    "waves",    "wears",   "were",    "whispers", "wipes",   "works",   "writes",    "yawns",    "collapses",
        "jogs",    "hurries",    "swings",   "kicks",   "ducks",   "dashes",   "tumbles", "unfolds", "vanishes",  "becomes",  "ends",
        "fumbles", "chases",     "tosses",   "draws",   "drags",   "wraps",    "unlocks", "peels",   "stretches", "washes",   "follows",
        "finds",   "hugs",       "kneads"};
    return set.has(word);
}

}  // namespace shotwire::shot
