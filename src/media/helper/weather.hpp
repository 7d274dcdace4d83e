#pragma once
#include "media/helper/camera.hpp"
#include "media/helper/canvas.hpp"
#include "media/helper/palette.hpp"

namespace shotwire::media::helper {

// What falls: drops or flakes in a box of air around the camera, so that they pass by when it moves.
class Weather {
public:
    Weather(const Mood& mood, const Palette& palette, std::uint64_t seed);
    void draw(Canvas& canvas, const Camera& camera, double seconds) const;

private:
    Vec3 place(Vec3 base, Vec3 velocity, const Camera& camera, double seconds) const;
    bool rain_, snow_;
    Color light_;
    std::vector<Vec3> drops_;
};

}  // namespace shotwire::media::helper
