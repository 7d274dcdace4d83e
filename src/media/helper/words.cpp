#include "media/helper/words.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "core/text.hpp"
#include "media/helper/negation.hpp"

namespace shotwire::media::helper {

Words::Words(std::string_view text) {
    for (char c : core::lower(affirmed(text))) {
        bool letter = std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
        if (letter) text_ += c;
        else if (text_.back() != ' ') text_ += ' ';
    }
    text_ += ' ';
}

std::size_t Words::find(std::initializer_list<std::string_view> words) const {
    std::size_t first = std::string::npos;
    for (auto word : words) {
        bool open = word.ends_with('*');
        if (open) word.remove_suffix(1);
        first = std::min(first, text_.find(fmt::format(" {}{}", word, open ? "" : " ")));
    }
    return first;
}

std::vector<std::string> Words::list() const { return core::split(std::string(core::trim(text_)), ' '); }

Words Words::without(std::initializer_list<std::string_view> words) const {
    Words rest = *this;
    for (auto word : words) {
        const auto spaced = fmt::format(" {} ", word);
        for (auto at = rest.text_.find(spaced); at != std::string::npos; at = rest.text_.find(spaced, at)) rest.text_.replace(at, spaced.size(), " | ");
    }
    return rest;
}

}  // namespace shotwire::media::helper
