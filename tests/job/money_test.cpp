#include "bench.hpp"

#include <set>

// No money twice, no clip lost: the rare ways in which either could happen.
using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

JobId lose(Bench& bench, const job::Wanted& wanted) {
    const auto could = std::exchange(bench.provider->can_find, false);
    bench.client.on("POST", "/jobs", no_answer);
    const auto id = bench.run(wanted).row.id;
    bench.provider->can_find = could;
    return id;
}

job::Wanted take(const Bench& bench, int ordinal) {
    auto wanted = bench.wanted("take" + std::to_string(ordinal) + ".mp4");
    wanted.ordinal = ordinal;
    return wanted;
}

void finish(Bench& bench, const std::string& id = "p1") {
    bench.client.on("GET", "/jobs/" + id, answer(200, "done"));
    serve_clip(bench, id);
}

// A ledger whose disk fails at one commit.
struct FailingLedger final : job::Ledger {
    FailingLedger(std::unique_ptr<job::Ledger> real, std::function<bool()> fails) : real(std::move(real)), fails(std::move(fails)) {}
    Result<std::optional<job::Row>> find(const std::string& id) override { return real->find(id); }
    Result<std::vector<job::Row>> list(const job::Filter& filter) override { return real->list(filter); }
    Result<std::vector<job::Row>> by_fingerprint(const std::string& text) override { return real->by_fingerprint(text); }
    Result<std::vector<job::HistoryLine>> history(const JobId& id) override { return real->history(id); }
    Result<std::vector<BatchRow>> batch_rows(const std::string& batch) override { return real->batch_rows(batch); }
    Result<std::vector<backend::Handle>> other_handles(const job::Row& row) override { return real->other_handles(row); }
    Result<job::Row> insert(job::Row row, bool claimed) override { return real->insert(std::move(row), claimed); }
    Result<std::optional<Look>> look(const JobId& id) override { return real->look(id); }
    Result<> save(job::Row& row, const std::string& note) override { return real->save(row, note); }
    Result<> commit() override {
        if (fails()) return Error{ErrorKind::local, "the disk fails"};
        return real->commit();
    }
    bool broken() const override { return real->broken(); }
    std::filesystem::path file() const override { return real->file(); }
    Result<bool> claim(const JobId& id) override { return real->claim(id); }
    Result<> renew() override { return real->renew(); }
    Result<> release(const JobId& id) override { return real->release(id); }
    Result<> forget(const JobId& id) override { return real->forget(id); }
    Result<std::vector<Past>> past(const std::string& route, const std::string& model, const std::string& resolution) override { return real->past(route, model, resolution); }
    Result<Money> account(const std::string& profile, const std::string& day) override { return real->account(profile, day); }
    Result<std::vector<job::Spent>> spending() override { return real->spending(); }
    std::unique_ptr<job::Ledger> real;
    std::function<bool()> fails;
};

}  // namespace

TEST_CASE("a list that may be incomplete, or names a job of another time, does not prove that nothing was created") {
    Bench bench;
    bench.client.on("POST", "/jobs", no_answer);
    std::string listed = "[]";
    SECTION("incomplete") { bench.provider->whole_list = false; }
    SECTION("of another time") { listed = R"(["late1"])"; }
    bench.client.on("GET", "/jobs", answer(200, listed)).always();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::unknown);
    REQUIRE(outcome.row.stage == Stage::unknown);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("a job of another time that is another row's does not count") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "late1"));
    finish(bench, "late1");
    REQUIRE(!bench.run(bench.wanted("first.mp4", Bench::order("another"))).error);
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("GET", "/jobs", answer(200, R"(["late1"])")).always();
    REQUIRE(bench.run(bench.wanted()).row.stage == Stage::failed);
}

TEST_CASE("an open job is not adopted by its twin") {
    Bench bench;
    const auto first = lose(bench, take(bench, 0));
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])")).always();
    const auto second = bench.run(take(bench, 1));
    REQUIRE(second.row.stage == Stage::unknown);
    REQUIRE(second.error->message.find(first.text) != std::string::npos);
    SECTION("the first one neither") { REQUIRE(kind(bench.go_on(first)) == ErrorKind::unknown); }
    SECTION("once the user settles one, the other follows") {
        finish(bench);
        auto runner = bench.runner();
        REQUIRE(runner.adopt(first, "p1"));
        runner.run();
        REQUIRE(!runner.outcomes().at(0).error);
        bench.loop.jump_wall(1min);
        REQUIRE(bench.go_on(second.row.id).row.stage == Stage::failed);  // not there
    }
    REQUIRE(bench.client.paid() == 2);
}

TEST_CASE("a twin whose answer may still come is waited for") {
    Bench bench;
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("POST", "/jobs", answer(200, "p2")).later(5s);
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2"])")).always();
    finish(bench, "p1");
    finish(bench, "p2");
    auto runner = bench.runner();
    REQUIRE(runner.add(take(bench, 0)));
    REQUIRE(runner.add(take(bench, 1)));
    runner.run();
    for (const auto& outcome : runner.outcomes()) REQUIRE(!outcome.error);
    REQUIRE(runner.outcomes()[0].row.handle == backend::Handle{json{{"id", "p1"}}});
}

