#pragma once
#include <cstdint>
#include <string>

#include "core/json.hpp"
#include "shot/camera.hpp"
#include "shotwire/measure.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::media::helper {

// What the verb `animatic` is asked for. All fields but `output` may be missing in the document.
struct AnimaticJob {
    std::string output;
    Size size{1280, 720};
    double fps = 24;
    int frames = 0;           // or "seconds": 4 unless given; rounded to whole frames
    std::uint64_t seed = 0;
    bool audio = true;
    bool overlay = true;      // caption and slate
    std::string plate;        // an image that takes the place of the set
    Shot shot;
    shot::Motion motion;      // from the camera's words
    double seconds() const { return frames / fps; }
};

// Errors: usage, naming the field, its value and what is allowed.
Result<AnimaticJob> parse_animatic(const json& document);

}  // namespace shotwire::media::helper
