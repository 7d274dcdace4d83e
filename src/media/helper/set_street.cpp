#include "media/helper/scene.hpp"

// A street between two rows of houses, along the way that the camera first looks.
namespace shotwire::media::helper {
namespace {

constexpr double kerb = 3.6;
constexpr double front = 5.4;  // of the houses, from the middle of the street

struct House {
    double side;  // -1 left, 1 right
    double from;  // z
    double to;
    double height;
    Color wall;
};

using Quad = std::vector<Vec3>;
// A rectangle on the house's front.
Quad on_front(const House& house, double z0, double z1, double y0, double y1, double out = 0) {
    double x = house.side * (front - out);
    return {{x, y0, z0}, {x, y1, z0}, {x, y1, z1}, {x, y0, z1}};
}

void add_windows(Solid& solid, const House& house, const Scene& scene, const Mood& mood, Random& random) {
    const Palette& p = scene.palette;
    Vec3 out{-house.side, 0, 0};
    Shape dark{mix(p.window_dark, house.wall, 0.15), {}, out}, lit{p.window_lit, {}, out, 0.75}, dim{mix(p.window_lit, house.wall, 0.55), {}, out, 0.5};
    Shape sills{mix(house.wall, p.key, 0.13), {}, out};
    int columns = std::max(2, int((house.to - house.from) / 2.3));
    double pitch = (house.to - house.from) / columns;
    double share = mood.lamps ? 0.34 : 0.06;
    for (double y = 4.4; y + 1.9 < house.height; y += 3.0)
        for (int i = 0; i < columns; ++i) {
            double z = house.from + (i + 0.5) * pitch, half = pitch * 0.2;
            Shape& pane = random.chance(share) ? (random.chance(0.5) ? lit : dim) : dark;
            pane.outlines.push_back(on_front(house, z - half, z + half, y, y + 1.7));
            sills.outlines.push_back(on_front(house, z - half * 1.25, z + half * 1.25, y - 0.16, y - 0.04, 0.05));
        }
    sills.outlines.push_back(on_front(house, house.from, house.to, 3.55, 3.75, 0.08));
    sills.outlines.push_back(on_front(house, house.from, house.to, house.height - 0.45, house.height, 0.15));
    // The ground floor: shops and doors.
    int bays = std::max(2, int((house.to - house.from) / 3.2));
    double bay = (house.to - house.from) / bays;
    for (int i = 0; i < bays; ++i) {
        double z = house.from + (i + 0.5) * bay;
        bool shop = random.chance(0.6);
        Shape& pane = mood.lamps && shop && random.chance(0.6) ? (random.chance(0.6) ? lit : dim) : dark;
        if (shop) pane.outlines.push_back(on_front(house, z - bay * 0.36, z + bay * 0.36, 0.7, 2.9));
        else dark.outlines.push_back(on_front(house, z - 0.6, z + 0.6, 0, 2.5));
    }
    for (auto* shape : {&sills, &dark, &dim, &lit}) solid.shapes.push_back(std::move(*shape));
}

void add_house(Scene& scene, const House& house, const Mood& mood, Random& random) {
    const Palette& p = scene.palette;
    Solid solid{{house.side * front, house.height / 2, (house.from + house.to) / 2}, {}};
    double x0 = house.side * front, x1 = house.side * (front + 9), h = house.height;
    Color end = mix(house.wall, p.shade, 0.45), roof = mix(p.mass, p.shade, 0.3);
    solid.shapes.push_back({end, {{{x0, 0, house.from}, {x0, h, house.from}, {x1, h, house.from}, {x1, 0, house.from}}}, {0, 0, -1}});
    solid.shapes.push_back({end, {{{x0, 0, house.to}, {x0, h, house.to}, {x1, h, house.to}, {x1, 0, house.to}}}, {0, 0, 1}});
    double ridge = h + 2.2, mid = (x0 + x1) / 2;
    solid.shapes.push_back({roof, {{{x0, h, house.from}, {mid, ridge, house.from}, {mid, ridge, house.to}, {x0, h, house.to}}}});
    solid.shapes.push_back({end, {{{x0, h, house.from}, {mid, ridge, house.from}, {x1, h, house.from}}}, {0, 0, -1}});
    solid.shapes.push_back({house.wall, {on_front(house, house.from, house.to, 0, h)}, {-house.side, 0, 0}});
    add_windows(solid, house, scene, mood, random);
    if (mood.neon && random.chance(0.8)) {
        Color tube = random.chance(0.5) ? p.accent : p.accent_two;
        double z = random.uniform(house.from + 1, house.to - 1), y = random.uniform(3.9, 5.2), x = house.side * (front - 0.85);
        double reach = random.uniform(1.1, 2.0);
        Solid sign{{x, y, z}, {}};
        sign.shapes.push_back({tube * 0.25, {{{x - 0.45, y, z}, {x - 0.45, y + reach, z}, {x + 0.45, y + reach, z}, {x + 0.45, y, z}}}, {}, 0.4});
        Shape bars{mix(tube, rgb(0xffffff), 0.35), {}, {}, 1};
        for (double level = y + 0.15; level + 0.2 < y + reach; level += 0.42) {
            double half = random.uniform(0.14, 0.34);
            bars.outlines.push_back({{x - half, level, z - 0.01}, {x - half, level + 0.2, z - 0.01}, {x + half, level + 0.2, z - 0.01}, {x + half, level, z - 0.01}});
        }
        sign.shapes.push_back(std::move(bars));
        scene.solids.push_back(std::move(sign));
        scene.lights.push_back({{x, y + reach / 2, z}, tube, 1.9, 2.6});
    }
    scene.solids.push_back(std::move(solid));
}

void add_lamp(Scene& scene, double side, double z, bool on) {
    const Palette& p = scene.palette;
    double x = side * (kerb + 0.35), top = 4.1, arm = side * -0.55;
    Color iron = mix(p.mass, rgb(0x0a0c10), 0.55);
    Solid lamp{{x, 2, z}, {}};
    lamp.shapes.push_back({iron, {upright({x, 0, z}, 0.11, top), upright({x, 0, z}, 0.24, 0.5),
                                  {{x, top - 0.02, z}, {x + arm, top + 0.14, z}, {x + arm, top + 0.06, z}, {x, top - 0.14, z}}}});
    double lx = x + arm;
    Color glass = on ? mix(p.lamp, rgb(0xffffff), 0.55) : p.window_dark;
    lamp.shapes.push_back({glass, {{{lx - 0.13, top + 0.06, z}, {lx - 0.19, top - 0.32, z}, {lx + 0.19, top - 0.32, z}, {lx + 0.13, top + 0.06, z}}}, {}, on ? 1.0 : 0.0});
    scene.solids.push_back(std::move(lamp));
    if (on) scene.lights.push_back({{lx, top - 0.15, z}, p.lamp, 2.3, 4.2});
}

// Setts in staggered rows, some a little lighter: enough to feel the ground pass.
void add_setts(Scene& scene, Random& random) {
    const Palette& p = scene.palette;
    for (double from = -14; from < 46; from += 4) {
        Patch light{{}, p.key.with_alpha(0.05), 15}, dark{{}, (p.shade * 0.25).with_alpha(0.34), 15};
        for (int row = 0; row < 9; ++row)
            for (double x = -kerb + (row % 2) * 0.22; x + 0.4 < kerb; x += 0.44) {
                double z = from + row * 0.444, pick = random.uniform();
                if (pick > 0.5) continue;
                Patch& tone = pick < 0.26 ? light : dark;
                tone.outlines.push_back({{x + 0.02, 0, z + 0.02}, {x + 0.41, 0, z + 0.02}, {x + 0.39, 0, z + 0.41}, {x + 0.03, 0, z + 0.41}});
            }
        scene.patches.push_back(std::move(light));
        scene.patches.push_back(std::move(dark));
    }
    for (double side : {-1.0, 1.0}) {
        double a = side * kerb, b = side * (kerb + 0.22), c = side * front;
        scene.patches.push_back({{{{b, 0, -20}, {b, 0, 130}, {c, 0, 130}, {c, 0, -20}}}, mix(p.ground, p.key, 0.12).with_alpha(0.5)});
        scene.patches.push_back({{{{a, 0, -20}, {a, 0, 130}, {b, 0, 130}, {b, 0, -20}}}, mix(p.ground, p.key, 0.25).with_alpha(0.6)});
    }
}

}  // namespace

void city_street(Scene& scene, const Mood& mood, std::uint64_t seed) {
    Random random(seed ^ 0x57);
    const Palette& p = scene.palette;
    scene.stars = mood.hour == Hour::night && !mood.rain;
    for (double side : {-1.0, 1.0})
        for (double z = -22; z < 112;) {
            double wide = random.uniform(6.5, 11);
            Color wall = mix(mix(p.mass, p.mass_warm, random.uniform(0.1, 0.95)), p.key, random.uniform(0, 0.08));
            add_house(scene, {side, z, z + wide, 3.9 + 3 * double(2 + random.next() % 3) + random.uniform(0, 0.8), wall}, mood, random);
            z += wide + (random.chance(0.12) ? 1.8 : 0.02);
        }
    for (int i = 0; i < 11; ++i) add_lamp(scene, i % 2 ? 1 : -1, -9 + i * 7.5, mood.lamps);

    // A church closes the street.
    Color far = mix(p.mass, p.shade, 0.4);
    scene.solids.push_back({{1.5, 10, 118}, {{far, {upright({1.5, 0, 118}, 9, 24), {{-3, 24, 118}, {1.5, 44, 118}, {6, 24, 118}}, upright({10, 0, 118}, 16, 15)}}}});
    for (double x = -90; x < 90; x += 9)
        scene.solids.push_back({{x, 9, 135}, {{far, {upright({x, 0, 135}, 9.4, random.uniform(11, 19))}}}, false});

    add_setts(scene, random);
    if (mood.rain)
        for (int i = 0; i < 44; ++i) {
            Vec3 at{random.uniform(-3.3, 3.3), 0, -12 + i * 1.15};
            double across = random.uniform(0.35, 1.1);
            auto sky = mix(p.horizon, i % 3 == 0 ? p.accent : p.lamp, mood.lamps ? 0.22 : 0.05).with_alpha(0.38);
            scene.patches.push_back({{disc(at, across, across * random.uniform(0.35, 0.6))}, sky, 26});
        }
}

}  // namespace shotwire::media::helper
