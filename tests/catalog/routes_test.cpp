#include "support.hpp"

using namespace catalog_test;

namespace {

json form_of(const Order& order) { return order.form.empty() ? json() : json::parse(order.form); }

// The compiled catalogue where only these routes have a key.
Catalog with_keys(const std::vector<std::string>& names) {
    auto catalog = Catalog::built_in();
    for (auto route : std::vector(catalog.routes())) {
        route.ready = !route.key_needed || std::find(names.begin(), names.end(), route.name) != names.end();
        catalog.add_route(route);
    }
    return catalog;
}

}  // namespace

TEST_CASE("without --via the first route is taken whose key is set, and the choice is said") {
    const auto plan = planned(with_keys({"replicate", "fal"}), of("veo-3.1"));
    CHECK(plan.order.route == "fal");
    CHECK(plan.choice == "veo-3.1 goes over fal, whose key is set; --via takes another: vertex, replicate");
    CHECK(planned(with_keys({"replicate"}), of("kling-3.0")).order.route == "replicate");
    SECTION("named, it is taken and nothing is said") {
        const auto named = planned(with_keys({"fal"}), of("replicate:veo-3.1"));
        CHECK(named.order.route == "replicate");
        CHECK(named.choice.empty());
        CHECK(planned(with_keys({"fal"}), of("veo-3.1", "vertex")).order.route == "vertex");
    }
    SECTION("without any key it is the first") {
        const auto first = planned(with_keys({}), of("veo-3.1"));
        CHECK(first.order.route == "vertex");
        CHECK(says(first.choice, "though no route's key is set"));
    }
    SECTION("a model of one route has no choice") { CHECK(planned(with_keys({}), of("kling-3.0-omni")).choice.empty()); }
    SECTION("a route on which it still lives comes before one whose key is set") {
        auto made = catalog::plan(with_keys({"openai"}), a_shot(), of("sora-2"), {}, *core::parse_iso_time("2026-10-01"));
        REQUIRE(std::holds_alternative<Plan>(made));
        CHECK(std::get<Plan>(made).order.route == "azure");
    }
}

TEST_CASE("an order carries the form of its route, with that of the variant over it") {
    CHECK(form_of(planned(Catalog::built_in(), of("veo-3.1", "vertex")).order).is_null());
    const auto text = form_of(planned(Catalog::built_in(), of("veo-3.1", "fal")).order);
    CHECK(text["seconds"] == json{{"name", "duration"}, {"as", "string"}, {"suffix", "s"}});
    CHECK(text["fps"].is_null());
    CHECK_FALSE(text.contains("first_frame"));
    const auto image = form_of(planned(Catalog::built_in(), of("veo-3.1", "fal"), {at_url(ImageRole::first_frame)}).order);
    CHECK(image["first_frame"] == "image_url");
    CHECK(image["ratio"] == "aspect_ratio");
    const auto ltx = form_of(planned(Catalog::built_in(), of("ltx-2.3-pro", "replicate"), {at_url(ImageRole::first_frame)}).order);
    CHECK(ltx["fixed"]["task"] == "image_to_video");
    CHECK(ltx["resolution"]["words"]["1440p"] == "2k");
}

TEST_CASE("every route that writes by a form has one for each model, with a part for all that its row lets one ask for") {
    for (const auto& model : Catalog::built_in().models())
        for (const auto& there : model.routes) {
            if (there.route != "fal" && there.route != "replicate") continue;
            CAPTURE(model.id, there.route);
            const auto& row = there.differing ? *there.differing : model;
            auto forms = std::vector{there.form};
            for (const auto& variant : there.variants) {
                forms.push_back(there.form);
                forms.back().update(variant.form);
            }
            const auto some = [&](const char* part) {
                return std::any_of(forms.begin(), forms.end(), [&](const json& form) { return form.contains(part); });
            };
            for (const auto& form : forms) {
                for (const char* part : {"prompt", "seconds", "ratio", "resolution", "audio"}) CHECK(form.contains(part));
                CHECK(form.contains("fps") == (row.default_fps > 0 || !row.fps.empty()));
                CHECK(form.contains("seed") == row.most_seed.has_value());
                CHECK(form.contains("negative_prompt") == row.prompt.negative_field);
                CHECK(form.contains("camera") == !row.camera.empty());
            }
            for (const auto& [role, limits] : row.images) CHECK(some(std::string(catalog::to_string(role)).c_str()));
        }
}

TEST_CASE("a route's setting stands in the id of a model, and without a value as its name") {
    auto catalog = Catalog::built_in();
    auto wishes = of("sora-2", "azure");
    const auto before = *core::parse_iso_time("2026-09-01");
    const auto id = [&] { return std::get<Plan>(catalog::plan(catalog, a_shot(), wishes, {}, before)).order.remote_model; };
    CHECK(id() == "{deployment}");
    auto azure = *catalog.find_route("azure");
    azure.values["deployment"] = "my-sora";
    catalog.add_route(azure);
    CHECK(id() == "my-sora");
    CHECK(catalog::with_values("https://{a}.{b}/{a}", {{"a", "x"}, {"b", "{a}"}}) == "https://x.{a}/x");
}

TEST_CASE("hosts of a kind have a dialect by name") {
    const auto* sglang = Catalog::built_in().find_dialect("sglang");
    REQUIRE(sglang);
    CHECK(sglang->backend == "openai");
    CHECK(sglang->keys["image_url"] == "reference_url");
    CHECK(Catalog::built_in().find_dialect("nothing") == nullptr);
    const auto own = with_file(R"({"dialects": [{"name": "sglang", "dialect": {"seconds": "string"}}]})");
    REQUIRE(own);
    CHECK(own->find_dialect("sglang")->keys == json{{"seconds", "string"}});
}

TEST_CASE("an end that is near is told 60 days before, a likely one from then on") {
    const auto day = [](const char* text) { return *core::parse_iso_time(text); };
    catalog::Life life;
    life.retired = "2027-03-01";
    CHECK(catalog::ends_soon(life, day("2026-12-20")).empty());
    CHECK(catalog::ends_soon(life, day("2027-01-02")) == "ends on 2027-03-01");
    CHECK(catalog::ends_soon(life, day("2027-03-02")).empty());
    life = {};
    life.earliest = "2027-05-04";
    life.successors = {"veo-4"};
    CHECK(catalog::ends_soon(life, day("2027-03-01")).empty());
    CHECK(catalog::ends_soon(life, day("2027-04-01")) == "may end from 2027-05-04 on; what follows it: veo-4");
    CHECK_FALSE(catalog::ends_soon(life, day("2028-01-01")).empty());
    CHECK(catalog::ends_soon({}, day("2027-01-01")).empty());
}
