// Rows of the fault matrix that need hours or ten thousand jobs: on the bench, with a fake clock. The judge is the same.
#include <map>
#include <random>

#include "fault/invariants.hpp"
#include "job/bench.hpp"
#include "job/schedule.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

// `sold`: what the scripted provider accepted; `failed`: and no longer has, or never made.
void judge(Bench& bench, const job::Runner::Outcome& outcome, const std::vector<std::string>& sold, Terms terms = {}, bool failed = false, Money price = Money{400'000}) {
    Book book;
    for (const auto& id : sold) book.sales.push_back({.id = id, .prompt = Bench::order().prompt, .body = "", .price = price, .failed = failed, .clip_sha256 = core::sha256_hex(clip_bytes())});
    check_invariants(book, bench.folder.path() / "ledger.db", bench.folder.path(), {.exit = outcome.error ? int(outcome.error->kind) : 0}, terms);
}

void lose_submit(Bench& bench) { bench.client.on("POST", "/jobs", no_answer); }

}  // namespace

TEST_CASE("S10: what the list does not show when the settle time is over has failed, and not before") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(502));
    bench.client.on("GET", "/jobs", answer(200, "[]")).always();
    const auto before = bench.loop.now();
    const auto outcome = bench.run(bench.wanted());
    CHECK(outcome.row.stage == Stage::failed);
    CHECK(kind(outcome) == ErrorKind::provider);
    CHECK(bench.loop.now() - before >= 30s);
    judge(bench, outcome, {});
}

TEST_CASE("S22: a lost job that appears in the list after 20 s is adopted, one of several is not") {
    Bench bench;
    lose_submit(bench);
    bool one = GENERATE(true, false);
    const auto start = bench.loop.now();
    bench.client.on("GET", "/jobs", [&, one](const http::Request&) -> Result<http::Response> {
        return answer(200, bench.loop.now() - start < 20s ? "[]" : one ? R"(["p1"])" : R"(["p1", "p2"])");
    }).always();
    if (one) {
        bench.client.on("GET", "/jobs/p1", answer(200, "done"));
        serve_clip(bench);
    }
    const auto outcome = bench.run(bench.wanted());
    CHECK(outcome.row.stage == (one ? Stage::done : Stage::unknown));
    CHECK(bench.client.paid() == 1);
    judge(bench, outcome, {"p1"});
}

TEST_CASE("P1: polls that fail for an hour are asked with pauses, and the job is as alive as before") {
    Bench bench;
    bench.settings.timeout = 1h;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    auto& ill = bench.client.on("GET", "/jobs/p1", [&](const http::Request& request) -> Result<http::Response> {
        if (bench.client.sent().size() % 2) return answer(500);
        return lost(request);
    }).always();
    const auto outcome = bench.run(bench.wanted());
    CHECK((kind(outcome) == ErrorKind::network || kind(outcome) == ErrorKind::provider || kind(outcome) == ErrorKind::pending));
    CHECK(outcome.row.stage == Stage::rendering);
    CHECK(bench.client.count("GET", "/jobs/p1") < 200);
    judge(bench, outcome, {"p1"});
    ill.times(0);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto again = bench.run(bench.wanted());
    CHECK(!again.error);
    CHECK(bench.client.paid() == 1);
    judge(bench, again, {"p1"});
}

TEST_CASE("P2: a job that the provider no longer knows is told with its price, after the time in which it may not be visible yet") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    const bool late = GENERATE(false, true);
    const auto start = bench.loop.now();
    if (late) bench.client.on("GET", "/jobs/p1", answer(200, "working")).times(10);
    bench.client.on("GET", "/jobs/p1", answer(404)).always();
    const auto outcome = bench.run(bench.wanted());
    CHECK(kind(outcome) == ErrorKind::provider);
    REQUIRE(outcome.error);
    CHECK(outcome.error->message.find("0.40") != std::string::npos);
    CHECK(outcome.row.stage == Stage::failed);
    CHECK(bench.loop.now() - start >= 30s);
    CHECK(bench.client.paid() == 1);
    judge(bench, outcome, {"p1"}, {}, true);
}

TEST_CASE("P4: a job that is done and names no clip is asked on, and stays fetchable at the time-out") {
    Bench bench;
    bench.settings.timeout = 5min;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    const bool appears = GENERATE(true, false);
    auto& nothing = bench.client.on("GET", "/jobs/p1", answer(200, "done without clip"));
    if (appears) {
        nothing.times(3);
        bench.client.on("GET", "/jobs/p1", answer(200, "done"));
        serve_clip(bench);
    } else {
        nothing.always();
    }
    const auto outcome = bench.run(bench.wanted());
    CHECK(kind(outcome) == (appears ? ErrorKind(0) : ErrorKind::provider));
    CHECK(outcome.row.stage == (appears ? Stage::done : Stage::rendering));
    judge(bench, outcome, {"p1"});
    if (appears) return;
    nothing.times(0);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    CHECK(!bench.go_on(outcome.row.id).error);
    CHECK(bench.client.paid() == 1);
}

TEST_CASE("P5: a failure is settled by what the provider says it billed") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "broken"));
    const auto outcome = bench.run(bench.wanted());
    CHECK(outcome.row.stage == Stage::failed);
    CHECK(outcome.row.settled == Money{0});
    judge(bench, outcome, {"p1"}, {}, true, {});
}

