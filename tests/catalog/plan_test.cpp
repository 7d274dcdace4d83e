#include "catalog/plan.hpp"

#include "support.hpp"

using namespace catalog_test;
using Strings = std::vector<std::string>;

TEST_CASE("without any wish the animatic is ordered with its defaults") {
    const auto plan = planned(Catalog::built_in(), {});
    CHECK(plan.order.model == "animatic");
    CHECK(plan.order.route == "local");
    CHECK(plan.order.size == Size{1280, 720});
    CHECK(plan.order.resolution == "720p");
    CHECK(plan.order.ratio == AspectRatio{16, 9});
    CHECK(plan.order.seconds == 5);
    CHECK(plan.order.fps == 24);
    CHECK(plan.order.audio == true);
    CHECK_FALSE(plan.order.seed);
    CHECK(plan.order.price.amount == Money{0});
    CHECK(plan.changes.empty());
    CHECK(says(plan.order.prompt, "paper boat"));
    CHECK(plan.order.shot == a_shot());
}

TEST_CASE("the animatic takes any length, rate, ratio and even size that it names") {
    Wishes wishes;
    SECTION("half seconds") {
        wishes.seconds = 2.5;
        CHECK(planned(Catalog::built_in(), wishes).order.seconds == 2.5);
    }
    SECTION("each ratio in even pixels") {
        const auto [ratio, size] = GENERATE(table<AspectRatio, Size>(
            {{{9, 16}, {480, 854}}, {{1, 1}, {480, 480}}, {{4, 3}, {640, 480}}, {{3, 4}, {480, 640}}, {{21, 9}, {1120, 480}}}));
        wishes.ratio = ratio;
        wishes.resolution = "480p";
        const auto plan = planned(Catalog::built_in(), wishes);
        CHECK(plan.order.size == size);
        CHECK(plan.order.ratio == ratio);
    }
    SECTION("pixels") {
        wishes.size = Size{854, 480};
        const auto plan = planned(Catalog::built_in(), wishes);
        CHECK(plan.order.size == Size{854, 480});
        CHECK(plan.order.ratio == AspectRatio{16, 9});
        CHECK(plan.order.resolution == "480p");
    }
    SECTION("a rate") {
        wishes.fps = 60;
        CHECK(planned(Catalog::built_in(), wishes).order.fps == 60);
    }
    SECTION("silence and the largest seed") {
        wishes.audio = false;
        wishes.seed = 9007199254740991;
        const auto plan = planned(Catalog::built_in(), wishes);
        CHECK(plan.order.audio == false);
        CHECK(plan.order.seed == 9007199254740991);
    }
}

TEST_CASE("all problems are named at once, each with what is allowed") {
    auto wishes = of("gemini-omni-1.1-flash");
    wishes.seconds = 2;
    wishes.fps = 30;
    wishes.ratio = AspectRatio{1, 1};
    wishes.resolution = "480p";
    wishes.audio = false;
    wishes.seed = 3;
    const auto problems = refused(others(), wishes, {picture(ImageRole::last_frame, {10, 10})}, Shot{});
    Strings fields;
    for (const auto& problem : problems) {
        fields.push_back(problem.field);
        CHECK(problem.message.size() > 10);
    }
    CHECK(fields == Strings{"aspect_ratio", "resolution", "duration", "fps", "audio", "seed", "last_frame", "prompt"});
    CHECK(problems[0].allowed == Strings{"16:9", "9:16"});
    CHECK(problems[1].allowed == Strings{"360p", "720p", "1080p", "4k"});
    CHECK(problems[2].value == "2");
    CHECK(problems[2].message == "gemini-omni-1.1-flash makes no clips of 2 s; allowed: 3 to 10");
    CHECK(problems[3].message == "gemini-omni-1.1-flash takes no --fps");
}

