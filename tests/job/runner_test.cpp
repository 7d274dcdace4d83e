#include "bench.hpp"

#include <sqlite3.h>

#include "job/money.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

TEST_CASE("a job goes from planned to a checked clip with its sidecar") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "working")).times(2);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(!outcome.error);
    REQUIRE(outcome.row.stage == Stage::done);
    REQUIRE(*core::read_file(bench.output()) == clip_bytes());
    const auto sidecar = json::parse(*core::read_file(bench.output("a.mp4.json")));
    REQUIRE(sidecar["schema"] == "shotwire.clip/1");
    REQUIRE(sidecar["sha256"] == core::sha256_hex(clip_bytes()));
    REQUIRE(sidecar["price"]["settled"] == true);
    REQUIRE(!std::filesystem::exists(bench.output("a.mp4.part")));
    REQUIRE(bench.watcher.stages == std::vector<std::string>{"submitting", "rendering", "ready", "downloading", "done"});
}

TEST_CASE("a job took what lies between the last two polls, so that the past does not become slower with each late look") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    std::vector<std::chrono::milliseconds> asked;
    const auto since = bench.loop.now();
    bench.client.before_sending([&](const http::Request& request) {
        if (request.method == "POST" || request.url.ends_with("/jobs/p1")) asked.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(bench.loop.now() - since));
    });
    bench.client.on("GET", "/jobs/p1", answer(200, "working")).times(2);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(asked.size() == 4);
    REQUIRE(asked[3] > asked[2]);
    REQUIRE(outcome.row.took.has_value());
    REQUIRE(std::abs((*outcome.row.took - ((asked[2] + asked[3]) / 2 - asked[0])).count()) <= 2);
}

TEST_CASE("a job that is ready at the first poll after its submit counts, and one that is collected later does not") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    SECTION("by the run that submitted it") { REQUIRE(bench.run(bench.wanted()).row.took > std::chrono::seconds(1)); }
    SECTION("by another") {
        bench.settings.wait = false;
        const auto id = bench.run(bench.wanted()).row.id;
        bench.settings.wait = true;
        const auto outcome = bench.go_on(id);
        REQUIRE(outcome.row.stage == Stage::done);
        REQUIRE(!outcome.row.took);
    }
}

TEST_CASE("the intent is on disk before the paid request leaves") {
    Bench bench;
    bool looked = false;
    bench.client.before_sending([&](const http::Request& request) {
        if (!request.paid) return;
        // A copy of what is on disk now, as a crash at this moment would leave it.
        core::TemporaryFolder copy;
        for (const char* tail : {"", "-wal"})
            if (std::filesystem::exists(bench.folder.path() / ("ledger.db" + std::string(tail))))
                std::filesystem::copy_file(bench.folder.path() / ("ledger.db" + std::string(tail)), copy.path() / ("ledger.db" + std::string(tail)));
        auto ledger = job::Ledger::open(copy.path() / "ledger.db", bench.loop.clock());
        REQUIRE(ledger);
        const auto rows = *(*ledger)->list({});
        REQUIRE(rows.size() == 1);
        REQUIRE(rows[0].stage == Stage::submitting);
        REQUIRE(rows[0].attempt == 1);
        REQUIRE(rows[0].body_sha256 == http::body_digest(request));
        REQUIRE(rows[0].price == Money{400'000});
        REQUIRE(!rows[0].key.empty());
        looked = true;
    });
    bench.client.on("POST", "/jobs", answer(400));
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::rejected);
    REQUIRE(looked);
}

TEST_CASE("a lost answer is unknown and is never sent again by itself") {
    Bench bench;
    bench.provider->can_find = false;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return lost(r); });
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::unknown);
    REQUIRE(outcome.row.stage == Stage::unknown);
    REQUIRE(outcome.error->message.find("jobs resend " + outcome.row.id.text) != std::string::npos);
    REQUIRE(bench.client.paid() == 1);
    // The same order again settles the unknown one first: still nothing is sent.
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::unknown);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("a lost job that the provider lists is adopted") {
    Bench bench;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return lost(r); });
    bench.client.on("GET", "/jobs", answer(200, R"([])"));
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("of several candidates none is adopted, and those of other jobs do not count") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted("first.mp4", Bench::order("another"))).error);
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return lost(r); });
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2", "p3"])"));
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::unknown);
    REQUIRE(outcome.error->message.find("(p2, p3)") != std::string::npos);
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p3"])"));
    bench.client.on("GET", "/jobs/p3", answer(200, "done"));
    serve_clip(bench, "p3");
    REQUIRE(!bench.go_on(outcome.row.id).error);
    REQUIRE(bench.client.paid() == 2);
}

