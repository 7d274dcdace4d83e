#include "core/members.hpp"

#include <catch2/catch.hpp>
#include <cmath>

using namespace shotwire;

TEST_CASE("a JSON pointer finds what the library finds by it, and throws where that does") {
    const auto document = json::parse(R"({"a": {"b": [10, {"c": null}, [true]], "": 1, "m~n": 2, "x/y": 3, "0": 4}, "": {"": 5}, "list": [], "text": "word"})");
    for (const char* pointer : {"", "/", "//", "/a", "/a/", "/a/b", "/a/b/0", "/a/b/1/c", "/a/b/2/0", "/a/b/3", "/a/b/-", "/a/b/00", "/a/b/01", "/a/b/1x", "/a/b/x", "/a/b/+1",
                                "/a/b/", "/a/b//c", "/a/b/99999999999999999999", "/a/b/999999999999999999", "/a/b/18446744073709551615", "/a/m~0n", "/a/x~1y", "/a/m~n", "/a/~", "/a/0",
                                "/list/0", "/text", "/text/0", "/text/", "/none", "/none/b", "/a/b/1/c/d", "a", "a/b", "~0"}) {
        CAPTURE(pointer);
        const json* wanted = nullptr;
        bool throws = false;
        try {
            const json::json_pointer path(pointer);
            wanted = document.contains(path) ? &document.at(path) : nullptr;
        } catch (const json::exception&) {
            throws = true;
        }
        if (throws) CHECK_THROWS_AS(core::find(document, pointer), json::exception);
        else CHECK(core::find(document, pointer) == wanted);
    }
}

TEST_CASE("JSON is what nlohmann takes for it, to the last digit and key") {
    const std::string deep(300, '['), closed(300, ']'), long_text(100, 'x');
    for (const std::string& text : {
             std::string("{}"), std::string(" [ ] "), std::string("null"), std::string("true"), std::string("\"\""), std::string("-0"), std::string("-0.0"), std::string("0"), std::string("00"), std::string("01"),
             std::string("1e5"), std::string("1E+2"), std::string("-1.25e-3"), std::string("0.1"), std::string("5e-324"), std::string("1e-400"), std::string("1e999"), std::string("2.2250738585072011e-308"), std::string("1."),
             std::string(".5"), std::string("+1"), std::string("123456789012345678901234567890"), std::string("9007199254740993"), std::string("9007199254740993.0"), std::string("18446744073709551615"),
             std::string("18446744073709551616"), std::string("9223372036854775808"), std::string("-9223372036854775808"), std::string("-9223372036854775809"), std::string("NaN"), std::string("Infinity"),
             std::string(R"({"a": 1, "a": {"b": [2]}, "a": [3, {"c": null}]})"), std::string(R"({"b": [1, 2.5, "x", true, {"": {}}], "a": ""})"), std::string(R"(["\u00e9\ud83c\udfac\n\/\"\\", "\u0000"])"),
             std::string(R"(["\ud800"])"), std::string(R"(["\udc00x"])"), std::string(R"(["\x"])"), std::string("[\"a\tb\"]"), std::string("[\"caf\xc3\xa9 \xe6\xb0\xb4\"]"), std::string("[\"\xff\"]"), std::string("[\"\xc0\xaf\"]"), std::string("[\"\xed\xa0\x80\"]"),
             std::string("\xef\xbb\xbf{}"), std::string("[1,]"), std::string("{\"a\":1,}"), std::string("{a: 1}"), std::string("[1] 2"), std::string("[1]\0", 4), std::string("[1]\0x", 5), std::string("[\"a\0\"]", 6), std::string("\0", 1), std::string(""),
             std::string(R"({"a": 9e308, "b": [1]})"), std::string(R"({"a": [1e999]})"), std::string("// c\n1"), std::string("[1 2]"), std::string("{\"a\"}"), std::string("nul"), std::string("\""), std::string("[\"\x7f\"]"), "[\"" + long_text + "\\n" + long_text + "\", \"" + long_text + "\"]", deep + closed, deep,
         }) {
        CAPTURE(text);
        const auto wanted = json::parse(text, nullptr, false), got = core::json_of(text);
        if (core::is_object_line(text)) CHECK((wanted.is_object() && text.find('\n') == std::string::npos));
        auto members = core::read_members(text);
        REQUIRE(bool(members) == wanted.is_object());
        if (members)
            for (const auto& [key, value] : wanted.items()) {
                REQUIRE(core::find(*members, key));
                CHECK(*core::find(*members, key) == value);
            }
        REQUIRE(got.is_discarded() == wanted.is_discarded());
        if (wanted.is_discarded()) continue;
        CHECK(got == wanted);
        CHECK(got.type() == wanted.type());  // a whole number is not the same as one with a sign
        CHECK(core::dump(got) == core::dump(wanted));
    }
}

