#include "shotwire/measure.hpp"

#include <spdlog/fmt/fmt.h>

namespace shotwire {

std::string to_string(Money money) {
    auto text = fmt::format("{}{}.{:06}", money.micros < 0 ? "-" : "", std::abs(money.micros) / 1'000'000,
                            std::abs(money.micros) % 1'000'000);
    while (text.back() == '0' && text[text.size() - 3] != '.') text.pop_back();
    return text;
}

std::string to_string(Size size) { return fmt::format("{}x{}", size.width, size.height); }
std::string to_string(AspectRatio ratio) { return fmt::format("{}:{}", ratio.width, ratio.height); }

}  // namespace shotwire
