// What a provider makes beside the clip that was asked for is paid, too: it becomes a job of its own.
#include "bench.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

// One job whose answer names two clips; the second one's address is served by the caller.
void two_clips(Bench& bench) {
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "two done")).always();
    serve_clip(bench);
}

}  // namespace

TEST_CASE("D12: one paid job with two clips becomes two jobs, and the price counts once") {
    Bench bench;
    two_clips(bench);
    serve_clip(bench, "p1-2");
    auto runner = bench.runner();
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    const auto ends = runner.outcomes();
    REQUIRE(ends.size() == 2);
    CHECK_FALSE(ends[0].extra);
    CHECK(ends[1].extra);
    CHECK(ends[1].row.beside == ends[0].row.id.text);
    for (const auto& end : ends) {
        CHECK(!end.error);
        CHECK(end.row.stage == Stage::done);
        CHECK(core::sha256_of_file(end.row.clip));
        CHECK(core::sha256_of_file(end.row.clip + ".json"));
    }
    CHECK(ends[0].row.clip != ends[1].row.clip);
    CHECK(bench.client.paid() == 1);
    CHECK(*bench.ledger->account("", "") == Money{400'000});
    REQUIRE(bench.watcher.warnings.size() == 1);
    CHECK(bench.watcher.warnings[0].find("made 2 clips") != std::string::npos);

    // The same order again is answered by its own clip, pays nothing, and is not held up by what became of the other one.
    std::filesystem::remove(ends[1].row.clip);
    auto again = bench.runner();
    REQUIRE(again.add(bench.wanted()));
    again.run();
    REQUIRE(again.outcomes().size() == 1);
    CHECK(!again.outcomes()[0].error);
    CHECK(bench.client.paid() == 1);
}

TEST_CASE("D12: of one job's two clips one is missing: each has its own state, and the good one is kept") {
    const bool first_missing = GENERATE(false, true);
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "two done")).always();
    serve_clip(bench, first_missing ? "p1-2" : "p1");
    bench.client.on("GET", first_missing ? "/clips/p1" : "/clips/p1-2", answer(404)).always();
    auto runner = bench.runner();
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    const auto ends = runner.outcomes();
    REQUIRE(ends.size() == 2);
    CHECK(ends[first_missing].row.stage == Stage::done);
    CHECK(ends[!first_missing].row.stage == Stage::expired);
    CHECK(ends[!first_missing].error->kind == ErrorKind::provider);
    CHECK(*bench.ledger->account("", "") == Money{400'000});
}

TEST_CASE("D12: a further clip that was left in the middle is gone on with by the same command") {
    Bench bench;
    two_clips(bench);
    bench.settings.timeout = 5min;
    auto& late = bench.client.on("GET", "/clips/p1-2", no_answer).always();
    auto wanted = bench.wanted();
    wanted.index = 3;
    {
        auto runner = bench.runner();
        REQUIRE(runner.add(wanted));
        runner.run();
        CHECK(runner.outcomes()[0].row.stage == Stage::done);
        CHECK(runner.outcomes()[1].row.stage == Stage::downloading);
        CHECK(runner.outcomes()[1].index == 3);
    }
    bench.ledger.reset();
    bench.ledger = bench.open();
    late.times(0);
    serve_clip(bench, "p1-2");
    auto runner = bench.runner();
    REQUIRE(runner.add(wanted));
    runner.run();
    REQUIRE(runner.outcomes().size() == 2);
    CHECK(runner.outcomes()[1].row.stage == Stage::done);
    CHECK(runner.outcomes()[1].extra);
    CHECK(runner.outcomes()[1].index == 3);
    CHECK(bench.client.paid() == 1);
}

TEST_CASE("a repeated order that is answered with another row's job says so") {
    Bench bench;
    bench.provider->same_key_same_job = true;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).always();
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted("a.mp4", Bench::order("one"))).error);
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    serve_clip(bench);
    const auto outcome = bench.run(bench.wanted("b.mp4", Bench::order("another")));
    CHECK(!outcome.error);
    REQUIRE(!bench.watcher.warnings.empty());
    CHECK(bench.watcher.warnings.back().find("one paid job has two rows") != std::string::npos);
}