TEST_CASE("JSON is written as nlohmann writes it, byte for byte") {
    std::string all_bytes;
    for (int byte = 0; byte < 256; ++byte) all_bytes += char(byte);
    const std::string quotes = "\"\\\"\"", mixed = "a \"boat\" \\ drifts\n\tfar", accents = "\xC3\xA9t\xC3\xA9 \"\xF0\x9F\x98\x80\"", cut = "\xC3\"";
    for (const json& value :
         {json(), json(true), json(false), json(0), json(-1), json(INT64_MIN), json(UINT64_MAX), json(0.0), json(-0.0), json(0.1), json(4.0), json(1e-6), json(1e-5), json(1e15), json(1e16), json(123456.789), json(5e-324),
          json(1.7976931348623157e308), json(NAN), json(INFINITY), json(""), json(quotes), json(mixed), json(accents), json(cut), json(all_bytes), json::object(), json::array(), json(json::value_t::discarded),
          json::binary({1, 2}), json{{"{", "["}, {"", {{"\"", json::array({json::object(), json::array(), "{", "[", nullptr})}}}, {"z\n", 2}},
          json::array({json::array({json::array()}), "[", json::object({{"a", json::object()}})})}) {
        const auto wanted = value.dump(-1, ' ', false, json::error_handler_t::replace);
        CAPTURE(wanted);
        CHECK(core::dump(value) == wanted);
        CHECK(std::move(core::ObjectWriter().value(quotes, value)).take() == "{" + json(quotes).dump() + ":" + wanted + "}");
        if (value.is_string()) CHECK(std::move(core::ObjectWriter().text("a", value.get<std::string>()).text(mixed, "b")).take() == "{\"a\":" + wanted + "," + json(mixed).dump() + ":\"b\"}");
    }
}

TEST_CASE("an object's members are all of its keys, as they come, and of a repeated one the last counts") {
    auto members = core::read_members(R"({"b":{"c":[1,{"d":2}]},"a":"x","b":3,"e":[{"a":4}]})");
    REQUIRE(members);
    CHECK(*members == core::Members{{"b", {{"c", json::array({1, {{"d", 2}}})}}}, {"a", "x"}, {"b", 3}, {"e", json::array({{{"a", 4}}})}});
    CHECK(*core::find(*members, "b") == 3);
    CHECK_FALSE(core::find(*members, "c"));
    CHECK(core::members_of(json{{"z", 1}, {"y", json::array()}}) == core::Members{{"y", json::array()}, {"z", 1}});
    for (const char* none : {"", "[]", R"([{"a":1}])", "1", R"({"a":1)", R"({"a":1} 2)", R"({"a":"\ud800"})"}) CHECK_FALSE(core::read_members(none));
    CHECK(core::read_members(R"({"a":"\ud83c\udfac"})"));
}

TEST_CASE("text from outside that nests too deep, or is no JSON, is refused by its name") {
    const auto nested = [](int levels) { return std::string(std::size_t(levels), '[') + std::string(std::size_t(levels), ']'); };
    CHECK(core::parse_json(nested(64), "it"));
    CHECK(core::parse_json(nested(65), "it").error().message == "it nests deeper than 64 levels");
    CHECK(core::parse_json(nested(300), "it", 300));
    CHECK(core::parse_json(nested(301), "it", 300).error().message == "it nests deeper than 300 levels");
    CHECK(core::parse_json("[1", "it").error().message == "it is not valid JSON");
    CHECK(core::parse_json(R"(["[[[["])", "it", 1));
}

TEST_CASE("an object that stands on one line is known as one, and nothing else is") {
    for (const char* yes : {"{}", R"({"a":1})", R"({"a":[1.5,"x",{"b":null}],"c":"caf\u00e9"})"}) CHECK(core::is_object_line(yes));
    for (const char* no : {"", "[]", "{", R"({"a":1} x)", "{\n}", R"({"a":9e308})", R"({"a":[1e999]})", R"({"a":1e-400})", R"({"a":"\udc00"})", " {}"}) {
        CAPTURE(no);
        CHECK_FALSE(core::is_object_line(no));
    }
}
