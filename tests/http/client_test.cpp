#include <sys/resource.h>
#include <sys/wait.h>
#include <catch2/catch.hpp>

#include "core/process.hpp"
#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

std::shared_ptr<http::Request::Sink> sink_into(std::string& body, int* status = nullptr) {
    auto sink = std::make_shared<http::Request::Sink>();
    sink->headers = [status](const http::Response& head) {
        if (status) *status = head.status;
        return true;
    };
    sink->piece = [&body](std::string_view piece) { return body += piece, true; };
    return sink;
}

std::string gzip(const std::string& text) {
    auto packed = core::run_process({.words = {"gzip", "-c"}, .input = text});
    REQUIRE(packed);
    return packed->out;
}

}  // namespace

TEST_CASE("a request arrives as it was made") {
    RawServer server({reply(200, "{}")});
    Exchange exchange;
    auto method = GENERATE(as<std::string>(), "GET", "POST", "PUT", "PATCH", "DELETE");
    CAPTURE(method);
    http::Request request{.method = method, .url = server.url("/v1/x?y=z"), .headers = {{"X-Own", "a b"}, {"X-Empty", ""}}};
    if (method != "GET" && method != "DELETE") request.body = std::string("a\0b", 3);
    REQUIRE(exchange(request)->url == request.url);
    auto heard = server.book()[0];
    REQUIRE(heard.method == method);
    REQUIRE(heard.target == "/v1/x?y=z");
    REQUIRE(heard.header("X-Own") == "a b");
    REQUIRE(heard.head.find("X-Empty:") != std::string::npos);
    REQUIRE(heard.header("User-Agent") == "shotwire");
    REQUIRE(heard.header("Content-Type").empty());
    if (request.body.index() == 1)
        REQUIRE(heard.body == std::string("a\0b", 3));
    else
        REQUIRE(heard.body.empty());
}

TEST_CASE("a multipart body has its fields and files") {
    RawServer server({reply(200, "{}")});
    Exchange exchange;
    auto bytes = std::make_shared<const std::string>(std::string(100000, '\xff'));
    auto text = std::make_shared<const std::string>("a woman\r\nwalks");
    http::Request request{.method = "POST",
                          .url = server.url(),
                          .body = http::Multipart{{"prompt", text}, {"image", bytes, "a \"b\".png", "image/png"}, {"empty"}},
                          .paid = true};
    REQUIRE(exchange(request)->status == 200);
    auto heard = server.book()[0];
    REQUIRE(heard.header("Content-Type").starts_with("multipart/form-data; boundary="));
    REQUIRE(heard.header("Content-Length") == std::to_string(heard.body.size()));
    REQUIRE(heard.body.find("name=\"prompt\"\r\n\r\na woman\r\nwalks\r\n--") != std::string::npos);
    REQUIRE(heard.body.find("filename=\"a %22b%22.png\"\r\nContent-Type: image/png\r\n\r\n" + *bytes + "\r\n--") != std::string::npos);
    REQUIRE(heard.body.find("name=\"empty\"\r\n\r\n\r\n--") != std::string::npos);
}

TEST_CASE("a key goes out only over https or to loopback, and headers cannot be smuggled in") {
    Exchange exchange;
    http::Request request{.url = "http://api.example.com/v1", .credential = http::Credential{.key = core::Key("canary-key-0123")}};
    auto result = exchange(request);
    REQUIRE(result.error().kind == ErrorKind::usage);
    REQUIRE(result.error().message.find("api.example.com") != std::string::npos);
    REQUIRE(result.error().message.find("canary") == std::string::npos);
    REQUIRE(exchange(get("http://user:canary@api.example.com/v1")).error().kind == ErrorKind::usage);
    REQUIRE(exchange(get("file:///etc/passwd")).error().kind == ErrorKind::usage);
    RawServer server({reply(200)});
    REQUIRE(exchange({.url = server.url(), .headers = {{"X", "a\r\nY: b"}}}).error().kind == ErrorKind::usage);
    REQUIRE(exchange({.url = server.url(), .credential = http::Credential{.key = core::Key("a\nb")}}).error().kind == ErrorKind::auth);
    REQUIRE(server.connections() == 0);
}

TEST_CASE("nothing of one request is left in the next on the same handle") {
    RawServer server({reply(200, "{}", {"Set-Cookie: canary=1"})});
    Exchange exchange;
    http::Request first = paid_post(server.url());
    first.credential = http::Credential{.header = "X-Key", .prefix = "", .key = core::Key("canary-key-0123")};
    REQUIRE(exchange(first));
    REQUIRE(exchange(get(server.url())));
    auto second = server.book()[1];
    REQUIRE(second.connection == 1);
    REQUIRE(second.method == "GET");
    REQUIRE(second.head.find("canary") == std::string::npos);
    REQUIRE(second.body.empty());
}

