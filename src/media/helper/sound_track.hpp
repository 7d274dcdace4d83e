#pragma once
#include <string>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::media::helper {

// The sound of a file in stereo at `sample_rate`, all of it; both empty where it has none.
struct SoundTrack {
    std::vector<float> left, right;
    bool empty() const { return left.empty(); }
};
// Errors: usage for broken data, or more than half an hour.
Result<SoundTrack> read_sound(const std::string& path, const char* formats);

}  // namespace shotwire::media::helper
