#include <catch2/catch.hpp>

#include "core/text.hpp"
#include "running.hpp"
#include "shot/shot_file.hpp"
#include "support/places.hpp"

using namespace running;

namespace {

httplib::Result ask(const Running& running, json body) {
    body.update({{"model", "animatic"}, {"prompt", "a boat"}, {"size", "64x64"}});
    return running.client()->Post("/v1/videos", body.dump(), json_type);
}

// "code param" of a refusal.
std::string refusal(const Running& running, const json& body) {
    const auto result = ask(running, body);
    const auto code = code_of(result, 400);
    return code + " " + body_of(result)["error"]["param"].get<std::string>();
}

}  // namespace

TEST_CASE("a number of frames is the length of the clip") {
    Running running;
    const auto [body, seconds, frames] = GENERATE(table<json, std::string, int>({{{{"num_frames", 48}, {"fps", 24}}, "2", 48},
                                                                                 {{{"num_frames", 45}, {"fps", 30}}, "1.5", 45},
                                                                                 {{{"num_frames", 25}}, "1.0416666666666667", 25},
                                                                                 {{{"num_frames", 48}, {"seconds", "2"}}, "2", 48},
                                                                                 {{{"num_frames", 60}, {"seconds", "2.51"}, {"shotwire", {{"seconds", 2.51}, {"fps", 24}}}}, "2.51", 60},
                                                                                 {{{"seconds", "2"}, {"fps", 30}}, "2", 60},
                                                                                 {json::object(), "4", 96}}));
    CAPTURE(body.dump());
    const auto made = body_of(ask(running, body));
    CHECK(made["seconds"] == seconds);
    running.ended(made["id"]);
    CHECK(helper_job(running, made["id"])["frames"] == frames);
}

TEST_CASE("a number of frames that is no length of this model, or not the one that is asked for beside it, is refused") {
    Running running;
    const auto body = GENERATE(values<json>({{{"num_frames", 10}},
                                             {{"num_frames", 1500}},
                                             {{"num_frames", 48.5}},
                                             {{"num_frames", 48}, {"fps", 60}},
                                             {{"num_frames", 48}, {"seconds", "4"}},
                                             {{"num_frames", 48}, {"shotwire", {{"seconds", 3}}}}}));
    CAPTURE(body.dump());
    CHECK(refusal(running, body) == "invalid_value num_frames");
}

TEST_CASE("the server takes what the local route's dialect may send, and no more") {
    Running running;
    json values{{"seed", 1}, {"fps", 24}, {"num_frames", 96}, {"negative_prompt", "dogs"}, {"guidance_scale", 3}, {"generate_sound", true}};
    const auto catalogue = core::read_file(std::string(places::source) + "/src/catalog/models.json");
    REQUIRE(catalogue);
    const auto rows = json::parse(*catalogue);
    for (const auto& route : rows["routes"]) {
        if (route["name"] != "local") continue;
        for (const std::string extra : route["dialect"]["extras"]) {
            CAPTURE(extra);
            CHECK(ask(running, {{extra, values.at(extra)}})->status == 200);
            values.erase(extra);
        }
    }
    CHECK(values.size() == 2);
    for (const auto& [name, value] : values.items()) CHECK(refusal(running, {{name, value}}) == "unknown_parameter " + name);
}

TEST_CASE("a wrong field of a shot is refused by its name") {
    Running running;
    const auto [field, value, told] = GENERATE(table<std::string, json, std::string>({{"subject", 5, "invalid_type"},
                                                                                      {"prompt", json::array(), "invalid_type"},
                                                                                      {"camera", 5, "invalid_type"},
                                                                                      {"camera", {"pan left", 5}, "invalid_type"},
                                                                                      {"camera", json(std::vector<std::string>(65, "pan left")), "invalid_value"},
                                                                                      {"camera", std::string(32001, 'x'), "string_above_max_length"},
                                                                                      {"style", std::string(32001, 'x'), "string_above_max_length"},
                                                                                      {"colour", "red", "unknown_parameter"},
                                                                                      {"first_frame", "a.png", "unknown_parameter"}}));
    CAPTURE(field);
    CHECK(refusal(running, {{"shotwire", {{"shot", {{field, value}}}}}}) == told + " shotwire.shot." + field);
    CHECK(refusal(running, {{"shotwire", {{"ratio", 5}}}}) == "invalid_type shotwire.ratio");
}

TEST_CASE("every key of a shot file but its pictures is taken") {
    Running running;
    for (const auto& key : shot::shot_keys()) {
        CAPTURE(key);
        const bool picture = key == "first_frame" || key == "last_frame" || key == "references";
        CHECK(ask(running, {{"shotwire", {{"shot", {{key, "x"}}}}}})->status == (picture ? 400 : 200));
    }
    CHECK(ask(running, {{"shotwire", {{"shot", {{"camera", {"pan left", "zoom in"}}, {"subject", nullptr}}}}}})->status == 200);
}

TEST_CASE("an image that is cut before its size is refused at once") {
    Running running;
    const auto cut = png().substr(0, 20);
    CHECK(refusal(running, {{"input_reference", {{"image_url", "data:image/png;base64," + core::base64(cut)}}}}) == "invalid_image input_reference");
}

TEST_CASE("a model takes as many images as it says") {
    Running running;
    const auto [model, most] = GENERATE(table<std::string, int>({{"sora-2", 1}, {"animatic", 5}}));
    CAPTURE(model);
    auto client = running.client();
    httplib::MultipartFormDataItems parts{{"prompt", "x", "", ""}, {"model", model, "", ""}, {"size", "1280x720", "", ""}, {"input_reference", png(), "a.png", "image/png"}};
    for (int i = 1; i < most; ++i) parts.push_back({"input_references", png(), "b.png", "image/png"});
    CHECK(client->Post("/v1/videos", parts)->status == 200);
    parts.push_back({"input_references", png(), "b.png", "image/png"});
    const auto refused = client->Post("/v1/videos", parts);
    CHECK(code_of(refused, 400) == "invalid_value");
    CHECK(body_of(refused)["error"]["param"] == "input_reference");
}
