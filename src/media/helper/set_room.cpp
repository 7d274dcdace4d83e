#include "media/helper/scene.hpp"

// A room with a window, a lamp and a table: walls stand far enough back for every move of the camera.
namespace shotwire::media::helper {

void plain_room(Scene& scene, const Mood& mood, std::uint64_t seed) {
    Random random(seed ^ 0x20);
    Palette& p = scene.palette;
    scene.sky = false;
    bool dark = is_dark(mood.hour);
    Color wall = mix(p.mass_warm, p.key, dark ? 0.1 : 0.45), trim = mix(wall, p.key, 0.25);
    p.ground = mix(p.mass_warm * 0.6, p.shade, 0.2), p.ground_far = mix(p.ground, wall, 0.4);
    p.air = wall * 0.9, p.visibility = 60;
    constexpr double half = 6, back = 6.5, behind = -14, high = 4;

    auto side = [&](std::vector<Vec3> outline, Vec3 normal, Color tone) {
        scene.solids.push_back({outline[0] * 3, {{tone, {outline}, normal}}, false});
    };
    side({{-half, 0, back}, {-half, high, back}, {half, high, back}, {half, 0, back}}, {0, 0, -1}, wall);
    side({{-half, 0, behind}, {-half, high, behind}, {half, high, behind}, {half, 0, behind}}, {0, 0, 1}, wall * 0.7);
    side({{-half, 0, behind}, {-half, high, behind}, {-half, high, back}, {-half, 0, back}}, {1, 0, 0}, wall * 0.82);
    side({{half, 0, behind}, {half, high, behind}, {half, high, back}, {half, 0, back}}, {-1, 0, 0}, wall * 0.74);
    side({{-half, high, behind}, {half, high, behind}, {half, high, back}, {-half, high, back}}, {0, -1, 0}, wall * 0.62);

    double z = back - 0.02;
    Color pane = mix(p.horizon, p.zenith, 0.3);
    Solid window{{1.6, 2, z}, {}};
    window.shapes.push_back({trim, {{{0.35, 0.85, z}, {0.35, 3.25, z}, {3.05, 3.25, z}, {3.05, 0.85, z}}}});
    Shape glass{pane, {}, {}, 0.8};
    for (int column = 0; column < 2; ++column)
        for (int row = 0; row < 2; ++row) {
            double x = 0.5 + column * 1.24, y = 1.0 + row * 1.1;
            glass.outlines.push_back({{x, y, z - 0.01}, {x, y + 1.0, z - 0.01}, {x + 1.14, y + 1.0, z - 0.01}, {x + 1.14, y, z - 0.01}});
        }
    window.shapes.push_back(std::move(glass));
    scene.solids.push_back(std::move(window));
    scene.lights.push_back({{1.7, 2.1, z - 0.1}, pane * (dark ? 0.3 : 0.55), 2.6, 0, false});
    scene.patches.push_back({{{{0.2, 0, 4.6}, {2.6, 0, 4.6}, {1.4, 0, 1.2}, {-1.4, 0, 1.2}}}, p.key.with_alpha(dark ? 0.06 : 0.2)});

    Solid shelf{{-3.6, 1, z - 0.3}, {{mix(p.mass, p.mass_warm, 0.4) * 0.8, {upright({-3.6, 0, z - 0.3}, 2.4, 2.5)}}}};
    Shape books[] = {{p.accent * 0.8, {}}, {p.accent_two * 0.8, {}}, {mix(wall, p.key, 0.4), {}}};
    for (int row = 0; row < 4; ++row)
        for (double x = -4.65; x < -2.65;) {
            double wide = random.uniform(0.06, 0.14);
            books[random.next() % 3].outlines.push_back(upright({x, 0.2 + row * 0.57, z - 0.32}, wide * 0.9, random.uniform(0.3, 0.46)));
            x += wide;
        }
    for (auto& row : books) shelf.shapes.push_back(row);
    scene.solids.push_back(std::move(shelf));

    Solid table{{-1.9, 0.4, 3.6}, {{mix(p.mass_warm, p.shade, 0.3), {upright({-1.9, 0.72, 3.6}, 1.7, 0.07), upright({-2.6, 0, 3.6}, 0.08, 0.72), upright({-1.2, 0, 3.6}, 0.08, 0.72)}}}};
    scene.solids.push_back(std::move(table));
    Solid lamp{{-2.2, 1, 3.55}, {{p.mass * 0.7, {upright({-2.2, 0.79, 3.55}, 0.05, 0.35)}}}};
    lamp.shapes.push_back({mix(p.lamp, rgb(0xffffff), 0.4), {{{-2.36, 1.1, 3.55}, {-2.29, 1.38, 3.55}, {-2.11, 1.38, 3.55}, {-2.04, 1.1, 3.55}}}, {}, 1});
    scene.solids.push_back(std::move(lamp));
    scene.lights.push_back({{-2.2, 1.2, 3.5}, p.lamp * (dark ? 1.0 : 0.35), 2.2, dark ? 2.2 : 0.0, dark});

    for (double x = -half; x < half; x += 0.5)
        scene.patches.push_back({{{{x, 0, behind}, {x, 0, back}, {x + 0.03, 0, back}, {x + 0.03, 0, behind}}}, (p.shade * 0.3).with_alpha(0.35)});
    scene.patches.push_back({{disc({0, 0, 1}, 2.4, 1.9, 32)}, mix(p.accent, p.ground, 0.5).with_alpha(0.75)});
    scene.patches.push_back({{disc({0, 0, 1}, 2.1, 1.65, 32)}, mix(p.accent, p.ground, 0.65).with_alpha(0.8)});
}

}  // namespace shotwire::media::helper