TEST_CASE("a compressed answer is read, and one that grows beyond the limit is refused") {
    RawServer server({reply(200, gzip(R"({"a":1})"), {"Content-Encoding: gzip"}),
                      reply(200, gzip(std::string(64 << 20, ' ')), {"Content-Encoding: gzip"})});
    Exchange exchange;
    REQUIRE(exchange(get(server.url()))->body == R"({"a":1})");
    REQUIRE(server.book()[0].header("Accept-Encoding") == "gzip, deflate");
    REQUIRE(exchange(get(server.url())).error().kind == ErrorKind::provider);
}

TEST_CASE("a clip is asked for as it is and never decoded") {
    auto packed = gzip("clip");
    RawServer server({reply(200, packed, {"Content-Encoding: gzip"})});
    Exchange exchange;
    std::string body;
    auto response = exchange({.url = server.url(), .sink = sink_into(body)});
    REQUIRE(response->status == 200);
    REQUIRE(response->body.empty());
    REQUIRE(body == packed);
    REQUIRE(server.book()[0].header("Accept-Encoding") == "identity");
}

TEST_CASE("a sink gets only whole or partial content, other answers stay in memory") {
    auto status = GENERATE(200, 206, 302, 403, 416);
    RawServer server({reply(status, "text")});
    Exchange exchange;
    std::string body;
    auto seen = 0;
    auto response = exchange({.url = server.url(), .sink = sink_into(body, &seen)});
    REQUIRE(response->status == status);
    REQUIRE(body == (status < 300 ? "text" : ""));
    REQUIRE(response->body == (status < 300 ? "" : "text"));
    REQUIRE(seen == (status < 300 ? status : 0));
}

TEST_CASE("a sink that refuses ends the download as a local error, and what it throws comes out of the loop") {
    RawServer server({reply(200, std::string(1 << 20, 'x'))});
    Exchange exchange;
    std::string body;
    auto sink = sink_into(body);
    SECTION("by its headers") {
        sink->headers = [](const http::Response&) { return false; };
    }
    SECTION("by a piece") {
        sink->piece = [](std::string_view) { return false; };
    }
    SECTION("by throwing") {
        sink->piece = [](std::string_view) -> bool { throw std::runtime_error("ours"); };
        REQUIRE_THROWS_WITH(exchange({.url = server.url(), .sink = sink}), "ours");
        return;
    }
    REQUIRE(exchange({.url = server.url(), .sink = sink}).error().kind == ErrorKind::local);
    REQUIRE(body.empty());
}

TEST_CASE("D7: a download may take longer than its idle time-out while bytes flow, and ends when they stop") {
    auto gate = std::make_shared<Gate>();
    RawServer server({[gate](Peer& peer, const Heard&) {
                         peer.send("HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\n");
                         for (auto i = 0; i < 8; ++i) {
                             std::this_thread::sleep_for(40ms);  // the fault itself: a slow line
                             peer.send("x");
                         }
                         gate->wait();
                         return false;
                     }},
                     {.gates = {gate}});
    Exchange exchange;
    std::string body;
    http::Request request{.url = server.url(), .idle_timeout = 200ms, .sink = sink_into(body)};
    auto result = exchange(request);
    REQUIRE(result.error().kind == ErrorKind::network);
    REQUIRE(result.error().message == "127.0.0.1 fell silent for 0.2s");
    REQUIRE(body.size() == 8);
}

TEST_CASE("F5: a download whose bytes came while this process was held up for longer than its idle time-out ends well") {
    auto gate = std::make_shared<Gate>();
    RawServer server({[gate](Peer& peer, const Heard&) {
                         peer.send("HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\n" + std::string(10, 'x'));
                         gate->wait();
                         peer.send(std::string(90, 'x'));
                         return false;
                     }},
                     {.gates = {gate}});
    Exchange exchange;
    std::string body;
    http::Request request{.url = server.url(), .idle_timeout = 200ms, .sink = sink_into(body)};
    request.sink->piece = [&](std::string_view piece) {
        if (body.empty()) {
            gate->open();
            std::this_thread::sleep_for(400ms);  // the fault itself: a sync
        }
        return body += piece, true;
    };
    REQUIRE(exchange(request));
    REQUIRE(body.size() == 100);
}

