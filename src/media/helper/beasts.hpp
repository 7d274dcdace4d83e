#pragma once
#include "media/helper/lexicon.hpp"
#include "media/helper/words.hpp"

namespace shotwire::media::helper {

// A four-legged animal, the fur that it has where no colour is told, and its names.
struct BeastWords {
    Beast beast;
    unsigned color;
    std::initializer_list<std::string_view> words;
};
const BeastWords* beast_of(const Words& subject);  // null: none is named

// Likewise of birds.
struct BirdWords {
    Plumage plumage;
    unsigned color;
    std::initializer_list<std::string_view> words;
};
const BirdWords* first_bird(const Words& subject);

}  // namespace shotwire::media::helper
