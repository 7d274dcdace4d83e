#include "catalog/target.hpp"

#include "support.hpp"

using namespace catalog_test;
using Strings = std::vector<std::string>;

TEST_CASE("an unknown model names the nearest and where the list is") {
    const auto problem = refusal(Catalog::built_in(), of("sora2"));
    CHECK(problem.field == "model");
    CHECK(problem.message == "there is no model sora2; did you mean sora-2?; see `shotwire models`");
    CHECK(problem.allowed == Catalog::built_in().names());
    CHECK(says(refusal(Catalog::built_in(), of("\x1b[2J")).message, "there is no model  [2J"));
    CHECK(refusal(Catalog::built_in(), of("")).field == "model");
}

TEST_CASE("a retired model says when it ended, what follows, and how to reach a host that still has it") {
    const auto problem = refusal(Catalog::built_in(), of("sora-2"));
    CHECK(says(problem.message, "sora-2 ended on 2026-09-24"));
    CHECK(says(problem.message, "veo-3.1, kling-3.0"));
    CHECK(says(problem.message, "--via openai --base-url URL"));
    SECTION("beside the other problems of the order") {
        auto wishes = of("sora-2");
        wishes.seconds = 7;
        CHECK(refused(Catalog::built_in(), wishes).size() == 2);
    }
    SECTION("a moved route lets it through, for what its owner asks") {
        const auto plan = planned(moved(Catalog::built_in(), "openai"), of("sora-2"));
        CHECK_FALSE(plan.order.price.amount);
        CHECK(plan.order.price.as_of.empty());
        CHECK(plan.route.base_url == "https://gateway.example/v1");
    }
    SECTION("before its day it is a model like others") {
        auto made = catalog::plan(Catalog::built_in(), a_shot(), of("sora-2"), {}, *core::parse_iso_time("2026-09-10"));
        REQUIRE(std::holds_alternative<Plan>(made));
        REQUIRE(std::get<Plan>(made).notes.size() == 1);
        CHECK(says(std::get<Plan>(made).notes[0], "sora-2 ends on 2026-09-24; what follows it: veo-3.1, kling-3.0"));
        CHECK(std::get<Plan>(made).order.price.amount == Money{400'000});
    }
    SECTION("it may have ended on one route only") {
        auto made = catalog::plan(Catalog::built_in(), a_shot(), of("sora-2"), {}, *core::parse_iso_time("2026-10-01"));
        REQUIRE(std::holds_alternative<Plan>(made));
        CHECK(std::get<Plan>(made).order.route == "azure");
        CHECK(says(std::get<Plan>(made).notes.at(0), "ends on 2026-10-15"));
        CHECK(says(refusal(Catalog::built_in(), of("sora-2", "azure")).message, "ended on 2026-10-15"));
    }
}

TEST_CASE("a snapshot is sent as it was asked for") {
    const auto plan = planned(moved(Catalog::built_in(), "openai"), of("sora-2-2025-12-08"));
    CHECK(plan.order.model == "sora-2");
    CHECK(plan.order.remote_model == "sora-2-2025-12-08");
    CHECK(planned(moved(Catalog::built_in(), "openai"), of("openai:sora-2-pro-2025-10-06")).order.remote_model == "sora-2-pro-2025-10-06");
}

TEST_CASE("a route must exist and have the model") {
    CHECK(says(refusal(Catalog::built_in(), of("animatic", "opnai")).message, "did you mean openai?"));
    const auto problem = refusal(others(), of("kling-3.0", "vertex"));
    CHECK(problem.field == "via");
    CHECK(problem.allowed == Strings{"kling", "kling-legacy", "fal", "replicate"});
    CHECK(refusal(others(), of("fal:x/y", "vertex")).field == "via");
    CHECK(says(refusal(Catalog::built_in(), of("nowhere:model")).message, "there is no route nowhere"));
}

TEST_CASE("ROUTE:MODEL finds the row by our name and by the route's") {
    CHECK(planned(others(), of("vertex:veo-3.1")).order.model == "veo-3.1");
    CHECK(planned(others(), of("vertex:veo-3.1-generate-001")).order.model == "veo-3.1");
    CHECK(planned(others(), of("ark-cn:seedance-2.0")).order.remote_model == "doubao-seedance-2-0-260128");
    CHECK(planned(others(), of("fal:kling-v3")).order.remote_model == "fal-ai/kling-video/v3/standard/text-to-video");
}

TEST_CASE("a variant of the id is sent for the orders it is for") {
    const auto first = picture(ImageRole::first_frame, {1280, 720}), last = picture(ImageRole::last_frame, {1280, 720});
    const auto id = [](const Wishes& wishes, std::vector<Image> images) { return planned(others(), wishes, std::move(images)).order.remote_model; };
    CHECK(id(of("veo-3.1", "fal"), {}) == "fal-ai/veo3.1");
    CHECK(id(of("veo-3.1", "fal"), {first}) == "fal-ai/veo3.1/image-to-video");
    CHECK(id(of("veo-3.1", "fal"), {first, last}) == "fal-ai/veo3.1/first-last-frame-to-video");
    CHECK(id(of("veo-3.1", "fal"), {picture(ImageRole::reference, {1280, 720})}) == "fal-ai/veo3.1/reference-to-video");
    auto wishes = of("kling-3.0", "fal");
    wishes.resolution = "1080p";
    CHECK(id(wishes, {}) == "fal-ai/kling-video/v3/pro/text-to-video");
    CHECK(id(wishes, {first}) == "fal-ai/kling-video/v3/pro/image-to-video");
    CHECK(id(of("wan-2.7-i2v"), {first}) == "wan2.7-i2v");
    CHECK(id(of("wan-2.7"), {first, picture(ImageRole::reference, {500, 500})}) == "wan2.7-r2v");
    CHECK(id(of("wan2.7-t2v-2026-04-25"), {}) == "wan2.7-t2v-2026-04-25");
}

TEST_CASE("a name of one id alone is sent as that id, or refused where the order needs another") {
    const auto first = picture(ImageRole::first_frame, {1280, 720}), reference = picture(ImageRole::reference, {500, 500});
    const auto id = [](const Wishes& wishes, std::vector<Image> images) { return planned(others(), wishes, std::move(images)).order.remote_model; };
    for (const auto* text : {"wan-2.7-t2v", "wan2.7-t2v", "dashscope:wan2.7-t2v"}) CHECK(id(of(text), {}) == "wan2.7-t2v");
    for (const auto* image : {"wan-2.7-i2v", "wan2.7-i2v", "dashscope:wan2.7-i2v"}) CHECK(id(of(image), {first}) == "wan2.7-i2v");
    CHECK(id(of("wan2.7-i2v-2026-04-25"), {first}) == "wan2.7-i2v-2026-04-25");
    CHECK(id(of("wan2.7-r2v-2026-06-12"), {reference}) == "wan2.7-r2v-2026-06-12");
    CHECK(id(of("wan-2.7-i2v", "fal"), {first}) == "fal-ai/wan/v2.7/image-to-video");
    CHECK(id(of("replicate:wan-video/wan-2.7-i2v"), {first}) == "wan-video/wan-2.7-i2v");
    for (const auto* text : {"wan-2.7-t2v", "wan2.7-t2v-2026-06-12", "fal:wan-2.7-t2v", "fal:fal-ai/wan/v2.7/text-to-video"}) {
        CAPTURE(text);
        CHECK(says(refusal(others(), of(text), {first}).message, "-m wan-2.7 takes what fits"));
    }
    for (const auto* image : {"wan-2.7-i2v", "wan2.7-i2v", "wan2.7-i2v-2026-04-25", "wan2.7-r2v-2026-06-12", "fal:fal-ai/wan/v2.7/image-to-video"}) {
        CAPTURE(image);
        CHECK(refusal(others(), of(image), {}).field == "model");
    }
    CHECK(says(refusal(others(), of("wan-2.7-i2v"), {first, reference}).message, "this order needs wan2.7-r2v, not wan2.7-i2v"));
    const auto elsewhere = refusal(others(), of("wan-2.7-r2v", "fal"), {reference});
    CHECK(elsewhere.message == "wan-2.7-r2v is not known on the route fal; it is on dashscope, dashscope-cn");
    SECTION("what the id stands for beside pictures is what is ordered") {
        auto wishes = of("fal:fal-ai/kling-video/v3/pro/text-to-video");
        const auto plan = planned(others(), wishes);
        CHECK(plan.order.resolution == "1080p");
        CHECK(plan.order.remote_model == "fal-ai/kling-video/v3/pro/text-to-video");
        wishes.resolution = "720p";
        CHECK(refusal(others(), wishes).field == "resolution");
        wishes = of("fal:fal-ai/kling-video/v3/standard/text-to-video");
        CHECK(planned(others(), wishes).order.resolution == "720p");
        wishes.resolution = "1080p";
        CHECK(refusal(others(), wishes).field == "model");
    }
}

TEST_CASE("the ids of Veo that Google shut down say when, and what follows") {
    for (const auto* id : {"veo-3.1-generate-preview", "veo-3.1-fast-generate-preview", "gemini:veo-3.1-lite-generate-preview"}) {
        const auto problem = refusal(Catalog::built_in(), of(id));
        CHECK(says(problem.message, "ended on 2026-10-22"));
        CHECK_FALSE(says(problem.message, "--base-url"));  // no other host speaks that protocol
        CHECK(problem.allowed.front() == "gemini-omni-1.1-flash");
    }
    for (const auto* id : {"veo-2", "veo-2.0-generate-001", "veo-3.0-generate-001"})
        CHECK(says(refusal(Catalog::built_in(), of(id)).message, "ended on 2026-06-30"));
}

TEST_CASE("limits that differ on a route hold there and nowhere else") {
    auto wishes = of("veo-3.1", "replicate");
    wishes.resolution = "4k";
    CHECK(refusal(others(), wishes).allowed == Strings{"720p", "1080p"});
    wishes.via = "vertex";
    CHECK(planned(others(), wishes).order.resolution == "4k");
}

TEST_CASE("a model without a row goes to a moved host with the wishes as they are") {
    auto wishes = of("openai:wan-ai/wan-2.6");
    SECTION("not without naming the host") {
        const auto problem = refusal(Catalog::built_in(), wishes);
        CHECK(says(problem.message, "--base-url URL"));
        CHECK(problem.allowed == Strings{"sora-2", "sora-2-pro"});
    }
    SECTION("wishes are passed on") {
        wishes.seconds = 7.5;
        wishes.fps = 17;
        wishes.seed = UINT64_MAX;
        wishes.audio = true;
        wishes.size = Size{833, 481};
        wishes.params = {{"steps", "20"}};
        auto shot = a_shot();
        shot.negative_prompt = "text";
        const auto plan = planned(moved(Catalog::built_in(), "openai"), wishes, {at_url(ImageRole::last_frame)}, shot);
        CHECK(plan.model == nullptr);
        CHECK(plan.order.remote_model == "wan-ai/wan-2.6");
        CHECK(plan.order.model == "wan-ai/wan-2.6");
        CHECK(plan.order.seconds == 7.5);
        CHECK(plan.order.fps == 17);
        CHECK(plan.order.seed == UINT64_MAX);
        CHECK(plan.order.audio == true);
        CHECK(plan.order.size == Size{833, 481});
        CHECK(plan.order.params.size() == 1);
        CHECK(plan.order.negative_prompt == "text");
        CHECK(plan.order.images.size() == 1);
        CHECK_FALSE(plan.order.price.amount);
        CHECK(planned(moved(Catalog::built_in(), "openai", Place::at_home), wishes).order.price.amount == Money{0});
    }
    SECTION("nothing is made up") {
        const auto plan = planned(moved(Catalog::built_in(), "openai"), wishes);
        CHECK_FALSE(plan.order.size);
        CHECK(plan.order.seconds == 0);
        CHECK_FALSE(plan.order.audio);
        CHECK(plan.order.freely);
        CHECK_FALSE(planned(moved(Catalog::built_in(), "openai"), of("sora-2")).order.freely);
    }
    SECTION("a host that is asked in pixels gets the ratio as pixels") {
        wishes.ratio = AspectRatio{9, 16};
        const auto plan = planned(moved(Catalog::built_in(), "openai"), wishes);
        CHECK(plan.order.size == Size{720, 1280});
        CHECK(plan.notes.size() == 1);
    }
    SECTION("a conflict is one without a row too") {
        wishes.size = Size{1280, 720};
        wishes.ratio = AspectRatio{1, 1};
        CHECK(says(refusal(moved(Catalog::built_in(), "openai"), wishes).message, "--aspect-ratio says 1:1"));
    }
    SECTION("an aggregator serves what it serves") {
        const auto plan = planned(others(), of("fal:minimax/h3:fast"));
        CHECK(plan.order.remote_model == "minimax/h3:fast");
        CHECK_FALSE(plan.order.price.amount);
        CHECK(planned(others(), of("owner/name:v1", "fal")).order.remote_model == "owner/name:v1");
    }
}

TEST_CASE("a route of the user's own serves what another route of its backend serves") {
    auto catalog = Catalog::built_in();
    catalog::Route studio;
    studio.name = "studio";
    studio.backend = "openai";
    studio.base_url = "https://studio.example/v1";
    studio.moved = true;
    catalog.add_route(studio);
    const auto plan = planned(catalog, of("sora-2", "studio"));
    CHECK(plan.order.route == "studio");
    CHECK(plan.order.remote_model == "sora-2");
    CHECK(planned(catalog, of("studio:anything")).order.remote_model == "anything");
}
