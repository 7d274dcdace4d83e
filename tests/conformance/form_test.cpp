// Orders written by a form, and credentials that live for a while.
#include "backend/form.hpp"

#include <catch2/catch.hpp>

#include "backend/json_api.hpp"
#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

Order whole_order() {
    Order order;
    order.remote_model = "maker/model";
    order.prompt = "a paper boat";
    order.negative_prompt = "text";
    order.seconds = 8;
    order.ratio = AspectRatio{9, 16};
    order.resolution = "1440p";
    order.seed = 7;
    order.audio = false;
    order.fps = 24;
    order.camera_motion = "dolly_in";
    return order;
}

const json whole_form = {{"prompt", "/input/prompt"},
                         {"negative_prompt", "/input/negative_prompt"},
                         {"seconds", {{"name", "/input/duration"}, {"as", "string"}, {"suffix", "s"}}},
                         {"ratio", {{"name", "/input/aspect"}, {"words", {{"9:16", "portrait"}}}}},
                         {"resolution", {{"name", "/input/resolution"}, {"words", {{"1440p", "2k"}}}}},
                         {"seed", "seed"},
                         {"audio", "generate_audio"},
                         {"fps", nullptr},
                         {"camera", "camera_motion"},
                         {"first_frame", "image_url"},
                         {"reference", {{"name", "image_urls"}, {"list", true}}},
                         {"fixed", {{"multi_shot", false}}}};

}  // namespace

TEST_CASE("a form whose field has no place in a request is an error that shows it") {
    for (const auto& field : {json("https://x.example/size"), json("/prompt/size"), json("/a~b"), json{{"name", 7}}, json{{"as", "string"}}, json(7)}) {
        CAPTURE(field.dump());
        Order order;
        order.prompt = "a paper boat";
        order.seconds = 5;
        const auto body = backend::write_form({{"prompt", "prompt"}, {"seconds", field}}, order, "studio", backend::image_text);
        REQUIRE_FALSE(body);
        CHECK(body.error().kind == ErrorKind::usage);
        CHECK(body.error().message.find("the form of studio puts the length where a request has no such place: " + field.dump()) == 0);
    }
}

TEST_CASE("a form puts every part of an order into its field, in its type and words") {
    auto order = whole_order();
    order.images = {png(), png(ImageRole::reference), {ImageRole::reference, "https://pictures.example/a.png", {}, {}, {}, nullptr}};
    order.params = {{"cfg_scale", "0.5"}, {"/input/style", "noir"}};
    const auto body = backend::write_form(whole_form, order, "studio", backend::image_text);
    REQUIRE(body);
    const auto uri = backend::image_text(png());
    CHECK(uri.starts_with("data:image/png;base64,"));
    CHECK(*body == json{{"input", {{"prompt", "a paper boat"}, {"negative_prompt", "text"}, {"duration", "8s"}, {"aspect", "portrait"}, {"resolution", "2k"}, {"style", "noir"}}},
                        {"seed", 7},
                        {"generate_audio", false},
                        {"camera_motion", "dolly_in"},
                        {"image_url", uri},
                        {"image_urls", {uri, "https://pictures.example/a.png"}},
                        {"cfg_scale", 0.5},
                        {"multi_shot", false}});
}

TEST_CASE("a wish that a form has no field for is an error that names it, never dropped") {
    for (const auto& [part, name] : std::vector<std::pair<const char*, std::string>>{{"seed", "the seed"},
                                                                                    {"negative_prompt", "a negative prompt"},
                                                                                    {"seconds", "the length"},
                                                                                    {"ratio", "the aspect ratio"},
                                                                                    {"resolution", "the resolution"},
                                                                                    {"audio", "the sound"},
                                                                                    {"fps", "the frame rate"},
                                                                                    {"camera", "a native camera move"}}) {
        CAPTURE(part);
        auto form = whole_form;
        form.erase(part);
        const auto body = backend::write_form(form, whole_order(), "maker/model", backend::image_text);
        REQUIRE_FALSE(body);
        CHECK(body.error().kind == ErrorKind::usage);
        CHECK(body.error().message == "maker/model has no field for " + name);
    }
    auto order = whole_order();
    order.images = {png(ImageRole::last_frame)};
    const auto body = backend::write_form(whole_form, order, "maker/model", backend::image_text);
    REQUIRE_FALSE(body);
    CHECK(body.error().message == "maker/model has no field for an image as last_frame");
}