TEST_CASE("the flag --fit takes the nearest length, rate, ratio, resolution and size, and says so") {
    auto wishes = of("ltx-2.3-fast");
    wishes.fit = true;
    SECTION("one by one") {
        wishes.seconds = 7.4;
        wishes.fps = 30;
        wishes.ratio = AspectRatio{4, 3};
        wishes.resolution = "900p";
        const auto plan = planned(others(), wishes);
        CHECK(plan.order.seconds == 8);
        CHECK(plan.order.fps == 25);
        CHECK(plan.order.ratio == AspectRatio{16, 9});
        CHECK(plan.order.resolution == "1080p");
        CHECK(plan.order.size == Size{1920, 1080});
        CHECK(plan.changes == Strings{"aspect ratio 16:9 in place of 4:3", "resolution 1080p in place of 900p",
                                      "duration 8 s in place of 7.4 s", "25 fps in place of 30"});
    }
    SECTION("sound where it cannot be switched off") {
        wishes.model = "gemini-omni-1.1-flash";
        wishes.audio = false;
        CHECK(planned(others(), wishes).changes == Strings{"gemini-omni-1.1-flash always makes sound"});
    }
    SECTION("a size of the same shape before one of the same area") {
        wishes.model = "sora-2";
        wishes.size = Size{1080, 1920};
        const auto plan = planned(moved(others(), "openai"), wishes);
        CHECK(plan.order.size == Size{720, 1280});
        CHECK(plan.changes == Strings{"size 720x1280 in place of 1080x1920"});
    }
    SECTION("even pixels within the limits of the animatic") {
        wishes.model = "animatic";
        wishes.size = Size{10, 721};
        CHECK(planned(Catalog::built_in(), wishes).order.size == Size{64, 720});
    }
    SECTION("a resolution that exists in that ratio") {
        wishes.model = "sora-2-pro";
        wishes.ratio = AspectRatio{7, 4};
        wishes.resolution = "720p";
        const auto plan = planned(moved(others(), "openai"), wishes);
        CHECK(plan.order.size == Size{1792, 1024});
        CHECK(plan.changes.size() == 1);
    }
    SECTION("but no seed where there is none") {
        wishes.seed = 1;
        CHECK(refusal(others(), wishes).field == "seed");
    }
}

TEST_CASE("what is not wished fits in with what is") {
    auto wishes = of("sora-2-pro");
    const auto sora = moved(Catalog::built_in(), "openai");
    SECTION("a ratio that the default resolution lacks") {
        wishes.ratio = AspectRatio{4, 7};
        CHECK(planned(sora, wishes).order.size == Size{1024, 1792});
    }
    SECTION("a resolution that the default ratio lacks") {
        wishes.resolution = "1024p";
        CHECK(planned(sora, wishes).order.size == Size{1792, 1024});
    }
    SECTION("both wished and not together in the table") {
        wishes.ratio = AspectRatio{7, 4};
        wishes.resolution = "720p";
        const auto problem = refusal(sora, wishes);
        CHECK(problem.field == "resolution");
        CHECK(problem.allowed == Strings{"1024p"});
    }
    SECTION("a resolution whose pixels are not told comes in every ratio") {
        wishes = of("seedance-2.0");
        wishes.resolution = "4k";
        wishes.ratio = AspectRatio{1, 1};
        const auto plan = planned(Catalog::built_in(), wishes);
        CHECK(plan.order.resolution == "4k");
        CHECK(plan.order.ratio == AspectRatio{1, 1});
        CHECK_FALSE(plan.order.size);
    }
}

