#include "job/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace shotwire::job {
namespace {

using ms = std::chrono::milliseconds;

ms scaled(ms length, double factor) { return ms(std::llround(double(length.count()) * factor)); }
ms quantile(const std::vector<ms>& sorted, double at) { return sorted[std::size_t(at * double(sorted.size() - 1) + 0.5)]; }

}  // namespace

Schedule::Schedule(const std::vector<Ledger::Past>& past, std::optional<ms> expected, double clip_seconds, Bounds bounds)
    : bounds_(bounds) {
    // A clip of another length took another time: those within a factor of two count, scaled by half the difference (a
    // queue does not grow with the clip).
    std::vector<ms> took;
    for (const auto& one : past) {
        if (one.took <= ms(0) || one.clip_seconds <= 0 || clip_seconds <= 0) continue;
        const double ratio = clip_seconds / one.clip_seconds;
        if (ratio >= 0.5 && ratio <= 2) took.push_back(scaled(one.took, (1 + ratio) / 2));
    }
    std::sort(took.begin(), took.end());
    if (took.size() >= 3) {
        expected_ = quantile(took, 0.5);
        earliest_ = scaled(quantile(took, 0.1), 0.9);
        spread_ = quantile(took, 0.9) - quantile(took, 0.1);
    } else if (expected || !took.empty()) {
        // One or two clips, or the catalogue's word, say little about the spread.
        expected_ = took.empty() ? *expected : took.front();
        cheap_guess_ = bounds.least < ms(1000);
        earliest_ = cheap_guess_ ? ms(0) : scaled(*expected_, 0.5);
        spread_ = scaled(*expected_, 0.6);
    }
}

ms Schedule::next(ms elapsed, std::optional<double> progress, std::optional<ms> not_before, double random) const {
    ms wait;
    if (!expected_ || cheap_guess_) {
        wait = scaled(elapsed, 0.15);
    } else if (elapsed < earliest_) {
        wait = earliest_ - elapsed;
    } else if (elapsed < *expected_ + spread_) {
        wait = std::max(scaled(spread_, 0.16), scaled(*expected_, 0.025));
    } else {
        wait = scaled(elapsed, 0.12);
    }
    if (progress && *progress > 0.05 && *progress < 1 && elapsed > ms(0)) {
        // The provider's own measure, where it gives one: half of what is left by it, so that a lie costs little.
        const auto left = scaled(elapsed, (1 - *progress) / *progress);
        wait = elapsed < earliest_ ? std::min(wait, left) : std::min(std::max(wait, scaled(left, 0.5)), left);
    }
    const auto least = not_before ? std::clamp(*not_before, std::min(bounds_.least, ms(100)), bounds_.least) : bounds_.least;
    wait = std::clamp(wait, least, elapsed < earliest_ ? bounds_.most_before : bounds_.most);
    wait = scaled(wait, 0.9 + 0.2 * random);
    return not_before ? std::max(wait, *not_before) : wait;
}

}  // namespace shotwire::job