TEST_CASE("P7: ten thousand jobs that are due at once are asked at different times") {
    // All were accepted in the same millisecond, and each is asked by its schedule for two minutes.
    constexpr int count = 10'000;
    std::mt19937_64 random(7);
    std::uniform_real_distribution<double> dice(0, 1);
    // By the catalogue's word, and by a past after whose end the provider became slower.
    const bool told = GENERATE(true, false);
    CAPTURE(told);
    const std::vector<job::Ledger::Past> past{{8, 59s}, {8, 60s}, {8, 61s}};
    const job::Schedule schedule(told ? std::vector<job::Ledger::Past>() : past, 60s, 8, {});
    std::map<std::int64_t, int> per_moment;  // of 100 ms
    int all = 0, most = 0;
    for (int i = 0; i < count; ++i)
        for (auto at = schedule.next(0ms, {}, {}, dice(random)); at < 2min; at += schedule.next(at, {}, {}, dice(random))) {
            most = std::max(most, ++per_moment[at / 100ms]);
            ++all;
        }
    CHECK(all >= count);
    CHECK(all <= 15 * count);
    CHECK(most <= count / 5);
}

TEST_CASE("P7: two thousand jobs that are due at once share 64 transfers, and go out by the route's rate") {
    constexpr int count = 2000;
    Bench bench;
    bench.settings.most_jobs = count;
    bench.settings.timeout = 10h;
    std::map<std::int64_t, int> creates, polls;  // per minute, per 100 ms
    bench.client.on([](const http::Request& request) { return request.paid; }, [&](const http::Request& request) -> Result<http::Response> {
        ++creates[bench.loop.now().time_since_epoch() / 1min];
        return answer(200, json::parse(std::get<std::string>(request.body))["prompt"].get<std::string>());
    }, "creates").always();
    bench.client.on([](const http::Request& request) { return request.method == "GET" && !request.sink; }, [&](const http::Request&) -> Result<http::Response> {
        ++polls[bench.loop.now().time_since_epoch() / 100ms];
        return answer(200, "busy");
    }, "polls").always().later(20ms);
    std::vector<JobId> ids;
    const auto most = [](const std::map<std::int64_t, int>& counts) {
        int most = 0;
        for (const auto& [moment, count] : counts) most = std::max(most, count);
        return most;
    };
    {
        bench.settings.wait = false;
        bench.settings.submits_per_minute = 600;
        auto runner = bench.runner();
        for (int i = 0; i < count; ++i) {
            auto added = runner.add(bench.wanted("c" + std::to_string(i) + ".mp4", Bench::order("p" + std::to_string(i))));
            REQUIRE(added);
            ids.push_back(*added);
        }
        runner.run();
    }
    CHECK(bench.client.paid() == count);
    CHECK(most(creates) <= 601);
    CHECK(creates.size() >= count / 600);
    CHECK(bench.client.most_under_way() <= 64);
    Book book;
    for (int i = 0; i < count; ++i) book.sales.push_back({.id = "p" + std::to_string(i), .prompt = "p" + std::to_string(i), .body = "", .price = Money{400'000}});
    const auto judge_all = [&] {
        book.most_downloads = int(bench.client.most_under_way());
        check_invariants(book, bench.folder.path() / "ledger.db", bench.folder.path(), {.exit = 8}, {.asked = count});
    };
    judge_all();

    bench.settings.wait = true;
    bench.settings.timeout = 1min;
    auto runner = bench.runner();
    for (const auto& id : ids) REQUIRE(runner.resume(id));  // all of them are due now
    runner.run();
    CHECK(bench.client.count("GET", "/jobs/") >= count);
    CHECK(bench.client.most_under_way() <= 64);
    CHECK(most(polls) <= count / 5);
    judge_all();
}

TEST_CASE("P8: a laptop that sleeps and a clock that jumps change neither the wait nor the number of polls") {
    const auto jump = GENERATE(as<std::chrono::milliseconds>(), 9h, 1h, -1h, -std::chrono::hours(24 * 365 * 56));
    CAPTURE(jump.count());
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bool jumped = false;
    bench.client.on("GET", "/jobs/p1", [&](const http::Request&) -> Result<http::Response> {
        if (!std::exchange(jumped, true)) bench.loop.jump_wall(jump);
        return answer(200, "working");
    }).times(8);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto start = bench.loop.now();
    const auto outcome = bench.run(bench.wanted());
    CHECK(!outcome.error);
    CHECK(outcome.row.stage == Stage::done);
    CHECK(bench.loop.now() - start > 10s);
    CHECK(bench.loop.now() - start < 10min);
    judge(bench, outcome, {"p1"});
}

TEST_CASE("P8: the time-out of a wait is counted on the clock that cannot be set") {
    Bench bench;
    bench.settings.timeout = 5min;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", [&](const http::Request&) -> Result<http::Response> {
        bench.loop.jump_wall(-1h);
        return answer(200, "working");
    }).always();
    const auto start = bench.loop.now();
    const auto outcome = bench.run(bench.wanted());
    CHECK(kind(outcome) == ErrorKind::pending);
    CHECK(bench.loop.now() - start >= 5min);
    CHECK(bench.loop.now() - start < 6min);
    CHECK(bench.client.count("GET", "/jobs/p1") < 60);
    judge(bench, outcome, {"p1"});
}
