#include "shot/sentences.hpp"

#include <algorithm>
#include <array>
#include <cctype>

#include "core/text.hpp"
#include "shot/camera.hpp"
#include "shot/words.hpp"

namespace shotwire::shot {
namespace {

bool ends_with_any(std::string_view text, std::initializer_list<std::string_view> ends) {
    return std::any_of(ends.begin(), ends.end(), [&](std::string_view end) { return text.ends_with(end); });
}

// What may stand behind the mark that ends a sentence.
std::string_view without_closers(std::string_view text) {
    while (true) {
        if (ends_with_any(text, {"\"", "'", ")", "]"}))
            text.remove_suffix(1);
        else if (ends_with_any(text, {"\u201D", "\u2019", "\u300D"}))
            text.remove_suffix(3);
        else if (text.ends_with("\u00BB"))
            text.remove_suffix(2);
        else
            return text;
    }
}
bool has_end(std::string_view text) {
    return ends_with_any(without_closers(text),
                         {".", "!", "?", "\u2026", "\u3002", "\uFF01", "\uFF1F", "\uFF0E", "\u0964", "\u061F", "\u06D4"});
}

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool starts_upper(std::string_view text) { return !text.empty() && is_capital(text.front()); }
std::string first_word(std::string_view text) {
    const auto words = words_of(text.substr(0, 200));
    return words.empty() ? std::string() : words.front().text;
}

// The noun of "a narrow cobblestone street in the old town": the last word before a preposition, a mark or a clause.
std::string head_noun(std::string_view text) {
    std::string head;
    for (const auto& word : words_of(text)) {
        if (!head.empty() &&
            (word.starts_clause() || is_preposition(word.text) || is_finite_verb(word.text) || word.text == "where" || word.text == "that"))
            break;
        head = word.text;
    }
    return head;
}

// "ripples remain", "the lights go out": a verb behind several things; common ones that are no nouns in this place.
bool is_plural_verb(const Word& before, std::string_view word) {
    static const WordSet verbs{"remain", "stay",   "stand", "fall", "go",     "come",   "lie",  "sit",   "close", "open",  "fade",  "vanish", "appear", "disappear", "begin",
                               "end",    "settle", "melt",  "rise", "scatter", "gather", "spread", "hang", "drift", "fly",   "glow",  "burn",   "shine",  "flicker",   "break",
                               "die",    "linger", "part",  "join", "meet",   "wait",   "walk", "run",   "turn",  "swim",  "sink",  "have",   "do",     "become",    "keep"};
    return before.text.size() > 2 && before.text.ends_with('s') && !before.text.ends_with("ss") && !before.text.ends_with("'s") && !is_finite_verb(before.text) &&
           !is_determiner(before.text) && !is_preposition(before.text) && verbs.has(word);
}

bool says_something_happens(std::string_view text) {
    // Behind these a word is a thing: "the remains of a fire", "her looks".
    static const WordSet articles{"a", "an", "the", "my", "our", "your", "its", "their", "his", "her", "no"};
    const auto words = words_of(text);
    for (std::size_t at = 0; at < words.size(); ++at) {
        const auto& word = words[at];
        if (word.starts_clause() && at > 0) return false;
        if (at == 0 && (is_pronoun(std::string_view(word.text).substr(0, word.text.find('\''))) || word.text == "all" || word.text == "both")) return true;
        if (word.text == "that" || word.text == "who" || word.text == "which" || word.text == "where" || word.text == "as") return false;
        const bool thing = at > 0 && articles.has(words[at - 1].text);
        if (!thing && (is_finite_verb(word.text) || (at > 0 && (word.text == "remains" || word.text == "lingers")))) return true;
        if (at > 0 && is_plural_verb(words[at - 1], word.text)) return true;
    }
    return false;
}

// "Finally, the door opens", "The shot starts on ...": it speaks for itself.
bool tells_time(std::string_view text) {
    static const WordSet adverbs{"finally", "opening", "ending", "at", "initially", "first"};
    static const WordSet clip{"clip", "shot", "video", "scene", "camera"};
    const auto words = words_of(text);
    if (words.empty()) return false;
    return adverbs.has(words[0].text) ||
           (words[0].text == "the" && words.size() > 1 && clip.has(words[1].text) && says_something_happens(text));
}

}  // namespace

std::string tidy(std::string_view text) {
    std::string out;
    for (const char c : core::trim(text)) {
        const bool blank = (unsigned char)c <= 0x20 || c == 0x7F;
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    while (out.ends_with(' ')) out.pop_back();
    for (std::size_t at = 0; (at = out.find("..", at)) != std::string::npos;) {
        auto end = out.find_first_not_of('.', at);
        if (end == std::string::npos) end = out.size();
        if (end - at == 2) out.erase(at + 1, 1), --end;
        at = end;
    }
    return out;
}

std::string capitalised(std::string text) {
    // "iPhone" and "e-bike" keep their letters.
    if (!text.empty() && text[0] >= 'a' && text[0] <= 'z' && !(text.size() > 1 && is_capital(text[1]))) text[0] = char(text[0] - 32);
    return text;
}

std::string uncapitalised(std::string text) {
    static const WordSet small{"only", "just",  "even",   "still",  "when",   "while",  "once",  "until", "if",    "then",  "now",   "and",    "but",  "or",      "so",   "here",
                               "all",  "both",  "any",    "more",   "most",   "another", "other", "such",  "what",  "who",   "where", "not",    "this", "nothing", "soon", "again",
                               "half", "us",    "him",    "them",   "me",     "anyone", "someone", "something", "everybody", "somebody", "neither", "either", "because", "though",
                               "although", "fades", "cuts", "closes", "finishes", "ends", "begins", "starts", "opens"};
    auto word = first_word(text);
    word.resize(std::min(word.size(), word.find('\'')));  // "It's"
    const auto words = words_of(std::string_view(text).substr(0, 200));
    const bool a_name = is_finite_verb(word) && words.size() > 1 && words[1].capital;  // "Rolls Royce"
    const bool function_word = is_determiner(word) || is_preposition(word) || is_pronoun(word) || (is_finite_verb(word) && !a_name) || small.has(word);
    if (starts_upper(text) && word != "i" && function_word && !(text.size() > 1 && is_capital(text[1]))) text[0] = char(text[0] + 32);
    return text;
}

std::string without_end(std::string_view text) {
    while (!text.empty()) {
        const bool dots = text.ends_with("..") || text.ends_with("!.") || text.ends_with("?.");
        if (!(ends_with_any(text, {",", ";", ":", " "}) || (text.ends_with(".") && !dots))) break;
        text.remove_suffix(1);
    }
    return std::string(text);
}

std::string ended(std::string_view text) { return has_end(text) ? std::string(text) : without_end(text) + "."; }
std::string as_sentence(std::string_view text) { return capitalised(ended(text)); }

bool is_one_clause(std::string_view text) {
    const auto words = words_of(text);
    const auto stop_inside = [&](const Word& word) { return &word != &words.front() && word.before == Word::Before::stop; };
    if (std::any_of(words.begin(), words.end(), stop_inside)) return false;
    const auto bare = without_end(text);
    return !words.empty() && bare.find_first_of(":;\n\"") == std::string::npos && bare.find("\u201C") == std::string::npos &&
           !has_end(bare);
}

bool read_as_one(std::string_view subject, std::string_view action) {
    if (!is_one_clause(subject) || !is_one_clause(action)) return false;
    const auto first = words_of(action).front();
    return !first.capital && !is_pronoun(first.text) && !is_determiner(first.text);
}

std::string place_phrase(std::string_view environment) {
    static const WordSet on{
        "street", "road",      "bridge",     "beach",     "rooftop", "roof",  "stage",  "platform",  "balcony", "terrace",  "pier",
        "hill",   "hilltop",   "mountain",   "cliff",     "ridge",   "plain", "island", "boat",      "ship",    "deck",     "train",
        "bus",    "highway",   "pavement",   "sidewalk",  "path",    "trail", "shore",  "coast",     "lake",    "river",    "ocean",
        "sea",    "boulevard", "avenue",     "lawn",      "planet",  "moon",  "farm",   "coastline", "streets", "rooftops", "steps",
        "stairs", "staircase", "waterfront", "promenade", "quay",    "set",   "jetty",  "dune",      "dunes",   "glacier",  "runway"};
    static const WordSet in{
        "kitchen",   "room",      "bedroom",     "forest",     "wood",        "woods",         "city",         "town",     "village",
        "cafe",      "caf\u00e9", "bar",         "restaurant", "diner",       "office",        "garden",       "park",     "alley",
        "alleyway",  "lane",      "field",       "meadow",     "valley",      "desert",        "market",       "studio",   "workshop",
        "library",   "church",    "cathedral",   "hall",       "hallway",     "corridor",      "tunnel",       "cave",     "basement",
        "attic",     "garage",    "warehouse",   "factory",    "laboratory",  "lab",           "classroom",    "hospital", "house",
        "apartment", "flat",      "living room", "bathroom",   "courtyard",   "backyard",      "yard",         "square",   "plaza",
        "jungle",    "swamp",     "canyon",      "greenhouse", "theatre",     "theater",       "gym",          "pool",     "museum",
        "gallery",   "shop",      "store",       "bakery",     "supermarket", "car",           "taxi",         "cabin",    "cottage",
        "castle",    "temple",    "vineyard",    "orchard",    "district",    "neighbourhood", "neighborhood", "suburb",   "metropolis",
        "barn",      "stable",    "harbour",     "harbor",     "bay",         "space",         "void",         "sky",      "rain",
        "snow",      "fog",       "landscape",   "bookshop",   "parlour",     "salon",         "lobby",        "elevator", "subway",
        "arena",     "clearing",  "hills",       "mountains",  "prairie",     "savannah",      "tent"};
    static const WordSet at{"airport", "station",  "crossroads", "intersection",      "junction", "bus stop", "stop",     "table",
                            "desk",    "counter",  "gate",       "entrance",          "edge",     "summit",   "seaside",  "window",
                            "party",   "festival", "wedding",    "construction site", "port",     "marina",   "carnival", "fairground"};
    const auto text = uncapitalised(std::string(environment));
    if (!is_one_clause(text) || says_something_happens(text)) return {};
    const auto first = first_word(text);
    if (is_preposition(first) || first == "somewhere" || first == "indoors" || first == "outdoors")
        return starts_upper(text) ? std::string() : text;
    if (starts_upper(text)) return {};
    const auto head = head_noun(text);
    static const WordSet bare{"space", "rain", "snow", "fog"};
    if (!is_determiner(first) && !head.ends_with('s') && !bare.has(head)) return {};  // "forest": no sentence can take it as it is
    if (on.has(head)) return "on " + text;
    if (in.has(head)) return "in " + text;
    if (at.has(head)) return "at " + text;
    return {};
}

std::string environment_sentence(std::string_view text) {
    const auto place = place_phrase(text);
    if (!place.empty()) return as_sentence(place);
    const auto plain = uncapitalised(std::string(text));
    if (!is_one_clause(plain) || says_something_happens(plain)) return as_sentence(text);
    if (is_determiner(first_word(plain)) && !starts_upper(plain)) return as_sentence("the setting is " + plain);
    return as_sentence("setting: " + plain);
}

std::string lighting_sentence(std::string_view text) {
    static const WordSet sources{"light",        "lamplight",   "lights",       "sunlight", "moonlight", "candlelight",  "firelight",
                                 "daylight",     "backlight",   "neon",         "lamps",    "lamp",      "lanterns",     "lantern",
                                 "sun",          "moon",        "glow",         "fire",     "flames",    "candles",      "candle",
                                 "streetlights", "streetlamps", "headlights",   "torches",  "torch",     "bulb",         "bulbs",
                                 "spotlight",    "spotlights",  "rays",         "beams",    "beam",      "shafts",       "starlight",
                                 "twilight",     "floodlights", "sunset",       "sunrise",  "skylight",  "fluorescents", "lamplights",
                                 "sunbeams",     "lightning",   "fairy lights", "tubes",    "signs",     "screens",      "monitors"};
    const auto plain = uncapitalised(std::string(text));
    if (!is_one_clause(plain) || says_something_happens(plain)) return as_sentence(text);
    if (first_word(plain) == "lit" || first_word(plain) == "backlit" || is_preposition(first_word(plain))) return as_sentence(plain);
    if (!starts_upper(plain) && sources.has(head_noun(plain))) return as_sentence("lit by " + plain);
    return as_sentence("lighting: " + plain);
}

std::string style_sentence(std::string_view text) {
    static const WordSet whole{"in",       "shot",  "filmed",  "like",     "as",       "with",  "inspired", "captured",
                               "recorded", "drawn", "painted", "rendered", "animated", "style", "looks",    "reminiscent"};
    if (!is_one_clause(text) || whole.has(first_word(text)) || says_something_happens(text)) return as_sentence(text);
    return as_sentence("style: " + uncapitalised(std::string(text)));
}

std::string sound_sentence(std::string_view text) {
    const auto plain = uncapitalised(std::string(text));
    if (!is_one_clause(plain) || says_something_happens(plain) || starts_upper(plain)) return as_sentence(text);
    return as_sentence("we hear " + plain);
}

// "blur, text" of "no blur, no text".
static std::string without_no(std::string_view text) {
    std::string things;
    for (std::size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find_first_of(",;", begin), text.size() - 1) + 1;
        const auto part = text.substr(begin, end - begin);
        const auto words = words_of(part);
        const bool denies = words.size() > 1 && words[0].text == "no" && !words[0].quoted && words[1].before == Word::Before::space && words[1].text != "one";
        if (denies) things.append(part.substr(0, words[0].begin)).append(part.substr(words[1].begin));
        else things += part;
        begin = end;
    }
    return things;
}

std::string avoid_sentence(std::string_view text) {
    static const WordSet negative{"no", "avoid", "without", "don't", "do", "not", "never", "nothing", "none"};
    const auto things = text.find_first_of(",;") == text.npos ? std::string(text) : without_no(text);  // "No blur, text." would ask for text
    return negative.has(first_word(things)) ? as_sentence(things) : as_sentence("avoid: " + uncapitalised(things));
}

CameraWords camera_words(std::string_view entry) {
    static const WordSet sides{"right", "clockwise", "counterclockwise", "anticlockwise"};
    const auto plain = without_end(entry);
    const auto named = words_of(plain);
    const bool has_side = std::any_of(named.begin(), named.end(), [](const Word& word) { return sides.has(word.text); });
    for (const auto& move : vocabulary()) {
        if (core::equal_fold(plain, move.id) && plain.find('_') != std::string::npos) return {{}, std::string(move.words)};
        const auto is_it = [&](std::string_view name) { return core::equal_fold(plain, name); };
        if (is_it(move.name) || is_it(move.id) || std::any_of(move.synonyms.begin(), move.synonyms.end(), is_it))
            return {plain, std::string(has_side || move.open_words.empty() ? move.words : move.open_words)};
    }
    return {std::string(entry), {}};
}

std::string time_phrase(Moment moment, std::string_view text) {
    static const WordSet of_the_clip{"opens", "begins", "starts", "ends", "fades", "closes", "finishes", "cuts"};
    const bool opening = moment == Moment::opening;
    const auto plain = uncapitalised(std::string(text));
    const auto words = words_of(plain);
    const auto first = first_word(plain);
    if (tells_time(plain) || words.empty()) return plain;
    if (!is_one_clause(plain)) return (opening ? "at the start: " : "at the end: ") + plain;
    if (of_the_clip.has(first)) return "the clip " + plain;
    if (is_finite_verb(first)) return (opening ? "at the start: " : "at the end: ") + plain;
    if (says_something_happens(plain)) return (opening ? "at the start, " : "at the end, ") + plain;
    if (is_preposition(first)) return (opening ? "the clip opens " : "the clip ends ") + plain;
    return (opening ? "the clip opens on " : "the clip ends with ") + plain;
}

TimePair time_pair(std::string_view opening, std::string_view ending) {
    const auto picture = [](std::string_view text, std::string_view on, std::string_view bare) -> std::string {
        const auto plain = uncapitalised(std::string(text));
        if (!is_one_clause(plain) || says_something_happens(plain) || tells_time(plain)) return {};
        return std::string(is_preposition(first_word(plain)) ? bare : on) + without_end(plain);
    };
    TimePair pair{picture(opening, "The clip opens on ", "The clip opens "), picture(ending, "it ends with ", "it ends ")};
    if (pair.opening.empty() || pair.ending.empty() || has_end(pair.opening)) return {};
    pair.ending = ended(pair.ending);
    return pair;
}

}  // namespace shotwire::shot
