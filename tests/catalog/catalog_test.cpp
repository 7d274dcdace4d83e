#include "catalog/catalog.hpp"

#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "support.hpp"
#include "support/places.hpp"

using namespace catalog_test;
using Strings = std::vector<std::string>;

namespace {

json read(const std::string& path) { return json::parse(*core::read_file(std::string(shotwire::places::source) + "/" + path)); }

// The first complaint of the schema; empty: none.
std::string complaint(const json& document) {
    const auto rules = read("src/catalog/models.schema.json");
    valijson::Schema schema;
    valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(rules), schema);
    valijson::ValidationResults results;
    valijson::Validator validator;
    if (validator.validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return {};
    valijson::ValidationResults::Error error;
    std::string all;
    while (results.popError(error)) all += error.description + "; ";
    return all.empty() ? "refused" : all;
}

std::string refused_file(const std::string& text) {
    const auto catalog = with_file(text);
    REQUIRE_FALSE(catalog);
    REQUIRE(catalog.error().kind == ErrorKind::usage);
    return catalog.error().message;
}

}  // namespace

TEST_CASE("the data keeps its schema, and the schema knows what is wrong") {
    CHECK(complaint(read("src/catalog/models.json")) == "");
    CHECK(complaint(json{{"models", {{{"id", "x"}, {"audio", "sometimes"}}}}}) != "");
    CHECK(complaint(json{{"models", {{{"id", "x"}, {"colour", "red"}}}}}) != "");
    CHECK(complaint(json{{"models", {{{"id", "x"}, {"routes", {{{"route", "a"}, {"id", "b"}, {"limits", {{"aliases", {"c"}}}}}}}}}}}) !=
          "");
    CHECK(complaint(json{{"models", {{{"title", "x"}}}}}) != "");
    CHECK(complaint(json{{"routes", {{{"backend", "x"}}}}}) != "");
}

TEST_CASE("the compiled catalogue is the file in the source tree") {
    const auto file = read("src/catalog/models.json");
    const auto& catalog = Catalog::built_in();
    REQUIRE(catalog.models().size() == file["models"].size());
    for (const auto& row : file["models"]) CHECK(catalog.raw(row["id"]) == row);
    CHECK(catalog.raw("nothing").is_null());
}

TEST_CASE("every row names sources and days of its prices, and leads somewhere") {
    for (const auto& model : Catalog::built_in().models()) {
        CAPTURE(model.id);
        CHECK_FALSE(model.strengths.empty());
        CHECK(model.expected_seconds > 0);
        CHECK_FALSE(model.prompt.order.empty());
        for (const auto& successor : model.life.successors) CHECK(Catalog::built_in().find(successor));
        for (const auto& there : model.routes) {
            CAPTURE(there.route);
            CHECK(Catalog::built_in().find_route(there.route));
            const auto& prices = there.differing ? there.differing->prices : model.prices;
            CHECK((prices.free || (!prices.as_of.empty() && prices.source.starts_with("https://"))));
        }
    }
}

TEST_CASE("names are ids, aliases and snapshots") {
    CHECK(Catalog::built_in().find("sora-2-2025-12-08")->id == "sora-2");
    CHECK(Catalog::built_in().find("Sora-2") == nullptr);
    CHECK(Catalog::built_in().find("kling-v3")->id == "kling-3.0");
    for (const auto* name : {"wan-2.7", "wan-2.7-t2v", "wan-2.7-i2v", "wan-2.7-r2v"}) CHECK(Catalog::built_in().find(name)->id == "wan-2.7");
    for (const auto* name : {"animatic", "veo-3.1", "veo-3.1-fast", "veo-3.1-lite", "veo-3", "gemini-omni-1.1-flash", "gemini-omni-1.2-flash",
                             "kling-3.0", "kling-3.0-turbo", "kling-3.0-omni", "seedance-2.0", "seedance-2.0-fast", "seedance-2.0-mini",
                             "seedance-2.5", "ltx-2.3-pro", "ltx-2.3-fast", "ltx-2.5-pro", "ltx-2.5-fast", "ltx-2-pro", "ltx-2-fast", "sora-2",
                             "sora-2-pro"}) {
        CAPTURE(name);
        REQUIRE(Catalog::built_in().find(name));
        CHECK(Catalog::built_in().find(name)->id == name);
    }
}

