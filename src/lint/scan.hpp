#pragma once
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "lint/lint.hpp"
#include "shot/camera.hpp"
#include "shot/compose.hpp"
#include "shot/words.hpp"

// How the rules read a shot.
namespace shotwire::lint {

// One text of the shot with its words; camera has one for each entry.
struct Text {
    shot::Field field;
    std::size_t entry;
    const std::string& text;  // of the shot
    std::vector<shot::Word> words;
    mutable std::optional<std::vector<shot::Match>> found = {};  // by moves(), once
    std::string name() const { return std::string(shot::to_string(field)); }
    const std::vector<shot::Match>& moves() const { return found ? *found : found.emplace(shot::find_moves(words)); }
};
using Texts = std::vector<std::reference_wrapper<const Text>>;

// A subject whose words are read once for all rules. It refers to the shot, which must outlive it and stay as it is.
class Reading : public Subject {
public:
    explicit Reading(const Subject& subject);
    Reading(const Reading&) = delete;
    Texts texts(std::initializer_list<shot::Field> fields) const;  // in the order of the fields
    const std::string& prompt() const;  // as the model would be given it, however long; empty where there can be none

    std::vector<Text> all;            // those that say something
    std::span<const Text> described;  // all that the model is to show: no sound, no negatives

private:
    mutable std::optional<std::string> prompt_ = {};
};
std::shared_ptr<Shot> with_text(const Shot& shot, const Text& place, std::string text);  // the same shot, that text replaced

// Words that stand together: first and last, as indices.
struct Span {
    std::size_t first = 0;
    std::size_t last = 0;
};

// Phrases, found on word borders within one clause; hyphens and case do not matter. What stands in quotes is not found.
class Phrases {
public:
    Phrases(std::initializer_list<std::string_view> phrases) : Phrases(std::span(phrases.begin(), phrases.size())) {}
    explicit Phrases(std::span<const std::string_view> phrases);
    std::vector<Span> find(const std::vector<shot::Word>& words) const;  // the longest at each place
    bool stand_in(const std::vector<shot::Word>& words) const { return !find(words).empty(); }

private:
    std::vector<std::vector<std::string>> phrases_;  // by first word, longest first
    shot::Sieve firsts_;
};

std::string written(const Text& text, const Span& span);                // as the user wrote it
bool is_negated(const std::vector<shot::Word>& words, std::size_t at);  // "no subtitles", "without any cuts"
// The word at a distance in the same clause; empty where there is none.
std::string_view near(const std::vector<shot::Word>& words, std::size_t at, int distance);

}  // namespace shotwire::lint
