#include "core/text.hpp"

#include <catch2/catch.hpp>

using namespace shotwire;

TEST_CASE("a date that the clock cannot count is none") {
    for (auto* text : {"2326-11-22T10:00:00.000Z", "1013-01-01", "9999-12-31T23:59:59Z"}) {
        CAPTURE(text);
        REQUIRE_FALSE(core::parse_iso_time(text));
    }
    REQUIRE_FALSE(core::parse_http_date("Wed, 25 Nov 2326 10:02:00 GMT"));
    REQUIRE(core::iso_time(*core::parse_iso_time("2261-12-31")) == "2261-12-31T00:00:00.000Z");
}
