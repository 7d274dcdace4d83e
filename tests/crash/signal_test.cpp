// The rows C of the fault matrix that are no sweep: points of the runner, memory, signals, the helper.
#include <sys/resource.h>

#include <random>

#include "crash/rig.hpp"
#include "media/mp4.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

std::string status_of(int pid, const std::string& name) {
    const auto text = core::read_file(fmt::format("/proc/{}/status", pid));
    for (const auto& line : core::split(text ? *text : "", '\n'))
        if (line.starts_with(name + ":")) return std::string(core::trim(line.substr(name.size() + 1)));
    return "";
}

// Every second call behind the opening of the ledger, of files, folders and sockets: two tests share them. A host that can neither repeat nor
// list.
void kill_at_every_second_call(long first) {
    long unknown = 0, points = 0;
    for (long call = first;; call += 2) {
        CAPTURE(call);
        REQUIRE(call < 3000);
        Rig rig;
        const auto killed = rig.run(rig.make({"-q"}), fmt::format("open:mark:path=*/ledger.db;any:kill:marked:nth={}", call));
        CAPTURE(killed.err);
        if (killed.exit == 0) break;
        REQUIRE(killed.exit == 128 + SIGKILL);
        ++points;
        unknown += rig.run(rig.make({"-q"})).exit == 11;
        rig.again();
    }
    CAPTURE(points, unknown);
    REQUIRE(points > 30);
    REQUIRE(unknown > 0);
}

}  // namespace

TEST_CASE("C1: killed at any system call, the first, the third and so on, a job ends with one paid request and one clip") { kill_at_every_second_call(1); }

TEST_CASE("C1: killed at any system call, the second, the fourth and so on, a job ends with one paid request and one clip") { kill_at_every_second_call(2); }

TEST_CASE("C2: killed at any named point of the runner, the job ends with one paid request and one clip") {
    struct Point {
        const char* name;
        const char* fault;
    };
    const auto point = GENERATE(values<Point>({{"before the intent", "pwrite:kill:path=*/ledger.db-wal:nth=1"},
                                               {"before the intent is synced", "sync:kill:path=*/ledger.db-wal:nth=2"},
                                               {"after the intent", "send:kill:text=POST"},
                                               {"after the send", "send:mark:text=POST;recv:kill:marked"},
                                               {"after the answer", "send:mark:text=POST;pwrite:kill:path=*/ledger.db-wal:marked"},
                                               {"after the id", "send:mark:text=POST;send:kill:text=GET:marked"},
                                               {"before the download", "open:kill:path=*.part"},
                                               {"before the clip is synced", "fsync:kill:path=*.part"},
                                               {"before the rename", "rename:kill:path=*.part"},
                                               {"after the rename", "rename:mark:path=*.part;sync:kill:marked"},
                                               {"before the sidecar", "open:kill:path=*.json.*.tmp"},
                                               {"after the sidecar", "rename:mark:path=*.mp4.json;sync:kill:marked"},
                                               {"before it is settled", "rename:mark:path=*.mp4.json;pwrite:kill:path=*/ledger.db-wal:marked"},
                                               {"before the settling is synced", "rename:mark:path=*.mp4.json;sync:kill:path=*/ledger.db-wal:marked"}}));
    CAPTURE(point.name);
    Rig rig({.queued = 1});
    REQUIRE(rig.run(rig.make(), point.fault).exit == 128 + SIGKILL);
    rig.again();
}

TEST_CASE("C4: an allocation that fails, wherever it does, leaves a sound ledger and pays nothing twice") {
    const auto fault = [](long n) { return fmt::format("open:mark:path=*/ledger.db;malloc:ENOMEM:nth={}:marked", n); };
    // Close together at first, then ever further apart, until a run does not get that far.
    long failed = 0, survived = 0;
    for (long n = 1, step = 1; n < 1'000'000; n += step, step = std::max(1L, n / 5)) {
        CAPTURE(n);
        Rig rig;
        rig.any_exit = true;
        const auto ran = rig.run(rig.make({"-q"}), fault(n));
        REQUIRE(rig.host.book().size() <= 1);
        failed += ran.exit != 0;
        survived += ran.exit == 0;
        CAPTURE(ran.exit, ran.err);
        rig.again();
        if (survived > 20) break;
    }
    CAPTURE(failed, survived);
    REQUIRE(failed > 20);
}

