#include <algorithm>
#include <cmath>

#include "catalog/measures.hpp"
#include "catalog/plan.hpp"

namespace shotwire::catalog {
namespace {

// Up to the next millionth: an estimate must not be below the bill.
Money times(Money rate, double factor) { return {std::int64_t(std::ceil(double(rate.micros) * factor - 1e-6))}; }

bool fits(const Rate& rate, const Order& order) {
    if (rate.operation != order.operation) return false;
    if (!rate.resolution.empty() && lines_of(rate.resolution) != lines_of(order.resolution)) return false;
    if (rate.audio && *rate.audio != order.audio.value_or(false)) return false;
    if (rate.image && *rate.image != !order.images.empty()) return false;
    return !rate.seconds || std::abs(*rate.seconds - order.seconds) < 1e-6;
}

// The pixels of a frame, or somewhat more where they are not told: all ratios of a resolution have about the same.
double area_of(const Order& order) {
    if (order.size) return double(order.size->width) * order.size->height;
    const double lines = lines_of(order.resolution);
    return lines * lines * 16 / 9 * 1.05;
}

// Tokens count width, height and frames; a clip has one frame more than seconds times rate.
std::optional<Money> by_tokens(const Prices& prices, const Order& order) {
    if (!prices.per_thousand_tokens || area_of(order) <= 0 || order.operation != Operation::create) return {};
    const auto differing = prices.token_rates.find(order.resolution);
    const auto rate = differing == prices.token_rates.end() ? *prices.per_thousand_tokens : differing->second;
    const double frames = order.fps.value_or(24) * order.seconds + 1;
    return times(rate, area_of(order) * frames / 1024 / 1000);
}

}  // namespace

Price price_on(const Route& route) {
    if (route.at_home) return {Money{}, false, {}};
    return {};
}

Price price_of(const Model& model, const Route& route, const Order& order) {
    const auto& prices = model.prices;
    if ((route.moved || route.at_home) && !prices.users) return price_on(route);
    if (prices.free) return {Money{}, false, prices.as_of};
    for (const auto& rate : prices.rates)
        if (fits(rate, order)) {
            if (rate.per_clip) return {*rate.per_clip, prices.at_most, prices.as_of};
            if (order.seconds > 0) return {times(rate.per_second, order.seconds), prices.at_most, prices.as_of};
        }
    if (const auto amount = by_tokens(prices, order)) return {*amount, true, prices.as_of};
    return {{}, false, prices.as_of};
}

std::chrono::milliseconds expected_time(const Model* model, double seconds) {
    constexpr double unknown = 120;
    if (!model || model->expected_seconds <= 0) return std::chrono::milliseconds(std::int64_t(unknown * 1000));
    const double more = seconds > 0 ? seconds - model->default_seconds : 0;
    const double expected = std::max(model->expected_seconds / 4, model->expected_seconds + more * model->expected_per_second);
    return std::chrono::milliseconds(std::llround(expected * 1000));
}

}  // namespace shotwire::catalog