TEST_CASE("a job that the list does not show in the settle time was never created, and the same order tries again") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(502));
    bench.client.on("GET", "/jobs", answer(200, "[]")).always();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(outcome.row.stage == Stage::failed);
    REQUIRE(kind(outcome) == ErrorKind::provider);
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    bench.client.on("GET", "/jobs/p2", answer(200, "done"));
    serve_clip(bench, "p2");
    REQUIRE(!bench.run(bench.wanted()).error);
}

TEST_CASE("a provider that honours the key gets the same key again, not a second order") {
    Bench bench;
    bench.provider->same_key_same_job = true;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return lost(r); });
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
    std::vector<std::string> keys;
    for (const auto& request : bench.client.sent())
        if (request.paid) keys.push_back(request.headers.at(1).value + http::body_digest(request));
    REQUIRE(keys.size() == 2);
    REQUIRE(keys[0] == keys[1]);
}

TEST_CASE("what surely was not sent goes again: no connection, too many requests") {
    Bench bench;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return refused(r); }).times(3);
    bench.client.on("POST", "/jobs", answer(429));
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto before = bench.loop.now();
    REQUIRE(!bench.run(bench.wanted()).error);
    REQUIRE(bench.loop.now() - before >= 7s);
}

TEST_CASE("connecting is tried for two minutes, then the job has failed and exit is 6") {
    Bench bench;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return refused(r); }).always();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::network);
    REQUIRE(outcome.row.stage == Stage::failed);
    REQUIRE(bench.client.sent().size() < 20);
    REQUIRE(bench.watcher.stages == std::vector<std::string>{"submitting", "failed"});  // no line for each try
}

TEST_CASE("a provider that asks to slow down and does not say how long is waited for") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(429, "slow")).times(3);
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    bench.client.on("GET", "/clips/p1", answer(200, clip_bytes()));
    const auto outcome = bench.run(bench.wanted());
    REQUIRE_FALSE(outcome.error);
    REQUIRE(outcome.row.stage == Stage::done);
}

TEST_CASE("an empty purse and a refused key end the route at once") {
    auto [status, body, expected] = GENERATE(table<int, std::string, ErrorKind>({{429, "empty", ErrorKind::rate_limited}, {401, "", ErrorKind::auth}}));
    Bench bench;
    bench.client.on("POST", "/jobs", answer(status, body));
    bench.settings.most_jobs = 1;
    auto runner = bench.runner();
    for (int i = 0; i < 3; ++i) {
        auto wanted = bench.wanted("take" + std::to_string(i) + ".mp4");
        wanted.ordinal = i;
        REQUIRE(runner.add(wanted));
    }
    runner.run();
    for (const auto& outcome : runner.outcomes()) {
        REQUIRE(kind(outcome) == expected);
        REQUIRE(outcome.row.stage == (expected == ErrorKind::auth ? Stage::planned : Stage::failed));
    }
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("polls that fail cost nothing: the job lives on") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(500)).times(3);
    bench.client.on("GET", "/jobs/p1", [](const http::Request& r) -> Result<http::Response> { return lost(r); }).times(2);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
}

TEST_CASE("at the time-out the job is pending and a later run ends it without paying") {
    Bench bench;
    bench.settings.timeout = 5min;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    auto& working = bench.client.on("GET", "/jobs/p1", answer(200, "working")).always();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::pending);
    REQUIRE(outcome.row.stage == Stage::rendering);
    REQUIRE(outcome.error->message.find("jobs wait " + outcome.row.id.text) != std::string::npos);
    REQUIRE(bench.client.count("GET", "/jobs/p1") < 30);
    working.times(0);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);  // the same command joins it
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("a job that failed or was refused says so by its kind") {
    auto [word, stage, expected] = GENERATE(table<std::string, Stage, ErrorKind>(
        {{"refused", Stage::rejected, ErrorKind::rejected}, {"broken", Stage::failed, ErrorKind::provider}}));
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, word));
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(outcome.row.stage == stage);
    REQUIRE(kind(outcome) == expected);
}

