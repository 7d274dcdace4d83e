#include "media/helper/stage.hpp"

#include <optional>

namespace shotwire::media::helper {
namespace {

constexpr double mirror_reach = 28;  // metres within which wet ground shows what stands on it

}  // namespace

Color Stage::through_air(Color color, double depth, double shine) const {
    double air = 1 - std::exp(-std::max(0.0, depth) / scene_.palette.visibility);
    return mix(color, scene_.palette.air.with_alpha(color.a), air * (1 - 0.8 * shine));
}

void Stage::sky_and_ground(Canvas& canvas, const Camera& camera) const {
    const Palette& p = scene_.palette;
    const Pixels pixels(canvas);
    double height = camera.position.y;
    for (int y = 0; y < canvas.size().height; ++y) {
        double elevation = camera.elevation(y + 0.5);
        if (elevation >= 0) {
            pixels.fill_row(y, mix(p.horizon, p.zenith, std::pow(std::sin(std::min(elevation, std::numbers::pi / 2)), 0.62)));
            continue;
        }
        double away = height / std::tan(-std::max(elevation, -1.55));
        Color near = mix(p.ground, p.ground_far, smoothstep(2, 40, away));
        near = mix(near, p.horizon, p.gloss * 0.5 * smoothstep(0, 25, away));
        pixels.fill_row(y, through_air(near, away));
    }
}

void Stage::backdrop(Canvas& canvas, const Camera& camera) const {
    const Palette& p = scene_.palette;
    sky_and_ground(canvas, camera);
    if (!scene_.sky) return;
    if (scene_.stars) {
        Random random(7);
        for (int i = 0; i < 170; ++i) {
            double around = random.uniform(0, 2 * std::numbers::pi), up = std::asin(random.uniform(0.06, 1)), strength = random.uniform(0.2, 0.8);
            Vec3 far = camera.position + Vec3{std::sin(around) * std::cos(up), std::sin(up), std::cos(around) * std::cos(up)} * 900;
            Vec3 view = camera.to_view(far);
            double r = std::min(canvas.size().width, canvas.size().height) / 420.0;
            if (view.z > 1) canvas.glow(camera.project(view), std::max(r, 1.1), std::max(r, 1.1), Color{strength, strength, strength * 1.1});
        }
    }
    Vec3 sun = camera.to_view(camera.position + Vec3{p.sun_right * std::cos(p.sun_height), std::sin(p.sun_height), p.sun_ahead * std::cos(p.sun_height)} * 800);
    if (sun.z > 1 && p.sun.r > 0) {
        Point at = camera.project(sun);
        canvas.glow(at, camera.focal * 0.62, camera.focal * 0.5, p.sun);
        canvas.glow(at, camera.focal * 0.12, camera.focal * 0.12, p.sun);
        double r = camera.focal * 0.026;
        canvas.ellipse(at, r, r, mix(p.key, rgb(0xffffff), 0.5).with_alpha(p.sun.r > 0.25 ? 0.95 : 0.75));
    }
}

void Stage::ground(Canvas& canvas, const Camera& camera) const {
    std::vector<Point> points;
    for (const Patch& patch : scene_.patches) {
        if (patch.outlines.empty()) continue;
        double depth = 0;
        bool drawn = false;
        for (const auto& outline : patch.outlines) {
            if (patch.reach < 1e8) {
                Vec3 from = outline[0] - camera.position;
                if (from.length() > patch.reach) continue;
            }
            camera.project(outline, points);
            if (points.size() < 3) continue;
            canvas.add_outline(points);
            depth = std::max(depth, std::min(patch.reach, camera.depth(outline[0])));
            drawn = true;
        }
        if (!drawn) continue;
        double fade = patch.reach < 1e8 ? 1 - smoothstep(0.4, 1.0, depth / (patch.reach * 1.15)) : 1;
        canvas.paint(through_air(patch.color, depth).with_alpha(patch.color.a * fade));
    }
}

void Stage::solid(Canvas& canvas, const Camera& camera, const Solid& solid, bool mirrored) const {
    std::vector<Point> points;
    std::vector<Vec3> turned;
    double smallest = 1.4;  // pixels: what is smaller is part of the haze
    for (const Shape& shape : solid.shapes) {
        if (shape.outlines.empty()) continue;
        if (dot(shape.normal, shape.normal) > 0 && dot(shape.normal, camera.position - shape.outlines[0][0]) <= 0) continue;
        bool drawn = false;
        for (const auto& outline : shape.outlines) {
            if (mirrored) {
                turned = outline;
                for (auto& corner : turned) corner.y = -corner.y;
            }
            const auto& corners = mirrored ? turned : outline;
            camera.project(corners, points);
            if (points.size() < 3) continue;
            if (shape.outlines.size() > 6) {
                double top = points[0].y, bottom = top;
                for (Point p : points) top = std::min(top, p.y), bottom = std::max(bottom, p.y);
                if (bottom - top < smallest) continue;
            }
            canvas.add_outline(points);
            drawn = true;
        }
        if (!drawn) continue;
        Color color = through_air(shape.color, (solid.anchor - camera.position).length(), shape.shine);
        if (mirrored) color = color.with_alpha(scene_.palette.gloss * (shape.shine > 0.4 ? 0.6 : 0.42));
        canvas.paint(color);
    }
}

void Stage::light_below(Canvas& canvas, const Camera& camera, const Light& light) const {
    Vec3 foot{light.at.x, 0, light.at.z}, view = camera.to_view(foot);
    if (view.z < 0.7 || light.pool <= 0) return;
    double k = std::exp(-view.z / scene_.palette.visibility / 1.6);
    Point at = camera.project(view);
    double rx = light.pool * camera.focal / view.z;
    double steep = std::max(0.05, std::sin(std::atan2(camera.position.y, std::hypot(view.x, view.z))));
    canvas.glow(at, rx, std::min(rx, rx * steep * 1.2), light.color.with_alpha(0.36 * k));
    if (scene_.palette.gloss <= 0) return;
    // Wet ground draws the light out into a streak towards us.
    Vec3 image = camera.to_view({light.at.x, -light.at.y, light.at.z});
    if (image.z < 0.5) return;
    Point below = camera.project(image);
    double centre = std::lerp(at.y, below.y, 0.55), tall = std::abs(below.y - at.y) * 0.85;
    double wide = light.halo * 0.24 * camera.focal / view.z;
    canvas.glow({below.x, centre}, wide * 2.2, tall * 1.15, light.color.with_alpha(0.4 * k * scene_.palette.gloss));
    canvas.glow({below.x, centre}, wide * 0.8, tall, light.color.with_alpha(1.0 * k * scene_.palette.gloss));
}

void Stage::draw(Canvas& canvas, const View& view, const Figure* figure, const Pose& pose, const Weather& weather, double seconds) {
    const Camera& camera = view.camera;
    struct Item {
        double away;
        const Solid* solid;
        const Light* light;
    };
    std::vector<Item> items;
    for (const Solid& solid : scene_.solids) items.push_back({(solid.anchor - camera.position).length(), &solid, nullptr});
    for (const Light& light : scene_.lights) items.push_back({(light.at - camera.position).length() - 0.2, nullptr, &light});
    if (figure) items.push_back({(pose.at + Vec3{0, 1, 0} - camera.position).length(), nullptr, nullptr});
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.away > b.away; });

    backdrop(canvas, camera);
    ground(canvas, camera);
    if (scene_.palette.gloss > 0) {
        for (const Item& item : items)
            if (item.solid && item.solid->mirrored && item.away < mirror_reach) solid(canvas, camera, *item.solid, true);
    }
    for (const Light& light : scene_.lights) light_below(canvas, camera, light);
    if (figure && scene_.palette.gloss > 0) figure->draw(canvas, camera, pose, true);
    for (const Item& item : items) {
        if (item.solid) {
            solid(canvas, camera, *item.solid, false);
        } else if (item.light) {
            Vec3 at = camera.to_view(item.light->at);
            if (at.z < 0.4) continue;
            double r = item.light->halo * camera.focal / at.z, k = std::exp(-at.z / scene_.palette.visibility / 2);
            canvas.glow(camera.project(at), r, r, item.light->color.with_alpha(0.5 * k));
            if (item.light->bulb) canvas.glow(camera.project(at), r * 0.3, r * 0.3, mix(item.light->color, rgb(0xffffff), 0.5).with_alpha(0.65 * k));
        } else {
            figure->draw(canvas, camera, pose, false);
        }
    }
    weather.draw(canvas, camera, seconds);
    canvas.soften(view.defocus);
    if (view.defocus > 0 || view.foreground_defocus > 0) {
        front_.clear();
        for (const Solid& near : scene_.foreground) solid(front_, camera, near, false);
        front_.soften(view.foreground_defocus);
        canvas.overlay(front_);
    }
    canvas.multiply(mask_);
}

}  // namespace shotwire::media::helper
