// How late a finished clip is seen, and at how many polls, by the real Schedule and by others, over what render times are like.
//   poll_simulator [JOBS]
// Prints a table in Markdown, and exits with 1 where a bound is broken that stands in `main`:
//   whatever is known, no fixed interval is both sooner and cheaper by a tenth; a past or a word that is five times too fast may cost
//     so many polls more as it takes to find that out
//   a past or a word that is too slow makes a clip be seen before it has taken twice as long, in the mean, and ten jobs unlearn it
//   with a past that is true it is at most three times as late as the best polls that a prophet of the distribution could place
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "job/schedule.hpp"

namespace {

using shotwire::job::Ledger;
using shotwire::job::Schedule;
using std::chrono::milliseconds;
using Random = std::mt19937_64;

constexpr double most_for_a_lie = 8;  // polls of a job

double uniform(Random& random) { return std::uniform_real_distribution<double>(0, 1)(random); }
double lognormal(Random& random, double middle, double sigma) { return middle * std::exp(sigma * std::normal_distribution<double>()(random)); }

struct World {
    std::string name;
    double word;  // what a catalogue would say, seconds
    std::function<double(Random&)> draw;
};

// The spreads are those of what providers say of themselves: Wan 1 to 5 minutes, Veo 11 s to 6 minutes, LTX half a minute to several
// minutes, each taken as the 5th and the 95th percentile (Veo's, which names extremes, as the 1st and the 99th).
std::vector<World> worlds() {
    return {
        {"constant, 120 s", 120, [](Random& r) { return lognormal(r, 120, 0.01); }},
        {"log-normal, as Wan (134 s, 0.49)", 134, [](Random& r) { return lognormal(r, 134, 0.49); }},
        {"log-normal, as Veo (63 s, 0.75)", 63, [](Random& r) { return lognormal(r, 63, 0.75); }},
        {"log-normal, as LTX (95 s, 0.70)", 95, [](Random& r) { return lognormal(r, 95, 0.70); }},
        {"a queue, or none (40 or 200 s)", 60, [](Random& r) { return uniform(r) < 0.6 ? lognormal(r, 40, 0.12) : lognormal(r, 200, 0.15); }},
        {"one in fifty stuck for an hour", 60, [](Random& r) { return uniform(r) < 0.02 ? 3600 : lognormal(r, 60, 0.3); }},
    };
}

struct Seen {
    double mean = 0, p95 = 0, polls = 0;
};

// `next`: seconds to the next poll after so many, for the N-th.
using Next = std::function<double(double elapsed, int polls, Random&)>;

Seen run(const std::vector<double>& jobs, const Next& next) {
    Random random(7);
    std::vector<double> late;
    double polls = 0;
    for (const double ready : jobs) {
        double at = 0;
        int count = 0;
        while (at < ready) at += next(at, count++, random);
        polls += count;
        late.push_back(at - ready);
    }
    std::sort(late.begin(), late.end());
    double sum = 0;
    for (const double one : late) sum += one;
    const auto count = double(jobs.size());
    return {sum / count, late[std::size_t(0.95 * count)], polls / count};
}

Next by(Schedule schedule) {
    return [schedule = std::move(schedule)](double elapsed, int, Random& random) {
        const auto wait = schedule.next(milliseconds(std::llround(elapsed * 1000)), {}, {}, uniform(random));
        return double(wait.count()) / 1000;
    };
}

// The polls that cost least for who knows the distribution: for each time at which a job is not ready yet the best next one, from
// the end backwards. `price` is that of a second's lateness in polls. Never closer than `least`.
Seen prophet(std::vector<double> jobs, double price, double least) {
    std::sort(jobs.begin(), jobs.end());
    constexpr std::size_t cells = 700;
    // Equal steps to the 99.5th percentile would miss the stuck ones: the grid lies evenly in what is between, then grows.
    std::vector<double> grid{0};
    const double fine = jobs[std::size_t(0.97 * double(jobs.size()))] / double(cells) * 1.25;
    while (grid.back() < jobs.back()) grid.push_back(grid.back() + std::max(fine, grid.size() > cells * 4 / 5 ? grid.back() * 0.01 : 0));
    const auto size = grid.size();
    std::vector<double> left(size), sum(size);  // jobs not ready at that time; sum of the times of those that are
    std::size_t done = 0;
    double times = 0;
    for (std::size_t i = 0; i < size; ++i) {
        while (done < jobs.size() && jobs[done] <= grid[i]) times += jobs[done++];
        left[i] = double(jobs.size() - done);
        sum[i] = times;
    }
    std::vector<double> cost(size, 0), polls(size, 0), late(size, 0);
    std::vector<std::size_t> best(size, 0);
    for (std::size_t i = size - 1; i-- > 0;) {
        cost[i] = 1e300;
        for (std::size_t j = i + 1; j < size; ++j) {
            if (grid[j] - grid[i] < least && j + 1 < size) continue;
            const double lateness = (left[i] - left[j]) * grid[j] - (sum[j] - sum[i]);
            const double whole = left[i] + price * lateness + cost[j];
            if (whole >= cost[i]) continue;
            cost[i] = whole;
            best[i] = j;
            polls[i] = left[i] + polls[j];
            late[i] = lateness + late[j];
        }
    }
    std::vector<double> each;
    for (std::size_t i = 0, next = 0; const double ready : jobs) {
        while (grid[next] < ready && next + 1 < size) {
            i = next;
            next = best[i];
        }
        each.push_back(std::max(0.0, grid[next] - ready));
    }
    std::sort(each.begin(), each.end());
    const auto count = double(jobs.size());
    return {late[0] / count, each[std::size_t(0.95 * count)], polls[0] / count};
}

// At as many polls per job as `polls`.
Seen prophet_at(const std::vector<double>& jobs, double polls, double least) {
    double low = 1e-6, high = 1e3;
    Seen found;
    for (int i = 0; i < 24; ++i) {
        const double price = std::sqrt(low * high);
        found = prophet(jobs, price, least);
        (found.polls > polls ? high : low) = price;
    }
    return found;
}

void print(const std::string& name, const Seen& seen) { std::printf("| %-44s | %8.1f | %8.1f | %7.1f |\n", name.c_str(), seen.mean, seen.p95, seen.polls); }

}  // namespace

