#include "job/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace shotwire::job {
namespace {

using ms = std::chrono::milliseconds;

constexpr double polls_worth_the_time = 100;  // a poll costs as much as a hundredth of the render time
constexpr double growth = 0.2;                // of the steps, where nothing is known
constexpr std::size_t knots = 160;
constexpr double step = 1.022;                // from knot to knot: they reach 32 times as far as `earliest_`
constexpr std::size_t enough = 3;             // so many of a kind say something on their spread

ms scaled(ms length, double factor) { return ms(std::llround(double(length.count()) * factor)); }
double quantile(const std::vector<double>& sorted, double at) { return sorted[std::size_t(std::lround(at * double(sorted.size() - 1)))]; }

double time_of(std::size_t knot, ms earliest) { return double(earliest.count()) * std::pow(step, double(knot)); }

// The distribution function of the normal, near enough.
double normal(double x) { return 0.5 * std::erfc(-x * 0.7071067811865476); }

// How broad the bell of one of them is, on a scale of logarithms: as far as its nearest lie, so that two narrow humps stay two, and
// never broader than the spread of all asks for.
std::vector<double> widths_of(const std::vector<double>& sorted) {
    const double count = double(sorted.size());
    std::vector<double> logs;
    for (const double one : sorted) logs.push_back(std::log(one));
    double mean = 0, square = 0;
    for (const double log : logs) mean += log / count;
    for (const double log : logs) square += (log - mean) * (log - mean) / count;
    const double most = std::max(0.02, std::sqrt(square) * std::pow(count, -0.2));

    std::vector<double> widths;
    for (std::size_t at = 0; at < logs.size(); ++at) {
        std::size_t low = at, high = at;
        double width = 0;
        for (auto near = std::size_t(std::lround(1.4 * std::sqrt(count))); near > 0 && high - low + 1 < logs.size(); --near) {
            const double down = low > 0 ? logs[at] - logs[low - 1] : 1e9, up = high + 1 < logs.size() ? logs[high + 1] - logs[at] : 1e9;
            width = std::min(down, up);
            if (down < up) --low;
            else ++high;
        }
        widths.push_back(std::clamp(width, 0.02, most));
    }
    return widths;
}

// A clip of another length took another time: those within a factor of two count, scaled by half the difference (a queue does not
// grow with the clip). Where enough are of our length, only they do.
std::vector<double> times_like(const std::vector<Ledger::Past>& past, double clip_seconds) {
    std::vector<double> same, near;
    for (const auto& one : past) {
        if (one.took <= ms(0) || one.clip_seconds <= 0 || clip_seconds <= 0) continue;
        const double ratio = clip_seconds / one.clip_seconds;
        if (ratio < 0.5 || ratio > 2) continue;
        near.push_back(double(one.took.count()) * (1 + ratio) / 2);
        if (std::abs(ratio - 1) < 0.001) same.push_back(near.back());
    }
    auto chosen = same.size() >= enough ? std::move(same) : std::move(near);
    std::sort(chosen.begin(), chosen.end());
    return chosen;
}

}  // namespace

Schedule::Schedule(const std::vector<Ledger::Past>& past, std::optional<ms> expected, double clip_seconds, Bounds bounds)
    : bounds_(bounds) {
    const auto took = times_like(past, clip_seconds);
    if (took.size() >= enough) {
        expected_ = ms(std::llround(quantile(took, 0.5)));
        lay(took);
    } else if (expected || !took.empty()) {
        // One or two clips, or the catalogue's word, say little about the spread.
        expected_ = took.empty() ? *expected : ms(std::llround(took.front()));
        if (bounds.least >= ms(1000)) lay({});
    }
}

