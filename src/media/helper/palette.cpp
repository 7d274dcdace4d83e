#include "media/helper/palette.hpp"

namespace shotwire::media::helper {
namespace {

Palette of_hour(Hour hour) {
    Palette p;
    switch (hour) {
    case Hour::day:
        p = {.zenith = rgb(0x3f7fb8), .horizon = rgb(0xd6e6ea), .air = rgb(0xc3d6dc), .ground = rgb(0x6f7a58), .ground_far = rgb(0xa3ab8d),
             .mass = rgb(0x4c5c55), .mass_warm = rgb(0x9c8468), .window_dark = rgb(0x3c4f5c), .window_lit = rgb(0x8fb2c4), .key = rgb(0xfff3dc),
             .shade = rgb(0x5b6f86), .lamp = rgb(0xffd9a0), .accent = rgb(0xc8603c), .accent_two = rgb(0x3c88a8), .sun = rgb(0x5a4f36),
             .sun_height = 0.5, .visibility = 120, .ambient = 1};
        break;
    case Hour::golden:
        p = {.zenith = rgb(0x4c6a97), .horizon = rgb(0xffc27a), .air = rgb(0xf0ae74), .ground = rgb(0x5e4a34), .ground_far = rgb(0xc98e58),
             .mass = rgb(0x3f3138), .mass_warm = rgb(0x8a5a3c), .window_dark = rgb(0x4a3640), .window_lit = rgb(0xffd08a), .key = rgb(0xffd08a),
             .shade = rgb(0x51405c), .lamp = rgb(0xffc070), .accent = rgb(0xd9572f), .accent_two = rgb(0x6b5a8c), .sun = rgb(0xc8843c),
             .sun_height = 0.09, .visibility = 70, .ambient = 0.88};
        break;
    case Hour::dusk:
        p = {.zenith = rgb(0x1d2f57), .horizon = rgb(0xd58b84), .air = rgb(0x8a7f9c), .ground = rgb(0x2c3142), .ground_far = rgb(0x6d6680),
             .mass = rgb(0x232a3f), .mass_warm = rgb(0x3c3549), .window_dark = rgb(0x262c42), .window_lit = rgb(0xffc983), .key = rgb(0xffb98c),
             .shade = rgb(0x2d3656), .lamp = rgb(0xffb765), .accent = rgb(0xe0607a), .accent_two = rgb(0x4f8fc0), .sun = rgb(0x7a4038),
             .sun_height = 0.02, .visibility = 65, .ambient = 0.66};
        break;
    case Hour::blue:
        p = {.zenith = rgb(0x14284f), .horizon = rgb(0x7c9fd0), .air = rgb(0x5873a3), .ground = rgb(0x232d42), .ground_far = rgb(0x4a6087),
             .mass = rgb(0x1c2943), .mass_warm = rgb(0x2e3750), .window_dark = rgb(0x1f2c47), .window_lit = rgb(0xffc983), .key = rgb(0xa9c4ec),
             .shade = rgb(0x233559), .lamp = rgb(0xffb765), .accent = rgb(0xd0607a), .accent_two = rgb(0x4f8fc0), .sun = {},
             .sun_height = 0.02, .visibility = 65, .ambient = 0.62};
        break;
    case Hour::night:
        p = {.zenith = rgb(0x080c18), .horizon = rgb(0x22304a), .air = rgb(0x1d2a42), .ground = rgb(0x10141d), .ground_far = rgb(0x1c273a),
             .mass = rgb(0x121826), .mass_warm = rgb(0x241f26), .window_dark = rgb(0x0c111c), .window_lit = rgb(0xf2b25a), .key = rgb(0xffc173),
             .shade = rgb(0x131a2b), .lamp = rgb(0xff9f45), .accent = rgb(0xff3f8e), .accent_two = rgb(0x25c8e8), .sun = rgb(0x26304a),
             .sun_height = 0.42, .visibility = 55, .ambient = 0.8};
        break;
    case Hour::overcast:
        p = {.zenith = rgb(0x8797a3), .horizon = rgb(0xd3dadc), .air = rgb(0xb9c5ca), .ground = rgb(0x59605a), .ground_far = rgb(0x97a19f),
             .mass = rgb(0x49565a), .mass_warm = rgb(0x7a726a), .window_dark = rgb(0x414e57), .window_lit = rgb(0xd8c9a2), .key = rgb(0xe6ecef),
             .shade = rgb(0x566674), .lamp = rgb(0xffd39a), .accent = rgb(0xa8553f), .accent_two = rgb(0x41727f), .sun = {},
             .sun_height = 0.5, .visibility = 60, .ambient = 0.85};
        break;
    }
    return p;
}

// A ground as it looks by day: near, far, and what rises from it.
struct Earth {
    Color near, far, mass;
};
Earth earth_of(Ground ground) {
    switch (ground) {
    case Ground::desert: return {rgb(0xc69a62), rgb(0xdcbd8a), rgb(0xa57a50)};
    case Ground::sand: return {rgb(0xd3bd92), rgb(0xe0d0ac), rgb(0x7d7a66)};
    case Ground::snow: return {rgb(0xe3e9ef), rgb(0xeef2f6), rgb(0x8797a8)};
    case Ground::forest: return {rgb(0x47482c), rgb(0x5c6a48), rgb(0x2f4632)};
    case Ground::mountain: return {rgb(0x77786c), rgb(0x98a09c), rgb(0x596573)};
    case Ground::field: return {rgb(0xb9994a), rgb(0xcfb878), rgb(0x6c6a45)};
    case Ground::rock: return {rgb(0x7f786c), rgb(0xa09a8e), rgb(0x5d5953)};
    case Ground::lava: return {rgb(0x332d2d), rgb(0x4a4141), rgb(0x2a2528)};
    case Ground::meadow: break;
    }
    return {rgb(0x688146), rgb(0x9db078), rgb(0x4c6152)};
}

// What the light of the hour makes of a colour that is known by day.
Color in_light(Color color, Color now, Color by_day) {
    auto brightness = [](Color c) { return 0.3 * c.r + 0.59 * c.g + 0.11 * c.b; };
    const double dim = brightness(now) / brightness(by_day);
    // Half by brightness alone: snow at dusk is bluish, not violet.
    auto lit = [dim](double c, double n, double d) { return std::clamp(c * (0.1 + 0.9 * (0.6 * dim + 0.4 * n / std::max(0.05, d))), 0.0, 1.0); };
    return {lit(color.r, now.r, by_day.r), lit(color.g, now.g, by_day.g), lit(color.b, now.b, by_day.b), color.a};
}

void lay_ground(Palette& p, const Mood& mood) {
    auto earth = earth_of(mood.ground.value_or(Ground::meadow));
    if (mood.earth) {
        const auto share = mood.ground == Ground::meadow || mood.ground == Ground::field ? 0.5 : 0.62;
        earth = {mix(earth.near, *mood.earth, share), mix(earth.far, *mood.earth, share * 0.7), mix(earth.mass, *mood.earth, share * 0.8)};
    }
    const auto day = of_hour(Hour::day);
    p.ground = in_light(earth.near, p.ground, day.ground);
    p.ground_far = in_light(earth.far, p.ground_far, day.ground_far);
    p.mass = in_light(earth.mass, p.mass, day.mass);
}

}  // namespace

Palette palette_of(const Mood& mood) {
    Palette p = of_hour(mood.hour);
    if (mood.neon) {
        p.accent = rgb(0xff3f8e), p.accent_two = rgb(0x25c8e8);
        if (mood.hour == Hour::night) p.zenith = rgb(0x0b0a1c), p.air = rgb(0x23284a), p.horizon = rgb(0x2a2c52);
    }
    if (mood.place == Place::street) {
        Color stone = mix(p.mass, p.shade, 0.4);
        p.ground = mix(p.ground, stone, 0.6), p.ground_far = mix(p.ground_far, p.air, 0.4);
    }
    if (mood.place == Place::open && (mood.ground || mood.earth)) lay_ground(p, mood);
    if (mood.afloat) p.ground = mix(p.zenith, p.shade, 0.4), p.ground_far = mix(p.horizon, p.zenith, 0.45);
    if (mood.moon) {
        p.sun = rgb(0x5a6c8c), p.sun_height = 0.19, p.sun_right = 0.17, p.sun_ahead = 0.985;  // in the picture, beside the subject, whatever its ratio
        if (mood.place == Place::open && !mood.lanterns && !mood.fire) p.key = rgb(0xb4c6e6);
    }
    if (mood.snow) {
        Color white = mix(p.horizon, rgb(0xf2f6fa), mood.hour == Hour::night ? 0.15 : 0.6);
        p.ground = mix(p.ground, white, 0.8), p.ground_far = mix(p.ground_far, white, 0.85);
    }
    if (mood.rain) p.visibility *= 0.75, p.gloss = 0.55, p.ground = p.ground * 0.82;
    if (mood.fog) p.visibility *= 0.4;
    if (mood.water) p.gloss = std::max(p.gloss, 0.35);
    return p;
}

}  // namespace shotwire::media::helper
