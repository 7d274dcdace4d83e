#include "media/helper/camera.hpp"

namespace shotwire::media::helper {
namespace {

constexpr double near_plane = 0.12;
constexpr double closest = 1.2;       // metres: for a tighter view the lens is longer, so that no nose is as large as a head
constexpr double headroom = 0.13;     // of a tight picture, above the head
constexpr double aerial_lens = 0.72;  // wider than on the ground
constexpr double aerial_row = 0.6, aerial_axis = 0.36;  // where the subject and the optical axis meet the picture
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

// The row of the optical axis, as a share of the height: as on a view camera the lens is shifted, which leaves room for the caption
// below, and for the ground where it looks down.
double axis_row(double pitch) { return 0.44 - 0.11 * smoothstep(0, radians(40), -pitch); }

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

CameraPath::CameraPath(const shot::Motion& motion, const Framing& framing, Size size, double seconds, std::uint64_t seed, double floor)
    : motion_(motion), framing_(framing), size_(size), seconds_(seconds), seed_(seed),
      aerial_(motion.height > 0 && !motion.first_person && !framing.tight()), focal_((aerial_ ? aerial_lens : 1) * 1.45 * std::min(size.width, size.height)),
      distance_(std::max(framing.tall / (framing.share * size.height), framing.wide / (0.8 * size.width)) * focal_) {
    if (aerial_) {
        // As far away as shows the horizon above the subject, unless it is to look down more steeply.
        double down = std::max(2 * std::atan(0.25 * size.height / focal_), radians(std::min(80.0, -motion.pitch)));
        away_ = std::max(1.0, motion.height / std::tan(down));
    }
    target_ = framing.tall / 2, aim_ = radians(motion.pitch + framing.pitch);
    if (framing.tight()) {
        if (!motion.first_person) look_at_head();
        return;
    }
    Camera start = at(0, {}).camera;
    double feet = start.project(start.to_view({})).y, head = start.project(start.to_view({0, framing.tall, 0})).y;
    double room = floor - 0.015 * size.height - feet, wanted = 0.1 * size.height - head;
    shift_ = room < 0 ? room : std::clamp(wanted, 0.0, room);
}

// From wherever the angle has it look up or down, the top of the head lies in the same row.
void CameraPath::look_at_head() {
    longer_ = std::max(1.0, closest / distance_);
    focal_ *= longer_, distance_ *= longer_;
    if (motion_.pitch != 0) framing_.pitch = 0;  // both know "low angle"
    const double pitch = radians(motion_.pitch + framing_.pitch);
    aim_ = pitch + std::atan((axis_row(pitch) - headroom) * size_.height / focal_);
    away_ = std::cos(aim_);
    framing_.eye = framing_.tall - distance_ * (std::sin(aim_) + motion_.height);
    target_ = framing_.tall + distance_ * (away_ * std::tan(pitch) - std::sin(aim_));
}

Vec3 CameraPath::lens() const { return {0, framing_.eye + motion_.height * distance_, -away_ * distance_}; }

View CameraPath::at(double seconds, Vec3 travelled) const {
    double u = seconds_ > 0 ? std::clamp(seconds / seconds_, 0.0, 1.0) : 0;
    double along = ease(u);
    double turning = motion_.whip ? smoothstep(0.38, 0.63, u) : along;

    double round = radians(motion_.orbit) * along;
    double start_pitch = radians(motion_.pitch + framing_.pitch);
    Vec3 right{std::cos(round), 0, std::sin(round)};
    Vec3 ahead{-std::sin(round), 0, std::cos(round)};
    Vec3 forward = aerial_ ? ahead : ahead * std::cos(aim_) + Vec3{0, std::sin(aim_), 0};

    double down = std::max(motion_.pedestal * distance_, lowest_end - framing_.eye - motion_.height * distance_);
    double lift = motion_.pedestal < 0 ? std::min(0.0, down) : motion_.pedestal * distance_;

    Camera camera;
    camera.position = Vec3{0, framing_.eye + motion_.height * distance_, 0} - ahead * (away_ * distance_) +
                      (forward * motion_.dolly + right * motion_.truck) * (distance_ * along) + Vec3{0, lift * along, 0};
    camera.yaw = -round + radians(motion_.pan) * turning;
    camera.pitch = start_pitch + radians(motion_.tilt) * turning;
    camera.focal = focal_ * std::pow(motion_.zoom > 0 ? motion_.zoom : 1, along);
    double axis = aerial_ ? aerial_axis : axis_row(start_pitch);
    if (framing_.tight()) axis = headroom + (axis - headroom) * camera.focal / focal_;  // a zoom does not lose the head
    camera.centre = {size_.width / 2.0, size_.height * axis + shift_};
    if (motion_.follow || motion_.first_person) camera.position = camera.position + travelled;
    // A camera that rises and tilts down, or comes from above, holds the subject in its row.
    if (aerial_ || motion_.pedestal * motion_.tilt < 0) {
        auto elevation = [this](Vec3 from, Vec3 to) { return std::atan2(target_ - from.y, std::hypot(to.x - from.x, to.z - from.z)); };
        const Vec3 start = lens();
        double first = aerial_ ? elevation(start, {}) + std::atan((aerial_row - aerial_axis) * size_.height / focal_) : start_pitch;
        camera.pitch = first + elevation(camera.position, travelled) - elevation(start, {});
    }
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
