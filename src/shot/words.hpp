#pragma once
#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace shotwire::shot {

// A word of a text, and what stands before it.
struct Word {
    enum class Before { space, hyphen, comma, stop };  // comma: any mark inside a sentence; stop: a new sentence
    std::string text;                                  // lower case (ASCII), curly apostrophes made straight
    std::size_t begin = 0;                             // bytes of the text
    std::size_t end = 0;
    Before before = Before::space;
    bool capital = false;  // its first letter is an ASCII capital
    bool quoted = false;   // inside double quotes: dialogue, the text of a sign
    bool starts_clause() const { return before == Before::comma || before == Before::stop; }
};

// Hyphens and underscores part words, apostrophes inside a word and points inside a number do not. Any UTF-8.
std::vector<Word> words_of(std::string_view text);

// Tells quickly of most words that they are in no list, by their length and their first and last letter, in any ASCII case.
class Sieve {
public:
    void add(std::string_view word) { rows_[row(word)] |= column(word); }
    bool may_have(std::string_view word) const { return !word.empty() && rows_[row(word)] & column(word); }

private:
    static std::size_t row(std::string_view word) { return word.front() & 31; }
    static std::uint64_t column(std::string_view word) { return std::uint64_t(1) << ((word.size() * 5 + (word.back() & 31)) & 63); }
    std::array<std::uint64_t, 32> rows_ = {};
};

// A list of words, looked up without regard to ASCII case.
class WordSet {
public:
    WordSet(std::initializer_list<std::string_view> words);
    bool has(std::string_view word) const;

private:
    std::vector<std::string_view> sorted_;  // of literals
    Sieve sieve_;
};

// English as far as composing and linting need it.
bool is_preposition(std::string_view word);  // in, on, under, through, ...
bool is_determiner(std::string_view word);   // a, the, her, two, ...
bool is_pronoun(std::string_view word);      // she, they, it, there, ...
bool is_finite_verb(std::string_view word);  // third person: walks, is, turns, ...; common ones only

}  // namespace shotwire::shot
