// Each promise, broken once: the judge must see it, and see nothing where all is well.
#include "fault/invariants.hpp"

#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/runner.hpp"
#include "support/boxes.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

const std::string clip = boxes::mp4({{boxes::picture(6)}});

// One job that went well, and every witness of it.
struct World {
    core::TemporaryFolder home;
    std::filesystem::path folder = home.path() / "work", ledger = home.path() / "state/ledger.db", then = home.path() / "then";
    struct : core::Clock {
        core::Wall wall() const override { return core::Wall(1795600800s); }
    } clock;
    Book book;
    Output output{.exit = 0, .out = "{\"exit\": 0}\n", .json = true, .took = 900ms, .peak_memory = 20'000};
    Terms terms{.secrets = {"canary-key-0123"}, .calls_without_fault = 3, .time_limit = 5s};
    job::Row row;

    World() {
        std::filesystem::create_directories(folder);
        std::filesystem::create_directories(then);
        write("a.mp4", clip);
        write("a.mp4.json", "{\"sha256\": \"" + core::sha256_hex(clip) + "\"}");
        auto opened = job::Ledger::open(ledger, clock);
        REQUIRE(opened);
        row.id = {"job1"};
        row.fingerprint = "f";
        row.route = "openai";
        row.order = R"({"prompt":"a heron"})";
        row.price = Money{400'000};
        row.output = "a.mp4";
        row = *(*opened)->insert(row);
        row.key = "key-1";
        row.body_sha256 = core::sha256_hex("{}");
        row.attempt = 1;
        step(**opened, Stage::submitting);
        REQUIRE((*opened)->commit());
        for (const char* tail : {"", "-wal"}) std::filesystem::copy_file(ledger.string() + tail, then / (std::string("ledger.db") + tail));
        row.handle = backend::Handle{{{"id", "video_1"}}};
        for (auto stage : {Stage::rendering, Stage::ready, Stage::downloading}) step(**opened, stage);
        row.clip = "a.mp4";
        row.sha256 = core::sha256_hex(clip);
        step(**opened, Stage::done);
        REQUIRE((*opened)->commit());
        book.sales.push_back({.id = "video_1", .prompt = "a heron", .body = "{}", .key = "key-1", .price = Money{400'000}, .clip_sha256 = core::sha256_hex(clip),
                              .ledger_then = then});
        const auto now = std::chrono::steady_clock::now();
        book.calls = {{"POST", "/v1/videos", "", now}, {"GET", "/v1/videos/video_1", "", now + 1s}, {"GET", "/v1/videos/video_1/content", "", now + 2s}};
        book.elsewhere = {{"GET", "/clip", "Host: cdn\r\n", now}};
    }
    void step(job::Ledger& into, Stage stage) {
        row.stage = stage;
        REQUIRE(into.save(row));
    }
    void write(const std::string& name, const std::string& text) { REQUIRE(core::write_file(folder / name, text, core::Existing::replace)); }
    void sql(const std::string& text) {
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(ledger.c_str(), &db) == SQLITE_OK);
        REQUIRE(sqlite3_exec(db, text.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(db);
    }
    std::vector<std::string> broken() const { return broken_invariants(book, ledger, folder, output, terms); }
    // That promise and no other.
    bool breaks(const std::string& promise) const {
        const auto all = broken();
        CAPTURE(all);
        CHECK(!all.empty());
        for (const auto& one : all) CHECK(one.starts_with(promise + ": "));
        return !all.empty();
    }
};

}  // namespace

TEST_CASE("where all went well no promise is broken") {
    World world;
    CHECK(world.broken() == std::vector<std::string>{});
}

TEST_CASE("a job that was paid twice is told, and one that the user sent again is not") {
    World world;
    auto second = world.book.sales[0];
    second.id = "video_2";
    world.book.sales.push_back(second);
    world.sql("INSERT INTO jobs (id, fingerprint, ordinal, stage, route, model, seconds, created, updated, price, cost, attempt, handle, profile, batch, batch_row, resolution, wanted, detail) "
              "SELECT 'job2', 'g', 0, 'unknown', route, model, seconds, created, updated, price, cost, attempt, '', profile, batch, batch_row, resolution, "
              "json_set(wanted, '$.prompt', 'another'), detail FROM jobs");
    world.sql("INSERT INTO history VALUES ((SELECT number FROM jobs WHERE id = 'job2'), 1, '', 'unknown', '')");
    world.sql("UPDATE accounts SET micros = 2 * micros");
    const auto all = world.broken();
    REQUIRE(!all.empty());
    CHECK(all[0].starts_with("I1: "));
    world.terms.resent = 1;
    for (const auto& one : world.broken()) CHECK_FALSE(one.starts_with("I1: "));
}

TEST_CASE("a paid request whose intent was not on disk is told") {
    World world;
    SECTION("another body") { world.book.sales[0].body = "{\"other\": 1}"; }
    SECTION("another key") { world.book.sales[0].key = "key-2"; }
    SECTION("no ledger yet") { std::filesystem::remove(world.then / "ledger.db"); }
    CHECK(world.breaks("I2"));
}

TEST_CASE("a clip that the server made and nobody can find is told") {
    World world;
    SECTION("its id is nowhere") { world.sql("UPDATE jobs SET handle = ''"); }
    SECTION("its file is gone") {
        std::filesystem::remove(world.folder / "a.mp4");
        world.output.exit = 9;
    }
    SECTION("it is called failed") {
        world.sql("UPDATE jobs SET stage = 'failed'; INSERT INTO history VALUES ((SELECT number FROM jobs WHERE id = 'job1'), 1, '', 'failed', '')");
        world.sql("DELETE FROM history WHERE after <> 'failed'");
        world.output.exit = 7;
    }
    CHECK(world.breaks("I3"));
}

TEST_CASE("a half, foreign or changed file under a final name is told") {
    World world;
    SECTION("half") { world.write("b.mp4", clip.substr(0, clip.size() / 2)); }
    SECTION("a clip that nobody made") { world.write("b.mp4", boxes::mp4({{boxes::picture(9)}})); }
    SECTION("the sidecar of another") { world.write("a.mp4.json", "{}"); }
    SECTION("the user's own file") {
        world.write("mine.txt", "mine");
        world.terms.untouched[world.folder / "mine.txt"] = core::sha256_hex("yours");
    }
    CHECK(world.breaks("I4"));
}

TEST_CASE("a key is found wherever it was left, as it is, in Base64 and URL-encoded") {
    World world;
    world.terms.secrets = {"canary key/0123"};
    SECTION("stderr") { world.output.err = "sent canary key/0123"; }
    SECTION("Base64 in stdout") { world.output.out = "\"" + core::base64("canary key/0123") + "\"\n"; }
    SECTION("URL-encoded in a part") {
        world.write("mine.txt", "canary%20key%2F0123");
    }
    SECTION("the command line") { world.output.command_line = std::string("make\0--key\0canary key/0123", 26); }
    SECTION("the ledger") { world.sql("UPDATE history SET note = 'canary key/0123'"); }
    CHECK(world.breaks("I5"));
}

TEST_CASE("a credential at another origin is told by its name and by its value") {
    World world;
    SECTION("header") { world.book.elsewhere[0].head += "X-Api-Key: something\r\n"; }
    SECTION("cookie") { world.book.elsewhere[0].head += "Cookie: a=b\r\n"; }
    SECTION("value") { world.book.elsewhere[0].target += "?k=canary-key-0123"; }
    CHECK(world.breaks("I6"));
}

TEST_CASE("a ledger that tells an impossible life is told") {
    World world;
    SECTION("a step that cannot be") { world.sql("UPDATE history SET after = 'expired' WHERE after = 'rendering'; UPDATE history SET before = 'expired' WHERE before = 'rendering'"); }
    SECTION("a gap") { world.sql("DELETE FROM history WHERE after = 'ready'"); }
    SECTION("another end") { world.sql("DELETE FROM history WHERE after = 'done'"); }
    SECTION("negative money") {
        world.sql("UPDATE jobs SET settled = -1");
        world.book.sales[0].price = Money{-1};
    }
    SECTION("a job that counts for less than it costs") { world.sql("UPDATE jobs SET cost = 0; UPDATE accounts SET micros = 0"); }
    SECTION("an account that is not the sum of the jobs") { world.sql("UPDATE accounts SET micros = micros + 1"); }
    CHECK(world.breaks("I7"));
}

TEST_CASE("a file that is no database is no sound ledger") {
    World world;
    std::filesystem::remove(world.ledger.string() + "-wal");
    REQUIRE(core::write_file(world.ledger, std::string(8192, 'x'), core::Existing::replace));
    const auto all = world.broken();
    REQUIRE(std::any_of(all.begin(), all.end(), [](const auto& one) { return one.starts_with("I7: "); }));
    world.terms.ledger_is_lost = true;
    CHECK(world.broken().empty());
}

TEST_CASE("an exit that is not true is told") {
    World world;
    SECTION("success without all clips") { world.terms.asked = 2; }
    SECTION("a bug") { world.output.exit = 70; }
    SECTION("a signal") { world.output.exit = 139; }
    SECTION("stdout that is no JSON") { world.output.out = "{\"exit\": 0\n"; }
    CHECK(world.breaks("I8"));
}

TEST_CASE("too many requests, one before its time and too many at once are told") {
    World world;
    SECTION("a storm") { world.book.calls.insert(world.book.calls.end(), 30, {"GET", "/v1/videos/video_1", "", {}}); }
    SECTION("too soon") { world.book.waits.push_back({"GET", "/v1/videos/video_1", world.book.calls[0].at, 2s}); }
    SECTION("transfers") { world.book.most_downloads = 65; }
    SECTION("connections") { world.book.most_connections = 65; }
    CHECK(world.breaks("I9"));
}

TEST_CASE("what is left over is told: a part, a temporary file, memory") {
    World world;
    SECTION("a part") { world.write("b.mp4.part", "half"); }
    SECTION("a part of a job that is done") { world.write("a.mp4.part", "half"); }
    SECTION("a temporary file") { world.write("a.mp4.json.1.tmp", "half"); }
    SECTION("memory") { world.output.peak_memory = 1'000'000; }
    CHECK(world.breaks("I10"));
}

TEST_CASE("a command that does not end in its time is told") {
    World world;
    world.output.took = 6s;
    CHECK(world.breaks("I11"));
}

TEST_CASE("a budget that was passed, or is counted as less than was taken, is told") {
    World world;
    const auto another = [&](const std::string& stage) {  // of the same price, that the server knows nothing of
        world.sql("INSERT INTO jobs (id, fingerprint, ordinal, stage, route, model, seconds, created, updated, price, cost, attempt, handle, profile, batch, batch_row, resolution, wanted, detail) "
                  "SELECT 'job2', 'g', 1, '" + stage + "', route, model, seconds, created, updated, price, CASE '" + stage + "' WHEN 'unknown' THEN price ELSE 0 END, attempt, '', profile, batch, "
                  "batch_row, resolution, wanted, detail FROM jobs");
        world.sql("INSERT INTO history VALUES ((SELECT number FROM jobs WHERE id = 'job2'), 1, '', '" + stage + "', '')");
        world.sql("UPDATE accounts SET micros = (SELECT sum(cost) FROM jobs)");
    };
    SECTION("passed") { world.terms.budget = Money{300'000}; }
    SECTION("counted as less, and no budget is set") { world.sql("UPDATE jobs SET settled = 0, cost = 0; UPDATE accounts SET micros = 0"); }
    SECTION("with what is unknown") {
        world.terms.budget = Money{500'000};
        another("unknown");
    }
    SECTION("what failed before it was created is given back: it covers nothing that was taken") {
        another("failed");
        world.book.sales[0].price = Money{800'000};
    }
    CHECK(world.breaks("I13"));
}

TEST_CASE("what is unknown, failed or not sent counts as it should, within a budget that it keeps") {
    World world;
    world.terms.budget = Money{400'000};
    SECTION("one job") {}
    SECTION("another that is planned") {
        world.sql("INSERT INTO jobs (id, fingerprint, ordinal, stage, route, model, seconds, created, updated, price, cost, attempt, handle, profile, batch, batch_row, resolution, wanted, detail) "
                  "SELECT 'job2', 'g', 1, 'planned', route, model, seconds, created, updated, price, 0, 0, '', profile, batch, batch_row, resolution, wanted, detail FROM jobs");
        world.sql("INSERT INTO history VALUES ((SELECT number FROM jobs WHERE id = 'job2'), 1, '', 'planned', '')");
    }
    CHECK(world.broken() == std::vector<std::string>{});
}
