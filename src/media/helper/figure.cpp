#include "media/helper/figure.hpp"

#include <array>

#include "media/helper/pen.hpp"
#include "media/helper/structure.hpp"

namespace shotwire::media::helper {
namespace {

void person(Pen& pen, const Mood& mood, const Palette& palette, const Pose& pose) {
    double run = mood.gait == Gait::run ? 1 : 0, going = mood.gait == Gait::still ? 0 : 1, k = mood.small ? 0.74 : 1;
    double stride = (1.25 + 0.9 * run) * k, turn = 2 * std::numbers::pi * pose.way / stride;
    double breath = std::sin(pose.seconds * 1.5) * 0.006;
    double bob = going * (0.022 + 0.03 * run) * std::cos(2 * turn) + breath, lean = going * (0.03 + 0.1 * run), sway = going * 0.018 * std::sin(turn);
    Color skin = rgb(0xc99a7c), hair = mood.long_hair ? rgb(0x33211b) : rgb(0x28211f), boots = rgb(0x1d1a1d);
    Color legs_color = mix(mood.garment * 0.3, rgb(0x1c2230), 0.7), coat = mood.garment;

    const double drop = mood.sits ? 0.46 : 0;
    const bool long_coat = mood.coat && !mood.sits;
    auto at = [&](double x, double y, double z) { return Vec3{x * k + sway, (y + bob - drop) * k, z * k}; };
    struct Leg {
        Ball hip, knee, ankle, toe;
    };
    auto leg = [&](double side) {
        if (mood.sits) return Leg{{Vec3{side * 0.1, 0.5, 0.02} * k, 0.095 * k}, {Vec3{side * 0.11, 0.5, 0.42} * k, 0.068 * k}, {Vec3{side * 0.11, 0.08, 0.44} * k, 0.044 * k}, {Vec3{side * 0.13, 0.035, 0.6} * k, 0.034 * k}};
        double phase = turn + (side > 0 ? 0 : std::numbers::pi), swing = going * (0.44 + 0.3 * run) * std::sin(phase);
        double bend = going * (0.16 + (0.62 + 0.7 * run) * std::pow(std::max(0.0, std::cos(phase)), 1.5));
        double x = side * 0.09, hip = 0.92;
        Vec3 knee{x, hip - 0.45 * std::cos(swing), 0.45 * std::sin(swing)};
        double shin = swing - bend;
        Vec3 ankle{x, knee.y - 0.43 * std::cos(shin), knee.z + 0.43 * std::sin(shin)};
        Vec3 toe{x + side * 0.02, ankle.y - 0.05 + 0.1 * std::max(0.0, -std::sin(shin)) * -1, ankle.z + 0.17};
        return Leg{{at(x, hip, 0), 0.085 * k}, {at(knee.x, knee.y, knee.z), 0.06 * k}, {at(ankle.x, std::max(0.06, ankle.y), ankle.z), 0.042 * k},
                   {at(toe.x, std::max(0.035, toe.y), toe.z), 0.034 * k}};
    };
    auto draw_leg = [&](const Leg& l) {
        pen.limb(l.ankle, l.toe, boots);
        pen.limb(l.hip, l.knee, mood.sits && mood.coat ? coat * 0.9 : legs_color);
        pen.limb(l.knee, l.ankle, mood.coat ? boots : legs_color);
    };
    auto draw_arm = [&](double side) {
        double phase = turn + (side > 0 ? std::numbers::pi : 0), swing = mood.sits ? 0.25 : going * (0.36 + 0.4 * run) * std::sin(phase), bend = 0.2 + 0.25 * going + 1.0 * run + (mood.sits ? 0.9 : 0);
        Vec3 shoulder = at(side * 0.185, 1.39, lean * 0.9);
        Vec3 elbow = at(side * 0.225, 1.39 - 0.28 * std::cos(swing), lean * 0.9 + 0.28 * std::sin(swing));
        Vec3 hand = elbow + Vec3{-side * 0.02, -0.25 * std::cos(swing + bend), 0.25 * std::sin(swing + bend)} * k;
        pen.limb({shoulder, 0.068 * k}, {elbow, 0.055 * k}, coat * 0.92);
        pen.limb({hand, 0.034 * k}, {hand + Vec3{0, -0.05, 0.02} * k, 0.03 * k}, skin);
        pen.limb({elbow, 0.055 * k}, {hand, 0.043 * k}, coat * 0.92);
    };
    bool right_near = pen.depth({0.2, 1, 0}) < pen.depth({-0.2, 1, 0});
    double near = right_near ? 1 : -1;

    pen.ground_shadow(0.34 * k, 0.24 * k);
    if (mood.sits) {  // on a low stool
        std::array<Pen::Ring, 2> stool{Pen::Ring{Vec3{0, 0.43, 0} * k, 0.24 * k, 0.22 * k}, {{0, 0, 0}, 0.2 * k, 0.18 * k}};
        pen.garment(stool, mix(palette.mass_warm, palette.shade, 0.4));
    }
    const bool legs_before = mood.sits && pen.depth({0, 0.5, 0.4}) < pen.depth({0, 0.5, 0});
    auto draw_legs = [&] { draw_leg(leg(-near)), draw_leg(leg(near)); };
    if (!legs_before) draw_legs();
    draw_arm(-near);
    Vec3 neck = at(0, 1.47, lean * 1.05), head = at(0, 1.6, lean * 1.15 + 0.01);
    bool facing = pen.depth(head + Vec3{0, 0, 0.2}) < pen.depth(head);
    auto draw_face = [&] { pen.limb({head + Vec3{0, -0.035, 0.03} * k, 0.088 * k}, {head + Vec3{0, 0.02, 0.03} * k, 0.096 * k}, skin); };
    auto draw_hair = [&] { pen.limb({head + Vec3{0, 0.03, -0.012} * k, 0.112 * k}, {head + Vec3{0, 0, -0.03} * k, 0.107 * k}, hair); };
    auto draw_long_hair = [&] {
        if (mood.long_hair) pen.limb({head + Vec3{0, -0.02, -0.04} * k, 0.105 * k}, {head + Vec3{sway, -0.2, -0.085} * k, 0.075 * k}, hair);
    };
    auto draw_feature = [&](Vec3 from, Vec3 to, double radius, Color color) {  // where it is not round the corner
        if (pen.depth(head + to * k) < pen.depth(head) - 0.05 * k) pen.limb({head + from * k, radius * k}, {head + to * k, radius * k}, color);
    };
    auto draw_features = [&] {
        for (double side : {-0.036, 0.036}) draw_feature({side, -0.004, 0.113}, {side, 0.004, 0.113}, 0.008, hair);
        draw_feature({-0.018, -0.068, 0.108}, {0.018, -0.068, 0.108}, 0.005, skin * 0.6);
    };
    using Ring = Pen::Ring;
    auto draw_collar = [&] {
        if (!mood.coat) return;
        std::array<Ring, 2> collar{Ring{at(0, 1.5, lean), 0.082 * k, 0.078 * k}, {at(0, 1.425, lean), 0.125 * k, 0.1 * k}};
        pen.garment(collar, coat * 0.9);
    };
    if (facing) draw_long_hair();
    double flare = going * 0.05 * std::sin(turn), hem = long_coat ? 0.5 : 0.84;
    if (long_coat) {
        std::array<Ring, 6> rings{Ring{at(0, 1.47, lean), 0.075 * k, 0.07 * k}, {at(0, 1.405, lean), 0.215 * k, 0.12 * k}, {at(0, 1.25, lean * 0.7), 0.2 * k, 0.14 * k},
                                  {at(0, 1.03, lean * 0.3), 0.155 * k, 0.125 * k}, {at(0, 0.88, 0), 0.19 * k, 0.16 * k},
                                  {at(-flare * 0.4, hem, -lean - std::abs(flare) * 0.5), 0.265 * k, 0.255 * k}};
        pen.garment(rings, coat);
        std::array<Ring, 2> belt{Ring{at(0, 1.06, lean * 0.3), 0.158 * k, 0.128 * k}, {at(0, 1.005, lean * 0.3), 0.16 * k, 0.13 * k}};
        pen.garment(belt, coat * 0.62);
    } else {
        std::array<Ring, 5> rings{Ring{at(0, 1.47, lean), 0.075 * k, 0.07 * k}, {at(0, 1.405, lean), 0.21 * k, 0.12 * k}, {at(0, 1.22, lean * 0.7), 0.185 * k, 0.135 * k},
                                  {at(0, 1.0, lean * 0.3), 0.155 * k, 0.125 * k}, {at(0, hem, 0), 0.175 * k, 0.14 * k}};
        pen.garment(rings, coat);
    }
    if (legs_before) draw_legs();
    draw_arm(near);
    pen.limb({neck, 0.052 * k}, {head, 0.05 * k}, skin);
    if (!facing) draw_collar();
    if (facing) draw_hair(), draw_face(), draw_features(), pen.limb({head + Vec3{-0.05, 0.085, 0.02} * k, 0.05 * k}, {head + Vec3{0.05, 0.085, 0.02} * k, 0.05 * k}, hair);
    else draw_face(), draw_hair(), draw_long_hair();
    if (facing) draw_collar();
}

void animal(Pen& pen, const Mood& mood, const Palette&, const Pose& pose) {
    const Beast& b = mood.beast;
    const double k = b.size, rise = b.rise(), pi = std::numbers::pi;
    double going = mood.gait == Gait::still ? 0 : 1, run = mood.gait == Gait::run ? 1 : 0, turn = 2 * pi * pose.way / ((0.85 + 0.7 * run) * k);
    double bob = going * 0.02 * std::cos(2 * turn), body = rise + bob;
    Color coat = mood.garment, dark = coat * 0.62;
    auto limb = [&](Ball from, Ball to, Color color) { pen.limb({from.at * k, from.radius * k}, {to.at * k, to.radius * k}, color); };
    auto leg = [&](double x, double z, double phase, Color color) {
        double swing = going * (0.45 + 0.2 * run) * std::sin(turn + phase), lift = going * 0.09 * std::max(0.0, std::cos(turn + phase));
        Vec3 knee{x, 0.27 * b.legs + lift * 0.5, z + 0.2 * std::sin(swing)}, foot{x, 0.04 + lift, z + 0.36 * std::sin(swing)};
        limb({knee, 0.045 * b.fat}, {foot, 0.032 * b.fat}, color);
        limb({{x, 0.48 + body, z}, 0.075 * b.fat}, {knee, 0.05 * b.fat}, color);
    };
    double near = pen.depth({0.2, 0.5, 0}) < pen.depth({-0.2, 0.5, 0}) ? 1 : -1;
    bool away = pen.depth({0, 0.5, 0.4}) > pen.depth({0, 0.5, -0.4});
    pen.ground_shadow(0.3 * k, 0.5 * k);
    const double stance = 0.1 * b.fat;
    leg(-near * stance, 0.34, 0, dark), leg(-near * stance, -0.34, pi, dark);
    double wag = std::sin(pose.seconds * 7) * 0.09, nod = 0.02 * std::sin(turn * 2);
    const Vec3 skull{0, 0.88 + body + nod + b.up, 0.58 + b.out};
    auto ear = [&](double side) {
        switch (b.ears) {
            case Ears::hanging: return limb({skull + Vec3{side * 0.07, 0.07, -0.02}, 0.045}, {skull + Vec3{side * 0.11, -0.03, -0.03}, 0.03}, dark);
            case Ears::pricked: return limb({skull + Vec3{side * 0.055, 0.08, -0.02}, 0.042}, {skull + Vec3{side * 0.08, 0.19, -0.03}, 0.008}, dark);
            case Ears::round: return limb({skull + Vec3{side * 0.075, 0.085, -0.03}, 0.042}, {skull + Vec3{side * 0.08, 0.1, -0.03}, 0.04}, dark);
            case Ears::tall: return limb({skull + Vec3{side * 0.04, 0.08, -0.03}, 0.034}, {skull + Vec3{side * 0.07, 0.36, -0.1}, 0.024}, dark);
            case Ears::large: return limb({skull + Vec3{side * 0.11, 0.03, -0.07}, 0.11}, {skull + Vec3{side * 0.13, -0.12, -0.09}, 0.08}, dark);
        }
    };
    auto head = [&] {
        ear(-near);
        if (b.ears != Ears::large) ear(near);
        if (b.mane) limb({{0, 0.68 + body, 0.3}, 0.13}, {skull + Vec3{0, 0.03, -0.07}, b.ears == Ears::round ? 0.19 : 0.08}, dark);
        if (b.antlers)
            for (double side : {-1.0, 1.0}) {
                const Vec3 root = skull + Vec3{side * 0.05, 0.09, -0.02}, fork = root + Vec3{side * 0.12, 0.2, -0.06};
                limb({root, 0.02}, {fork, 0.016}, rgb(0x5a4a38)), limb({fork, 0.016}, {fork + Vec3{side * 0.02, 0.2, 0.06}, 0.008}, rgb(0x5a4a38)), limb({fork, 0.014}, {fork + Vec3{side * 0.13, 0.1, 0}, 0.008}, rgb(0x5a4a38));
            }
        limb({{0, 0.62 + body, 0.36}, 0.13}, {skull, 0.09}, coat);
        limb({skull, 0.105}, {skull + Vec3{0, -0.05, b.snout}, 0.05}, coat);
        if (b.trunk) {
            const Vec3 root = skull + Vec3{0, -0.04, 0.1}, bend = root + Vec3{0, -0.3, 0.14};
            limb({root, 0.07}, {bend, 0.05}, coat), limb({bend, 0.05}, {bend + Vec3{0, -0.28, 0.02}, 0.03}, coat);
        }
        limb({skull + Vec3{near * 0.08, 0.03, 0.06}, 0.012}, {skull + Vec3{near * 0.08, 0.032, 0.06}, 0.012}, rgb(0x15130f));
        if (b.ears == Ears::large) ear(near);
    };
    auto tail = [&] {
        const Vec3 root{0, 0.64 + body, -0.42};
        switch (b.tail) {
            case Tail::raised: return limb({root, 0.05}, {{wag, 0.86 + body, -0.66}, 0.022}, coat);
            case Tail::drawn_out: return limb({root, 0.035}, {{wag * 0.5, 0.7 + body, -0.8}, 0.028}, coat), limb({{wag * 0.5, 0.7 + body, -0.8}, 0.028}, {{wag, 0.92 + body, -0.92}, 0.02}, coat);
            case Tail::bushy: return limb({root, 0.05}, {{wag * 0.3, 0.5 + body, -0.7}, 0.085}, coat), limb({{wag * 0.3, 0.5 + body, -0.7}, 0.085}, {{wag * 0.5, 0.42 + body, -0.92}, 0.02}, mix(coat, rgb(0xffffff), 0.5));
            case Tail::hanging: return limb({root, 0.035}, {{wag * 0.3, 0.22 + body, -0.52}, 0.045}, dark);
            case Tail::none: return limb({root, 0.05}, {root + Vec3{0, 0.02, -0.06}, 0.035}, coat);
        }
    };
    if (away) head(); else tail();
    if (b.hump) limb({{0, 0.72 + body, 0.02}, 0.17}, {{0, 0.86 + body, -0.04}, 0.07}, coat);
    limb({{0, 0.57 + body, 0.33}, 0.175 * b.fat}, {{0, 0.56 + body, -0.34}, 0.15 * b.fat}, coat);
    leg(near * stance, 0.36, pi, coat), leg(near * stance, -0.36, 0, coat);
    if (away) tail(); else head();
}

// What has walls: a bus, a van, a truck.
void coach(Pen& pen, const Mood& mood, const Palette& palette, const Pose& pose) {
    const auto [tall, length, windows, cab] = mood.coach;
    const double half = length / 2, side = 1.15, near = pen.depth({side, 0.5, 0}) < pen.depth({-side, 0.5, 0}) ? 1 : -1, front = cab ? tall * 0.78 : tall;
    const Color paint = mood.garment, glass = mix(palette.window_dark, palette.horizon, 0.35);
    const double across = std::abs(std::sin(pose.heading)), into = std::abs(std::cos(pose.heading));
    pen.ground_shadow(0.9 * std::max(side, half * across), 0.9 * std::max(side, half * into));
    if (cab) draw_blocks(pen, {{{-side, 0.5, -half}, {side, tall, half - 2}, mix(paint, palette.key, 0.35)}, {{-side, 0.45, half - 1.9}, {side, front, half}, paint}}, paint);
    else draw_blocks(pen, {{{-side, 0.4, -half}, {side, tall, half}, paint}}, paint);
    for (double z = half - 1.4; z > (windows ? -half : half - 1.5); z -= 1.25)
        for (double x : {-side - 0.01, side + 0.01})
            pen.face(std::vector<Vec3>{{x, 0.5 * front, z}, {x, 0.86 * front, z}, {x, 0.86 * front, z + 1.05}, {x, 0.5 * front, z + 1.05}}, {x, 0, 0}, glass);
    pen.face(std::vector<Vec3>{{0.15 - side, 0.48 * front, half + 0.01}, {0.15 - side, 0.9 * front, half + 0.01}, {side - 0.15, 0.9 * front, half + 0.01}, {side - 0.15, 0.48 * front, half + 0.01}}, {0, 0, 1}, glass);
    for (double z : {half - 1.5, 1.5 - half}) {
        pen.limb({{near * (side - 0.05), 0.42, z}, 0.42}, {{near * side, 0.42, z}, 0.42}, rgb(0x14151a));
        pen.limb({{near * (side + 0.02), 0.42, z}, 0.2}, {{near * (side + 0.02), 0.42, z}, 0.2}, rgb(0x8b9096));
    }
}

void vehicle(Pen& pen, const Mood& mood, const Palette& palette, const Pose& pose) {
    if (mood.coach.tall > 0) return coach(pen, mood, palette, pose);
    Color paint = mood.garment, glass = mix(palette.window_dark, palette.horizon, 0.35), tyre = rgb(0x14151a);
    double near = pen.depth({0.8, 0.5, 0}) < pen.depth({-0.8, 0.5, 0}) ? 1 : -1;
    pen.ground_shadow(1.2, 2.2);
    for (double side : {-near, near})
        for (double z : {1.25, -1.25}) {
            if (side == near) continue;
            pen.limb({{side * 0.75, 0.33, z}, 0.33}, {{side * 0.7, 0.33, z}, 0.33}, tyre);
        }
    for (double x : {-near * 0.55, 0.0, near * 0.55}) pen.limb({{x, 0.62, 1.7}, 0.3}, {{x, 0.66, -1.75}, 0.32}, paint * (x * near > 0 ? 1 : 0.85));
    for (double x : {-near * 0.42, 0.0, near * 0.42}) pen.limb({{x, 1.08, 0.35}, 0.3}, {{x, 1.1, -0.95}, 0.3}, x * near > 0 ? glass : paint * 0.9);
    for (double z : {1.25, -1.25}) {
        pen.limb({{near * 0.82, 0.33, z}, 0.34}, {{near * 0.86, 0.33, z}, 0.34}, tyre);
        pen.limb({{near * 0.88, 0.33, z}, 0.17}, {{near * 0.88, 0.33, z}, 0.17}, rgb(0x8b9096));
    }
    for (double x : {-0.55, 0.55}) {
        pen.limb({{x, 0.66, -2.05}, 0.09}, {{x, 0.66, -2.05}, 0.09}, rgb(0xd0302a));
        pen.limb({{x, 0.62, 2.0}, 0.1}, {{x, 0.62, 2.0}, 0.1}, rgb(0xfff0c8));
    }
}

// A stand-in for what we cannot draw: a smooth stone in the subject's colour, on a plinth.
void object(Pen& pen, const Mood& mood, const Palette& palette, const Pose&) {
    Color plinth = mix(palette.mass_warm, palette.key, 0.3);
    pen.ground_shadow(0.5, 0.4);
    std::array<Pen::Ring, 4> foot{Pen::Ring{{0, 0.86, 0}, 0.4, 0.4}, {{0, 0.8, 0}, 0.4, 0.4}, {{0, 0.79, 0}, 0.34, 0.34}, {{0, 0, 0}, 0.36, 0.36}};
    pen.garment(foot, plinth);
    std::array<Pen::Ring, 6> stone{Pen::Ring{{0, 1.62, 0}, 0.03, 0.03}, {{0, 1.55, 0}, 0.2, 0.2}, {{0, 1.32, 0}, 0.33, 0.33},
                                   {{0, 1.1, 0}, 0.31, 0.31}, {{0, 0.93, 0}, 0.2, 0.2}, {{0, 0.87, 0}, 0.1, 0.1}};
    pen.garment(stone, mood.garment);
}

// Stands on its legs, or flies with them drawn in: `air` blends the two.
void bird(Pen& pen, const Mood& mood, const Palette& palette, const Pose& pose) {
    const bool wader = mood.plumage == Plumage::wader, swimmer = mood.plumage == Plumage::swimmer;
    const double air = smoothstep(0, 0.3, pose.at.y), legs = wader ? 0.48 : swimmer ? 0.2 : 0.24, neck = wader ? 0.36 : swimmer ? 0.42 : 0.1, fat = wader ? 1 : 1.35;
    const double body = legs + 0.14 * fat, turn = 2 * std::numbers::pi * pose.way / 0.5, going = mood.gait == Gait::still || mood.flight != Flight::none ? 0 : 1;
    Color coat = mood.garment, dark = mix(coat * 0.62, palette.shade, 0.15), bill = rgb(0xd09a3c), shank = wader ? rgb(0x6b6150) : rgb(0xa8743a);
    auto between = [air](Vec3 standing, Vec3 flying) { return standing + (flying - standing) * air; };
    const Vec3 chest = between({0, body + 0.05, 0.15}, {0, body + 0.03, 0.2}), rump = between({0, body - 0.07, -0.24 * fat}, {0, body + 0.01, -0.26 * fat});
    const Vec3 nape = between({0, body + 0.05 + neck * 0.55, wader ? 0.13 : 0.22}, {0, body + 0.08, wader ? 0.32 : 0.34});
    const Vec3 head = between({0, body + 0.13 + neck, 0.26}, {0, body + 0.1, 0.4 + neck * (swimmer ? 0.7 : 0.25)});
    const double near = pen.depth({0.2, body, 0}) < pen.depth({-0.2, body, 0}) ? 1 : -1;

    auto leg = [&](double side) {
        double swing = going * 0.4 * std::sin(turn + (side > 0 ? 0 : std::numbers::pi));
        Vec3 hip{side * 0.06, body - 0.06, -0.04}, knee = between({side * 0.06, body - 0.06 - legs * 0.45, -0.06 + 0.1 * swing}, {side * 0.04, body - 0.04, -0.3});
        Vec3 foot = between({side * 0.06, 0.02, 0.2 * swing}, {side * 0.04, body - 0.02, -0.32 - legs * 0.7});
        pen.limb({hip, 0.035 * fat}, {knee, 0.017}, shank), pen.limb({knee, 0.016}, {foot, 0.013}, shank);
        pen.limb({foot, 0.013}, {between(foot + Vec3{0, 0, 0.09}, foot + Vec3{0, 0, -0.06}), 0.01}, shank);
    };
    auto wing = [&](double side) {
        if (air < 1) {  // folded along the body
            double k = 1 - air;
            pen.limb({chest + Vec3{side * 0.075 * fat, 0.01, -0.05}, 0.085 * fat * k}, {rump + Vec3{side * 0.05, 0.0, -0.1}, 0.03 * fat * k}, mix(coat, dark, 0.55));
        }
        if (air <= 0.02) return;
        double beat = mood.flight == Flight::flies ? 0.75 : 1, angle = 0.12 + 0.62 * beat * std::sin(2 * std::numbers::pi * pose.seconds * (wader ? 1.7 : 2.6)), droop = angle - 0.4 * std::cos(2 * std::numbers::pi * pose.seconds * (wader ? 1.7 : 2.6));
        auto out = [&](Vec3 from, double length, double lift, double back) {
            return from + Vec3{side * length * air * std::cos(lift), length * air * std::sin(lift), -back * air};
        };
        Vec3 front = chest + Vec3{side * 0.05, 0.05, -0.02}, rear = chest + Vec3{side * 0.05, 0.03, -0.36};
        Vec3 wrist = out(front, 0.42, angle, -0.03), elbow = out(rear, 0.42, angle, 0.03), tip = out(wrist, 0.5, droop, 0.2), trail = out(elbow, 0.3, droop, 0.05);
        for (double up : {1.0, -1.0}) {
            pen.face(std::vector<Vec3>{front, wrist, elbow, rear}, {0, up, 0}, up > 0 ? mix(coat, dark, 0.25) : coat * 0.85);
            pen.face(std::vector<Vec3>{wrist, tip, trail, elbow}, {0, up, 0}, up > 0 ? dark : mix(coat * 0.85, dark, 0.5));
        }
        pen.limb({front, 0.03}, {wrist, 0.022}, coat), pen.limb({wrist, 0.022}, {tip, 0.01}, dark);
    };

    pen.ground_shadow(0.22, 0.3);
    wing(-near);
    leg(-near);
    pen.limb({rump, 0.06 * fat}, {rump + Vec3{0, between({0, -0.06, 0}, {}).y, -0.2}, 0.03 * fat}, dark);
    pen.limb({chest, 0.115 * fat}, {rump, 0.06 * fat}, coat);
    leg(near);
    pen.limb({chest + Vec3{0, 0.04, 0.03}, 0.07 * fat}, {nape, wader || swimmer ? 0.036 : 0.09}, coat);
    pen.limb({nape, wader || swimmer ? 0.036 : 0.09}, {head, wader || swimmer ? 0.034 : 0.075}, coat);
    const double skull = wader || swimmer ? 0.05 : 0.085, length = wader ? 0.2 : swimmer ? 0.12 : 0.1;
    pen.limb({head + Vec3{0, -0.005, 0.02}, 0.02}, {head + Vec3{0, -0.02, skull + length}, 0.006}, bill);
    pen.limb({head, skull}, {head + Vec3{0, 0, 0.03}, skull * 0.8}, coat);
    if (wader) pen.limb({head + Vec3{0, 0.035, 0.02}, 0.018}, {head + Vec3{0, 0.02, -0.16}, 0.006}, dark);
    pen.limb({head + Vec3{near * skull * 0.75, 0.012, 0.035}, 0.01}, {head + Vec3{near * skull * 0.75, 0.012, 0.036}, 0.01}, rgb(0x15130f));
    wing(near);
}

}  // namespace

void Figure::draw(Canvas& canvas, const Camera& camera, const Pose& pose, bool mirrored) const {
    using Body = void (*)(Pen&, const Mood&, const Palette&, const Pose&);
    static constexpr Body bodies[] = {person, animal, vehicle, object, structure, bird};  // in the order of Kind
    Pen pen(canvas, camera, pose, palette_, mirrored);
    bodies[std::size_t(mood_.kind)](pen, mood_, palette_, pose);
}

Walk::Walk(const Mood& mood, const shot::Motion& motion, double distance, double aspect, double seconds) : ahead_(mood.framing.ahead), flight_(mood.flight), length_(seconds) {
    double still_turn = mood.kind == Kind::person ? 0.55 : 1.15;  // an animal reads from the side
    // Unless it is said, where the camera goes or turns to, there the subject goes too.
    const bool still = mood.gait == Gait::still || mood.pace <= 0;
    const double sense = mood.course == Course::left || (mood.course == Course::any && !still && motion.truck + motion.pan < 0) ? -1 : 1;
    // What is longer than a street is wide goes along it.
    const bool along = mood.place == Place::street && mood.coach.is_long() && !still;
    const bool nearer = mood.course == Course::nearer || (along && mood.course != Course::farther), in_depth = nearer || mood.course == Course::farther;
    if (still) {
        bool faces_us = mood.kind == Kind::person || mood.kind == Kind::structure;
        heading_ = in_depth ? (nearer ? std::numbers::pi - 0.15 : 0.25) : sense * (faces_us ? std::numbers::pi - 0.55 : still_turn);
        return;
    }
    if (motion.follow || motion.first_person) {
        heading_ = motion.first_person ? 0 : nearer                  ? std::numbers::pi - 0.15
                                         : mood.kind == Kind::person ? radians(9)
                                                                     : radians(38);
        velocity_ = Vec3{motion.first_person ? 0 : std::sin(radians(1.5)), 0, nearer && !motion.first_person ? -1.0 : 1.0} * mood.pace;
        if (mood.course == Course::left && !motion.first_person) heading_ = -heading_, velocity_.x = -velocity_.x;
        return;
    }
    // Across the frame as far as it is wide, the rest of the way into the depth.
    double width = distance * std::min(aspect, 1.8) / 1.45 / std::min(1.0, 1 / aspect) * 0.5;
    if (aspect < 1) width = distance / 1.45 * 0.42;
    const bool tight = mood.framing.tight();
    if (mood.kind == Kind::animal) width = std::max(std::min(width, 1.0), width - 0.9 * std::max(0.0, mood.beast.size - 1));  // the whole body stays
    if (tight) width *= 0.55;  // the head stays in the picture
    double way = mood.pace * seconds;
    if (in_depth) {
        const double gone = std::min(way, distance * (tight ? 0.2 : nearer ? 0.5
                                                                           : 1.3));
        const double slant = !along ? 0.15 : nearer ? 0.4
                                                    : 0.06;
        heading_ = sense * (nearer ? std::numbers::pi - slant : slant);
        velocity_ = Vec3{std::sin(heading_), 0, std::cos(heading_)} * (gone / seconds);
        start_ = velocity_ * (nearer ? -0.9 * seconds : 0);
        return;
    }
    double across = std::min(way, width), into = tight ? 0 : std::min(std::sqrt(std::max(0.0, way * way - across * across)), distance * 0.55);
    velocity_ = Vec3{across / seconds, 0, into / seconds};
    velocity_.x *= sense;
    // What lifts off is to be seen standing first, what lands afterwards.
    double behind = mood.flight == Flight::lifts_off ? 0.42 : mood.flight == Flight::lands ? 0.58 : 0.5;
    start_ = Vec3{-sense * across * behind, 0, 0};
    heading_ = sense * (tight ? radians(115) : std::atan2(std::max(across, 0.3 * into), into));  // of what is near we see the face
}

Pose Walk::at(double seconds) const {
    const Vec3 start = start_ - Vec3{std::sin(heading_), 0, std::cos(heading_)} * ahead_;  // it is the head that begins there
    if (flight_ == Flight::none || length_ <= 0) return {start + velocity_ * seconds, heading_, velocity_.length() * seconds, seconds};
    // What lifts off gathers itself and then gains speed and height; what lands does so backwards.
    constexpr double ceiling = 0.95, begin = 0.12;
    double u = seconds / length_;
    auto gone = [](double x) { return x <= begin ? 0 : std::pow((x - begin) / (1 - begin), 1.5); };
    double share = flight_ == Flight::flies ? u : flight_ == Flight::lands ? 1 - gone(1 - u) : gone(u);
    double height = flight_ == Flight::flies ? ceiling * 0.75 + 0.05 * std::sin(seconds * 2.2) : ceiling * smoothstep(begin, 1, flight_ == Flight::lands ? 1 - u : u);
    Vec3 at = start + velocity_ * (length_ * share);
    at.y += height;
    return {at, heading_, velocity_.length() * length_ * share, seconds};
}

}  // namespace shotwire::media::helper
