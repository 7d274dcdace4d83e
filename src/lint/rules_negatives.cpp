#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {
using shot::Field;

// What a clause says is not to be seen: "no people", "a street without people".
struct Absence {
    std::size_t begin = 0;  // bytes of the text, with the words that deny
    std::size_t end = 0;
    std::string thing;
    bool whole = true;       // all of its clause
    bool parts_well = true;  // the text reads on without it
};

// Where "without" and its like stand in the midst of a clause they mostly tell of somebody ("without a hat"): they count before these alone.
const shot::WordSet unwanted{"people", "persons", "humans", "pedestrians", "passers", "bystanders", "tourists", "crowds", "spectators", "visitors", "passersby", "clouds",
                             "cars", "vehicles", "traffic", "buildings", "animals", "text", "captions", "subtitles",
                             "logo", "logos", "watermark", "watermarks", "signage", "lettering", "writing", "branding",
                             "artifacts", "artefacts", "blur", "distortion", "flicker"};
// What is no thing to be seen: "no longer", "no one", "without hesitation".
const shot::WordSet unseen{"longer", "one", "sooner", "matter", "doubt", "more", "less", "man's", "mans", "nonsense",
                           "camera", "movement", "wind", "stopping", "sound", "noise", "word", "words", "warning", "hesitation",
                           "fear", "haste", "hurry", "effort", "pause", "delay", "reason", "purpose", "rest", "end",
                           "help", "success", "exception", "question", "regret", "mercy", "emotion", "hope", "feeling", "expression",
                           "life", "colour", "color", "gravity", "meaning", "trouble", "care", "problem", "incident", "joy"};

std::optional<Absence> absence_at(const Text& text, const Span& denial) {
    static const shot::WordSet leads{"and", "but", "with", "please", "absolutely", "strictly"};
    static const shot::WordSet fillers{"any", "all", "having", "showing", "including", "adding", "visible", "a", "an", "the"};
    static const shot::WordSet asking{"avoid", "don't", "do", "never", "zero"}, figurative{"free", "empty"};
    static const shot::WordSet ends_thing{"and", "but", "while", "who", "that", "which", "when", "then"}, leans_on{"or", "now", "almost", "still"};
    const auto& words = text.words;
    const auto& denies = words[denial.first].text;
    auto start = denial.first, last = denial.last;  // of the clause
    while (start > 0 && !words[start].starts_clause()) --start;
    while (last + 1 < words.size() && !words[last + 1].starts_clause()) ++last;
    auto begin = denial.first;  // with what leads to it: "but no people"
    while (begin > start && leads.has(words[begin - 1].text)) --begin;
    const bool whole = begin == start;
    if (denial.last == last || (asking.has(denies) && !whole)) return {};
    if (denies == "avoid" && text.field == Field::action && denial.first == 0) return {};  // "two cats" "avoid the puddles"

    auto thing = denial.last + 1;
    while (thing < last && fillers.has(words[thing].text)) ++thing;
    auto end = thing;
    bool is_unwanted = false;
    for (auto i = thing; i <= last; ++i) {
        const auto& word = words[i].text;
        const bool hyphened = i < last && words[i + 1].before == shot::Word::Before::hyphen;  // "on-screen text"
        if (ends_thing.has(word) || shot::is_finite_verb(word) || (shot::is_preposition(word) && !hyphened)) break;
        if (is_unwanted && word.ends_with("ing")) return {};  // "without people noticing"
        is_unwanted = is_unwanted || unwanted.has(word);
        end = i;
    }
    if (!is_unwanted) {
        if (figurative.has(denies) || (!whole && denies != "devoid")) return {};
        if (unseen.has(words[thing].text) || (denies == "without" && words[thing].text.ends_with("ing"))) return {};
    }
    const auto written = [&](std::size_t to) { return text.text.substr(words[thing].begin, words[to].end - words[thing].begin); };
    if (whole) return Absence{words[start].begin, words[last].end, written(last)};
    // "a street with no people", but not "the street has no people", "is free of people".
    const auto& before = words[begin - 1].text;
    const bool hangs = leans_on.has(before) || shot::is_finite_verb(before) || before.ends_with("ly") || (denies == "no" && begin == denial.first);
    return Absence{words[begin].begin, words[end].end, written(end), false, end == last && !hangs};
}

