// What happens to connections, names, proxies, headers and JSON, at the real program.
#include <netinet/in.h>

#include "fault/names.hpp"
#include "fault/relay.hpp"
#include "fault/trial.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

// A port of ::1 where a connection is begun and never made; 0 where there is no IPv6 at all, which is as broken.
class SilentOnIpv6 {
public:
    explicit SilentOnIpv6(int port) : listener_(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in6 here{};
        here.sin6_family = AF_INET6;
        here.sin6_addr = in6addr_loopback;
        here.sin6_port = htons(std::uint16_t(port));
        if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&here), sizeof here) != 0) return;
        ::listen(listener_, 0);
        for (int i = 0; i < 8; ++i) {
            sockets_.push_back(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
            ::connect(sockets_.back(), reinterpret_cast<sockaddr*>(&here), sizeof here);
        }
    }
    ~SilentOnIpv6() {
        for (const int socket : sockets_) ::close(socket);
        if (listener_ >= 0) ::close(listener_);
    }

private:
    int listener_;
    std::vector<int> sockets_;
};

}  // namespace

TEST_CASE("N4: where IPv6 leads nowhere the submit goes over IPv4, once and soon") {
    Trial trial(named());
    SilentOnIpv6 silent(trial.host().port());
    names(trial, "videos.test ::1 127.0.0.1\n");
    trial.base_url = at_name(trial.host().port());
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
    CHECK(trial.last.took < 10s);
}

TEST_CASE("N5: a host that moves between submit and poll is found at its new address, with one submit") {
    const bool same_process = GENERATE(false, true);
    CAPTURE(same_process);
    Trial trial(named());
    auto old_place = std::make_unique<Relay>(trial.host().port());
    Relay new_place(trial.host().port(), "127.0.0.2", old_place->port());
    old_place->open();
    new_place.open();
    names(trial, "videos.test 127.0.0.1\n");
    trial.base_url = at_name(old_place->port());
    const auto move = [&] {
        names(trial, "videos.test 127.0.0.2\n");
        old_place.reset();  // what was connected is cut, and nobody listens there
    };
    if (same_process) {
        trial.host().never_done();
        trial.timeout = "40s";
        Child child(trial.complete(trial.made()), trial.options());
        REQUIRE(trial.host().wait_for_requests(2));
        move();
        trial.host().done_after(1);
        CHECK(trial.judge(child.wait()).exit == 0);
    } else {
        const auto ran = Child({"make", "a heron lifts off", "-m", "openai:animatic", "--base-url", trial.base_url, "-o", "{id}.mp4", "-d", "1", "--size", "128x128",
                                "--no-audio", "--no-wait", "--cacert", (trial.home.work().parent_path() / "ca.pem").string()}, trial.options()).wait();
        CHECK(ran.exit == 0);
        move();
        CHECK(trial.jobs("wait", trial.id()).exit == 0);
    }
    CHECK(trial.host().sold() == 1);
    CHECK(new_place.connections() > 0);
}

TEST_CASE("N6: a proxy that does not let us through means that nothing was sent, and its password is shown nowhere") {
    const auto [act, says] = GENERATE(table<Act, std::string>({{reply(403, "no"), "the proxy answered 403"},
                                                               {reply(407, "no", {"Proxy-Authenticate: Basic realm=\"x\""}), "wants a user name and password"},
                                                               {close_silently(), "was not reached"},
                                                               {raw_reply("HTTP/1.1 200 Connected\r\n\r\n"), "ended the TLS handshake"},
                                                               {raw_reply("HTTP/1.1 200 Fine\r\n\r\n<html>please log in</html>"), "ended the TLS handshake"}}));
    CAPTURE(says);
    RawServer proxy({act});
    Trial trial(named());
    names(trial, "videos.test 127.0.0.1\n");
    trial.base_url = at_name(trial.host().port());
    trial.terms.secrets.push_back("canary-proxy-password");
    trial.timeout = "2s";
    trial.home.env["https_proxy"] = "http://me:canary-proxy-password@127.0.0.1:" + std::to_string(proxy.port());
    CHECK(trial.make().exit == 6);
    CHECK(contains(trial.last.err + trial.last.out, says));
    CHECK(trial.state() == "planned");
    CHECK(trial.host().book().calls.empty());
    CHECK(proxy.accepted("CONNECT") >= 1);
    for (const auto& heard : proxy.book()) CHECK_FALSE(contains(heard.head, Trial::key));
    trial.home.env.erase("https_proxy");
    trial.timeout = "20s";
    CHECK(trial.make().exit == 0);
    CHECK(trial.host().sold() == 1);
}

