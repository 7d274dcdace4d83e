#include "media/helper/weather.hpp"

namespace shotwire::media::helper {
namespace {

constexpr Vec3 box{9, 6, 9};

}  // namespace

Weather::Weather(const Mood& mood, const Palette& palette, std::uint64_t seed)
    : rain_(mood.rain && mood.place != Place::room), snow_(mood.snow && mood.place != Place::room),
      light_(mix(palette.horizon, palette.key, mood.lamps ? 0.7 : 0.5)) {
    Random random(seed ^ 0x3a1);
    int count = snow_ ? 420 : rain_ ? 560 : 0;
    for (int i = 0; i < count; ++i) drops_.push_back({random.uniform(0, box.x), random.uniform(0, box.y), random.uniform(0, box.z)});
}

Vec3 Weather::place(Vec3 base, Vec3 velocity, const Camera& camera, double seconds) const {
    // The box lies before the camera, whichever way it looks, and what leaves it on one side enters on the other.
    Vec3 corner = camera.position + Vec3{4.4 * std::sin(camera.yaw) - box.x / 2, -2.4, 4.4 * std::cos(camera.yaw) - box.z / 2};
    auto wrap = [](double v, double from, double size) { return from + (v - from) - size * std::floor((v - from) / size); };
    Vec3 moved = base + velocity * seconds;
    return {wrap(moved.x, corner.x, box.x), wrap(moved.y, corner.y, box.y), wrap(moved.z, corner.z, box.z)};
}

void Weather::draw(Canvas& canvas, const Camera& camera, double seconds) const {
    double thin = std::min(canvas.size().width, canvas.size().height) / 720.0;
    for (const Vec3& drop : drops_) {
        Vec3 velocity = snow_ ? Vec3{0.25, -0.9 - 0.05 * drop.x, 0.1} : Vec3{0.9, -9.5 - 0.2 * drop.x, 0};
        Vec3 world = place(drop, velocity, camera, seconds);
        Vec3 head = camera.to_view(world);
        if (head.z < 0.5 || world.y < 0) continue;
        if (snow_) {
            double r = std::max(1.1, 0.022 * camera.focal / head.z);
            canvas.glow(camera.project(head), r, r, light_.with_alpha(std::min(0.9, 2.4 / head.z)));
            continue;
        }
        Vec3 tail = camera.to_view(world - velocity * 0.034);
        if (tail.z < 0.4) continue;
        double strength = std::clamp(0.9 / head.z + 0.08, 0.1, 0.5);
        canvas.streak(camera.project(tail), camera.project(head), std::clamp(0.0028 * camera.focal / head.z, 0.7 * thin, 2.2 * thin), light_.with_alpha(strength));
        // A drop near the ground leaves a small ring of light on it.
        if (world.y < 0.3) {
            Vec3 splash = camera.to_view({world.x, 0, world.z});
            double r = 0.07 * camera.focal / std::max(0.5, splash.z);
            canvas.glow(camera.project(splash), r, r * 0.35, light_.with_alpha(0.4));
        }
    }
}

}  // namespace shotwire::media::helper
