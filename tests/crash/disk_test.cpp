// The rows F of the fault matrix: the disk fails under the program, at the place that a row names.
#include <sys/stat.h>

#include <set>

#include "crash/rig.hpp"
#include "crash/record.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

constexpr std::size_t in_pieces = 200'000;  // a clip that comes in several

}  // namespace

TEST_CASE("F1: a disk that is full ends with exit 9, and with room again the clip comes without being paid again") {
    const std::string place = GENERATE(
        as<std::string>(), "open:ENOSPC:path=*/ledger.db*", "pwrite:ENOSPC:path=*/ledger.db*", "pwrite:ENOSPC:path=*/ledger.db-wal:from=4", "pwrite:ENOSPC:path=*/ledger.db-wal:from=12",
        "sync:ENOSPC:path=*/ledger.db-wal", "sync:ENOSPC:path=*/ledger.db-wal:from=3", "link:ENOSPC:path=*/ledger.db",  //
        "open:ENOSPC:path=*.part", "write:ENOSPC:path=*.part", "write:ENOSPC:path=*.part:from=3", "fsync:ENOSPC:path=*.part", "rename:ENOSPC:path=*.part",  //
        "open:ENOSPC:path=*.json.*.tmp", "write:ENOSPC:path=*.json.*.tmp", "fsync:ENOSPC:path=*.json.*.tmp", "rename:ENOSPC:path=*.mp4.json");
    CAPTURE(place);
    Rig rig({.padding = in_pieces});
    const auto ran = rig.run(rig.make(), place);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    // SQLite keeps no reason of a sync.
    REQUIRE((contains(ran.err, "No space left") || contains(ran.err, "is full") || (place.starts_with("sync") && contains(ran.err, "disk I/O error"))));
    REQUIRE(rig.host.book().size() <= 1);
    if (fs::exists(rig.clip())) REQUIRE(*core::sha256_of_file(rig.clip()) == rig.host.sum_of("video_1"));
    rig.again();
}

TEST_CASE("F1: with less room than a clip needs nothing is sent, and what was paid waits for room") {
    Rig rig({.padding = in_pieces});
    const auto refused = rig.run(rig.make(), "room:full");
    CAPTURE(refused.err);
    REQUIRE(refused.exit == 9);
    REQUIRE(contains(refused.err, "nothing was sent"));
    REQUIRE(rig.host.book().empty());

    REQUIRE(rig.run(rig.make({"--no-wait"})).exit == 0);
    const auto full = rig.run({"jobs", "resume"}, "room:full");
    CAPTURE(full.err);
    REQUIRE(full.exit == 9);
    REQUIRE(contains(full.err, "no room for the clip"));
    REQUIRE_FALSE(fs::exists(rig.clip()));
    REQUIRE(rig.run({"jobs", "resume"}).exit == 0);
    rig.again();
}