TEST_CASE("the user cannot adopt what another job has") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    finish(bench);
    REQUIRE(!bench.run(bench.wanted("first.mp4", Bench::order("another"))).error);
    const auto id = lose(bench, bench.wanted());
    auto runner = bench.runner();
    REQUIRE(runner.adopt(id, "p1"));
    runner.run();
    REQUIRE(kind(runner.outcomes().at(0)) == ErrorKind::usage);
    REQUIRE(bench.row(id).stage == Stage::unknown);
}

TEST_CASE("a clip that came with the answer is saved, whether we wait or leave") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "whole"));
    auto runner = bench.runner();
    SECTION("without waiting") {
        bench.settings.wait = false;
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(!outcome.error);
        REQUIRE(outcome.row.stage == Stage::done);
    }
    SECTION("interrupted meanwhile") {
        bench.client.before_sending([&](const http::Request&) { runner.interrupt(); });
        REQUIRE(runner.add(bench.wanted()));
        runner.run();
        REQUIRE(runner.outcomes().at(0).row.stage == Stage::done);
    }
    REQUIRE(*core::read_file(bench.output()) == clip_bytes());
}

TEST_CASE("a paid request may be silent for as long as its host says, and three minutes else") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(400));
    (void)bench.run(bench.wanted());
    REQUIRE(bench.client.sent().at(0).timeout == 3min);
    bench.provider->silence = 1h;
    bench.client.on("POST", "/jobs", answer(400));
    (void)bench.run(bench.wanted());
    REQUIRE(bench.client.sent().at(1).timeout == 1h);
}

TEST_CASE("an end that is not on disk is no success") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    finish(bench);
    bool done = false;
    bench.watcher.on_change = [&](const job::Row& row) { done = done || row.stage == Stage::done; };
    bench.ledger = std::make_unique<FailingLedger>(std::move(bench.ledger), [&] { return done; });
    REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::local);
}

TEST_CASE("a job that is joined while it downloads, or while another process has it, ends where this command asked too") {
    Bench bench;
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    const auto id = bench.run(bench.wanted()).row.id;
    bench.settings.wait = true;
    SECTION("downloading") {
        bench.settings.timeout = 2min;
        bench.client.on("GET", "/jobs/p1", answer(200, "done"));
        bench.client.on("GET", "/clips/p1", answer(200, clip_bytes(), clip_head(clip_bytes()))).never();
        REQUIRE(bench.go_on(id).row.stage == Stage::downloading);
        finish(bench);
    }
    SECTION("another's") {
        auto other = bench.open();
        REQUIRE(*other->claim(id));
        auto row = **other->find(id.text);
        row.stage = Stage::ready;
        REQUIRE(other->save(row));
        row.stage = Stage::downloading;
        REQUIRE(other->save(row));
        REQUIRE(other->commit());
        (void)bench.loop.after(3s, [&, row, other = std::shared_ptr<job::Ledger>(std::move(other))]() mutable {
            REQUIRE(core::write_file(row.output, clip_bytes(), core::Existing::keep));
            row.clip = row.output;
            row.sha256 = core::sha256_hex(clip_bytes());
            row.stage = Stage::done;
            REQUIRE(other->save(row));
            REQUIRE(other->commit());
        });
    }
    const auto outcome = bench.run(bench.wanted("b.mp4"));
    REQUIRE(!outcome.error);
    REQUIRE(outcome.row.clip == bench.output("b.mp4").string());
    for (const char* name : {"a.mp4", "b.mp4"}) REQUIRE(*core::read_file(bench.output(name)) == clip_bytes());
    REQUIRE(std::filesystem::exists(bench.output("b.mp4.json")));
}

TEST_CASE("a key that the provider may have forgotten is not sent again") {
    Bench bench;
    bench.provider->same_key_same_job = true;
    bench.settings.timeout = 10s;
    bench.client.on("POST", "/jobs", no_answer).always();
    const auto id = bench.run(bench.wanted()).row.id;
    const auto paid = bench.client.paid();
    REQUIRE(bench.row(id).stage == Stage::unknown);
    SECTION("looked for in place of it") {
        bench.settings.timeout = 1h;
        bench.loop.jump_wall(24h);
        bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
        finish(bench);
        REQUIRE(!bench.go_on(id).error);
        REQUIRE(bench.client.paid() == paid);
    }
    SECTION("unknown where nothing can be looked for") {
        bench.provider->can_find = false;
        bench.loop.jump_wall(24h);
        REQUIRE(kind(bench.go_on(id)) == ErrorKind::unknown);
        REQUIRE(bench.client.paid() == paid);
    }
    SECTION("its age counts from its first sending") {
        bench.provider->can_find = false;
        for (int i = 0; i < 5; ++i) {
            bench.loop.jump_wall(10h);
            (void)bench.go_on(id);
        }
        const auto after_two_days = bench.client.paid();
        (void)bench.go_on(id);
        REQUIRE(bench.client.paid() == after_two_days);
    }
}

