#include "media/helper/negation.hpp"

#include <algorithm>
#include <vector>

#include "shot/words.hpp"

namespace shotwire::media::helper {
namespace {

using shot::Word;
using shot::WordSet;

const WordSet denying{"no", "not", "without", "never", "nobody", "nothing", "none", "neither", "nor", "cannot", "lacking"};
const WordSet excuses{"only", "just", "merely"};                                                            // "not only rain"
const WordSet of_things{"free", "devoid", "clear", "empty", "bare", "void", "instead", "lack", "absence"};  // "free of snow"
const WordSet to_show{"show", "draw", "include", "use", "add", "have", "render", "depict"};                 // "Do not show people, rain."
const WordSet turning_points{"but", "while", "when", "where", "that", "who", "which", "whose", "then", "because", "so", "until", "except", "just", "only", "yet"};
const WordSet weathers{"rain", "rains", "drizzle", "downpour", "rainstorm", "thunderstorm", "storm", "shower", "showers", "snow", "snowfall", "snowstorm", "blizzard", "fog", "mist", "haze",
                       "neon", "music"};
const WordSet leaves_nothing{"rain", "rains", "drizzle", "downpour", "rainstorm", "thunderstorm", "storm", "shower", "showers", "fog", "mist"};  // but snow lies
const WordSet of_weather{"heavy", "long", "light", "summer", "sudden", "brief", "last", "short", "night's", "evening", "spring", "autumn"};
const WordSet has_come{"has", "have", "had", "is", "was", "just", "finally", "now", "already", "all", "long", "since"};
const WordSet to_an_end{"stopped", "stops", "ended", "ceased", "passed", "cleared", "lifted", "gone", "over", "melted", "thawed", "subsided", "faded", "off"};
constexpr std::size_t longest_phrase = 5, longest_list = 24;  // words

class Denials {
public:
    explicit Denials(std::string_view text) : words_(shot::words_of(text)), denied_(words_.size()) {
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (begins_avoiding(i)) avoid(i);
            else if (auto first = denies(i); first > i) deny(i, first);
            else find_ended(i);
        }
    }
    std::string rest(std::string_view text) const {
        std::string left;
        std::size_t from = 0;
        for (std::size_t i = 0; i < words_.size(); ++i) {
            if (!denied_[i]) continue;
            left += text.substr(from, words_[i].begin - from);
            from = words_[i].end;
        }
        return left += text.substr(from);
    }

private:
    bool is(std::size_t i, std::string_view word) const { return i < words_.size() && words_[i].text == word; }
    bool in(std::size_t i, const WordSet& set) const { return i < words_.size() && set.has(words_[i].text); }
    bool same_clause(std::size_t i) const { return i < words_.size() && !words_[i].starts_clause(); }

    // Everything up to the end of the sentence is named to be left out.
    bool begins_avoiding(std::size_t i) const {
        const bool sentence = i == 0 || words_[i].before == Word::Before::stop;
        if (is(i, "avoid")) return sentence || words_[i].starts_clause();
        if (!sentence) return false;
        if (is(i, "negative")) return is(i + 1, "prompt") || (i + 1 < words_.size() && words_[i + 1].starts_clause());
        return ((is(i, "don't") || is(i, "never")) && in(i + 1, to_show)) || (is(i, "do") && is(i + 1, "not") && in(i + 2, to_show));
    }
    void avoid(std::size_t& i) {
        for (denied_[i] = true; i + 1 < words_.size() && words_[i + 1].before != Word::Before::stop;) denied_[++i] = true;
    }

    // Where what is denied begins; not behind `i` where nothing is.
    std::size_t denies(std::size_t i) const {
        const auto& word = words_[i].text;
        if (in(i, of_things) && (is(i + 1, "of")) && same_clause(i + 1)) return i + 2;
        if (word == "rather" && is(i + 1, "than")) return i + 2;
        if (!denying.has(word) && !word.ends_with("n't")) return i;
        if (in(i + 1, excuses)) return i;
        const bool compound = i + 1 < words_.size() && words_[i + 1].before == Word::Before::hyphen && !is(i + 1, "one");  // "a no-smoking sign"
        return compound ? i : i + 1;
    }
    void deny(std::size_t& i, std::size_t first) {
        const bool all = words_[i].text == "without" || first == i + 2;
        std::size_t at = first, long_by = 0;
        for (; at < words_.size() && long_by < longest_phrase; ++at) {
            const bool leads = long_by == 0;
            if (words_[at].before == Word::Before::stop || (words_[at].starts_clause() && (at == first || !goes_on(at)))) break;
            if (words_[at].starts_clause() || is(at, "or") || is(at, "nor")) {
                denied_[at] = true, long_by = is(at, "or") || is(at, "nor") ? 0 : 1;
                continue;
            }
            if (is(at, "and")) {
                const bool last = at + 1 < words_.size() && (at + 2 == words_.size() || words_[at + 2].starts_clause() || ends(at + 2, false));
                if (!same_clause(at + 1) || ends(at + 1, false) || (!all && (!last || long_by != 1))) break;
                denied_[at] = true, long_by = 0;
                continue;
            }
            if (ends(at, leads)) break;
            denied_[at] = true, ++long_by;
        }
        for (auto k = i; k < first && k < words_.size(); ++k) denied_[k] = true;
        i = std::max(i, at - 1);
    }
    bool ends(std::size_t at, bool leads) const {
        const auto& word = words_[at].text;
        if (turning_points.has(word) || denying.has(word)) return !(leads && (word == "yet" || word == "that"));
        const bool goes_on_telling = shot::is_pronoun(word) || (shot::is_finite_verb(word) && word != "waves");  // "without a word she walks"
        if (shot::is_determiner(word) || goes_on_telling) return !leads;
        return word != "of" && shot::is_preposition(word);
    }
    // "without rain, snow or fog": whether the list that the comma parts is still one of what is missing.
    bool goes_on(std::size_t at) const {
        std::size_t item = 0;
        for (auto i = at; i < words_.size() && i < at + longest_list && words_[i].before != Word::Before::stop; ++i) {
            if (is(i, "or") || is(i, "nor")) return true;
            item = words_[i].starts_clause() ? 1 : item + 1;
            if (item > 3 || ends(i, false)) return false;
        }
        return false;
    }

    // "after the rain", "the fog has lifted", "it has stopped raining", "snow-free".
    void find_ended(std::size_t i) {
        if (is(i, "free") && i > 0 && words_[i].before == Word::Before::hyphen) denied_[i - 1] = true;
        if (is(i, "after")) {
            auto at = i + 1;
            while (same_clause(at) && at < i + 4 && (shot::is_determiner(words_[at].text) || of_weather.has(words_[at].text))) ++at;
            if (same_clause(at) && in(at, leaves_nothing)) denied_[at] = true;
        }
        if ((is(i, "stopped") || is(i, "stops")) && (is(i + 1, "raining") || is(i + 1, "snowing"))) denied_[i + 1] = true;
        if (!in(i, weathers)) return;
        auto at = i + 1;
        while (same_clause(at) && at < i + 5 && has_come.has(words_[at].text)) ++at;
        const bool place = at == i + 1 && (is(at, "over") || is(at, "off"));  // "rain over the sea"
        if (same_clause(at) && in(at, to_an_end) && !place) denied_[i] = true;
    }

    std::vector<Word> words_;
    std::vector<bool> denied_;
};

}  // namespace

std::string affirmed(std::string_view text) { return Denials(text).rest(text); }

}  // namespace shotwire::media::helper
