#include "job/schedule.hpp"

#include <algorithm>
#include <cmath>

namespace shotwire::job {
namespace {

using ms = std::chrono::milliseconds;

constexpr double polls_worth_the_time = 100;  // a poll costs as much as a hundredth of the render time
constexpr double growth = 0.1;                // of the steps where nothing is known: a clip is seen about 5 % late
constexpr int first_steps = 6;                // while a job is young they grow to so many times the least wait
constexpr double patience = 12;               // so many polls where the past has a clip, and none came: the past lies
constexpr ms little{30'000};                  // to lose so much at most is worth no look before a clip can be ready
constexpr std::size_t knots = 160;
constexpr double step = 1.022;     // from knot to knot: they reach 32 times as far as `earliest_`
constexpr std::size_t enough = 3;  // so many of a kind say something on their spread

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

// Each of the past stands for a bell around it, on a scale of logarithms. Where nothing was seen the chance rises with the third power,
// then falls.
void Schedule::lay(const std::vector<double>& past) {
    const double middle = double(expected_->count());
    const auto widths = widths_of(past);
    earliest_ = past.empty() ? scaled(*expected_, 0.4) : ms(std::llround(quantile(past, 0.02) * std::exp(-2 * widths.front())));
    earliest_ = std::max(earliest_, ms(1));
    const double last = past.empty() ? 1.5 * middle : past.back() * std::exp(2 * widths.back());

    const auto still = [&](double time) {
        if (past.empty()) return 1 / (1 + std::pow(time / middle, 3));
        double sum = 0;
        for (std::size_t i = 0; i < past.size(); ++i) sum += normal(std::log(past[i] / time) / widths[i]);
        return sum / double(past.size());
    };
    due_.resize(knots);
    double polls = 0, before = time_of(0, earliest_), left = still(before);
    for (std::size_t knot = 1; knot < knots; ++knot) {
        const double now = time_of(knot, earliest_), rest = still(now);
        const double chance = rest > 0 && left > rest ? std::log(left / rest) / (now - before) : 0;
        const double price = polls_worth_the_time / std::max(middle, now);
        polls += (now - before) * std::sqrt(price * chance / 2);
        due_[knot] = float(polls);
        if (polls <= patience) latest_ = ms(std::llround(std::min(last, now)));
        before = now;
        left = rest;
    }
}

// When so many polls are due; spread behind the past where it has no more, as jobs that were sent together come there together.
ms Schedule::when(double due, double random) const {
    const auto next = std::upper_bound(due_.begin(), due_.end(), float(due));
    if (next == due_.end()) return scaled(latest_, 1 + growth * random);
    const auto after = std::size_t(next - due_.begin());
    const double part = (due - due_[after - 1]) / double(due_[after] - due_[after - 1]);
    return ms(std::llround(time_of(after - 1, earliest_) + part * (time_of(after, earliest_) - time_of(after - 1, earliest_))));
}

// Until one more poll is due than at `elapsed`, which is before `latest_`.
ms Schedule::by_density(ms elapsed, double random) const {
    if (elapsed < earliest_) {
        const auto look = elapsed == ms(0) ? scaled(earliest_, 0.25 * (0.9 + 0.2 * random)) : elapsed;
        if (earliest_ > little && elapsed + look < scaled(earliest_, 0.6)) return look;
        return when(0.4 + 0.6 * random, random) - elapsed;
    }
    const double at = std::log(double(elapsed.count()) / double(earliest_.count())) / std::log(step);
    const auto knot = std::min(std::size_t(at), knots - 2);
    const double due = due_[knot] + (at - double(knot)) * double(due_[knot + 1] - due_[knot]);
    return std::max(ms(1), when(due + 0.9 + 0.2 * random, random) - elapsed);
}

// What is right whatever it takes: steps of a part of the job's age, and longer ones while it is young, which cost little. Where the
// provider allows closer polls the young are looked at as closely.
ms Schedule::by_age(ms elapsed, ms least) const {
    const auto young = least < bounds_.least ? ms(0) : std::min(elapsed + least, first_steps * least);
    return std::max(young, scaled(elapsed, growth));
}

ms Schedule::next(ms elapsed, std::optional<double> progress, std::optional<ms> not_before, double random) const {
    const auto floor = std::min(ms(100), elapsed);
    const auto least = not_before ? std::clamp(*not_before, std::min(bounds_.least, floor), bounds_.least) : bounds_.least;
    const bool before = !due_.empty() && elapsed < earliest_;
    ms wait = due_.empty() || elapsed >= latest_ ? scaled(by_age(elapsed, least), 0.9 + 0.2 * random) : by_density(elapsed, random);
    if (progress && *progress > 0.05 && *progress < 1 && elapsed > ms(0)) {
        // The provider's own measure, where it gives one: half of what is left by it, so that a lie costs little.
        const auto left = scaled(elapsed, (1 - *progress) / *progress);
        wait = before ? std::min(wait, left) : std::min(std::max(wait, scaled(left, 0.5)), left);
    }
    const auto most = before ? bounds_.most_before : bounds_.most;
    if (wait < least) wait = scaled(least, 0.9 + 0.2 * random);
    if (wait > most) wait = scaled(most, 0.9 + 0.2 * random);
    return not_before ? std::max(wait, *not_before) : wait;
}

}  // namespace shotwire::job
