#pragma once
#include <cairo.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "media/helper/geometry.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::media::helper {

struct CairoDeleter {
    void operator()(cairo_t* p) const noexcept { cairo_destroy(p); }
    void operator()(cairo_surface_t* p) const noexcept { cairo_surface_destroy(p); }
};
using CairoContext = std::unique_ptr<cairo_t, CairoDeleter>;
using CairoSurface = std::unique_ptr<cairo_surface_t, CairoDeleter>;

// A picture that is drawn on: shapes by Cairo, light by hand, since Cairo's radial gradients cost ten times as much.
// Pixels are premultiplied, native-endian 0xAARRGGBB.
class Canvas {
public:
    explicit Canvas(Size size);
    Size size() const { return size_; }
    cairo_t* cairo() const { return context_.get(); }
    cairo_surface_t* surface() const { return surface_.get(); }
    const std::uint32_t* row(int y) const { return pixels_ + std::ptrdiff_t(y) * stride_; }

    void clear();
    void add_outline(std::span<const Point> outline);  // to the path that `paint` fills
    void paint(Color color);
    void polygon(std::span<const Point> outline, Color color);
    void capsule(Point a, double radius_a, Point b, double radius_b, Color color);
    void ellipse(Point centre, double rx, double ry, Color color);
    // Light with a soft fall-off; rx and ry are where it has ended.
    void glow(Point centre, double rx, double ry, Color color);
    // A thin falling line of light.
    void streak(Point from, Point to, double width, Color color);
    void multiply(const std::vector<std::uint8_t>& mask);
    // Blurs; 0 nothing, 1 far out of focus.
    void soften(double amount);
    void overlay(const Canvas& above, double alpha = 1);

private:
    friend class Pixels;
    Size size_;
    CairoSurface surface_;
    CairoContext context_;
    std::uint32_t* pixels_;
    int stride_;  // pixels
};

// The pixels of a canvas while they are written by hand; nothing else draws on it meanwhile. Cairo is told before and after:
// it takes a surface on which it has not drawn itself for empty, and would replace what is there instead of blending with it.
class Pixels {
public:
    explicit Pixels(Canvas& canvas) : canvas_(canvas) { cairo_surface_flush(canvas_.surface()); }
    ~Pixels() { cairo_surface_mark_dirty(canvas_.surface()); }
    Pixels(const Pixels&) = delete;
    Pixels& operator=(const Pixels&) = delete;

    std::uint32_t* row(int y) const { return canvas_.pixels_ + std::ptrdiff_t(y) * canvas_.stride_; }
    // Sets a row to one colour, dithered so that slow gradients do not band.
    void fill_row(int y, Color color) const;

private:
    Canvas& canvas_;
};

// Darker corners, as a mask for `multiply`.
std::vector<std::uint8_t> vignette(Size size, double strength);

}  // namespace shotwire::media::helper
