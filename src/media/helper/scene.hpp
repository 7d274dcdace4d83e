#pragma once
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "media/helper/palette.hpp"

namespace shotwire::media::helper {

// Polygons of one colour that face one way.
struct Shape {
    Color color;
    std::vector<std::vector<Vec3>> outlines = {};
    Vec3 normal = {};   // turned away from the camera it is not drawn; zero: seen from both sides
    double shine = 0;   // 1: light of its own, which the air does not dim
};

// What is drawn as one: sorted by the distance of its anchor, so solids must not interlock.
struct Solid {
    Vec3 anchor;
    std::vector<Shape> shapes;
    bool mirrored = true;  // seen in wet ground
};

struct Light {
    Vec3 at;
    Color color;
    double halo = 1;  // metres
    double pool = 0;  // metres of light on the ground below
    bool bulb = true;  // a bright core is seen
};

// Flat on the ground, drawn in order.
struct Patch {
    std::vector<std::vector<Vec3>> outlines;
    Color color;
    double reach = 1e9;  // metres from the camera within which it is worth drawing
};

// Everything in front of the camera but the figure and the weather.
struct Scene {
    Palette palette;
    bool sky = true;    // false: a room
    bool stars = false;
    std::vector<Patch> patches;
    std::vector<Solid> solids;
    std::vector<Solid> foreground;  // before the subject, for a lens that racks focus
    std::vector<Light> lights;
};

// A set: fills a scene whose palette is chosen. The subject's way lies clear along z, and for three metres to both sides.
using Set = void (*)(Scene& scene, const Mood& mood, std::uint64_t seed);
void open_country(Scene& scene, const Mood& mood, std::uint64_t seed);
void city_street(Scene& scene, const Mood& mood, std::uint64_t seed);
void plain_room(Scene& scene, const Mood& mood, std::uint64_t seed);

// `lens`: where the camera starts, which what stands before the subject is made for.
Scene build_scene(const Mood& mood, std::uint64_t seed, Vec3 lens);

// Shapes that sets are made of.
std::vector<Vec3> disc(Vec3 centre, double rx, double rz, int corners = 20);  // flat on the ground
std::vector<Vec3> upright(Vec3 foot, double width, double height);           // faces the start of the camera

}  // namespace shotwire::media::helper