TEST_CASE("size beside ratio and resolution agrees, or the conflict names both values") {
    auto wishes = of("seedance-2.0");
    wishes.size = Size{864, 496};
    SECTION("agrees by the table, though 864x496 is not quite 16:9") {
        wishes.ratio = AspectRatio{16, 9};
        wishes.resolution = "480p";
        CHECK(planned(others(), wishes).order.size == Size{864, 496});
    }
    SECTION("another ratio") {
        wishes.ratio = AspectRatio{9, 16};
        const auto problem = refusal(others(), wishes);
        CHECK(problem.field == "size");
        CHECK(problem.message == "--size 864x496 is 16:9, but --aspect-ratio says 9:16; leave one of them out");
    }
    SECTION("another resolution, not even with --fit") {
        wishes.resolution = "720p";
        wishes.fit = true;
        CHECK(says(refusal(others(), wishes).message, "--size 864x496 is 480p, but --resolution says 720p"));
    }
    SECTION("a size that the model does not have") {
        wishes.size = Size{1000, 1000};
        const auto problem = refusal(others(), wishes);
        CHECK(problem.allowed.front() == "864x496");
        CHECK(problem.allowed.size() == 18);
    }
    SECTION("a model that is asked in words only") {
        wishes.model = "veo-3.1";
        wishes.size = Size{1080, 1920};
        const auto plan = planned(others(), wishes);
        CHECK(plan.order.resolution == "1080p");
        CHECK(plan.order.ratio == AspectRatio{9, 16});
        CHECK_FALSE(plan.order.size);
        wishes.size = Size{1000, 1000};
        CHECK(refusal(others(), wishes).allowed.size() == 6);
        wishes.fit = true;
        CHECK(planned(others(), wishes).order.resolution == "1080p");
    }
}

TEST_CASE("the other way of writing a ratio or resolution is understood") {
    auto wishes = of("veo-3.1");
    wishes.ratio = AspectRatio{1920, 1080};
    wishes.resolution = "2160p";
    const auto plan = planned(others(), wishes);
    CHECK(plan.order.ratio == AspectRatio{16, 9});
    CHECK(plan.order.resolution == "4k");
    wishes.resolution = "huge";
    CHECK(refusal(others(), wishes).field == "resolution");
}

TEST_CASE("rules narrow wishes: defaults give way, wishes do not") {
    auto wishes = of("silent");
    wishes.resolution = "1080p";
    wishes.seconds = 10;
    SECTION("the wish that breaks a rule is refused with the rule and its reason") {
        const auto problem = refusal(others(), wishes);
        CHECK(problem.field == "duration");
        CHECK(problem.message == "silent takes 1080p only with 6 s (its maker's limit), not with 10 s");
        CHECK(problem.allowed == Strings{"6"});
    }
    SECTION("--fit takes what the rule allows") {
        wishes.fit = true;
        const auto plan = planned(others(), wishes);
        CHECK(plan.order.seconds == 6);
        CHECK(says(plan.changes.at(0), "6 s in place of 10 s"));
    }
    SECTION("an unwished length gives way to the wished rate") {
        wishes = of("ltx-2.3-fast");
        wishes.fps = 50;
        wishes.seconds = 20;
        CHECK(refusal(others(), wishes).field == "duration");
        wishes.fps = 25;
        CHECK(planned(others(), wishes).order.seconds == 20);
        wishes.resolution = "4k";
        CHECK(refusal(others(), wishes).field == "duration");
    }
    SECTION("an unwished resolution gives way to the wished length") {
        wishes = of("silent");
        wishes.seconds = 10;
        const auto plan = planned(others(), wishes);
        CHECK(plan.order.resolution == "768p");
        CHECK(plan.changes.empty());
        wishes.resolution = "1080p";
        CHECK(refusal(others(), wishes).field == "duration");
    }
    SECTION("pictures that exclude each other") {
        const auto problem =
            refusal(others(), of("veo-3.1"), {picture(ImageRole::first_frame, {1280, 720}), picture(ImageRole::reference, {10, 10})});
        CHECK(problem.message == "veo-3.1 takes --reference alone, not with --first-frame");
    }
    SECTION("pictures that go with some others only") {
        const auto problem = refusal(others(), of("wan-2.7", "dashscope"),
                                     {picture(ImageRole::first_frame, {1280, 720}), picture(ImageRole::last_frame, {1280, 720}),
                                      picture(ImageRole::reference, {1280, 720})});
        CHECK(problem.message == "wan-2.7 takes --reference alone or with --first-frame, not with --last-frame");
    }
    SECTION("references need 8 s") {
        wishes = of("veo-3.1");
        wishes.seconds = 6;
        CHECK(says(refusal(others(), wishes, {picture(ImageRole::reference, {10, 10})}).message, "only with 8 s"));
    }
}

