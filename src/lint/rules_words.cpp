#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"
#include "shot/sentences.hpp"

namespace shotwire::lint {
namespace {

const Phrases& praise() {
    static const Phrases words{"cinematic",
                               "cinematic look",
                               "cinematic quality",
                               "beautiful",
                               "beautifully",
                               "stunning",
                               "gorgeous",
                               "breathtaking",
                               "amazing",
                               "awesome",
                               "epic",
                               "incredible",
                               "interesting",
                               "interesting footage",
                               "visually striking",
                               "visually stunning",
                               "eye catching",
                               "high quality",
                               "best quality",
                               "top quality",
                               "highest quality",
                               "masterpiece",
                               "award winning",
                               "professional quality",
                               "professional looking",
                               "hyper realistic",
                               "hyperrealistic",
                               "ultra realistic",
                               "ultra detailed",
                               "highly detailed",
                               "super detailed",
                               "insane detail",
                               "trending on artstation",
                               "nice",
                               "lovely",
                               "wonderful",
                               "fantastic",
                               "spectacular",
                               "aesthetic",
                               "aesthetically pleasing",
                               "mesmerizing",
                               "mesmerising",
                               "captivating",
                               "cool looking",
                               "good looking footage",
                               "unreal engine",
                               "ultra hd quality",
                               "magnificent",
                               "marvelous",
                               "marvellous",
                               "perfect quality",
                               "photorealistic quality",
                               "atmospheric",
                               "vibes",
                               "vibe",
                               "moody vibe"};
    return words;
}

// "an epic poem", "Nice at noon", "an interesting-looking stranger": they name something here.
bool names_something(const std::vector<shot::Word>& words, const Span& span) {
    static const shot::WordSet things{"poem", "poet", "lens", "lenses", "camera", "universe", "pressure", "game"};
    const auto& word = words[span.first];
    const bool proper = word.capital && !word.starts_clause() && span.first > 0;
    const bool city = word.text == "nice" && word.capital;
    return proper || city || things.has(near(words, span.last, 1)) || is_negated(words, span.first);
}

// A list without the items that are praise alone; empty where the text is no such list.
std::string without_praise(const std::string& text) {
    if (!shot::is_one_clause(text)) return {};
    const auto items = core::split(text, ',');
    std::vector<std::string> kept;
    for (const auto& item : items) {
        const auto words = shot::words_of(item);
        std::size_t praised = 0;
        for (const auto& span : praise().find(words))
            if (!names_something(words, span)) praised += span.last - span.first + 1;
        const auto joints =
            std::size_t(std::count_if(words.begin(), words.end(), [](const shot::Word& word) { return word.text == "and"; }));
        if (praised == 0 || praised + joints < words.size()) kept.push_back(item);
    }
    if (kept.empty() || kept.size() == items.size()) return {};
    return core::join(kept, ", ");
}

// The text without the item of its list that those words are; none where more stands between the commas.
std::optional<std::string> without_item(const Text& text, const Span& span) {
    const auto& whole = text.text;
    const auto& words = text.words;
    const auto before = whole.rfind(',', words[span.first].begin), after = whole.find(',', words[span.last].end);
    const auto begin = before == std::string::npos ? 0 : before + 1, end = after == std::string::npos ? whole.size() : after;
    if (!core::trim(whole.substr(begin, words[span.first].begin - begin)).empty()) return std::nullopt;
    const std::string rest(core::trim(whole.substr(words[span.last].end, end - words[span.last].end)));
    if (!rest.empty() && rest != ".") return std::nullopt;
    if (before != std::string::npos) return whole.substr(0, before) + rest + (after == std::string::npos ? "" : whole.substr(after));
    return after == std::string::npos ? "" : std::string(core::trim(whole.substr(after + 1)));
}

}  // namespace

Findings vague_words(const Reading& subject) {
    Findings found;
    for (const auto& text : subject.described) {
        std::vector<std::string> vague;
        for (const auto& span : praise().find(text.words))
            if (!names_something(text.words, span)) vague.push_back('\'' + written(text, span) + '\'');
        if (vague.empty()) continue;
        std::vector<std::string> once;  // a word that stands twice is named once
        for (const auto& word : vague)
            if (std::none_of(once.begin(), once.end(), [&](const auto& told) { return core::equal_fold(told, word); })) once.push_back(word);
        vague = std::move(once);
        Finding finding{"vague-words", text.name(),
                        fmt::format("{} {} nothing that can be seen", core::join(vague, ", "), vague.size() == 1 ? "names" : "name"),
                        "say what makes it so: lens, film stock, colours, texture, light, weather"};
        if (auto rest = without_praise(text.text); !rest.empty()) finding.fixed = with_text(subject.shot, text, std::move(rest));
        found.push_back(std::move(finding));
    }
    return found;
}

Findings doubled_words(const Reading& subject) {
    static const shot::WordSet small{"the", "a",       "an",   "of",  "to",    "and", "with", "at", "for",   "from",  "is",
                                     "are", "through", "into", "his", "their", "its", "or",   "as", "while", "under", "across"};
    Findings found;
    for (const auto& text : subject.all)
        for (std::size_t i = 1; i < text.words.size(); ++i) {
            const auto &before = text.words[i - 1], &word = text.words[i];
            if (word.text != before.text || !small.has(word.text) || word.before == shot::Word::Before::stop) continue;
            const bool apart_by_space = core::trim(std::string_view(text.text).substr(before.end, word.begin - before.end)).empty();
            if (!apart_by_space) continue;
            auto mended = text.text;
            mended.erase(before.end, word.end - before.end);
            found.push_back({"doubled-words", text.name(), fmt::format("'{}' stands twice", word.text),
                             fmt::format("write '{}' once", word.text), with_text(subject.shot, text, std::move(mended))});
            break;
        }
    return found;
}

Findings settings_in_prompt(const Reading& subject) {
    static const shot::WordSet resolutions{"480p", "540p", "720p", "1080p", "1440p", "2160p", "4k", "8k"};
    static const shot::WordSet races{"run", "race", "marathon", "runner", "steps"};
    static const shot::WordSet clips{"clip", "video", "shot", "footage", "long"};
    const auto is_number = [](std::string_view text) { return !text.empty() && text.find_first_not_of("0123456789.") == text.npos; };
    Findings found;
    for (const auto& text : subject.described) {
        const auto& words = text.words;
        const auto report = [&](std::size_t first, std::size_t last, std::string_view flag) {
            found.push_back({"settings-in-prompt", text.name(),
                             fmt::format("'{}' is a setting, not a picture", written(text, {first, last})),
                             fmt::format("say it with {}", flag)});
            if (auto rest = without_item(text, {first, last})) found.back().fixed = with_text(subject.shot, text, std::move(*rest));
        };
        for (std::size_t i = 0; i < words.size(); ++i) {
            if (words[i].quoted) continue;
            const auto gap = [&](std::size_t k) { return text.text.substr(words[k - 1].end, words[k].begin - words[k - 1].end); };
            const auto& word = words[i].text;
            if (resolutions.has(word) && !races.has(near(words, i, 1))) report(i, i, "--resolution");
            if (word.ends_with("fps") &&
                (is_number(word.substr(0, word.size() - 3)) || (word == "fps" && i > 0 && is_number(words[i - 1].text))))
                report(word == "fps" && i > 0 ? i - 1 : i, i, "--fps");
            if (i > 0 && is_number(word) && gap(i) == ":") {
                static const shot::WordSet ratios{"16 9", "9 16", "4 3", "3 4", "21 9", "9 21", "1 1"};
                const auto pair = words[i - 1].text + ' ' + word;
                const bool clock =
                    (i > 1 && (words[i - 2].text == "at" || words[i - 2].text == "until" || words[i - 2].text == "score")) ||
                    (i + 1 < words.size() && (words[i + 1].text == "am" || words[i + 1].text == "pm" || words[i + 1].text == "in"));
                if (ratios.has(pair) && !clock) report(i - 1, i, "--aspect-ratio");
            }
            if ((word == "second" || word == "seconds" || word == "sec") && i > 0 && is_number(words[i - 1].text) &&
                clips.has(near(words, i, 1)))
                report(i - 1, i, "--duration");
            if (words[i].begin >= 2 && text.text.compare(words[i].begin - 2, 2, "--") == 0 &&
                (words[i].begin == 2 || text.text[words[i].begin - 3] == ' '))
                report(i, i, "a flag of the command, outside the text");
        }
    }
    return found;
}

}  // namespace shotwire::lint