TEST_CASE("a sidecar's place that is taken by another file is found before money is spent, and that file stays") {
    Bench bench;
    const auto place = bench.output("a.mp4.json");
    SECTION("before") {
        REQUIRE(core::write_file(place, "mine", core::Existing::keep));
        REQUIRE(kind(bench.run(bench.wanted())) == ErrorKind::usage);
        REQUIRE(bench.client.sent().empty());
        REQUIRE(*core::read_file(place) == "mine");
        bench.client.on("POST", "/jobs", answer(200, "p1"));
        finish(bench);
        auto forced = bench.wanted();
        forced.force = true;
        REQUIRE(!bench.run(forced).error);
        REQUIRE(json::parse(*core::read_file(place))["schema"] == "shotwire.clip/1");
    }
    SECTION("meanwhile") {
        bench.client.on("POST", "/jobs", answer(200, "p1"));
        bench.client.on("GET", "/jobs/p1", [&](const http::Request&) -> Result<http::Response> {
            REQUIRE(core::write_file(place, "mine", core::Existing::keep));
            return answer(200, "done");
        });
        serve_clip(bench);
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(!outcome.error);
        REQUIRE(*core::read_file(place) == "mine");
        REQUIRE(std::filesystem::exists(outcome.row.clip + ".json"));
        REQUIRE(bench.watcher.warnings.size() == 1);
    }
}

TEST_CASE("a link that is refused for some minutes does not make a clip expired, one that is refused for a quarter of an hour does") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "done")).always();
    SECTION("some minutes") {
        bench.client.on("GET", "/clips/p1", answer(404)).times(6);
        serve_clip(bench);
        REQUIRE(!bench.run(bench.wanted()).error);
    }
    SECTION("a quarter of an hour") {
        bench.client.on("GET", "/clips/p1", answer(403)).always();
        const auto before = bench.loop.now();
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(outcome.row.stage == Stage::expired);
        REQUIRE(bench.loop.now() - before >= 15min);
        REQUIRE(bench.client.count("GET", "/clips/p1") < 20);
        REQUIRE(bench.client.count("GET", "/jobs/p1") >= bench.client.count("GET", "/clips/p1"));  // a fresh link each time
    }
}

TEST_CASE("a job that is accepted after the interrupt is cancelled where that was asked for") {
    Bench bench;
    bench.settings.cancel_on_interrupt = true;
    auto runner = bench.runner();
    bench.client.before_sending([&](const http::Request& request) {
        if (request.paid) runner.interrupt();
    });
    bench.client.on("POST", "/jobs", answer(200, "p1")).later(2s);
    bench.client.on("DELETE", "/jobs/p1", answer(200));
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    REQUIRE(runner.outcomes().at(0).row.stage == Stage::cancelled);
    REQUIRE(kind(runner.outcomes().at(0)) == ErrorKind::cancelled);
}

TEST_CASE("a paid request that the end of the run cuts is unknown") {
    Bench bench;
    bench.settings.timeout = 1min;
    bench.client.on("POST", "/jobs", answer(200, "p1")).never();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::unknown);
    REQUIRE(bench.row(outcome.row.id).stage == Stage::unknown);
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
    finish(bench);
    REQUIRE(!bench.go_on(outcome.row.id).error);
    REQUIRE(bench.client.paid() == 1);
}

TEST_CASE("jobs are forgotten together or not at all") {
    Bench bench;
    bench.settings.wait = false;
    std::vector<JobId> ids;
    for (int i = 0; i < 2; ++i) {
        bench.client.on("POST", "/jobs", answer(200, "p" + std::to_string(i)));
        ids.push_back(bench.run(take(bench, i)).row.id);
    }
    auto other = bench.open();
    REQUIRE(*other->claim(ids[1]));
    REQUIRE(other->commit());
    REQUIRE(job::forget_together(*bench.ledger, ids).error().kind == ErrorKind::local);
    bench.ledger.reset();
    bench.ledger = bench.open();
    REQUIRE(bench.ledger->list({})->size() == 2);
    REQUIRE(other->release(ids[1]));
    REQUIRE(other->commit());
    REQUIRE(job::forget_together(*bench.ledger, ids));
    REQUIRE(other->list({})->empty());
}

TEST_CASE("a remix is not sent to a host that does not have its source") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    finish(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
    auto order = Bench::order("the same by night");
    order.operation = Operation::remix;
    order.source_clip = "p1";
    SECTION("elsewhere") {
        const auto outcome = bench.run(bench.wanted("b.mp4", order, Bench::moved_to("https://other.example")));
        REQUIRE(kind(outcome) == ErrorKind::usage);
        REQUIRE(outcome.error->message.find("is at https://provider.example, but route route-1 leads to https://other.example now") != std::string::npos);
        REQUIRE(bench.client.paid() == 1);
    }
    SECTION("there") {
        bench.client.on("POST", "/jobs", answer(200, "p2"));
        finish(bench, "p2");
        REQUIRE(!bench.run(bench.wanted("b.mp4", order)).error);
    }
}