TEST_CASE("headers without end are refused") {
    auto act = GENERATE(0, 1, 2, 3);
    std::string many = "HTTP/1.1 200 Fine\r\n", large = many, flood = many;
    for (auto i = 0; i < 10000; ++i) many += "A: b\r\n";
    for (auto i = 0; i < 100; ++i) large += "A: " + std::string(50000, 'b') + "\r\n";
    for (auto i = 0; i < 5000; ++i) flood += "Set-Cookie: a" + std::to_string(i) + "=b\r\n";
    std::vector<std::string> replies = {many, large, flood, "HTTP/1.1 200 Fine\r\nA: b" + std::string(1, '\0') + "c\r\n"};
    RawServer server({raw_reply(replies[std::size_t(act)] + "Content-Length: 0\r\n\r\n")});
    Exchange exchange;
    CAPTURE(act);
    REQUIRE(exchange(get(server.url())).error().kind == ErrorKind::provider);
}

TEST_CASE("at most so many transfers are under way at once, the others follow in order") {
    auto gate = std::make_shared<Gate>();
    std::atomic<int> inside = 0, most = 0;
    RawServer server({[&](Peer& peer, const Heard&) {
                         auto now = ++inside;
                         for (auto seen = most.load(); now > seen && !most.compare_exchange_weak(seen, now);) {
                         }
                         gate->wait();
                         --inside;
                         return peer.send(http_reply(200, "{}"));
                     }},
                     {.gates = {gate}});
    Exchange exchange({.most_transfers = 4});
    std::vector<int> answered;
    for (auto i = 0; i < 40; ++i) {
        exchange.client->send(paid_post(server.url("/" + std::to_string(i))), [&, i](Result<http::Response> response) {
            if (response) answered.push_back(i);
        });
    }
    exchange.client->after(1ms, [&] {});
    std::thread opener([&] {
        if (server.wait_for_requests(4)) gate->open();
    });
    exchange.client->run([&] { return answered.size() == 40; });
    opener.join();
    REQUIRE(answered.size() == 40);
    REQUIRE(most <= 4);
    REQUIRE(server.connections() <= 4);
}

TEST_CASE("with few descriptors fewer transfers run at once and all are answered") {
    RawServer server({reply(200, "{}")});
    // In a process of its own, since the server needs descriptors as well.
    auto child = ::fork();
    if (child == 0) {
        auto client = http::make_curl_client({});  // made while descriptors were plenty: it learns the hard way
        auto next = ::dup(0);
        ::close(next);
        rlimit few{rlim_t(next) + 5, rlim_t(next) + 5};
        ::setrlimit(RLIMIT_NOFILE, &few);
        auto good = 0, bad = 0;
        for (auto i = 0; i < 40; ++i)
            client->send(paid_post(server.url()), [&](Result<http::Response> response) { ++(response ? good : bad); });
        client->run([&] { return good + bad == 40; });
        ::_exit(good);
    }
    auto status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    REQUIRE(WEXITSTATUS(status) == 40);
    REQUIRE(server.accepted("POST") == 40);
    REQUIRE(server.connections() <= 5);
}

TEST_CASE("a result's name that leads to a private address is refused before anything is sent") {
    RawServer server({reply(200)}, {.tls = true});
    Exchange exchange;
    exchange.trust(server, "localhost");
    auto request = get("https://localhost:" + std::to_string(server.port()) + "/x");
    REQUIRE(exchange(request)->status == 200);
    request.public_only = true;
    auto result = exchange(request);
    REQUIRE(result.error().kind == ErrorKind::provider);
    REQUIRE(result.error().message.find("private address") != std::string::npos);
    REQUIRE(server.book().size() == 1);
}

TEST_CASE("the wire log shows each attempt under its id, without secrets") {
    RawServer server({reply(200, "{}",
                            {"X-Echo: canary-key-0123", "Set-Cookie: session=canary-cookie",
                             "Location: https://u:canary-pass@x.example/?token=canary-token"})});
    core::Mask mask;
    mask.add(core::Key("canary-key-0123"));
    std::string log;
    Exchange exchange({.wire = [&](const std::string& line) { log += line + "\n"; }, .mask = &mask});
    auto request = paid_post("http://user:canary-pass@127.0.0.1:" + std::to_string(server.port()) + "/v1?key=canary-query");
    request.headers.push_back({"X-Api-Key", "canary-header"});
    request.credential = http::Credential{.key = core::Key("canary-key-0123")};
    REQUIRE(exchange(request));
    INFO(log);
    REQUIRE(log.find("canary") == std::string::npos);
    REQUIRE(log.find("[1] > POST http://127.0.0.1:" + std::to_string(server.port()) + "/v1?key=*** (paid)\n") == 0);
    REQUIRE(log.find("[1] > Authorization: Bearer ***\n") != std::string::npos);
    REQUIRE(log.find("[1] > body of 14 bytes\n") != std::string::npos);
    REQUIRE(log.find("[1] < HTTP/1.1 200 Fine\n") != std::string::npos);
    REQUIRE(log.find("[1] < X-Echo: ***\n") != std::string::npos);
    REQUIRE(log.find("[1] = 200 whole, 2 bytes; ") != std::string::npos);
}