TEST_CASE("a download that is cut goes on where it stopped") {
    Bench bench;
    const auto bytes = clip_bytes();
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    bench.client.on("GET", "/clips/p1", answer(200, bytes, clip_head(bytes))).cut(100);
    bench.client.on("GET", "/clips/p1", [&](const http::Request& request) -> Result<http::Response> {
        REQUIRE(request.headers == std::vector<http::Header>{{"Range", "bytes=100-"}, {"If-Range", "\"v1\""}});
        const auto range = "bytes 100-" + std::to_string(bytes.size() - 1) + "/" + std::to_string(bytes.size());
        return answer(206, bytes.substr(100), {{"Content-Range", range}, {"ETag", "\"v1\""}});
    });
    REQUIRE(!bench.run(bench.wanted()).error);
    REQUIRE(*core::read_file(bench.output()) == bytes);
}

TEST_CASE("two files are never mixed: a range that is ignored or of another file starts over") {
    Bench bench;
    const auto bytes = clip_bytes();
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    bench.client.on("GET", "/clips/p1", answer(200, std::string(bytes.size(), 'x'), clip_head(bytes))).cut(100);
    SECTION("ignored") { serve_clip(bench); }
    SECTION("of another file") {
        bench.client.on("GET", "/clips/p1", answer(206, bytes.substr(100), {{"Content-Range", "bytes 100-199/200"}, {"ETag", "\"v2\""}}));
        serve_clip(bench);
    }
    REQUIRE(!bench.run(bench.wanted()).error);
    REQUIRE(*core::read_file(bench.output()) == bytes);
}

TEST_CASE("an expired link is renewed by a poll, and a clip that is gone is told with its price") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/clips/p1", answer(403));
    SECTION("renewed") {
        bench.client.on("GET", "/jobs/p1", answer(200, "done")).times(2);
        serve_clip(bench);
        REQUIRE(!bench.run(bench.wanted()).error);
    }
    SECTION("gone") {
        bench.client.on("GET", "/jobs/p1", answer(200, "done"));
        bench.client.on("GET", "/jobs/p1", answer(404)).always();
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(outcome.row.stage == Stage::expired);
        REQUIRE(outcome.error->message.find("0.40") != std::string::npos);
    }
}

TEST_CASE("a token that ended before the download is renewed by a poll, and a key that is refused again is told") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).times(2);
    bench.client.on("GET", "/clips/p1", answer(401));
    SECTION("renewed") {
        serve_clip(bench);
        REQUIRE(!bench.run(bench.wanted()).error);
    }
    SECTION("refused again") {
        bench.client.on("GET", "/clips/p1", answer(401));
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(kind(outcome) == ErrorKind::auth);
        REQUIRE(outcome.row.stage == Stage::downloading);  // fetched by the next run, with another key
    }
}

TEST_CASE("what is no whole clip never gets the final name") {
    Bench bench;
    auto broken = clip_bytes();
    broken.resize(broken.size() - 3);
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    bench.client.on("GET", "/clips/p1", answer(200, broken, clip_head(broken))).times(2);
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::provider);
    REQUIRE(outcome.row.stage == Stage::ready);  // still fetchable
    REQUIRE(!std::filesystem::exists(bench.output()));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.go_on(outcome.row.id).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("another size than ordered is kept and reported as a mismatch") {
    Bench bench;
    auto order = Bench::order();
    order.size = Size{640, 360};
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto outcome = bench.run(bench.wanted("a.mp4", order));
    REQUIRE(kind(outcome) == ErrorKind::mismatch);
    REQUIRE(outcome.error->message.find("ordered 640x360 pixels, delivered 1280x720") != std::string::npos);
    REQUIRE(std::filesystem::exists(bench.output()));
}

