#include "media/helper/plate.hpp"

#include <cstring>

#include "media/helper/decoder.hpp"
#include "media/helper/image_file.hpp"

namespace shotwire::media::helper {
namespace {

constexpr double overscan = 1.2;  // how much of the image lies outside the first picture

// Outside its edges the image goes on mirrored: no move ends on a void.
int mirror(int at, int count) {
    int period = 2 * count;
    at %= period;
    if (at < 0) at += period;
    return at < count ? at : period - 1 - at;
}

std::uint32_t blend(std::uint32_t a, std::uint32_t b, std::uint32_t share) {
    std::uint32_t odd = ((a & 0xff00ff) * (256 - share) + (b & 0xff00ff) * share) >> 8 & 0xff00ff;
    std::uint32_t even = ((a >> 8 & 0xff00ff) * (256 - share) + (b >> 8 & 0xff00ff) * share) & 0xff00ff00;
    return odd | even;
}

constexpr std::uint32_t ground = 0x808080;  // what is seen through a transparent image

std::uint32_t over_ground(std::uint32_t pixel) { return blend(ground, pixel, (pixel >> 24) + (pixel >> 31)) | 0xff000000; }

// How a picture that was taken on its side, upside down or in a mirror becomes upright: x' = a x + c y, y' = b x + d y.
struct Turn {
    int a = 1, b = 0, c = 0, d = 1;
};

Turn turn_of(const AVFrame& frame) {
    const auto* side = av_frame_get_side_data(&frame, AV_FRAME_DATA_DISPLAYMATRIX);
    if (!side || side->size < 9 * sizeof(std::int32_t)) return {};
    std::int32_t matrix[9];
    std::memcpy(matrix, side->data, sizeof matrix);
    auto part = [&](int i) { return int(std::lround(matrix[i] / 65536.0)); };
    const Turn turn{part(0), part(1), part(3), part(4)};
    return std::abs(turn.a * turn.d - turn.b * turn.c) == 1 && turn.a * turn.b == 0 ? turn : Turn{};
}

}  // namespace

shot::Motion over_a_plate(shot::Motion motion) {
    motion.dolly *= 0.45, motion.truck *= 0.2, motion.pedestal *= 0.2, motion.orbit *= 0.25;
    motion.pan *= 0.25, motion.tilt *= 0.25;
    motion.zoom = motion.zoom > 0 ? std::pow(motion.zoom, 0.6) : 1;
    motion.height = 0, motion.pitch = 0;
    if (motion.first_person || motion.follow) motion.dolly += 0.15;
    motion.first_person = motion.follow = false;
    return motion;
}

Result<Plate> Plate::open(const std::string& path, Size picture) {
    auto frame = read_image(path);
    if (!frame) return frame.error();
    const Turn turn = turn_of(**frame);
    const bool lies = turn.a == 0;
    Size image{(*frame)->width, (*frame)->height};
    if (lies) std::swap(image.width, image.height);
    double cover = std::max(double(picture.width) / image.width, double(picture.height) / image.height) * overscan;
    Plate plate;
    const Size size = plate.size_ = {std::max(2, int(std::lround(image.width * cover))), std::max(2, int(std::lround(image.height * cover)))};
    constexpr std::int64_t most = 64 << 20;
    if (std::int64_t(size.width) * size.height > most) return Error{ErrorKind::usage, path + " is too long and narrow to fill the picture"};
    const Size stored = lies ? Size{size.height, size.width} : size;
    auto scaled = convert(**frame, stored.width, stored.height, AV_PIX_FMT_BGRA);
    if (!scaled) return scaled.error();
    plate.pixels_.reserve(std::size_t(size.width) * std::size_t(size.height));
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            int right = 2 * x - (size.width - 1), down = 2 * y - (size.height - 1);  // twice the way from the middle
            int column = (turn.a * right + turn.b * down + stored.width - 1) / 2, line = (turn.c * right + turn.d * down + stored.height - 1) / 2;
            std::uint32_t pixel = 0;
            std::memcpy(&pixel, (*scaled)->data[0] + std::ptrdiff_t(line) * (*scaled)->linesize[0] + column * 4, 4);
            plate.pixels_.push_back(over_ground(pixel));
        }
    return plate;
}

void Plate::draw(Canvas& canvas, const Camera& start, const Camera& now, double distance) const {
    // Where the ray of a pixel meets the wall, in pixels of the first picture: a homography, linear above and below the line.
    Vec3 eye = start.to_view(now.position);
    auto ray = [&](double x, double y) {
        Vec3 view{(x - now.centre.x) / now.focal, (now.centre.y - y) / now.focal, 1};
        double up = view.y * std::cos(now.pitch) + view.z * std::sin(now.pitch), ahead = view.z * std::cos(now.pitch) - view.y * std::sin(now.pitch);
        Vec3 world{view.x * std::cos(now.yaw) + ahead * std::sin(now.yaw), up, ahead * std::cos(now.yaw) - view.x * std::sin(now.yaw)};
        return start.to_view(start.position + world);
    };
    Size size = canvas.size();
    const Pixels pixels(canvas);
    Vec3 across = ray(1, 0) - ray(0, 0);
    double reach = std::max(0.05, distance - eye.z);
    double shift_x = (size_.width - size.width) / 2.0, shift_y = (size_.height - size.height) / 2.0;
    for (int y = 0; y < size.height; ++y) {
        Vec3 towards = ray(0.5, y + 0.5);
        std::uint32_t* line = pixels.row(y);
        for (int x = 0; x < size.width; ++x, towards = towards + across) {
            double k = reach / std::max(0.02, towards.z);
            double u = start.centre.x + start.focal * (eye.x + k * towards.x) / distance + shift_x - 0.5;
            double v = start.centre.y - start.focal * (eye.y + k * towards.y) / distance + shift_y - 0.5;
            int column = int(std::floor(std::clamp(u, -1e6, 1e6))), lower = int(std::floor(std::clamp(v, -1e6, 1e6)));
            auto share_x = std::uint32_t((u - column) * 256) & 255, share_y = std::uint32_t((v - lower) * 256) & 255;
            int x0 = mirror(column, size_.width), x1 = mirror(column + 1, size_.width);
            const auto* top = &pixels_[std::size_t(mirror(lower, size_.height)) * std::size_t(size_.width)];
            const auto* bottom = &pixels_[std::size_t(mirror(lower + 1, size_.height)) * std::size_t(size_.width)];
            line[x] = 0xff000000 | blend(blend(top[x0], top[x1], share_x), blend(bottom[x0], bottom[x1], share_x), share_y);
        }
    }
}

}  // namespace shotwire::media::helper