TEST_CASE("F1: on a file system that fills up the download stops with exit 9, and with room again the clip comes without being paid again") {
    // A file system of its own for the program: mounted by it, gone with it.
    Rig rig({.padding = 24 << 20});
    fs::create_directories(rig.home.work() / "small");
    rig.home.limits = "exec unshare -rm /bin/sh -c 'mount -t tmpfs -o size=80m none small && head -c 1000000 /dev/zero >small/filler && exec \"$0\" \"$@\"' \"$0\" \"$@\"; ";
    const auto tried = rig.home.program({"--version"});
    if (tried.exit != 0) {
        WARN("SKIPPED: no file system may be mounted here, so that it was not filled: " << tried.err);
        return;
    }
    // Room for the submit, and for one of the two clips that come at once.
    const auto ran = rig.home.program(rig.make({"-n", "4", "--seed", "1", "-o", "small/{take}.mp4"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE((contains(ran.err, "No space left") || contains(ran.err, "no room for the clip")));
    REQUIRE(rig.host.book().size() == 4);
    rig.home.limits.clear();
    const auto again = rig.home.program({"jobs", "resume"});
    CAPTURE(again.err);
    rig.finish(rig.make({"-n", "4", "--seed", "1", "-o", "small/{take}.mp4"}));
    REQUIRE(rig.host.book().size() == 4);
    for (int take = 1; take <= 4; ++take) REQUIRE(fs::exists(rig.home.work() / fmt::format("small/{}.mp4", take)));
    for (const auto& entry : fs::directory_iterator(rig.home.work() / "small")) REQUIRE_FALSE(contains(entry.path().filename().string(), ".part"));
}

TEST_CASE("F1: a file that may not grow beyond the process's limit is an error of a write and not its end") {
    Rig rig({.padding = 4 << 20});
    rig.home.limits = "ulimit -f 4096; ";  // of 512 bytes each
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "File too large"));
    REQUIRE(rig.host.book().size() == 1);
    rig.home.limits.clear();
    rig.again();
}

TEST_CASE("F3: a ledger that fails in the middle of a batch: each row is told with how it stands, the exit is 9, and the same command ends it") {
    const std::string fault = GENERATE(as<std::string>(), "send:mark:text=POST;pwrite:EIO:path=*/ledger.db*:marked", "send:mark:text=POST;pwrite:EIO:path=*/ledger.db*:marked:from=9", "send:mark:text=POST;sync:EIO:path=*/ledger.db-wal:marked:from=3");
    CAPTURE(fault);
    Rig rig;
    rig.any_exit = true;
    std::string rows;
    for (int i = 1; i <= 8; ++i) rows += fmt::format("{{\"id\": \"r{0}\", \"prompt\": \"a heron lifts off, take {0}\"}}\n", i);
    rig.home.write("work/rows.jsonl", rows);
    const std::vector<std::string> batch{"batch", "rows.jsonl", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "-j", "2", "--yes", "--summary", "all.json"};
    const auto ran = rig.run(batch, fault);
    CAPTURE(ran.out, ran.err);
    REQUIRE(ran.exit == 9);
    std::set<std::string> told;
    for (const auto& line : core::split(ran.out, '\n'))
        if (!line.empty()) {
            const auto document = json::parse(line);
            REQUIRE(told.insert(document["row"].get<std::string>()).second);
            if (document["state"] != "done") REQUIRE(document["exit"] != 0);
            REQUIRE(document["id"].is_string());
        }
    REQUIRE(told.size() == 8);
    const auto summary = json::parse(*core::read_file(rig.home.work() / "all.json"));
    REQUIRE(summary["rows"].size() == 8);
    REQUIRE(summary["exit"] == 9);
    REQUIRE(rig.host.book().size() < 8);
    fs::remove(rig.home.work() / "all.json");
    rig.finish(batch);
    REQUIRE(rig.host.book().size() == 8);
}

TEST_CASE("F1: where one of two downloads finds no room the other one ends") {
    Rig rig;
    const auto ran = rig.run(rig.make({"-n", "2", "--seed", "1", "-o", "{take}.mp4"}), "open:ENOSPC:path=*/1.mp4.*.part");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE_FALSE(fs::exists(rig.home.work() / "1.mp4"));
    REQUIRE(fs::exists(rig.home.work() / "2.mp4"));
    REQUIRE(rig.run({"jobs", "resume"}).exit == 0);
    REQUIRE(fs::exists(rig.home.work() / "1.mp4"));
    REQUIRE(rig.host.book().size() == 2);
}

TEST_CASE("F2: writes that come short or are interrupted are completed") {
    const std::string fault = GENERATE(as<std::string>(), "write,pwrite:short", "write,pwrite:EINTR:every=2", "write,pwrite:short;write,pwrite:EINTR:every=3", "send:short");
    CAPTURE(fault);
    Rig rig({.padding = in_pieces});
    const auto ran = rig.run(rig.make(), fault);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(*core::sha256_of_file(rig.clip()) == rig.host.sum_of("video_1"));
    REQUIRE(bool(core::parse_json(*core::read_file(rig.clip().string() + ".json"), "the sidecar")));
    REQUIRE(rig.rows().size() == 1);
    rig.again();
}

TEST_CASE("F2: a write that would have to wait is an error, and nothing is lost by it") {
    Rig rig({.padding = in_pieces});
    REQUIRE(rig.run(rig.make(), "write:EAGAIN:nth=2:path=*.part").exit == 9);
    rig.again();
}

TEST_CASE("F3: a clip that cannot be written is fetched anew, into another file, and not paid again") {
    Rig rig({.padding = in_pieces});
    const auto ran = rig.run(rig.make(), "write:EIO:path=*.part:nth=3");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(rig.strays() == "");  // what the disk kept of it is not to be trusted
    rig.again();
    for (const auto& heard : rig.host.server().book()) REQUIRE(heard.header("Range") == "");
}

TEST_CASE("F3: a ledger that cannot be written sends nothing more") {
    const int write = GENERATE(range(1, 16));
    CAPTURE(write);
    Rig rig;
    const auto ran = rig.run(rig.make({"-n", "3", "--seed", "1", "-j", "1", "-o", "{take}.mp4"}), fmt::format("pwrite:EIO:path=*/ledger.db*:from={}", write));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    const auto before = rig.host.book().size();
    REQUIRE(before <= 1);
    rig.finish(rig.make({"-n", "3", "--seed", "1", "-o", "{take}.mp4"}));
    REQUIRE(rig.host.book().size() == 3);
}

TEST_CASE("F4: a clip whose sync failed once is written anew and never synced again on that descriptor") {
    Rig rig;
    const auto record = rig.home.work().parent_path() / "record";
    rig.home.env["SHOTWIRE_TEST_RECORD"] = record.string();
    const auto ran = rig.run(rig.make(), "fsync:EIO:path=*.part:nth=1");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    for (const auto& entry : read_record(record)) REQUIRE_FALSE((entry.op == 'S' && entry.path.ends_with(".part")));
    REQUIRE_FALSE(fs::exists(rig.clip()));
    REQUIRE(rig.strays() == "");
    rig.home.env.erase("SHOTWIRE_TEST_RECORD");
    rig.again();
    REQUIRE(rig.host.asked("GET", "/content") == 2);
}

TEST_CASE("F4: after a sync of the ledger that failed once this process sends nothing more, though the next sync would succeed") {
    const int sync = GENERATE(range(1, 9));
    CAPTURE(sync);
    Rig rig;
    const auto record = rig.home.work().parent_path() / "record";
    rig.home.env["SHOTWIRE_TEST_RECORD"] = record.string();
    const auto ran = rig.run(rig.make({"-n", "3", "--seed", "1", "-j", "1", "-o", "{take}.mp4"}), fmt::format("sync:EIO:path=*/ledger.db-wal:nth={}", sync));
    CAPTURE(ran.err);
    const auto entries = read_record(record);
    bool failed = false, sent = false;
    for (const auto& entry : entries) {
        failed = failed || entry.op == 's';
        sent = sent || (failed && entry.op == 'N' && entry.bytes.starts_with("POST"));
    }
    if (sync <= 6) REQUIRE(failed);  // there are fewer where turns of the loop fall together
    REQUIRE(ran.exit == (failed ? 9 : 0));
    REQUIRE_FALSE(sent);
    rig.home.env.erase("SHOTWIRE_TEST_RECORD");
    rig.finish(rig.make({"-n", "3", "--seed", "1", "-o", "{take}.mp4"}));
    REQUIRE(rig.host.book().size() == 3);
}

TEST_CASE("F5: a slow sync is shared by the jobs of a turn") {
    Rig rig;
    const auto record = rig.home.work().parent_path() / "record";
    rig.home.env["SHOTWIRE_TEST_RECORD"] = record.string();
    const auto ran = rig.run(rig.make({"-n", "20", "-j", "20", "--seed", "1", "-o", "{take}.mp4"}), "sync:delay=5");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(rig.host.book().size() == 20);
    long syncs = 0;
    for (const auto& entry : read_record(record)) syncs += entry.op == 'S' && entry.path.ends_with("/ledger.db-wal");
    CAPTURE(syncs);
    REQUIRE(syncs < 20 * 5);  // alone each job takes more
}

TEST_CASE("F5: a sync of the ledger that takes five seconds delays the submit, and nothing else goes wrong") {
    Rig rig;
    const auto started = std::chrono::steady_clock::now();
    const auto ran = rig.run(rig.make(), "sync:delay=5000:path=*/ledger.db-wal:nth=2");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(std::chrono::steady_clock::now() - started >= std::chrono::seconds(5));
    rig.again();
}

TEST_CASE("F5: a sync that is slow while a clip comes in holds up the other job and not the download, which ends in one piece") {
    // The second job's answer comes when the first one's clip is half here: the ledger's next sync takes a second, and the host sends on.
    std::atomic<int> created = 0;
    auto half = std::make_shared<Gate>();
    Rig rig({.padding = 400'000, .first = [&](Peer& peer, const Heard& heard, VideosHost& host) {
        if (heard.method == "POST" && ++created == 2) half->wait();
        if (!heard.target.ends_with("/video_1/content") || !heard.header("Range").empty()) return true;
        const auto clip = host.clip_of("video_1");
        const auto middle = clip.size() / 2;
        if (!peer.send(fmt::format("HTTP/1.1 200 Fine\r\nETag: \"video_1\"\r\nContent-Length: {}\r\n\r\n", clip.size()) + clip.substr(0, middle))) return false;
        half->open();
        for (std::size_t at = middle, piece = middle / 20 + 1; at < clip.size(); at += piece) {
            if (!peer.send(clip.substr(at, piece))) return false;
            std::this_thread::sleep_for(std::chrono::milliseconds(40));  // the fault itself: a thin line
        }
        return false;
    }});
    const auto ran = rig.run(rig.make({"-n", "2", "-j", "2", "--seed", "1", "-o", "{take}.mp4"}), "open:mark:path=*.part;sync:delay=1000:path=*/ledger.db-wal:marked:nth=1");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(created == 2);
    REQUIRE(rig.host.asked("GET", "/video_1/content") == 1);
    REQUIRE(ran.took >= std::chrono::milliseconds(1000));
    REQUIRE(ran.peak_memory > 5'000);  // of the program, so that the judge has something to judge
    for (const auto* name : {"1.mp4", "2.mp4"}) REQUIRE(fs::exists(rig.home.work() / name));
}

TEST_CASE("F6: a clip that cannot be given its name is kept, told, and named by the next run without a second download") {
    const std::string error = GENERATE(as<std::string>(), "EXDEV", "EACCES", "EEXIST", "EROFS");
    CAPTURE(error);
    Rig rig;
    const auto ran = rig.run(rig.make(), "rename:" + error + ":path=*.part");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "a.mp4"));
    REQUIRE_FALSE(fs::exists(rig.clip()));
    rig.again();
    REQUIRE(rig.host.asked("GET", "/content") == 1);
}