int main(int argc, char** argv) {
    const int count = argc > 1 ? std::atoi(argv[1]) : 4000;
    const Schedule::Bounds bounds{};
    const double least = double(bounds.least.count()) / 1000;
    int broken = 0;
    const auto judge = [&broken](bool holds, const std::string& what) {
        if (!holds) ++broken, std::printf("\n**broken: %s**\n\n", what.c_str());
    };
    for (const auto& world : worlds()) {
        Random random(42);
        std::vector<double> jobs(std::size_t(std::max(count, 100)));
        double mean = 0;
        for (auto& job : jobs) job = world.draw(random), mean += job / double(jobs.size());
        const auto past_of = [&](int number, double factor) {
            std::vector<Ledger::Past> past;
            for (int i = 0; i < number; ++i) past.push_back({8, milliseconds(std::llround(world.draw(random) * factor * 1000))});
            return past;
        };
        // The past was so many times too long; then came these jobs, ten at a time, each noted between its last two polls, as the
        // runner does, among the last fifty.
        const auto relearnt = [&](double factor, int jobs_since) {
            auto past = past_of(50, factor);
            for (int left = jobs_since; left > 0; left -= 10) {
                const Schedule schedule(past, {}, 8, bounds);
                const auto next = by(schedule);
                for (int i = 0; i < 10; ++i) {
                    double at = 0, before = 0;
                    for (const double ready = world.draw(random); at < ready;) before = at, at += next(at, 0, random);
                    past.insert(past.begin(), {8, milliseconds(std::llround((before + at) * 500))});
                }
                past.resize(50);
            }
            return past;
        };
        const auto of = [&](const std::vector<Ledger::Past>& past) { return run(jobs, by(Schedule(past, {}, 8, bounds))); };
        const auto told = [&](double factor) { return run(jobs, by(Schedule({}, milliseconds(std::llround(world.word * factor * 1000)), 8, bounds))); };
        const auto every = [&](double seconds) { return run(jobs, [seconds](double, int, Random&) { return seconds; }); };
        const std::vector<std::pair<std::string, Seen>> fixed{{"every 10 s (Google's, MiniMax's advice)", every(10)}, {"every 5 s (Runway's least, LTX's advice)", every(5)}, {"every 3 s (LTX's own app)", every(3)}, {"every 1 s (OpenAI's SDKs)", every(1)}, {"every 0.5 s (fal's client)", every(0.5)}};

        std::printf("\n| %-44s | late, s  | p95, s   | polls   |\n|%s|---------:|---------:|--------:|\n", world.name.c_str(), std::string(46, '-').c_str());
        const auto learnt = of(past_of(50, 1)), best = prophet_at(jobs, learnt.polls, least);
        print("**a prophet, at as many polls as the next**", best);
        // `spare`: polls that a lie may cost.
        const auto shown = [&](const std::string& name, const Seen& seen, double spare) {
            print(name, seen);
            for (const auto& [other, its] : fixed) judge(1.1 * its.polls + spare >= seen.polls || 1.1 * its.mean >= seen.mean, "asking " + other + " is sooner and cheaper than the line above");
            return seen;
        };
        const auto late = [&](const std::string& name, const Seen& seen, double most) {
            print(name, seen);
            judge(seen.mean <= most * mean, "the line above is late by more than " + std::to_string(most).substr(0, 4) + " of the time that they take");
        };
        shown("**Schedule, 50 like jobs known**", learnt, 0);
        judge(learnt.mean <= 3 * best.mean + 0.5, "more than three times as late as need be");
        shown("Schedule, 5 known", of(past_of(5, 1)), 0);
        shown("Schedule, the catalogue's word alone", told(1), 0);
        shown("Schedule, nothing known", run(jobs, by(Schedule({}, {}, 8, bounds))), 0);
        for (const double factor : {2, 3, 5}) late("Schedule, the past " + std::to_string(int(factor)) + " times too slow", of(past_of(50, factor)), 1);
        late("  and ten jobs later", of(relearnt(5, 10)), 0.3);
        const auto unlearnt = shown("  and a hundred jobs later", of(relearnt(5, 100)), 0);
        judge(unlearnt.mean <= 1.5 * learnt.mean + 1, "a hundred jobs have not unlearnt it");
        late("Schedule, the word 5 times too slow", told(5), 1);
        shown("Schedule, the past 5 times too fast", of(past_of(50, 0.2)), most_for_a_lie);
        shown("  and ten jobs later", of(relearnt(0.2, 10)), most_for_a_lie);
        shown("  and a hundred jobs later", of(relearnt(0.2, 100)), 0);
        shown("Schedule, the word 5 times too fast", told(0.2), most_for_a_lie);
        for (const auto& [name, seen] : fixed) print(name, seen);
        print("10 to 20 s, growing (OpenAI's guide)", run(jobs, [](double, int n, Random&) { return std::min(20.0, 10 * std::pow(1.5, n)); }));
    }
    if (broken) std::printf("\n%d bounds are broken\n", broken);
    return broken ? 1 : 0;
}