// Each of the past stands for a bell around it, on a scale of logarithms; one more, broad and heavy behind, for what was never seen.
void Schedule::lay(const std::vector<double>& past) {
    const double middle = double(expected_->count());
    const auto widths = widths_of(past);
    earliest_ = past.empty() ? scaled(*expected_, 0.4) : ms(std::llround(quantile(past, 0.02) * std::exp(-2 * widths.front())));
    earliest_ = std::max(earliest_, ms(1));

    const double weight = 1 / (double(past.size()) + 1);
    // Where nothing was seen the chance rises with the third power, then falls; what is late for its past is late by any length.
    const double steep = past.empty() ? 3 : 2;
    const auto still = [&](double time) {
        double sum = 1 / (1 + std::pow(time / middle, steep));
        for (std::size_t i = 0; i < past.size(); ++i) sum += normal(std::log(past[i] / time) / widths[i]);
        return sum * weight;
    };
    due_.resize(knots);
    double polls = 0, before = time_of(0, earliest_), left = still(before);
    for (std::size_t knot = 1; knot < knots; ++knot) {
        const double now = time_of(knot, earliest_), rest = still(now);
        const double chance = rest > 0 && left > rest ? std::log(left / rest) / (now - before) : 0;
        const double price = polls_worth_the_time / std::max(middle, now);
        polls += (now - before) * std::sqrt(price * chance / 2);
        due_[knot] = float(polls);
        before = now;
        left = rest;
    }
}

// Until one more poll is due than at `elapsed`.
ms Schedule::by_density(ms elapsed, double random) const {
    if (elapsed < earliest_) {
        // One in five looks early, anywhere from a tenth of that on.
        if (elapsed == ms(0) && random < 0.2) return scaled(earliest_, 0.1 * std::pow(9, random / 0.2));
        const auto first = std::upper_bound(due_.begin(), due_.end(), float(0.4 + 0.6 * random));
        const auto knot = std::min(std::size_t(first - due_.begin()), knots - 1);
        return ms(std::llround(time_of(knot, earliest_))) - elapsed;
    }
    const double at = std::log(double(elapsed.count()) / double(earliest_.count())) / std::log(step);
    if (at >= double(knots - 2)) return scaled(elapsed, 0.12);
    const auto knot = std::size_t(at);
    const double due = due_[knot] + (at - double(knot)) * double(due_[knot + 1] - due_[knot]) + 0.9 + 0.2 * random;
    const auto next = std::upper_bound(due_.begin(), due_.end(), float(due));
    if (next == due_.end()) return scaled(elapsed, 0.12);
    const auto after = std::size_t(next - due_.begin());
    const double part = (due - due_[after - 1]) / double(due_[after] - due_[after - 1]);
    const double time = time_of(after - 1, earliest_) + part * (time_of(after, earliest_) - time_of(after - 1, earliest_));
    return std::max(ms(1), ms(std::llround(time)) - elapsed);
}

ms Schedule::next(ms elapsed, std::optional<double> progress, std::optional<ms> not_before, double random) const {
    const bool before = !due_.empty() && elapsed < earliest_;
    ms wait = due_.empty() ? scaled(elapsed, growth * (0.9 + 0.2 * random)) : by_density(elapsed, random);
    if (progress && *progress > 0.05 && *progress < 1 && elapsed > ms(0)) {
        // The provider's own measure, where it gives one: half of what is left by it, so that a lie costs little.
        const auto left = scaled(elapsed, (1 - *progress) / *progress);
        wait = before ? std::min(wait, left) : std::min(std::max(wait, scaled(left, 0.5)), left);
    }
    const auto floor = std::min(ms(100), elapsed);
    const auto least = not_before ? std::clamp(*not_before, std::min(bounds_.least, floor), bounds_.least) : bounds_.least;
    const auto most = before ? bounds_.most_before : bounds_.most;
    if (wait < least) wait = scaled(least, 0.9 + 0.2 * random);
    if (wait > most) wait = scaled(most, 0.9 + 0.2 * random);
    return not_before ? std::max(wait, *not_before) : wait;
}

}  // namespace shotwire::job