TEST_CASE("a clip that no answer has room for needs the setting that says where it goes, and one that may be too big has a note") {
    auto wishes = of("gemini-omni-1.1-flash", "gemini-vertex");
    SECTION("by its resolution or its length") {
        wishes.resolution = GENERATE("1080p", "4k", "720p");
        if (wishes.resolution == "720p") wishes.seconds = 10;
        const auto problem = refusal(others(), wishes);
        CHECK(problem.field == "storage_uri");
        CHECK(says(problem.message, "set storage_uri under [routes.gemini-vertex.dialect] of the configuration: gs://BUCKET/FOLDER/"));
        wishes.via = "gemini";
        CHECK(planned(others(), wishes).notes.empty());
    }
    SECTION("what may fit") {
        CHECK(says(planned(others(), wishes).notes.at(0), "had better have a storage_uri"));
        wishes.resolution = "360p";
        CHECK(planned(others(), wishes).notes.empty());
    }
    SECTION("where it is told") {
        wishes.resolution = "4k";
        auto catalog = others();
        auto route = *catalog.find_route("gemini-vertex");
        route.values["storage_uri"] = "gs://mine";
        catalog.add_route(route);
        CHECK(planned(catalog, wishes).notes.empty());
    }
}

TEST_CASE("a place where a route's models are not known to be offered is noted") {
    auto catalog = others();
    auto route = *catalog.find_route("vertex");
    route.values["location"] = "us-central1";
    catalog.add_route(route);
    CHECK(planned(catalog, of("veo-3.1", "vertex")).notes.empty());
    route.values["location"] = "europe-west4";
    catalog.add_route(route);
    CHECK(planned(catalog, of("veo-3.1", "vertex")).notes ==
          Strings{"the location of the route vertex is europe-west4; its models and prices are known in us-central1 only"});
}

