#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {
using shot::Field;

// Verbs that tell a state: they fill any length.
bool is_state(std::string_view verb) {
    static const shot::WordSet states{"is",       "are",    "was",   "were",  "has",   "stands", "sits",   "lies",
                                      "wears",    "holds",  "glows", "waits", "stays", "leans",  "sleeps", "breathes",
                                      "flickers", "drifts", "hangs", "sways", "fills", "plays",  "appears"};
    return states.has(verb);
}

using Clause = std::vector<std::string_view>;

bool is_verb_at(const Clause& words, std::size_t at) {
    if (!shot::is_finite_verb(words[at]) || is_state(words[at])) return false;
    if (at == 0) return true;
    const auto before = words[at - 1];
    return !shot::is_determiner(before) && !shot::is_preposition(before) && before != "stone" && before != "who" && before != "that" && before != "which";
}

// A word in the form of a verb that no list knows: "lands", "pecks".
bool has_verb_form(std::string_view word) {
    static const shot::WordSet others{"always", "perhaps", "sometimes", "besides", "across", "this", "its", "his", "hers", "theirs", "ours", "yours", "less", "series", "news", "nowadays",
                                      "clothes", "trousers", "jeans", "lots", "hands", "boots", "gloves", "eyes", "feet", "thanks", "yes", "plus", "thus", "arms", "legs",
                                      "shoulders", "wings", "ears", "heads", "hairs", "pans", "tilts", "zooms", "dollies", "trucks", "cranes", "orbits", "racks"};
    return word.size() > 3 && word.ends_with('s') && !word.ends_with("ss") && !word.ends_with("us") && !word.ends_with("is") && !word.ends_with("wards") && !word.ends_with("ways") &&
           !word.ends_with("'s") && !others.has(word) && !shot::is_preposition(word) && !shot::is_determiner(word) && !is_state(word);
}

const shot::WordSet particles{"off", "out", "up", "down", "away", "back", "over", "it", "them", "him", "her", "again"};
bool leaves_no_noun(std::string_view word) { return particles.has(word) || word.ends_with("ly"); }

// How a clause is joined to the one before it.
enum class Joint { none, sequence, list };  // "then"; a mark or "and"

// Whether a clause behind another action begins with a verb that no list knows. In "wears a hat, gloves and boots" the list goes on with
// things: behind a mark only what else the verb has, or a clause before it without a noun, tells it from them.
bool goes_on_with_verb(const Clause& words, const Clause& before, Joint joint) {
    std::size_t at = 0;
    while (at < words.size() && (shot::is_pronoun(words[at]) || words[at].ends_with("ly"))) ++at;
    if (at == words.size() || !has_verb_form(words[at])) return false;
    if (joint == Joint::sequence) return true;
    const bool has_object = at + 1 < words.size() && (leaves_no_noun(words[at + 1]) || shot::is_determiner(words[at + 1]));
    const bool bare = !before.empty() && before.size() < 3 && std::all_of(before.begin() + 1, before.end(), leaves_no_noun);
    return has_object || (bare && at + 1 == words.size());
}

// In an action the verb leads its clause ("[she] [slowly] turns"); in prose it may follow its subject.
bool is_beat(const Clause& words, bool verb_leads) {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == "camera" || words[i] == "while" || words[i] == "as" || words[i] == "lens") return i > 0 && is_beat({words.front()}, true);
    std::size_t at = 0;
    while (verb_leads && at < words.size() && (shot::is_pronoun(words[at]) || words[at].ends_with("ly"))) ++at;
    if (verb_leads) return at < words.size() && is_verb_at(words, at);
    for (at = 0; at < words.size() && at < 8; ++at)
        if (is_verb_at(words, at)) return true;
    return false;
}