TEST_CASE("what a model does anyway is no answer to the wish of an order without a row") {
    auto order = whole_order();
    CHECK(backend::write_form(whole_form, order, "maker/model", backend::image_text));
    order.freely = true;
    const auto body = backend::write_form(whole_form, order, "maker/model", backend::image_text);
    REQUIRE_FALSE(body);
    CHECK(body.error().message == "maker/model has no field for the frame rate");
    order.fps.reset();
    CHECK(backend::write_form(whole_form, order, "maker/model", backend::image_text));
    auto form = whole_form;
    form["audio"] = nullptr;
    CHECK_FALSE(backend::write_form(form, order, "maker/model", backend::image_text));
}

TEST_CASE("a form has words for true and false, and takes an object for an image") {
    auto form = whole_form;
    form["audio"] = {{"name", "/settings/audio"}, {"words", {{"true", "native"}, {"false", "off"}}}};
    form["first_frame"] = {{"name", "/contents"}, {"list", true}};
    auto order = whole_order();
    order.images = {png()};
    const auto body = backend::write_form(form, order, "studio", [](const Image& image) { return json{{"type", "first_frame"}, {"url", image.media_type}}; });
    REQUIRE(body);
    CHECK(body->at("settings").at("audio") == "off");
    CHECK(body->at("contents") == json::array({{{"type", "first_frame"}, {"url", "image/png"}}}));
}

TEST_CASE("a size that no ratio or resolution says too is not dropped") {
    auto order = whole_order();
    order.size = Size{1080, 1920};
    CHECK(backend::write_form(whole_form, order, "studio", backend::image_text));
    order.ratio.reset();
    order.resolution.clear();
    const auto body = backend::write_form(whole_form, order, "studio", backend::image_text);
    REQUIRE_FALSE(body);
    CHECK(body.error().message == "studio has no field for a size in pixels");
}

TEST_CASE("a --param for a place that cannot be is a usage error") {
    for (const auto* name : {"/input/prompt/deeper", "/input/duration/0", "/a~b"}) {
        CAPTURE(name);
        auto order = whole_order();
        order.params = {{name, "1"}};
        const auto body = backend::write_form(whole_form, order, "studio", backend::image_text);
        REQUIRE_FALSE(body);
        CHECK(int(body.error().kind) == int(ErrorKind::usage));
        CHECK(body.error().message.find(name) != std::string::npos);
    }
}

TEST_CASE("a --param adds fields and turns switches, but replaces nothing that was planned and priced") {
    const auto written = [](const std::string& name, const std::string& value, json form = whole_form) {
        auto order = whole_order();
        order.images = {png(ImageRole::reference)};
        order.params = {{name, value}};
        return backend::write_form(form, order, "studio", backend::image_text);
    };
    CHECK(written("multi_shot", "true")->at("multi_shot") == true);
    CHECK(written("image_urls/-", "x")->at("image_urls").size() == 2);
    CHECK(written("/input/style", "noir")->at("input").at("style") == "noir");
    for (const auto& [name, flag] : std::vector<std::pair<const char*, std::string>>{{"/input/resolution", "--resolution"},
                                                                                    {"input/duration", "--duration"},
                                                                                    {"input", "--duration"},
                                                                                    {"generate_audio", "--audio or --no-audio"},
                                                                                    {"/image_urls/0", "--reference"},
                                                                                    {"/input/prompt", "the prompt"},
                                                                                    {"seed", "--seed"}}) {
        CAPTURE(name);
        const auto body = written(name, "4k");
        REQUIRE_FALSE(body);
        CHECK(int(body.error().kind) == int(ErrorKind::usage));
        CHECK(body.error().message.find(std::string("--param ") + name) == 0);
        CHECK(body.error().message.find(flag) != std::string::npos);
    }
    // A switch that a part writes, and a fixed value that is no switch.
    auto form = whole_form;
    form["fixed"] = {{"generate_audio", true}, {"task", "text_to_video"}};
    CHECK_FALSE(written("generate_audio", "true", form));
    CHECK_FALSE(written("task", "image_to_video", form));
}

TEST_CASE("a length is written in frames where the form asks for them") {
    auto order = whole_order();
    order.seconds = 2.5;
    auto form = whole_form;
    form.erase("seconds");
    form["frames"] = "num_frames";
    CHECK(backend::write_form(form, order, "studio", backend::image_text)->at("num_frames") == 60);
    form = whole_form;
    form["seconds"] = {{"name", "duration"}, {"as", "integer"}};
    CHECK(backend::write_form(form, order, "studio", backend::image_text)->at("duration") == 3);
    form["seconds"] = "duration";
    CHECK(backend::write_form(form, order, "studio", backend::image_text)->at("duration") == 2.5);
}

