#pragma once
#include "media/helper/lexicon.hpp"
#include "media/helper/words.hpp"

namespace shotwire::media::helper {

// What is said of the light goes before what is said of the place, unless it only hints: "a beach at sunset", "sun from behind".
Hour hour_of(const Shot& shot, const Words& light, const Words& all);

}  // namespace shotwire::media::helper
