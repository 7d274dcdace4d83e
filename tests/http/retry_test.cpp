#include "http/retry.hpp"

#include <catch2/catch.hpp>

#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::http;
using namespace std::chrono_literals;

namespace {

Response with(std::vector<Header> headers, int status = 429) { return {.status = status, .headers = std::move(headers)}; }
const auto now = *core::parse_iso_time("2026-11-22T10:00:00Z");

}  // namespace

TEST_CASE("a wish to wait is read in milliseconds, seconds and as a date") {
    REQUIRE(retry_after(with({{"retry-after-ms", "1500"}, {"Retry-After", "9"}}), now) == 1500ms);
    REQUIRE(retry_after(with({{"Retry-After", "2"}}), now) == 2000ms);
    REQUIRE(retry_after(with({{"Retry-After", "0.5"}}), now) == 500ms);
    REQUIRE(retry_after(with({{"Retry-After", "0"}}), now) == 0ms);
    REQUIRE(retry_after(with({{"Retry-After", "Sun, 22 Nov 2026 10:00:30 GMT"}}), now) == 30s);
    REQUIRE(retry_after(with({{"Retry-After", "Sun, 22 Nov 2026 09:59:30 GMT"}}), now) == 0ms);
}

TEST_CASE("a date to wait for is measured by the server's own clock") {
    auto response = with({{"Retry-After", "Sun, 22 Nov 2026 12:00:10 GMT"}, {"Date", "Sun, 22 Nov 2026 12:00:00 GMT"}});
    REQUIRE(retry_after(response, now) == 10s);
}

TEST_CASE("an absurd wish to wait is none") {
    auto text =
        GENERATE(as<std::string>(), "", "-1", "31536000", "soon", "nan", "inf", "1e300", "5 seconds", "Sun, 22 Nov 2037 10:00:00 GMT");
    CAPTURE(text);
    REQUIRE_FALSE(retry_after(with({{"Retry-After", text}}), now));
    if (text != "31536000") REQUIRE_FALSE(retry_after(with({{"retry-after-ms", text}}), now));  // nine hours there, a year here
}

TEST_CASE("steps double up to the most, each within its upper half") {
    REQUIRE(backoff(0, 0.0) == 250ms);
    REQUIRE(backoff(0, 0.999) < 500ms);
    REQUIRE(backoff(3, 0.5) == 3000ms);
    REQUIRE(backoff(60, 0.0) == 15s);
    REQUIRE(backoff(1000000, 0.99) <= 30s);
}

TEST_CASE("only what may pass is worth repeating") {
    for (auto status : {408, 425, 429, 500, 502, 503, 520}) REQUIRE(worth_repeating(with({}, status)));
    for (auto status : {200, 302, 400, 401, 404, 409}) REQUIRE_FALSE(worth_repeating(with({}, status)));
    REQUIRE(worth_repeating(Error{ErrorKind::network, ""}));
    REQUIRE_FALSE(worth_repeating(Error{ErrorKind::unknown, ""}));
    REQUIRE_FALSE(worth_repeating(Error{ErrorKind::provider, ""}));
}
