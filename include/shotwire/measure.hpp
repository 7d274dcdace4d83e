#pragma once
#include <compare>
#include <cstdint>
#include <string>

namespace shotwire {

// Millionths of a US dollar: prices such as 0.034 a second stay exact.
struct Money {
    std::int64_t micros = 0;
    friend auto operator<=>(const Money&, const Money&) = default;
    friend Money operator+(Money a, Money b) { return {a.micros + b.micros}; }
};
std::string to_string(Money money);  // "0.60", "0.0345": at least two digits, at most six

// Pixels.
struct Size {
    int width = 0;
    int height = 0;
    friend bool operator==(const Size&, const Size&) = default;
};
std::string to_string(Size size);  // "1280x720"

// A ratio as users write it; never reduced, so that 21:9 stays 21:9.
struct AspectRatio {
    int width = 0;
    int height = 0;
    friend bool operator==(const AspectRatio&, const AspectRatio&) = default;
    double value() const { return double(width) / height; }
};
std::string to_string(AspectRatio ratio);  // "16:9"

}  // namespace shotwire
