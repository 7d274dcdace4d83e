#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <fstream>

#include "core/files.hpp"
#include "job/lease.hpp"
#include "job/ledger.hpp"
#include "job/row_json.hpp"

using namespace shotwire;
using namespace shotwire::job;
using namespace std::chrono_literals;

namespace {

struct Time final : core::Clock {
    core::Wall at = core::Wall(1'795'600'800s);
    core::Wall wall() const override { return at; }
};

Row planned(const std::string& id, const std::string& fingerprint = "f", int ordinal = 0) {
    Row row;
    row.id = {id};
    row.fingerprint = fingerprint;
    row.ordinal = ordinal;
    row.route = "openai";
    row.model = "sora-2";
    row.seconds = 8;
    row.price = Money{800'000};
    return row;
}

struct Desk {
    core::TemporaryFolder folder;
    Time time;
    std::filesystem::path file = folder.path() / "state" / "ledger.db";
    std::unique_ptr<Ledger> open() {
        auto opened = Ledger::open(file, time, 100ms);
        if (!opened) FAIL(opened.error().message);
        return std::move(*opened);
    }
    void sql(const char* text) {
        sqlite3* db = nullptr;
        REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
        REQUIRE(sqlite3_exec(db, text, nullptr, nullptr, nullptr) == SQLITE_OK);
        sqlite3_close(db);
    }
};

}  // namespace

TEST_CASE("a row comes back from the ledger as it was saved") {
    Desk desk;
    auto ledger = desk.open();
    auto fresh = planned("aaaa1111");
    fresh.order = R"({"prompt":"a boat"})";  // never changes
    auto row = *ledger->insert(fresh);
    row.stage = Stage::submitting;
    row.key = "key";
    row.attempt = 1;
    row.base_url = "https://api.example/v1";
    REQUIRE(ledger->save(row));
    row.stage = Stage::rendering;
    row.handle = backend::Handle{json{{"id", "video_1"}}};
    row.accepted = desk.time.at;
    row.error = Error{ErrorKind::network, "no answer"};
    REQUIRE(ledger->save(row, "accepted as video_1"));
    REQUIRE(ledger->commit());
    ledger.reset();
    ledger = desk.open();
    const auto back = **ledger->find("aaaa");
    REQUIRE(back.stage == Stage::rendering);
    REQUIRE(back.handle == row.handle);
    REQUIRE(back.order == row.order);
    REQUIRE(back.price == row.price);
    REQUIRE(back.accepted == row.accepted);
    REQUIRE(back.error->message == "no answer");
    REQUIRE(back.base_url == row.base_url);
    REQUIRE(ledger->history(row.id)->back().note == "accepted as video_1");
}

TEST_CASE("equal orders share a live row, and one that failed may be placed again") {
    Desk desk;
    auto ledger = desk.open();
    auto first = *ledger->insert(planned("aaaa1111"));
    REQUIRE(ledger->insert(planned("bbbb2222"))->id == first.id);
    REQUIRE(ledger->insert(planned("cccc3333", "f", 1))->id.text == "cccc3333");
    first.stage = Stage::failed;
    REQUIRE(ledger->save(first));
    REQUIRE(ledger->insert(planned("dddd4444"))->id.text == "dddd4444");
    REQUIRE(ledger->commit());
    REQUIRE(ledger->by_fingerprint("f")->size() == 3);
    REQUIRE(ledger->find("").operator*() == std::nullopt);
}

TEST_CASE("a prefix that two jobs share is ambiguous") {
    Desk desk;
    auto ledger = desk.open();
    REQUIRE(ledger->insert(planned("aaaa1111", "f")));
    REQUIRE(ledger->insert(planned("aaaa2222", "g")));
    REQUIRE(ledger->find("aaaa").error().kind == ErrorKind::usage);
    REQUIRE((*ledger->find("aaaa2"))->id.text == "aaaa2222");
    REQUIRE(!*ledger->find("zzzz"));
}

TEST_CASE("a stage that cannot follow is a bug, not a row") {
    Desk desk;
    auto ledger = desk.open();
    auto row = *ledger->insert(planned("aaaa1111"));
    row.stage = Stage::done;
    REQUIRE_THROWS_AS(ledger->save(row), std::logic_error);
}

TEST_CASE("L3: a lease keeps other processes away until its end, and the one that overslept writes nothing") {
    Desk desk;
    auto ledger = desk.open();
    auto row = *ledger->insert(planned("aaaa1111"));
    REQUIRE(ledger->commit());
    // The other process is played by its name: alive here, it is process 1.
    const auto stat = *core::read_file("/proc/1/stat", 4096);
    auto mine = this_process();
    const auto machine = mine.substr(0, mine.find('/'));
    SECTION("a live one holds it until its end") {
        desk.sql("UPDATE leases SET owner = 'elsewhere/1/1', until = 1795600830000, nonce = 7");
        REQUIRE(!*ledger->claim(row.id));
        row.stage = Stage::cancelled;
        REQUIRE(ledger->save(row).error().kind == ErrorKind::local);
        desk.time.at += 31s;
        REQUIRE(*ledger->claim(row.id));
        REQUIRE(ledger->save(row));
    }
    SECTION("a dead one holds nothing") {
        desk.sql(("UPDATE leases SET owner = '" + machine + "/4194999/1', until = 1795600830000, nonce = 7").c_str());
        REQUIRE(*ledger->claim(row.id));
    }
    SECTION("given back, it is free") {
        REQUIRE(ledger->release(row.id));
        REQUIRE(ledger->commit());
        auto other = desk.open();
        REQUIRE(*other->claim(row.id));
    }
}

TEST_CASE("what was not committed is not there") {
    Desk desk;
    {
        auto ledger = desk.open();
        REQUIRE(ledger->insert(planned("aaaa1111")));
        auto other = desk.open();
        REQUIRE(other->list({})->empty());
        REQUIRE(other->insert(planned("bbbb2222", "g")).error().message.find("locked") != std::string::npos);
    }
    REQUIRE(desk.open()->list({})->size() == 1);  // left cleanly
}

TEST_CASE("a turn is one transaction, and only the progress of a download may be on disk before it") {
    Desk desk;
    auto ledger = desk.open(), other = desk.open();
    const auto move = [&](Row& row, std::initializer_list<Stage> stages) {
        for (const auto stage : stages) {
            row.stage = stage;
            REQUIRE(bool(ledger->save(row)));
        }
    };
    const auto seen = [&](const char* id) {
        auto row = other->find(id);
        REQUIRE(bool(row));
        return *row ? std::string(to_string((*row)->stage)) : "";
    };
    auto one = *ledger->insert(planned("aaaa1111", "a")), two = *ledger->insert(planned("bbbb2222", "b"));
    move(one, {Stage::submitting, Stage::rendering, Stage::ready, Stage::downloading});
    CHECK(seen("aaaa1111").empty());
    REQUIRE(bool(ledger->commit()));

    INFO("what was learnt of a download does not wait for a paid request's intent, but nothing of that intent comes early");
    one.part = {{"total", 8}};
    REQUIRE(bool(ledger->save(one)));
    move(two, {Stage::submitting});
    auto three = *ledger->insert(planned("cccc3333", "c"));
    one.sha256 = "5a";
    REQUIRE(bool(ledger->save(one)));
    CHECK(other->find("aaaa1111")->value().part == one.part);
    CHECK(other->find("aaaa1111")->value().sha256.empty());
    CHECK(seen("bbbb2222") == "planned");
    CHECK(seen("cccc3333").empty());
    REQUIRE(bool(ledger->forget({"cccc3333"})));
    REQUIRE(bool(ledger->commit()));
    CHECK(other->find("aaaa1111")->value().sha256 == "5a");
    CHECK(seen("bbbb2222") == "submitting");
    CHECK(seen("cccc3333").empty());
}

TEST_CASE("a damaged, foreign or newer file is refused and stays as it is") {
    Desk desk;
    std::filesystem::create_directories(desk.file.parent_path());
    const auto refused = [&](const std::string& why) {
        const auto before = *core::read_file(desk.file);
        auto opened = Ledger::open(desk.file, desk.time, 50ms);
        REQUIRE(!opened);
        CAPTURE(opened.error().message);
        REQUIRE(opened.error().kind == ErrorKind::local);
        REQUIRE(opened.error().message.find(why) != std::string::npos);
        REQUIRE(*core::read_file(desk.file) == before);
    };
    SECTION("empty") {
        std::ofstream(desk.file).flush();
        refused("empty");
    }
    SECTION("no database") {
        std::ofstream(desk.file) << std::string(5000, 'x');
        refused("damaged");
    }
    SECTION("another program's") {
        desk.sql("CREATE TABLE t (x)");
        refused("not a ledger");
    }
    SECTION("newer") {
        desk.open();
        desk.sql("PRAGMA user_version = 99; PRAGMA wal_checkpoint(TRUNCATE)");
        refused("newer");
    }
    SECTION("gone, with its log left") {
        desk.open();
        std::filesystem::remove(desk.file);
        std::ofstream(desk.file.string() + "-wal") << "x";
        REQUIRE(!Ledger::open(desk.file, desk.time, 50ms));
        REQUIRE(!std::filesystem::exists(desk.file));
    }
}

TEST_CASE("L9: a ledger that is removed while it is used takes nothing more") {
    Desk desk;
    auto ledger = desk.open();
    std::filesystem::remove_all(desk.file.parent_path());
    REQUIRE(ledger->insert(planned("aaaa1111")).error().kind == ErrorKind::local);
    REQUIRE(ledger->broken());
}

TEST_CASE("the ledger is for its owner alone") {
    Desk desk;
    desk.open();
    REQUIRE(std::filesystem::status(desk.file).permissions() == (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
    REQUIRE(std::filesystem::status(desk.file.parent_path()).permissions() == std::filesystem::perms::owner_all);
}

TEST_CASE("what a row's details are is written as it always was, and read as it was written") {
    Row row, again;
    CHECK(detail_of(row) == "{}");
    const core::Wall at(1'795'600'800s);
    row.backend = "openai";
    row.base_url = "https://h.example/v1";
    row.dialect = {{"b", 1}, {"a", {{"c", nullptr}}}};
    row.key = "k";
    row.body_sha256 = std::string(64, 'a');
    row.beside = "aaaa1111";
    row.number = 2;
    row.submitted = at;
    row.ready = at + 1ms;
    row.ended = at + 2ms;
    row.expires = at + 3ms;
    row.output = row.clip = "/tmp/caf\xc3\xa9 \"1\".mp4";
    row.part = {{"total", 7}, {"file", "x"}};
    row.sha256 = "s";
    row.measures = {{"seconds", 1.5}};
    row.request = {{"url", "u"}, {"body", {{"x", json::array({1, 2})}}}};
    row.note = "n\n";
    row.moved = row.unsent = row.force = row.cancel_wanted = true;
    row.doubtful = Money{5};
    row.first = Row::Sending{"k0", at};
    row.error = Error{ErrorKind::unknown, "lost", {}, true};
    CHECK(detail_of(row) ==
          R"({"backend":"openai","base_url":"https://h.example/v1","moved":true,"dialect":{"a":{"c":null},"b":1},"key":"k","body_sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","unsent":true,"beside":"aaaa1111","number":2,"submitted":1795600800000,"ready":1795600800001,"ended":1795600800002,"expires":1795600800003,"output":"/tmp/caf)" "\xc3\xa9" R"( \"1\".mp4","force":true,"part":{"file":"x","total":7},"clip":"/tmp/caf)" "\xc3\xa9" R"( \"1\".mp4","sha256":"s","measures":{"seconds":1.5},"request":{"body":{"x":[1,2]},"url":"u"},"note":"n\n","cancel_wanted":true,"doubtful":5,"first":{"at":1795600800000,"key":"k0"},"error":{"kind":11,"lasting":true,"message":"lost"}})");
    read_detail(again, detail_of(row));
    CHECK(detail_of(again) == detail_of(row));
    CHECK(again.ready == row.ready);
    CHECK(again.error->lasting);
    Row untouched;
    for (const char* none : {"", "[1]", R"({"backend":"x","clip":)", R"({"backend":"x"}{})"}) read_detail(untouched, none);
    CHECK(detail_of(untouched) == "{}");
}

TEST_CASE("what stands in a ledger in another type than ours is not said") {
    Row row;
    read_detail(row, R"({"moved":"yes","unsent":1,"force":null,"submitted":9223372036854775807,"expires":-9223372036854775808,"error":{"kind":"x","message":"why"}})");
    REQUIRE_FALSE(row.moved);
    REQUIRE_FALSE(row.unsent);
    REQUIRE(row.submitted > row.expires);
    REQUIRE(row.error);
    REQUIRE(row.error->kind == ErrorKind::bug);
    REQUIRE(row.error->message == "why");
}