namespace {

struct Clockwork {
    std::shared_ptr<core::Wall> time = std::make_shared<core::Wall>(core::Wall{} + 1000h);
    std::shared_ptr<int> made = std::make_shared<int>(0);

    backend::TokenSource source() const {
        return {[made = made](core::Wall now) -> http::Step<backend::TokenSource::Token> {
                    return backend::TokenSource::Token{core::Key("token-" + std::to_string(++*made)), now + 1h};
                },
                [time = time] { return *time; }};
    }
};

std::string word(const backend::TokenSource& source) { return http::outcome(source.token())->expose(); }

backend::JsonApi api_of(const Clockwork& clockwork) {
    backend::Deps deps;
    deps.route = "studio";
    deps.base_url = "https://api.studio.example/v1";
    deps.credential = {"Authorization", "Bearer ", core::Key("the lasting secret"), "$STUDIO_KEY"};
    return backend::JsonApi(deps, {.tokens = clockwork.source()});
}

backend::Reading<Ok> any_reading() {
    return {.success = [](const json&, const http::Response&) -> http::Step<Ok> { return Ok{}; }};
}

}  // namespace

TEST_CASE("a token is kept until five minutes before its end, and copies share it") {
    const Clockwork clockwork;
    const auto source = clockwork.source();
    const auto copy = source;
    CHECK(word(source) == "token-1");
    *clockwork.time += 54min;
    CHECK(word(copy) == "token-1");
    *clockwork.time += 2min;
    CHECK(word(copy) == "token-2");
    CHECK(word(source) == "token-2");
    source.drop();
    CHECK(word(copy) == "token-3");
}

TEST_CASE("a token that was taken back is renewed once for a free request, and never sends a paid one again") {
    const Clockwork clockwork;
    const auto api = api_of(clockwork);
    const http::Response refused{401, {}, "{}", ""};
    auto step = api.ask<Ok>(api.request("GET", "/jobs/1"), any_reading());
    REQUIRE(http::ask(step));
    CHECK(http::ask(step)->request.credential->key.expose() == "token-1");
    auto again = http::ask(step)->then(refused);
    REQUIRE(http::ask(again));
    CHECK(http::ask(again)->request.credential->key.expose() == "token-2");
    const auto end = http::outcome(http::ask(again)->then(refused));
    REQUIRE_FALSE(end);
    CHECK(end.error().kind == ErrorKind::auth);

    auto request = api.request("POST", "/jobs", json{{"prompt", "x"}});
    request.paid = true;
    auto paid = api.ask<Ok>(request, any_reading());
    const auto outcome = http::outcome(http::ask(paid)->then(refused));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == ErrorKind::auth);
}

TEST_CASE("a verdict decides before the common table, and a 2xx without the word of success is a refusal") {
    backend::Deps deps;
    deps.base_url = "https://api.studio.example";
    const backend::JsonApi api(deps, {.verdicts = {{.status = 429, .code = "1102", .kind = ErrorKind::rate_limited, .lasting = true},
                                                   {.code = "Output*", .kind = ErrorKind::rejected}},
                                      .success = std::pair<std::string, json>("/code", 0)});
    const auto answer = [&](int status, const char* body, bool paid) {
        auto request = api.request("POST", "/jobs", json::object());
        request.paid = paid;
        return http::outcome(http::ask(api.ask<Ok>(request, any_reading()))->then({status, {}, body, ""}));
    };
    CHECK(answer(200, R"({"code":0})", true));
    CHECK(answer(200, R"({})", true));
    const auto empty = answer(429, R"({"code":1102,"message":"used up"})", true);
    CHECK(empty.error().kind == ErrorKind::rate_limited);
    CHECK(empty.error().lasting);
    CHECK_FALSE(answer(429, R"({"code":1302})", true).error().lasting);
    CHECK(answer(400, R"({"code":"outputAudioSensitive"})", false).error().kind == ErrorKind::rejected);
    // A 200 that says no, in words we do not know, to a paid request: it may have been accepted.
    CHECK(answer(200, R"({"code":9999})", true).error().kind == ErrorKind::unknown);
    CHECK(answer(200, R"({"code":9999})", false).error().kind == ErrorKind::provider);
}