TEST_CASE("C7: with little memory it ends as it can, and the ledger is sound") {
    Rig rig;
    bool failed = false;
    for (long megabytes : {20, 30, 40, 50, 60, 70, 80, 100, 130, 160, 200}) {
        CAPTURE(megabytes);
        rig.home.limits = fmt::format("ulimit -v {}; ", megabytes * 1000);
        const auto ran = rig.home.program(rig.make({"--seed", std::to_string(megabytes), "-o", std::to_string(megabytes) + ".mp4"}));
        failed = failed || ran.exit != 0;
        rig.any_exit = ran.exit != 0;
        rig.judge(ran, rig.make(), rig.host.server().book().size());
        rig.any_exit = false;
        rig.home.limits.clear();
        CAPTURE(ran.err);
        rig.finish(rig.make({"--seed", std::to_string(megabytes), "-o", std::to_string(megabytes) + ".mp4"}));
    }
    REQUIRE(failed);
    REQUIRE(rig.host.book().size() == 11);
}

TEST_CASE("C5: an interrupt while the answer to a paid request is awaited keeps the answer, and tells how to go on") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    CAPTURE(signal);
    Rig rig({.queued = 1, .first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.method == "POST") kill(rig.home.pid, signal);
        return true;
    }});
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 130);
    REQUIRE(contains(ran.err, "shotwire jobs wait"));
    REQUIRE(rig.rows().at(0).stage == Stage::rendering);
    REQUIRE(bool(rig.rows().at(0).handle));
    rig.again();
}

TEST_CASE("C5: an interrupt during a download leaves a part that is gone on with") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    CAPTURE(signal);
    fs::path folder;
    auto gate = std::make_shared<Gate>();
    bool once = true;
    Rig rig({.padding = 100'000, .first = [&](Peer& peer, const Heard& heard, VideosHost& host) {
        if (!heard.target.ends_with("/content") || !std::exchange(once, false)) return true;
        const auto clip = host.clip_of("video_1");
        peer.send(fmt::format("HTTP/1.1 200 Fine\r\nETag: \"video_1\"\r\nContent-Length: {}\r\n\r\n", clip.size()) + clip.substr(0, 50'000));
        while (size_of_part_in(folder) < 50'000) std::this_thread::yield();
        kill(rig.home.pid, signal);
        gate->wait();
        return false;
    }});
    folder = rig.home.work();
    const auto ran = rig.run(rig.make());
    gate->open();
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 130);
    REQUIRE(fs::exists(part_in(folder)));
    rig.again();
    REQUIRE(rig.host.server().book().back().header("Range") == "bytes=50000-");
}

TEST_CASE("C5: two interrupts at any time end it at once, and the ledger is sound") {
    const std::string when = GENERATE(as<std::string>(), "POST", "/videos/video_1", "/content");
    CAPTURE(when);
    auto gate = std::make_shared<Gate>();
    std::atomic<bool> armed = true;
    std::chrono::steady_clock::time_point sent;
    Rig rig({.queued = 1, .first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (!armed || (heard.method != when && !heard.target.ends_with(when))) return true;
        armed = false;
        sent = std::chrono::steady_clock::now();
        for (const int signal : {SIGINT, SIGTERM}) kill(rig.home.pid, signal);  // of two kinds: two of one may become one
        gate->wait();
        return false;
    }});
    const auto ran = rig.run(rig.make());
    const auto took = std::chrono::steady_clock::now() - sent;
    gate->open();
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 130);
    REQUIRE(took < std::chrono::seconds(2));
    rig.again();
}

TEST_CASE("C5: SIGQUIT ends it as a crash does, and the next run goes on") {
    bool killed = false;
    Rig rig({.queued = 1, .first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.target.ends_with("/content") && !std::exchange(killed, true)) kill(rig.home.pid, SIGQUIT);
        return true;
    }});
    REQUIRE(rig.run(rig.make()).exit == 128 + SIGQUIT);
    REQUIRE(rig.strays().find("core") == std::string::npos);
    const auto again = rig.run(rig.make());
    REQUIRE(again.exit == 0);
    rig.again();
}

TEST_CASE("C5: a reader of stdout that leaves early does not end the jobs") {
    Rig rig;
    // As in a shell: the pipe's other end is closed before the result is printed.
    std::vector<std::string> words{"/usr/bin/env", "-C", rig.home.work().string(), std::string("OPENAI_API_KEY=") + Rig::key, "/bin/bash", "-c", "\"$0\" \"$@\" | true; exit ${PIPESTATUS[0]}", places::program};
    const auto args = rig.make({"-n", "3", "--seed", "1", "-o", "{take}.mp4"});
    words.insert(words.end(), args.begin(), args.end());
    const auto ran = core::run_process({words, ""});
    REQUIRE(bool(ran));
    CAPTURE(ran->err);
    REQUIRE(ran->exit == 9);
    for (const std::string take : {"1", "2", "3"}) REQUIRE(fs::exists(rig.home.work() / (take + ".mp4")));
    REQUIRE(rig.host.book().size() == 3);
}

