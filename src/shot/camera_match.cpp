#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "core/text.hpp"
#include "shot/camera.hpp"
#include "shot/words.hpp"

namespace shotwire::shot {
namespace {

// The words of moves that are everyday words too ("she pulls out a chair", "a frying pan left on the stove"): on their own they count
// only where grammar says that the camera is meant.
const std::map<std::string, std::string, std::less<>>& bases() {
    static const auto map = [] {
        std::map<std::string, std::string, std::less<>> forms;
        for (const std::string_view row : {"pan pans panning panned",
                                           "dolly dollies dollys dollying dollied",
                                           "zoom zooms zooming zoomed",
                                           "tilt tilts tilting tilted",
                                           "truck trucks trucking trucked",
                                           "track tracks tracking tracked",
                                           "crab crabs crabbing crabbed",
                                           "slide slides sliding slid",
                                           "push pushes pushing pushed",
                                           "pull pulls pulling pulled",
                                           "crane cranes craning craned",
                                           "boom booms booming boomed",
                                           "jib jibs jibbing jibbed",
                                           "ped peds pedding pedded",
                                           "pedestal pedestals pedestaling pedestalling pedestaled pedestalled",
                                           "orbit orbits orbiting orbited",
                                           "arc arcs arcing arced",
                                           "circle circles circling circled",
                                           "rotate rotates rotating rotated",
                                           "move moves moving moved",
                                           "turn turns turning turned",
                                           "look looks looking looked",
                                           "glide glides gliding glided",
                                           "creep creeps creeping crept",
                                           "advance advances advancing advanced",
                                           "retreat retreats retreating retreated",
                                           "rise rises rising rose",
                                           "lift lifts lifting lifted",
                                           "lower lowers lowering lowered",
                                           "sink sinks sinking sank",
                                           "descend descends descending descended",
                                           "ascend ascends ascending ascended",
                                           "follow follows following followed",
                                           "trail trails trailing trailed",
                                           "travel travels travelling traveling travelled traveled",
                                           "float floats floating floated",
                                           "fly flies flying flew",
                                           "rack racks racking racked",
                                           "shift shifts shifting shifted",
                                           "whip whips whipping whipped",
                                           "stay stays staying",
                                           "remain remains remaining",
                                           "hold holds holding",
                                           "do does"}) {
            const auto words = core::split(row, ' ');
            for (const auto& form : words) forms[form] = words.front();
        }
        return forms;
    }();
    return map;
}
std::string_view base_of(std::string_view word) {
    static const auto sieve = [] {
        Sieve all;
        for (const auto& [form, base] : bases()) all.add(form);
        return all;
    }();
    const auto found = sieve.may_have(word) ? bases().find(word) : bases().end();
    return found == bases().end() ? word : found->second;
}

const WordSet passed_over{"slowly",    "gently", "quickly", "smoothly", "steadily", "softly", "slightly",
                          "gradually", "fast",   "slow",    "very",     "to",       "the",
                          "rapidly",   "subtly", "camera"};
const WordSet camera_nouns{"camera", "shot", "view", "frame", "footage", "cam", "effect", "cinematography", "movement", "style"};
const WordSet may_precede{"slow",   "slowly", "gentle",    "gently",    "fast",   "quick", "quickly", "smooth",     "smoothly", "subtle",  "steady",
                          "steadily", "then", "and",       "with",      "into",   "subtly", "rapid",  "rapidly",    "shot",     "handheld", "steadicam",
                          "we",     "long",   "to",        "gradual",   "gradually", "while", "before", "finally",  "next",     "now",     "first",
                          "also",   "plus",   "suddenly",  "slightly",  "swiftly", "simultaneously"};
const WordSet terms_of_art{"pan", "dolly", "zoom", "pedestal", "orbit"};
// Verbs that in this company hardly anybody but a camera does.
const WordSet camera_verbs{"pan", "dolly", "zoom", "pedestal", "orbit", "tilt", "truck", "crane", "boom", "jib", "ped", "crab", "rack", "whip"};
// "pulls out a chair", "tilting up her chin"
const WordSet object_follows{"a", "an", "his", "her", "its", "their", "my", "your"};
const WordSet handles_things{"pull", "push", "slide", "lift", "lower"};
// Behind "a truck left" or "a pan right" these say that a thing is meant.
const WordSet thing_follows{"the",    "a",      "an",   "his",        "her",   "its",  "their", "on",  "at", "in",
                            "behind", "beside", "next", "unattended", "alone", "over", "there", "for", "by"};
const WordSet negations{"no", "not", "without", "never", "avoid", "don't"};

// What makes a word another thing when it stands right before or behind a match.
struct Other {
    std::string_view word;
    WordSet before;
    WordSet after;
};
const Other others[] = {
    {"static",
     {"tv", "radio", "television", "of", "white", "crackling"},
     {"electricity", "noise", "hiss", "on", "interference", "crackles", "shock", "cling"}},
    {"handheld",
     {},
     {"device", "radio", "torch", "console", "fan", "phone", "lantern", "flashlight", "game", "mirror", "recorder", "scanner", "mic",
      "microphone", "light"}},
    {"first", {"the", "her", "his"}, {"to", "who", "in", "ever"}},
    {"gimbal", {"a", "the"}, {}},
};

struct Pattern {
    const Move* move;
    std::vector<std::string> words;  // bases; "*" as in the table
    std::size_t length = 0;          // words without "*"
    std::size_t tells = 0;           // those but "camera": "track left" says more than "camera tracks"
    bool whole_clause = false;
    bool everyday = false;  // begins with a verb that others than cameras do
};

Pattern pattern_of(const Move& move, std::string_view text) {
    Pattern pattern{.move = &move, .words = {}};
    if (text.starts_with('=')) {
        pattern.whole_clause = true;
        text.remove_prefix(1);
    }
    bool names_camera = false;
    for (const auto& part : core::split(text, ' ')) {
        if (part == "*") {
            pattern.words.push_back(part);
            continue;
        }
        for (const auto& word : words_of(part)) {
            pattern.words.emplace_back(base_of(word.text));
            names_camera = names_camera || camera_nouns.has(word.text);
            ++pattern.length;
            pattern.tells += word.text != "camera";
        }
    }
    // "static" is a word of radios and of still figures, too.
    pattern.whole_clause = pattern.whole_clause || text == "static";
    const bool of_art = std::any_of(pattern.words.begin() + 1, pattern.words.end(), [](const std::string& word) { return terms_of_art.has(word); });
    pattern.everyday = !names_camera && !of_art && pattern.length <= 3 && bases().contains(pattern.words.front());
    return pattern;
}

struct Patterns {
    std::multimap<std::string, Pattern, std::less<>> by_first_word;
    Sieve first_words;
};
const Patterns& patterns() {
    static const auto all = [] {
        Patterns found;
        for (const auto& move : vocabulary()) {
            auto names = move.synonyms;
            names.push_back(move.name);
            names.push_back(move.id);
            for (const auto name : names) {
                auto pattern = pattern_of(move, name);
                found.first_words.add(pattern.words.front());
                found.by_first_word.emplace(pattern.words.front(), std::move(pattern));
            }
        }
        return found;
    }();
    return all;
}

struct Candidate {
    const Pattern* pattern = nullptr;
    std::vector<std::size_t> at = {};  // the words it is made of
};

// "pans right, then trucks to the left" is no pan to the left.
bool begins_another(std::string_view word) {
    static const WordSet joints{"then", "while"}, others{"track", "slide", "push", "pull"};
    const auto base = base_of(word);
    return joints.has(word) || camera_verbs.has(base) || others.has(base);
}

// Whether the words of the pattern stand from `first` on, in one clause, and `at` which; a "*" also reaches over a comma, but not over
// another move.
bool fits(const Pattern& pattern, const std::vector<Word>& words, std::size_t first, std::vector<std::size_t>& at) {
    at.assign(1, first);
    std::size_t next = first + 1;
    std::size_t room = 0;
    for (std::size_t i = 1; i < pattern.words.size(); ++i) {
        if (pattern.words[i] == "*") {
            room = 5;
            continue;
        }
        std::size_t passed = 0;
        const auto barrier = room ? Word::Before::stop : Word::Before::comma;
        while (next < words.size() && words[next].before < barrier && base_of(words[next].text) != pattern.words[i]) {
            if (room && begins_another(words[next].text)) return false;
            if (passed_over.has(words[next].text) ? ++passed > 3 + room : room-- == 0) return false;
            ++next;
        }
        if (next == words.size() || words[next].before >= barrier) return false;
        at.push_back(next++);
        room = 0;
    }
    return true;
}

bool names_camera_before(const std::vector<Word>& words, std::size_t at) {
    for (std::size_t i = at; i-- > 0 && at - i <= 8;) {
        if (words[i + 1].before == Word::Before::stop) return false;
        if (words[i].text == "camera" || words[i].text == "lens" || words[i].text == "drone") return true;
    }
    return false;
}

// "pans left, then tilts up": whether what stands at `at` goes on with the last of the moves that end before it: nobody else has come in
// between.
bool goes_on(const std::vector<Word>& words, const std::set<std::size_t>& ends, std::size_t at) {
    const auto behind = ends.lower_bound(at);
    if (behind == ends.begin()) return false;
    for (std::size_t i = *std::prev(behind) + 1; i <= at; ++i) {
        if (words[i].before == Word::Before::stop) return false;
        if (i == at) break;
        const bool other = (is_pronoun(words[i].text) && words[i].text != "it" && words[i].text != "we") || words[i].text == "who";
        if (other || is_finite_verb(words[i].text)) return false;
    }
    return true;
}

// "Pulling away, she cries": somebody who does it is named in the rest of the sentence.
bool has_subject_behind(const std::vector<Word>& words, std::size_t at) {
    for (auto i = at + 1; i < words.size() && words[i].before != Word::Before::stop; ++i)
        if (is_pronoun(words[i].text) || is_finite_verb(words[i].text)) return true;
    return false;
}

// Whether a camera does it, not somebody in the picture. `ends`: where the moves before it end.
bool camera_is_meant(const Candidate& found, const std::vector<Word>& words, const std::set<std::size_t>& ends) {
    const auto first = found.at.front();
    const auto last = found.at.back();
    const Word* before = first > 0 && !words[first].starts_clause() ? &words[first - 1] : nullptr;
    const Word* after = last + 1 < words.size() && !words[last + 1].starts_clause() ? &words[last + 1] : nullptr;
    for (const auto& other : others)
        if (words[first].text == other.word && ((before && other.before.has(before->text)) || (after && other.after.has(after->text))))
            return false;
    if (before && negations.has(before->text)) return false;
    if (found.pattern->whole_clause) {
        const bool shot_follows =
            (after && camera_nouns.has(after->text)) ||
            (last + 2 < words.size() && !words[last + 2].starts_clause() && after && camera_nouns.has(words[last + 2].text));
        // "Moving forward, she waves": in a description somebody else may be meant.
        if (base_of(words[first].text) == "move" && has_subject_behind(words, last)) return false;
        const bool all =
            !before && (!after || after->text == "and" || after->text == "with" || after->text == "at" || after->text == "from");
        return all || shot_follows;
    }
    if (!found.pattern->everyday) return true;
    if (before && before->text == "it" && goes_on(words, ends, first)) return true;
    if (before && (is_pronoun(before->text) || before->text == "who") && before->text != "we" &&
        !(before->text == "it" && names_camera_before(words, first)))
        return false;
    if (names_camera_before(words, first)) return true;
    const auto& verb = words[first].text;
    const auto base = base_of(verb);
    static const WordSet links{"toward", "towards", "with", "alongside", "beside", "around", "over"};
    const bool object = after && object_follows.has(after->text) && !links.has(words[last].text);
    if (object && handles_things.has(base)) return false;
    // What it begins with: "then slowly" of "then slowly tilting up".
    auto lead = first;
    while (lead > 0 && !words[lead].starts_clause() && may_precede.has(words[lead - 1].text) && words[lead - 1].text != "shot") --lead;
    const bool begins_sentence = lead == 0 || words[lead].before == Word::Before::stop;
    const bool begins_clause = begins_sentence || words[lead].starts_clause();
    if (!object) {
        if (begins_sentence && (lead == 0 || camera_verbs.has(base) || !has_subject_behind(words, last))) return true;
        if ((begins_clause || lead < first) && goes_on(words, ends, lead)) return true;
        const bool relative = lead > 1 && (words[lead - 1].text == "that" || words[lead - 1].text == "which");
        if (!begins_clause && camera_nouns.has(words[lead - (relative ? 2 : 1)].text)) return true;
    }
    if (!before) return first == 0 || verb == base || terms_of_art.has(base);
    if (may_precede.has(before->text)) return verb == base || terms_of_art.has(base);
    return is_determiner(before->text) && verb == base && !(after && thing_follows.has(after->text));
}

}  // namespace

std::vector<Match> find_moves(std::string_view text) { return find_moves(words_of(text)); }

std::vector<Match> find_moves(const std::vector<Word>& words) {
    const auto& [by_first_word, first_words] = patterns();
    std::vector<Candidate> candidates;
    std::set<std::size_t> ends;
    Candidate found;
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto base = base_of(words[i].text);
        if (!first_words.may_have(base)) continue;
        const auto [begin, end] = by_first_word.equal_range(base);
        for (auto it = begin; it != end; ++it) {
            found.pattern = &it->second;
            if (!fits(it->second, words, i, found.at) || !camera_is_meant(found, words, ends)) continue;
            ends.insert(found.at.back());
            candidates.push_back(found);
        }
    }
    if (candidates.empty()) return {};
    std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        const auto rank = [](const Pattern& one) { return std::tuple(one.tells, one.length, one.words.size()); };
        return rank(*a.pattern) > rank(*b.pattern);
    });
    std::vector<bool> taken(words.size());
    std::vector<Match> matches;
    for (const auto& [pattern, at] : candidates) {
        const auto is_taken = [&](std::size_t i) { return taken[i] && !camera_nouns.has(words[i].text); };
        const auto is_same = [move = pattern->move](const Match& match) { return match.move == move; };
        if (std::any_of(at.begin(), at.end(), is_taken)) continue;
        for (const auto i : at) taken[i] = true;
        if (std::any_of(matches.begin(), matches.end(), is_same)) continue;
        matches.push_back({pattern->move, words[at.front()].begin, words[at.back()].end});
    }
    std::sort(matches.begin(), matches.end(), [](const Match& a, const Match& b) { return a.begin < b.begin; });
    return matches;
}

}  // namespace shotwire::shot
