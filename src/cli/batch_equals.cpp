#include "cli/batch_equals.hpp"

#include <algorithm>

#include "cli/batch_plan.hpp"
#include "core/hash.hpp"
#include "job/runner.hpp"

namespace shotwire::cli {
namespace {

// The same for the same rows, so that the batch again finds what it ordered: drawn from the order itself and which one of equals it is.
std::uint64_t first_seed(const std::string& without_seed) { return std::stoull(core::sha256_hex("a seed for " + without_seed).substr(0, 8), nullptr, 16); }

void give_seed(BatchClip& clip, Order order, std::uint64_t seed) {
    order.seed = seed;
    clip.order = catalog::write_order(order);
    clip.identity = job::identity_of(order, *clip.route);
    clip.draws = false;
}

// A whole identity in the map would be another 64 bytes for each clip. Two that begin alike would only count each other's numbers as taken.
std::uint64_t beginning(const std::string& identity) { return std::stoull(identity.substr(0, 16), nullptr, 16); }

Order order_of(const BatchClip& clip) { return *catalog::read_order(clip.order); }

}  // namespace

bool Equals::Numbers::claim(std::uint64_t number) {
    const auto place = std::lower_bound(claimed_.begin(), claimed_.end(), number);
    if (number < next_ || (place != claimed_.end() && *place == number)) return false;
    claimed_.insert(place, number);
    return true;
}

std::uint64_t Equals::Numbers::hand_out() {
    while (std::binary_search(claimed_.begin(), claimed_.end(), next_)) ++next_;
    return next_++;
}

void Equals::know(std::vector<job::Ledger::BatchRow> earlier) {
    earlier_ = std::move(earlier);
    std::stable_sort(earlier_.begin(), earlier_.end(), [](const auto& one, const auto& other) { return one.row < other.row; });
}

Equals::Range Equals::of(const std::string& row) const {
    const auto first = std::lower_bound(earlier_.begin(), earlier_.end(), row, [](const auto& one, const std::string& name) { return one.row < name; });
    return {first, std::find_if(first, earlier_.end(), [&](const auto& one) { return one.row != row; })};
}

const job::Ledger::BatchRow* Equals::latest(const std::string& row) const {
    const auto [first, last] = of(row);
    return first == last ? nullptr : &*std::prev(last);
}

void Equals::draw_seeds(std::deque<BatchClip>& clips) {
    for (auto& clip : clips) {
        if (!clip.draws) continue;
        const auto [first, last] = of(clip.row);
        if (first == last) continue;
        const auto order = order_of(clip);
        const auto without_seed = clip.identity;
        for (auto one = first; one != last && clip.draws; ++one) {
            if (!one->seed) continue;
            auto drawn = order;
            drawn.seed = one->seed;
            if (job::identity_of(drawn, *clip.route) != one->fingerprint) continue;
            const auto number = (*one->seed - first_seed(without_seed)) & catalog::most_drawn_seed;
            if (draws_[beginning(without_seed)].claim(number)) give_seed(clip, order, *one->seed);
        }
    }
    for (auto& clip : clips)
        if (clip.draws) give_seed(clip, order_of(clip), (first_seed(clip.identity) + draws_[beginning(clip.identity)].hand_out()) & catalog::most_drawn_seed);
}

void Equals::settle(std::deque<BatchClip>& clips) {
    draw_seeds(clips);
    constexpr int none = -1;
    // Of several that a row had one after another (--again), or two rows the same one: what is under way, then the newest that is there.
    const auto open = [](Stage stage) { return !is_final(stage); };
    const auto there = [](Stage stage) { return is_final(stage) && !job::is_over(stage); };
    for (bool (*const counts)(Stage) : {+open, +there, &job::is_over})
        for (auto& clip : clips) {
            const auto [first, last] = of(clip.row);
            for (auto one = last; one != first && clip.ordinal == none;) {
                --one;
                if (one->fingerprint == clip.identity && counts(one->stage) && ordinals_[beginning(clip.identity)].claim(std::uint64_t(one->ordinal))) clip.ordinal = one->ordinal;
            }
        }
    for (auto& clip : clips)
        if (clip.ordinal == none) clip.ordinal = int(ordinals_[beginning(clip.identity)].hand_out());
}

}  // namespace shotwire::cli
