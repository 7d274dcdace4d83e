// What is known after a paid request went wrong. The judge is the server's book, never the client.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

bool names_unknown(const Result<http::Response>& result) { return !result && result.error().kind == ErrorKind::unknown; }

}  // namespace

TEST_CASE("a paid request that the server reads and then drops is unknown, on a fresh connection") {
    auto act = GENERATE(as<std::string>(), "close", "reset");
    CAPTURE(act);
    RawServer server({act == "close" ? close_silently() : reset()});
    Exchange exchange;
    REQUIRE(names_unknown(exchange(paid_post(server.url()))));
    REQUIRE(server.accepted("POST") == 1);
}

TEST_CASE("S7: a paid request that is dropped on a reused connection is sent once and unknown") {
    auto tls = GENERATE(false, true);
    CAPTURE(tls);
    RawServer server({reply(200, "{}"), close_silently(), reply(200, "{}")}, {.tls = tls});
    Exchange exchange;
    if (tls) exchange.trust(server);
    REQUIRE(exchange(get(server.url()))->status == 200);
    auto paid = paid_post(server.url());
    auto result = exchange(paid);
    REQUIRE(server.accepted("POST") == 1);
    if (!tls) REQUIRE(server.book()[1].connection == server.book()[0].connection);
    REQUIRE(names_unknown(result));
    REQUIRE(result.error().message == "127.0.0.1 closed the connection without an answer; it may have accepted the request all the same");
}

TEST_CASE("S7: without the guard libcurl sends a paid request twice") {
    RawServer server({reply(200, "{}"), close_silently(), reply(200, "{}")});
    Exchange exchange({}, {.unguarded = true});
    REQUIRE(exchange(get(server.url()))->status == 200);
    REQUIRE(exchange(paid_post(server.url()))->status == 200);
    REQUIRE(server.accepted("POST") == 2);
}

TEST_CASE("a free request that is dropped on a reused connection is repeated") {
    RawServer server({reply(200, "a"), close_silently(), reply(200, "b")});
    Exchange exchange;
    REQUIRE(exchange(get(server.url()))->body == "a");
    REQUIRE(exchange(get(server.url()))->body == "b");
}

TEST_CASE("N7: a server that closes idle connections just as we send gets each paid request once") {
    std::mt19937 random(7);
    std::atomic<int> lucky = 0;
    std::vector<unsigned> spins(1000);
    for (auto& spin : spins) spin = random() % 4000;
    std::atomic<std::size_t> round = 0;
    RawServer server({[&](Peer& peer, const Heard& heard) {
        peer.send(http_reply(200, "{}"));
        if (heard.method == "POST") return true;
        auto until = std::chrono::steady_clock::now() + std::chrono::nanoseconds(100 * spins[round % spins.size()]);
        while (std::chrono::steady_clock::now() < until) {
        }
        return false;
    }});
    Exchange exchange;
    for (round = 0; round < spins.size(); ++round) {
        REQUIRE(exchange(get(server.url())));
        auto result = exchange(paid_post(server.url(), "round " + std::to_string(round)));
        if (result)
            ++lucky;
        else
            REQUIRE(result.error().kind == ErrorKind::unknown);
    }
    std::map<std::string, int> submits;
    for (auto& heard : server.book()) {
        if (heard.method == "POST") ++submits[heard.body];
    }
    for (auto& [body, count] : submits) REQUIRE(count == 1);
    REQUIRE(int(submits.size()) >= lucky);
}

