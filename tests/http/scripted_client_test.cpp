#include "support/scripted_client.hpp"

#include <catch2/catch.hpp>

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

TEST_CASE("the fake loop runs timers in order of time and jumps between them") {
    FakeLoop loop;
    auto start = loop.now();
    auto wall = loop.clock().wall();
    std::string order;
    loop.after(2h, [&] { order += "b"; });
    loop.after(1h, [&] {
        order += "a";
        loop.at_turn_end([&] { order += "|"; });
    });
    auto gone = loop.after(90min, [&] { order += "x"; });
    loop.cancel_timer(gone);
    loop.run([] { return false; });
    REQUIRE(order == "a|b");
    REQUIRE(loop.now() - start == 2h);
    REQUIRE(loop.clock().wall() - wall == 2h);
}

TEST_CASE("a scripted client answers in the loop, in the order of the script") {
    FakeLoop loop;
    ScriptedClient client(loop);
    client.on("GET", "/a", answer(404));
    client.on("GET", "/a", answer(200, "late")).later(5s);
    std::vector<int> statuses;
    auto keep = [&](Result<http::Response> response) { statuses.push_back(response ? response->status : -1); };
    client.send({.url = "https://x.example/a?q=1"}, keep);
    client.send({.url = "https://x.example/a"}, keep);
    REQUIRE(statuses.empty());
    loop.run([] { return false; });
    REQUIRE(statuses == std::vector{404, 200});
    REQUIRE(client.sent().size() == 2);
    REQUIRE(client.most_under_way() == 2);
}

TEST_CASE("a scripted download that is cut gives its pieces and then loses the answer") {
    FakeLoop loop;
    ScriptedClient client(loop);
    client.on("GET", "/clip", answer(200, std::string(1000, 'x'))).cut(300);
    std::string got;
    auto sink = std::make_shared<http::Request::Sink>();
    sink->headers = [](const http::Response& head) { return head.status == 200; };
    sink->piece = [&](std::string_view piece) { return got += piece, true; };
    std::optional<Result<http::Response>> result;
    client.send({.url = "https://x.example/clip", .sink = sink}, [&](Result<http::Response> response) { result = std::move(response); });
    loop.run([&] { return result.has_value(); });
    REQUIRE(got.size() == 300);
    REQUIRE(result->error().kind == ErrorKind::network);
}

TEST_CASE("a cancelled request of a scripted client is never answered") {
    FakeLoop loop;
    ScriptedClient client(loop);
    client.on("GET", "/a", answer(200));
    auto called = false;
    auto ticket = client.send({.url = "https://x.example/a"}, [&](Result<http::Response>) { called = true; });
    client.cancel(ticket);
    loop.run([] { return false; });
    REQUIRE_FALSE(called);
    REQUIRE(client.under_way() == 0);
}
