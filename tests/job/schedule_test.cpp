#include <catch2/catch.hpp>

#include "job/schedule.hpp"

using namespace shotwire::job;
using namespace std::chrono_literals;
using std::chrono::milliseconds;

namespace {

struct Run {
    int polls = 0;
    milliseconds seen{};
};
// Polls from acceptance until the clip is there, with the jitter in its middle.
Run simulate(const Schedule& schedule, milliseconds ready, std::optional<milliseconds> hint = {}) {
    Run run;
    while (run.seen < ready) {
        run.seen += schedule.next(run.seen, {}, hint, 0.5);
        ++run.polls;
        REQUIRE(run.polls < 10'000);
    }
    return run;
}
std::vector<Ledger::Past> past(std::initializer_list<int> seconds) {
    std::vector<Ledger::Past> all;
    for (int s : seconds) all.push_back({8, std::chrono::seconds(s)});
    return all;
}

}  // namespace

TEST_CASE("a two-minute render costs at most 12 polls and is seen soon") {
    const Schedule known(past({110, 115, 118, 120, 122, 125, 130}), 60s, 8, {2s, 30s});
    for (auto ready : {110'000ms, 120'000ms, 130'000ms}) {
        const auto run = simulate(known, ready);
        REQUIRE(run.polls <= 12);
        REQUIRE(run.seen - ready <= 6s);
    }
    const Schedule guessed({}, 120s, 8, {2s, 30s});
    REQUIRE(simulate(guessed, 120s).polls <= 12);
    const auto none = simulate(Schedule({}, {}, 8, {2s, 30s}), 120s);
    REQUIRE(none.polls <= 12);
    REQUIRE(none.seen - 120s <= 12s);
}

TEST_CASE("before anything was ever ready two looks are taken, so that a provider that became faster is noticed, and no more") {
    const Schedule known(past({100, 110, 120, 130, 140}), {}, 8, {2s, 30s});
    REQUIRE(known.expected() == 120s);
    for (double random : {0.0, 0.5, 0.99}) {
        const auto first = known.next(0ms, {}, {}, random);
        REQUIRE(first >= 18s);
        REQUIRE(first <= 28s);
        const auto second = first + known.next(first, {}, {}, random);
        REQUIRE(second == 2 * first);
        REQUIRE(second + known.next(second, {}, {}, random) >= 80s);
    }
    // Where less than half a minute is at stake, none.
    REQUIRE(Schedule(past({26, 26, 27, 27}), {}, 8, {2s, 30s}).next(0ms, {}, {}, 0.5) >= 24s);
}

TEST_CASE("with a past that is too slow a clip is seen before it has taken about twice as long, down to a quarter of it") {
    const Schedule slow(past({600, 600, 600, 600}), {}, 8, {2s, 30s});
    for (auto ready = 145s; ready <= 600s; ready += 5s) {
        const auto run = simulate(slow, ready);
        REQUIRE(run.seen <= 2.1 * ready);
        REQUIRE(run.polls <= 8);
    }
    REQUIRE(simulate(slow, 30s).seen <= 150s);
}

TEST_CASE("with a past that is too fast the steps soon are a part of the job's age, as where nothing is known") {
    const Schedule fast(past({24, 24, 25, 25}), {}, 8, {2s, 30s}), none({}, {}, 8, {2s, 30s});
    for (auto elapsed : {40s, 60s, 120s, 200s}) REQUIRE(fast.next(elapsed, {}, {}, 0.5) == none.next(elapsed, {}, {}, 0.5));
    // One that is wide has had its polls before it ends.
    const Schedule wide(past({5, 8, 10, 12, 15, 20, 26, 34, 45, 60, 80, 110, 150, 220}), {}, 8, {2s, 30s});
    REQUIRE(wide.next(170s, {}, {}, 0.5) == none.next(170s, {}, {}, 0.5));
    REQUIRE(simulate(wide, 170s).polls <= 24);
}

TEST_CASE("polls lie close where clips became ready, and far apart in the gap between a short queue and a long one") {
    std::vector<Ledger::Past> two;
    for (int i = 0; i < 20; ++i) two.push_back({8, std::chrono::milliseconds(38'000 + 200 * i)}), two.push_back({8, std::chrono::milliseconds(190'000 + 1000 * i)});
    const Schedule known(two, {}, 8, {2s, 30s});
    const auto step = [&](milliseconds elapsed) { return known.next(elapsed, {}, {}, 0.5); };
    REQUIRE(step(38s) <= 8s);
    REQUIRE(step(195s) <= 8s);
    REQUIRE(step(70s) >= 20s);
    REQUIRE(step(900s) >= 25s);  // behind all of it
}

TEST_CASE("a spread past is asked in steps that grow with what is still likely, not at its first end alone") {
    const Schedule known(past({60, 80, 95, 105, 115, 125, 135, 150, 170, 200, 260, 310}), {}, 8, {2s, 30s});
    for (auto ready : {70s, 120s, 180s, 300s}) {
        const auto run = simulate(known, ready);
        REQUIRE(run.polls <= (ready > 180s ? 17 : 12));
        REQUIRE(run.seen - ready <= 30s);
    }
}

TEST_CASE("only jobs of that length count where enough of them are known") {
    std::vector<Ledger::Past> mixed = past({100, 100, 100});
    for (auto& one : mixed) one.clip_seconds = 10;
    for (const auto& one : past({60, 60, 60})) mixed.push_back(one);
    REQUIRE(Schedule(mixed, {}, 8, {2s, 30s}).expected() == 60s);
}

TEST_CASE("a past of other lengths is scaled, and far lengths do not count") {
    const Schedule longer(past({100, 100, 100}), {}, 16, {2s, 30s});
    REQUIRE(longer.expected() == 150s);
    REQUIRE(!Schedule(past({100, 100, 100}), {}, 60, {2s, 30s}).expected());
}

TEST_CASE("a past that lies does not lead to a storm or to sleep") {
    const Schedule fast(past({1, 1, 1, 1}), {}, 8, {2s, 30s});
    REQUIRE(simulate(fast, 600s).polls < 60);
    const Schedule slow(past({1000, 1000, 1000}), {}, 8, {2s, 30s});
    REQUIRE(slow.next(0ms, {}, {}, 0.5) <= 5min);  // and is asked again before its word is up
    REQUIRE(slow.next(800s, {}, {}, 0.5) <= 250s);
    REQUIRE(slow.next(100s, 0.9, {}, 0.5) <= 13s);  // the provider says: nearly done
}

TEST_CASE("bounds, hint and jitter hold") {
    const Schedule none({}, {}, 8, {2s, 30s});
    for (auto elapsed : {0ms, 5'000ms, 100'000ms, 3'600'000ms})
        for (double random : {0.0, 0.5, 0.999}) {
            const auto wait = none.next(elapsed, {}, {}, random);
            REQUIRE(wait >= 1800ms);
            REQUIRE(wait <= 33s);
        }
    REQUIRE(none.next(0ms, {}, 45s, 0.5) == 45s);
}

TEST_CASE("a hint is never undercut, allows closer polls where they are wanted, and asks for none") {
    const Schedule none({}, {}, 8, {2s, 30s});
    REQUIRE(none.next(0ms, {}, 250ms, 0.5) == 250ms);
    REQUIRE(none.next(0ms, {}, 250ms, 0) == 250ms);
    REQUIRE(none.next(200ms, {}, 0ms, 0.5) == 100ms);
    REQUIRE(none.next(100s, {}, 250ms, 0.5) == 10s);
    REQUIRE(none.next(0ms, {}, 5s, 0.5) == 5s);
    const Schedule known(past({100, 110, 120, 130, 140}), {}, 8, {2s, 30s});
    REQUIRE(known.next(0ms, {}, 250ms, 0.5) == known.next(0ms, {}, {}, 0.5));
}

TEST_CASE("a host that says to ask at once is asked at once, then never more often than each doubling of the job's age until a tenth of a second") {
    const Schedule none({}, {}, 8, {2s, 30s});
    REQUIRE(none.next(0ms, {}, 0ms, 0.5) == 0ms);
    REQUIRE(none.next(5ms, {}, 0ms, 0.5) == 5ms);
    REQUIRE(none.next(0ms, {}, 20ms, 0.5) == 20ms);
    REQUIRE(none.next(10s, {}, 0ms, 0.5) >= 1s);
}

TEST_CASE("a server in this process is asked at once, whatever the catalogue guesses, until its history says more") {
    const Schedule guessed({}, 4s, 1, {100ms, 30s});
    REQUIRE(guessed.next(0ms, {}, {}, 0.5) == 100ms);
    REQUIRE(guessed.expected() == 4s);
    const Schedule known({{1, 400ms}, {1, 410ms}, {1, 420ms}}, 4s, 1, {100ms, 30s});
    REQUIRE(known.next(0ms, {}, {}, 0.5) > 300ms);
}
