#include <sys/stat.h>

#include <filesystem>

#include "support.hpp"

using namespace catalog_test;
using Strings = std::vector<std::string>;

namespace {

// Every field has a value of its own.
Order full_order() {
    Order order;
    order.model = "sora-2";
    order.route = "openai";
    order.remote_model = "sora-2-2025-12-08";
    order.operation = Operation::extend;
    order.source_clip = "video_1";
    order.prompt = "a paper boat \xE2\x9B\xB5";
    order.negative_prompt = "text";
    order.size = Size{1280, 720};
    order.resolution = "720p";
    order.ratio = AspectRatio{16, 9};
    order.seconds = 2.5;
    order.fps = 24;
    order.seed = UINT64_MAX;
    order.audio = false;
    order.camera_motion = "dolly_in";
    order.images = {picture(ImageRole::first_frame, {1280, 720}), at_url(ImageRole::reference)};
    order.params = {{"b", "2"}, {"a", "1"}, {"b", "3"}};
    order.shot = a_shot();
    order.price = {Money{345'678}, true, "2026-09"};
    order.form = R"({"prompt":"text"})";
    return order;
}

// A PNG of that size by its header, which is all that is read.
std::string png(unsigned char width, unsigned char height) {
    return std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0", 19) + char(width) + std::string(3, '\0') + char(height) + "\x08";
}

Price price(const Catalog& catalog, const std::string& model, const Wishes& wishes = {}, std::vector<Image> images = {}) {
    auto wanted = wishes;
    wanted.model = model;
    return planned(catalog, wanted, std::move(images)).order.price;
}

}  // namespace

TEST_CASE("an order survives JSON without loss, but for the bytes of its pictures") {
    const auto order = full_order();
    const auto back = catalog::order_from_json(json::parse(core::dump(catalog::to_json(order))));
    REQUIRE(back);
    CHECK(catalog::to_json(*back) == catalog::to_json(order));
    CHECK(back->seed == UINT64_MAX);
    CHECK(back->audio == false);
    CHECK(back->size == order.size);
    CHECK(back->ratio == order.ratio);
    CHECK(back->operation == Operation::extend);
    CHECK(back->params == order.params);
    CHECK(back->price.amount == Money{345'678});
    CHECK(back->price.upper_bound);
    CHECK(back->images.size() == 2);
    CHECK(back->images[0].pixels == Size{1280, 720});
    CHECK_FALSE(back->images[0].bytes);
    CHECK(back->shot == a_shot());
    CHECK(back->form == order.form);
    CHECK(core::dump(catalog::to_json(order)).find("bytes") == std::string::npos);
    const auto bare = catalog::order_from_json(catalog::to_json(Order{}));
    REQUIRE(bare);
    CHECK_FALSE(bare->price.amount);
    CHECK_FALSE(bare->audio);
}

TEST_CASE("an order is written as a document of it would be: what is hashed of it stays the same for good") {
    auto order = full_order();
    order.wished = Strings{"seed", "duration"};
    order.freely = true;
    auto plain = order;
    plain.images.clear();
    plain.params.clear();
    plain.form.clear();
    plain.seconds = 1e21;
    plain.prompt = "\"quoted\"\n\\ \x01\xff";
    plain.price = {Money{1}, false, ""};
    for (const auto& one : {order, plain, full_order(), Order{}}) {
        const auto text = catalog::write_order(one);
        CHECK(text == core::dump(json::parse(text)));
        CHECK(text == core::dump(catalog::to_json(one)));
        CHECK(catalog::write_order(*catalog::read_order(text)) == text);
    }
    CHECK(catalog::write_order(order) ==
          R"({"audio":false,"camera_motion":"dolly_in","form":{"prompt":"text"},"fps":24,"freely":true,"images":[{"media_type":"image/png","role":"first_frame","sha256":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa","size":"1280x720","source":"picture.png"},{"role":"reference","source":"https://example.com/a.png"}],"model":"sora-2","negative_prompt":"text","operation":"extend","params":[["b","2"],["a","1"],["b","3"]],"price":{"as_of":"2026-09","upper_bound":true,"usd":0.345678},"prompt":"a paper boat )" "\xE2\x9B\xB5" R"(","ratio":"16:9","remote_model":"sora-2-2025-12-08","resolution":"720p","route":"openai","seconds":2.5,"seed":18446744073709551615,"shot":{"action":"crosses a puddle","subject":"a paper boat"},"size":"1280x720","source_clip":"video_1","wished":["seed","duration"]})");
    CHECK(catalog::write_order(Order{}) ==
          R"({"model":"","operation":"create","price":{},"prompt":"","remote_model":"","route":"","seconds":0.0,"shot":{}})");
    CHECK(catalog::fingerprint(Order{}) == "2145834f8804ef38681653ef7dbd6f9ca16ddd823e2def8010727ea691c63ebe");
    order.route = "local";
    CHECK(catalog::fingerprint(order) == "ba199e5db91fb1f847c7a75ece84dc7b16b6fb2ca9e959a369cb0d237e9ec80e");
    CHECK(catalog::fingerprint(plain) == "fadcfb0272f35e717b9e14f36839b8b8cdbd300214b4f97b072a5d59bbd654e3");
}

TEST_CASE("what is no order is refused, not thrown") {
    CHECK_FALSE(catalog::order_from_json(json::array()));
    CHECK_FALSE(catalog::order_from_json(json::object()));
    for (const auto& [key, value] : std::vector<std::pair<std::string, json>>{{"seconds", "x"},
                                                                              {"size", "large"},
                                                                              {"ratio", 5},
                                                                              {"operation", "sing"},
                                                                              {"images", {{{"role", "hat"}}}},
                                                                              {"params", {1}},
                                                                              {"price", 3}}) {
        CAPTURE(key);
        auto document = catalog::to_json(full_order());
        document[key] = value;
        const auto refused = catalog::order_from_json(document);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().message.find("\"" + key + "\"") != std::string::npos);
        CHECK(refused.error().message.find("json.exception") == std::string::npos);
    }
    const auto bare = catalog::order_from_json(json::object());
    CHECK(bare.error().message == "the order has no \"model\"");
}