TEST_CASE("the same order again reuses the clip: nothing is sent") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
    const auto sent = bench.client.sent().size();
    SECTION("in its place") { REQUIRE(!bench.run(bench.wanted()).error); }
    SECTION("copied to another place") {
        const auto outcome = bench.run(bench.wanted("b.mp4"));
        REQUIRE(!outcome.error);
        REQUIRE(outcome.row.clip == bench.output("b.mp4").string());
        REQUIRE(*core::read_file(bench.output("b.mp4")) == clip_bytes());
        REQUIRE(std::filesystem::exists(bench.output("b.mp4.json")));
    }
    REQUIRE(bench.client.sent().size() == sent);
}

TEST_CASE("the flag --again pays for a new one, and a clip whose file is gone is fetched again for free") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
    SECTION("again") {
        bench.client.on("POST", "/jobs", answer(200, "p2"));
        bench.client.on("GET", "/jobs/p2", answer(200, "done"));
        serve_clip(bench, "p2");
        auto wanted = bench.wanted("b.mp4");
        wanted.again = true;
        REQUIRE(!bench.run(wanted).error);
        REQUIRE(bench.client.paid() == 2);
    }
    SECTION("gone") {
        std::filesystem::remove(bench.output());
        bench.client.on("GET", "/jobs/p1", answer(200, "done"));
        serve_clip(bench);
        REQUIRE(!bench.run(bench.wanted()).error);
        REQUIRE(std::filesystem::exists(bench.output()));
        REQUIRE(bench.client.paid() == 1);
    }
}

TEST_CASE("an existing file is never overwritten, and is found before money is spent") {
    Bench bench;
    REQUIRE(core::write_file(bench.output(), "mine", core::Existing::keep));
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::usage);
    REQUIRE(bench.client.sent().empty());
    REQUIRE(bench.ledger->list({})->empty());
    auto nowhere = bench.wanted();
    nowhere.output = (bench.folder.path() / "no" / "such" / "a.mp4").string();
    REQUIRE(kind(bench.run(nowhere)) == ErrorKind::local);
}

TEST_CASE("a file that appears while it renders stays, and the clip goes beside it") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", [&](const http::Request&) -> Result<http::Response> {
        REQUIRE(core::write_file(bench.output(), "mine", core::Existing::keep));
        return answer(200, "done");
    });
    serve_clip(bench);
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(!outcome.error);
    REQUIRE(*core::read_file(bench.output()) == "mine");
    REQUIRE(*core::read_file(outcome.row.clip) == clip_bytes());
    REQUIRE(bench.watcher.warnings.size() == 1);
}

TEST_CASE("an interrupt leaves cleanly and says how to go on") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    auto runner = std::make_unique<job::Runner>(bench.runner());
    auto* raw = runner.get();
    bench.client.on("GET", "/jobs/p1", [raw](const http::Request&) -> Result<http::Response> {
        raw->interrupt();
        return answer(200, "working");
    });
    REQUIRE(raw->add(bench.wanted()));
    raw->run();
    const auto outcome = raw->outcomes().at(0);
    REQUIRE(kind(outcome) == ErrorKind::cancelled);
    REQUIRE(outcome.error->message.find("jobs wait") != std::string::npos);
    runner.reset();
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.go_on(outcome.row.id).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("an interrupt during the paid request waits for its answer") {
    Bench bench;
    auto runner = std::make_unique<job::Runner>(bench.runner());
    auto* raw = runner.get();
    bench.client.on("POST", "/jobs", [](const http::Request&) -> Result<http::Response> { return answer(200, "p1"); }).later(2s);
    bench.client.before_sending([raw](const http::Request& request) {
        if (request.paid) raw->interrupt();
    });
    REQUIRE(raw->add(bench.wanted()));
    raw->run();
    const auto outcome = raw->outcomes().at(0);
    REQUIRE(kind(outcome) == ErrorKind::cancelled);
    REQUIRE(outcome.row.stage == Stage::rendering);
    REQUIRE(outcome.row.handle == backend::Handle{json{{"id", "p1"}}});
}

TEST_CASE("the user settles an unknown job by sending it again or by naming the provider's job") {
    Bench bench;
    bench.provider->can_find = false;
    bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return lost(r); });
    const auto id = bench.run(bench.wanted()).row.id;
    auto runner = bench.runner();
    SECTION("resend") {
        bench.client.on("POST", "/jobs", answer(200, "p1"));
        REQUIRE(runner.resend(id));
    }
    SECTION("adopt") { REQUIRE(runner.adopt(id, "p1")); }
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    runner.run();
    REQUIRE(!runner.outcomes().at(0).error);
}

