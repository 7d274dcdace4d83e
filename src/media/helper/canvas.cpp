#include "media/helper/canvas.hpp"

#include <array>
#include <new>

namespace shotwire::media::helper {
namespace {

std::uint32_t channel(double value) { return std::uint32_t(std::lround(std::clamp(value, 0.0, 1.0) * 255)); }

std::uint32_t add(std::uint32_t pixel, std::uint32_t r, std::uint32_t g, std::uint32_t b) {
    std::uint32_t red = std::min<std::uint32_t>(255, (pixel >> 16 & 255) + r);
    std::uint32_t green = std::min<std::uint32_t>(255, (pixel >> 8 & 255) + g);
    std::uint32_t blue = std::min<std::uint32_t>(255, (pixel & 255) + b);
    return (pixel & 0xff000000) | red << 16 | green << 8 | blue;
}

// A running mean along one line of four-channel values.
void box_line(const float* in, float* out, int count, int step, int radius) {
    auto at = [&](int i) { return in + std::ptrdiff_t(std::clamp(i, 0, count - 1)) * step; };
    std::array<float, 4> sum{};
    for (int i = -radius; i <= radius; ++i)
        for (std::size_t c = 0; c < 4; ++c) sum[c] += at(i)[c];
    for (int i = 0; i < count; ++i)
        for (std::size_t c = 0; c < 4; ++c) {
            out[std::ptrdiff_t(i) * step + std::ptrdiff_t(c)] = sum[c] / float(2 * radius + 1);
            sum[c] += at(i + radius + 1)[c] - at(i - radius)[c];
        }
}

}  // namespace

Canvas::Canvas(Size size)
    : size_(size), surface_(cairo_image_surface_create(CAIRO_FORMAT_ARGB32, size.width, size.height)),
      context_(cairo_create(surface_.get())), pixels_(reinterpret_cast<std::uint32_t*>(cairo_image_surface_get_data(surface_.get()))),
      stride_(cairo_image_surface_get_stride(surface_.get()) / 4) {
    if (!pixels_ || cairo_status(context_.get()) != CAIRO_STATUS_SUCCESS) throw std::bad_alloc();
    cairo_set_antialias(context_.get(), CAIRO_ANTIALIAS_FAST);
}

void Canvas::clear() {
    const Pixels pixels(*this);
    for (int y = 0; y < size_.height; ++y) std::fill_n(pixels.row(y), size_.width, 0u);
}

void Canvas::add_outline(std::span<const Point> outline) {
    if (outline.size() < 3) return;
    double left = 1e9, right = -1e9, top = 1e9, bottom = -1e9;
    for (Point p : outline) {
        left = std::min(left, p.x), right = std::max(right, p.x);
        top = std::min(top, p.y), bottom = std::max(bottom, p.y);
    }
    if (right < 0 || bottom < 0 || left > size_.width || top > size_.height) return;
    // Cairo's coordinates are 24.8 fixed point: a corner far outside would wrap around.
    auto bound = [](double v) { return std::clamp(v, -30000.0, 30000.0); };
    cairo_move_to(cairo(), bound(outline[0].x), bound(outline[0].y));
    for (Point p : outline.subspan(1)) cairo_line_to(cairo(), bound(p.x), bound(p.y));
    cairo_close_path(cairo());
}

void Canvas::paint(Color color) {
    cairo_set_source_rgba(cairo(), color.r, color.g, color.b, color.a);
    cairo_fill(cairo());
}

void Canvas::polygon(std::span<const Point> outline, Color color) {
    add_outline(outline);
    paint(color);
}

void Canvas::capsule(Point a, double ra, Point b, double rb, Color color) {
    double dx = b.x - a.x, dy = b.y - a.y, length = std::hypot(dx, dy);
    if (length > std::abs(ra - rb) + 1e-6) {
        double lean = std::acos(std::clamp((ra - rb) / length, -1.0, 1.0)), along = std::atan2(dy, dx);
        cairo_arc(cairo(), a.x, a.y, ra, along + lean, along - lean + 2 * std::numbers::pi);
        cairo_arc(cairo(), b.x, b.y, rb, along - lean, along + lean);
        cairo_close_path(cairo());
    } else {
        Point centre = ra > rb ? a : b;
        cairo_arc(cairo(), centre.x, centre.y, std::max(ra, rb), 0, 2 * std::numbers::pi);
    }
    paint(color);
}

void Canvas::ellipse(Point centre, double rx, double ry, Color color) {
    if (rx <= 0.05 || ry <= 0.05) return;
    cairo_save(cairo());
    cairo_translate(cairo(), centre.x, centre.y);
    cairo_scale(cairo(), rx, ry);
    cairo_arc(cairo(), 0, 0, 1, 0, 2 * std::numbers::pi);
    cairo_restore(cairo());
    paint(color);
}

void Canvas::glow(Point centre, double rx, double ry, Color color) {
    if (!(rx > 0.3 && ry > 0.3) || rx > 1e5 || ry > 1e5) return;
    int left = int(std::clamp(centre.x - rx, 0.0, double(size_.width))), right = int(std::clamp(centre.x + rx + 1, 0.0, double(size_.width)));
    int top = int(std::clamp(centre.y - ry, 0.0, double(size_.height))), bottom = int(std::clamp(centre.y + ry + 1, 0.0, double(size_.height)));
    if (left >= right || top >= bottom) return;
    auto r = channel(color.r * color.a), g = channel(color.g * color.a), b = channel(color.b * color.a);
    if (r + g + b == 0) return;
    const Pixels pixels(*this);
    auto fr = float(r), fg = float(g), fb = float(b);
    for (int y = top; y < bottom; ++y) {
        double v = (y + 0.5 - centre.y) / ry;
        double left_over = 1 - v * v;
        if (left_over <= 0) continue;
        double half = rx * std::sqrt(left_over);
        int from = std::max(left, int(centre.x - half)), to = std::min(right, int(centre.x + half) + 1);
        float du = float(1 / rx), u0 = float((from + 0.5 - centre.x) / rx), v2 = float(v * v);
        std::uint32_t* line = pixels.row(y) + from;
        auto light = [&](std::uint32_t* some, int first, int count) {
            for (int i = 0; i < count; ++i) {
                float u = u0 + float(first + i) * du, inside = 1 - (u * u + v2);
                float share = 0.5f * (inside + std::fabs(inside)), k = share * share * share;
                float dither = float(((first + i) * 73 + y * 37) & 127) * (1 / 128.0f);
                auto add_r = std::uint32_t(int(fr * k + dither)), add_g = std::uint32_t(int(fg * k + dither)), add_b = std::uint32_t(int(fb * k + dither));
                // Screened, not added: light on light nears white and never clips to a hard edge.
                std::uint32_t p = some[i], red = p >> 16 & 255, green = p >> 8 & 255, blue = p & 255;
                red += (255 - red) * add_r >> 8, green += (255 - green) * add_g >> 8, blue += (255 - blue) * add_b >> 8;
                some[i] = (p & 0xff000000) | red << 16 | green << 8 | blue;
            }
        };
        // Plain arithmetic on 32 bits over blocks of one size: the compiler makes vectors of it.
        int i = 0;
        for (; i + 16 <= to - from; i += 16) light(line + i, i, 16);
        light(line + i, i, to - from - i);
    }
}

void Canvas::streak(Point from, Point to, double width, Color color) {
    double tall = to.y - from.y;
    if (!(tall > 0.5) || tall > 4 * size_.height) return;
    const Pixels pixels(*this);
    int top = std::max(0, int(from.y)), bottom = std::min(size_.height, int(to.y) + 1);
    for (int y = top; y < bottom; ++y) {
        double share = (y - from.y) / tall, x = from.x + (to.x - from.x) * share - width / 2;
        double light = color.a * share;  // a drop's trail fades upwards
        for (int column = int(std::floor(x)); column <= int(x + width); ++column) {
            if (column < 0 || column >= size_.width) continue;
            double covered = std::min(column + 1.0, x + width) - std::max(double(column), x);
            if (covered <= 0) continue;
            auto& pixel = pixels.row(y)[column];
            pixel = add(pixel, channel(color.r * light * covered), channel(color.g * light * covered), channel(color.b * light * covered));
        }
    }
}

void Pixels::fill_row(int y, Color color) const {
    static constexpr double bayer[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
    std::array<std::uint32_t, 4> cell;
    for (std::size_t x = 0; x < 4; ++x) {
        double threshold = (bayer[y & 3][x] + 0.5) / 16;
        auto level = [threshold](double v) { return std::uint32_t(std::clamp(v * 255 + threshold, 0.0, 255.0)); };
        cell[x] = 0xff000000 | level(color.r) << 16 | level(color.g) << 8 | level(color.b);
    }
    std::uint32_t* line = row(y);
    for (int x = 0; x < canvas_.size().width; ++x) line[x] = cell[std::size_t(x & 3)];
}

void Canvas::multiply(const std::vector<std::uint8_t>& mask) {
    const Pixels pixels(*this);
    for (int y = 0; y < size_.height; ++y) {
        std::uint32_t* line = pixels.row(y);
        const std::uint8_t* by = mask.data() + std::size_t(y) * std::size_t(size_.width);
        for (int x = 0; x < size_.width; ++x) {
            std::uint32_t k = by[x] + 1u, p = line[x];
            line[x] = (p & 0xff000000) | ((p & 0xff00ff) * k >> 8 & 0xff00ff) | ((p & 0x00ff00) * k >> 8 & 0x00ff00);
        }
    }
}

void Canvas::soften(double amount) {
    if (amount <= 0.01) return;
    constexpr int shrink = 4;
    int w = (size_.width + shrink - 1) / shrink, h = (size_.height + shrink - 1) / shrink;
    std::vector<float> small(std::size_t(w) * std::size_t(h) * 4), other(small.size());
    const Pixels pixels(*this);
    for (int y = 0; y < h; ++y)
        for (int x = 0; x < w; ++x) {
            std::uint32_t even = 0, odd = 0;  // two channels each, 16 bits apart
            for (int dy = 0; dy < shrink; ++dy) {
                const std::uint32_t* from = pixels.row(std::min(y * shrink + dy, size_.height - 1));
                for (int dx = 0; dx < shrink; ++dx) {
                    std::uint32_t p = from[std::min(x * shrink + dx, size_.width - 1)];
                    even += p & 0xff00ff, odd += p >> 8 & 0xff00ff;
                }
            }
            float* mean = &small[std::size_t((y * w + x) * 4)];
            constexpr float part = 1.0f / (shrink * shrink);
            mean[0] = float(even & 0xffff) * part, mean[1] = float(odd & 0xffff) * part;
            mean[2] = float(even >> 16) * part, mean[3] = float(odd >> 16) * part;
        }
    int radius = std::max(1, int(std::lround(amount * std::min(w, h) / 42.0)));
    for (int pass = 0; pass < 2; ++pass) {
        for (int y = 0; y < h; ++y) box_line(&small[std::size_t(y * w * 4)], &other[std::size_t(y * w * 4)], w, 4, radius);
        for (int x = 0; x < w; ++x) box_line(&other[std::size_t(x * 4)], &small[std::size_t(x * 4)], h, w * 4, radius);
    }
    // Back to full size between the centres of the small pixels, in fixed point: eighths to both sides, 16 bits a channel.
    static_assert(shrink == 4);
    auto between = [](int i, int count) {
        int eighths = std::clamp(2 * i + 1 - 4, 0, 8 * (count - 1)), low = std::min(eighths / 8, std::max(0, count - 2));
        return std::pair{low, eighths - 8 * low};
    };
    int share = int(256 * smoothstep(0, 0.35, amount));
    std::vector<int> line(std::size_t(w + 1) * 4);
    for (int y = 0; y < size_.height; ++y) {
        auto [top, down] = between(y, h);
        const float* upper = &small[std::size_t(top * w * 4)];
        const float* lower = &small[std::size_t(std::min(top + 1, h - 1) * w * 4)];
        for (int i = 0; i < w * 4; ++i) line[std::size_t(i)] = int((upper[i] * float(8 - down) + lower[i] * float(down)) * 16);
        std::uint32_t* out_line = pixels.row(y);
        for (int x = 0; x < size_.width; ++x) {
            auto [left, right] = between(x, w);
            const int* pair = &line[std::size_t(left * 4)];
            std::uint32_t p = out_line[x], out = 0;
            for (int c = 0; c < 4; ++c) {
                int soft = pair[c] * (8 - right) + pair[c + 4] * right, sharp = int(p >> (8 * c) & 255) << 10;
                out |= std::uint32_t((sharp * (256 - share) + soft * share + (1 << 17)) >> 18) << (8 * c);
            }
            out_line[x] = out;
        }
    }
}

void Canvas::overlay(const Canvas& above, double alpha) {
    cairo_set_source_surface(cairo(), above.surface(), 0, 0);
    cairo_paint_with_alpha(cairo(), alpha);
}

std::vector<std::uint8_t> vignette(Size size, double strength) {
    std::vector<std::uint8_t> mask(std::size_t(size.width) * std::size_t(size.height));
    for (int y = 0; y < size.height; ++y)
        for (int x = 0; x < size.width; ++x) {
            double u = 2.0 * x / size.width - 1, v = 2.0 * y / size.height - 1;
            mask[std::size_t(y) * std::size_t(size.width) + std::size_t(x)] =
                std::uint8_t(255 * (1 - strength * smoothstep(0.3, 1.9, u * u + v * v)));
        }
    return mask;
}

}  // namespace shotwire::media::helper