TEST_CASE("F7: a file that appears at the target at the last moment stays, and the clip goes beside it") {
    // Also where the file system cannot rename without replacing, and a link has to do.
    const std::string fault = GENERATE(as<std::string>(), "rename:appear:path=*/a.mp4", "rename:EINVAL:path=*.part;link:appear:path=*/a.mp4");
    CAPTURE(fault);
    Rig rig;
    rig.untouched[rig.clip()] = core::sha256_hex("theirs");
    const auto ran = rig.run(rig.make(), fault);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(contains(ran.err, "appeared meanwhile"));
    const auto clip = ran.document()["clip"].get<std::string>();
    REQUIRE(clip != rig.clip().string());
    REQUIRE(*core::sha256_of_file(clip) == rig.host.sum_of("video_1"));
    REQUIRE(rig.strays() == "");
}

TEST_CASE("F8: a place where nothing can be saved is found before money is spent") {
    Rig rig;
    std::string output, fault;
    int exit = 9;
    SECTION("no folder") { output = "nowhere/a.mp4", exit = 2; }
    SECTION("its folder is a file") { output = rig.home.write("work/file", "theirs").string() + "/a.mp4", exit = 2; }
    SECTION("a folder without files") { output = "/proc/self/a.mp4", fault = "open:EACCES:path=/proc/self"; }
    SECTION("a read-only folder") { output = "a.mp4", fault = "open:EROFS:path=*/work"; }
    SECTION("somebody else's folder") { output = "a.mp4", fault = "open:EACCES:path=*/work"; }
    SECTION("a folder on a disk without room for a name") { output = "a.mp4", fault = "open:ENOSPC:path=*/work"; }
    SECTION("a name that is too long") { output = std::string(300, 'a') + ".mp4"; }
    SECTION("a FIFO") {
        REQUIRE(mkfifo((rig.home.work() / "pipe.mp4").c_str(), 0600) == 0);
        output = "pipe.mp4";
    }
    SECTION("a device") { output = "/dev/full"; }
    const auto ran = rig.run(rig.make({"-o", output}), fault);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == exit);
    REQUIRE(rig.host.server().book().empty());
    REQUIRE(rig.run({"jobs", "ls", "--json"}).document()["jobs"].empty());
}

