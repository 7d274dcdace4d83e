// The rows L of the fault matrix: the ledger is locked, shared, full or gone.
#include <fcntl.h>
#include <sqlite3.h>

#include "crash/rig.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

// A database of another process, as far as locks and damage go.
struct Database {
    explicit Database(const fs::path& file) { REQUIRE(sqlite3_open(file.c_str(), &db) == SQLITE_OK); }
    ~Database() { sqlite3_close_v2(db); }
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;
    void run(const std::string& sql) {
        CAPTURE(sql, sqlite3_errmsg(db));
        REQUIRE(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
    }
    std::string text(const std::string& sql) {
        std::string found;
        const auto take = [](void* into, int, char** values, char**) {
            *static_cast<std::string*>(into) = values[0] ? values[0] : "";
            return 0;
        };
        REQUIRE(sqlite3_exec(db, sql.c_str(), take, &found, nullptr) == SQLITE_OK);
        return found;
    }
    sqlite3* db = nullptr;
};

template <class Condition>
void wait_until(const Condition& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) throw std::runtime_error("it never came to that");
        std::this_thread::yield();
    }
}

// Another process reads the database, as all do that have it open. Not closed before the test ends: that would drop our own locks.
bool others_read(const core::Fd& file) {
    struct flock lock {};
    lock.l_type = F_WRLCK;
    lock.l_start = 0x40000002;  // https://sqlite.org/src/file/src/os.h: SHARED_FIRST
    lock.l_len = 510;
    return fcntl(file.get(), F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::string bytes_of(const fs::path& file) { return *core::read_file(file); }

}  // namespace

TEST_CASE("L1: a ledger that another process has locked for a while is waited for") {
    Rig rig;
    REQUIRE(rig.run(rig.make({"--seed", "1", "-o", "b.mp4"})).exit == 0);
    const core::Fd file(open(rig.ledger().c_str(), O_RDWR | O_CLOEXEC));
    auto other = std::make_unique<Database>(rig.ledger());
    other->run("BEGIN IMMEDIATE");
    Ran ran;
    std::thread command([&] { ran = rig.home.program(rig.make()); });
    wait_until([&] { return others_read(file); });
    const auto sent_meanwhile = rig.host.book().size();
    other.reset();
    command.join();
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    rig.judge(ran, rig.make());
    REQUIRE(sent_meanwhile == 1);
    REQUIRE(rig.host.book().size() == 2);
}

TEST_CASE("L1: a ledger that stays locked ends with exit 9, and nothing is sent") {
    Rig rig;
    REQUIRE(rig.run(rig.make({"--seed", "1", "-o", "b.mp4"})).exit == 0);
    {
        Database other(rig.ledger());
        other.run("BEGIN IMMEDIATE");
        const auto ran = rig.run(rig.make());
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 9);
        REQUIRE(contains(ran.err, "locked by another process"));
        REQUIRE(rig.host.book().size() == 1);
    }
    rig.again(2);
}

TEST_CASE("L2: commands on one ledger at once run each job once, and each of them ends with its clips") {
    Rig rig({.queued = 1});
    std::vector<Ran> ran(4);
    std::vector<std::thread> commands;
    for (std::size_t i = 0; i < ran.size(); ++i)
        commands.emplace_back([&, i] { ran[i] = rig.home.program(rig.make({"-n", "6", "--seed", "1", "-o", "{take}.mp4"})); });
    for (auto& command : commands) command.join();
    for (const auto& one : ran) {
        CAPTURE(one.err);
        REQUIRE(one.exit == 0);
        REQUIRE(one.document()["clips"].size() == 6);
    }
    REQUIRE(rig.host.book().size() == 6);
    REQUIRE(rig.rows().size() == 6);
    REQUIRE(rig.strays() == "");
}

