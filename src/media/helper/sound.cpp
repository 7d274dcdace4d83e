#include "media/helper/sound.hpp"

namespace shotwire::media::helper {
namespace {

// One-pole low-pass over white noise.
class Hiss {
public:
    Hiss(std::uint64_t seed, double cutoff, int rate) : random_(seed), share_(1 - std::exp(-2 * std::numbers::pi * cutoff / rate)) {}
    double next() { return level_ += share_ * (random_.uniform(-1, 1) - level_); }

private:
    Random random_;
    double share_;
    double level_ = 0;
};

void add_steps(std::vector<float>& out, const Mood& mood, const Walk& walk, int rate, std::uint64_t seed) {
    double half_stride = (mood.gait == Gait::run ? 2.15 : 1.25) / 2 * (mood.small ? 0.74 : 1), duration = double(out.size()) / rate;
    double speed = walk.at(1).way - walk.at(0).way;
    if (speed <= 0.05 || mood.kind != Kind::person) return;
    for (double way = half_stride / 2; way / speed < duration; way += half_stride) {
        Hiss heel(seed + std::uint64_t(way * 100), mood.snow ? 1800 : 700, rate);
        auto from = std::size_t(way / speed * rate);
        for (std::size_t i = 0; i < std::size_t(rate) / 9 && from + i < out.size(); ++i) {
            double t = double(i) / rate;
            out[from + i] += float(0.22 * heel.next() * std::exp(-t * 48) * std::min(1.0, t * 700));
        }
    }
}

}  // namespace

std::vector<float> room_tone(const Mood& mood, const Walk& walk, std::size_t samples, int rate, std::uint64_t seed) {
    std::vector<float> out(samples);
    Hiss room(seed + 1, 420, rate), low(seed + 2, 90, rate), bright(seed + 3, 7000, rate), body(seed + 4, 1400, rate), gust(seed + 5, 500, rate);
    Random drops(seed + 6);
    bool street = mood.place == Place::street, indoors = mood.place == Place::room;
    double drop = 0, pitch = 0, age = 0;
    for (std::size_t i = 0; i < samples; ++i) {
        double t = double(i) / rate, value = 0.02 * room.next() + (street ? 0.16 : 0.05) * low.next();
        if (mood.rain) {
            value += (indoors ? 0.2 : 1.0) * (0.022 * bright.next() + 0.06 * body.next());
            if (drops.chance(42.0 / rate)) drop = drops.uniform(0.01, 0.05), pitch = drops.uniform(1400, 4200), age = 0;
            value += drop * std::sin(2 * std::numbers::pi * pitch * age) * std::exp(-age * 160);
            age += 1.0 / rate;
        }
        if (!indoors && !street) value += 0.14 * gust.next() * (0.55 + 0.45 * noise(t * 0.35, seed + 7));
        if (mood.water) value += 0.24 * body.next() * std::pow(0.5 + 0.5 * std::sin(t * 0.85), 3);
        double edge = std::min({1.0, t / 0.12, (double(samples) / rate - t) / 0.25});
        out[i] = float(value * edge);
    }
    add_steps(out, mood, walk, rate, seed + 50);
    for (float& sample : out) sample = std::clamp(sample, -0.9f, 0.9f);
    return out;
}

}  // namespace shotwire::media::helper
