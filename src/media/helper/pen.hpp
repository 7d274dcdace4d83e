#pragma once
#include <span>
#include <vector>

#include "media/helper/figure.hpp"

namespace shotwire::media::helper {

struct Ball {
    Vec3 at;
    double radius;
};

// Draws the parts of a body in its own frame: x to its right, y up, z the way it faces.
class Pen {
public:
    Pen(Canvas& canvas, const Camera& camera, const Pose& pose, const Palette& palette, bool mirrored)
        : canvas_(canvas), camera_(camera), pose_(pose), palette_(palette), mirrored_(mirrored),
          sine_(std::sin(pose.heading)), cosine_(std::cos(pose.heading)) {
        double depth = std::max(0.2, camera.depth(pose.at));
        air_ = 1 - std::exp(-depth / palette.visibility);
    }
    double depth(Vec3 local) const { return camera_.depth(world(local)); }

    // From a to b, lit from the upper right of the picture.
    void limb(Ball a, Ball b, Color color) {
        Vec3 va = camera_.to_view(world(a.at)), vb = camera_.to_view(world(b.at));
        if (va.z < 0.15 || vb.z < 0.15) return;
        Point pa = camera_.project(va), pb = camera_.project(vb);
        double ra = a.radius * camera_.focal / va.z, rb = b.radius * camera_.focal / vb.z;
        capsule(pa, ra, pb, rb, color);
    }
    // An upright ring of cloth: wide to the sides, deep to the front.
    struct Ring {
        Vec3 at;
        double wide;
        double deep;
    };
    // A closed profile of rings with sharp hem, drawn as one outline.
    void garment(std::span<const Ring> rings, Color color) {
        if (rings.empty()) return;
        Vec3 sight = camera_.position - world(rings[0].at);
        double angle = std::atan2(sight.x, sight.z) - pose_.heading;
        std::vector<Point> left, right;
        for (const Ring& ring : rings) {
            Vec3 view = camera_.to_view(world(ring.at));
            if (view.z < 0.15) return;
            Point p = camera_.project(view);
            double r = std::hypot(ring.wide * std::cos(angle), ring.deep * std::sin(angle)) * camera_.focal / view.z;
            left.push_back({p.x - r, p.y}), right.push_back({p.x + r, p.y});
        }
        paint_profile(left, right, tone(color * 0.68));
        // The lit side: the same outline, drawn in from the left.
        std::vector<Point> lit = left;
        for (std::size_t i = 0; i < lit.size(); ++i) lit[i].x = std::lerp(left[i].x, right[i].x, 0.42);
        paint_profile(lit, right, tone(mix(color, palette_.key, 0.1)));
        std::vector<Point> rim = right;
        for (std::size_t i = 0; i < rim.size(); ++i) rim[i].x = std::lerp(left[i].x, right[i].x, 0.9);
        paint_profile(rim, right, tone(mix(color, palette_.key, 0.5)));
    }
    // Below the body, wherever it is: the higher, the fainter.
    void ground_shadow(double rx, double rz) {
        const Vec3 foot{pose_.at.x, 0, pose_.at.z};
        Vec3 view = camera_.to_view(foot);
        if (view.z < 0.3 || mirrored_) return;
        const double dark = 1 / (1 + std::max(0.0, pose_.at.y));
        std::vector<Vec3> outline;
        for (int i = 0; i < 20; ++i) {
            double a = 2 * std::numbers::pi * i / 20;
            outline.push_back(foot + Vec3{rx * std::cos(a), 0, rz * std::sin(a)});
        }
        std::vector<Point> points;
        camera_.project(outline, points);
        canvas_.polygon(points, Color{0, 0, 0, 0.16 * dark});
        for (auto& corner : outline) corner = foot + (corner - foot) * 0.7;
        camera_.project(outline, points);
        canvas_.polygon(points, Color{0, 0, 0, 0.2 * dark});
    }

    // A flat part, corners in order around it; drawn where its outer side is seen.
    void face(std::span<const Vec3> corners, Vec3 outward, Color color) {
        std::vector<Vec3> outline;
        for (Vec3 corner : corners) outline.push_back(world(corner));
        Vec3 normal = world(outward) - world({}), sight = camera_.position - outline[0];
        if (dot(normal, sight) <= 0) return;
        std::vector<Point> points;
        camera_.project(outline, points);
        double lit = std::clamp(0.5 + 0.32 * normal.x + 0.22 * normal.y - 0.2 * normal.z, 0.0, 1.0);
        canvas_.polygon(points, tone(mix(color * (0.55 + 0.4 * lit), palette_.key, 0.16 * lit)));
    }
    void level(Vec3 centre, double radius, Color color) {  // a round floor or roof
        std::vector<Vec3> outline;
        for (int i = 0; i < 24; ++i) {
            double a = 2 * std::numbers::pi * i / 24;
            outline.push_back(world(centre + Vec3{radius * std::cos(a), 0, radius * std::sin(a)}));
        }
        std::vector<Point> points;
        camera_.project(outline, points);
        canvas_.polygon(points, tone(color));
    }
    void shine(Vec3 local, double radius, Color color) {
        Vec3 view = camera_.to_view(world(local));
        double r = radius * camera_.focal / view.z;
        if (view.z > 0.4 && !mirrored_) canvas_.glow(camera_.project(view), r, r, color);
    }

private:
    Vec3 world(Vec3 local) const {
        Vec3 at{pose_.at.x + local.x * cosine_ + local.z * sine_, pose_.at.y + local.y, pose_.at.z + local.z * cosine_ - local.x * sine_};
        if (mirrored_) at.y = -at.y;
        return at;
    }
    Color tone(Color color) const {
        Color lit = mix(mix(color * palette_.ambient, palette_.shade, 0.08), palette_.air, air_);
        return mirrored_ ? lit.with_alpha(0.3 * palette_.gloss / 0.55) : lit;
    }
    void capsule(Point a, double ra, Point b, double rb, Color color) {
        if (mirrored_) return canvas_.capsule(a, ra, b, rb, tone(color * 0.8));
        canvas_.capsule({a.x + 0.13 * ra, a.y - 0.04 * ra}, ra * 0.98, {b.x + 0.13 * rb, b.y - 0.04 * rb}, rb * 0.98, tone(mix(color, palette_.key, 0.42)));
        canvas_.capsule(a, ra, b, rb, tone(color * 0.82));
    }
    void paint_profile(std::span<const Point> left, std::span<const Point> right, Color color) {
        cairo_t* c = canvas_.cairo();
        auto curve = [c](auto first, auto last) {
            Point from = *first;
            for (auto next = std::next(first); next != last; ++next) {
                double middle = (from.y + next->y) / 2;
                cairo_curve_to(c, from.x, middle, next->x, middle, next->x, next->y);
                from = *next;
            }
        };
        cairo_move_to(c, left[0].x, left[0].y);
        curve(left.begin(), left.end());
        cairo_line_to(c, right.back().x, right.back().y);
        curve(std::make_reverse_iterator(right.end()), std::make_reverse_iterator(right.begin()));
        cairo_close_path(c);
        canvas_.paint(color);
    }

    Canvas& canvas_;
    const Camera& camera_;
    const Pose& pose_;
    const Palette& palette_;
    bool mirrored_;
    double sine_, cosine_, air_;
};

}  // namespace shotwire::media::helper