TEST_CASE("L3: a job whose process was killed is taken over at once, and one that only sleeps when its lease is over") {
    const int signal = GENERATE(SIGKILL, SIGSTOP);
    CAPTURE(signal);
    std::atomic<int> holder = 0;
    // While it waits for an answer it holds no lock.
    Rig rig({.queued = 1, .first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.method != "GET" || holder) return true;
        kill(rig.home.pid, signal);
        holder = rig.home.pid.load();
        return false;
    }});
    Ran slept;
    std::thread first([&] { slept = rig.home.program(rig.make()); });
    wait_until([&] { return holder != 0; });
    if (signal == SIGSTOP) {
        Database time(rig.ledger());  // half a minute passes
        time.run("PRAGMA busy_timeout = 5000; UPDATE leases SET until = 0");
    }
    const auto second = rig.home.program({"jobs", "resume"});
    CAPTURE(second.err);
    const auto history = rig.home.program({"jobs", "show", rig.rows().at(0).id.text, "--json"}).document()["history"].size();
    if (signal == SIGSTOP) kill(holder, SIGCONT);
    first.join();
    CAPTURE(slept.err);
    REQUIRE(second.exit == 0);
    REQUIRE(slept.exit == (signal == SIGKILL ? 128 + SIGKILL : 9));  // it notices that the job is another's now
    REQUIRE(rig.home.program({"jobs", "show", rig.rows().at(0).id.text, "--json"}).document()["history"].size() == history);
    rig.again();
}

TEST_CASE("L7: where files cannot be locked the ledger is not shared: exit 9, nothing is sent, and doctor says why") {
    Rig rig;
    REQUIRE(rig.run(rig.make({"--seed", "1", "-o", "b.mp4"})).exit == 0);
    const auto before = bytes_of(rig.ledger());
    const auto ran = rig.run(rig.make(), "lock:ENOLCK");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "shotwire doctor"));
    REQUIRE(rig.host.book().size() == 1);
    REQUIRE(bytes_of(rig.ledger()) == before);
    const auto doctor = rig.run({"doctor"}, "lock:ENOLCK");
    REQUIRE(doctor.exit == 9);
    REQUIRE(contains(doctor.out, "cannot lock"));
    rig.again(2);
}

TEST_CASE("L7: doctor warns of a network file system") {
    Rig rig;
    const auto doctor = rig.run({"doctor"}, "room:network");
    REQUIRE(doctor.exit == 0);
    REQUIRE(contains(doctor.out, "warning"));
    REQUIRE(contains(doctor.out, "network file system (NFS)"));
}

TEST_CASE("L8: an id that the ledger cannot take any more is in a rescue file, or told, and the job is found again") {
    const bool all = GENERATE(false, true);  // also nowhere else
    int lost = 0;
    // Each third write to the ledger from the moment on when the request has left, until there are no more.
    for (int write = 1;; write += 3) {
        CAPTURE(write, all);
        Rig rig;
        const auto fault = fmt::format("send:mark:text=POST;pwrite:ENOSPC:path=*/ledger.db*:marked:from={}{}", write, all ? ";open,write:ENOSPC:path=*rescue*" : "");
        const auto ran = rig.run(rig.make(), fault);
        CAPTURE(ran.err);
        REQUIRE(rig.hits() >= 1);
        REQUIRE(rig.host.book().size() == 1);
        const bool met = rig.hits(1) > 0;
        if (ran.exit == 0) REQUIRE(rig.rows().at(0).stage == Stage::done);  // it had written all that counts by then
        else REQUIRE((met && ran.exit == 9));
        if (!met) break;
        std::string rescued;
        for (const auto& entry : fs::directory_iterator(rig.home.state()))
            if (entry.path().filename().string().starts_with("rescue-")) rescued += bytes_of(entry.path());
        const bool told = contains(all ? ran.err : rescued, "video_1");
        // Once it is in the ledger it needs no rescue.
        const bool known = [&] {
            const auto listed = rig.run({"jobs", "ls", "--json"}).document()["jobs"];
            return listed.size() == 1 && listed[0].contains("remote");
        }();
        lost += told;
        if (!known && !fs::exists(rig.clip())) REQUIRE(told);
        rig.again();
    }
    REQUIRE(lost > 0);
}

TEST_CASE("L9: a ledger whose folder is removed while it is used sends nothing more, and the ids are rescued elsewhere") {
    std::function<void()> remove;
    Rig rig({.first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.method == "POST") remove();
        return true;
    }});
    const auto temporary = rig.home.state().parent_path().parent_path() / "tmp";
    fs::create_directories(temporary);
    rig.home.env["TMPDIR"] = temporary.string();
    remove = [&] { fs::remove_all(rig.home.state()); };
    rig.ledger_is_lost = true;
    rig.host.ledger.clear();
    const auto ran = rig.run(rig.make({"-n", "3", "--seed", "1", "-j", "1", "-o", "{take}.mp4"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(rig.host.book().size() == 1);
    std::string rescued;
    for (const auto& entry : fs::directory_iterator(temporary)) rescued += bytes_of(entry.path());
    REQUIRE(contains(rescued, "video_1"));
    REQUIRE(contains(ran.err, temporary.string()));
}
