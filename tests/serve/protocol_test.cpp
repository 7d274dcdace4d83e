#include <catch2/catch.hpp>
#include <set>

#include "core/text.hpp"
#include "running.hpp"

using namespace running;

namespace {

std::string message_of(const httplib::Result& result) { return body_of(result)["error"]["message"]; }

}  // namespace

TEST_CASE("a job is created, polled, downloaded and deleted") {
    Running running;
    const auto made = running.create({{"prompt", "a paper boat on a pond"}, {"model", "sora-2"}, {"seconds", "8"}, {"size", "1280x720"}});
    std::set<std::string> keys;
    for (const auto& [key, value] : made.items()) keys.insert(key);
    CHECK(keys == std::set<std::string>{"id", "object", "model", "status", "progress", "created_at", "completed_at", "expires_at", "prompt", "size",
                                        "seconds", "remixed_from_video_id", "error"});
    CHECK(made["object"] == "video");
    CHECK(made["model"] == "sora-2");
    CHECK(made["seconds"] == "8");
    CHECK(made["size"] == "1280x720");
    CHECK(made["prompt"] == "a paper boat on a pond");
    CHECK(made["progress"].is_number_integer());
    CHECK(made["error"].is_null());
    const std::string id = made["id"];
    const auto done = running.ended(id);
    CHECK(done["status"] == "completed");
    CHECK(done["progress"] == 100);
    CHECK(done["completed_at"].get<int>() >= done["created_at"].get<int>());
    CHECK(done["expires_at"].get<long>() == done["completed_at"].get<long>() + 7 * 24 * 3600);

    auto client = running.client();
    const auto content = client->Get("/v1/videos/" + id + "/content");
    REQUIRE(content);
    CHECK(content->status == 200);
    CHECK(content->get_header_value("Content-Type") == "video/mp4");
    CHECK(content->get_header_value("ETag").size() == 66);
    CHECK(content->body.size() > 100000);
    const auto deleted = client->Delete("/v1/videos/" + id);
    CHECK(body_of(deleted) == json{{"id", id}, {"object", "video.deleted"}, {"deleted", true}});
    CHECK(code_of(client->Get("/v1/videos/" + id), 404) == "video_not_found");
    CHECK(code_of(client->Delete("/v1/videos/" + id), 404) == "video_not_found");
}

TEST_CASE("the helper is asked for exactly what was ordered") {
    Running running;
    const json shot{{"subject", "a fox"}, {"camera", {"pan left"}}};
    const auto made = running.create({{"model", "animatic"}, {"prompt", "a fox"}, {"size", "640x360"}, {"seconds", "2"}, {"negative_prompt", "dogs"},
                                      {"shotwire", {{"shot", shot}, {"seconds", 2.5}, {"fps", 30}, {"seed", 77}, {"audio", false}, {"ratio", "16:9"}}}});
    CHECK(made["seconds"] == "2.5");
    running.ended(made["id"]);
    auto asked = helper_job(running, made["id"]);
    CHECK(asked["width"] == 640);
    CHECK(asked["height"] == 360);
    CHECK(asked["fps"] == 30);
    CHECK(asked["frames"] == 75);
    CHECK(asked["seed"] == 77);
    CHECK(asked["audio"] == false);
    CHECK(asked["prompt"] == "a fox");
    CHECK(asked["shot"]["subject"] == "a fox");
    CHECK(asked["shot"]["negative_prompt"] == "dogs");
}

TEST_CASE("a multipart create with an image gives the helper its plate") {
    Running running;
    const httplib::MultipartFormDataItems parts{{"prompt", "a boat", "", ""}, {"model", "sora-2", "", ""}, {"size", "1280x720", "", ""},
                                                {"seconds", "4", "", ""}, {"input_reference", png(), "frame.png", "image/png"}};
    const auto made = body_of(running.client()->Post("/v1/videos", parts));
    CHECK(made["status"] != "failed");
    running.ended(made["id"]);
    const std::string plate = helper_job(running, made["id"])["plate"];
    const auto bytes = core::read_file(plate);
    REQUIRE(bytes);
    CHECK(*bytes == png());
}

TEST_CASE("a JSON create takes an image as a data URL") {
    Running running;
    const auto made = running.create({{"prompt", "x"}, {"size", "1280x720"}, {"input_reference", {{"image_url", "data:image/png;base64," + core::base64(png())}}}});
    running.ended(made["id"]);
    CHECK(helper_job(running, made["id"]).contains("plate"));
}

