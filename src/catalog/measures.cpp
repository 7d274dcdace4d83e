#include "catalog/measures.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>

#include "core/text.hpp"

namespace shotwire::catalog {
namespace {

template <class T>
std::optional<T> number_in(std::string_view text) {
    T value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size() || text.empty()) return {};
    return value;
}

// Two whole numbers from 1 to `most` around a separator.
std::optional<std::array<int, 2>> pair_in(std::string_view text, char separator, int most) {
    text = core::trim(text);
    const auto at = text.find(separator);
    if (at == std::string_view::npos) return {};
    const auto first = number_in<int>(text.substr(0, at));
    const auto second = number_in<int>(text.substr(at + 1));
    if (!first || !second || *first < 1 || *second < 1 || *first > most || *second > most) return {};
    return {{*first, *second}};
}

}  // namespace

Result<AspectRatio> parse_ratio(std::string_view text) {
    if (const auto pair = pair_in(text, ':', 10000)) return AspectRatio{(*pair)[0], (*pair)[1]};
    return Error{ErrorKind::usage, fmt::format("the aspect ratio {} is not of the form W:H, such as 16:9, each a whole number from 1 to 10000", core::printable(text))};
}

Result<Size> parse_size(std::string_view text) {
    if (const auto pair = pair_in(core::lower(text), 'x', 16384)) return Size{(*pair)[0], (*pair)[1]};
    return Error{ErrorKind::usage, fmt::format("the size {} is not of the form WIDTHxHEIGHT, such as 1280x720, each a whole number from 1 to 16384", core::printable(text))};
}

Result<double> parse_seconds(std::string_view text) {
    auto digits = core::trim(text);
    if (!digits.empty() && (digits.back() == 's' || digits.back() == 'S')) digits.remove_suffix(1);
    const auto seconds = number_in<double>(digits);
    if (seconds && std::isfinite(*seconds) && *seconds > 0 && *seconds <= 86400) return *seconds;
    return Error{ErrorKind::usage, fmt::format("the duration {} is not a length in seconds, such as 8 or 8s", core::printable(text))};
}

int lines_of(std::string_view resolution) {
    if (resolution.size() < 2) return 0;
    const auto number = number_in<int>(resolution.substr(0, resolution.size() - 1)).value_or(0);
    if (resolution.back() == 'p' || resolution.back() == 'P') return number > 0 && number <= 16384 ? number : 0;
    // 2k is 1440 lines with the providers that sell it, 4k 2160.
    if (resolution.back() == 'k' || resolution.back() == 'K') return number == 2 ? 1440 : number > 0 && number <= 16 ? number * 540 : 0;
    return 0;
}

bool same_ratio(AspectRatio a, AspectRatio b) { return std::int64_t(a.width) * b.height == std::int64_t(b.width) * a.height; }

double distance(double ratio, double other) { return std::abs(std::log(ratio / other)); }

Size pixels_of(AspectRatio ratio, int lines) {
    const auto even = [](double side) { return std::max(2, int(std::lround(side / 2)) * 2); };
    if (ratio.width >= ratio.height) return {even(lines * ratio.value()), even(lines)};
    return {even(lines), even(lines / ratio.value())};
}

AspectRatio ratio_of(Size size, const std::vector<std::string>& names) {
    const double value = double(size.width) / size.height;
    std::optional<AspectRatio> best;
    for (const auto& name : names)
        if (const auto ratio = parse_ratio(name); ratio && distance(ratio->value(), value) < 0.01)
            if (!best || distance(ratio->value(), value) < distance(best->value(), value)) best = *ratio;
    if (best) return *best;
    const int divisor = std::gcd(size.width, size.height);
    return {size.width / divisor, size.height / divisor};
}

bool Lengths::allows(double seconds) const { return std::abs(nearest(seconds) - seconds) < 1e-6; }

double Lengths::nearest(double seconds) const {
    if (!list.empty())
        return *std::min_element(list.begin(), list.end(),
                                 [&](double a, double b) { return std::abs(a - seconds) < std::abs(b - seconds); });
    const double inside = std::clamp(seconds, least, std::max(least, most));
    if (step <= 0) return inside;
    const double steps = std::min(std::round((inside - least) / step), std::floor((most - least) / step + 1e-9));
    return least + steps * step;
}

std::string Lengths::print() const {
    if (!known()) return {};
    if (list.empty()) {
        const auto range = core::print_number(least) + " to " + core::print_number(most);
        return step > 0 && step != 1 ? range + " in steps of " + core::print_number(step) : range;
    }
    std::vector<std::string> parts;
    for (const double one : list) parts.push_back(core::print_number(one));
    return core::join(parts, ", ");
}

}  // namespace shotwire::catalog
