// A model that several routes have: over which one an order went holds, whatever keys are at hand later.
#include <catch2/catch.hpp>

#include "cli/harness.hpp"
#include "crash/rig.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct TwoRoutes {
    Home home;
    VideosHost one, two;

    TwoRoutes() {
        home.write("config/shotwire/models.d/both.json", R"({"models": [{"id": "both", "routes": [{"route": "first", "id": "animatic"}, {"route": "second", "id": "animatic"}],
            "seconds": {"least": 1, "most": 10, "default": 1}, "sizes": [{"size": "128x128", "resolution": "128p", "ratio": "1:1"}], "audio": "always",
            "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
        json routes = json::array();
        for (const auto& [name, host] : {std::pair{"first", &one}, std::pair{"second", &two}})
            routes.push_back({{"name", name}, {"backend", "openai"}, {"base_url", host->url()}, {"key_env", {std::string(name) + "_KEY"}}});
        home.write("config/shotwire/backends.d/both.json", json{{"routes", routes}}.dump());
        home.write("work/rows.jsonl", "{\"id\": \"a\", \"prompt\": \"a heron lifts off\"}\n");
    }
    Ran batch(const char* key) {
        home.env.erase("first_KEY");
        home.env.erase("second_KEY");
        home.env[key] = "a-key-0123456789";
        return home.program({"batch", "rows.jsonl", "-m", "both", "--yes"});
    }
};

}  // namespace

TEST_CASE("a batch whose rows went over one route is not paid again over another for the lack of a key") {
    TwoRoutes routes;
    const auto ran = routes.batch("first_KEY");
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(routes.one.book().size() == 1);
    const auto again = routes.batch("second_KEY");
    CAPTURE(again.err);
    CHECK(again.exit == 0);
    CHECK(routes.two.book().empty());
    CHECK(routes.one.book().size() == 1);

    SECTION("unless the route is named") {
        routes.home.env["second_KEY"] = "a-key-0123456789";
        CHECK(routes.home.program({"batch", "rows.jsonl", "-m", "both", "--via", "second", "--out-dir", ".", "-o", "b.mp4", "--yes"}).exit == 0);
        CHECK(routes.two.book().size() == 1);
    }
    SECTION("and make finds the same clip") {
        const auto made = routes.home.program({"make", "a heron lifts off", "-m", "both", "-q"});
        CAPTURE(made.err);
        CHECK(made.exit == 0);
        CHECK(routes.two.book().empty());
        CHECK(routes.one.book().size() == 1);
    }
}
