#include "lint/scan.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::lint {
using shot::Field;
using shot::Word;

namespace {

// Of a shot or a const one.
template <class AnyShot>
auto* text_in(AnyShot& shot, Field field, std::size_t entry) {
    switch (field) {
        case Field::prompt: return &shot.prompt;
        case Field::subject: return &shot.subject;
        case Field::action: return &shot.action;
        case Field::environment: return &shot.environment;
        case Field::lighting: return &shot.lighting;
        case Field::camera: break;
        case Field::style: return &shot.style;
        case Field::sound: return &shot.sound;
        case Field::opening: return &shot.opening;
        case Field::ending: return &shot.ending;
        case Field::negative_prompt: return &shot.negative_prompt;
    }
    return entry < shot.camera.size() ? &shot.camera[entry] : nullptr;
}

}  // namespace

Reading::Reading(const Subject& subject) : Subject(subject) {
    all.reserve(shot.camera.size() + 10);
    const auto read = [&](std::initializer_list<Field> fields) {
        for (const auto field : fields)
            for (std::size_t i = 0, entries = field == Field::camera ? shot.camera.size() : 1; i < entries; ++i) {
                const auto& text = *text_in(shot, field, i);
                if (!core::trim(text).empty()) all.push_back({field, i, text, shot::words_of(text)});
            }
        return all.size();
    };
    const auto shown = read({Field::prompt, Field::subject, Field::action, Field::environment, Field::lighting, Field::camera, Field::style, Field::opening, Field::ending});
    read({Field::sound, Field::negative_prompt});
    described = std::span(all).first(shown);
}

Texts Reading::texts(std::initializer_list<Field> fields) const {
    Texts found;
    found.reserve(all.size());
    for (const auto field : fields) std::copy_if(all.begin(), all.end(), std::back_inserter(found), [&](const Text& text) { return text.field == field; });
    return found;
}

const std::string& Reading::prompt() const {
    if (composed) return *composed;
    if (prompt_) return *prompt_;
    auto style = model ? model->prompt : shot::PromptStyle{};
    style.limit = style.negative_limit = 0;
    auto made = shot::compose(shot, style);
    return prompt_.emplace(made ? std::move(made->prompt) : "");
}

std::shared_ptr<Shot> with_text(const Shot& shot, const Text& place, std::string text) {
    auto mended = std::make_shared<Shot>(shot);
    if (place.field == Field::camera && text.empty())
        mended->camera.erase(mended->camera.begin() + std::ptrdiff_t(place.entry));
    else
        *text_in(*mended, place.field, place.entry) = std::move(text);
    return mended;
}

Phrases::Phrases(std::span<const std::string_view> phrases) {
    for (const auto phrase : phrases) {
        std::vector<std::string> words;
        for (auto& word : shot::words_of(phrase)) words.push_back(std::move(word.text));
        firsts_.add(words.front());
        phrases_.push_back(std::move(words));
    }
    std::sort(phrases_.begin(), phrases_.end(),
              [](const auto& a, const auto& b) { return a.front() != b.front() ? a.front() < b.front() : a.size() > b.size(); });
}

std::vector<Span> Phrases::find(const std::vector<Word>& words) const {
    std::vector<Span> found;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i].quoted || !firsts_.may_have(words[i].text)) continue;
        auto phrase = std::lower_bound(phrases_.begin(), phrases_.end(), words[i].text,
                                       [](const auto& one, const std::string& word) { return one.front() < word; });
        for (; phrase != phrases_.end() && phrase->front() == words[i].text; ++phrase) {
            if (i + phrase->size() > words.size()) continue;
            std::size_t k = 1;
            while (k < phrase->size() && words[i + k].text == (*phrase)[k] && !words[i + k].starts_clause()) ++k;
            if (k < phrase->size()) continue;
            found.push_back({i, i + k - 1});
            i += k - 1;
            break;
        }
    }
    return found;
}

std::string written(const Text& text, const Span& span) {
    const auto begin = text.words[span.first].begin;
    return text.text.substr(begin, text.words[span.last].end - begin);
}

std::string_view near(const std::vector<Word>& words, std::size_t at, int distance) {
    const auto step = distance < 0 ? -1 : 1;
    for (int i = 0; i != distance; i += step) {
        if (step < 0 && (at == 0 || words[at].starts_clause())) return {};
        at += std::size_t(step);
        if (step > 0 && (at >= words.size() || words[at].starts_clause())) return {};
    }
    return words[at].text;
}

bool is_negated(const std::vector<Word>& words, std::size_t at) {
    static const shot::WordSet negations{"no", "not", "without", "never", "avoid", "don't", "nor", "zero", "devoid"};
    const auto before = near(words, at, -1), further = near(words, at, -2);
    const bool free_of = further == "free" && (before == "of" || before == "from");
    return negations.has(before) || negations.has(further) || free_of;
}

}  // namespace shotwire::lint
