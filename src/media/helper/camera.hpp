#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "media/helper/geometry.hpp"
#include "shot/camera.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::media::helper {

// A pinhole camera at one instant. It never rolls: the horizon is a row of the picture.
struct Camera {
    Vec3 position;
    double yaw = 0;    // radians, right positive
    double pitch = 0;  // radians, up positive
    double focal = 1;  // pixels
    Point centre;      // where the optical axis meets the picture

    Vec3 to_view(Vec3 world) const;           // x right, y up, z along the optical axis
    Point project(Vec3 view) const { return {centre.x + focal * view.x / view.z, centre.y - focal * view.y / view.z}; }
    // The part of a polygon that lies before the camera, in pixels; fewer than three points where there is none.
    void project(std::span<const Vec3> world, std::vector<Point>& out) const;
    double depth(Vec3 world) const { return to_view(world).z; }
    // Elevation of the ray through the middle of a row, radians.
    double elevation(double row) const { return pitch + std::atan((centre.y - row) / focal); }
};

// Where the camera stands before it moves.
struct Framing {
    double share = 0.44;  // of the picture's height that the subject takes
    double eye = 1.5;     // metres above the ground; a tight one is where it sees the head
    double pitch = 0;     // degrees
    double tall = 1.72;   // metres of the subject, a grown person unless said
    double wide = 0;      // metres that must fit into the picture's width
    double ahead = 0;     // metres from the middle of the subject to its head

    bool tight() const { return share > 0.62; }  // shows the head and what is below it as far as there is room
};

// What the whole picture needs of an instant.
struct View {
    Camera camera;
    double defocus = 0;             // of subject and set, 0 to 1
    double foreground_defocus = 0;  // of what stands before the subject
};

// Where the camera is at each instant of a clip: a pure function of its inputs.
class CameraPath {
public:
    // `floor`: the row above which the subject stands at the start, where it fits.
    CameraPath(const shot::Motion& motion, const Framing& framing, Size size, double seconds, std::uint64_t seed, double floor);
    // `travelled`: how far the subject has gone, for a camera that follows it.
    View at(double seconds, Vec3 travelled) const;
    double distance() const { return distance_; }                    // metres to the subject at the start
    Vec3 lens() const;                                               // where it begins
    double reach() const { return distance_ / longer_; }             // the distance at which a plain lens would show as much

private:
    void look_at_head();
    shot::Motion motion_;
    Framing framing_;
    Size size_;
    double seconds_;
    std::uint64_t seed_;
    bool aerial_;         // begins high and looks down at the subject
    double focal_;
    double distance_;
    double longer_ = 1;   // than a plain lens
    double aim_ = 0;      // radians above the level: where a dolly goes
    double target_ = 0;   // metres above the ground: what a camera that turns keeps in its row
    double away_ = 1;     // where it begins, in units of the distance
    double shift_ = 0;    // of the lens, pixels down
};

}  // namespace shotwire::media::helper
