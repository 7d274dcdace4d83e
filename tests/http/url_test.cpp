#include <catch2/catch.hpp>

#include "http/message.hpp"

using namespace shotwire::http;

TEST_CASE("an origin is scheme, host and port in lower case, without the default port and the user") {
    REQUIRE(origin_of("HTTPS://API.Example.com/v1?x#y") == "https://api.example.com");
    REQUIRE(origin_of("https://api.example.com:443/") == "https://api.example.com");
    REQUIRE(origin_of("http://api.example.com:443/") == "http://api.example.com:443");
    REQUIRE(origin_of("https://user:pass@api.example.com:8443") == "https://api.example.com:8443");
    REQUIRE(origin_of("https://[::1]:8443/x") == "https://[::1]:8443");
    for (auto* none :
         {"", "api.example.com x", "file:///etc/passwd", "ftp://x.example/", "https://", "https://a b/", "javascript:alert(1)"}) {
        CAPTURE(none);
        REQUIRE(origin_of(none).empty());
    }
    REQUIRE(origin_of(std::string_view("https://a.example\0.b.example", 28)).empty());
}

TEST_CASE("the host behind user tricks is the one that is connected to") {
    REQUIRE(host_of("https://api.example.com@evil.example/") == "evil.example");
    REQUIRE(host_of("https://api.example.com:x@evil.example/") == "evil.example");
    REQUIRE(host_of("https://evil.example/@api.example.com") == "evil.example");
    REQUIRE(host_of("https://evil.example#@api.example.com") == "evil.example");
    REQUIRE(host_of("https://evil.example?@api.example.com") == "evil.example");
    REQUIRE(host_of("https://[::1]/") == "::1");
}

TEST_CASE("a host whose escapes spell another one has no origin") {
    for (auto* url : {"http://21%304128661/", "https://127%2e0%2e0%2e1x%00/", "https://exa%6dple%2ecom%2f/", "http://2104%31286 61/"}) {
        CAPTURE(url);
        CHECK(origin_of(url).empty());
        CHECK(host_of(url).empty());
    }
    CHECK(origin_of("https://exa%6dple.com/") == "https://example.com");
}

TEST_CASE("private addresses are known in every form that resolvers read") {
    for (auto* host : {"10.0.0.1",
                       "10.1",
                       "172.16.5.4",
                       "172.31.255.255",
                       "192.168.1.1",
                       "169.254.169.254",
                       "100.64.0.1",
                       "0.0.0.0",
                       "127.0.0.1",
                       "2130706433",
                       "0x7f000001",
                       "017700000001",
                       "0xa9fea9fe",
                       "0300.0250.1.1",
                       "::1",
                       "::",
                       "fe80::1",
                       "fd00::1",
                       "::ffff:10.0.0.1",
                       "::ffff:a00:1",
                       "[fd12::1]",
                       "64:ff9b::a00:1",
                       "2002:a00:1::",
                       "224.0.0.1",
                       "255.255.255.255",
                       "10.0.0.1.",
                       "fe80::1%eth0"}) {
        CAPTURE(host);
        REQUIRE(is_private_address(host));
    }
    for (auto* host : {"8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "11.0.0.1", "2606:4700::1", "::ffff:8.8.8.8",
                       "example.com", "10.example.com", "a", ""}) {
        CAPTURE(host);
        REQUIRE_FALSE(is_private_address(host));
    }
}

