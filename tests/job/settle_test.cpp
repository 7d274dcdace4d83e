#include "bench.hpp"

// What becomes of a job whose paid request has no clear answer, of orders that are joined, and of runs that are left.
using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

JobId lose(Bench& bench) {
    bench.provider->can_find = false;
    bench.client.on("POST", "/jobs", no_answer);
    return bench.run(bench.wanted()).row.id;
}

}  // namespace

TEST_CASE("an unknown job is sent again by the user's word even where one job at a time is allowed") {
    Bench bench;
    bench.settings.most_jobs = 1;
    const auto id = lose(bench);
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    auto runner = bench.runner();
    REQUIRE(runner.resend(id));
    runner.run();
    REQUIRE(!runner.outcomes().at(0).error);
}

TEST_CASE("a provider that honours the key and never answers is asked with pauses") {
    Bench bench;
    bench.provider->same_key_same_job = true;
    bench.settings.timeout = 10min;
    bench.client.on("POST", "/jobs", no_answer).always();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::unknown);
    REQUIRE(outcome.row.stage == Stage::unknown);
    REQUIRE(bench.client.paid() < 60);
}

TEST_CASE("a lost request that is asked for again by its key and refused is still unknown") {
    Bench bench;
    bench.provider->same_key_same_job = true;
    bench.client.on("POST", "/jobs", no_answer);
    SECTION("key") { bench.client.on("POST", "/jobs", answer(401)); }
    SECTION("purse") { bench.client.on("POST", "/jobs", answer(429, "empty")); }
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(outcome.row.stage == Stage::unknown);
    REQUIRE(kind(outcome) == ErrorKind::unknown);
}

TEST_CASE("a wrong id that the user adopts leaves the job unknown") {
    Bench bench;
    const auto id = lose(bench);
    bench.client.on("GET", "/jobs/wrong", answer(404));
    auto runner = bench.runner();
    REQUIRE(runner.adopt(id, "wrong"));
    runner.run();
    REQUIRE(kind(runner.outcomes().at(0)) == ErrorKind::usage);
    REQUIRE(bench.row(id).stage == Stage::unknown);
    REQUIRE(!bench.row(id).handle);
}

TEST_CASE("a job that was collected days later does not keep the next one from polling") {
    Bench bench;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    auto order = Bench::order();
    order.seconds = 8;
    const auto id = bench.run(bench.wanted("a.mp4", order)).row.id;
    bench.settings.wait = true;
    bench.loop.jump_wall(24h);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    (void)bench.go_on(id);
    REQUIRE(bench.ledger->past("route-1", "model-1", "")->empty());
}

TEST_CASE("orders of a command that ended before it began are not in the ledger") {
    Bench bench;
    {
        auto runner = bench.runner();
        REQUIRE(runner.add(bench.wanted("a.mp4")));
        auto second = bench.wanted("no/such/folder/b.mp4");
        second.ordinal = 1;
        REQUIRE(!runner.add(second));
    }
    bench.ledger.reset();
    bench.ledger = bench.open();
    REQUIRE(bench.ledger->list(job::Filter{})->empty());
}

TEST_CASE("two clips of one command never go to the same file") {
    Bench bench;
    auto runner = bench.runner();
    auto wanted = bench.wanted("a.mp4");
    wanted.force = true;
    REQUIRE(runner.add(wanted));
    wanted.ordinal = 1;
    const auto second = runner.add(wanted);
    REQUIRE(!second);
    REQUIRE(second.error().kind == ErrorKind::usage);
}

TEST_CASE("a job that the interrupt cancelled is not a success, and one that cannot be cancelled is left as by any interrupt") {
    Bench bench;
    bench.settings.cancel_on_interrupt = true;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    auto runner = bench.runner();
    bench.client.on("GET", "/jobs/p1", [&](const http::Request&) -> Result<http::Response> {
        runner.interrupt();
        return answer(200, "working");
    });
    Stage left = Stage::cancelled;
    SECTION("cancelled") { bench.client.on("DELETE", "/jobs/p1", answer(200)); }
    SECTION("not cancelled") {
        bench.client.on("DELETE", "/jobs/p1", [](const http::Request& r) -> Result<http::Response> { return lost(r); });
        left = Stage::rendering;
    }
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    REQUIRE(kind(runner.outcomes().at(0)) == ErrorKind::cancelled);
    REQUIRE(runner.outcomes().at(0).row.stage == left);
}

