#pragma once
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "animatic/clip.hpp"

// How the picture moves, by block matching.
namespace animatic_test {

struct Shift {
    double x = 0;  // of the block, from the middle of the picture
    double y = 0;
    double dx = 0;
    double dy = 0;
};

// Where each textured block of one picture lies in the other. The middle columns, where the subject is, are left out.
inline std::vector<Shift> shifts(const Grey& from, const Grey& to, int reach = 14, int subject = 34) {
    constexpr int side = 12;
    std::vector<Shift> found;
    for (int top = reach; top + side + reach < from.height; top += side / 2)
        for (int left = reach; left + side + reach < from.width; left += side / 2) {
            if (std::abs(left + side / 2 - from.width / 2) < subject) continue;
            int across = 0, down = 0;
            for (int y = top; y < top + side; ++y)
                for (int x = left; x < left + side; ++x) {
                    across += std::abs(from.at(x + 1, y) - from.at(x, y));
                    down += std::abs(from.at(x, y + 1) - from.at(x, y));
                }
            if (across < 3 * side * side || down < 3 * side * side) continue;
            long best = -1, second = -1;
            Shift shift{left + side / 2.0 - from.width / 2.0, top + side / 2.0 - from.height * 0.44, 0, 0};
            for (int dy = -reach; dy <= reach; ++dy)
                for (int dx = -reach; dx <= reach; ++dx) {
                    long difference = 0;
                    for (int y = top; y < top + side; ++y)
                        for (int x = left; x < left + side; ++x) difference += std::abs(from.at(x, y) - to.at(x + dx, y + dy));
                    if (best < 0 || difference < best) {
                        if (best >= 0 && std::hypot(dx - shift.dx, dy - shift.dy) > 2) second = best;
                        best = difference, shift.dx = dx, shift.dy = dy;
                    } else if ((second < 0 || difference < second) && std::hypot(dx - shift.dx, dy - shift.dy) > 2) {
                        second = difference;
                    }
                }
            if (best < 6 * side * side && double(best) < 0.7 * double(second)) found.push_back(shift);
        }
    return found;
}

template <class Value>
double median(const std::vector<Shift>& all, Value value) {
    std::vector<double> values;
    for (const auto& shift : all) values.push_back(value(shift));
    if (values.empty()) return 0;
    std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(values.size() / 2), values.end());
    return values[values.size() / 2];
}
inline double across(const std::vector<Shift>& all) { return median(all, [](const Shift& s) { return s.dx; }); }
inline double down(const std::vector<Shift>& all) { return median(all, [](const Shift& s) { return s.dy; }); }
// Away from the middle, as a share of the distance from it.
inline double growth(const std::vector<Shift>& all) {
    return median(all, [](const Shift& s) { return (s.dx * s.x + s.dy * s.y) / (s.x * s.x + s.y * s.y); });
}
inline std::vector<Shift> above(std::vector<Shift> all, double y) {
    std::erase_if(all, [y](const Shift& s) { return s.y >= y; });
    return all;
}
inline std::vector<Shift> below(std::vector<Shift> all, double y) {
    std::erase_if(all, [y](const Shift& s) { return s.y < y; });
    return all;
}

}  // namespace animatic_test