TEST_CASE("more takes of a seeded order pay for the new ones alone") {
    Bench bench;
    const auto make = [&](int takes) {
        auto runner = bench.runner();
        for (int i = 0; i < takes; ++i) {
            auto order = Bench::order();
            order.seed = 7 + i;  // a take of a seeded order is another seed, not another ordinal
            REQUIRE(runner.add(bench.wanted("take" + std::to_string(i) + ".mp4", order)));
        }
        runner.run();
        for (const auto& outcome : runner.outcomes()) REQUIRE(!outcome.error);
    };
    for (const char* id : {"p1", "p2"}) {
        bench.client.on("POST", "/jobs", answer(200, id));
        finish(bench, id);
    }
    make(2);
    bench.client.on("POST", "/jobs", answer(200, "p3"));
    finish(bench, "p3");
    make(3);
    REQUIRE(bench.client.paid() == 3);
}

TEST_CASE("a make that was refused leaves nothing that a later resume would pay for") {
    Bench bench;
    const auto resumable = [&] { return bench.ledger->list({.stages = {Stage::planned, Stage::submitting}, .route = {}, .model = {}})->size(); };
    auto no_key = [&] { bench.no_connection = Error{ErrorKind::auth, "no key"}; };
    SECTION("an empty purse") {
        bench.client.on("POST", "/jobs", answer(429, "empty"));
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(kind(outcome) == ErrorKind::rate_limited);
        REQUIRE(outcome.row.stage == Stage::failed);
        REQUIRE(resumable() == 0);
        bench.client.on("POST", "/jobs", answer(200, "p1"));
        finish(bench);
        REQUIRE(!bench.run(bench.wanted()).error);  // the same command, with money
    }
    SECTION("not waited for: it is meant for later") {
        no_key();
        bench.settings.wait = false;
        REQUIRE(bench.run(bench.wanted()).row.stage == Stage::planned);
        bench.settings.wait = true;
        bench.no_connection.reset();
        bench.client.on("POST", "/jobs", answer(200, "p1"));
        finish(bench);
        const auto id = bench.ledger->list({})->front().id;
        REQUIRE(!bench.go_on(id).error);
        REQUIRE(bench.watcher.warnings == std::vector<std::string>{"was never sent; it is sent now, for USD 0.40"});
    }
    SECTION("left by the user: it is planned") {
        bench.settings.timeout = 30s;
        bench.client.on("POST", "/jobs", [](const http::Request& r) -> Result<http::Response> { return refused(r); }).always();
        const auto outcome = bench.run(bench.wanted());
        REQUIRE(outcome.row.stage == Stage::planned);
        REQUIRE(kind(outcome) == ErrorKind::network);
    }
    SECTION("a resume that is refused keeps it") {
        no_key();
        bench.settings.wait = false;
        const auto id = bench.run(bench.wanted()).row.id;
        bench.settings.wait = true;
        REQUIRE(bench.go_on(id).row.stage == Stage::planned);
    }
}

