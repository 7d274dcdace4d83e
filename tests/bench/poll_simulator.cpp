// How late a finished clip is seen, and at how many polls, by the real Schedule and by others, over what render times are like.
//   poll_simulator [JOBS]
// Prints a table in Markdown. Exit 1 where Schedule, with a past that is true, is beaten: it polls more and is later than a fixed
// interval, or its lateness is more than three times that of the best polls that a prophet of the distribution could place.
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

Next by(const Schedule& schedule) {
    return [&schedule](double elapsed, int, Random& random) {
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
    bool beaten = false;
    for (const auto& world : worlds()) {
        Random random(42);
        std::vector<double> jobs(std::size_t(std::max(count, 100)));
        for (auto& job : jobs) job = world.draw(random);
        const auto past_of = [&](int number, double factor) {
            std::vector<Ledger::Past> past;
            for (int i = 0; i < number; ++i) past.push_back({8, milliseconds(std::llround(world.draw(random) * factor * 1000))});
            return past;
        };
        // The past was so many times too long; then came these jobs, fifty at a time, each noted as late as it was seen.
        const auto relearnt = [&](double factor, int jobs_since) {
            auto past = past_of(50, factor);
            for (int left = jobs_since; left > 0; left -= 50) {
                const Schedule schedule(past, {}, 8, bounds);
                const auto next = by(schedule);
                past.clear();
                for (int i = 0; i < 50; ++i) {
                    double at = 0;
                    for (const double ready = world.draw(random); at < ready;) at += next(at, 0, random);
                    past.push_back({8, milliseconds(std::llround(at * 1000))});
                }
            }
            return past;
        };
        const auto word = milliseconds(std::llround(world.word * 1000));
        const Schedule learnt(past_of(50, 1), word, 8, bounds), young(past_of(5, 1), word, 8, bounds), guessed({}, word, 8, bounds),
            nothing({}, {}, 8, bounds), slow(past_of(50, 5), word, 8, bounds), fast(past_of(50, 0.2), word, 8, bounds),
            slow_once(relearnt(5, 100), word, 8, bounds), fast_once(relearnt(0.2, 100), word, 8, bounds);
        const auto every = [](double seconds) -> Next { return [seconds](double, int, Random&) { return seconds; }; };
        const auto ours = run(jobs, by(learnt)), ten = run(jobs, every(10)), one = run(jobs, every(1));
        const auto best = prophet_at(jobs, ours.polls, least);
        std::printf("\n| %-44s | late, s  | p95, s   | polls   |\n|%s|---------:|---------:|--------:|\n", world.name.c_str(), std::string(46, '-').c_str());
        print("**a prophet, at as many polls as the next**", best);
        print("**Schedule, 50 like jobs known**", ours);
        print("Schedule, 5 known", run(jobs, by(young)));
        print("Schedule, the catalogue's word alone", run(jobs, by(guessed)));
        print("Schedule, nothing known", run(jobs, by(nothing)));
        print("Schedule, the past five times too slow", run(jobs, by(slow)));
        print("  and a hundred jobs later", run(jobs, by(slow_once)));
        print("Schedule, the past five times too fast", run(jobs, by(fast)));
        print("  and a hundred jobs later", run(jobs, by(fast_once)));
        print("every 10 s (Google's, MiniMax's advice)", ten);
        print("every 5 s (Runway's least, LTX's advice)", run(jobs, every(5)));
        print("every 3 s (LTX's own app)", run(jobs, every(3)));
        print("every 1 s (OpenAI's SDKs)", one);
        print("every 0.5 s (fal's client)", run(jobs, every(0.5)));
        print("10 to 20 s, growing (OpenAI's guide)", run(jobs, [](double, int n, Random&) { return std::min(20.0, 10 * std::pow(1.5, n)); }));
        for (const auto& fixed : {ten, one})
            if (fixed.polls <= ours.polls && fixed.mean <= ours.mean) beaten = true, std::printf("\nbeaten by a fixed interval\n");
        if (ours.mean > 3 * best.mean + 0.5) beaten = true, std::printf("\nthree times as late as need be\n");
    }
    return beaten ? 1 : 0;
}
