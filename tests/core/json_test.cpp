#include "core/json.hpp"

#include <catch2/catch.hpp>

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
