#include "http/redirect.hpp"

#include <catch2/catch.hpp>

using namespace shotwire;
using namespace shotwire::http;

namespace {

Request download(std::string url = "https://api.example.com/v1/videos/1/content") {
    return {.url = std::move(url),
            .headers = {{"Range", "bytes=5-"}, {"X-Api-Key", "canary"}, {"Cookie", "canary"}, {"Accept", "video/mp4"}},
            .credential = Credential{.key = core::Key("canary-key")}};
}
Response to(std::string place, int status = 302) { return {.status = status, .headers = {{"location", std::move(place)}}}; }
const FetchRules rules{.base_origin = "https://api.example.com"};

}  // namespace

TEST_CASE("a redirect to another origin goes without key, cookie and own headers") {
    auto place =
        GENERATE(as<std::string>(), "https://cdn.example.net/x.mp4", "https://api.example.com:8443/x.mp4", "//cdn.example.net/x.mp4");
    CAPTURE(place);
    auto next = follow(download(), to(place), rules, 0);
    REQUIRE(next);
    REQUIRE_FALSE(next->credential);
    REQUIRE(next->headers == std::vector<Header>{{"Range", "bytes=5-"}, {"Accept", "video/mp4"}});
    REQUIRE(next->public_only);
}

TEST_CASE("a redirect within the origin keeps the key") {
    auto next = follow(download(), to("/v1/files/2", 307), rules, 3);
    REQUIRE(next);
    REQUIRE(next->url == "https://api.example.com/v1/files/2");
    REQUIRE(next->credential->key.expose() == "canary-key");
    REQUIRE(next->headers.size() == 4);
    REQUIRE_FALSE(next->public_only);
}

TEST_CASE("the way back to the API's host does not bring the key back") {
    auto away = follow(download(), to("https://cdn.example.net/x"), rules, 0);
    auto back = follow(*away, to("https://api.example.com/v1/x"), rules, 1);
    REQUIRE(back);
    REQUIRE_FALSE(back->credential);
}

TEST_CASE("a redirect to a place from which nothing may be fetched is refused by name") {
    struct Case {
        std::string place, host;
    };
    auto [place, host] = GENERATE(values<Case>({{"http://cdn.example.net/x", "cdn.example.net"},
                                                {"http://api.example.com/x", "api.example.com"},
                                                {"file:///etc/passwd", "/etc/passwd"},
                                                {"ftp://cdn.example.net/x", "cdn.example.net"},
                                                {"https://169.254.169.254/latest", "169.254.169.254"},
                                                {"https://127.0.0.1/x", "127.0.0.1"},
                                                {"https://2130706433/x", "127.0.0.1"},
                                                {"https://0x7f.1/x", "127.0.0.1"},
                                                {"https://[::1]/x", "::1"},
                                                {"https://[::ffff:10.0.0.1]/x", "::ffff:10.0.0.1"},
                                                {"https://localhost/x", "localhost"},
                                                {"https://api.example.com@cdn.example.net/x", "cdn.example.net"}}));
    CAPTURE(place);
    auto next = follow(download(), to(place), rules, 0);
    REQUIRE_FALSE(next);
    REQUIRE(next.error().kind == ErrorKind::provider);
    REQUIRE(next.error().message.find(host) != std::string::npos);
}

TEST_CASE("an eleventh redirect, one without a place and one of a paid request are not followed") {
    REQUIRE(follow(download(), to("/x"), rules, 9));
    REQUIRE(follow(download(), to("/x"), rules, 10).error().kind == ErrorKind::provider);
    REQUIRE(follow(download(), {.status = 302}, rules, 0).error().message == "api.example.com redirects without saying where");
    auto paid = download();
    paid.method = "POST";
    paid.paid = true;
    auto refused = follow(paid, to("https://new.example.com/v1?key=canary"), rules, 0);
    REQUIRE(refused.error().kind == ErrorKind::provider);
    REQUIRE(refused.error().message.find("https://new.example.com/v1?key=***") != std::string::npos);
    REQUIRE_FALSE(follow(download(), to("/x", 304), rules, 0));
}

TEST_CASE("results come from https, from the route's own origin, or from a private place that the route allows") {
    REQUIRE(may_fetch("https://cdn.example.net/x", rules));
    REQUIRE_FALSE(may_fetch("http://cdn.example.net/x", rules));
    REQUIRE_FALSE(may_fetch("https://user@cdn.example.net/x", rules));
    REQUIRE_FALSE(may_fetch("not a url", rules));
    FetchRules local{.base_origin = "http://10.0.0.5:8000"};
    REQUIRE(may_fetch("http://10.0.0.5:8000/x", local));
    REQUIRE_FALSE(may_fetch("http://10.0.0.5:9000/x", local));
    REQUIRE_FALSE(may_fetch("https://10.0.0.6/x", local));
    local.allow_private = true;
    REQUIRE(may_fetch("http://10.0.0.5:9000/x", local));
    REQUIRE_FALSE(may_fetch("http://cdn.example.net/x", local));
}

TEST_CASE("a result's path that climbs is refused, however it is written") {
    for (const auto* url : {"https://cdn.example.net/files/../admin/x.mp4", "https://cdn.example.net/a/%2e%2E/x", "https://cdn.example.net/a/.%2e/x", "https://cdn.example.net/..",
                            "https://api.example.com/v1/../admin", "https://cdn.example.net/a/..?x=1"}) {
        CAPTURE(url);
        REQUIRE_FALSE(may_fetch(url, rules));
        REQUIRE_FALSE(follow(download(), to(url), rules, 0));
    }
    for (const auto* url : {"https://cdn.example.net/a..b/x.mp4", "https://cdn.example.net/.../x", "https://cdn.example.net/x?from=/../y", "https://cdn.example.net/./x"}) REQUIRE(may_fetch(url, rules));
    INFO("a redirect's own relative place is the host's way of writing");
    REQUIRE(follow(download(), to("../2/content"), rules, 0)->url == "https://api.example.com/v1/videos/2/content");
}
