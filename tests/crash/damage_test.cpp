// The rows L of the fault matrix that are about the file itself: damaged, cut, a copy, of another version.
#include <sqlite3.h>

#include "crash/rig.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

std::string all_of(const fs::path& file) { return *core::read_file(file); }
void overwrite(const fs::path& file, const std::string& bytes) { REQUIRE(bool(core::write_file(file, bytes, core::Existing::replace))); }

// What SQL answers, a line a row.
std::string answer_of(const fs::path& file, const std::string& sql) {
    sqlite3* db = nullptr;
    std::string found;
    const auto take = [](void* into, int, char** values, char**) {
        *static_cast<std::string*>(into) += std::string(values[0] ? values[0] : "") + "\n";
        return 0;
    };
    REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK);
    const int code = sqlite3_exec(db, sql.c_str(), take, &found, nullptr);
    INFO(sqlite3_errmsg(db));
    sqlite3_close_v2(db);
    REQUIRE(code == SQLITE_OK);
    return found;
}


// A ledger as the first version left it, which knows a job of the host.
void lay_format(Rig& rig, int format) {
    auto sql = *core::read_file(fmt::format("{}/tests/crash/format-{}.sql", places::source, format));
    for (const auto& [word, value] : std::map<std::string, std::string>{{"@URL@", rig.host.url()}, {"@WORK@", rig.home.work().string()}})
        for (auto at = sql.find(word); at != std::string::npos; at = sql.find(word)) sql.replace(at, word.size(), value);
    fs::create_directories(rig.home.state());
    answer_of(rig.ledger(), sql);
    Heard heard;
    for (const char* prompt : {"a crow lands", "a heron lifts off"}) {
        heard.body = core::dump(json{{"prompt", prompt}});
        rig.host.sell(heard);
    }
}

}  // namespace

TEST_CASE("L4: a damaged ledger is refused with the way to doctor, stays as it is, and nothing is sent") {
    Rig rig;
    REQUIRE(rig.run(rig.make({"-n", "3", "--seed", "1", "-o", "{take}.mp4"})).exit == 0);
    const auto sound = all_of(rig.ledger());
    const auto page = std::size_t((unsigned char)sound[16]) << 8 | (unsigned char)sound[17];  // by the file's head
    REQUIRE(page >= 4096);
    const auto before = rig.host.book().size();
    std::string damaged = sound;
    SECTION("zero length") { damaged.clear(); }
    SECTION("not a database") { damaged = std::string(sound.size(), 'x'); }
    SECTION("cut in a page") { damaged.resize(page + 100); }
    SECTION("a page that is another's") {
        const auto number = GENERATE_COPY(range(std::size_t(0), sound.size() / page));
        CAPTURE(number);
        for (std::size_t i = 0; i < page; ++i) damaged[number * page + i] = char((i * 131 + 7) ^ 0x5a);
    }
    overwrite(rig.ledger(), damaged);
    rig.ledger_is_lost = true;
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "shotwire doctor"));
    REQUIRE(rig.host.book().size() == before);
    REQUIRE(all_of(rig.ledger()) == damaged);
    const auto doctor = rig.run({"doctor", "--json"});
    REQUIRE(doctor.exit == 9);
    overwrite(rig.ledger(), sound);
    rig.ledger_is_lost = false;
    rig.again(before + 1);
}

TEST_CASE("L4: a log that was cut or removed is refused: what is missing in it may have been paid") {
    Rig rig;
    // Killed while it renders: the log holds all there is.
    REQUIRE(rig.run(rig.make(), "open:kill:path=*.part").exit == 128 + SIGKILL);
    const auto log = rig.ledger().string() + "-wal";
    const auto whole = all_of(log);
    REQUIRE(whole.size() > 10'000);
    const std::size_t left = GENERATE(0, 32, 5000);
    if (left) overwrite(log, whole.substr(0, left));
    else fs::remove(log);
    rig.ledger_is_lost = true;
    const auto ran = rig.run(rig.make());
    CAPTURE(left, ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "was cut or removed"));
    REQUIRE(contains(ran.err, "shotwire doctor"));
    REQUIRE(rig.run({"doctor"}).exit == 9);
    REQUIRE(rig.host.book().size() == 1);
    overwrite(log, whole);
    rig.ledger_is_lost = false;
    rig.again();
}

TEST_CASE("L5: a log without its index opens with all that was written") {
    Rig rig;
    REQUIRE(rig.run(rig.make(), "open:kill:path=*.part").exit == 128 + SIGKILL);
    REQUIRE(fs::remove(rig.ledger().string() + "-shm"));
    rig.again();
}

