// Submits that go wrong, at the real program. The judge of what was paid is the host's book.
#include <arpa/inet.h>

#include <set>

#include "fault/names.hpp"
#include "fault/relay.hpp"
#include "fault/trial.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

const std::string no_find = "[routes.openai.dialect]\nfind = false\n";

// A listening port whose queue is full: whoever connects waits.
class Full {
public:
    Full() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in here{};
        here.sin_family = AF_INET;
        here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof here;
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr*>(&here), length) == 0);
        REQUIRE(::listen(listener_, 0) == 0);
        ::getsockname(listener_, reinterpret_cast<sockaddr*>(&here), &length);
        port = ntohs(here.sin_port);
        for (int i = 0; i < 8; ++i) {
            const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
            ::connect(socket, reinterpret_cast<sockaddr*>(&here), sizeof here);
            sockets_.push_back(socket);
        }
    }
    ~Full() {
        for (const int socket : sockets_) ::close(socket);
        ::close(listener_);
    }
    int port = 0;

private:
    int listener_;
    std::vector<int> sockets_;
};

std::string body_with_id(const std::string& id) { return json{{"id", id}, {"object", "video"}, {"status", "queued"}}.dump(); }

}  // namespace

TEST_CASE("S1: a host whose name does not resolve is sent nothing, is tried again, and the job stays planned") {
    Trial trial(named());
    trial.base_url = at_name(trial.host().port());
    names(trial, "videos.test\n");
    trial.timeout = "3s";
    const auto output = trial.make();
    CHECK(output.exit == 6);
    CHECK(contains(output.err, "videos.test does not resolve"));
    CHECK(trial.state() == "planned");
    CHECK(trial.host().book().calls.empty());
    names(trial, "videos.test 127.0.0.1\n");
    trial.timeout = "20s";
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("S2: a port that is closed for three tries gets one submit once it opens") {
    Trial trial;
    Relay relay(trial.host().port());
    trial.base_url = "https://127.0.0.1:" + std::to_string(relay.port()) + "/v1";
    Child child(trial.complete(trial.made()), trial.options());
    REQUIRE(child.says("[3] = "));
    relay.open();
    trial.terms.calls_without_fault = 3;
    CHECK(trial.judge(child.wait()).exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("S3: a connection that is never accepted ends in its time, and nothing was sent") {
    Trial trial;
    Full full;
    trial.base_url = "https://127.0.0.1:" + std::to_string(full.port) + "/v1";
    trial.timeout = "2s";
    CHECK(trial.make().exit == 6);
    CHECK(trial.state() == "planned");
    CHECK(trial.host().sold() == 0);
}

TEST_CASE("S4: a host that cannot be trusted is sent nothing, and is named with the reason") {
    auto authority = make_certificate({.names = "DNS:authority", .authority = true});
    struct Case {
        CertificateWish wish;
        std::string reason;
        bool trusted = true;
    };
    auto [wish, reason, trusted] = GENERATE(values<Case>({{{.names = "DNS:other.example"}, "for another name"},
                                                          {{.valid_from = -7200, .valid_to = -3600}, "has expired"},
                                                          {{}, "self-signed", false},
                                                          {{}, "authority that is not known", false}}));
    CAPTURE(reason);
    if (reason.starts_with("authority")) wish.issuer = &authority;
    Trial trial({.certificate = make_certificate(wish)});
    if (!trusted) make_certificate().save(trial.home.work().parent_path() / "ca.pem");
    const auto output = trial.make();
    CHECK(output.exit == 6);
    const auto message = core::field_or(*core::parse_json(output.out, "stdout"), "/error/message", output.out);
    CHECK(contains(message, "127.0.0.1"));
    CHECK(contains(message, reason));
    for (const auto* word : {"insecure", "--no-", "skip"}) CHECK_FALSE(contains(output.err + output.out, word));
    CHECK(trial.host().book().calls.empty());
}

TEST_CASE("S5: a TLS handshake that is cut is tried again, one that stalls ends in its time, and nothing was sent") {
    std::atomic<int> left = 2;
    auto gate = std::make_shared<Gate>();
    const bool stalls = GENERATE(false, true);
    CAPTURE(stalls);
    Trial trial({.on_connect = [&, stalls](Peer& peer) {
                     if (left-- <= 0) return true;
                     if (stalls) return gate->wait(), false;
                     return peer.receive(), false;
                 }, .gates = {gate}});
    if (stalls) trial.timeout = "2s";
    const auto output = trial.make();
    CHECK(output.exit == (stalls ? 6 : 0));
    CHECK(trial.state() == (stalls ? "planned" : "done"));
    CHECK(trial.host().sold() == (stalls ? 0 : 1));
    if (!stalls) return;
    left = 0;
    trial.timeout = "20s";
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("S6: a submit that the server reads and drops is unknown, is not sent again, and is found where it is listed") {
    const bool resets = GENERATE(false, true), finds = GENERATE(false, true);
    CAPTURE(resets, finds);
    Trial trial;
    if (!finds) trial.config(no_find);
    trial.host().next(VideoHost::create, trial.host().sold_then(resets ? reset() : close_silently()));
    CHECK(trial.make().exit == (finds ? 0 : 11));
    CHECK(trial.host().sold() == 1);
    CHECK(trial.state() == (finds ? "done" : "unknown"));
    if (finds) return;
    CHECK(contains(trial.last.out, "jobs resend"));
    CHECK(contains(trial.last.out, "jobs adopt"));
    trial.again_is_free({}, 11);
}

TEST_CASE("S7: a submit that is dropped on a connection in use is accepted once, over TCP and over TLS") {
    const bool tls = GENERATE(false, true);
    CAPTURE(tls);
    // The first clip's download leaves in the same moment as the second submit: whichever is first takes the connection.
    bool in_use = false;
    for (int tries = 0; !in_use && tries < 20; ++tries) {
        Trial trial({.tls = tls});
        trial.config(no_find);
        trial.terms.asked = 2;
        trial.host().next(VideoHost::create, trial.host().ordinary(VideoHost::create)).next(VideoHost::create, trial.host().sold_then(close_silently()));
        CHECK(trial.make({"-n", "2", "-j", "1"}).exit == 14);
        CHECK(trial.host().sold() == 2);
        std::set<int> used;
        int submits = 0;
        for (const auto& heard : trial.host().server().book()) {
            if (heard.method == "POST" && ++submits == 2) in_use = used.contains(heard.connection);
            used.insert(heard.connection);
        }
        CHECK(submits == 2);
        trial.again_is_free({"-n", "2", "-j", "1"}, 14);
    }
    CHECK(in_use);
}

TEST_CASE("S9: an answer that ends inside its JSON is unknown, and the id in it is a hint and no receipt") {
    const bool readable = GENERATE(false, true);
    CAPTURE(readable);
    Trial trial;
    trial.config(no_find);
    trial.host().next(VideoHost::create, trial.host().sold_then(truncate(500, readable ? "{\"id\": \"video_1\", \"obj" : "{\"id\"")));
    CHECK(trial.make().exit == 11);
    CHECK(trial.state() == "unknown");
    CHECK(trial.host().sold() == 1);
    if (!readable) return;
    const auto shown = trial.home.program({"jobs", "show", trial.id()});
    CHECK(contains(shown.out, "video_1"));
    trial.again_is_free({}, 11);
    CHECK(trial.run({"jobs", "adopt", trial.id(), "video_1"}).exit == 0);
    CHECK(trial.state() == "done");
}

TEST_CASE("S10: a success without a usable id is unknown, and the job is found where it is listed") {
    const std::string body = GENERATE(as<std::string>(), "<html>welcome</html>", "", "{\"object\": \"video\"}", "{\"id\": 7}", "{\"id\": null}",
                                      "{\"id\": \"" + std::string(100 << 10, 'x') + "\"}");
    const bool finds = GENERATE(false, true);
    CAPTURE(body.substr(0, 30), finds);
    Trial trial;
    if (!finds) trial.config(no_find);
    trial.host().next(VideoHost::create, trial.host().sold_then(reply(200, body)));
    CHECK(trial.make().exit == (finds ? 0 : 11));
    CHECK(trial.state() == (finds ? "done" : "unknown"));
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("S11: a server error says nothing about what was accepted: the list tells, and without one it is unknown") {
    const int status = GENERATE(500, 502, 504, 520);
    const bool sold = GENERATE(false, true), finds = GENERATE(false, true);
    CAPTURE(status, sold, finds);
    Trial trial;
    if (!finds) trial.config(no_find);
    if (finds && !sold) trial.timeout = "2s";
    const auto answer = reply(status, "{\"error\": \"oops\"}");
    trial.host().next(VideoHost::create, sold ? trial.host().sold_then(answer) : answer);
    const bool found = sold && finds;
    CHECK(trial.make().exit == (found ? 0 : 11));
    CHECK(trial.state() == (found ? "done" : "unknown"));
    CHECK(trial.host().sold() == (sold ? 1 : 0));
}

TEST_CASE("S12: a 503 is waited for where the provider promises that nothing was created, and unknown elsewhere") {
    const bool promised = GENERATE(false, true);
    CAPTURE(promised);
    Trial trial;
    trial.config(no_find + (promised ? "unsent = [503]\n" : ""));
    trial.host().next(VideoHost::create, trial.host().ask_to_wait(503, "{}", {"Retry-After: 1"}, 1s));
    trial.terms.calls_without_fault = 3;
    CHECK(trial.make().exit == (promised ? 0 : 11));
    CHECK(trial.host().sold() == (promised ? 1 : 0));
    CHECK(trial.state() == (promised ? "done" : "unknown"));
}

TEST_CASE("S13: a request to slow down is honoured in every form, an absurd one is not, and one submit comes of it") {
    struct Case {
        std::vector<std::string> headers;
        std::chrono::milliseconds wait;
    };
    const auto [headers, wait] = GENERATE(values<Case>({{{"Retry-After: 1"}, 1000ms},
                                                        {{"retry-after-ms: 300"}, 300ms},
                                                        {{}, 0ms},
                                                        {{"Retry-After: 31536000"}, 0ms},
                                                        {{"Retry-After: -5"}, 0ms},
                                                        {{"Retry-After: soon"}, 0ms},
                                                        {{"Retry-After: Thu, 01 Jan 2150 00:00:00 GMT"}, 0ms}}));
    CAPTURE(headers);
    Trial trial;
    trial.host().next(VideoHost::create, trial.host().ask_to_wait(429, "{}", headers, wait));
    trial.terms.calls_without_fault = 3;
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("S13: a wish to wait that outlasts the time-out ends the waiting and not the job") {
    Trial trial;
    trial.timeout = "1s";
    trial.host().always(VideoHost::create, trial.host().ask_to_wait(429, "{}", {"Retry-After: 600"}, 600s));
    CHECK(trial.make().exit == 5);
    CHECK(trial.state() == "planned");
    CHECK(trial.host().book().calls.size() == 1);
}

TEST_CASE("S14: an empty purse ends the route at once") {
    const auto [status, body] = GENERATE(table<int, std::string>({{429, "{\"error\": {\"code\": \"insufficient_quota\"}}"}, {402, "{}"}}));
    CAPTURE(status);
    Trial trial;
    trial.terms.asked = 3;
    trial.host().always(VideoHost::create, reply(status, body));
    CHECK(trial.make({"-n", "3", "-j", "1"}).exit == 5);
    CHECK(trial.host().book().calls.size() == 1);
}

TEST_CASE("S15: a key that is revoked in the middle sends nothing more, and what renders stays in the ledger") {
    const int status = GENERATE(401, 403);
    CAPTURE(status);
    Trial trial;
    auto& host = trial.host();
    trial.terms.asked = 3;
    host.never_done();
    const auto refuse = reply(status, "{\"error\": {\"code\": \"invalid_api_key\", \"message\": \"key canary-key-0123456789 was revoked\"}}");
    host.next(VideoHost::create, host.ordinary(VideoHost::create)).next(VideoHost::create, refuse).always(VideoHost::poll, refuse);
    CHECK(trial.make({"-n", "3", "-j", "2"}).exit == 3);
    CHECK(host.sold() == 1);
    int submits = 0;
    for (const auto& call : host.book().calls) submits += call.method == "POST";
    CHECK(submits == 2);
    int rendering = 0;
    for (const auto& job : trial.listed()) rendering += job["state"] == "rendering";
    CHECK(rendering == 1);
    host.heal();
    CHECK(trial.make({"-n", "3", "-j", "2"}).exit == 0);
    CHECK(host.sold() == 3);
}

TEST_CASE("S16: refused content is exit 4, at the submit and after rendering, and the other takes go on") {
    const bool late = GENERATE(false, true);
    CAPTURE(late);
    Trial trial;
    auto& host = trial.host();
    trial.terms.asked = 2;
    const json why{{"code", "moderation_blocked"}, {"message", "not this"}};
    if (late) host.tell_jobs([&](json& job) {
        if (job["id"] == "video_1" && job["status"] == "completed") job["status"] = "failed", job["error"] = why;
    });
    else host.next(VideoHost::create, reply(400, json{{"error", why}}.dump()));
    const auto output = trial.make({"-n", "2", "-j", "1"});
    CHECK(output.exit == 14);
    const auto jobs = trial.listed();
    REQUIRE(jobs.size() == 2);
    const auto refused = jobs[0]["state"] == "rejected" ? 0 : 1;  // both were made in one millisecond: either may stand first
    CHECK(jobs[refused]["state"] == "rejected");
    CHECK(jobs[refused]["exit"] == 4);
    CHECK(jobs[1 - refused]["state"] == "done");
}

TEST_CASE("S17: an answer that is slower than the wait for it is unknown, and found later") {
    auto gate = std::make_shared<Gate>();
    Trial trial({.gates = {gate}});
    auto& host = trial.host();
    trial.timeout = "1s";
    host.next(VideoHost::create, host.sold_then(wait_for(gate, reply(200, body_with_id("video_1")))));
    CHECK(trial.make().exit == 11);
    CHECK(trial.state() == "unknown");
    trial.timeout = "20s";
    trial.again_is_free();
    CHECK(trial.state() == "done");
}

TEST_CASE("S19: answers before the final one are skipped, and the submit waits for none") {
    Trial trial;
    auto& host = trial.host();
    host.next(VideoHost::create, [&](Peer& peer, const Heard& heard) {
        return peer.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n") && host.ordinary(VideoHost::create)(peer, heard);
    });
    CHECK(trial.make().exit == 0);
    CHECK(host.sold() == 1);
    for (const auto& heard : host.server().book()) CHECK(heard.header("Expect").empty());
}

TEST_CASE("S20: a submit is not sent elsewhere, whatever the redirect says, and no key goes there") {
    const int status = GENERATE(301, 302, 303, 307, 308);
    const bool other = GENERATE(false, true);
    CAPTURE(status, other);
    RawServer stranger({reply(200, body_with_id("video_1"))});
    Trial trial;
    auto& host = trial.host();
    const auto place = other ? stranger.url("/v1/videos") : host.url() + "/videos";  // to itself: a loop
    host.always(VideoHost::create, reply(status, "", {"Location: " + place}));
    CHECK(trial.make().exit == 7);
    CHECK(contains(trial.last.out, place));
    CHECK(host.sold() == 0);
    CHECK(host.book().calls.size() == 1);
    host.heard_elsewhere(stranger);
    CHECK(stranger.connections() == 0);
    trial.judge(trial.last);
}

TEST_CASE("S21: a provider that honours the key is asked again with the same key and bytes, and its one job is taken") {
    Trial trial;
    trial.config("[routes.openai.dialect]\nfind = false\nidempotency_header = \"Idempotency-Key\"\n");
    auto& host = trial.host();
    SECTION("the answer is lost twice") {
        host.next(VideoHost::create, host.sold_then(close_silently())).next(VideoHost::create, close_silently());
        CHECK(trial.make().exit == 0);
        CHECK(trial.state() == "done");
    }
    SECTION("the key is known there with another body") {
        trial.terms.may_be_bug = true;
        host.next(VideoHost::create, host.sold_then(close_silently()));
        host.always(VideoHost::create, reply(409, "{\"error\": {\"code\": \"idempotency_key_mismatch\", \"message\": \"another body\"}}"));
        CHECK(trial.make().exit == 70);
    }
    CHECK(host.sold() == 1);
    std::set<std::string> keys, bodies;
    for (const auto& heard : host.server().book())
        if (heard.method == "POST") {
            keys.insert(heard.header("Idempotency-Key"));
            bodies.insert(heard.body);
        }
    CHECK(keys.size() == 1);
    CHECK(bodies.size() == 1);
}

TEST_CASE("S22: of what a host lists none, one or several may be the lost job, and only one is taken") {
    Trial trial;
    auto& host = trial.host();
    int found = 0;
    SECTION("one") {
        host.next(VideoHost::create, host.sold_then(close_silently()));
        CHECK(trial.make().exit == 0);
        found = 1;
    }
    SECTION("one, behind a list that fails at first") {
        host.next(VideoHost::create, host.sold_then(close_silently())).next(VideoHost::list, reply(500, "{}")).next(VideoHost::list, close_silently());
        CHECK(trial.make().exit == 0);
        found = 1;
    }
    SECTION("one that appears later") {
        host.next(VideoHost::create, host.sold_then(close_silently()));
        host.next(VideoHost::list, [&](Peer& peer, const Heard&) {
            return peer.send(http_reply(200, "{\"object\": \"list\", \"data\": [], \"has_more\": false}"));
        });
        CHECK(trial.make().exit == 0);
        found = 1;
    }
    SECTION("several") {
        host.next(VideoHost::create, host.also_for_another(host.sold_then(close_silently())));
        CHECK(contains(trial.make().out, "video_1"));
        CHECK(contains(trial.last.out, "video_2"));
        CHECK(trial.last.exit == 11);
        found = 2;
    }
    SECTION("none") {
        trial.timeout = "2s";
        host.next(VideoHost::create, close_silently());
        CHECK(trial.make().exit == 11);
    }
    CHECK(trial.state() == (found == 1 ? "done" : "unknown"));
}

TEST_CASE("S23: two equal shots of a batch whose answers are both lost never become the same job, and each can be given its own") {
    Trial trial;
    auto& host = trial.host();
    trial.terms.asked = 2;
    trial.home.write("work/rows.jsonl", "{\"id\": \"one\", \"prompt\": \"a heron lifts off\"}\n{\"id\": \"other\", \"prompt\": \"a heron lifts off\"}\n");
    const std::vector<std::string> batch{"batch", "rows.jsonl", "-m", "openai:animatic", "--base-url", trial.base_url, "-d", "1", "--size", "128x128", "--no-audio", "--yes"};
    host.next(VideoHost::create, host.sold_then(close_silently()), 2);
    const auto exit = trial.run(batch).exit;
    CHECK((exit == 0 || exit == 11 || exit == 14));
    REQUIRE(host.sold() == 2);
    auto jobs = trial.listed();
    REQUIRE(jobs.size() == 2);
    std::set<std::string> taken;
    for (const auto& job : jobs)
        if (const auto id = core::field_or(job, "/remote/id", ""); !id.empty()) CHECK(taken.insert(id).second);
        else CHECK(job["state"] == "unknown");
    // What stayed open is the user's to settle, and one provider's job is not given twice.
    trial.terms.asked = 1;
    for (const auto& job : jobs) {
        if (!core::field_or(job, "/remote/id", "").empty()) continue;
        const std::string id = job["id"];
        for (const auto& other : taken) CHECK(trial.run({"jobs", "adopt", id, other}).exit == 2);
        const auto free = taken.contains("video_1") ? "video_2" : "video_1";
        CHECK(trial.run({"jobs", "adopt", id, free}).exit == 0);
        taken.insert(free);
    }
    trial.terms.asked = 2;
    CHECK(trial.run(batch).exit == 0);
    jobs = trial.listed();
    REQUIRE(jobs.size() == 2);
    taken.clear();
    for (const auto& job : jobs) {
        CHECK(job["state"] == "done");
        taken.insert(core::field_or(job, "/remote/id", ""));
    }
    CHECK(taken == std::set<std::string>{"video_1", "video_2"});
    CHECK(host.sold() == 2);
}

TEST_CASE("S24: the job of the first sending that appears after the user had it sent again is a job of its own, told and fetched") {
    Trial trial;
    auto& host = trial.host();
    trial.timeout = "1s";
    host.next(VideoHost::create, host.sold_then(close_silently()));
    host.always(VideoHost::list, [](Peer& peer, const Heard&) { return peer.send(http_reply(200, "{\"object\": \"list\", \"data\": [], \"has_more\": false}")); });
    CHECK(trial.make().exit == 11);
    CHECK(trial.state() == "unknown");
    host.heal();
    trial.timeout = "20s";
    trial.terms.asked = 2;
    CHECK(trial.jobs("resend", trial.id()).exit == 0);
    CHECK(contains(trial.last.err, "the first sending was accepted as well, as video_1"));
    CHECK(host.sold() == 2);
    const auto jobs = trial.listed();
    REQUIRE(jobs.size() == 2);
    for (const auto& job : jobs) CHECK(job["state"] == "done");
}

TEST_CASE("S8: a server that is killed while it works on the submit has one job of it, and the client finds that") {
    Trial trial;
    const auto place = trial.home.work().parent_path() / "server";
    const auto jobs = place / "shotwire/serve/jobs";
    std::filesystem::create_directories(place);
    auto options = trial.options();
    options.folder = place;
    options.env["XDG_STATE_HOME"] = place;
    std::string port = "0";
    const auto serve = [&](const std::vector<std::string>& faults) {
        std::vector<std::string> args{"serve", "--port", port};
        args.insert(args.end(), faults.begin(), faults.end());
        auto server = std::make_unique<Child>(args, options);
        REQUIRE(server->says("/v1"));
        return server;
    };
    auto server = serve({"--fault", "create:delay=100"});
    const auto said = server->said();
    const auto at = said.find("https://127.0.0.1:");
    trial.base_url = said.substr(at, said.find("/v1", at) + 3 - at);
    port = trial.base_url.substr(18, trial.base_url.size() - 18 - 3);
    std::filesystem::copy_file(place / "shotwire/serve/cert.pem", trial.home.work().parent_path() / "ca.pem", std::filesystem::copy_options::overwrite_existing);
    trial.timeout = "60s";
    Child child(trial.complete({"make", "a heron lifts off", "-m", "openai:animatic", "--base-url", trial.base_url, "-o", "{id}.mp4", "-d", "1", "--size", "128x128"}),
                trial.options());
    const auto made = [&] {  // jobs that it has put down for good
        int count = 0;
        std::error_code failed;
        for (const auto& job : std::filesystem::directory_iterator(jobs, failed)) count += job.path().filename().string().starts_with("video_");
        return count;
    };
    for (const auto end = std::chrono::steady_clock::now() + 30s; made() == 0 && std::chrono::steady_clock::now() < end;) std::this_thread::yield();
    REQUIRE(made() == 1);
    server->send(SIGKILL);
    (void)server->wait();
    server = serve({});
    CHECK(trial.judge(child.wait()).exit == 0);
    CHECK(made() == 1);
    CHECK(trial.state() == "done");
    server->send(SIGTERM);
    CHECK(server->wait().exit == 0);
}