TEST_CASE("a job that could not be sent for want of a key is no failure: it is planned, and the same order goes once there is one") {
    Bench bench;
    const bool by_batch = GENERATE(false, true), refused = GENERATE(false, true);
    CAPTURE(by_batch, refused);
    bench.settings.keep_unsent = by_batch;
    if (refused) bench.client.on("POST", "/jobs", answer(401));
    else bench.no_connection = Error{ErrorKind::auth, "no key"};
    const auto outcome = bench.run(bench.wanted());
    CHECK(kind(outcome) == ErrorKind::auth);
    CHECK(outcome.row.stage == Stage::planned);
    REQUIRE(outcome.row.error);  // which tells it from one that was left in peace
    CHECK(outcome.row.error->kind == ErrorKind::auth);
    CHECK(bench.ledger->account("", "")->micros == 0);
    bench.no_connection.reset();
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    finish(bench);
    // Prices and dialects may change meanwhile: it goes as it would if it were ordered only now.
    auto wanted = bench.wanted();
    wanted.price = Money{500'000};
    wanted.dialect = {{"a", 1}};
    const auto done = bench.run(wanted);
    CHECK_FALSE(done.error);
    CHECK_FALSE(done.row.error);
    CHECK(done.row.id == outcome.row.id);
    CHECK(done.row.price == Money{500'000});
    CHECK(done.row.dialect == json{{"a", 1}});
    CHECK(bench.ledger->list({})->size() == 1);
}

TEST_CASE("a job that waits for its next try when its run dies goes on with it: it was surely not sent") {
    Bench bench;
    bench.provider->can_find = false;
    bench.client.on("POST", "/jobs", answer(429));
    std::string copy;
    bench.watcher.on_change = [&](const job::Row& row) {
        if (!row.unsent || !copy.empty()) return;
        copy = (bench.folder.path() / "copy.db").string();
        (void)bench.loop.after(1s, [&] {
            for (const char* tail : {"", "-wal"}) std::filesystem::copy_file(bench.folder.path() / ("ledger.db" + std::string(tail)), copy + tail);
        });
    };
    bench.settings.timeout = 3s;
    REQUIRE(bench.run(bench.wanted()).row.stage == Stage::planned);
    // The ledger as a crash would have left it.
    bench.loop.jump_wall(1min);
    bench.settings.timeout = 1h;
    bench.ledger = std::move(*job::Ledger::open(copy, bench.loop.clock()));
    const auto row = bench.ledger->list({})->front();
    REQUIRE(row.stage == Stage::submitting);
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    finish(bench);
    REQUIRE(!bench.go_on(row.id).error);
}

TEST_CASE("a host's name that does not resolve is tried for ten seconds, what cannot get better once") {
    Bench bench;
    Error error{ErrorKind::network, "no.such.host does not resolve", 2s, true};
    std::size_t most = 6;
    SECTION("name") {}
    SECTION("URL, certificate") {
        error.retry_after.reset();
        most = 1;
    }
    bench.client.on("POST", "/jobs", error).always();
    const auto before = bench.loop.now();
    const auto outcome = bench.run(bench.wanted());
    REQUIRE(kind(outcome) == ErrorKind::network);
    REQUIRE(outcome.row.stage == Stage::failed);
    REQUIRE(bench.loop.now() - before <= 10s);
    REQUIRE(bench.client.sent().size() <= most);
}

TEST_CASE("a name that stops to resolve while a job renders does not end the wait") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", Error{ErrorKind::network, "no network", 2s, true}).times(4);
    finish(bench);
    REQUIRE(!bench.run(bench.wanted()).error);
}

TEST_CASE("a job that was sent again by the user's word and was refused is as unknown as before") {
    Bench bench;
    bench.provider->can_find = false;
    const auto id = lose(bench, bench.wanted());
    bench.client.on("POST", "/jobs", answer(401));
    auto runner = bench.runner();
    REQUIRE(runner.resend(id));
    runner.run();
    REQUIRE(kind(runner.outcomes().at(0)) == ErrorKind::auth);
    REQUIRE(bench.row(id).stage == Stage::unknown);
}

TEST_CASE("L8: a ledger that fails while paid requests are under way: their answers are waited for, and one rescue file has every id") {
    Bench bench;
    int answered = 0;
    bench.ledger = std::make_unique<FailingLedger>(std::move(bench.ledger), [&] { return answered > 0; });
    for (int i = 1; i <= 4; ++i)
        bench.client.on("POST", "/jobs", [&, i](const http::Request&) -> Result<http::Response> { return ++answered, answer(200, "p" + std::to_string(i)); }).later(i * 2s);
    auto runner = bench.runner();
    for (int i = 0; i < 4; ++i) REQUIRE(runner.add(take(bench, i)));
    runner.run();
    for (const auto& outcome : runner.outcomes()) CHECK(kind(outcome) == ErrorKind::local);
    CHECK(bench.client.paid() == 4);
    REQUIRE(bench.watcher.warnings.size() == 1);
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(bench.folder.path()))
        if (entry.path().filename().string().starts_with("rescue-")) files.push_back(entry.path());
    REQUIRE(files.size() == 1);
    const auto rescued = json::parse(*core::read_file(files[0]));
    std::set<std::string> ids;
    for (const auto& job : rescued["jobs"]) ids.insert(job["handle"]["id"]);
    CHECK(ids == std::set<std::string>{"p1", "p2", "p3", "p4"});
}

TEST_CASE("L8: what is under way when the ledger fails is not waited for without end, and nothing new leaves") {
    Bench bench;
    int answered = 0;
    bench.ledger = std::make_unique<FailingLedger>(std::move(bench.ledger), [&] { return answered > 0; });
    bench.settings.most_jobs = 2;
    bench.client.on("POST", "/jobs", [&](const http::Request&) -> Result<http::Response> { return ++answered, answer(200, "p1"); });
    bench.client.on("POST", "/jobs", no_answer).never();
    auto runner = bench.runner();
    for (int i = 0; i < 4; ++i) REQUIRE(runner.add(take(bench, i)));
    const auto start = bench.loop.now();
    runner.run();
    CHECK(bench.loop.now() - start < 15s);
    CHECK(bench.client.paid() == 2);
}

TEST_CASE("S24: a second sending that is refused leaves the row to the first one, and the same command orders nothing") {
    const int status = GENERATE(400, 401, 429);
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    const auto key = bench.row(id).key;
    bench.provider->can_find = false;
    bench.client.on("POST", "/jobs", answer(status, "empty"));
    {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
        REQUIRE(runner.outcomes().at(0).error);
    }
    const auto row = bench.row(id);
    CHECK(row.stage == Stage::unknown);
    CHECK(row.key == key);
    CHECK_FALSE(row.first);
    CHECK(*bench.ledger->account("", "") == Money{400'000});
    CHECK(kind(bench.run(bench.wanted())) == ErrorKind::unknown);
    CHECK(bench.client.paid() == 2);
}

TEST_CASE("S24: a second job that fails leaves the first sending as a job of its own, which the same command finds") {
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    bench.client.on("GET", "/jobs/p2", answer(200, "broken"));
    auto& list = bench.client.on("GET", "/jobs", no_answer).always();
    {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
        const auto ends = runner.outcomes();
        REQUIRE(ends.size() == 2);
        CHECK(ends[0].row.stage == Stage::failed);
        CHECK(ends[1].row.stage == Stage::unknown);
        CHECK(kind(ends[1]) == ErrorKind::unknown);
        CHECK(ends[1].row.beside == id.text);
    }
    CHECK(*bench.ledger->account("", "") == Money{400'000});  // the broken one was not billed
    list.times(0);
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2"])"));
    finish(bench);
    const auto outcome = bench.run(bench.wanted());
    CHECK(!outcome.error);
    CHECK(outcome.row.stage == Stage::done);
    CHECK(bench.client.paid() == 2);
}

TEST_CASE("S24: a first sending that made nothing is forgotten with its doubt once the list shows the second alone") {
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    bench.loop.jump_wall(1h);
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    finish(bench, "p2");
    bench.client.on("GET", "/jobs", answer(200, R"(["p2"])")).always();
    auto runner = bench.runner();
    REQUIRE(runner.resend(id));
    runner.run();
    CHECK(runner.outcomes().size() == 1);
    CHECK(!runner.outcomes()[0].error);
    CHECK(bench.ledger->list(job::Filter{})->size() == 1);
    CHECK(*bench.ledger->account("", "") == Money{400'000});
}

TEST_CASE("S24: where nobody can be asked for the first sending its doubt stays with the second, also where that was done before this was known") {
    const auto answered = GENERATE(1ms, 60s);
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    finish(bench, "p2");
    bench.client.on("GET", "/jobs", answer(404, "")).later(answered);
    auto runner = bench.runner();
    REQUIRE(runner.resend(id));
    runner.run();
    const auto ends = runner.outcomes();
    REQUIRE(ends.size() == 1);
    CHECK(!ends[0].error);
    CHECK(bench.row(id).stage == Stage::done);
    CHECK(bench.row(id).doubtful == Money{400'000});
    CHECK(bench.ledger->list(job::Filter{})->size() == 1);
    CHECK(*bench.ledger->account("", "") == Money{800'000});
}

TEST_CASE("S22: of several jobs that may be the first sending none is adopted, and the user is told") {
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    bench.client.on("POST", "/jobs", answer(200, "p3"));
    finish(bench, "p3");
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2", "p3"])"));
    auto runner = bench.runner();
    REQUIRE(runner.resend(id));
    runner.run();
    const auto ends = runner.outcomes();
    REQUIRE(ends.size() == 2);
    CHECK(ends[0].row.stage == Stage::done);
    CHECK(ends[1].row.stage == Stage::unknown);
    CHECK(ends[1].error->message.find("p1, p2") != std::string::npos);
    CHECK(*bench.ledger->account("", "") == Money{800'000});
}

TEST_CASE("a resend that waits to go again when the run is killed is unknown, not planned, whoever goes on with it") {
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    const auto key = bench.row(id).key;
    bench.client.on("POST", "/jobs", answer(429, "until 600"));
    bench.settings.timeout_each = 1h;
    {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        bench.loop.after(5s, [&] { bench.ledger.reset(); throw std::runtime_error("killed"); });
        CHECK_THROWS(runner.run());
    }
    bench.ledger = bench.open();
    bench.loop.jump_wall(1h);
    REQUIRE(bench.row(id).stage == Stage::submitting);
    bench.settings.timeout = 1s;
    bench.client.on("POST", "/jobs", answer(429, "until 600"));
    const auto outcome = bench.go_on(id);
    CHECK(outcome.row.stage == Stage::unknown);
    CHECK(outcome.row.key == key);
    CHECK(*bench.ledger->account("", "") == Money{400'000});
}

TEST_CASE("a row is paid within its own profile's budget, whoever sends it") {
    Bench bench;
    bench.settings.limits_of = [](const std::string& profile) { return job::Limits{.run = {}, .day = {}, .total = profile == "studio" ? std::optional(Money{300'000}) : std::nullopt}; };
    bench.no_connection = Error{ErrorKind::network, "not now"};
    bench.settings.keep_unsent = true;
    auto wanted = bench.wanted();
    wanted.profile = "studio";
    const auto id = bench.run(wanted).row.id;
    REQUIRE(bench.row(id).stage == Stage::planned);
    bench.no_connection.reset();
    CHECK(kind(bench.go_on(id)) == ErrorKind::budget);
    CHECK(bench.client.paid() == 0);
}

TEST_CASE("a day's budget also holds for what an earlier day has reserved and not sent") {
    Bench bench;
    bench.settings.limits.day = Money{500'000};
    bench.client.on("POST", "/jobs", answer(429, "until 7200"));
    bench.settings.timeout = 10h;
    auto runner = bench.runner();
    const auto id = runner.add(take(bench, 0));
    REQUIRE(id);
    bench.loop.after(10s, [&] {  // it waits over midnight, and what another process spends meanwhile is of the new day
        bench.loop.jump_wall(24h);
        auto other = bench.open();
        auto row = bench.row(*id);
        row.id = {"another1"};
        row.fingerprint = "another";
        row.handle.reset();
        row.stage = Stage::planned;
        REQUIRE(other->insert(row));
        row.stage = Stage::submitting;
        row.submitted = bench.loop.clock().wall();
        REQUIRE(other->save(row));
        REQUIRE(other->commit());
    });
    runner.run();
    CHECK(kind(runner.outcomes().at(0)) == ErrorKind::budget);
    CHECK(bench.client.paid() == 1);
}

TEST_CASE("S13: no job of a lane is sent before the longest wait that its host asked for is over") {
    Bench bench;
    bench.settings.timeout = 10min;
    std::vector<core::Moment> sent;
    bench.client.before_sending([&](const http::Request& request) {
        if (request.paid) sent.push_back(bench.loop.now());
    });
    bench.client.on("POST", "/jobs", answer(429, "until 1"));
    bench.client.on("POST", "/jobs", answer(429, "until 20"));
    for (const auto* id : {"p1", "p2"}) {
        bench.client.on("POST", "/jobs", answer(200, id));
        finish(bench, id);
    }
    auto runner = bench.runner();
    for (int i = 0; i < 2; ++i) REQUIRE(runner.add(take(bench, i)));
    runner.run();
    REQUIRE(sent.size() == 4);
    CHECK(sent[2] - sent[1] >= 20s);
}

TEST_CASE("S24: a second sending that the list does not show leaves the row to the first one, which is found") {
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    const auto first = bench.row(id).key;
    bench.loop.jump_wall(1h);
    bench.client.on("POST", "/jobs", no_answer);
    // A provider that finds by the key of a sending.
    bench.provider->by_key = true;
    bench.client.on([&](const http::Request& r) { return r.method == "GET" && r.url.ends_with("/jobs?" + first); }, [](const http::Request&) -> Result<http::Response> { return answer(200, R"(["p1"])"); }, "the first's");
    bench.client.on([&](const http::Request& r) { return r.method == "GET" && r.url.find("/jobs?") != std::string::npos; }, [](const http::Request&) -> Result<http::Response> { return answer(200, "[]"); }, "the second's").always();
    finish(bench);
    auto runner = bench.runner();
    REQUIRE(runner.resend(id));
    runner.run();
    CHECK(!runner.outcomes().at(0).error);
    CHECK(bench.row(id).stage == Stage::done);
    CHECK(bench.client.paid() == 2);
    CHECK(*bench.ledger->account("", "") == Money{400'000});
}

TEST_CASE("what was surely not sent is sent once by the word to send it again, and adopts nothing") {
    Bench bench;
    bench.client.on("POST", "/jobs", answer(429, "until 600"));
    JobId id;
    {
        auto runner = bench.runner();
        id = *runner.add(bench.wanted());
        bench.loop.after(5s, [&] { bench.ledger.reset(); throw std::runtime_error("killed"); });
        CHECK_THROWS(runner.run());
    }
    bench.ledger = bench.open();
    bench.loop.jump_wall(1h);
    REQUIRE(bench.row(id).unsent);
    SECTION("resend") {
        bench.provider->can_find = false;
        bench.client.on("POST", "/jobs", no_answer);
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
        CHECK(bench.row(id).stage == Stage::unknown);
        CHECK(bench.client.paid() == 2);
    }
    SECTION("adopt") {
        auto runner = bench.runner();
        const auto adopted = runner.adopt(id, "p1");
        REQUIRE(!adopted);
        CHECK(adopted.error().message.find("surely not sent") != std::string::npos);
        CHECK(bench.client.paid() == 1);
    }
}

TEST_CASE("two equal orders, one of which failed and has its clip beside it, are two orders with a clip each") {
    Bench bench;
    const auto id = lose(bench, take(bench, 0));
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    bench.client.on("GET", "/jobs/p2", answer(200, "broken"));
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2"])"));
    finish(bench);
    {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
        REQUIRE(runner.outcomes().size() == 2);
        CHECK(runner.outcomes()[1].row.stage == Stage::done);
    }
    bench.client.on("POST", "/jobs", answer(200, "p3"));
    finish(bench, "p3");
    auto runner = bench.runner();
    for (int i = 0; i < 2; ++i) {
        auto wanted = take(bench, i);
        wanted.index = i;
        REQUIRE(runner.add(wanted));
    }
    runner.run();
    const auto ends = runner.outcomes();
    REQUIRE(ends.size() == 2);
    for (int i = 0; i < 2; ++i) {
        CHECK(!ends[i].error);
        CHECK(ends[i].index == i);
        CHECK(core::sha256_of_file(bench.output("take" + std::to_string(i) + ".mp4")));
    }
    CHECK(ends[0].row.id != ends[1].row.id);
    CHECK(bench.client.paid() == 3);
}

TEST_CASE("the flag --retries pays for nothing while what was made beside a failed job lives") {
    Bench bench;
    const auto id = lose(bench, bench.wanted());
    bench.settings.wait = false;
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    {
        auto runner = bench.runner();
        REQUIRE(runner.resend(id));
        runner.run();
    }
    bench.settings.wait = true;
    bench.settings.retries = 2;
    bench.client.on("GET", "/jobs/p2", answer(200, "broken"));
    bench.client.on("GET", "/jobs", answer(200, R"(["p1", "p2"])"));
    finish(bench);
    auto runner = bench.runner();
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    CHECK(bench.client.paid() == 2);
    CHECK(runner.outcomes().at(1).row.stage == Stage::done);
}

TEST_CASE("an unknown job at another host of the user's own keeps no lost job here from being found") {
    const bool other_host = GENERATE(true, false);
    Bench bench;
    const auto at = [&](const std::string& name, const std::string& host) { return bench.wanted(name, Bench::order(), Bench::moved_to(host)); };
    lose(bench, at("a.mp4", other_host ? "https://one.example" : "https://two.example"));
    auto second = at("b.mp4", "https://two.example");
    second.ordinal = 1;
    bench.client.on("POST", "/jobs", no_answer);
    bench.client.on("GET", "/jobs", answer(200, R"(["p1"])"));
    if (other_host) finish(bench);
    CHECK(kind(bench.run(second)) == (other_host ? ErrorKind(0) : ErrorKind::unknown));
}

TEST_CASE("what an earlier run reserved and gets back is no money that this one could spend") {
    Bench bench;
    const auto id = lose(bench, bench.wanted("a.mp4"));  // USD 0.40 reserved
    bench.client.on("GET", "/jobs", answer(200, "[]")).always();
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    finish(bench);
    bench.settings.limits.run = Money{400'000};
    bench.settings.most_jobs = 1;  // the lost one is settled first
    auto runner = bench.runner();
    REQUIRE(runner.resume(id));
    REQUIRE(runner.add(bench.wanted("b.mp4", Bench::order("another"))));
    REQUIRE(runner.add(bench.wanted("c.mp4", Bench::order("a third"))));
    runner.run();
    const auto ends = runner.outcomes();
    CHECK(ends[0].row.stage == Stage::failed);
    CHECK(ends[1].row.stage == Stage::done);
    CHECK(kind(ends[2]) == ErrorKind::budget);
    CHECK(bench.client.paid() == 2);
    CHECK(runner.tally().spent == Money{400'000});
}

TEST_CASE("a failed job is not tried again where the budget does not hold it, and its end is told as it was") {
    Bench bench;
    bench.settings.retries = 1;
    bench.settings.limits.run = Money{400'000};
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "broken, billed"));
    auto runner = bench.runner();
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    const auto outcome = runner.outcomes().at(0);
    CHECK(kind(outcome) == ErrorKind::provider);
    CHECK(outcome.row.stage == Stage::failed);
    CHECK(bench.ledger->list({})->size() == 1);
    CHECK(runner.tally().spent == Money{400'000});
}

TEST_CASE("a second try that is not sent is cancelled, and the first one's end is told") {
    Bench bench;
    bench.settings.retries = 1;
    bench.settings.keep_unsent = true;
    bench.settings.timeout = 5min;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "broken, billed"));
    bench.client.on("POST", "/jobs", answer(429, "")).always();
    auto runner = bench.runner();
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    const auto outcome = runner.outcomes().at(0);
    CHECK(kind(outcome) == ErrorKind::provider);
    CHECK(outcome.row.stage == Stage::failed);
    const auto rows = *bench.ledger->list({});
    REQUIRE(rows.size() == 2);
    CHECK(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.stage == Stage::cancelled && !row.handle; }) == 1);
    CHECK(bench.ledger->account("", "")->micros == 400'000);
}

TEST_CASE("a failed job that another process has placed anew ends as that one does") {
    Bench bench;
    bench.settings.retries = 1;
    bench.client.on("POST", "/jobs", answer(200, "p1"));
    bench.client.on("GET", "/jobs/p1", answer(200, "broken"));
    bench.client.on("POST", "/jobs", answer(200, "p2"));
    finish(bench, "p2");
    bool placed = false;
    bench.watcher.on_change = [&](const job::Row& row) {
        if (row.stage != Stage::failed || std::exchange(placed, true)) return;
        job::Row other;
        static_cast<job::Asked&>(other) = row;
        other.id = {"theirs00"};
        REQUIRE(bench.ledger->insert(other, false));
    };
    auto runner = bench.runner();
    REQUIRE(runner.add(bench.wanted()));
    runner.run();
    REQUIRE(runner.outcomes().size() == 1);
    CHECK(runner.outcomes()[0].row.id.text == "theirs00");
    CHECK(runner.outcomes()[0].row.stage == Stage::done);
    CHECK(bench.client.paid() == 2);
}