TEST_CASE("the fingerprint is the same on every machine and for every path") {
    const auto order = full_order();
    CHECK(catalog::fingerprint(order) == "af68ce09d2e30635b51eed7bf92c6f9a615408f6de3fd8e64448c99946fbf012");
    auto other = order;
    other.images[0].source = "/elsewhere/same.png";
    other.images[0].bytes.reset();
    other.price = {};
    other.form.clear();
    other.shot.subject = "words that do not reach this provider";
    CHECK(catalog::fingerprint(other) == catalog::fingerprint(order));
    CHECK(catalog::fingerprint(*catalog::order_from_json(catalog::to_json(order))) == catalog::fingerprint(order));
}

TEST_CASE("the fingerprint changes with whatever the provider sees") {
    const std::vector<void (*)(Order&)> changes{[](Order& order) { order.route = "studio"; },
                                                [](Order& order) { order.remote_model = "sora-2"; },
                                                [](Order& order) { order.operation = Operation::edit; },
                                                [](Order& order) { order.source_clip = "video_2"; },
                                                [](Order& order) { order.prompt += "."; },
                                                [](Order& order) { order.negative_prompt.clear(); },
                                                [](Order& order) {
                                                    order.size = Size{720, 1280};
                                                },
                                                [](Order& order) { order.size.reset(); },
                                                [](Order& order) { order.resolution = "1080p"; },
                                                [](Order& order) { order.ratio.reset(); },
                                                [](Order& order) { order.seconds = 2.6; },
                                                [](Order& order) { order.fps = 25; },
                                                [](Order& order) { order.seed = 1; },
                                                [](Order& order) { order.audio.reset(); },
                                                [](Order& order) { order.camera_motion.clear(); },
                                                [](Order& order) { order.images[0].sha256[0] = 'b'; },
                                                [](Order& order) { order.images[1].source += "?2"; },
                                                [](Order& order) { order.images[0].role = ImageRole::last_frame; },
                                                [](Order& order) { order.params[0].second = "4"; }};
    for (std::size_t i = 0; i < changes.size(); ++i) {
        CAPTURE(i);
        auto order = full_order();
        changes[i](order);
        CHECK(catalog::fingerprint(order) != catalog::fingerprint(full_order()));
    }
}

TEST_CASE("the local route is sent the shot, so it counts there, without paths") {
    auto order = full_order();
    order.route = "local";
    auto other = order;
    other.shot.first_frame = "/a/path.png";
    CHECK(catalog::fingerprint(other) == catalog::fingerprint(order));
    other.shot.lighting = "amber";
    CHECK(catalog::fingerprint(other) != catalog::fingerprint(order));
}