TEST_CASE("a wrong create is refused with the official envelope") {
    Running running;
    auto client = running.client();
    const auto code = [&](const json& body, int status = 400) { return code_of(client->Post("/v1/videos", body.dump(), json_type), status); };
    CHECK(code({{"model", "sora-2"}}) == "missing_required_parameter");
    CHECK(code({{"prompt", ""}}) == "empty_string");
    CHECK(code({{"prompt", 7}}) == "invalid_type");
    CHECK(code({{"prompt", std::string(32001, 'x')}}) == "string_above_max_length");
    CHECK(code({{"prompt", "x"}, {"model", "sora-9"}}, 404) == "model_not_found");
    CHECK(code({{"prompt", "x"}, {"seconds", "5"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"seconds", 4}}) == "invalid_type");
    CHECK(code({{"prompt", "x"}, {"size", "640x480"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"size", "1920x1080"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"style", "noir"}}) == "unknown_parameter");
    CHECK(code({{"prompt", "x"}, {"seed", 1}}) == "unknown_parameter");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"size", "641x360"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"size", "62x64"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"size", "big"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"seconds", "61"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"seconds", "nan"}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"fps", 0}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"shotwire", {{"shot", "text"}}}}) == "invalid_type");
    CHECK(code({{"prompt", "x"}, {"model", "animatic"}, {"shotwire", {{"lens", 35}}}}) == "unknown_parameter");
    CHECK(code({{"prompt", "x"}, {"input_reference", {{"file_id", "file-1"}}}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"input_reference", {{"image_url", "https://example.com/a.png"}}}}) == "invalid_value");
    CHECK(code({{"prompt", "x"}, {"input_reference", {{"image_url", "data:image/png;base64," + core::base64(png(64, 64))}}}}) == "invalid_image_size");
    CHECK(code({{"prompt", "x"}, {"input_reference", {{"image_url", "data:image/png;base64," + core::base64("GIF89a")}}}}) == "invalid_image");
    CHECK(code_of(client->Post("/v1/videos", "{\"prompt\": ", json_type), 400) == "null");
    CHECK(code_of(client->Post("/v1/videos", "[]", json_type), 400) == "null");
    CHECK(code_of(client->Post("/v1/videos", std::string(4000, '['), json_type), 400) == "null");
    CHECK(code_of(client->Post("/v1/videos", "prompt=x", "text/plain"), 400) == "unsupported_content_type");
    CHECK(code_of(client->Post("/v1/videos", httplib::MultipartFormDataItems{{"prompt", "x", "", ""}, {"seconds", "5", "", ""}}), 400) == "invalid_value");
    CHECK(body_of(client->Get("/v1/videos"))["data"].empty());
}

TEST_CASE("a URL or method that does not exist is refused with the official envelope") {
    Running running;
    auto client = running.client();
    CHECK(code_of(client->Get("/v1/nothing"), 404) == "unknown_url");
    CHECK(code_of(client->Get("/"), 404) == "unknown_url");
    CHECK(code_of(client->Post("/v1/videos/edits/now/please", "{}", json_type), 404) == "unknown_url");
    CHECK(code_of(client->Post("/other", "{}", json_type), 404) == "null");
    CHECK(code_of(client->Put("/v1/videos", "{}", json_type), 405) == "method_not_supported");
    CHECK(code_of(client->Delete("/v1/videos"), 405) == "method_not_supported");
    CHECK(code_of(client->Get("/v1/videos/video_nope"), 404) == "video_not_found");
    CHECK(code_of(client->Get("/v1/videos/..%2f..%2fkey.pem"), 404) != "");
    CHECK(code_of(client->Get("/v1/videos/video_nope/content"), 404) == "video_not_found");
    CHECK(code_of(client->Post("/v1/videos/video_nope/remix", R"({"prompt":"x"})", json_type), 404) == "video_not_found");
}

TEST_CASE("with a key configured, only its bearer is served") {
    Running running({}, "secret-key-1");
    auto client = running.client();
    CHECK(code_of(client->Get("/v1/videos"), 401) == "null");
    const auto wrong = client->Get("/v1/videos", {{"Authorization", "Bearer secret-key-2"}});
    CHECK(code_of(wrong, 401) == "invalid_api_key");
    CHECK(wrong->body.find("secret") == std::string::npos);
    CHECK(code_of(client->Post("/v1/videos", {{"Authorization", "Basic secret-key-1"}}, "{}", json_type), 401) == "invalid_api_key");
    for (const auto* scheme : {"Bearer ", "bearer ", "BEARER  "})  // in any case, RFC 9110
        CHECK(body_of(client->Get("/v1/videos", {{"Authorization", scheme + std::string("secret-key-1")}}))["object"] == "list");
    CHECK(code_of(client->Get("/v1/videos", {{"Authorization", "Bearersecret-key-1"}}), 401) == "invalid_api_key");
}

