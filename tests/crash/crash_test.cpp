#include <catch2/catch.hpp>
#include <csignal>
#include <functional>

#include "core/clock.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/text.hpp"
#include "job/ledger.hpp"
#include "media/mp4.hpp"
#include "support/serving.hpp"

// The program, killed at every write to disk of a whole job, then resumed: one create at the server, one whole clip.
namespace {
namespace fs = std::filesystem;
using namespace shotwire;

struct Desk {
    core::TemporaryFolder folder;
    fs::path clip = folder.path() / "a.mp4";

    core::Finished run(std::vector<std::string> words, long crash_at = 0) const {
        core::Command command;
        command.words = {"/usr/bin/env", "XDG_STATE_HOME=" + (folder.path() / "state").string(), "XDG_CONFIG_HOME=" + (folder.path() / "config").string()};
        if (crash_at > 0) {
            command.words.push_back("LD_PRELOAD=" SHOTWIRE_CRASH_AT);
            command.words.push_back("CRASH_AT=" + std::to_string(crash_at));
        }
        command.words.push_back(SHOTWIRE_PROGRAM);
        command.words.insert(command.words.end(), words.begin(), words.end());
        command.limit = std::chrono::minutes(2);
        auto finished = core::run_process(command);
        REQUIRE(finished);
        return *finished;
    }

    std::vector<job::Row> rows() const {
        const core::Clock clock;
        const auto file = folder.path() / "state" / "shotwire" / "ledger.db";
        if (!fs::exists(file)) return {};
        auto ledger = job::Ledger::open(file, clock);
        REQUIRE(ledger);
        return *(*ledger)->list({});
    }

    void check(const std::string& sum) const {
        const auto all = rows();
        REQUIRE(all.size() == 1);
        REQUIRE(all[0].stage == Stage::done);
        REQUIRE(media::read_mp4(clip));
        REQUIRE(*core::sha256_of_file(clip) == sum);
        REQUIRE(fs::exists(clip.string() + ".json"));
        for (const auto& entry : fs::directory_iterator(folder.path())) {
            const auto name = entry.path().filename().string();
            CAPTURE(name);
            REQUIRE((name == "a.mp4" || name == "a.mp4.json" || name == "state" || name == "config"));
        }
    }
};

std::size_t creates_in(const fs::path& jobs) {
    if (!fs::exists(jobs)) return 0;
    std::size_t count = 0;
    for (const auto& entry : fs::directory_iterator(jobs)) count += entry.path().filename().string().starts_with("video_");
    return count;
}

// Kills the same command at its first, second, ... write until it lives through; each time others must end what it began.
void sweep(const std::vector<std::string>& make, const std::vector<std::string>& resume, const std::function<std::size_t(const Desk&)>& creates) {
    Desk whole;
    const auto command_of = [&](const Desk& desk) {
        auto words = make;
        words.insert(words.end(), {"-o", desk.clip.string(), "-q"});
        return words;
    };
    const auto before_whole = creates(whole);
    const auto undisturbed = whole.run(command_of(whole));
    CAPTURE(undisturbed.err);
    REQUIRE(undisturbed.exit == 0);
    REQUIRE(creates(whole) == before_whole + 1);
    const auto sum = *core::sha256_of_file(whole.clip);
    whole.check(sum);

    long points = 0;
    for (long at = 1;; ++at) {
        REQUIRE(at < 2000);
        Desk desk;
        const auto before = creates(desk);
        const auto crashed = desk.run(command_of(desk), at);
        CAPTURE(at, crashed.err);
        if (crashed.exit == 0) break;
        REQUIRE(crashed.exit == 128 + SIGKILL);
        ++points;
        if (!desk.rows().empty()) {
            const auto resumed = desk.run(resume);
            CAPTURE(resumed.err);
            REQUIRE(resumed.exit == 0);
        }
        const auto again = desk.run(command_of(desk));  // the same command: done, or begun where nothing was
        CAPTURE(again.err);
        REQUIRE(again.exit == 0);
        REQUIRE(core::trim(again.out) == desk.clip.string());
        REQUIRE(creates(desk) == before + 1);
        desk.check(sum);
    }
    REQUIRE(points > 20);
}

const std::vector<std::string> small{"make", "-s", "a paper boat", "-a", "drifts", "--size", "128x72", "-d", "1", "--seed", "7"};

}  // namespace

TEST_CASE("killed at any write, a job of the embedded server ends with the same clip and one create") {
    sweep(small, {"jobs", "resume", "-q"}, [](const Desk& desk) { return creates_in(desk.folder.path() / "state" / "shotwire" / "serve" / "jobs"); });
}

TEST_CASE("killed at any write, a job of a host without idempotency keys ends with the same clip and one create") {
    test::Serving server;
    auto words = small;
    words.insert(words.end(), {"-m", "openai:animatic", "--base-url", server.url(), "--cacert", server.certificate().string()});
    sweep(words, {"jobs", "resume", "-q", "--cacert", server.certificate().string()}, [&](const Desk&) { return creates_in(server.state() / "jobs"); });
}
