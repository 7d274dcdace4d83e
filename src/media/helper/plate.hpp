#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "media/helper/camera.hpp"
#include "media/helper/canvas.hpp"
#include "shotwire/result.hpp"

namespace shotwire::media::helper {

// A reference image that stands where the subject would, as a wall across the view, cropped to fill it.
class Plate {
public:
    // Errors: usage for what is no PNG, JPEG or WebP, or is broken.
    static Result<Plate> open(const std::string& path, Size picture);
    // `start`: the camera at the first instant, for which the image fills the picture.
    void draw(Canvas& canvas, const Camera& start, const Camera& now, double distance) const;

private:
    Size size_;
    std::vector<std::uint32_t> pixels_;
};

// The moves of a shot, made small enough that they stay on the image.
shot::Motion over_a_plate(shot::Motion motion);

}  // namespace shotwire::media::helper
