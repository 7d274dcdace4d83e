#pragma once
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>

namespace shotwire::media::helper {

// Metres; x to the right, y up, z away from where the camera starts. The subject starts at the origin, on the ground.
struct Vec3 {
    double x = 0;
    double y = 0;
    double z = 0;
    friend Vec3 operator+(Vec3 a, Vec3 b) { return {a.x + b.x, a.y + b.y, a.z + b.z}; }
    friend Vec3 operator-(Vec3 a, Vec3 b) { return {a.x - b.x, a.y - b.y, a.z - b.z}; }
    friend Vec3 operator*(Vec3 a, double k) { return {a.x * k, a.y * k, a.z * k}; }
    friend double dot(Vec3 a, Vec3 b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
    double length() const { return std::sqrt(dot(*this, *this)); }
};

// Pixels of the picture, y down.
struct Point {
    double x = 0;
    double y = 0;
};

// Display values, 0 to 1, not premultiplied.
struct Color {
    double r = 0;
    double g = 0;
    double b = 0;
    double a = 1;
    Color with_alpha(double alpha) const { return {r, g, b, alpha}; }
    friend Color operator*(Color c, double k) { return {c.r * k, c.g * k, c.b * k, c.a}; }
};
inline Color mix(Color a, Color b, double share) {
    auto blend = [share](double from, double to) { return from + (to - from) * share; };
    return {blend(a.r, b.r), blend(a.g, b.g), blend(a.b, b.b), blend(a.a, b.a)};
}
constexpr Color rgb(unsigned hex) { return {(hex >> 16 & 255) / 255.0, (hex >> 8 & 255) / 255.0, (hex & 255) / 255.0}; }

constexpr double radians(double degrees) { return degrees * std::numbers::pi / 180; }
inline double smoothstep(double low, double high, double x) {
    double u = std::clamp((x - low) / (high - low), 0.0, 1.0);
    return u * u * (3 - 2 * u);
}

// SplitMix64: the same numbers on every machine, which <random>'s distributions do not promise.
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    double uniform() { return double(next() >> 11) * 0x1p-53; }
    double uniform(double low, double high) { return low + (high - low) * uniform(); }
    bool chance(double share) { return uniform() < share; }

private:
    std::uint64_t state_;
};

// Smooth noise in -1 to 1 with about one turn per unit of x.
inline double noise(double x, std::uint64_t seed) {
    auto knot = [seed](double at) {
        Random random(seed * 0x2545f4914f6cdd1d + std::uint64_t(std::int64_t(at)));
        return random.uniform(-1, 1);
    };
    double left = std::floor(x);
    return std::lerp(knot(left), knot(left + 1), smoothstep(0, 1, x - left));
}

}  // namespace shotwire::media::helper
