#pragma once
#include <catch2/catch.hpp>

#include "cli/harness.hpp"
#include "core/hash.hpp"
#include "fault/child.hpp"
#include "fault/invariants.hpp"
#include "fault/video_host.hpp"

namespace shotwire::test {

// One fault at the real program: a home, a host that misbehaves, and the judge after every run. Each run is at its most talkative
// (-vv --json), so that a key would be seen wherever it may leak.
class Trial {
public:
    explicit Trial(VideoHost::Options options = {}) : host_(with_ledger(std::move(options), home.state() / "ledger.db")) {
        terms.secrets = {key};
        home.env["OPENAI_API_KEY"] = key;
        host_.server().certificate().save(home.work().parent_path() / "ca.pem");
        base_url = host_.url();
        // Ready at once, and seen at once: nothing is waited for that is not the fault.
        home.write("config/shotwire/models.d/quick.json", R"({"models": [{"id": "animatic", "expected": {"seconds": 0.04, "per_second": 0}}]})");
    }

    VideoHost& host() { return host_; }
    static constexpr const char* key = "canary-key-0123456789";

    Output make(const std::vector<std::string>& more = {}) { return run(made(more)); }
    std::vector<std::string> made(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> args{"make", "a heron lifts off", "-m", "openai:animatic", "--base-url", base_url, "-o", "{id}.mp4", "-d", "1", "--size", "128x128",
                                      "--no-audio"};
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }
    Output jobs(const std::string& command, const std::string& id) { return run({"jobs", command, id}); }

    // Any command, judged.
    Output run(const std::vector<std::string>& args) { return judge(Child(complete(args), options()).wait()); }
    std::vector<std::string> complete(std::vector<std::string> args) {
        const auto waits = args[0] == "make" || args[0] == "batch" || args[1] == "wait" || args[1] == "resume";
        if (waits) args.insert(args.end(), {"--timeout", timeout});
        args.insert(args.end(), {"--cacert", (home.work().parent_path() / "ca.pem").string(), "--json", "-v", "-v"});
        terms.time_limit = std::chrono::duration_cast<std::chrono::milliseconds>(*core::parse_length(timeout, "a time-out")) + std::chrono::seconds(5);
        return args;
    }
    Output judge(Output output) {
        output.json = true;
        last = output;
        check_invariants(host_.book(), home.state() / "ledger.db", home.work(), output, terms);
        return output;
    }
    Child::Options options() const {
        Child::Options made{.folder = home.work(), .env = home.env};
        for (const char* name : {"PATH", "HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}) made.env[name] = getenv(name);
        made.env["SHOTWIRE_MEDIA"] = places::media;
        return made;
    }

    // I12: the same command after the fault ends the work, and pays nothing more.
    void again_is_free(const std::vector<std::string>& more = {}, int exit = 0) {
        host_.heal();
        const auto before = host_.sold();
        CAPTURE(before);
        CHECK(make(more).exit == exit);
        CHECK(host_.sold() == before);
    }

    // The jobs as `jobs ls` tells them, oldest first.
    json listed() {
        auto ran = home.program({"jobs", "ls", "--json"});
        REQUIRE(ran.exit == 0);
        auto jobs = ran.document()["jobs"];
        std::reverse(jobs.begin(), jobs.end());
        return jobs;
    }
    std::string state() {
        const auto jobs = listed();
        CAPTURE(jobs.dump(1));
        REQUIRE(jobs.size() == 1);
        return jobs[0]["state"];
    }
    std::string id() { return listed().at(0)["id"]; }
    void config(const std::string& text) { home.write("config/shotwire/config.toml", text); }
    std::filesystem::path clip() { return home.work() / (id() + ".mp4"); }
    std::filesystem::path part() { return home.work() / (id() + ".mp4." + id() + ".part"); }

    Home home;
    Terms terms;
    std::string timeout = "20s", base_url;
    Output last;

private:
    static VideoHost::Options with_ledger(VideoHost::Options options, const std::filesystem::path& ledger) {
        if (options.ledger.empty()) options.ledger = ledger;
        return options;
    }
    VideoHost host_;
};

}  // namespace shotwire::test