TEST_CASE("N8: headers beyond all measure are refused and leave no cookie, and the job goes on") {
    std::string lines, cookies;
    for (int i = 0; i < 10'000; ++i) lines += "X-Line-" + std::to_string(i) + ": y\r\n";
    for (int i = 0; i < 500; ++i) cookies += "Set-Cookie: c" + std::to_string(i) + "=canary-cookie; Path=/\r\n";
    const std::string body = "{\"id\": \"video_1\", \"status\": \"queued\"}", length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
    const std::string head = GENERATE_COPY(as<std::string>(), "X-Big: " + std::string(10 << 20, 'x') + "\r\n" + length, lines + length, std::string("X-Nul: a\0b\r\n", 12) + length,
                                           length + "Content-Length: 7\r\n", cookies + length, std::string("Broken header\r\n") + length);
    CAPTURE(head.substr(0, 30));
    const bool at_submit = GENERATE(false, true);
    CAPTURE(at_submit);
    Trial trial;
    auto& host = trial.host();
    trial.terms.most_memory = 60'000;
    const auto act = raw_reply("HTTP/1.1 200 Fine\r\n" + head + "\r\n" + body);
    if (at_submit) host.next(VideoHost::create, host.sold_then(act));
    else host.next(VideoHost::poll, act);
    CHECK(trial.make().exit == 0);
    CHECK(host.sold() == 1);
    for (const auto& call : host.book().calls) CHECK_FALSE(contains(call.head, "Cookie:"));
}

TEST_CASE("N9: JSON beyond all measure is an answer that cannot be read, and the job goes on") {
    std::string deep;
    for (int i = 0; i < 100'000; ++i) deep += "[";
    const std::string body = GENERATE_COPY(as<std::string>(), deep, "{\"id\": \"video_1\", \"status\": " + deep + "}", std::string("{\"id\": \"\xff\xfe\", \"status\": \"\xc0\x80\"}"),
                                           std::string("{\"status\": \"completed\", \"status\": \"queued\", \"id\": \"video_1\"}"),
                                           std::string("{\"id\": \"video_1\", \"status\": \"queued\", \"progress\": 1e999999}"),
                                           "{\"id\": \"video_1\", \"status\": \"queued\", \"progress\": " + std::string(5000, '9') + "}",
                                           std::string("{\"id\": \"video_1\", \"status\": \"\\ud800\"}"), std::string("BIG"));
    CAPTURE(body.substr(0, 40));
    Trial trial;
    auto& host = trial.host();
    trial.terms.most_memory = 120'000;
    if (body == "BIG") {
        host.next(VideoHost::poll, [](Peer& peer, const Heard&) {
            const std::string piece(1 << 20, ' ');
            bool goes_on = peer.send("HTTP/1.1 200 Fine\r\nContent-Length: 104857600\r\n\r\n");
            for (int i = 0; goes_on && i < 100; ++i) goes_on = peer.send(piece);
            return false;
        });
    } else {
        host.next(VideoHost::poll, reply(200, body, {"openai-poll-after-ms: 20"}));
    }
    CHECK(trial.make().exit == 0);
    CHECK(host.sold() == 1);
}

TEST_CASE("N9: what a provider says is shown without its controls") {
    Trial trial;
    trial.host().end_badly({{"code", "server_error"}, {"message", "it \x1b[31mbroke\x1b[0m\a\x07 \xe2\x80\xae and\r\nmore"}});
    CHECK(trial.make().exit == 7);
    for (const char bad : {'\x1b', '\a', '\r'}) CHECK(trial.last.err.find(bad) == std::string::npos);
    CHECK_FALSE(contains(trial.last.err, "\xe2\x80\xae"));
}
