// A process that stands still (SIGSTOP, a sleeping machine, a long call) past a time-out: what has come meanwhile counts.
#include <catch2/catch.hpp>

#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

// Stands still, in a call of the loop's, as soon as the server has read the request, until it has answered and `pause` is over.
Result<http::Response> stalled(RawServer& server, Gate& gate, const std::atomic<bool>& answered, http::Request request, std::chrono::milliseconds pause) {
    Exchange exchange;
    std::optional<Result<http::Response>> result;
    exchange.client->send(std::move(request), [&](Result<http::Response> response) { result = std::move(response); });
    auto stood = false;
    std::thread waker([&] {
        server.wait_for_requests(1);
        exchange.client->wake();
    });
    exchange.client->run([&] {
        if (!std::exchange(stood, stood || !server.book().empty()) && stood) {
            gate.open();
            const auto until = std::chrono::steady_clock::now() + pause;
            while (!answered || std::chrono::steady_clock::now() < until) std::this_thread::yield();
        }
        return result.has_value();
    });
    waker.join();
    return *result;
}

Act answer_behind(std::shared_ptr<Gate> gate, std::atomic<bool>& answered, std::string bytes) {
    return [=, &answered](Peer& peer, const Heard&) {
        gate->wait();
        answered = true;  // before a large one, that does not fit into the socket
        return peer.send(bytes);
    };
}

}  // namespace

TEST_CASE("C9: an answer that came while the process stood still past a time-out is taken") {
    auto gate = std::make_shared<Gate>();
    std::atomic<bool> answered = false;
    const auto which = GENERATE(as<std::string>(), "the time-out of the attempt", "the idle time-out", "both");
    CAPTURE(which);
    RawServer server({answer_behind(gate, answered, http_reply(200, R"({"id":"v1"})"))}, {.gates = {gate}});
    auto request = paid_post(server.url());
    if (which != "the idle time-out") request.timeout = 200ms;
    if (which != "the time-out of the attempt") request.idle_timeout = 200ms;
    const auto result = stalled(server, *gate, answered, request, 300ms);
    CAPTURE((result ? "" : result.error().message));
    REQUIRE(result);
    REQUIRE(result->body == R"({"id":"v1"})");
    REQUIRE(server.accepted("POST") == 1);
}

TEST_CASE("C9: an answer larger than what a socket holds is read to its end after the process stood still") {
    auto gate = std::make_shared<Gate>();
    std::atomic<bool> answered = false;
    const std::string large(60 << 20, 'x');
    RawServer server({answer_behind(gate, answered, http_reply(200, large))}, {.gates = {gate}});
    auto request = paid_post(server.url());
    request.timeout = 300ms;
    request.most = 64 << 20;
    const auto result = stalled(server, *gate, answered, request, 1000ms);
    CAPTURE((result ? "" : result.error().message));
    REQUIRE(result);
    REQUIRE(result->body.size() == large.size());
}

TEST_CASE("C9: where no answer came while the process stood still the paid request is unknown, soon after") {
    auto gate = std::make_shared<Gate>(), never = std::make_shared<Gate>();
    std::atomic<bool> answered = true;
    RawServer server({wait_for(never, reply(200, "{}"))}, {.gates = {gate, never}});
    auto request = paid_post(server.url());
    request.timeout = 200ms;
    const auto start = std::chrono::steady_clock::now();
    const auto result = stalled(server, *gate, answered, request, 800ms);
    REQUIRE_FALSE(result);
    REQUIRE(result.error().kind == ErrorKind::unknown);
    REQUIRE(result.error().message == "127.0.0.1 did not answer within 0.2s; it may have accepted the request all the same");
    REQUIRE(std::chrono::steady_clock::now() - start < 10s);
}

TEST_CASE("S5: a process that stands still past the time-outs while TLS begins has sent nothing, and says so") {
    auto gate = std::make_shared<Gate>();
    std::atomic<bool> connected = false;
    RawServer server({reply(200)}, {.tls = true, .gates = {gate}, .on_connect = [&, gate](Peer&) {
                                        connected = true;
                                        gate->wait();
                                        return true;
                                    }});
    Exchange exchange;
    exchange.trust(server);
    auto request = paid_post(server.url());
    const bool total = GENERATE(true, false);
    if (total) request.timeout = 200ms;
    else request.connect_timeout = 200ms;
    std::optional<Result<http::Response>> result;
    exchange.client->send(request, [&](Result<http::Response> response) { result = std::move(response); });
    auto stood = false;
    exchange.client->after(50ms, [&] {
        while (!connected) std::this_thread::yield();
        std::this_thread::sleep_for(700ms);  // the fault itself
        stood = true;
    });
    exchange.client->run([&] { return result.has_value(); });
    REQUIRE(stood);
    REQUIRE((*result).error().kind == ErrorKind::network);
    REQUIRE((*result).error().message == "127.0.0.1 was not connected to within 0.2s");
    REQUIRE(server.book().empty());
}