TEST_CASE("C6: a batch of 200 that is killed a hundred times at random ends with a clip for each row, paid once") {
    constexpr int jobs = 200;
    std::mt19937 random(6);
    Rig rig;
    rig.any_exit = true;
    std::string rows;
    for (int i = 0; i < jobs; ++i) rows += fmt::format("{{\"id\": \"r{0}\", \"prompt\": \"a heron lifts off for the {0}th time\"}}\n", i);
    rig.home.write("work/rows.jsonl", rows);
    const std::vector<std::string> batch{"batch", "rows.jsonl", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "-j", "8", "--yes", "-q", "-o", "{row}.mp4"};
    int kills = 0;
    for (int run = 0; kills < 100; ++run) {
        REQUIRE(run < 400);
        rig.home.env["LD_PRELOAD"] = places::fault_shim;
        rig.home.env["SHOTWIRE_TEST_FAULT"] = fmt::format("open:mark:path=*/ledger.db;any:kill:marked:nth={}", 1 + random() % 900);
        const auto ran = rig.home.program(batch);
        CAPTURE(ran.err);
        REQUIRE((ran.exit == 128 + SIGKILL || ran.exit == 0 || ran.exit == 11 || ran.exit == 14));
        kills += ran.exit > 128;
    }
    rig.home.env.erase("LD_PRELOAD");
    rig.home.env.erase("SHOTWIRE_TEST_FAULT");
    rig.finish(batch);
    std::map<std::string, int> paid;
    for (const auto& sale : rig.host.book()) ++paid[sale.prompt];
    REQUIRE(paid.size() == jobs);
    for (const auto& [prompt, times] : paid) REQUIRE(times == 1);
    for (const auto& sale : rig.host.book()) {
        const auto number = sale.prompt.substr(std::string("a heron lifts off for the ").size());
        CAPTURE(sale.prompt, sale.id);
        REQUIRE(*core::sha256_of_file(rig.home.work() / fmt::format("r{}.mp4", number.substr(0, number.find("th")))) == rig.host.sum_of(sale.id));
    }
    fs::remove(rig.home.work() / "rows.jsonl");
    REQUIRE(rig.strays() == "");
}

TEST_CASE("C8: a helper that crashes, talks nonsense or is missing costs no clip and leaves no process") {
    Rig rig({.clip = "RIFF" + boxes::u32(0) + "AVI LIST" + std::string(5000, 'x')});
    std::string script;
    SECTION("crashes") { script = "#!/bin/sh\nkill -SEGV $$\n"; }
    SECTION("fails") { script = "#!/bin/sh\necho broken >&2\nexit 70\n"; }
    SECTION("talks nonsense") { script = "#!/bin/sh\necho '{\"frames\": '\n"; }
    SECTION("says that all is well and made nothing") { script = "#!/bin/sh\ncat > /dev/null\necho '{}'\n"; }
    SECTION("talks without end") { script = "#!/bin/sh\nyes nonsense\n"; }
    SECTION("is missing") {}
    if (script.empty()) rig.home.env["SHOTWIRE_MEDIA"] = "/nowhere/shotwire-media";
    else {
        const auto file = rig.home.write("helper", script);
        fs::permissions(file, fs::perms(0755));
        rig.home.env["SHOTWIRE_MEDIA"] = file.string();
    }
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE((ran.exit == 7 || ran.exit == 9));
    REQUIRE_FALSE(fs::exists(rig.clip()));
    const auto stage = rig.rows().at(0).stage;
    REQUIRE((stage == Stage::ready || stage == Stage::downloading));  // it can be fetched again
    REQUIRE(rig.host.book().size() == 1);
}

TEST_CASE("C8: a helper that hangs is left by an interrupt, and does not outlive the program") {
    fs::path folder;
    Rig rig({.clip = "RIFF" + boxes::u32(0) + "AVI LIST" + std::string(5000, 'x')});
    folder = rig.home.work();
    const auto file = rig.home.write("helper", "#!/bin/sh\ncat > /dev/null\ntouch " + (folder / "started.mp4.json").string() + "\nexec sleep 1000\n");
    fs::permissions(file, fs::perms(0755));
    rig.home.env["SHOTWIRE_MEDIA"] = file.string();
    std::thread interrupter([&] {
        while (!fs::exists(folder / "started.mp4.json")) std::this_thread::yield();
        for (const int signal : {SIGINT, SIGTERM}) kill(rig.home.pid, signal);
    });
    const auto ran = rig.home.program(rig.make());
    interrupter.join();
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 130);
    rig.judge(ran, rig.make());
}

