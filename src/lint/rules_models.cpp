#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "catalog/model.hpp"
#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"

// What the guide of one model asks for and that of another does not: the rows of the catalogue say which.
namespace shotwire::lint {
namespace {
using shot::Field;

const shot::WordSet verbs_of_speech{"says",     "say",    "said",       "whispers", "murmurs",  "mutters",   "shouts",  "yells",
                                    "cries",    "asks",   "replies",    "answers",  "exclaims", "announces", "calls",   "adds",
                                    "responds", "saying", "whispering", "shouting", "asking",   "speaks",    "narrates"};

// Where speech begins after "she says:", "he whispers softly:"; npos where the colon at `at` introduces none, or quotes open it.
std::size_t speech_behind(const Text& text, std::size_t colon) {
    constexpr int reach = 3;
    const bool time = colon > 0 && std::isdigit(static_cast<unsigned char>(text.text[colon - 1]));  // 10:30
    if (time || colon + 1 >= text.text.size() || text.text[colon + 1] != ' ') return std::string::npos;
    const auto& words = text.words;
    const auto next = std::find_if(words.begin(), words.end(), [&](const auto& word) { return word.begin > colon; });
    if (next == words.end() || next->quoted) return std::string::npos;
    int left = reach;
    for (auto word = next; word != words.begin() && left > 0; --left) {
        --word;
        if (verbs_of_speech.has(word->text)) {
            const auto opens = text.text.find_first_not_of(' ', colon + 1);
            const bool single = text.text[opens] == '\'' || text.text.compare(opens, 3, "\xE2\x80\x98") == 0 ||
                                text.text.compare(opens, 2, "\xC2\xAB") == 0;
            return single ? std::string::npos : opens;
        }
        if (word->starts_clause()) break;
    }
    return std::string::npos;
}

// U+3400 to U+9FFF, which are three bytes each, E3 90 80 to E9 BF BF.
std::size_t count_chinese(const std::string& text) {
    std::size_t count = 0;
    for (std::size_t at = 0; at + 2 < text.size(); ++at) {
        const auto first = static_cast<unsigned char>(text[at]), second = static_cast<unsigned char>(text[at + 1]);
        if ((first == 0xE3 && second >= 0x90) || (first >= 0xE4 && first <= 0xE9)) ++count;
    }
    return count;
}

}  // namespace

Findings unquoted_dialogue(const Reading& subject) {
    if (!subject.model || !subject.model->advice.dialogue_in_quotes) return {};
    Findings found;
    for (const Text& text : subject.texts({Field::prompt, Field::action, Field::sound, Field::opening, Field::ending}))
        for (auto colon = text.text.find(':'); colon != std::string::npos; colon = text.text.find(':', colon + 1)) {
            const auto begin = speech_behind(text, colon);
            if (begin == std::string::npos) continue;
            auto end = text.text.find_first_of(".!?\n", begin);
            end = end == std::string::npos || text.text[end] == '\n' ? std::min(end, text.text.size()) : end + 1;
            const auto speech = text.text.substr(begin, end - begin);
            auto mended = text.text;
            mended.replace(begin, end - begin, "\"" + speech + "\"");
            found.push_back({"unquoted-dialogue", text.name(),
                             fmt::format("'{}' is spoken, but stands without quotes", speech),
                             fmt::format("write \"{}\"", speech), with_text(subject.shot, text, std::move(mended))});
            break;
        }
    return found;
}

Findings no_negative_field(const Reading& subject) {
    if (!subject.model || subject.model->prompt.negative_field || subject.shot.negative_prompt.empty()) return {};
    return {{"no-negative-field", "negative_prompt",
             fmt::format("{} has no field for it: '{}' becomes words of the prompt", subject.model->id, subject.shot.negative_prompt),
             "say what is there instead: 'an empty street' in place of 'people'"}};
}

Findings too_many_words(const Reading& subject) {
    if (!subject.model || subject.model->advice.words == 0) return {};
    const auto words = shot::words_of(subject.prompt()).size(), most = subject.model->advice.words;
    if (words <= most) return {};
    return {{"too-many-words", "", fmt::format("the prompt has {} words; for {} at most {} are advised", words, subject.model->id, most),
             fmt::format("shorten it by {} words", words - most)}};
}

Findings too_many_characters(const Reading& subject) {
    if (!subject.model) return {};
    const auto& advice = subject.model->advice;
    if (advice.characters == 0 && advice.chinese == 0) return {};
    const auto& prompt = subject.prompt();
    const auto over = [&](std::size_t count, std::size_t most, const char* kind) -> Findings {
        if (most == 0 || count <= most) return {};
        return {{"too-many-characters", "",
                 fmt::format("the prompt has {} {}; for {} at most {} are advised", count, kind, subject.model->id, most),
                 fmt::format("shorten it by {} characters", count - most)}};
    };
    if (auto found = over(count_chinese(prompt), advice.chinese, "Chinese characters"); !found.empty()) return found;
    return over(core::count_characters(prompt), advice.characters, "characters");
}

Findings not_present_tense(const Reading& subject) {
    static const shot::WordSet others{"was", "were", "had", "will", "walked", "ran", "stood", "sat", "turned", "looked", "went", "came"};
    static const shot::WordSet as_if{"if", "though", "like", "where"};
    if (!subject.model || !subject.model->advice.present_tense) return {};
    Findings found;
    for (const auto& text : subject.described) {
        const auto& words = text.words;
        for (std::size_t i = 0; i + 1 < words.size(); ++i) {
            const bool subject_word = shot::is_pronoun(words[i].text) || words[i].text == "who" || words[i].text == "which";
            if (!subject_word || words[i].quoted || words[i + 1].starts_clause() || !others.has(words[i + 1].text)) continue;
            if (as_if.has(near(words, i, -1))) continue;
            found.push_back(
                {"not-present-tense", text.name(),
                 fmt::format("'{}' is not the present tense, in which {} reads best", written(text, {i, i + 1}), subject.model->id),
                 "tell what happens while it is seen: 'she turns'"});
            break;
        }
    }
    return found;
}

}  // namespace shotwire::lint