TEST_CASE("pictures are read, hashed and measured, and a changed one is noticed") {
    core::TemporaryFolder folder;
    const auto file = (folder.path() / "a.png").string();
    REQUIRE(core::write_file(file, png(64, 48), core::Existing::keep));
    const auto image = catalog::load_image(ImageRole::first_frame, file);
    REQUIRE(image);
    CHECK(image->media_type == "image/png");
    CHECK(image->pixels == Size{64, 48});
    CHECK(image->sha256 == *core::sha256_of_file(file));

    Order order;
    order.images = {*image};
    order.images[0].bytes.reset();
    REQUIRE(catalog::reload(order));
    CHECK(*order.images[0].bytes == png(64, 48));
    order.images[0].bytes.reset();
    REQUIRE(core::write_file(file, png(65, 48), core::Existing::replace));
    CHECK(says(catalog::reload(order).error().message, "has changed since it was ordered"));

    REQUIRE(core::write_file(folder.path() / "b.txt", "words", core::Existing::keep));
    const auto text = catalog::load_image(ImageRole::reference, (folder.path() / "b.txt").string());
    REQUIRE_FALSE(text);
    CHECK(says(text.error().message, "--reference"));
    CHECK(text.error().kind == ErrorKind::usage);
    CHECK(says(catalog::load_image(ImageRole::last_frame, "/nowhere.png").error().message, "--last-frame"));
    // A pipe gives its bytes once; it is not waited for either.
    const auto pipe = (folder.path() / "pipe.png").string();
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    for (const auto& stream : {pipe, std::string("/dev/stdin"), std::string("/dev/fd/63")}) {
        const auto refused = catalog::load_image(ImageRole::first_frame, stream);
        REQUIRE(!refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(says(refused.error().message, "is no file but a stream"));
    }

    Shot shot;
    shot.first_frame = file;
    shot.references = {"https://example.com/a.png", "HTTP://example.com/b.png"};
    const auto images = catalog::load_images(shot);
    REQUIRE(images);
    REQUIRE(images->size() == 3);
    CHECK((*images)[1].sha256.empty());
    CHECK((*images)[2].role == ImageRole::reference);
}

TEST_CASE("prices follow resolution, sound, pictures, length and tokens") {
    Wishes wishes;
    CHECK(price(others(), "veo-3.1").amount == Money{3'200'000});
    CHECK(price(others(), "veo-3.1").as_of == "2026-09");
    wishes.audio = false;
    CHECK(price(others(), "veo-3.1", wishes).amount == Money{1'600'000});
    wishes.resolution = "4k";
    CHECK(price(others(), "veo-3.1", wishes).amount == Money{3'200'000});
    wishes.audio = true;
    CHECK(price(others(), "veo-3.1", wishes).amount == Money{4'800'000});

    CHECK(price(others(), "kling-3.0").amount == Money{420'000});
    CHECK(price(others(), "silent", {}, {at_url(ImageRole::reference)}).amount == Money{1'200'000});
    Wishes ten;
    ten.seconds = 10;
    CHECK(price(others(), "silent", ten).amount == Money{560'000});

    Wishes tokens;
    const auto dance = price(others(), "seedance-2.0", tokens);
    CHECK(dance.amount == Money{762'300});  // 108900 tokens for 121 frames of 1280x720
    CHECK(dance.upper_bound);
    tokens.resolution = "1080p";
    CHECK(price(others(), "seedance-2.0", tokens).amount == Money{1'886'693});

    tokens.resolution = "4k";  // its pixels are not told: somewhat more than the list's example
    CHECK(price(others(), "seedance-2.0", tokens).amount > Money{3'890'000});
    CHECK(price(others(), "seedance-2.0", tokens).amount < Money{4'200'000});

    CHECK(price(others(), "ltx-2.3-fast").amount == Money{360'000});
    CHECK_FALSE(price(others(), "ltx-2.3-fast").upper_bound);
    Wishes roughly;
    roughly.via = "fal";
    CHECK(price(others(), "ltx-2.3-fast", roughly).upper_bound);
    CHECK(price(others(), "ltx-2.3-pro", roughly).upper_bound);
    roughly.via = "replicate";
    CHECK(price(others(), "seedance-2.0", roughly).upper_bound);
    Wishes unpriced;
    unpriced.via = "fal";
    CHECK_FALSE(price(others(), "veo-3.1-lite", unpriced).amount);
}

TEST_CASE("a host of the user's own is free at home, and elsewhere costs what their models.d says or nobody knows what") {
    const auto abroad = price(moved(others(), "ltx"), "ltx-2.3-fast");
    CHECK_FALSE(abroad.amount);
    CHECK(abroad.as_of.empty());
    CHECK(price(moved(others(), "ltx", Place::at_home), "ltx-2.3-fast").amount == Money{0});

    const auto priced = with_file(R"({"models": [{"id": "ltx-2.3-fast", "price": {"rates": [{"per_second": 0.01}], "as_of": "2026-11-01"}}]})");
    REQUIRE(priced);
    CHECK(price(moved(*priced, "ltx"), "ltx-2.3-fast").amount == Money{60'000});
    CHECK(price(moved(*priced, "ltx", Place::at_home), "ltx-2.3-fast").amount == Money{60'000});
    CHECK_FALSE(price(moved(*priced, "ltx"), "ltx-2.3-pro").amount);
    const auto other_key = with_file(R"({"models": [{"id": "ltx-2.3-fast", "title": "Ours"}]})");
    CHECK_FALSE(price(moved(*other_key, "ltx"), "ltx-2.3-fast").amount);
    const auto by_route = with_file(R"({"models": [{"id": "sora-2", "routes": [{"route": "openai", "id": "sora-2",
        "limits": {"price": {"rates": [{"per_second": 0.02}]}}}]}]})");
    CHECK(price(moved(*by_route, "openai"), "sora-2").amount == Money{80'000});
}

TEST_CASE("the price list of Sora is the one of its last month") {
    const auto before = *core::parse_iso_time("2026-09-01");
    const auto amount = [&](const std::string& model, const std::string& size, double seconds) {
        Wishes wishes;
        wishes.model = model;
        wishes.size = *catalog::parse_size(size);
        wishes.seconds = seconds;
        auto made = catalog::plan(Catalog::built_in(), a_shot(), wishes, {}, before);
        REQUIRE(std::holds_alternative<Plan>(made));
        return to_string(*std::get<Plan>(made).order.price.amount);
    };
    CHECK(amount("sora-2", "720x1280", 20) == "2.00");
    CHECK(amount("sora-2-pro", "1280x720", 16) == "4.80");
    CHECK(amount("sora-2-pro", "1024x1792", 12) == "6.00");
    CHECK(amount("sora-2-pro", "1920x1080", 8) == "5.60");
}

TEST_CASE("the expected time grows with the length") {
    const auto* sora = Catalog::built_in().find("sora-2");
    CHECK(catalog::expected_time(sora, 12) > catalog::expected_time(sora, 4));
    CHECK(catalog::expected_time(sora, 0) == catalog::expected_time(sora, 4));
    CHECK(catalog::expected_time(nullptr, 8) > std::chrono::seconds(1));
}

TEST_CASE("wishes are taken out of a document, as text or as numbers") {
    json document{{"model", "veo-3.1"}, {"aspect-ratio", "9:16"},
                  {"duration", 2.5},    {"size", "1280x720"},
                  {"fps", "24"},        {"seed", 7},
                  {"audio", "no"},      {"params", {{"steps", 20}, {"mode", "pro"}}},
                  {"fit", true},        {"subject", "stays"}};
    const auto wishes = catalog::take_wishes(document, "shot.yaml");
    REQUIRE(wishes);
    CHECK(document == json{{"subject", "stays"}});
    CHECK(wishes->model == "veo-3.1");
    CHECK(wishes->ratio == AspectRatio{9, 16});
    CHECK(wishes->seconds == 2.5);
    CHECK(wishes->size == Size{1280, 720});
    CHECK(wishes->fps == 24);
    CHECK(wishes->seed == 7);
    CHECK(wishes->audio == false);
    CHECK(wishes->fit);
    CHECK(wishes->params.size() == 2);
    json random{{"seed", "random"}};
    CHECK(*catalog::take_wishes(random, "x")->seed <= 0x7fffffff);
    CHECK(catalog::wish_keys().size() == 11);
}

TEST_CASE("a wish that cannot be read names file, key, value and what is allowed") {
    const auto message = [](json document) {
        const auto taken = catalog::take_wishes(document, "shot.yaml");
        REQUIRE_FALSE(taken);
        CHECK(taken.error().kind == ErrorKind::usage);
        return taken.error().message;
    };
    CHECK(says(message({{"duration", "long"}}), "shot.yaml: duration: the duration long is not a length"));
    CHECK(says(message({{"aspect_ratio", "wide"}}), "16:9"));
    CHECK(says(message({{"size", 720}}), "1280x720"));
    CHECK(says(message({{"seed", -1}}), "-1 is not a whole number"));
    CHECK(says(message({{"fps", 0}}), "from 1 to 240"));
    CHECK(says(message({{"audio", "loud"}}), "audio is loud; allowed: true, false"));
    CHECK(says(message({{"model", json::array()}}), "a text or a number"));
    CHECK(says(message({{"params", "a=b"}}), "a table"));
}

TEST_CASE("lengths, sizes and ratios are read in the ways they are written") {
    CHECK(*catalog::parse_seconds(" 8s ") == 8);
    CHECK(*catalog::parse_seconds("2.5") == 2.5);
    for (const auto text : {"", "s", "0", "-4", "8m", "nan", "inf", "1e9", "8 9"}) {
        CAPTURE(text);
        CHECK_FALSE(catalog::parse_seconds(text));
    }
    CHECK(*catalog::parse_size("1280X720") == Size{1280, 720});
    for (const auto text : {"1280", "x", "0x5", "-1x5", "5x99999", "1280*720", "1 x 2"}) {
        CAPTURE(text);
        CHECK_FALSE(catalog::parse_size(text));
    }
    CHECK(*catalog::parse_ratio("21:9") == AspectRatio{21, 9});
    for (const auto text : {"16/9", "16:0", ":", "16:9:1", "1.85:1"}) {
        CAPTURE(text);
        CHECK_FALSE(catalog::parse_ratio(text));
    }
}