// Of the clauses of a text, which end at marks, "and", "then", "before", "until".
int beats_in(const Text& text) {
    static const shot::WordSet joints{"and", "then", "before", "until", "finally", "next", "afterwards", "suddenly"};
    int beats = 0;
    Clause clause, before;
    clause.reserve(text.words.size());
    auto joint = Joint::none;
    bool of_camera = false;  // the sentence: "the camera lowers, then settles"
    const auto end_clause = [&] {
        if (clause.empty()) return;
        of_camera = of_camera || std::any_of(clause.begin(), clause.end(), [](auto word) { return word == "camera" || word == "lens"; });
        const bool action = text.field == Field::action;
        const bool by_form = !of_camera && (joint == Joint::none ? action && goes_on_with_verb(clause, {}, Joint::sequence) : beats > 0 && goes_on_with_verb(clause, before, joint));
        const bool is_one = is_beat(clause, action) || by_form;
        beats += is_one;
        before = is_one || is_state(clause.front()) ? std::exchange(clause, {}) : Clause();
        clause.clear();
        joint = Joint::none;
    };
    for (const auto& word : text.words) {
        if (word.quoted) continue;
        const bool is_joint = joints.has(word.text);
        if (is_joint || word.starts_clause()) end_clause();
        of_camera = of_camera && word.before != shot::Word::Before::stop;
        if (is_joint && word.text != "and") joint = Joint::sequence;
        else if (joint != Joint::sequence && (is_joint || word.before == shot::Word::Before::comma)) joint = Joint::list;
        if (!is_joint) clause.push_back(word.text);
    }
    end_clause();
    return beats;
}

struct Beats {
    int beats = 0;
    std::string field;  // where the last of them stands
};
Beats count_beats(const Reading& subject) {
    Beats sum;
    for (const Text& text : subject.texts({Field::prompt, Field::action})) {
        const auto here = beats_in(text);
        if (here > 0) sum.field = text.name();
        sum.beats += here;
    }
    return sum;
}

// Behind "fades to black": "then a car", "and then the street"; the word that says so.
std::optional<std::size_t> picture_behind(const std::vector<shot::Word>& words, std::size_t last) {
    auto at = last + 1;
    if (at < words.size() && words[at].text == "and") ++at;
    const bool goes_on = at + 1 < words.size() && (words[at].text == "then" || words[at].text == "next") && words[at].before != shot::Word::Before::stop;
    return goes_on && words[at + 1].text != "silence" && words[at + 1].text != "ends" ? std::optional(at) : std::nullopt;
}

// "Close-up of her face. Then wide shot of the city.": a framing of its own behind another one, with no move that leads there.
std::optional<Span> second_framing(const Text& text) {
    static const Phrases framings{"close up", "closeup", "extreme close up", "wide shot", "medium shot", "long shot", "full shot", "establishing shot", "medium close up", "extreme wide shot"};
    static const shot::WordSet ways{"in", "into", "to"};
    static const shot::WordSet leads{"a", "an", "the", "another", "extreme", "slow", "static", "in", "into", "to"};
    const auto& words = text.words;
    bool seen = false;
    for (const auto& span : framings.find(words)) {
        auto at = span.first;  // where its clause begins: "then a"
        while (at > 0 && !words[at].starts_clause() && leads.has(words[at - 1].text)) --at;
        const bool then = at > 0 && (words[at - 1].text == "then" || words[at - 1].text == "next");
        const bool new_sentence = at == 0 || words[at].before == shot::Word::Before::stop;
        if (seen && !is_negated(words, span.first) && !ways.has(words[at].text) && (then || new_sentence)) return Span{then ? at - 1 : at, span.last};
        seen = true;
    }
    return {};
}

}  // namespace

Findings no_time_language(const Reading& subject) {
    if (subject.seconds < 6 || !subject.shot.opening.empty() || !subject.shot.ending.empty()) return {};
    static const Phrases words{"then",       "while",      "until",       "before",       "after",
                               "begins",     "begin",      "beginning",   "starts",       "start",
                               "starting",   "slowly",     "gradually",   "steadily",     "suddenly",
                               "finally",    "first",      "next",        "at first",     "over time",
                               "eventually", "becomes",    "become",      "becoming",     "turns",
                               "into view",  "reveal",     "reveals",     "revealing",    "stops",
                               "ends",       "ending",     "fades",       "grows",        "builds",
                               "during",     "when",       "meanwhile",   "one by one",   "as he",
                               "as she",     "as it",      "as they",     "as the",       "as a",
                               "as rain",    "as snow",    "as night",    "as if",        "continues",
                               "keeps",      "once",       "later",       "afterwards",   "halfway",
                               "by the end", "at the end", "in the end",  "opens on",     "closes on",
                               "time lapse", "timelapse",  "slow motion", "step by step", "little by little",
                               "pauses",     "still",      "again",       "moment",       "seconds",
                               "beat",       "emerges",    "disappears",  "appears",      "vanishes",
                               "rises",      "settles",    "transforms",  "unfolds",      "approaches",
                               "arrives",    "leaves",     "changes",     "shifts",       "gives way",
                               "quietly",    "bit by bit"};
    for (const Text& text : subject.texts({Field::prompt, Field::subject, Field::action, Field::environment, Field::lighting}))
        if (words.stand_in(text.words)) return {};
    if (count_beats(subject).beats > 1) return {};  // one thing after another is development
    return {{"no-time-language", subject.shot.action.empty() ? "" : "action",
             fmt::format("{} seconds, but no word of what changes in them", core::print_number(subject.seconds)),
             "say how it begins and ends (--opening, --ending), or in which order things happen"}};
}

