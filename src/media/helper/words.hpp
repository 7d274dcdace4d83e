#pragma once
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace shotwire::media::helper {

// What a text says is there, in lower case, every run of other characters one space, so that " rain " finds a word and not a part of "train".
class Words {
public:
    explicit Words(std::string_view text);
    // Where the first of the words stands, npos where none does; one that ends in '*' also as the beginning of a word.
    std::size_t find(std::initializer_list<std::string_view> words) const;
    bool has(std::initializer_list<std::string_view> words) const { return find(words) != std::string::npos; }
    std::vector<std::string> list() const;
    Words without(std::initializer_list<std::string_view> words) const;  // however often they stand there

private:
    std::string text_ = std::string(1, ' ');  // a literal here trips GCC 12's -Wrestrict
};

// The row that is named first.
template <class Row, std::size_t count>
const Row* named(const Row (&rows)[count], const Words& subject) {
    const Row* found = nullptr;
    auto first = std::string::npos;
    for (const auto& row : rows)
        if (auto at = subject.find(row.words); at < first) first = at, found = &row;
    return found;
}

}  // namespace shotwire::media::helper