TEST_CASE("a compiled row is found by each of its names before any other is read, and beside what a user's file adds") {
    auto names = Catalog::built_in().names();
    for (const auto& model : Catalog::built_in().models())
        for (const auto& there : model.routes) {
            const auto look_at = [&](const auto& one) {
                names.insert(names.end(), one.snapshots.begin(), one.snapshots.end());
                CAPTURE(there.route, one.id);
                const auto fresh = Catalog::load(std::vector<std::filesystem::path>());
                const auto* found = fresh->find(one.id, there.route);
                REQUIRE(found);
                CHECK(found->id == model.id);
            };
            look_at(there);
            for (const auto& variant : there.variants) look_at(variant);
        }
    for (const auto& name : names) {
        CAPTURE(name);
        const auto fresh = Catalog::load(std::vector<std::filesystem::path>());
        const auto* found = fresh->find(name);
        REQUIRE(found);
        CHECK(found->id == Catalog::built_in().find(name)->id);
        CHECK(fresh->raw(found->id)["id"] == found->id);
        CHECK(fresh->models().size() == Catalog::built_in().models().size());
    }
    const auto with_more = with_file(R"({"models": [{"id": "mine", "routes": [{"route": "openai", "id": "mine"}]}]})");
    REQUIRE(with_more);
    CHECK(with_more->find("mine"));
    CHECK(with_more->models().size() == Catalog::built_in().models().size() + 1);
    const auto clashing = with_file(R"({"models": [{"id": "mine", "aliases": ["kling-v3"], "routes": [{"route": "openai", "id": "mine"}]}]})");
    REQUIRE_FALSE(clashing);
    CHECK(says(clashing.error().message, "is that of model \"kling-3.0\" already"));
}

TEST_CASE("the local route needs no key and no host, the openai route has both") {
    const auto* local = Catalog::built_in().find_route("local");
    REQUIRE(local);
    CHECK_FALSE(local->key_needed);
    CHECK(local->base_url.empty());
    CHECK(local->dialect["shot"] == true);
    const auto* openai = Catalog::built_in().find_route("openai");
    REQUIRE(openai);
    CHECK(openai->base_url == "https://api.openai.com/v1");
    CHECK(openai->key_env == Strings{"OPENAI_API_KEY"});
    CHECK(openai->key_header == "Authorization");
    CHECK(openai->key_prefix == "Bearer ");
}

TEST_CASE("a user's file replaces the keys that it names and keeps the rest") {
    const auto catalog = with_file(
        R"({"models": [{"id": "sora-2", "life": {}, "aliases": ["s2"]}], "routes": [{"name": "openai", "base_url": "https://x.example/"}]})");
    REQUIRE(catalog);
    CHECK(catalog->find("s2")->life.retired.empty());
    CHECK(catalog->find("s2")->sizes.size() == 2);
    CHECK(catalog->raw("sora-2")["maker"] == "OpenAI");
    CHECK(catalog->find_route("openai")->base_url == "https://x.example");
    CHECK(catalog->find_route("openai")->key_env.size() == 1);
    CHECK(Catalog::built_in().find("sora-2")->life.retired == "2026-09-24");
}

TEST_CASE("a user's file replaces keys inside an object, lists whole, and empties what it gives as {}") {
    const auto catalog = with_file(R"({"models": [{"id": "animatic", "seconds": {"most": 30}}, {"id": "kling-3.0", "price": {"as_of": "2026-11-01"}},
        {"id": "veo-3.1", "seconds": {"least": 2, "most": 9}}, {"id": "veo-3.1-fast", "seconds": {"list": [5, 7]}}, {"id": "ltx-2.5-pro", "price": {"free": true}},
        {"id": "sora-2", "price": {}}]})");
    REQUIRE(catalog);
    const auto &built_in = Catalog::built_in();
    CHECK(catalog->find("animatic")->lengths.most == 30);
    CHECK(catalog->find("animatic")->lengths.least == built_in.find("animatic")->lengths.least);
    CHECK(catalog->find("animatic")->default_seconds == built_in.find("animatic")->default_seconds);
    CHECK(catalog->find("kling-3.0")->prices.as_of == "2026-11-01");
    CHECK(catalog->find("kling-3.0")->prices.rates.size() == built_in.find("kling-3.0")->prices.rates.size());
    CHECK(catalog->find("veo-3.1")->lengths.list.empty());
    CHECK(catalog->find("veo-3.1")->lengths.most == 9);
    CHECK(catalog->find("veo-3.1-fast")->lengths.list == std::vector<double>{5, 7});
    CHECK(catalog->find("veo-3.1-fast")->default_seconds == 5);
    CHECK(catalog->find("ltx-2.5-pro")->prices.free);
    CHECK(catalog->find("ltx-2.5-pro")->prices.rates.empty());
    CHECK(catalog->find("sora-2")->prices.rates.empty());
}