Findings too_many_beats(const Reading& subject) {
    if (subject.seconds <= 0) return {};
    const auto [beats, field] = count_beats(subject);
    // Two seconds each, as the makers' guides advise.
    const int room = std::max(1, int(std::floor(subject.seconds / 2)));
    if (beats <= room) return {};
    return {{"too-many-beats", field,
             fmt::format("{} actions in {} seconds; about {} fit", beats, core::print_number(subject.seconds), room),
             "keep the ones that matter, take a longer clip, or make several shots"}};
}

Findings asks_for_cuts(const Reading& subject) {
    static const Phrases cuts{"cut to",          "cuts to",          "cutting to",    "jump cut",        "jump cuts",
                              "smash cut",       "match cut",        "hard cut",      "quick cuts",      "fast cuts",
                              "rapid cuts",      "montage",          "montage of",    "intercut",        "intercut with",
                              "cross cut",       "crosscut",         "cross fade",    "crossfade",       "dissolve to",
                              "dissolves to",    "fade to the next", "next shot",     "next scene",      "new scene",
                              "second shot",     "scene 1",          "scene 2",       "shot 1",          "shot 2",
                              "split screen",    "multiple shots",   "several shots", "series of shots", "multiple camera angles",
                              "multiple angles", "different angles", "scene change",  "scene changes"};
    static const shot::WordSet shaped{"hair", "coat",  "dress", "lawn",  "grass",   "skirt",    "jacket", "hedge",
                                      "wood", "stone", "glass", "gown",  "beam",    "light",    "ray",    "path",
                                      "road", "river", "knife", "blade", "sleeves", "trousers", "jeans"};
    static const shot::WordSet measure{"the", "her", "his", "their", "shoulder", "length", "size", "fit", "pieces", "knee"};
    static const shot::WordSet body{"bone", "bones", "shoulder", "shoulders", "knee",   "knees", "chin", "waist", "hips",
                                    "hip",  "quick", "chase",    "ankle",     "ankles", "cheek", "skin", "hand",  "arm"};
    static const Phrases fades{"fade to black", "fades to black", "fading to black", "fade to white", "fades to white", "fade out", "fades out"};
    Findings found;
    const auto report = [&](const Text& text, const Span& span) {
        found.push_back({"asks-for-cuts", text.name(), fmt::format("'{}' asks for more than one shot", written(text, span)),
                         "describe one take; make the others as rows of a batch"});
    };
    for (const auto& text : subject.described) {
        const auto before = found.size();
        const auto spans = cuts.find(text.words);
        const auto is_number = [&](const auto& span) { return text.words[span.last].text == "1" || text.words[span.last].text == "2"; };
        const bool counts = std::count_if(spans.begin(), spans.end(), is_number) > 1;  // one number alone is a name
        for (const auto& span : spans) {
            if (is_negated(text.words, span.first) || (is_number(span) && !counts)) continue;
            const auto after = near(text.words, span.last, 1), second = near(text.words, span.last, 2);
            const bool shape = text.words[span.last].text == "to" && (shaped.has(near(text.words, span.first, -1)) || body.has(after) ||
                                                                      (measure.has(after) && body.has(second)) || after == "length" ||
                                                                      after == "size" || after == "fit" || after == "pieces");
            if (shape) continue;
            report(text, span);
            break;
        }
        if (found.size() > before) continue;
        if (const auto second = second_framing(text)) report(text, *second);
        for (const auto& span : fades.find(text.words)) {
            // Black at the end is an end; a picture behind it is another shot.
            const auto picture = picture_behind(text.words, span.last);
            if (!picture || is_negated(text.words, span.first) || found.size() > before) continue;
            report(text, {span.first, *picture});
        }
    }
    return found;
}

}  // namespace shotwire::lint