TEST_CASE("loopback is localhost, 127.0.0.0/8 and ::1") {
    for (auto* host : {"localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "::ffff:127.0.0.1", "2130706433"}) {
        CAPTURE(host);
        REQUIRE(is_loopback(host));
    }
    for (auto* host : {"localhost.example.com", "notlocalhost", "128.0.0.1", "127.example.com", "::2", "10.0.0.1", ""}) {
        CAPTURE(host);
        REQUIRE_FALSE(is_loopback(host));
    }
}

TEST_CASE("a reference is resolved against its base") {
    auto base = "https://a.example/b/c/d?q#f";
    REQUIRE(resolve_url(base, "g") == "https://a.example/b/c/g");
    REQUIRE(resolve_url(base, "../g") == "https://a.example/b/g");
    REQUIRE(resolve_url(base, "/g?x=1") == "https://a.example/g?x=1");
    REQUIRE(resolve_url(base, "//h.example/g") == "https://h.example/g");
    REQUIRE(resolve_url(base, "http://h.example/#x") == "http://h.example/");
    REQUIRE(resolve_url(base, "file:///etc/passwd").starts_with("file:"));
    REQUIRE(resolve_url("nonsense with spaces", "g").empty());
}

TEST_CASE("a URL is shown without its user and without what looks secret in its query") {
    REQUIRE(without_userinfo("https://user:pw@a.example/x?y=1") == "https://a.example/x?y=1");
    REQUIRE(without_userinfo("https://a.example/@x") == "https://a.example/@x");
    REQUIRE(without_userinfo("https://a.example/x?id=7&X-Amz-Signature=abc&api_key=k&n=2") ==
            "https://a.example/x?id=7&X-Amz-Signature=***&api_key=***&n=2");
    REQUIRE(without_userinfo("https://u:p@a.example?token=t") == "https://a.example?token=***");
    REQUIRE(without_userinfo("//u:p@x and\nmore").find('\n') == std::string::npos);
}

TEST_CASE("the digest of a body depends on every field and on nothing else") {
    auto bytes = [](const char* text) { return std::make_shared<const std::string>(text); };
    auto digest = [](Multipart parts) { return body_digest({.url = "https://x.example", .body = std::move(parts)}); };
    Part part{"image", bytes("png"), "a.png", "image/png"};
    auto first = digest({part});
    REQUIRE(first == digest({{"image", bytes("png"), "a.png", "image/png"}}));
    REQUIRE(first.size() == 64);
    std::vector<std::string> others = {digest({}),
                                       digest({part, part}),
                                       digest({{"imag", bytes("png"), "ea.png", "image/png"}}),
                                       digest({{"image", bytes("pnh"), "a.png", "image/png"}}),
                                       digest({{"image", bytes("png"), "a.png", "image/jpeg"}}),
                                       digest({{"image", nullptr, "a.png", "image/png"}})};
    for (auto& other : others) REQUIRE(other != first);
    REQUIRE(body_digest({.body = std::string("abc")}) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a URL that cannot be shown as it is has no origin and leads nowhere") {
    for (auto* url : {"https://m\xffnchen.example/", "https://a.example/\x1b[31m", "https://\xe2\x80\xae.example/"}) {
        CAPTURE(url);
        REQUIRE(origin_of(url).empty());
        REQUIRE(host_of(url).empty());
        REQUIRE(resolve_url(url, "x").empty());
    }
    REQUIRE(origin_of("https://m\xc3\xbcnchen.example/") == "https://m\xc3\xbcnchen.example");
}

TEST_CASE("what is remembered of a host is what its parser says, whatever was asked before") {
    using http::host_of, http::origin_of;
    for (int round = 0; round < 2; ++round) {
        CHECK(origin_of("https://api.example.com/v1/videos/video_1_2") == "https://api.example.com");
        CHECK(origin_of("https://api.example.com:8443/v1/videos/video_1_2") == "https://api.example.com:8443");
        CHECK(origin_of("http://api.example.com/v1") == "http://api.example.com");
        CHECK(host_of("https://api.example.com:8443/v1") == "api.example.com");
        CHECK(origin_of("https://api.example.com:99999/v1").empty());
        CHECK(origin_of("https://api.example.com:80:80/v1").empty());
        CHECK(origin_of("https://2130706433/v1") == origin_of("https://2130706433"));
        CHECK(origin_of("https://api.example.com@evil.example/v1") == "https://evil.example");
        CHECK(host_of("https:///inside.example/v1") == "inside.example");
        CHECK(host_of("https:///outside.example/v1") == "outside.example");
        CHECK(origin_of("https:///").empty());
        CHECK(origin_of("https:///v1") == "https://v1");
    }
    for (int i = 0; i < 200; ++i) CHECK(host_of("https://host-" + std::to_string(i) + ".example/v1") == "host-" + std::to_string(i) + ".example");
    CHECK(host_of("https://host-3.example/v1") == "host-3.example");
}
