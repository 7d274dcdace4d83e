#include "media/helper/camera.hpp"

namespace shotwire::media::helper {
namespace {

constexpr double near_plane = 0.12;
constexpr double grown_up = 1.72;  // metres
constexpr double lowest_lens = 0.18;
constexpr double lowest_end = 0.4;  // where a move down stops: short of the ground

// Starts and ends at rest, even speed between.
double ease(double u) {
    constexpr double ramp = 0.18;
    constexpr double speed = 1 / (1 - ramp);
    if (u < ramp) return speed * u * u / (2 * ramp);
    if (u > 1 - ramp) return 1 - speed * (1 - u) * (1 - u) / (2 * ramp);
    return speed * (u - ramp / 2);
}

double hand(double seconds, std::uint64_t seed) {
    return 0.7 * noise(seconds * 1.1, seed) + 0.3 * noise(seconds * 3.7, seed + 1);
}

}  // namespace

Vec3 Camera::to_view(Vec3 world) const {
    Vec3 from = world - position;
    double sy = std::sin(yaw), cy = std::cos(yaw), sp = std::sin(pitch), cp = std::cos(pitch);
    double ahead = from.x * sy + from.z * cy;
    return {from.x * cy - from.z * sy, from.y * cp - ahead * sp, from.y * sp + ahead * cp};
}

void Camera::project(std::span<const Vec3> world, std::vector<Point>& out) const {
    out.clear();
    if (world.empty()) return;
    Vec3 before = to_view(world.back());
    for (Vec3 corner : world) {
        Vec3 now = to_view(corner);
        if ((before.z < near_plane) != (now.z < near_plane))
            out.push_back(project(before + (now - before) * ((near_plane - before.z) / (now.z - before.z))));
        if (now.z >= near_plane) out.push_back(project(now));
        before = now;
    }
}

CameraPath::CameraPath(const shot::Motion& motion, const Framing& framing, Size size, double seconds, std::uint64_t seed)
    : motion_(motion), framing_(framing), size_(size), seconds_(seconds), seed_(seed),
      focal_(1.45 * std::min(size.width, size.height)), distance_(grown_up * focal_ / (framing.share * size.height)) {}

View CameraPath::at(double seconds, Vec3 travelled) const {
    double u = seconds_ > 0 ? std::clamp(seconds / seconds_, 0.0, 1.0) : 0;
    double along = ease(u);
    double turning = motion_.whip ? smoothstep(0.38, 0.63, u) : along;

    double round = radians(motion_.orbit) * along;
    double start_pitch = radians(motion_.pitch + framing_.pitch);
    Vec3 right{std::cos(round), 0, std::sin(round)};
    Vec3 ahead{-std::sin(round), 0, std::cos(round)};
    Vec3 forward = ahead * std::cos(start_pitch) + Vec3{0, std::sin(start_pitch), 0};

    double down = std::max(motion_.pedestal * distance_, lowest_end - framing_.eye - motion_.height * distance_);
    double lift = motion_.pedestal < 0 ? std::min(0.0, down) : motion_.pedestal * distance_;

    Camera camera;
    camera.position = Vec3{0, framing_.eye + motion_.height * distance_, 0} - ahead * distance_ +
                      (forward * motion_.dolly + right * motion_.truck) * (distance_ * along) + Vec3{0, lift * along, 0};
    camera.yaw = -round + radians(motion_.pan) * turning;
    camera.pitch = start_pitch + radians(motion_.tilt) * turning;
    camera.focal = focal_ * std::pow(motion_.zoom > 0 ? motion_.zoom : 1, along);
    // The lens is shifted as on a view camera: room for the caption below, and for the ground where it looks down.
    camera.centre = {size_.width / 2.0, size_.height * (0.44 - 0.11 * smoothstep(0, radians(40), -start_pitch))};
    if (motion_.follow || motion_.first_person) camera.position = camera.position + travelled;
    if (motion_.shake > 0) {
        double reach = motion_.shake * 0.012 * distance_;
        camera.position = camera.position + right * (reach * hand(seconds, seed_)) + Vec3{0, reach * hand(seconds, seed_ + 10), 0};
        camera.yaw += radians(1.3) * motion_.shake * hand(seconds, seed_ + 20);
        camera.pitch += radians(1.0) * motion_.shake * hand(seconds, seed_ + 30);
    }
    camera.position.y = std::max(camera.position.y, lowest_lens);

    double reached = motion_.focus * smoothstep(0.25, 0.75, u);
    return {camera, std::max(0.0, motion_.focus - reached), motion_.focus > 0 ? reached : 0};
}

}  // namespace shotwire::media::helper
