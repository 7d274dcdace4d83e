#include "media/helper/structure.hpp"

#include <algorithm>
#include <array>

namespace shotwire::media::helper {
namespace {

using Ring = Pen::Ring;

void draw_block(Pen& pen, const Block& block, Color tile) {
    const auto l = block.low, h = block.high;
    const auto color = block.color;
    const double rise = block.roof;
    auto wall = [&](std::array<Vec3, 4> corners, Vec3 outward) { pen.face(corners, outward, color); };
    wall({Vec3{l.x, l.y, h.z}, {l.x, h.y, h.z}, {h.x, h.y, h.z}, {h.x, l.y, h.z}}, {0, 0, 1});
    wall({Vec3{l.x, l.y, l.z}, {l.x, h.y, l.z}, {h.x, h.y, l.z}, {h.x, l.y, l.z}}, {0, 0, -1});
    wall({Vec3{h.x, l.y, l.z}, {h.x, h.y, l.z}, {h.x, h.y, h.z}, {h.x, l.y, h.z}}, {1, 0, 0});
    wall({Vec3{l.x, l.y, l.z}, {l.x, h.y, l.z}, {l.x, h.y, h.z}, {l.x, l.y, h.z}}, {-1, 0, 0});
    if (rise <= 0) return wall({Vec3{l.x, h.y, l.z}, {h.x, h.y, l.z}, {h.x, h.y, h.z}, {l.x, h.y, h.z}}, {0, 1, 0});
    double ridge = h.y + rise, x = (l.x + h.x) / 2, eaves = 0.3, half = (h.x - l.x) / 2;
    for (double z : {l.z, h.z}) pen.face(std::vector<Vec3>{Vec3{l.x, h.y, z}, {x, ridge, z}, {h.x, h.y, z}}, {0, 0, z == h.z ? 1.0 : -1.0}, color);
    double slope = rise / std::hypot(rise, half), drop = eaves * rise / half;
    for (double side : {-1.0, 1.0}) {
        double edge = x + side * (half + eaves);
        pen.face(std::vector<Vec3>{Vec3{edge, h.y - drop, l.z - eaves}, {x, ridge, l.z - eaves}, {x, ridge, h.z + eaves}, {edge, h.y - drop, h.z + eaves}},
                 {side * slope, std::sqrt(1 - slope * slope), 0}, tile);
    }
}

// Upright panes on the side that faces z.
void panes(Pen& pen, std::initializer_list<Vec3> feet, double wide, double high, Color color) {
    for (Vec3 f : feet)
        pen.face(std::vector<Vec3>{Vec3{f.x - wide / 2, f.y, f.z}, {f.x - wide / 2, f.y + high, f.z}, {f.x + wide / 2, f.y + high, f.z}, {f.x + wide / 2, f.y, f.z}}, {0, 0, 1}, color);
}

void lighthouse(Pen& pen, const Mood& mood, const Palette& p) {
    Color rock = mix(p.mass, p.ground, 0.35), wall = mood.garment, band = p.accent, iron = p.mass * 0.7;
    pen.garment(std::vector<Ring>{Ring{{0, 0.75, 0}, 1.9, 1.9}, {{0, 0.5, 0}, 2.5, 2.5}, {{0, 0, 0}, 3.6, 3.6}}, rock);
    pen.level({0, 0.7, 0}, 1.9, mix(rock, p.key, 0.2));
    auto radius = [](double y) { return 1.35 - 0.075 * (y - 0.6); };
    for (int i = 0; i < 4; ++i) {
        double low = 0.6 + 1.65 * i, high = low + 1.65;
        pen.garment(std::vector<Ring>{Ring{{0, high, 0}, radius(high), radius(high)}, {{0, low, 0}, radius(low), radius(low)}}, i % 2 == 1 ? band : wall);
    }
    pen.garment(std::vector<Ring>{Ring{{0, 7.45, 0}, 1.2, 1.2}, {{0, 7.2, 0}, 1.15, 1.15}}, iron);
    pen.level({0, 7.45, 0}, 1.2, mix(iron, p.key, 0.25));
    pen.garment(std::vector<Ring>{Ring{{0, 8.65, 0}, 0.62, 0.62}, {{0, 7.45, 0}, 0.62, 0.62}}, mix(p.lamp, rgb(0xffffff), 0.35));
    for (double x : {-0.3, 0.3}) pen.limb({{x, 8.65, 0.55}, 0.035}, {{x, 7.45, 0.55}, 0.035}, iron);
    pen.garment(std::vector<Ring>{Ring{{0, 9.75, 0}, 0.05, 0.05}, {{0, 9.45, 0}, 0.3, 0.3}, {{0, 8.65, 0}, 0.82, 0.82}}, band);
    panes(pen, {{0, 0.7, 1.36}}, 0.6, 1.2, iron);
    pen.shine({0, 8.05, 0}, 2.6, p.lamp.with_alpha(0.7));
}

void tower(Pen& pen, const Mood& mood, const Palette& p) {
    Color wall = mood.garment, pane = mix(p.window_dark, p.window_lit, 0.5);
    draw_blocks(pen, {{{-2, 0, -2}, {2, 1.6, 2}, wall * 0.8}}, wall);
    draw_blocks(pen, {{{-1.5, 1.6, -1.5}, {1.5, 9, 1.5}, wall}}, wall);
    for (int row = 0; row < 6; ++row) panes(pen, {{-0.85, 2.1 + 1.15 * row, 1.5}, {0, 2.1 + 1.15 * row, 1.5}, {0.85, 2.1 + 1.15 * row, 1.5}}, 0.5, 0.75, pane);
    draw_blocks(pen, {{{-1, 9, -1}, {1, 10.6, 1}, wall * 0.9}}, wall);
    pen.limb({{0, 12, 0}, 0.03}, {{0, 10.6, 0}, 0.1}, p.mass);
}

void house(Pen& pen, const Mood& mood, const Palette& p) {
    Color wall = mix(mood.garment, p.key, 0.25), tile = mix(p.accent, p.mass, 0.45);
    pen.face(std::vector<Vec3>{Vec3{1.0, 4, -1.2}, {1.0, 5.4, -1.2}, {1.6, 5.4, -1.2}, {1.6, 4, -1.2}}, {0, 0, 1}, p.mass_warm);
    draw_blocks(pen, {{{-2.6, 0, -2.2}, {2.6, 2.9, 2.2}, wall, 2.3}}, tile);
    panes(pen, {{-1.6, 1.0, 2.2}, {1.6, 1.0, 2.2}, {0, 3.3, 2.2}}, 0.9, 1.0, mix(p.window_dark, p.window_lit, 0.7));
    panes(pen, {{0, 0, 2.2}}, 0.95, 2.0, p.mass * 0.8);
}

void castle(Pen& pen, const Mood& mood, const Palette& p) {
    Color stone = mix(mood.garment, p.mass_warm, 0.5), tile = mix(p.accent, p.mass, 0.4);
    auto turret = [&](double x, double z, double tall) {
        pen.garment(std::vector<Ring>{Ring{{x, tall, z}, 0.95, 0.95}, {{x, 0, z}, 1.0, 1.0}}, stone);
        pen.garment(std::vector<Ring>{Ring{{x, tall + 1.9, z}, 0.03, 0.03}, {{x, tall + 0.9, z}, 0.55, 0.55}, {{x, tall - 0.1, z}, 1.2, 1.2}}, tile);
    };
    std::vector<Vec3> turrets{{-3.6, 5.2, -2.2}, {3.6, 5.2, -2.2}, {-3.6, 4.6, 2.2}, {3.6, 4.6, 2.2}};
    std::stable_sort(turrets.begin(), turrets.end(), [&pen](Vec3 a, Vec3 b) { return pen.depth(a) > pen.depth(b); });
    for (int i = 0; i < 2; ++i) turret(turrets[std::size_t(i)].x, turrets[std::size_t(i)].z, turrets[std::size_t(i)].y);
    draw_blocks(pen, {{{-1.5, 0, -1.8}, {1.5, 7, 0.6}, stone, 2.0}, {{-3.6, 0, -2.2}, {3.6, 3.2, 2.2}, stone * 0.92}}, tile);
    draw_blocks(pen, {{{-1.5, 3.2, -1.8}, {1.5, 7, 0.6}, stone, 2.0}}, tile);
    panes(pen, {{0, 0, 2.2}}, 1.3, 1.9, p.mass * 0.6);
    panes(pen, {{-0.6, 5, 0.6}, {0.6, 5, 0.6}}, 0.35, 0.8, p.window_lit);
    for (std::size_t i = 2; i < 4; ++i) turret(turrets[i].x, turrets[i].z, turrets[i].y);
}

void bridge(Pen& pen, const Mood& mood, const Palette& p) {
    Color stone = mix(mood.garment, p.mass_warm, 0.4);
    std::vector<Block> parts{{{-7, 2.6, -1}, {7, 3.2, 1}, stone}};
    for (double x : {-4.2, 4.2}) parts.push_back({{x - 0.5, 0, -1.15}, {x + 0.5, 2.6, 1.15}, stone * 0.85});
    draw_blocks(pen, parts, stone);
    for (double x : {-4.2, 4.2}) draw_blocks(pen, {{{x - 0.4, 3.2, -1.1}, {x + 0.4, 6, 1.1}, stone * 0.9}}, stone);
    for (double z : {-1.05, 1.05}) {
        auto cable = [](double x) { return std::abs(x) > 4.2 ? 6 - (std::abs(x) - 4.2) : 3.7 + 2.3 * x * x / (4.2 * 4.2); };
        for (double x = -7; x < 6.9; x += 0.7) {
            pen.limb({{x, cable(x), z}, 0.06}, {{x + 0.7, cable(x + 0.7), z}, 0.06}, p.mass * 0.8);
            pen.limb({{x, cable(x), z}, 0.025}, {{x, 3.2, z}, 0.025}, p.mass * 0.8);
        }
    }
}

void statue(Pen& pen, const Mood& mood, const Palette& p) {
    Color stone = mood.garment, plinth = mix(p.mass_warm, p.key, 0.3);
    draw_blocks(pen, {{{-0.6, 0, -0.6}, {0.6, 1.1, 0.6}, plinth}}, plinth);
    pen.garment(std::vector<Ring>{Ring{{0, 2.72, 0}, 0.08, 0.08}, {{0, 2.62, 0}, 0.28, 0.2}, {{0, 2.1, 0}, 0.2, 0.18}, {{0, 1.1, 0}, 0.38, 0.34}}, stone);
    pen.limb({{0.25, 2.58, 0}, 0.09}, {{0.48, 3.1, 0.1}, 0.06}, stone);
    pen.limb({{-0.25, 2.58, 0}, 0.09}, {{-0.34, 2.05, 0.12}, 0.06}, stone);
    pen.limb({{0, 2.78, 0}, 0.09}, {{0, 2.95, 0.02}, 0.15}, stone);
}

void tree(Pen& pen, const Mood& mood, const Palette& p) {
    Color leaf = mood.garment;
    pen.garment(std::vector<Ring>{Ring{{0, 3.4, 0}, 0.2, 0.2}, {{0, 1.5, 0}, 0.24, 0.24}, {{0, 0, 0}, 0.5, 0.5}}, mix(p.mass_warm, p.shade, 0.4));
    for (double side : {-1.0, 1.0}) pen.limb({{0, 2.4, 0}, 0.16}, {{side * 1.1, 3.8, 0.2 * side}, 0.08}, mix(p.mass_warm, p.shade, 0.4));
    std::vector<Vec3> crown{{0, 5.6, 0}, {-1.3, 4.3, 0.3}, {1.35, 4.4, -0.3}, {0.3, 4.2, 1.2}, {-0.2, 4.4, -1.2}, {-0.7, 5.2, 0.5}, {0.8, 5.2, 0.2}};
    std::stable_sort(crown.begin(), crown.end(), [&pen](Vec3 a, Vec3 b) { return pen.depth(a) > pen.depth(b); });
    for (std::size_t i = 0; i < crown.size(); ++i)
        pen.limb({crown[i], 1.25}, {crown[i] + Vec3{0.15, 0.15, 0}, 1.1}, mix(leaf, p.mass, 0.35 - 0.05 * double(i)));
}

}  // namespace

void draw_blocks(Pen& pen, std::vector<Block> blocks, Color tile) {
    auto away = [&pen](const Block& b) { return pen.depth((b.low + b.high) * 0.5); };
    std::stable_sort(blocks.begin(), blocks.end(), [&](const Block& a, const Block& b) { return away(a) > away(b); });
    for (const Block& block : blocks) draw_block(pen, block, tile);
}

void structure(Pen& pen, const Mood& mood, const Palette& palette, const Pose&) {
    using Build = void (*)(Pen&, const Mood&, const Palette&);
    static constexpr Build builds[] = {lighthouse, tower, house, castle, bridge, statue, tree};  // in the order of Silhouette
    double foot = 0.3 * std::max(mood.framing.tall * 0.5, mood.framing.wide);
    pen.ground_shadow(foot, foot);
    builds[std::size_t(mood.form)](pen, mood, palette);
}

}  // namespace shotwire::media::helper
