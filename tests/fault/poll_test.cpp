// Waiting for a job at a host that is ill, at the real program.
#include "fault/trial.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

TEST_CASE("P1: a poll that fails costs nothing and is asked again") {
    const auto act = GENERATE(values<Act>({close_silently(), reset(), reply(500, "{}"), reply(503, "<html>ill</html>"), truncate(500, "{\"id\": \"vid"),
                                           reply(200, "<html>hello</html>"), reply(200, ""), reply(200, "[]"), raw_reply("no HTTP at all\r\n\r\n")}));
    Trial trial;
    trial.host().next(VideoHost::poll, act);
    trial.terms.calls_without_fault = 3;
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("P1: a host that answers no poll at all is told at the time-out, and the job goes on later") {
    const auto [act, exit] = GENERATE(table<Act, int>({{close_silently(), 6}, {reply(500, "{}"), 7}}));
    CAPTURE(exit);
    Trial trial;
    trial.timeout = "2s";
    trial.host().always(VideoHost::poll, act);
    trial.terms.calls_without_fault = 3;
    CHECK(trial.make().exit == exit);
    CHECK(trial.state() == "rendering");
    trial.timeout = "20s";
    trial.again_is_free();
}

TEST_CASE("P2: a job that is not visible right after its submit is waited for") {
    Trial trial;
    trial.host().next(VideoHost::poll, reply(404, "{\"error\": {\"code\": \"not_found\"}}"), 2);
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("P3: states and numbers that make no sense are still rendering") {
    Trial trial;
    auto& host = trial.host();
    int told = 0;
    host.done_after(7);
    host.tell_jobs([&](json& job) {
        switch (++told) {
            case 2: job["progress"] = 250; break;
            case 3: job["progress"] = "nearly"; break;
            case 4:
            case 5: job["status"] = "dreaming"; break;
            case 6: job["status"] = "queued", job["progress"] = -7; break;
            case 7: job["progress"] = nullptr; break;
            default: break;
        }
    });
    const auto made = trial.make();
    CHECK(made.exit == 0);
    CHECK(told >= 7);
    const auto word = made.err.find("'dreaming'");
    CHECK(word != std::string::npos);
    CHECK(made.err.find("'dreaming'", word + 1) == std::string::npos);  // once
    CHECK(made.err.find("not known here") == made.err.rfind("not known here"));
}

TEST_CASE("P5: a job that failed after rendering says so by its kind, and the same command orders it anew") {
    const auto [code, exit, state] = GENERATE(table<std::string, int, std::string>({{"server_error", 7, "failed"}, {"content_policy_violation", 4, "rejected"}}));
    CAPTURE(code);
    Trial trial;
    auto& host = trial.host();
    host.end_badly({{"code", code}, {"message", "so it ended"}});
    CHECK(trial.make().exit == exit);
    CHECK(trial.state() == state);
    CHECK(contains(trial.last.out, "so it ended"));
    host.heal();
    CHECK(trial.make().exit == 0);
    CHECK(host.sold() == 2);
}

TEST_CASE("P6: a key that is revoked while a job renders is exit 3, and a new key goes on with the job") {
    Trial trial;
    auto& host = trial.host();
    host.next(VideoHost::create, [&](Peer& peer, const Heard& heard) {
        const bool goes_on = host.ordinary(VideoHost::create)(peer, heard);
        host.revoke("another-key-0123456789");
        return goes_on;
    });
    CHECK(trial.make().exit == 3);
    CHECK(trial.state() == "rendering");
    trial.home.env["OPENAI_API_KEY"] = "another-key-0123456789";
    trial.terms.secrets.push_back("another-key-0123456789");
    CHECK(trial.jobs("wait", trial.id()).exit == 0);
    CHECK(host.sold() == 1);
}

TEST_CASE("P9: a state that lies at another host is asked for without the key") {
    auto certificate = make_certificate();
    RawServer stranger({reply(200, "{\"id\": \"video_1\", \"status\": \"in_progress\"}")}, {.tls = true, .certificate = certificate});
    Trial trial({.certificate = certificate});
    trial.config("[routes.openai]\nallow_private = true\n");
    trial.host().next(VideoHost::poll, reply(307, "", {"Location: " + stranger.url("/state")}));
    CHECK(trial.make().exit == 0);
    CHECK(stranger.accepted("GET") == 1);
    trial.host().heard_elsewhere(stranger);
    trial.judge(trial.last);
}

TEST_CASE("P10: a time-out while rendering is exit 8, and jobs wait ends the job") {
    Trial trial;
    trial.timeout = "2s";
    trial.host().never_done();
    CHECK(trial.make().exit == 8);
    CHECK(contains(trial.last.out, "jobs wait"));
    CHECK(trial.state() == "rendering");
    trial.host().heal();
    CHECK(trial.jobs("wait", trial.id()).exit == 0);
    CHECK(trial.host().sold() == 1);
}
