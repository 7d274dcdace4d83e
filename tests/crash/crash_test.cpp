#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <csignal>
#include <functional>
#include <mutex>
#include <thread>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "job/ledger.hpp"
#include "media/mp4.hpp"
#include "support/places.hpp"
#include "support/serving.hpp"

// The program, killed at every write to disk of a whole job, then killed again while it goes on, then left in peace: one create
// at the server, one whole clip, no other file.
namespace {
namespace fs = std::filesystem;
using namespace shotwire;
using Words = std::vector<std::string>;

// What is wrong with a round, for the one thread that may fail a test.
struct Wrong {
    std::string sentence;
};
void need(bool good, const std::string& sentence) {
    if (!good) throw Wrong{sentence};
}

struct Desk {
    core::TemporaryFolder folder;
    fs::path clip = folder.path() / "a.mp4";

    core::Finished run(const Words& words, long crash_at = 0) const {
        core::Command command;
        command.words = {"/usr/bin/env", "XDG_STATE_HOME=" + (folder.path() / "state").string(), "XDG_CONFIG_HOME=" + (folder.path() / "config").string()};
        if (crash_at > 0) {
            command.words.push_back(std::string("LD_PRELOAD=") + places::fault_shim);
            command.words.push_back(fmt::format("SHOTWIRE_TEST_FAULT=change:kill:nth={}", crash_at));
        }
        command.words.push_back(places::program);
        command.words.insert(command.words.end(), words.begin(), words.end());
        command.limit = std::chrono::minutes(2);
        auto finished = core::run_process(command);
        need(bool(finished), "the program did not end");
        return *finished;
    }

    std::vector<job::Row> rows() const {
        const core::Clock clock;
        const auto file = folder.path() / "state" / "shotwire" / "ledger.db";
        if (!fs::exists(file)) return {};
        auto ledger = job::Ledger::open(file, clock);
        need(bool(ledger), "the ledger cannot be read");
        return *(*ledger)->list({});
    }

    // What nobody ordered, and a user would find.
    std::string strays() const {
        std::string found;
        for (const auto& entry : fs::directory_iterator(folder.path())) {
            const auto name = entry.path().filename().string();
            if (name != "a.mp4" && name != "a.mp4.json" && name != "state" && name != "config") found += " " + name;
        }
        return found;
    }

    void check(const std::string& sum) const {
        const auto all = rows();
        std::size_t done = 0, open = 0;
        for (const auto& row : all) {
            done += row.stage == Stage::done;
            open += !is_final(row.stage);
        }
        need(done == 1 && open == 0, fmt::format("{} jobs, {} done, {} open", all.size(), done, open));
        need(bool(media::read_mp4(clip)), "the clip is not whole");
        need(*core::sha256_of_file(clip) == sum, "another clip");
        need(fs::exists(clip.string() + ".json"), "no sidecar");
        need(strays().empty(), "other files stand beside the clip:" + strays());
    }
};

std::size_t creates_in(const fs::path& jobs) {
    if (!fs::exists(jobs)) return 0;
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(jobs)) count += entry.path().filename().string().starts_with("video_");
    return count;
}

Words joined(std::initializer_list<Words> lists) {
    Words all;
    for (const auto& list : lists) all.insert(all.end(), list.begin(), list.end());
    return all;
}

// The host of one round: its flags, and the jobs that it took.
struct Host {
    virtual ~Host() = default;
    virtual Words make_flags() const = 0;
    virtual Words resume_flags() const = 0;
    virtual std::size_t creates(const Desk& desk) const = 0;
};

struct Embedded final : Host {
    Words make_flags() const override { return {}; }
    Words resume_flags() const override { return {}; }
    std::size_t creates(const Desk& desk) const override { return creates_in(desk.folder.path() / "state" / "shotwire" / "serve" / "jobs"); }
};

// One of its own for each round: equal orders at one host could not be told apart.
struct WithoutKeys final : Host {
    test::Serving server;
    Words make_flags() const override { return {"-m", "openai:animatic", "--base-url", server.url(), "--cacert", server.certificate().string()}; }
    Words resume_flags() const override { return {"--cacert", server.certificate().string()}; }
    std::size_t creates(const Desk&) const override { return creates_in(server.state() / "jobs"); }
};

// One round: the command dies at its write `at`, the next one at its write `then`, a third one is left in peace. False: the
// first one lived through. `sum` is the whole clip's, learnt from a round that is not disturbed.
bool dies_and_ends_well(long at, long then, const Host& host, std::string& sum) {
    const Desk desk;
    const auto make = joined({{"make", "-s", "a paper boat", "-a", "drifts", "--size", "128x72", "-d", "1", "--seed", "7", "-q", "-o", desk.clip.string()}, host.make_flags()});
    const auto resume = joined({{"jobs", "resume", "-q"}, host.resume_flags()});
    const auto first = desk.run(make, at);
    if (first.exit == 0) {
        need(host.creates(desk) == 1, "not one create");
        if (sum.empty()) sum = *core::sha256_of_file(desk.clip);
        desk.check(sum);
        return false;
    }
    need(first.exit == 128 + SIGKILL, fmt::format("exit {}: {}", first.exit, first.err));
    if (!desk.rows().empty()) {
        const auto second = desk.run(resume, then);
        // Died between the intent and the request: where no key can tell, the list does.
        const auto fine = [](const core::Finished& run) { return run.exit == 0 || run.err.find("it was not created") != std::string::npos; };
        need(fine(second) || second.exit == 128 + SIGKILL, fmt::format("resumed: exit {}: {}", second.exit, second.err));
        const auto third = desk.run(resume);
        need(fine(third), fmt::format("resumed again: exit {}: {}", third.exit, third.err));
    }
    const auto again = desk.run(make);  // the same command: done, or begun where nothing was
    need(again.exit == 0, fmt::format("again: exit {}: {}", again.exit, again.err));
    need(core::trim(again.out) == desk.clip.string(), "again: " + again.out);
    need(host.creates(desk) == 1, fmt::format("{} creates", host.creates(desk)));
    desk.check(sum);
    return true;
}

// Every point, several at a time: most of a round is waiting.
template <class H>
void sweep() {
    std::string sum;
    std::atomic<long> next = 1, last = 0;
    std::mutex mutex;
    std::string wrong;
    const auto round = [&](long at) {
        try {
            return dies_and_ends_well(at, at ? 1 + at * 7 % 40 : 0, H(), sum);
        } catch (const Wrong& found) {
            const std::lock_guard lock(mutex);
            wrong += fmt::format("killed at write {}: {}\n", at, found.sentence);
        } catch (const std::exception& thrown) {
            const std::lock_guard lock(mutex);
            wrong += fmt::format("killed at write {}: {}\n", at, thrown.what());
        }
        return false;
    };
    round(0);
    REQUIRE(wrong == "");
    std::vector<std::thread> workers;
    for (int i = 0; i < 4; ++i)
        workers.emplace_back([&] {
            while (true) {
                const long at = next++;
                if (at > 2000 || !round(at)) return;
                for (long seen = last; seen < at && !last.compare_exchange_weak(seen, at);) {
                }
            }
        });
    for (auto& worker : workers) worker.join();
    REQUIRE(wrong == "");
    const long points = last;
    REQUIRE(points > 20);
    REQUIRE(points < 2000);
}

}  // namespace

TEST_CASE("C1: killed at any write, a job of the embedded server ends with the same clip and one create") { sweep<Embedded>(); }

TEST_CASE("C1: killed at any write, a job of a host without idempotency keys ends with the same clip and one create") { sweep<WithoutKeys>(); }
