#include <catch2/catch.hpp>

#include "exchange.hpp"
#include "support/h2_server.hpp"

using namespace shotwire;
using namespace shotwire::test;

TEST_CASE("free requests share one HTTP/2 connection, paid ones and downloads go over HTTP/1.1") {
    RawServer server({reply(200, "{}")}, {.tls = true, .http2 = Http2Speaker({Stream::answer})});
    Exchange exchange;
    exchange.trust(server);
    auto left = 20;
    for (auto i = 0; i < 20; ++i)
        exchange.client->send(get(server.url()), [&](Result<http::Response> response) { left -= response && response->status == 200; });
    exchange.client->run([&] { return left == 0; });
    REQUIRE(left == 0);
    REQUIRE(server.connections() == 1);
    REQUIRE(exchange(paid_post(server.url()))->status == 200);
    auto download = get(server.url());
    download.sink = std::make_shared<http::Request::Sink>();
    download.sink->headers = [](const http::Response&) { return true; };
    download.sink->piece = [](std::string_view) { return true; };
    REQUIRE(exchange(download)->status == 200);
    auto book = server.book();
    REQUIRE(book.size() == 22);
    for (std::size_t i = 0; i < 20; ++i) REQUIRE(book[i].http2);
    REQUIRE_FALSE(book[20].http2);
    REQUIRE_FALSE(book[21].http2);
    REQUIRE(server.connections() == 2);
}

TEST_CASE("S18: a paid request to an HTTP/2 server is accepted once or unknown, whatever happens to its stream") {
    auto trouble = GENERATE(Stream::early_answer, Stream::refuse, Stream::leave_with_it, Stream::leave_without_it, Stream::drop);
    auto over_http2 = GENERATE(false, true);  // true: only the guard protects
    auto reused = GENERATE(false, true);
    CAPTURE(int(trouble), over_http2, reused);
    auto script = std::vector{trouble, Stream::answer};
    if (reused) script.insert(script.begin(), Stream::answer);
    RawServer server({close_silently(), reply(200, "{}")}, {.tls = true, .http2 = Http2Speaker(script)});
    Exchange exchange({}, {.paid_over_http2 = over_http2});
    exchange.trust(server);
    if (reused) REQUIRE(exchange(get(server.url())));
    auto result = exchange(paid_post(server.url(), std::string(200000, 'x')));
    auto accepted = server.accepted("POST");
    REQUIRE(accepted <= 1);
    if (result)
        REQUIRE(accepted == 1);
    else
        REQUIRE(result.error().kind == ErrorKind::unknown);
    for (auto& heard : server.book()) REQUIRE((heard.http2 == over_http2 || heard.method == "GET"));
}

TEST_CASE("S18: without the guard libcurl sends a paid request again whose HTTP/2 stream was refused, with it never") {
    auto unguarded = GENERATE(false, true);
    RawServer server({}, {.tls = true, .http2 = Http2Speaker({Stream::answer, Stream::refuse, Stream::answer})});
    Exchange exchange({}, {.unguarded = unguarded, .paid_over_http2 = true});
    exchange.trust(server);
    REQUIRE(exchange(get(server.url())));
    auto result = exchange(paid_post(server.url()));
    REQUIRE(bool(result) == unguarded);
    REQUIRE(server.accepted("POST") == (unguarded ? 1 : 0));
}