TEST_CASE("a user's file adds a route to a model that is known, and its price there is the user's") {
    core::TemporaryFolder folder;
    const auto write = [&](const char* name, const char* text) { REQUIRE(core::write_file(folder.path() / name, text, core::Existing::replace)); };
    write("a.json", R"({"routes": [{"name": "mine", "backend": "custom", "base_url": "https://mine.example"}],
        "models": [{"id": "veo-3.1", "more_routes": [{"route": "mine", "id": "google/veo", "limits": {"price": {"rates": [{"per_second": 0.1}]}}}]}]})");
    auto loaded = Catalog::load(folder.path());
    CAPTURE(loaded ? "" : loaded.error().message);
    REQUIRE(loaded);
    const auto& veo = *loaded->find("veo-3.1");
    REQUIRE(veo.routes.size() == Catalog::built_in().find("veo-3.1")->routes.size() + 1);
    CHECK(veo.routes.front().route == "vertex");
    CHECK(veo.routes.back().id == "google/veo");
    REQUIRE(veo.routes.back().differing);
    CHECK(veo.routes.back().differing->prices.users);
    CHECK_FALSE(veo.prices.users);
    for (const auto& there : veo.routes)
        if (there.route == "fal") CHECK_FALSE(there.differing->prices.users);
    write("b.json", R"({"models": [{"id": "veo-3.1", "more_routes": [{"route": "mine", "id": "google/veo-2"}]}]})");
    CHECK(Catalog::load(folder.path())->find("veo-3.1")->routes.back().id == "google/veo-2");
    write("c.json", R"({"models": [{"id": "nobody", "more_routes": [{"route": "mine", "id": "x"}]}]})");
    CHECK(says(Catalog::load(folder.path()).error().message, "adds to a model that is known already"));
    write("c.json", R"({"models": [{"id": "veo-3.1", "more_routes": ["mine"]}]})");
    CHECK(says(Catalog::load(folder.path()).error().message, "allowed: a list of routes"));
}

TEST_CASE("files are read in the order of their names, and only those that end in .json") {
    core::TemporaryFolder folder;
    const auto write = [&](const char* name, const char* text) {
        REQUIRE(core::write_file(folder.path() / name, text, core::Existing::keep));
    };
    write("20.json", R"({"models": [{"id": "animatic", "title": "second"}]})");
    write("10.json", R"({"models": [{"id": "animatic", "title": "first", "note": "kept"}]})");
    write("30.json~", "not JSON");
    const auto catalog = Catalog::load(folder.path());
    REQUIRE(catalog);
    CHECK(catalog->find("animatic")->title == "second");
    CHECK(catalog->find("animatic")->note == "kept");
    CHECK(Catalog::load(folder.path() / "missing"));
}