TEST_CASE("F8: a place where no report can be written is found before money is spent") {
    Rig rig;
    rig.home.write("work/rows.csv", "id,prompt\na,a heron\n");
    rig.home.write("work/old.xml", "<!-- shotwire.batch/1 --><testsuites/>");
    const auto [report, fault] = GENERATE(table<const char*, const char*>({
        {"/proc/self/a.xml", "open:EACCES:path=/proc/self"},
        {"a.xml", "open:ENOSPC:path=."},
        {"old.xml", "open:EROFS:path=*old.xml"},
    }));
    const char* flag = GENERATE("--junit", "--summary");
    if (std::string(flag) == "--summary" && std::string(report) == "old.xml") return;
    const auto ran = rig.run({"batch", "rows.csv", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "--yes", "-q", flag, report, "--out-dir", "clips"}, fault);
    CAPTURE(ran.err, report);
    CHECK(ran.exit == 9);
    CHECK(contains(ran.err, report));
    CHECK(rig.host.server().book().empty());
}

TEST_CASE("F8: a folder that is removed while the job renders costs no clip") {
    std::function<void()> remove;
    Rig rig({.first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.target.ends_with("/content")) remove();
        return true;
    }});
    const auto folder = rig.home.work() / "clips";
    fs::create_directories(folder);
    remove = [&] { fs::remove_all(folder); };
    const auto ran = rig.run(rig.make({"-o", "clips/a.mp4"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    fs::create_directories(folder);
    remove = [] {};
    const auto resumed = rig.run({"jobs", "resume"});
    CAPTURE(resumed.err);
    REQUIRE(resumed.exit == 0);
    REQUIRE(*core::sha256_of_file(folder / "a.mp4") == rig.host.sum_of("video_1"));
    REQUIRE(rig.host.book().size() == 1);
}

TEST_CASE("F9: a symbolic link at the part or at the target is not followed") {
    Rig rig;
    const auto theirs = rig.home.write("theirs", "theirs");
    SECTION("the part") {
        fs::create_symlink(theirs, rig.home.work() / "a.mp4.part");  // the name that an older version would have taken
        rig.untouched[rig.home.work() / "a.mp4.part"] = core::sha256_hex("theirs");
        const auto ran = rig.run(rig.make());
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        REQUIRE(*core::sha256_of_file(rig.clip()) == rig.host.sum_of("video_1"));
        REQUIRE(fs::is_symlink(rig.home.work() / "a.mp4.part"));
    }
    SECTION("somebody's file where an older version had the part") {
        const auto stranger = rig.home.write("work/a.mp4.part", "theirs");
        rig.untouched[stranger] = core::sha256_hex("theirs");
        REQUIRE(rig.run(rig.make({"--no-wait"})).exit == 0);
        REQUIRE(rig.run({"jobs", "resume"}, "open:kill:path=*.part").exit == 128 + SIGKILL);  // the name is in the ledger
        rig.finish(rig.make());
        REQUIRE(rig.host.book().size() == 1);
        REQUIRE(*core::sha256_of_file(rig.clip()) == rig.host.sum_of("video_1"));
        REQUIRE(rig.strays() == " a.mp4.part");
        REQUIRE(*core::read_file(stranger) == "theirs");
    }
    SECTION("the part, appearing behind the choice of its name") {
        const auto ran = rig.run(rig.make({"--no-wait"}));
        REQUIRE(ran.exit == 0);
        REQUIRE(rig.run({"jobs", "resume"}, "open:kill:path=*.part").exit == 128 + SIGKILL);  // the name is in the ledger
        const auto part = rig.rows().at(0).part.value("file", "");
        REQUIRE(contains(part, rig.rows().at(0).id.text));
        fs::create_symlink(theirs, part);
        const auto refused = rig.run({"jobs", "resume"});
        CAPTURE(refused.err);
        REQUIRE(refused.exit == 9);
    }
    SECTION("the target") {
        fs::create_symlink(theirs, rig.clip());
        rig.untouched[rig.clip()] = core::sha256_hex("theirs");
        REQUIRE(rig.run(rig.make()).exit == 2);
        REQUIRE(rig.host.book().empty());
        rig.untouched.clear();
        const auto forced = rig.run(rig.make({"--force"}));
        CAPTURE(forced.err);
        REQUIRE(forced.exit == 0);
        REQUIRE_FALSE(fs::is_symlink(rig.clip()));
    }
    SECTION("the target, a link to nothing") {
        fs::create_symlink(rig.home.work() / "nothing", rig.clip());
        REQUIRE(rig.run(rig.make()).exit == 2);
        REQUIRE_FALSE(fs::exists(rig.home.work() / "nothing"));
    }
    REQUIRE(*core::read_file(theirs) == "theirs");
}

TEST_CASE("F10: a file system that turns read-only in the middle costs no clip") {
    const int change = GENERATE(range(1, 40, 3));
    CAPTURE(change);
    Rig rig;
    const auto ran = rig.run(rig.make(), fmt::format("change:EROFS:from={0}", change));
    CAPTURE(ran.err, ran.out);
    REQUIRE((ran.exit == 9 || ran.exit == 0));
    REQUIRE(rig.host.book().size() <= 1);
    if (ran.exit == 0) REQUIRE(fs::exists(rig.clip()));
    rig.again();
}

TEST_CASE("F10: a file system that turns read-only in the middle of a batch costs no clip, and the same command ends it") {
    const int change = GENERATE(range(1, 61, 4));  // behind the first paid request
    CAPTURE(change);
    Rig rig;
    rig.any_exit = true;
    constexpr int most = 12;  // more than are sold by the last of these changes
    std::string rows;
    for (int i = 1; i <= most; ++i) rows += fmt::format("{{\"id\": \"r{0}\", \"prompt\": \"a heron lifts off, take {0}\"}}\n", i);
    rig.home.write("work/rows.jsonl", rows);
    const std::vector<std::string> batch{"batch", "rows.jsonl", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "-j", "2", "--yes"};
    const auto ran = rig.run(batch, fmt::format("send:mark:text=POST;change:EROFS:marked:from={}", change));
    CAPTURE(ran.err, ran.out);
    REQUIRE(ran.exit == 9);
    REQUIRE(rig.host.book().size() >= 1);
    REQUIRE(rig.host.book().size() < most);
    rig.judge(ran, batch);
    rig.finish(batch);
    REQUIRE(rig.host.book().size() == most);
    const auto jobs = rig.rows();
    REQUIRE(jobs.size() == most);
    for (const auto& row : jobs) {
        REQUIRE(row.stage == Stage::done);
        REQUIRE(*core::sha256_of_file(row.clip) == row.sha256);
    }
    REQUIRE(contains(rig.strays(), " rows.jsonl"));
}

TEST_CASE("F11: a part that finds no descriptor is fetched by the next run") {
    Rig rig;
    REQUIRE(rig.run(rig.make(), "open:EMFILE:path=*.part").exit == 9);
    rig.again();
}

TEST_CASE("F11: a clip that cannot be checked for want of a descriptor is none that is bad") {
    Rig rig;
    const auto ran = rig.run(rig.make(), "open:EMFILE:path=*.part:nth=2");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "Too many open files"));
    REQUIRE_FALSE(contains(ran.err, "no clip"));
    rig.again();
    REQUIRE(rig.host.asked("GET", "/content") == 1);
}