TEST_CASE("a job that has not ended has no content, cannot be deleted or remixed, and says when to ask again") {
    Running running;
    running.stub.shut_gate();
    const std::string id = running.create({{"prompt", "x"}})["id"], next = running.create({{"prompt", "y"}})["id"];
    auto client = running.client();
    while (body_of(client->Get("/v1/videos/" + id))["status"] == "queued") continue;
    for (const auto& [waiting, state] : {std::pair(id, "Video is in progress: "), std::pair(next, "Video is queued: ")}) {
        const auto says = [&](const httplib::Result& result, const std::string& when) {
            CHECK(code_of(result, 400) == "video_not_ready");
            CHECK(message_of(result).starts_with(state + when));
        };
        says(client->Get("/v1/videos/" + waiting + "/content"), "it can be downloaded when it is completed.");
        says(client->Delete("/v1/videos/" + waiting), "it can be deleted when it is completed or has failed.");
        says(client->Post("/v1/videos/" + waiting + "/remix", R"({"prompt":"x"})", json_type), "it can be remixed when it is completed.");
    }
    const auto polled = client->Get("/v1/videos/" + id);
    REQUIRE(polled);
    CHECK(polled->get_header_value("openai-poll-after-ms") == "250");
    // Real progress: the stub says a quarter and waits.
    json job;
    do job = body_of(client->Get("/v1/videos/" + id));
    while (job["status"] == "queued" || job["progress"] == 0);
    CHECK(job["status"] == "in_progress");
    CHECK(job["progress"] == 25);
    running.stub.open_gate();
    CHECK(running.ended(id)["status"] == "completed");
    CHECK_FALSE(client->Get("/v1/videos/" + id)->has_header("openai-poll-after-ms"));
}

TEST_CASE("a job whose helper fails ends as failed with its reason") {
    Running running;
    running.stub.fail();
    const auto job = running.ended(running.create({{"prompt", "x"}})["id"]);
    CHECK(job["status"] == "failed");
    CHECK(job["error"]["code"] == "render_failed");
    CHECK(job["error"]["message"].get<std::string>().find("out of paint") != std::string::npos);
    auto client = running.client();
    const auto path = "/v1/videos/" + job["id"].get<std::string>();
    const auto content = client->Get(path + "/content");
    CHECK(code_of(content, 400) == "video_failed");
    CHECK(message_of(content).starts_with("Video failed and cannot be downloaded: "));
    const auto remix = client->Post(path + "/remix", R"({"prompt":"x"})", json_type);
    CHECK(code_of(remix, 400) == "video_failed");
    CHECK(message_of(remix).starts_with("Video failed and cannot be remixed: "));
    CHECK(client->Delete(path)->status == 200);
}

TEST_CASE("a remix keeps the form of its source and has a prompt of its own") {
    Running running;
    const auto source = running.ended(running.create({{"model", "animatic"}, {"prompt", "a fox"}, {"size", "640x360"}, {"seconds", "3"}, {"seed", 5}})["id"]);
    auto client = running.client();
    const auto path = "/v1/videos/" + source["id"].get<std::string>() + "/remix";
    const auto made = body_of(client->Post(path, R"({"prompt":"a wolf"})", json_type));
    CHECK(made["remixed_from_video_id"] == source["id"]);
    CHECK(made["size"] == "640x360");
    CHECK(made["seconds"] == "3");
    CHECK(made["prompt"] == "a wolf");
    running.ended(made["id"]);
    CHECK(helper_job(running, made["id"])["seed"] == 5);
    CHECK(code_of(client->Post(path, "{}", json_type), 400) == "missing_required_parameter");
    CHECK(code_of(client->Post(path, R"({"prompt":"x","size":"64x64"})", json_type), 400) == "unknown_parameter");
}

TEST_CASE("the list is paged in both orders") {
    Running running;
    std::vector<std::string> ids;
    for (int i = 0; i < 5; ++i) ids.push_back(running.create({{"prompt", "x"}})["id"]);
    auto client = running.client();
    auto page = body_of(client->Get("/v1/videos?limit=2"));
    CHECK(page["object"] == "list");
    CHECK(page["data"].size() == 2);
    CHECK(page["first_id"] == ids[4]);
    CHECK(page["last_id"] == ids[3]);
    CHECK(page["has_more"] == true);
    page = body_of(client->Get("/v1/videos?limit=3&after=" + ids[3]));
    CHECK(page["first_id"] == ids[2]);
    CHECK(page["last_id"] == ids[0]);
    CHECK(page["has_more"] == false);
    page = body_of(client->Get("/v1/videos?order=asc&limit=1&after=" + ids[0]));
    CHECK(page["data"][0]["id"] == ids[1]);
    page = body_of(client->Get("/v1/videos?limit=0"));
    CHECK(page["data"].empty());
    CHECK(page["first_id"].is_null());
    CHECK(page["has_more"] == false);  // else a client that goes on from last_id asks for ever
    CHECK(code_of(client->Get("/v1/videos?limit=101"), 400) == "invalid_value");
    CHECK(code_of(client->Get("/v1/videos?limit=two"), 400) == "invalid_value");
    CHECK(code_of(client->Get("/v1/videos?order=best"), 400) == "invalid_value");
    CHECK(code_of(client->Get("/v1/videos?after=me"), 400) == "invalid_value");
}