TEST_CASE("a name leads to the row that has it now: ids, aliases and snapshots, in their own case") {
    const auto catalog = with_file(R"({"models": [{"id": "veo-2", "aliases": ["veo-two"]},
                                                  {"id": "mine", "aliases": ["veo-2.0"], "routes": [{"route": "local", "id": "a", "snapshots": ["mine-1"]}]}]})");
    REQUIRE(catalog);
    const auto id_of = [&](const char* name) { return catalog->find(name) ? catalog->find(name)->id : ""; };
    CHECK(id_of("veo-two") == "veo-2");
    CHECK(id_of("veo-2.0") == "mine");
    CHECK(id_of("mine-1") == "mine");
    CHECK(id_of("Mine") == "");
    CHECK(id_of("") == "");
    CHECK(Catalog::built_in().find("veo-2.0")->id == "veo-2");
    for (const auto& model : Catalog::built_in().models()) CHECK(Catalog::built_in().find(model.id) == &model);
}

TEST_CASE("a wrong row is named by file, row, key, value and what is allowed") {
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "audio": "sometimes"}]})"),
               R"(mine.json: model "animatic": "audio" is "sometimes"; allowed: never, optional, always)"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "ratio": ["1:1"]}]})"),
               R"(has the unknown key "ratio"; did you mean "ratios"?)"));
    CHECK(says(refused_file(R"({"models": [{"id": "new"}]})"), R"(model "new" has no "routes")"));
    CHECK(says(refused_file(R"({"models": [{"title": "x"}]})"), R"(a row of "models" has no "id")"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "routes": [{"route": "mars", "id": "x"}]}]})"),
               R"("routes" names "mars"; known are local, vertex,)"));
    CHECK(
        says(refused_file(R"({"models": [{"id": "animatic", "aliases": ["sora-2"]}]})"), R"(the name "sora-2" is that of model "sora-2")"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "seconds": {"list": [4, 8], "default": 5}}]})"),
               R"("default" is 5; allowed: 4, 8)"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "seconds": {"list": [-1]}}]})"), "numbers above 0"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "life": {"retired": "soon"}}]})"), "a day such as"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "camera": {"somersault": "x"}}]})"), "names the move \"somersault\""));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "prompt": {"order": ["plot"]}}]})"), "fields of a shot"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "rules": [{"when": {"weather": ["rain"]}, "only": {}}]}]})"),
               "unknown key \"weather\""));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "routes": [{"route": "local", "id": "a", "limits": {"audio": 1}}]}]})"),
               "limits of route \"local\""));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "routes": [{"route": "local", "id": "a", "limits": {"id": "b"}}]}]})"),
               "\"id\" cannot differ"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "images": {"first_frame": {"most": -1}}}]})"), "a whole number from 0"));
    CHECK(says(refused_file(R"({"routes": [{"name": "openai", "base_url": "ftp://x"}]})"), "an http or https URL"));
    CHECK(says(refused_file(R"({"routes": [{"name": "openai", "key_pair_env": [["ONE"]]}]})"), "a list of two variables each"));
    CHECK(says(refused_file(R"({"routes": [{"name": "openai", "settings": {"project": {"enw": []}}}]})"), "did you mean \"env\"?"));
    CHECK(says(refused_file(R"({"dialects": [{"name": "mine"}]})"), "dialect \"mine\" has no \"backend\""));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "routes": [{"route": "fal", "id": "a", "form": {"prompt": 5}}]}]})"),
               "\"prompt\" is 5; allowed: the name of a field"));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "routes": [{"route": "fal", "id": "a", "form": {"seed": "seed"}}]}]})"),
               "has no \"prompt\""));
    CHECK(says(refused_file(R"({"models": [{"id": "animatic", "routes": [{"route": "fal", "id": "a", "form":
        {"prompt": "prompt", "seconds": {"name": "duration", "as": "text"}}}]}]})"), "allowed: string, integer, number, boolean"));
    CHECK(says(refused_file(R"({"models": {}})"), "a list of objects"));
    CHECK(says(refused_file("{"), "mine.json is not valid JSON"));
}