TEST_CASE("an answer to a paid request that breaks off is unknown") {
    auto act = GENERATE(0, 1, 2, 3, 4, 5);
    CAPTURE(act);
    std::vector<Act> acts = {
        truncate(50, "{\"id\""),
        raw_reply("HTTP/1.1 200 Fine\r\nContent-Le"),
        raw_reply("HTTP/1.1 200 Fine\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        raw_reply("HTTP/1.1 200 Fine\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"),
        raw_reply("this is no HTTP at all, and it goes on for a while\r\n\r\n"),
        raw_reply("HTTP/1.1 200 Fine\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!"),
    };
    RawServer server({acts[std::size_t(act)]});
    Exchange exchange;
    REQUIRE(names_unknown(exchange(paid_post(server.url()))));
    REQUIRE(server.accepted("POST") == 1);
}

TEST_CASE("an answer to a paid request that is larger than allowed is unknown, to a free one the provider's fault") {
    RawServer server({reply(200, std::string(5000, 'x'))});
    Exchange exchange;
    auto paid = paid_post(server.url());
    paid.most = 4999;
    REQUIRE(names_unknown(exchange(paid)));
    auto free = get(server.url());
    free.most = 4999;
    auto refused = exchange(free);
    REQUIRE(refused.error().kind == ErrorKind::provider);
    REQUIRE(refused.error().message == "127.0.0.1 answered with more than 4999 bytes");
    free.most = 5000;
    REQUIRE(exchange(free)->body.size() == 5000);
}

TEST_CASE("every complete answer to a paid request is a response") {
    auto status = GENERATE(200, 201, 400, 402, 404, 409, 429, 500, 503, 520);
    RawServer server({reply(status, "{}")});
    Exchange exchange;
    REQUIRE(exchange(paid_post(server.url()))->status == status);
}

TEST_CASE("a paid request that is answered too late is unknown") {
    auto gate = std::make_shared<Gate>();
    RawServer server({wait_for(gate, reply(200, "{}"))}, {.gates = {gate}});
    Exchange exchange;
    auto request = paid_post(server.url());
    SECTION("by the time-out of the attempt") { request.timeout = 80ms; }
    SECTION("by the idle time-out") { request.idle_timeout = 80ms; }
    auto start = std::chrono::steady_clock::now();
    REQUIRE(names_unknown(exchange(request)));
    auto took = std::chrono::steady_clock::now() - start;
    REQUIRE(took >= 80ms);
    REQUIRE(took < 5s);
    REQUIRE(server.accepted("POST") == 1);
}

TEST_CASE("a paid request that was surely not sent is a network error") {
    Exchange exchange;
    SECTION("the port is closed") {
        std::string url;
        { url = RawServer({reply(200)}).url(); }
        auto result = exchange(paid_post(url));
        REQUIRE(result.error().kind == ErrorKind::network);
        REQUIRE(result.error().message == "127.0.0.1 refused the connection");
    }
    SECTION("the name does not resolve") {
        auto result = exchange(paid_post("https://nowhere.invalid/v1"));
        REQUIRE(result.error().kind == ErrorKind::network);
        REQUIRE(result.error().message.find("nowhere.invalid does not resolve") == 0);
    }
    SECTION("the TLS handshake is cut") {
        RawServer server({reply(200)}, {.tls = true, .on_connect = [](Peer& peer) { return peer.receive(), false; }});
        exchange.trust(server);
        REQUIRE(exchange(paid_post(server.url())).error().kind == ErrorKind::network);
        REQUIRE(server.book().empty());
    }
    SECTION("the TLS handshake stalls") {
        auto gate = std::make_shared<Gate>();
        RawServer server({reply(200)}, {.tls = true, .gates = {gate}, .on_connect = [=](Peer&) { return gate->wait(), false; }});
        exchange.trust(server);
        auto request = paid_post(server.url());
        request.connect_timeout = 60ms;
        auto result = exchange(request);
        REQUIRE(result.error().kind == ErrorKind::network);
        REQUIRE(result.error().message == "127.0.0.1 was not connected to within 0.1s");
    }
}

TEST_CASE("S19: no Expect header is sent, whatever the size of the body") {
    RawServer server({reply(200, "{}")});
    Exchange exchange;
    REQUIRE(exchange(paid_post(server.url(), std::string(3 << 20, 'x'))));
    REQUIRE(server.book()[0].header("Expect").empty());
    REQUIRE(server.book()[0].body.size() == 3 << 20);
}

TEST_CASE("S19: where a route's own headers have an Expect, its refusal is an answer, and nothing is sent again") {
    RawServer server({reply(417, R"({"error":"expectation"})")});
    Exchange exchange;
    auto request = paid_post(server.url(), std::string(3 << 20, 'x'));
    request.headers.push_back({"Expect", "100-continue"});
    const auto response = exchange(request);
    REQUIRE(response);
    REQUIRE(response->status == 417);
    REQUIRE(server.accepted("POST") == 1);
    REQUIRE(server.book()[0].body.size() == 3 << 20);
}

TEST_CASE("answers before the final one are skipped") {
    RawServer server(
        {raw_reply("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" +
                   http_reply(201, "{}", {"Z: z"}))});
    Exchange exchange;
    auto response = exchange(paid_post(server.url()));
    REQUIRE(response->status == 201);
    REQUIRE(response->header("z") == "z");
    REQUIRE(response->header("Link").empty());
    REQUIRE(response->header("X").empty());
}

TEST_CASE("a redirect of a paid request is an answer, not followed") {
    auto status = GENERATE(301, 302, 303, 307, 308);
    RawServer other({reply(200, "{}")});
    RawServer server({reply(status, "", {"Location: " + other.url()})});
    Exchange exchange;
    auto request = paid_post(server.url());
    request.credential = http::Credential{.key = core::Key("canary-key-0123")};
    auto response = exchange(request);
    REQUIRE(response->status == status);
    REQUIRE(response->header("Location") == other.url());
    REQUIRE(other.connections() == 0);
    REQUIRE(server.accepted("POST") == 1);
    REQUIRE(server.book()[0].header("Authorization") == "Bearer canary-key-0123");
}