TEST_CASE("the models are listed and described") {
    Running running;
    auto client = running.client();
    const auto list = body_of(client->Get("/v1/models"));
    CHECK(list["object"] == "list");
    CHECK(list["data"][0]["id"] == "animatic");
    CHECK(body_of(client->Get("/v1/models/sora-2-pro"))["object"] == "model");
    CHECK(code_of(client->Get("/v1/models/sora-9"), 404) == "model_not_found");
}

TEST_CASE("content is served in ranges under its tag") {
    Running running;
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    auto client = running.client();
    const auto whole = client->Get(path);
    REQUIRE(whole);
    const auto size = whole->body.size();
    const auto etag = whole->get_header_value("ETag");
    const auto ranged = [&](const std::string& range, const std::string& if_range = {}) {
        httplib::Headers headers{{"Range", range}};
        if (!if_range.empty()) headers.emplace("If-Range", if_range);
        auto result = client->Get(path, headers);
        REQUIRE(result);
        return result;
    };
    auto part = ranged("bytes=10-19");
    CHECK(part->status == 206);
    CHECK(part->body == whole->body.substr(10, 10));
    CHECK(part->get_header_value("Content-Range") == "bytes 10-19/" + std::to_string(size));
    CHECK(part->get_header_value("ETag") == etag);
    CHECK(ranged("bytes=100-")->body == whole->body.substr(100));
    CHECK(ranged("bytes=-5")->body == whole->body.substr(size - 5));
    CHECK(ranged("bytes=0-99999999")->body == whole->body);
    CHECK(ranged("bytes=10-19", etag)->status == 206);
    CHECK(ranged("bytes=10-19", "\"other\"")->body == whole->body);
    CHECK(ranged("Bytes=10-19")->body == part->body);
    CHECK(ranged("bytes=0-99999999999999999999999")->body == whole->body);
    for (const std::string none : {"bytes=1-2,4-5", "bytes=5-2", "bytes=", "bytes=-", "bytes=a-b", "bytes 0-3", "lines=0-3"}) {
        CAPTURE(none);
        const auto all = ranged(none);
        CHECK(all->status == 200);
        CHECK(all->body == whole->body);
    }
    CHECK(client->Get("/v1/models", {{"Range", "bytes=0-3"}})->body == client->Get("/v1/models")->body);
    for (const auto& beyond : {"bytes=" + std::to_string(size) + "-", std::string("bytes=99999999999999999999999-"), std::string("bytes=-0")}) {
        CAPTURE(beyond);
        const auto refused = ranged(beyond);
        CHECK(code_of(refused, 416) == "invalid_range");
        CHECK(refused->get_header_value("Content-Range") == "bytes */" + std::to_string(size));
    }
    const auto unchanged = client->Get(path, {{"If-None-Match", etag}});
    REQUIRE(unchanged);
    CHECK(unchanged->status == 304);
    const auto head = client->Head(path);
    REQUIRE(head);
    CHECK(head->get_header_value("Content-Length") == std::to_string(size));
    CHECK(head->body.empty());
}

TEST_CASE("thumbnail and spritesheet are made once, when asked for") {
    Running running;
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    auto client = running.client();
    const auto before = running.stub.renders();
    const auto thumbnail = client->Get(path + "?variant=thumbnail");
    REQUIRE(thumbnail);
    CHECK(thumbnail->get_header_value("Content-Type") == "image/webp");
    CHECK(thumbnail->body.find("\"variant\":\"thumbnail\"") != std::string::npos);
    const auto sheet = client->Get(path + "?variant=spritesheet");
    REQUIRE(sheet);
    CHECK(sheet->get_header_value("Content-Type") == "image/jpeg");
    CHECK(sheet->get_header_value("ETag") != thumbnail->get_header_value("ETag"));
    CHECK(client->Get(path + "?variant=thumbnail")->body == thumbnail->body);
    CHECK(running.stub.renders() == before + 2);
    CHECK(client->Get(path + "?variant=video")->get_header_value("Content-Type") == "video/mp4");
    CHECK(code_of(client->Get(path + "?variant=poster"), 400) == "invalid_value");
}
