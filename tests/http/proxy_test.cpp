#include <catch2/catch.hpp>

#include "exchange.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

http::CurlOptions through(const RawServer& proxy, const core::TemporaryFolder& folder, const RawServer* inner = nullptr) {
    http::CurlOptions options{.proxy = "http://me:canary-pass@127.0.0.1:" + std::to_string(proxy.port())};
    if (inner) {
        inner->certificate().save(folder.path() / "ca.pem");
        options.ca_file = folder.path() / "ca.pem";
    }
    return options;
}

}  // namespace

TEST_CASE("a request goes through the proxy, and its key only to the server behind it") {
    core::TemporaryFolder folder;
    auto certificate = make_certificate({.names = "DNS:api.example"});
    RawServer* self = nullptr;
    RawServer proxy(
        {[&](Peer& peer, const Heard&) { return peer.send("HTTP/1.1 200 Connected\r\n\r\n") && peer.start_tls(self->context()); },
         reply(200, "{}")},
        {.certificate = certificate});
    self = &proxy;
    Exchange exchange(through(proxy, folder, &proxy));
    auto request = paid_post("https://api.example/v1");
    request.credential = http::Credential{.key = core::Key("canary-key-0123")};
    REQUIRE(exchange(request)->status == 200);
    auto book = proxy.book();
    REQUIRE(book.size() == 2);
    REQUIRE(book[0].method == "CONNECT");
    REQUIRE(book[0].target == "api.example:443");
    REQUIRE(book[0].head.find("canary") == std::string::npos);
    REQUIRE(book[0].header("Proxy-Authorization").starts_with("Basic "));
    REQUIRE(book[1].header("Authorization") == "Bearer canary-key-0123");
    REQUIRE(book[1].header("Proxy-Authorization").empty());
}

TEST_CASE("a proxy that is not there is named, and no host is blamed for it") {
    core::TemporaryFolder folder;
    int port = 0;
    {
        RawServer gone({reply(200)});
        port = gone.port();
    }
    http::CurlOptions options{.proxy = "http://me:canary-pass@127.0.0.1:" + std::to_string(port)};
    Exchange exchange(options);
    const auto error = exchange({.url = "https://provider.example/v1"}).error();
    CHECK(error.kind == ErrorKind::network);
    CHECK(error.message == "provider.example was not reached: the proxy http://127.0.0.1:" + std::to_string(port) + " refused the connection");
}

TEST_CASE("a proxy that does not let us through means that nothing was sent") {
    struct Case {
        Act act;
        std::string says;
    };
    auto [act, says] = GENERATE(values<Case>({
        {reply(403, "no"), "the proxy answered 403"},
        {reply(407, "no", {"Proxy-Authenticate: Basic realm=\"x\""}), "the proxy wants a user name and password"},
        {reply(502, "no"), "the proxy answered 502"},
        {close_silently(), "was not reached"},
        {reset(), "was not reached"},
        {[](Peer& peer, const Heard&) { return peer.send("HTTP/1.1 200 Connected\r\n\r\n"), false; }, "ended the TLS handshake"},
        {raw_reply("HTTP/1.1 200 Fine\r\n\r\n<html>please log in</html>"), "ended the TLS handshake"},
    }));
    CAPTURE(says);
    core::TemporaryFolder folder;
    RawServer proxy({act});
    Exchange exchange(through(proxy, folder));
    auto result = exchange(paid_post("https://api.example/v1"));
    REQUIRE(result.error().kind == ErrorKind::network);
    CAPTURE(result.error().message);
    REQUIRE(result.error().message.find("api.example") == 0);
    REQUIRE(result.error().message.find(says) != std::string::npos);
    REQUIRE(result.error().message.find("canary") == std::string::npos);
}

TEST_CASE("a proxy that cannot be reached means that nothing was sent") {
    Exchange exchange({.proxy = "http://nowhere.invalid:3128"});
    auto result = exchange(paid_post("https://api.example/v1"));
    REQUIRE(result.error().kind == ErrorKind::network);
    REQUIRE(result.error().message == "api.example was not reached: the proxy's name does not resolve");
}

TEST_CASE("loopback is reached without the environment's proxy") {
    RawServer proxy({reply(502)}), server({reply(200)});
    ::setenv("http_proxy", proxy.origin().c_str(), 1);
    Exchange exchange;
    auto result = exchange(get(server.url()));
    ::unsetenv("http_proxy");
    REQUIRE(result->status == 200);
    REQUIRE(proxy.connections() == 0);
}

TEST_CASE("a result's host is not looked up here when the environment's proxy does that") {
    core::TemporaryFolder folder;
    RawServer* self = nullptr;
    RawServer proxy(
        {[&](Peer& peer, const Heard&) { return peer.send("HTTP/1.1 200 Connected\r\n\r\n") && peer.start_tls(self->context()); },
         reply(200, "clip")},
        {.certificate = make_certificate({.names = "DNS:cdn.example"})});
    self = &proxy;
    proxy.certificate().save(folder.path() / "ca.pem");
    ::setenv("https_proxy", proxy.origin().c_str(), 1);
    Exchange exchange({.ca_file = folder.path() / "ca.pem"});
    auto result = exchange({.url = "https://cdn.example/clip.mp4", .public_only = true});
    ::unsetenv("https_proxy");
    REQUIRE(result);
    REQUIRE(result->body == "clip");
    REQUIRE(proxy.book()[0].target == "cdn.example:443");
}
