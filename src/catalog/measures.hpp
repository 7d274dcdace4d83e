#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "catalog/plan.hpp"

namespace shotwire::catalog {

// The lines of a resolution's name: 720 of "720p", 2160 of "4k"; 0 where it is no such name.
int lines_of(std::string_view resolution);
// The same ratio in other numbers: 1920:1080 and 16:9.
bool same_ratio(AspectRatio a, AspectRatio b);
// How far two ratios are apart, 0 for none; wide and tall count alike.
double distance(double ratio, double other);
// Even pixels of that ratio, the shorter side being that many lines.
Size pixels_of(AspectRatio ratio, int lines);
// A ratio in the smallest numbers, or the name that is used for something close to it: 16:9 for 854x480.
AspectRatio ratio_of(Size size, const std::vector<std::string>& names = {});

}  // namespace shotwire::catalog
