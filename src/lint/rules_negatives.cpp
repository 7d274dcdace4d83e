#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {
using shot::Field;

// What follows the word of negation in "no people", "without any text", "avoid logos"; empty where it is none, or tells of an action
// ("no longer", "without looking back", "no one").
std::string absent_thing(std::string_view item) {
    static const shot::WordSet openers{"no", "without", "avoid", "don't", "never", "zero"};
    static const shot::WordSet no_things{"longer", "one",      "sooner", "matter",   "doubt", "more",     "less", "man's",
                                         "mans",   "nonsense", "camera", "movement", "wind",  "stopping", "sound"};
    static const shot::WordSet fillers{"any", "show", "include", "add", "use", "having", "showing", "visible", "a", "an", "the"};
    const auto words = shot::words_of(item);
    if (words.size() < 2 || !openers.has(words.front().text) || words.front().quoted) return {};
    if (no_things.has(words[1].text) ||
        (words.front().text != "avoid" && words[1].text.ends_with("ing") && words.front().text == "without"))
        return {};
    if (words.front().text == "never") return {};
    std::size_t first = 1;
    while (first + 1 < words.size() && fillers.has(words[first].text)) ++first;
    if (words.front().text == "don't" && first == 1) return {};
    auto thing = item.substr(words[first].begin);
    while (!thing.empty() && (thing.back() == '.' || thing.back() == ' ' || thing.back() == '!')) thing.remove_suffix(1);
    return std::string(thing);
}

// An item of a list or a sentence of its own: "..., no people" or "No people."
struct Item {
    std::size_t begin;
    std::size_t end;  // without its mark
};
std::vector<Item> items_of(const Text& text) {
    std::vector<Item> items;
    for (const auto& word : text.words) {
        if (items.empty() || word.starts_clause())
            items.push_back({word.begin, word.end});
        else
            items.back().end = word.end;
    }
    return items;
}

// The text without the item and the mark that parted it.
std::string without(const std::string& text, const Item& item) {
    auto head = std::string(core::trim(std::string_view(text).substr(0, item.begin)));
    auto tail = std::string(core::trim(std::string_view(text).substr(item.end)));
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

Findings negatives_in_prompt(const Subject& subject) {
    if (!subject.model || !subject.model->prompt.negative_field) return {};
    Findings found;
    for (const auto& text : described(subject.shot)) {
        if (text.field == Field::camera) continue;  // "no camera movement" is a move
        for (const auto& item : items_of(text)) {
            const auto thing = absent_thing(std::string_view(text.text).substr(item.begin, item.end - item.begin));
            if (thing.empty()) continue;
            auto mended = with_text(subject.shot, text, without(text.text, item));
            mended.negative_prompt = mended.negative_prompt.empty() ? thing : mended.negative_prompt + ", " + thing;
            const bool something_left = mended.prompt.size() + mended.subject.size() + mended.action.size() + mended.environment.size() > 0;
            Finding finding{"negatives-in-prompt", text.name(),
                            fmt::format("'{}' may bring '{}' into the picture", text.text.substr(item.begin, item.end - item.begin), thing),
                            fmt::format("put '{}' into --negative-prompt", thing)};
            if (something_left) finding.fixed = std::move(mended);
            found.push_back(std::move(finding));
        }
    }
    return found;
}

Findings negated_negatives(const Subject& subject) {
    const auto all = texts(subject.shot, {Field::negative_prompt});
    if (all.empty() || !subject.model || !subject.model->prompt.negative_field) return {};
    for (const auto& item : items_of(all.front())) {
        const auto words = all.front().text.substr(item.begin, item.end - item.begin);
        const auto thing = absent_thing(words);
        if (thing.empty()) continue;
        auto mended = all.front().text;
        mended.replace(item.begin, item.end - item.begin, thing);
        return {{"negated-negatives", "negative_prompt", fmt::format("'{}' in a negative prompt asks for it", words),
                 fmt::format("write '{}'", thing), with_text(subject.shot, all.front(), std::move(mended))}};
    }
    return {};
}

}  // namespace shotwire::lint
