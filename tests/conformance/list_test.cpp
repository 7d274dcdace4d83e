// What hosts tell of their models by a list.
#include <catch2/catch.hpp>

#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct Listing {
    http::Request request;
    Result<json> rows;
};

Listing listed(const std::string& entry, json dialect, const std::string& answer) {
    backend::Deps deps;
    deps.route = "studio";
    deps.base_url = "https://host.example/v1";
    deps.credential = {"Authorization", "Bearer ", core::Key(FakeProvider::key), "$STUDIO_API_KEY"};
    deps.dialect = std::move(dialect);
    const auto backend = backend::find_entry(entry)->make(deps);
    REQUIRE(backend->lists());
    auto step = backend->list();
    const auto* ask = http::ask(step);
    REQUIRE(ask);
    return {ask->request, http::outcome(ask->then({200, {}, answer, ask->request.url}))};
}

json custom(json models) {
    return {{"submit", {{"path", "/clips"}}}, {"poll", {{"path", "/clips/{id}"}, {"state", "/status"}, {"ready", {"done"}}}}, {"clip", {{"url", "/url"}}}, {"models", std::move(models)}};
}

}  // namespace

TEST_CASE("OpenAI's list and Google's are read by the names under which models are asked for") {
    const auto openai = listed("openai", json::object(), R"({"object": "list", "data": [{"id": "sora-2"}, {"object": "model"}, {"id": "wan"}]})");
    CHECK(openai.request.url == "https://host.example/v1/models");
    CHECK(openai.request.credential);
    CHECK_FALSE(openai.request.paid);
    REQUIRE(openai.rows);
    CHECK(*openai.rows == json{{"sora-2", json::object()}, {"wan", json::object()}});
    const auto gemini = listed("gemini", json::object(), R"({"models": [{"name": "models/gemini-omni-1.2-flash"}]})");
    CHECK(gemini.request.url == "https://host.example/v1/models?pageSize=1000");
    REQUIRE(gemini.rows);
    CHECK(*gemini.rows == json{{"gemini-omni-1.2-flash", json::object()}});
    for (const auto* odd : {"[1, 2]", "{}", R"({"data": {}})", "null"}) {
        CAPTURE(odd);
        const auto none = listed("openai", json::object(), odd);
        REQUIRE_FALSE(none.rows);
        CHECK(none.rows.error().kind == ErrorKind::provider);
    }
}

TEST_CASE("who publishes no list is not asked for one") {
    backend::Deps deps;
    deps.base_url = "https://host.example/v1";
    deps.dialect = {{"vertex", true}, {"project", "p1"}};
    CHECK_FALSE(backend::find_entry("gemini")->make(deps)->lists());
    deps.dialect = custom(json());
    deps.dialect.erase("models");
    const auto plain = backend::find_entry("custom")->make(deps);
    CHECK_FALSE(plain->lists());
    CHECK_FALSE(plain->describes());
    deps.dialect = json::object();
    CHECK_FALSE(backend::find_entry("ark")->make(deps)->lists());
}

TEST_CASE("a list of a provider from a file is read where the file says, and what it leaves open stays open") {
    const json where{{"path", "/models"}, {"items", "/result/models"}, {"id", "/slug"},  {"seconds", "/lengths"},  {"ratios", "/shapes"},
                     {"resolutions", "/lines"}, {"images", "/frames"}, {"audio", "/sound"}, {"seed", "/seeds"}};
    const auto list = listed("custom", custom(where), R"({"result": {"models": [
        {"slug": "a/b", "lengths": [5, 10, "x", -1], "shapes": ["16:9", "16:9", "wide"], "lines": ["720p", "4K", "huge"],
         "frames": ["first_frame", "hat"], "sound": true, "seeds": true},
        {"slug": "a/c", "lengths": null, "shapes": null, "lines": 7, "frames": null, "sound": false, "seeds": null},
        {"slug": "a/d", "sound": null}]}})");
    CHECK(list.request.url == "https://host.example/v1/models");
    REQUIRE(list.rows);
    CHECK((*list.rows)["a/b"] == json{{"seconds", {{"list", {5, 10}}}},
                                      {"ratios", json::array({"16:9"})},
                                      {"resolutions", json::array({"720p", "4k"})},
                                      {"images", {{"first_frame", {{"most", 1}, {"url", true}}}}},
                                      {"audio", "optional"},
                                      {"seed", {{"most", 4294967295}}}});
    CHECK((*list.rows)["a/c"] == json{{"audio", "never"}});
    CHECK((*list.rows)["a/d"] == json{{"audio", "untold"}});
}

TEST_CASE("a mistake in what a file says of its list is told by its key") {
    backend::Deps deps;
    deps.base_url = "https://host.example/v1";
    const auto message = [&](json models) {
        deps.dialect = custom(std::move(models));
        const auto backend = backend::find_entry("custom")->make(deps);
        CHECK_FALSE(backend->lists());
        auto step = backend->list();
        REQUIRE(std::holds_alternative<Error>(step));
        return std::get<Error>(step).message;
    };
    CHECK(message({{"items", "/data"}}).find("models/path is missing") != std::string::npos);
    CHECK(message({{"path", "/all models"}}).find("models/path is \"/all models\"; a path has no spaces: %20 is one") != std::string::npos);
    CHECK(message({{"path", "/models"}, {"ratio", "/shapes"}}).find("models/ratio is unknown; allowed:") != std::string::npos);
    CHECK(message({{"path", "/models"}, {"ratios", "shapes"}}).find("models/ratios is \"shapes\"; a JSON pointer begins with /") != std::string::npos);
}