TEST_CASE("Wan of Beijing has that host's price and takes no PNG with transparency") {
    auto wishes = of("wan-2.7", "dashscope-cn");
    wishes.resolution = "720p";
    wishes.seconds = 10;
    const auto plan = planned(others(), wishes);
    CHECK(plan.order.remote_model == "wan2.7-t2v");
    CHECK(plan.order.price.amount == Money{860'000});
    auto frame = picture(ImageRole::first_frame, {1280, 720});
    const std::string head("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x05\0\0\0\x02\xd0\x08", 25);
    frame.bytes = std::make_shared<const std::string>(head + '\x06');
    wishes = of("wan-2.7", "dashscope");
    CHECK(says(refusal(others(), wishes, {frame}).message, "has transparency, which wan-2.7 does not take in a PNG"));
    frame.bytes = std::make_shared<const std::string>(head + '\x02');
    CHECK(planned(others(), wishes, {frame}).order.remote_model == "wan2.7-i2v");
}

TEST_CASE("sound follows the model") {
    auto wishes = of("silent");
    CHECK(planned(others(), wishes).order.audio == false);
    wishes.audio = true;
    CHECK(says(refusal(others(), wishes).message, "makes no sound"));
    wishes.fit = true;
    CHECK(planned(others(), wishes).changes == Strings{"silent makes no sound"});
    CHECK(planned(others(), of("kling-3.0")).order.audio == false);
    CHECK(planned(others(), of("ltx-2.3-fast")).order.audio == true);
    wishes = of("gemini-omni-1.1-flash");
    CHECK(planned(others(), wishes).order.audio == true);
    wishes.audio = false;
    CHECK(says(refusal(others(), wishes).message, "--no-audio is not possible"));
}

TEST_CASE("seeds and rates have limits") {
    auto wishes = of("veo-3.1");
    wishes.seed = 4294967296;
    CHECK(says(refusal(others(), wishes).message, "0 to 4294967295"));
    wishes.seed = 4294967295;
    wishes.fps = 25;
    CHECK(refusal(others(), wishes).allowed == Strings{"24"});
    wishes.fps = 24;
    CHECK(planned(others(), wishes).order.fps == 24);
    wishes = of("kling-3.0");
    wishes.fps = 24;
    CHECK(refusal(others(), wishes).message == "kling-3.0 takes no --fps");
    wishes.fit = true;
    CHECK_FALSE(planned(others(), wishes).order.fps);
}

TEST_CASE("a prompt beyond the model's limit is refused with the count") {
    auto shot = a_shot();
    shot.environment = std::string(3100, 'x');
    const auto problem = refusal(others(), of("kling-3.0"), {}, shot);
    CHECK(problem.field == "prompt");
    CHECK(says(problem.message, "3072"));
}

TEST_CASE("negatives go into the model's field, or become words with a note") {
    auto shot = a_shot();
    shot.negative_prompt = "text, logo";
    CHECK(says(planned(others(), of("veo-3.1"), {}, shot).order.negative_prompt, "logo"));
    const auto plan = planned(Catalog::built_in(), {}, {}, shot);
    CHECK(plan.order.negative_prompt.empty());
    CHECK(plan.notes.size() == 1);
}

TEST_CASE("a move that the model has a word of its own for is sent as that word") {
    auto shot = a_shot();
    shot.camera = {"handheld", "slow dolly in"};
    CHECK(planned(others(), of("ltx-2.3-pro"), {}, shot).order.camera_motion == "dolly_in");
    CHECK(planned(others(), of("kling-3.0"), {}, shot).order.camera_motion.empty());
    CHECK(says(planned(others(), of("ltx-2.3-pro"), {}, shot).notes.at(0), "takes dolly_in alone in its own field"));
    shot.camera = {"slow dolly in"};
    CHECK(planned(others(), of("ltx-2.3-pro"), {}, shot).notes.empty());
    shot.camera = {"handheld"};
    CHECK(planned(others(), of("ltx-2.3-pro"), {}, shot).order.camera_motion.empty());
}

TEST_CASE("camera control of Kling 2.6 is for 1080p: in 720p the move stays in words, and that is said") {
    auto shot = a_shot();
    shot.camera = {"slow pan left"};
    auto wishes = of("kling-2.6");
    const auto fine = planned(others(), wishes, {}, shot);
    CHECK(fine.order.resolution == "1080p");
    CHECK(fine.order.camera_motion == "tilt=-5");
    wishes.resolution = "720p";
    const auto plan = planned(others(), wishes, {}, shot);
    CHECK(plan.order.camera_motion.empty());
    CHECK(says(plan.order.prompt, "pan"));
    CHECK(says(plan.notes.at(0), "the camera move stays in words: with 720p"));
    CHECK(plan.order.price.amount == Money{210'000});
    CHECK(planned(others(), wishes).notes.empty());
}

TEST_CASE("pictures keep the model's limits") {
    const auto sora = moved(Catalog::built_in(), "openai");
    SECTION("the exact size, with both sizes in the message") {
        auto wishes = of("sora-2");
        wishes.size = Size{1280, 720};
        const auto problem = refusal(sora, wishes, {picture(ImageRole::first_frame, {1024, 1024})});
        CHECK(problem.message ==
              "--first-frame picture.png is 1024x1024, but the clip is 1280x720: sora-2 needs them equal; scale the picture");
        wishes.fit = true;
        CHECK(says(refusal(sora, wishes, {picture(ImageRole::first_frame, {720, 1280})}).message, "ask for --size 720x1280"));
    }
    SECTION("a picture in a size of the model decides where nothing is wished") {
        const auto plan = planned(sora, of("sora-2"), {picture(ImageRole::first_frame, {720, 1280})});
        CHECK(plan.order.size == Size{720, 1280});
        CHECK(plan.notes == Strings{"the clip is 720x1280, as its first frame"});
    }
    SECTION("an upright picture makes an upright clip") {
        CHECK(planned(others(), of("veo-3.1"), {picture(ImageRole::first_frame, {900, 1600})}).order.ratio == AspectRatio{9, 16});
    }
    SECTION("the type") {
        CHECK(says(refusal(others(), of("veo-3.1"), {picture(ImageRole::first_frame, {1280, 720}, "image/webp")}).message,
                   "image/webp; veo-3.1 takes image/png, image/jpeg"));
    }
    SECTION("bytes") {
        auto large = picture(ImageRole::first_frame, {1280, 720});
        large.bytes = std::make_shared<const std::string>(20'000'001, 'x');
        CHECK(says(refusal(others(), of("veo-3.1"), {large}).message, "at most 20.0 MB"));
    }
    SECTION("how many") {
        const auto one = picture(ImageRole::reference, {10, 10});
        CHECK(says(refusal(others(), of("veo-3.1"), {one, one, one, one}).message, "at most 3 --reference, not 4"));
    }
    SECTION("a last frame needs a first") {
        CHECK(refusal(others(), of("veo-3.1"), {picture(ImageRole::last_frame, {1280, 720})}).allowed == Strings{"--first-frame"});
    }
    SECTION("files and URLs") {
        CHECK(says(refusal(others(), of("veo-3.1"), {at_url(ImageRole::first_frame)}).message, "must be a file"));
        CHECK(says(refusal(others(), of("silent"), {picture(ImageRole::reference, {500, 500})}).message, "must be a URL"));
        CHECK(planned(others(), of("silent"), {at_url(ImageRole::reference)}).order.images.size() == 1);
    }
    SECTION("in a bucket, where the provider reads it") {
        auto stored = at_url(ImageRole::first_frame);
        stored.source = "gs://bucket/a.png";
        stored.media_type = "image/png";
        CHECK(planned(others(), of("veo-3.1"), {stored}).order.images.size() == 1);
        CHECK(says(refusal(others(), of("kling-3.0"), {stored}).message, "cannot be a gs:// address"));
        CHECK(says(refusal(others(), of("fal:owner/model"), {stored}).message, "cannot be a gs:// address"));
        stored.media_type.clear();
        CHECK(says(refusal(others(), of("veo-3.1"), {stored}).message, "no picture that we know"));
    }
    SECTION("sides and ratios") {
        CHECK(says(refusal(others(), of("kling-3.0"), {picture(ImageRole::first_frame, {299, 400})}).message, "sides from 300"));
        CHECK(says(refusal(others(), of("kling-3.0"), {picture(ImageRole::first_frame, {1000, 300})}).message, "0.40 to 2.50"));
    }
    SECTION("a picture that sets the ratio") {
        const auto square = picture(ImageRole::first_frame, {500, 500});
        auto wishes = of("kling-3.0");
        CHECK_FALSE(planned(others(), wishes, {square}).order.ratio);
        wishes.ratio = AspectRatio{1, 1};
        CHECK_FALSE(planned(others(), wishes, {square}).order.ratio);
        wishes.ratio = AspectRatio{16, 9};
        CHECK(says(refusal(others(), wishes, {square}).message, "500x500"));
    }
    SECTION("a picture that sets the ratio, and nobody measured") {
        for (const auto* model : {"kling-3.0", "kling-3.0-turbo", "kling-3.0-omni", "kling-2.6", "wan-2.7", "seedance-2.5"}) {
            CAPTURE(model);
            auto wishes = of(model);
            CHECK_FALSE(planned(others(), wishes, {at_url(ImageRole::first_frame)}).order.ratio);
            wishes.ratio = AspectRatio{9, 16};
            const auto problem = refusal(others(), wishes, {at_url(ImageRole::first_frame)});
            CHECK(problem.field == "aspect_ratio");
            CHECK(says(problem.message, "which a URL does not tell: 9:16 cannot be asked for"));
            wishes.fit = true;
            const auto fitted = planned(others(), wishes, {at_url(ImageRole::first_frame)});
            CHECK_FALSE(fitted.order.ratio);
            REQUIRE(fitted.changes.size() == 1);
            CHECK(says(fitted.changes.front(), "in place of 9:16"));
            wishes.ratio.reset();
            wishes.size = Size{1280, 720};
            if (model == std::string("kling-2.6")) continue;
            wishes.fit = false;
            CHECK(refusal(others(), wishes, {at_url(ImageRole::first_frame)}).field == "size");
        }
    }
    SECTION("a size beside a picture that sets the ratio") {
        const auto wide = picture(ImageRole::first_frame, {1280, 720});
        for (const auto* via : {"kling", "fal", "replicate", "dashscope", "ark"})
            for (const auto* model : {"kling-3.0", "wan-2.7", "seedance-2.5"}) {
                auto wishes = of(model);
                wishes.via = via;
                if (std::holds_alternative<Problems>(catalog::plan(others(), a_shot(), wishes, {wide}, today))) continue;
                CAPTURE(via, model);
                wishes.size = Size{1280, 720};
                const auto plan = planned(others(), wishes, {wide});
                CHECK_FALSE(plan.order.ratio);
                CHECK(plan.order.resolution == "720p");
                CHECK(plan.order.size == Size{1280, 720});
                wishes.size = Size{720, 1280};
                CHECK(says(refusal(others(), wishes, {wide}).message, "the ratio of the picture, 1280x720: 720x1280 cannot be asked for"));
                wishes.fit = true;
                const auto fitted = planned(others(), wishes, {wide});
                CHECK(fitted.changes.size() == 1);
                CHECK_FALSE(fitted.order.ratio);
                CHECK_FALSE(fitted.order.size);
                wishes.fit = false;
                wishes.size = Size{640, 360};
                CHECK(says(refusal(others(), wishes, {wide}).message, "makes no 640x360"));
            }
    }
    SECTION("none at all") {
        CHECK(says(refusal(others(), of("animatic"), {picture(ImageRole::last_frame, {10, 10})}).message,
                   "animatic takes no --last-frame; it takes --first-frame, --reference"));
    }
}

TEST_CASE("a remix takes nothing but words, an extension a length too") {
    const auto sora = moved(Catalog::built_in(), "openai");
    auto wishes = of("sora-2");
    wishes.operation = Operation::remix;
    wishes.source_clip = "video_1";
    SECTION("the order has no measures of its own") {
        const auto plan = planned(sora, wishes);
        CHECK(plan.order.operation == Operation::remix);
        CHECK(plan.order.source_clip == "video_1");
        CHECK_FALSE(plan.order.size);
        CHECK(plan.order.seconds == 0);
    }
    SECTION("a wish that cannot be sent is refused") {
        wishes.size = Size{1280, 720};
        wishes.seconds = 8;
        CHECK(refused(sora, wishes).size() == 2);
        wishes = of("sora-2");
        wishes.operation = Operation::extend;
        wishes.source_clip = "video_1";
        wishes.seconds = 16;
        CHECK(planned(sora, wishes).order.seconds == 16);
        wishes.seconds = 5;
        CHECK(refusal(sora, wishes).field == "duration");
    }
    SECTION("a model without it says so") {
        wishes.model = "kling-3.0";
        CHECK(says(refusal(others(), wishes).message, "has no --remix"));
    }
    SECTION("no clip to start from") {
        wishes.source_clip.clear();
        CHECK(refusal(sora, wishes).field == "remix");
    }
}

TEST_CASE("a length that the service takes and does not document is taken with a note") {
    auto wishes = of("ltx-2.3-pro");
    wishes.seconds = 4;
    const auto plan = planned(Catalog::built_in(), wishes);
    CHECK(plan.order.seconds == 4);
    REQUIRE(plan.notes.size() == 1);
    CHECK(says(plan.notes[0], "ltx-2.3-pro is said to take 4 s"));
    wishes.seconds = 6;
    CHECK(planned(Catalog::built_in(), wishes).notes.empty());
}
