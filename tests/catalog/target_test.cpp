#include "catalog/target.hpp"

#include "support.hpp"

using namespace catalog_test;
using Strings = std::vector<std::string>;

namespace {

Wishes of(const std::string& model, const std::string& via = {}) {
    Wishes wishes;
    wishes.model = model;
    wishes.via = via;
    return wishes;
}

}  // namespace

TEST_CASE("an unknown model names the nearest and where the list is") {
    const auto problem = refusal(Catalog::built_in(), of("sora2"));
    CHECK(problem.field == "model");
    CHECK(problem.message == "there is no model sora2; did you mean sora-2?; see `shotwire models`");
    CHECK(problem.allowed == Strings{"animatic", "sora-2", "sora-2-pro"});
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
    SECTION("a moved route lets it through, for nothing") {
        const auto plan = planned(moved(Catalog::built_in(), "openai"), of("sora-2"));
        CHECK(plan.order.price.amount == Money{0});
        CHECK(plan.order.price.as_of.empty());
        CHECK(plan.route.base_url == "https://gateway.example/v1");
    }
    SECTION("before its day it is a model like others") {
        auto made = catalog::plan(Catalog::built_in(), a_shot(), of("sora-2"), {}, *core::parse_iso_time("2026-09-10"));
        REQUIRE(std::holds_alternative<Plan>(made));
        CHECK(std::get<Plan>(made).notes == Strings{"sora-2 ends on 2026-09-24"});
        CHECK(std::get<Plan>(made).order.price.amount == Money{400'000});
    }
    SECTION("it may have ended on one route only") {
        CHECK(planned(others(), of("veo-like")).order.route == "vertex");
        CHECK(says(refusal(others(), of("veo-like", "fal")).message, "ended on 2026-06-30"));
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
    const auto problem = refusal(others(), of("kling-like", "vertex"));
    CHECK(problem.field == "via");
    CHECK(problem.allowed == Strings{"kling"});
    CHECK(refusal(others(), of("fal:x/y", "vertex")).field == "via");
    CHECK(says(refusal(Catalog::built_in(), of("nowhere:model")).message, "there is no route nowhere"));
}

TEST_CASE("ROUTE:MODEL finds the row by our name and by the route's") {
    CHECK(planned(others(), of("vertex:veo-like")).order.model == "veo-like");
    CHECK(planned(others(), of("vertex:veo-3.1-generate-001")).order.model == "veo-like");
    CHECK(planned(others(), of("ark:dance")).order.remote_model == "dreamina-seedance-2-0-260128");
}

TEST_CASE("a variant of the id is sent for the orders it is for") {
    const auto fal = moved(others(), "fal");
    CHECK(planned(fal, of("veo-like", "fal")).order.remote_model == "fal-ai/veo3.1");
    CHECK(planned(fal, of("veo-like", "fal"), {picture(ImageRole::first_frame, {1280, 720})}).order.remote_model ==
          "fal-ai/veo3.1/image-to-video");
    CHECK(planned(fal, of("veo-like", "fal"), {picture(ImageRole::reference, {1280, 720})}).order.remote_model ==
          "fal-ai/veo3.1/reference-to-video");
    auto wishes = of("kling-like");
    wishes.resolution = "1080p";
    CHECK(planned(others(), wishes).order.remote_model == "kling-pro");
}

TEST_CASE("limits that differ on a route hold there and nowhere else") {
    auto wishes = of("veo-like", "fal");
    wishes.resolution = "4k";
    CHECK(refusal(moved(others(), "fal"), wishes).allowed == Strings{"720p", "1080p"});
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
        CHECK(plan.order.price.amount == Money{0});
    }
    SECTION("nothing is made up") {
        const auto plan = planned(moved(Catalog::built_in(), "openai"), wishes);
        CHECK_FALSE(plan.order.size);
        CHECK(plan.order.seconds == 0);
        CHECK_FALSE(plan.order.audio);
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