TEST_CASE("what failed before the job was accepted is not the reason of a time-out") {
    Bench bench;
    bench.settings.timeout = 20s;
    bench.client.on("POST", "/jobs", answer(429));
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "working")).always();
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::pending);
}

TEST_CASE("an unknown job is unknown at the time-out too") {
    Bench bench;
    bench.settings.timeout = 10s;
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("GET", "/jobs", [](const http::Request&) -> Result<http::Response> { return answer(200, "[]"); }).always();
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::unknown);
}

TEST_CASE("a clip that got its name before the crash is recognised by the same command") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    // The sidecar cannot be written: the run ends between the clip's name and the row.
    std::filesystem::path taken;
    bench.watcher.on_change = [&](const job::Row& row) {
        taken = bench.output("a.mp4.json." + row.id.text + ".tmp");
        std::filesystem::create_directories(taken);
    };
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::local);
    REQUIRE(std::filesystem::exists(bench.output()));
    bench.watcher.on_change = {};
    std::filesystem::remove_all(taken);
    REQUIRE(!bench.run(bench.wanted()).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("a job of another live process is not cancelled from here, and that is said") {
    Bench bench;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    const auto id = bench.run(bench.wanted()).row.id;
    auto other = bench.open();
    REQUIRE(*other->claim(id));
    REQUIRE(other->commit());
    auto runner = bench.runner();
    const auto cancelled = runner.cancel(id);
    REQUIRE(!cancelled);
    REQUIRE(cancelled.error().kind == ErrorKind::local);
}

TEST_CASE("a body without end stops the download after a second try") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).always();
    bench.client.on("GET", "/clips/p1", answer(200, clip_bytes(), {{"Content-Length", "900000000000"}})).always();
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::provider);
    REQUIRE(bench.client.count("GET", "/clips/p1") == 2);
}

TEST_CASE("a job that failed at the provider after its clip was ready is told, not a crash") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    bench.client.on("GET", "/clips/p1", answer(410));
    bench.client.on("GET", "/jobs/p1", answer(200, "refused"));
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(outcome.row.stage == Stage::expired);
    REQUIRE(outcome.error);
}

TEST_CASE("an id that comes when the row is another's is written down") {
    Bench bench;
    const auto other = bench.open();
    bench.client.on("POST", "/jobs", [&](const http::Request&) -> Result<http::Response> {
        bench.loop.jump_wall(1h);  // the machine slept; the lease is over
        const auto rows = other->list(job::Filter{});
        REQUIRE(*other->claim(rows->front().id));
        REQUIRE(other->commit());
        return answer(200, "p1");
    });
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::local);
    REQUIRE(bench.watcher.warnings.size() == 1);
    REQUIRE(bench.watcher.warnings[0].find((bench.folder.path() / "rescue-").string()) != std::string::npos);
}

TEST_CASE("a lost job is looked for as long as it may take to show up, whatever the date says and however long the list takes") {
    Bench bench;
    bench.client.on("POST", "/jobs", no_answer);
    SECTION("date") {
        bench.client.on("GET", "/jobs", [&](const http::Request&) -> Result<http::Response> {
            bench.loop.jump_wall(1h);
            return answer(200, "[]");
        });
    }
    SECTION("slow list") { bench.client.on("GET", "/jobs", answer(200, "[]")).later(40s); }
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(bench.run(bench.wanted()).row.stage == Stage::done);
}

TEST_CASE("a job whose submit was answered late and in vain is looked for from then on") {
    Bench bench;
    bench.client.on("POST", "/jobs", no_answer).later(3min);
    bench.client.on("GET", "/jobs", answer(200, "[]"));
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(bench.run(bench.wanted()).row.stage == Stage::done);
}

TEST_CASE("a job that its provider did not show yet is not given up because that answer took long") {
    Bench bench;
    bench.settings.settle_time = 5min;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(404)).later(6min);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(bench.run(bench.wanted()).row.stage == Stage::done);
}