TEST_CASE("L5: a copy that was made while the ledger was in use opens, and knows what was paid by then") {
    std::function<void()> copy;
    Rig rig({.queued = 1, .first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.method == "GET") copy();
        return true;
    }});
    const auto place = rig.home.state().parent_path() / "copy";
    fs::create_directories(place);
    copy = [&, done = false]() mutable {
        if (std::exchange(done, true)) return;
        for (const std::string tail : {"", "-wal"}) fs::copy_file(rig.ledger().string() + tail, place / ("ledger.db" + tail));
    };
    REQUIRE(rig.run(rig.make()).exit == 0);
    copy = [] {};
    const auto listed = rig.run({"jobs", "ls", "--json", "--ledger", (place / "ledger.db").string()}).document()["jobs"];
    REQUIRE(listed.size() == 1);
    REQUIRE((listed[0]["state"] == "submitting" || listed[0]["state"] == "rendering"));
    const auto resumed = rig.run({"jobs", "resume", "--ledger", (place / "ledger.db").string()});
    CAPTURE(resumed.err);
    REQUIRE(rig.host.book().size() == 1);
}

TEST_CASE("L5: a log whose ledger is gone is refused, and neither is made anew") {
    Rig rig;
    REQUIRE(rig.run(rig.make(), "open:kill:path=*.part").exit == 128 + SIGKILL);
    const auto whole = all_of(rig.ledger());
    fs::remove(rig.ledger());
    rig.ledger_is_lost = true;
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE_FALSE(fs::exists(rig.ledger()));
    REQUIRE(rig.run({"doctor"}).exit == 9);
    overwrite(rig.ledger(), whole);
    rig.ledger_is_lost = false;
    rig.again();
}


TEST_CASE("L6: a ledger of a newer format is refused and stays as it is") {
    Rig rig;
    REQUIRE(rig.run(rig.make({"--seed", "1", "-o", "b.mp4"})).exit == 0);
    const auto format = answer_of(rig.ledger(), "PRAGMA user_version");
    answer_of(rig.ledger(), "PRAGMA user_version = 99");
    const auto before = all_of(rig.ledger());
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "newer shotwire"));
    REQUIRE(rig.host.book().size() == 1);
    REQUIRE(all_of(rig.ledger()) == before);
    answer_of(rig.ledger(), "PRAGMA user_version = " + format);
    rig.again(2);
}

TEST_CASE("L6: a ledger of an older format is brought up to date as a whole, goes on, and is kept as it was") {
    const int format = GENERATE(1, 2);
    CAPTURE(format);
    Rig rig;
    lay_format(rig, format);
    const auto jobs = answer_of(rig.ledger(), "SELECT id || stage || price || handle FROM jobs ORDER BY id");
    const auto history = answer_of(rig.ledger(), "SELECT job || at || before || after || note FROM history ORDER BY rowid");  // there by the job's id
    const auto resumed = rig.home.program({"jobs", "resume"});
    CAPTURE(resumed.err);
    REQUIRE(resumed.exit == 0);
    REQUIRE(*core::sha256_of_file(rig.clip()) == rig.host.sum_of("video_2"));
    REQUIRE(answer_of(rig.ledger(), "PRAGMA user_version") == "3\n");
    REQUIRE(answer_of(rig.ledger(), "PRAGMA integrity_check") == "ok\n");
    REQUIRE(answer_of(rig.ledger(), "SELECT price FROM jobs") == "500000\n500000\n");
    REQUIRE(answer_of(rig.ledger(), "SELECT id || at || before || after || note FROM history JOIN jobs ON number = job ORDER BY history.rowid").starts_with(history));

    const auto copy = fmt::format("{}.format-{}", rig.ledger().string(), format);
    REQUIRE(fs::exists(copy));
    REQUIRE((fs::status(copy).permissions() & fs::perms(077)) == fs::perms::none);
    REQUIRE(answer_of(copy, "PRAGMA user_version") == fmt::format("{}\n", format));
    REQUIRE(answer_of(copy, "SELECT id || stage || price || handle FROM jobs ORDER BY id") == jobs);
    REQUIRE(rig.host.asked("POST", "") == 0);  // gone on with, not paid again
}

TEST_CASE("L6: killed at any write while it is brought up to date, the ledger is of one format or the other, and the copy is whole or absent") {
    const int format = GENERATE(1, 2);
    int killed = 0;
    for (int change = 1;; ++change) {
        CAPTURE(format, change);
        Rig rig;
        lay_format(rig, format);
        const auto jobs = answer_of(rig.ledger(), "SELECT id || stage || price || handle FROM jobs ORDER BY id");
        const auto first = rig.run({"jobs", "ls"}, fmt::format("change:kill:nth={}", change));
        CAPTURE(first.err);
        if (first.exit == 0) break;
        REQUIRE(first.exit == 128 + SIGKILL);
        ++killed;
        const auto copy = fmt::format("{}.format-{}", rig.ledger().string(), format);
        if (fs::exists(copy)) REQUIRE(answer_of(copy, "SELECT id || stage || price || handle FROM jobs ORDER BY id") == jobs);
        const auto second = rig.run({"jobs", "ls", "--json"});
        CAPTURE(second.err);
        REQUIRE(second.exit == 0);
        REQUIRE(second.document()["jobs"].size() == 2);
        REQUIRE(answer_of(rig.ledger(), "SELECT id || stage || price || handle FROM jobs ORDER BY id") == jobs);
        REQUIRE(fs::exists(copy));
    }
    REQUIRE(killed > 5);
}
