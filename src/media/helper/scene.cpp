#include "media/helper/scene.hpp"

namespace shotwire::media::helper {
namespace {

// What a rack focus starts on: a post and a few leaves, close to the lens and left of the subject.
void add_foreground(Scene& scene, Random random, Vec3 lens) {
    Color dark = mix(scene.palette.mass, scene.palette.shade, 0.3) * 0.8;
    Solid branch{{-0.45, 1.4, -1.6}, {}, false};
    branch.shapes.push_back({dark, {{{-1.3, 1.95, -1.6}, {-0.1, 1.6, -1.6}, {-0.1, 1.585, -1.6}, {-1.3, 1.88, -1.6}}}});
    Shape leaves{mix(dark, scene.palette.key, 0.14), {}};
    for (int i = 0; i < 26; ++i) {
        double x = random.uniform(-1.2, 0.0), y = 1.62 + (-x) * 0.25 + random.uniform(-0.16, 0.1), lean = random.uniform(-0.8, 0.8);
        double w = random.uniform(0.02, 0.035), l = random.uniform(0.07, 0.13);
        leaves.outlines.push_back({{x, y, -1.6}, {x + l * 0.5 * std::cos(lean) + w * 0.5, y - l * 0.4, -1.6}, {x + l * std::sin(lean), y - l, -1.6},
                                   {x - w, y - l * 0.45, -1.6}});
    }
    branch.shapes.push_back(std::move(leaves));
    // Drawn for an eye at 1.5 m and 5.7 m from the subject; scaled about the lens it looks the same from anywhere.
    double scale = -lens.z / 5.7;
    for (auto& shape : branch.shapes)
        for (auto& outline : shape.outlines)
            for (auto& corner : outline) corner = lens + (corner - Vec3{0, 1.5, -5.7}) * scale;
    scene.foreground.push_back(std::move(branch));
}

}  // namespace

std::vector<Vec3> disc(Vec3 centre, double rx, double rz, int corners) {
    std::vector<Vec3> outline;
    for (int i = 0; i < corners; ++i) {
        double angle = 2 * std::numbers::pi * i / corners;
        outline.push_back({centre.x + rx * std::cos(angle), centre.y, centre.z + rz * std::sin(angle)});
    }
    return outline;
}

std::vector<Vec3> upright(Vec3 foot, double width, double height) {
    double half = width / 2;
    return {{foot.x - half, foot.y, foot.z}, {foot.x - half, foot.y + height, foot.z}, {foot.x + half, foot.y + height, foot.z}, {foot.x + half, foot.y, foot.z}};
}

Scene build_scene(const Mood& mood, std::uint64_t seed, Vec3 lens) {
    static constexpr Set sets[] = {open_country, city_street, plain_room};  // in the order of Place
    Scene scene;
    scene.palette = palette_of(mood);
    sets[std::size_t(mood.place)](scene, mood, seed);
    add_foreground(scene, Random(seed ^ 0xf0), lens);
    return scene;
}

}  // namespace shotwire::media::helper