TEST_CASE("C8: a helper that hangs is ended by a limit of the clip's size, and the clip is fetched by the next run") {
    Rig rig({.clip = "RIFF" + boxes::u32(0) + "AVI LIST" + std::string(5000, 'x')});
    const auto file = rig.home.write("helper", "#!/bin/sh\ncat > /dev/null\nexec sleep 1000\n");
    fs::permissions(file, fs::perms(0755));
    rig.home.env["SHOTWIRE_MEDIA"] = file.string();
    // The fourth pipe that is closed is the helper's input, a moment after its time began: four minutes of a small clip's three.
    // The run's own time-out is longer: it is not a matter of which is looked at first.
    const auto ran = rig.run(rig.make({"--timeout", "10m"}), "close:jump=240:path=pipe*:nth=4");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "did not end within 180 s and was stopped"));
    REQUIRE(rig.rows().at(0).stage == Stage::downloading);
    REQUIRE(rig.host.book().size() == 1);
}

TEST_CASE("C9: stopped with a paid request under way for longer than it may take, its answer counts") {
    Rig rig({.queued = 1, .first = [&](Peer& peer, const Heard& heard, VideosHost& host) {
        if (heard.method != "POST") return true;
        const int pid = rig.home.pid;
        while (!status_of(pid, "State").starts_with("S")) std::this_thread::yield();  // it waits for the answer
        kill(pid, SIGSTOP);
        while (!status_of(pid, "State").starts_with("T")) std::this_thread::yield();
        peer.send(http_reply(200, core::dump(host.job(host.sell(heard), "queued")), {"Content-Type: application/json"}));
        kill(pid, SIGCONT);
        return false;
    }});
    // The stop takes no time, its clock does: more than the three minutes that a submit may take.
    const auto ran = rig.run(rig.make({"--timeout", "10m"}), "send:jump=200:text=POST");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(rig.host.book().size() == 1);
    rig.again();
}

TEST_CASE("C9: stopped in the middle of a download and gone on with later, it goes on where it was, with a fresh link where the old one ended") {
    const bool expired = GENERATE(false, true);
    CAPTURE(expired);
    fs::path folder;
    std::atomic<int> contents = 0;
    Rig rig({.padding = 100'000, .first = [&](Peer& peer, const Heard& heard, VideosHost& host) {
        if (!heard.target.ends_with("/content")) return true;
        if (++contents == 2 && expired) return peer.send(http_reply(403, "expired")), false;
        if (contents != 1) return true;
        const auto clip = host.clip_of("video_1");
        peer.send(fmt::format("HTTP/1.1 200 Fine\r\nETag: \"video_1\"\r\nContent-Length: {}\r\n\r\n", clip.size()) + clip.substr(0, 50'000));
        while (size_of_part_in(folder) < 50'000) std::this_thread::yield();
        const int pid = rig.home.pid;
        kill(pid, SIGSTOP);
        while (!status_of(pid, "State").starts_with("T")) std::this_thread::yield();
        peer.reset();  // an hour later nobody waits at the other end
        kill(pid, SIGCONT);
        return false;
    }});
    folder = rig.home.work();
    const auto ran = rig.run(rig.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(*core::sha256_of_file(rig.clip()) == rig.host.sum_of("video_1"));
    REQUIRE(rig.host.server().book().back().header("Range") == "bytes=50000-");
    rig.again();
}

TEST_CASE("K7: while keys are held no core is written, of the program or its helper") {
    std::string limits;
    Rig rig({.first = [&](Peer&, const Heard& heard, VideosHost&) {
        if (heard.method != "POST") return true;
        const int pid = rig.home.pid;
        limits = *core::read_file(fmt::format("/proc/{}/limits", pid));
        kill(pid, SIGSEGV);
        return true;
    }});
    rig.home.limits = "ulimit -c unlimited; ";
    const auto ran = rig.run(rig.make());
    REQUIRE(ran.exit == 128 + SIGSEGV);
    for (const auto& line : core::split(limits, '\n'))
        if (line.starts_with("Max core file size")) REQUIRE(contains(line, " 0 "));
    REQUIRE(contains(limits, "Max core file size"));
    REQUIRE(rig.strays() == "");

    // The helper is its child, and gets the same limit.
    Rig other({.clip = "RIFF" + boxes::u32(0) + "AVI LIST" + std::string(5000, 'x')});
    const auto told = other.home.work() / "limit.mp4.json";
    const auto file = other.home.write("helper", "#!/bin/sh\nulimit -c > " + told.string() + "\nexit 70\n");
    fs::permissions(file, fs::perms(0755));
    other.home.env["SHOTWIRE_MEDIA"] = file.string();
    other.home.limits = "ulimit -c unlimited; ";
    (void)other.run(other.make());
    REQUIRE(core::trim(*core::read_file(told)) == "0");
}