TEST_CASE("an unknown job that cannot be asked for again by its key, as another one found the purse empty, is told as unknown") {
    Bench bench;
    bench.provider->same_key_same_job = true;
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("POST", "/jobs", answer(401));
    const auto id = bench.run(bench.wanted()).row.id;
    REQUIRE(bench.row(id).stage == Stage::unknown);
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("POST", "/jobs", answer(429, "empty"));
    auto runner = bench.runner();
    REQUIRE(runner.resume(id));
    REQUIRE(runner.add(bench.wanted("b.mp4", Bench::order("a kite over the dunes"))));
    runner.run();
    REQUIRE(kind(runner.outcomes().at(0)) == ErrorKind::unknown);
    REQUIRE(kind(runner.outcomes().at(1)) == ErrorKind::rate_limited);
}

TEST_CASE("a job that is sent again and surely did not arrive counts once, however often") {
    Bench bench;
    const auto id = lose(bench);
    bench.settings.connect_patience = 1s;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return refused(r); }).always();
    const auto key = bench.row(id).key;
    for (int i = 0; i < 3; ++i) {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
        REQUIRE(bench.row(id).stage == Stage::unknown);
        REQUIRE(bench.row(id).key == key);  // another one, asked for again, would be a second order
    }
    REQUIRE(*bench.ledger->account("", "") == Money{400'000});
}

TEST_CASE("S24: what the first sending made is looked for by a later run, too") {
    Bench bench;
    const auto id = lose(bench);
    bench.provider->can_find = true;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
    }
    REQUIRE(bench.row(id).stage == Stage::rendering);
    bench.ledger.reset();
    bench.ledger = bench.open();
    bench.settings.wait = true;
    bench.client.on("GET", "/jobs/p2", answer(200, "done"));
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2"])"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench, "p1");
    serve_clip(bench, "p2");
    REQUIRE(!bench.go_on(id).error);
    REQUIRE(bench.ledger->list(job::Filter{})->size() == 2);
    const auto rows = bench.ledger->list(job::Filter{});
    for (const auto& row : *rows) CHECK(row.stage == Stage::done);
    CHECK(*bench.ledger->account("", "") == Money{800'000});
}

TEST_CASE("S3: a run that was killed within a submit left a request that may arrive yet: a list proves nothing before it has ended") {
    Bench bench;
    bench.client.on("POST", "/jobs", no_answer).never();
    bench.settings.timeout = 35s;
    JobId id;
    {
        auto runner = bench.runner();
        id = *runner.add(bench.wanted());
        runner.run();
    }
    bench.settings.timeout = 1h;
    bool created = false;
    bench.client.on("GET", "/jobs", [&](const http::Request&) -> Result<http::Response> { return answer(200, created ? R"(["p1"])" : "[]"); }).always();
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    bench.loop.after(150s, [&] { created = true; });
    REQUIRE(!bench.go_on(id).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("a provider that calls a job done and names no clip is asked with growing pauses") {
    Bench bench;
    bench.settings.timeout = 1h;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done without clip")).always();
    REQUIRE(bench.run(bench.wanted()).error);
    CHECK(bench.client.count("GET") < 200);
}

TEST_CASE("a job that the provider no longer knows is not paid for again by --retries: it may have been billed") {
    Bench bench;
    bench.settings.retries = 3;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(404)).always();
    REQUIRE(bench.run(bench.wanted()).row.stage == Stage::failed);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("what an earlier run reserved and did not send counts against the limit of the run that sends it") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(429));
    bench.client.on("POST", "/jobs", answer(200, "p1")).times(0);
    bench.settings.timeout = 1s;
    const auto id = bench.run(bench.wanted()).row.id;
    // As a crash in the pause leaves it.
    auto row = bench.row(id);
    REQUIRE(*bench.ledger->claim(id));
    row.stage = Stage::submitting;
    row.unsent = true;
    REQUIRE(bench.ledger->save(row));
    REQUIRE(bench.ledger->release(id));
    REQUIRE(bench.ledger->commit());
    bench.settings.timeout = 1h;
    bench.settings.limits.run = Money{10'000};
    REQUIRE(kind(bench.go_on(id)) == ErrorKind::budget);
    REQUIRE(bench.client.paid() == 1);
}
