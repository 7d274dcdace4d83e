#include "job/money.hpp"

#include <spdlog/fmt/fmt.h>

namespace shotwire::job {

std::string price_words(const Row& row) {
    return row.price ? row.price->micros ? fmt::format(", for USD {}", to_string(*row.price)) : "" : ", at a price that is not known";
}

Money cost_of(const Row& row) {
    const auto counted = row.settled ? *row.settled : row.price.value_or(Money{});
    switch (row.stage) {
        case Stage::planned: return row.doubtful;
        case Stage::failed:
        case Stage::rejected:
        case Stage::cancelled: return row.doubtful + (row.handle ? counted : row.settled.value_or(Money{}));
        default: return row.doubtful + counted;
    }
}

Result<> within(const Limits& limits, const std::optional<Money>& price, Money run, Money day, Money total) {
    if (!limits.any()) return Ok{};
    const auto refused = [&](const std::string& limit, Money spent) {
        return Error{ErrorKind::budget, fmt::format("USD {} more would exceed {}: USD {} are spent or reserved; nothing was sent", to_string(*price), limit, to_string(spent))};
    };
    if (!price) {
        if (limits.allow_unpriced) return Ok{};
        return Error{ErrorKind::budget, "the price is unknown, so the budget cannot be kept; --allow-unpriced lets it through; nothing was sent"};
    }
    if (price->micros == 0) return Ok{};
    if (limits.run && run + *price > *limits.run) return refused(limits.run_in_words.empty() ? to_string(*limits.run) : limits.run_in_words, run);
    if (limits.day && day + *price > *limits.day) return refused("budget.day of " + to_string(*limits.day), day);
    if (limits.total && total + *price > *limits.total) return refused("budget.total of " + to_string(*limits.total), total);
    return Ok{};
}

}  // namespace shotwire::job
