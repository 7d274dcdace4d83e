#pragma once
#include <vector>

#include "media/helper/figure.hpp"

namespace shotwire::media::helper {

// Room tone and what the words let one hear: rain, wind, surf, a city's hum, steps in time with the feet. Mono, quiet.
std::vector<float> room_tone(const Mood& mood, const Walk& walk, std::size_t samples, int rate, std::uint64_t seed);

}  // namespace shotwire::media::helper
