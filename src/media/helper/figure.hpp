#pragma once
#include "media/helper/camera.hpp"
#include "media/helper/canvas.hpp"
#include "media/helper/palette.hpp"

namespace shotwire::media::helper {

// Where the subject is and how far it has come: a walk is driven by the way, so that feet do not slide.
struct Pose {
    Vec3 at;
    double heading = 0;  // radians; 0 walks away from where the camera starts, right positive
    double way = 0;      // metres walked
    double seconds = 0;
};

// The subject as a jointed body of round parts, solid from every side. A new kind is a function in figure.cpp's table.
class Figure {
public:
    Figure(const Mood& mood, const Palette& palette) : mood_(mood), palette_(palette) {}
    // `mirrored`: as wet ground shows it.
    void draw(Canvas& canvas, const Camera& camera, const Pose& pose, bool mirrored) const;

private:
    Mood mood_;
    Palette palette_;
};

// The subject's way through the clip.
class Walk {
public:
    Walk(const Mood& mood, const shot::Motion& motion, double distance, double aspect, double seconds);
    Pose at(double seconds) const;
    Vec3 travelled(double seconds) const { return at(seconds).at - at(0).at; }

private:
    Vec3 start_, velocity_;
    double heading_ = 0;
    double ahead_ = 0;
    Flight flight_ = Flight::none;
    double length_ = 0;  // seconds of the clip
};

}  // namespace shotwire::media::helper
