#include <sys/time.h>
#include <catch2/catch.hpp>
#include <csignal>

#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

TEST_CASE("timers ring in order of their time and not before it") {
    auto loop = http::make_curl_client({});
    auto start = loop->now();
    std::string order;
    loop->after(30ms, [&] { order += "b"; });
    loop->after(10ms, [&] { order += "a"; });
    loop->cancel_timer(loop->after(5ms, [&] { order += "x"; }));
    loop->after(-1s, [&] { order += "0"; });
    loop->run([] { return false; });
    REQUIRE(order == "0ab");
    REQUIRE(loop->now() - start >= 30ms);
}

TEST_CASE("the end of a turn comes after all its calls and before what they sent leaves") {
    RawServer server({reply(200)});
    auto client = http::make_curl_client({});
    std::vector<std::string> order;
    auto answered = false;
    client->after(0ms, [&] {
        client->at_turn_end([&] {
            order.push_back("end " + std::to_string(server.book().size()));
            client->send(get(server.url()), [&](Result<http::Response>) {
                order.push_back("answer");
                answered = true;
            });
            order.push_back("sent");
        });
        order.push_back("first");
    });
    client->after(0ms, [&] { order.push_back("second"); });
    client->run([&] { return answered; });
    REQUIRE(order == std::vector<std::string>{"first", "second", "end 0", "sent", "answer"});
}

TEST_CASE("a loop with nothing to do ends") {
    auto client = http::make_curl_client({});
    auto asked = 0;
    client->run([&] { return ++asked, false; });
    REQUIRE(asked == 1);
}

TEST_CASE("a thread and a signal wake the loop") {
    auto client = http::make_curl_client({});
    client->after(1h, [] { FAIL("an hour has passed"); });
    SECTION("a thread") {
        std::atomic<bool> stop = false;
        std::thread thread([&] {
            stop = true;
            client->wake();
        });
        client->run([&] { return stop.load(); });
        thread.join();
        REQUIRE(stop);
    }
    SECTION("a signal") {
        static volatile std::sig_atomic_t stop = 0;
        static http::CurlClient* woken = nullptr;
        woken = client.get();
        auto before = std::signal(SIGALRM, [](int) {
            stop = 1;
            woken->wake();
        });
        itimerval soon{{0, 0}, {0, 20000}};
        ::setitimer(ITIMER_REAL, &soon, nullptr);
        client->run([&] { return stop != 0; });
        std::signal(SIGALRM, before);
        REQUIRE(stop == 1);
    }
}

TEST_CASE("a cancelled request is never answered, wherever it stands") {
    auto gate = std::make_shared<Gate>();
    RawServer server({wait_for(gate, reply(200))}, {.gates = {gate}});
    auto client = http::make_curl_client({.most_transfers = 1});
    auto called = 0;
    auto count = [&](Result<http::Response>) { ++called; };
    auto active = client->send(get(server.url("/active")), count);
    auto waiting = client->send(get(server.url("/waiting")), count);
    auto kept = false;
    client->send(get(server.url("/kept")), [&](Result<http::Response> response) { kept = bool(response); });
    std::thread watcher([&] {
        server.wait_for_requests(1);
        client->wake();
    });
    auto cancelled = false;
    client->run([&] {
        if (!cancelled && server.book().size() == 1) {
            client->cancel(active);
            client->cancel(waiting);
            client->cancel(12345);
            cancelled = true;
            gate->open();
        }
        return kept;
    });
    watcher.join();
    REQUIRE(called == 0);
    REQUIRE(server.book().size() == 2);
    client->cancel(active);
}

TEST_CASE("a download may cancel itself from its own sink") {
    RawServer server({reply(200, std::string(1 << 20, 'x'))});
    auto client = http::make_curl_client({});
    auto called = false;
    http::Client::Ticket ticket = 0;
    auto sink = std::make_shared<http::Request::Sink>();
    auto pieces = 0;
    sink->headers = [](const http::Response&) { return true; };
    sink->piece = [&](std::string_view) {
        ++pieces;
        client->cancel(ticket);
        return true;
    };
    ticket = client->send({.url = server.url(), .sink = sink}, [&](Result<http::Response>) { called = true; });
    client->run([] { return false; });
    REQUIRE(pieces == 1);
    REQUIRE_FALSE(called);
}

TEST_CASE("a client that is destroyed answers nobody any more") {
    auto gate = std::make_shared<Gate>();
    RawServer server({wait_for(gate, reply(200))}, {.gates = {gate}});
    auto called = false;
    {
        auto client = http::make_curl_client({});
        client->send(get(server.url()), [&](Result<http::Response>) { called = true; });
        client->after(1ms, [&] { server.wait_for_requests(0); });
        auto turns = 0;
        client->run([&] { return ++turns > 2; });
        client->send(get(server.url()), [&](Result<http::Response>) { called = true; });
    }
    REQUIRE_FALSE(called);
}

TEST_CASE("a request sent from an answer is answered too, and never from within send") {
    RawServer server({reply(200)});
    auto client = http::make_curl_client({});
    auto depth = 0, left = 20;
    std::function<void(Result<http::Response>)> again = [&](Result<http::Response> response) {
        REQUIRE(response);
        REQUIRE(depth == 0);
        if (--left == 0) return;
        ++depth;
        client->send(get(server.url()), again);
        --depth;
    };
    client->send(get(server.url()), again);
    client->run([&] { return left == 0; });
    REQUIRE(left == 0);
    REQUIRE(server.connections() == 1);
}