std::vector<Absence> absences(const Text& text) {
    static const Phrases denials{"no", "without", "avoid", "zero", "devoid of", "free of", "free from",
                                 "empty of", "don't show", "don't include", "don't add", "don't use", "do not show", "do not include",
                                 "do not add", "do not use", "never show", "never include"};
    std::vector<Absence> found;
    for (const auto& span : denials.find(text.words)) {
        auto absence = absence_at(text, span);
        if (absence && (found.empty() || found.back().end <= absence->begin)) found.push_back(std::move(*absence));
    }
    return found;
}

// The text without it and the mark that parted it.
std::string without(const std::string& text, const Absence& absence) {
    auto head = std::string(core::trim(std::string_view(text).substr(0, absence.begin)));
    auto tail = std::string(core::trim(std::string_view(text).substr(absence.end)));
    const auto mark = [](char c) { return c == ',' || c == ';' || c == ':'; };
    if (head.empty())
        while (!tail.empty() && (mark(tail.front()) || tail.front() == '.' || tail.front() == '!' || tail.front() == ' ')) tail.erase(0, 1);
    else if (head.back() == '.' || head.back() == '!' || head.back() == '?')
        while (!tail.empty() && (tail.front() == '.' || tail.front() == ',' || tail.front() == ' ')) tail.erase(0, 1);
    else
        while (!head.empty() && mark(head.back()) && (tail.empty() || !std::isalnum((unsigned char)tail.front()))) head.pop_back();
    const bool joined = head.empty() || tail.empty() || mark(tail.front()) || tail.front() == '.';
    return head + (joined ? "" : " ") + tail;
}

}  // namespace

Findings negatives_in_prompt(const Reading& subject) {
    if (!subject.model || !subject.model->prompt.negative_field) return {};
    Findings found;
    for (const auto& text : subject.described) {
        if (text.field == Field::camera) continue;  // "no camera movement" is a move
        for (const auto& absence : absences(text)) {
            auto mended = with_text(subject.shot, text, without(text.text, absence));
            mended->negative_prompt = mended->negative_prompt.empty() ? absence.thing : mended->negative_prompt + ", " + absence.thing;
            const bool something_left = mended->prompt.size() + mended->subject.size() + mended->action.size() + mended->environment.size() > 0;
            Finding finding{"negatives-in-prompt", text.name(),
                            fmt::format("'{}' may bring '{}' into the picture",
                                        text.text.substr(absence.begin, absence.end - absence.begin), absence.thing),
                            fmt::format("put '{}' into --negative-prompt", absence.thing)};
            if (something_left && absence.parts_well) finding.fixed = std::move(mended);
            found.push_back(std::move(finding));
        }
    }
    return found;
}

Findings negated_negatives(const Reading& subject) {
    const auto all = subject.texts({Field::negative_prompt});
    if (all.empty() || !subject.model || !subject.model->prompt.negative_field) return {};
    const Text& text = all.front();
    for (const auto& absence : absences(text)) {
        if (!absence.whole) continue;
        const auto words = text.text.substr(absence.begin, absence.end - absence.begin);
        auto mended = text.text;
        mended.replace(absence.begin, absence.end - absence.begin, absence.thing);
        return {{"negated-negatives", "negative_prompt", fmt::format("'{}' in a negative prompt asks for it", words),
                 fmt::format("write '{}'", absence.thing), with_text(subject.shot, text, std::move(mended))}};
    }
    return {};
}

}  // namespace shotwire::lint
