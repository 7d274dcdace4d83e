#pragma once
#include <memory>

#include "media/helper/figure.hpp"
#include "media/helper/scene.hpp"
#include "media/helper/weather.hpp"

namespace shotwire::media::helper {

// Draws one instant of a scene. Holds no state between frames: any frame may be drawn first, on any thread of its own stage.
class Stage {
public:
    Stage(const Scene& scene, Size size) : scene_(scene), front_(size), mask_(vignette(size, 0.34)) {}
    void draw(Canvas& canvas, const View& view, const Figure* figure, const Pose& pose, const Weather& weather, double seconds);

private:
    void sky_and_ground(Canvas& canvas, const Camera& camera) const;
    void backdrop(Canvas& canvas, const Camera& camera) const;
    void ground(Canvas& canvas, const Camera& camera) const;
    void solid(Canvas& canvas, const Camera& camera, const Solid& solid, bool mirrored) const;
    void light_below(Canvas& canvas, const Camera& camera, const Light& light) const;
    Color through_air(Color color, double depth, double shine = 0) const;

    const Scene& scene_;
    Canvas front_;
    std::vector<std::uint8_t> mask_;
};

}  // namespace shotwire::media::helper