TEST_CASE("a job is cancelled before it is sent, and remotely while it renders") {
    Bench bench;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    const auto id = bench.run(bench.wanted()).row.id;
    REQUIRE(bench.row(id).stage == Stage::rendering);
    bench.client.on("DELETE", "/jobs/p1", answer(200));
    auto runner = bench.runner();
    REQUIRE(runner.cancel(id));
    runner.run();
    REQUIRE(bench.row(id).stage == Stage::cancelled);
    CHECK(job::cost_of(bench.row(id)) == bench.row(id).price);  // no provider promises to bill nothing for it
    auto wrong = bench.runner();
    REQUIRE(wrong.cancel(id).error().kind == ErrorKind::usage);
}

TEST_CASE("a job that cannot be cancelled is said to be paid where it costs something") {
    const auto [status, free, said] = GENERATE(table<int, bool, std::string>({{405, false, "cannot cancel a job, and is paid"},
                                                                              {405, true, "cannot cancel a job"},
                                                                              {409, false, "it renders to its end"}}));  // by its kind, not by its words
    Bench bench;
    auto order = Bench::order();
    if (free) order.price = {Money{}, false, "2026-11-01"};
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("DELETE", "/jobs/p1", answer(status));
    bench.settings.wait = false;
    const auto id = bench.run(bench.wanted("a.mp4", order)).row.id;
    auto runner = bench.runner();
    REQUIRE(runner.cancel(id));
    runner.run();
    const auto outcome = runner.outcomes().at(0);
    REQUIRE(outcome.error);
    REQUIRE(outcome.error->message.ends_with(said));
    REQUIRE(outcome.row.stage == Stage::rendering);
}

TEST_CASE("a job that was only asked to be cancelled is polled to its end") {
    Bench bench;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    const auto id = bench.run(bench.wanted()).row.id;
    bench.settings.wait = true;
    bench.client.on("DELETE", "/jobs/p1", answer(202));
    SECTION("it rendered") {
        bench.client.on("GET", "/jobs/p1", answer(200, "done"));
        serve_clip(bench);
    }
    SECTION("it ended") { bench.client.on("GET", "/jobs/p1", answer(200, "broken")); }
    auto runner = bench.runner();
    REQUIRE(runner.cancel(id));
    runner.run();
    const auto row = bench.row(id);
    REQUIRE(row.cancel_wanted);
    REQUIRE((row.stage == Stage::done || row.stage == Stage::failed));
}

TEST_CASE("at most -j jobs are under way, and submits keep the minute's limit") {
    Bench bench;
    bench.settings.most_jobs = 2;
    bench.settings.submits_per_minute = 6;
    std::vector<core::Moment> sent;
    bench.client.before_sending([&](const http::Request& request) {
        if (request.paid) sent.push_back(bench.loop.now());
    });
    int next = 0;
    bench.client.on("POST", "/jobs", [&](const http::Request&) -> Result<http::Response> { return answer(200, "p" + std::to_string(next++)); }).times(5);
    bench.client.on([](const http::Request& r) { return r.url.find("/jobs/p") != std::string::npos; },
                    [](const http::Request&) -> Result<http::Response> { return answer(200, "done"); }).always();
    bench.client.on([](const http::Request& r) { return r.url.find("/clips/") != std::string::npos; },
                    [](const http::Request&) -> Result<http::Response> { return answer(200, clip_bytes(), clip_head(clip_bytes())); }).always();
    auto runner = bench.runner();
    for (int i = 0; i < 5; ++i) {
        auto wanted = bench.wanted("take" + std::to_string(i) + ".mp4");
        wanted.ordinal = i;
        REQUIRE(runner.add(wanted));
    }
    runner.run();
    for (const auto& outcome : runner.outcomes()) REQUIRE(!outcome.error);
    REQUIRE(sent.size() == 5);
    for (std::size_t i = 1; i < sent.size(); ++i) REQUIRE(sent[i] - sent[i - 1] >= 9999ms);
}

