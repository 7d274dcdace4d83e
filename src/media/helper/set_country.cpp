#include "media/helper/scene.hpp"

// Open country: ridges around, trees between, water where the words say so.
namespace shotwire::media::helper {
namespace {

// A ridge all around, in sectors that overlap so that no seam shows.
void add_ridge(Scene& scene, double distance, double height, double roughness, Color color, std::uint64_t seed) {
    constexpr int sectors = 24, steps = 10;
    for (int sector = 0; sector < sectors; ++sector) {
        double from = std::numbers::pi * (2.0 * sector / sectors - 1), span = 2 * std::numbers::pi / sectors;
        std::vector<Vec3> outline;
        auto at = [&](double angle, double y) { return Vec3{distance * std::sin(angle), y, distance * std::cos(angle)}; };
        outline.push_back(at(from - 0.004, 0));
        for (int i = 0; i <= steps; ++i) {
            double angle = from + span * i / steps + (i == 0 ? -0.004 : i == steps ? 0.004 : 0);
            double turn = angle * 9 * roughness;
            double tall = height * (0.62 + 0.38 * noise(turn, seed)) + height * 0.16 * noise(turn * 3.1, seed + 1);
            outline.push_back(at(angle, std::max(0.2, tall)));
        }
        outline.push_back(at(from + span + 0.004, 0));
        Vec3 middle = at(from + span / 2, height / 2);
        scene.solids.push_back({middle, {{color, {outline}}}, false});
    }
}

// A tree turned to the middle of the set, wherever it stands.
void add_tree(Scene& scene, Vec3 foot, double tall, bool conifer, Random& random) {
    const Palette& p = scene.palette;
    double away = std::hypot(foot.x, foot.z), sx = foot.z / away, sz = -foot.x / away;
    auto at = [&](double across, double up) { return Vec3{foot.x + sx * across, foot.y + up, foot.z + sz * across}; };
    Color leaf = mix(mix(p.mass, p.ground, random.uniform(0.1, 0.5)), p.key, random.uniform(0, 0.06)), lit = mix(leaf, p.key, 0.16);
    Shape trunk{mix(p.mass, p.shade, 0.5) * 0.8, {{at(-0.025 * tall, 0), at(-0.012 * tall, 0.6 * tall), at(0.012 * tall, 0.6 * tall), at(0.025 * tall, 0)}}};
    Shape crown{leaf, {}}, sunny{lit, {}};
    if (conifer) {
        for (int tier = 0; tier < 4; ++tier) {
            double low = tall * (0.14 + 0.2 * tier), half = tall * (0.19 - 0.038 * tier);
            crown.outlines.push_back({at(-half, low), at(0, low + tall * 0.38), at(half, low)});
            sunny.outlines.push_back({at(half * 0.15, low + tall * 0.03), at(0.02 * tall, low + tall * 0.33), at(half * 0.8, low + tall * 0.03)});
        }
    } else {
        for (int blob = 0; blob < 6; ++blob) {
            double cx = tall * random.uniform(-0.2, 0.2), cy = tall * random.uniform(0.52, 0.84), r = tall * random.uniform(0.13, 0.2);
            for (Shape* shape : {&crown, &sunny}) {
                double k = shape == &sunny ? 0.62 : 1, dx = shape == &sunny ? 0.25 * r : 0, dy = dx;
                std::vector<Vec3> outline;
                for (int i = 0; i < 14; ++i) {
                    double angle = 2 * std::numbers::pi * i / 14;
                    outline.push_back(at(cx + dx + k * r * std::cos(angle), cy + dy + k * r * std::sin(angle)));
                }
                shape->outlines.push_back(std::move(outline));
            }
        }
    }
    scene.patches.push_back({{disc(foot, tall * 0.22, tall * 0.07)}, (p.shade * 0.3).with_alpha(0.3), 45});
    scene.solids.push_back({foot, {std::move(trunk), std::move(crown), std::move(sunny)}});
}

void add_tufts(Scene& scene, bool grass, Random& random) {
    const Palette& p = scene.palette;
    for (int i = 0; i < 260; ++i) {
        double angle = random.uniform(0, 2 * std::numbers::pi), away = 2.2 + 26 * std::pow(random.uniform(), 1.4);
        Vec3 foot{away * std::sin(angle), 0, away * std::cos(angle)};
        Color tone = mix(p.ground, random.chance(0.5) ? p.key : p.shade * 0.5, random.uniform(0.1, 0.3));
        if (!grass || random.chance(0.3)) {
            scene.patches.push_back({{disc(foot, random.uniform(0.12, 0.5), random.uniform(0.06, 0.2), 9)}, tone.with_alpha(0.6), 24});
            continue;
        }
        Solid tuft{foot, {{tone, {}}}, false};
        for (int blade = 0; blade < 5; ++blade) {
            double dx = (blade - 2) * 0.035, lean = (blade - 2) * 0.06 + random.uniform(-0.03, 0.03), tall = random.uniform(0.12, 0.3);
            tuft.shapes[0].outlines.push_back({{foot.x + dx - 0.016, 0, foot.z}, {foot.x + dx + lean, tall, foot.z}, {foot.x + dx + 0.016, 0, foot.z}});
        }
        scene.solids.push_back(std::move(tuft));
    }
}

// A lantern on a post, where the words name a lamp.
void add_lantern(Scene& scene, Vec3 foot) {
    const Palette& p = scene.palette;
    const Color iron = mix(p.mass, rgb(0x0a0c10), 0.55);
    scene.solids.push_back({foot, {{iron, {upright(foot, 0.06, 1.0), upright(foot + Vec3{0, 1.0, 0}, 0.22, 0.04)}}, {mix(p.lamp, rgb(0xffffff), 0.5), {upright(foot + Vec3{0, 1.04, 0}, 0.16, 0.22)}, {}, 1}}});
    scene.lights.push_back({foot + Vec3{0, 1.15, 0}, p.lamp, 1.2, 3.4});
}

void add_fire(Scene& scene, Vec3 foot) {
    const Palette& p = scene.palette;
    auto flame = [&](double x, double wide, double high) {
        return std::vector<Vec3>{{foot.x + x - wide, 0.08, foot.z}, {foot.x + x - wide * 0.8, high * 0.45, foot.z}, {foot.x + x + wide * 0.15, high, foot.z}, {foot.x + x + wide * 0.8, high * 0.4, foot.z},
                                 {foot.x + x + wide, 0.08, foot.z}};
    };
    Solid fire{foot, {{mix(p.mass, rgb(0x1a120c), 0.7), {upright(foot + Vec3{-0.1, 0, 0}, 0.75, 0.09), upright(foot + Vec3{0.15, 0.05, 0}, 0.6, 0.08)}}}};
    fire.shapes.push_back({p.lamp, {flame(0, 0.26, 0.72), flame(-0.2, 0.14, 0.44), flame(0.2, 0.13, 0.5)}, {}, 1});
    fire.shapes.push_back({mix(p.lamp, rgb(0xfff2c0), 0.7), {flame(0.02, 0.13, 0.4)}, {}, 1});
    scene.solids.push_back(std::move(fire));
    scene.lights.push_back({foot + Vec3{0, 0.4, 0}, p.lamp, 1.9, 4.2, false});
}

}  // namespace

void open_country(Scene& scene, const Mood& mood, std::uint64_t seed) {
    Random random(seed ^ 0x0c);
    const Palette& p = scene.palette;
    scene.stars = mood.hour == Hour::night && !mood.rain && !mood.snow;
    double tall = mood.ground == Ground::mountain ? 1.5 : mood.water ? 0.5 : 1;
    if (!mood.afloat) {
        add_ridge(scene, 330, 62 * tall, 1.0, p.mass, seed + 11);
        add_ridge(scene, 190, 26 * tall, 1.3, mix(p.mass, p.ground, 0.2), seed + 22);
        add_ridge(scene, 105, 9.5 * tall, 1.7, mix(p.mass, p.ground, 0.4), seed + 33);
    }

    if (mood.water) {
        Color water = mix(p.horizon, p.zenith, 0.45);
        const double s = mood.shore, nearest = mood.afloat ? -6 : s + 1;
        if (!mood.afloat)
            scene.patches.push_back({{{{-400, 0, s + 2}, {-60, 0, s - 1}, {-14, 0, s + 1}, {20, 0, s - 1.5}, {70, 0, s + 1}, {400, 0, s - 1}, {400, 0, 320}, {-400, 0, 320}}}, water.with_alpha(0.85)});
        for (int i = 0; i < (mood.afloat ? 420 : 150); ++i) {
            double z = nearest + 90 * std::pow(random.uniform(), 2), x = random.uniform(-1, 1) * (8 + z), half = random.uniform(0.3, 1.6);
            Color glint = mix(water, random.chance(0.6) ? p.key : p.zenith, 0.3).with_alpha(0.55);
            scene.patches.push_back({{disc({x, 0, z}, half, half * 0.09, 8)}, glint, 80});
        }
    } else {
        // A path, so that a walk has somewhere to go.
        std::vector<Vec3> path;
        for (double z = -14; z <= 90; z += 4) path.push_back({-1.1 + 0.012 * z * z * (z > 0 ? 0.35 : 0), 0, z});
        for (double z = 90; z >= -14; z -= 4) path.push_back({1.1 + 0.012 * z * z * (z > 0 ? 0.35 : 0), 0, z});
        scene.patches.push_back({{path}, mix(p.ground, p.key, 0.2).with_alpha(0.45)});
    }
    if (mood.trees)
        for (int i = 0; i < (mood.ground == Ground::forest ? 150 : 64); ++i) {
            double angle = random.uniform(0, 2 * std::numbers::pi), away = random.uniform(11, 75);
            Vec3 foot{away * std::sin(angle), 0, away * std::cos(angle)};
            if ((std::abs(foot.x) < 5 && std::abs(foot.z) < 60) || (mood.water && foot.z > mood.shore - 5)) continue;
            add_tree(scene, foot, random.uniform(4.5, 9.5), mood.snow || random.chance(0.45), random);
        }
    if (!mood.afloat) add_tufts(scene, mood.trees && !mood.snow && !mood.water, random);
    if (mood.afloat) return;
    if (mood.fire) add_fire(scene, {-1.9, 0, 0.9});
    else if (mood.lanterns && is_dark(mood.hour)) add_lantern(scene, {-2.6, 0, 1.5});
}

}  // namespace shotwire::media::helper
