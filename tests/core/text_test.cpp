#include "core/text.hpp"

#include <catch2/catch.hpp>

using namespace shotwire;

TEST_CASE("a slug writes Latin letters with marks as plain ones") {
    CHECK(core::slug("\u00dcn\u00efcode caf\u00e9 \u65e5\u672c") == "unicode-cafe");
    CHECK(core::slug("u\u0308ber cafe\u0301") == "uber-cafe");  // marks of their own
    CHECK(core::slug("Stra\u00dfe, \u00c6r\u00f8 \u0141\u00f3d\u017a \u0152uvre \u00de\u00f3r") == "strasse-aero-lodz-oeuvre-thor");
    CHECK(core::slug("Vi\u1ec7t Nam \u0110\u00e0 N\u1eb5ng") == "viet-nam-da-nang");
    CHECK(core::slug("the boy\u2019s kite") == "the-boys-kite");
    CHECK(core::slug("the boy's kite 3\u00d74") == "the-boys-kite-3-4");
    CHECK(core::slug("\u65e5\u672c") == "clip");
    CHECK(core::slug("\u041c\u043e\u0441\u043a\u0432\u0430 \xff") == "clip");
    CHECK(core::slug("\u00e9\u00e9\u00e9\u00e9\u00e9\u00e9", 4) == "eeee");
}

TEST_CASE("what a terminal would obey is shown as a space, broken UTF-8 as a mark, all else as it is") {
    CHECK(core::printable("") == "");
    CHECK(core::printable("a ~ z") == "a ~ z");
    CHECK(core::printable("\x1b[1m a\nb\x7f\u009b\u202e.") == " [1m a b   .");
    CHECK(core::printable("caf\u00e9 \xff\u65e5 ok \xe6") == "caf\u00e9 \ufffd\u65e5 ok \ufffd");
}

TEST_CASE("a template is filled once, braces written twice are braces, and any other name is told") {
    const auto filled = [](const char* text) {
        return core::fill(text, {"a"}, [](const std::string& name) { return name == "a" ? std::optional<std::string>("{b}") : std::nullopt; });
    };
    CHECK(*filled("x{a}y{a}") == "x{b}y{b}");
    CHECK(*filled("{{print $1}} {{{a}}} }") == "{print $1} {{b}} }");
    for (const auto* text : {"{}", "{b}", "{a", "{", "{a{a}"}) {
        CAPTURE(text);
        REQUIRE(filled(text).error().kind == ErrorKind::usage);
    }
    CHECK(filled("{}").error().message == "the unknown placeholder '{}'; allowed: {a}, and {{ }} for braces");
}

TEST_CASE("a date that the clock cannot count is none") {
    for (auto* text : {"2326-11-22T10:00:00.000Z", "1013-01-01", "9999-12-31T23:59:59Z"}) {
        CAPTURE(text);
        REQUIRE_FALSE(core::parse_iso_time(text));
    }
    REQUIRE_FALSE(core::parse_http_date("Wed, 25 Nov 2326 10:02:00 GMT"));
    REQUIRE(core::iso_time(*core::parse_iso_time("2261-12-31")) == "2261-12-31T00:00:00.000Z");
    REQUIRE(core::iso_day(*core::parse_iso_time("2024-02-29T23:59:59.999Z")) == "2024-02-29");
    for (const char* text : {"1678-01-02T03:04:05.006Z", "1969-12-31T23:59:59.999Z", "1970-01-01T00:00:00.000Z", "2000-12-31T10:20:30.040Z"})
        REQUIRE(core::iso_time(*core::parse_iso_time(text)) == text);
}