TEST_CASE("F3: a ledger that cannot be written lets nothing leave") {
    Bench bench;
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open((bench.folder.path() / "ledger.db").c_str(), &other) == SQLITE_OK);
    bench.ledger = std::move(*job::Ledger::open(bench.folder.path() / "ledger.db", bench.loop.clock(), 50ms));
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::local);
    REQUIRE(bench.client.sent().empty());
    sqlite3_close(other);
}

TEST_CASE("every change of stage in the histories is an edge of the graph") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(429));
    bench.client.on("POST", "/jobs", answer(502));
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).times(2);
    bench.client.on("GET", "/clips/p1", answer(410));
    serve_clip(bench);
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(!outcome.error);
    const auto history = *bench.ledger->history(outcome.row.id);
    REQUIRE(history.size() > 6);
    REQUIRE(history.front().from.empty());
    for (std::size_t i = 1; i < history.size(); ++i) {
        CAPTURE(history[i].from, history[i].to);
        REQUIRE(history[i].from == history[i - 1].to);
        REQUIRE((history[i].from == history[i].to || may_follow(*stage_from(history[i].from), *stage_from(history[i].to))));
    }
}

TEST_CASE("the same order at another host of the user's is another job") {
    Bench bench;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    const auto here = bench.wanted("a.mp4", Bench::order(), Bench::moved_to("https://provider.example"));
    const auto there = bench.wanted("b.mp4", Bench::order(), Bench::moved_to("https://other.example"));
    REQUIRE(bench.run(here).row.id != bench.run(there).row.id);
    REQUIRE(bench.client.paid() == 2);
}

TEST_CASE("the word to replace a file ends with its job: what the user puts there later is kept") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).times(2);
    bench.client.on("GET", "/clips/p1", answer(200, clip_bytes(), clip_head(clip_bytes()))).times(2);
    REQUIRE(core::write_file(bench.output(), "old", core::Existing::replace));
    auto wanted = bench.wanted();
    wanted.force = true;
    const auto first = bench.run(wanted);
    REQUIRE(!first.error);
    REQUIRE(*core::read_file(bench.output()) == clip_bytes());
    REQUIRE_FALSE(bench.row(first.row.id).force);

    REQUIRE(core::write_file(bench.output(), "mine", core::Existing::replace));
    const auto again = bench.go_on(first.row.id);
    REQUIRE(!again.error);
    REQUIRE(*core::read_file(bench.output()) == "mine");
    REQUIRE(again.row.clip != bench.output().string());
}

TEST_CASE("P2: one answer that a job is not there does not end it, however late it comes") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "working")).times(5);
    bench.client.on("GET", "/jobs/p1", answer(404)).times(2);
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("of a paid clip that the provider no longer has the sentence names the way to a new one") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done"));
    serve_clip(bench);
    const auto first = bench.run(bench.wanted());
    REQUIRE(!first.error);
    std::filesystem::remove(bench.output());
    bench.client.on("GET", "/jobs/p1", answer(404)).always();
    const auto gone = bench.run(bench.wanted());
    REQUIRE(gone.row.stage == Stage::expired);
    REQUIRE(gone.error->message.find("--again") != std::string::npos);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("a row names its pictures by their whole paths") {
    Bench bench;
    auto order = Bench::order();
    Image picture;
    picture.role = ImageRole::first_frame;
    picture.source = "p.png";
    picture.sha256 = std::string(64, 'a');
    picture.bytes = std::make_shared<const std::string>("bytes");
    order.images = {picture};
    picture.role = ImageRole::last_frame;
    picture.source = "https://pictures.example/a.png";
    picture.sha256.clear();
    order.images.push_back(picture);
    auto runner = bench.runner();
    const auto id = runner.add(bench.wanted("a.mp4", order));
    REQUIRE(id);
    const auto row = bench.row(*id);
    const auto kept = job::order_document(row);
    REQUIRE(kept["images"][0]["source"] == (std::filesystem::current_path() / "p.png").string());
    REQUIRE(kept["images"][1]["source"] == "https://pictures.example/a.png");
    REQUIRE(row.fingerprint == job::identity_of(order, Bench::route()));
}