TEST_CASE("F11: where too few descriptors are allowed for a job nothing is paid, and else all jobs end") {
    const int files = GENERATE(12, 16, 20, 24, 28, 32, 36, 40, 48);
    CAPTURE(files);
    Rig rig({.queued = 1});
    rig.home.limits = fmt::format("ulimit -n {}; ", files);
    const auto ran = rig.home.program(rig.make({"-n", "12", "--seed", "1", "-o", "{take}.mp4"}));
    CAPTURE(ran.exit, ran.out, ran.err);
    REQUIRE((ran.exit == 0 || ran.exit == 9));
    REQUIRE(rig.host.book().size() == (ran.exit == 0 ? 12 : 0));
    if (files <= 16) REQUIRE(ran.exit == 9);
    if (files >= 32) REQUIRE(ran.exit == 0);
    REQUIRE_FALSE(contains(ran.err, "no clip"));
    if (ran.exit == 9 && files >= 16) REQUIRE(contains(ran.err, "ulimit -n"));
}

TEST_CASE("F11: with few descriptors fewer transfers are under way, and all jobs end") {
    Rig rig({.queued = 1});
    rig.home.limits = "ulimit -n 56; ";
    std::string rows;
    for (int i = 1; i <= 60; ++i) rows += fmt::format("{{\"id\": \"r{0}\", \"prompt\": \"a heron lifts off, take {0}\"}}\n", i);
    rig.home.write("work/rows.jsonl", rows);
    const auto ran = rig.home.program({"batch", "rows.jsonl", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "-j", "60", "--yes", "-q"});
    CAPTURE(ran.out, ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(rig.host.book().size() == 60);
}
