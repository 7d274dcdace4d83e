// What Kling's own fields and answers must be; the story that all backends tell is elsewhere.
#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

struct Kling : Case {
    Kling() : Case(*backend::find_entry("kling")) {}

    json paid(const json& over, const std::string& key = "attempt-1") {
        auto accepted = submit(order(over), any_intent(key));
        INFO(provider.complaint());
        INFO((accepted ? "" : accepted.error().message));
        REQUIRE(accepted);
        return provider.book().back().fields;
    }
    Error refused(const Order& order) {
        auto accepted = submit(order, any_intent());
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(ErrorKind::usage));
        CHECK(sent.empty());
        return accepted.error();
    }
    Result<backend::JobState> told(const json& task) {
        const auto handle = job();
        auto whole = task;
        whole["id"] = backend->remote_id(handle);
        provider.next_raw("tasks", {200, {}, json{{"code", 0}, {"data", json::array({whole})}}.dump()});
        return poll(handle);
    }
};

json done(const json& billing = json::array()) {
    return {{"status", "succeeded"},
            {"update_time", 1795300000000},
            {"outputs", {{{"type", "audio"}, {"url", "https://cdn.example/a.mp3"}}, {{"type", "video"}, {"url", "https://cdn.example/v.mp4"}}}},
            {"billing", billing}};
}

}  // namespace

TEST_CASE("kling bears our id of the task, and one shot where the model would make several") {
    Kling kling;
    const auto body = kling.paid({{"audio", true}}, "attempt-7");
    CHECK(body == json{{"prompt", "a paper boat on a pond"},
                       {"settings", {{"resolution", "720p"}, {"aspect_ratio", "16:9"}, {"duration", 5}, {"audio", "native"}, {"multi_shot", false}}},
                       {"options", {{"external_task_id", "attempt-7"}}}});
    CHECK(http::origin_of(kling.sent.back().url) + "/text-to-video/kling-3.0" == kling.sent.back().url);

    const auto turbo = kling.paid({{"model", "kling-3.0-turbo"}, {"audio", true}})["settings"];
    CHECK(turbo == json{{"resolution", "720p"}, {"aspect_ratio", "16:9"}, {"duration", 5}});
    CHECK(kling.sent.back().url.ends_with("/text-to-video/kling-3.0-turbo"));
}

TEST_CASE("kling gets a picture as its URL or in bare Base64, each in its part") {
    Kling kling;
    const auto picture = core::base64(*png().bytes);
    const json first{{"role", "first_frame"}}, last{{"role", "last_frame"}, {"source", "https://pictures.example/b.jpg"}}, reference{{"role", "reference"}};
    const json prompt{{"type", "prompt"}, {"text", "a paper boat on a pond"}};
    CHECK(kling.paid({{"images", {first, last}}, {"ratio", nullptr}})["contents"] ==
          json::array({prompt, {{"type", "first_frame"}, {"url", picture}}, {{"type", "last_frame"}, {"url", "https://pictures.example/b.jpg"}}}));
    CHECK(kling.sent.back().url.ends_with("/image-to-video/kling-3.0"));
    CHECK(kling.paid({{"model", "kling-3.0-omni"}, {"images", {reference}}})["contents"] == json::array({prompt, {{"type", "refer_image"}, {"url", picture}}}));
    CHECK(kling.sent.back().url.ends_with("/omni-video/kling-3.0-omni"));
}

TEST_CASE("kling refuses what it has no field for, before anything is sent") {
    Kling kling;
    for (const auto& over : {json{{"seed", 7}}, json{{"negative_prompt", "text"}}, json{{"camera_motion", "down_back"}}, json{{"images", {{{"role", "reference"}}}}},
                             json{{"size", "1280x720"}, {"ratio", nullptr}, {"resolution", nullptr}}, json{{"images", {{{"role", "first_frame"}}}}},
                             json{{"model", "kling-3.0-turbo"}, {"images", {{{"role", "last_frame"}}}}, {"ratio", nullptr}}}) {
        CAPTURE(over.dump());
        CHECK(kling.refused(kling.order(over)).message.find("has no field for") != std::string::npos);
    }
    auto order = kling.order();
    order.operation = Operation::extend;
    kling.refused(order);
}

TEST_CASE("kling takes a --param into its place, and none in place of our id of the task") {
    Kling kling;
    auto order = kling.order();
    order.params = {{"/options/watermark_info", R"({"enabled":true})"}};
    REQUIRE(kling.submit(order, any_intent()));
    CHECK(kling.provider.book().back().fields.at("options") == json{{"external_task_id", "attempt-1"}, {"watermark_info", {{"enabled", true}}}});
    for (const auto* name : {"options", "/options/external_task_id"}) {
        kling.sent.clear();
        order.params = {{name, "mine"}};
        CHECK(kling.refused(order).message.find("external_task_id") != std::string::npos);
    }
}

TEST_CASE("kling finds by our id of the task alone, whatever else it is told") {
    Kling kling;
    const auto tasks = [&](const json& data) {
        kling.provider.next_raw("tasks by own id", {200, {}, json{{"code", 0}, {"data", data}}.dump()});
        auto found = walk(kling.backend->find(kling.order(), any_intent("mine")), kling.provider, &kling.sent);
        REQUIRE(found);
        CHECK(found->possible);
        CHECK(found->complete);
        std::vector<std::string> ids;
        for (const auto& one : found->candidates) ids.push_back(kling.backend->remote_id(one));
        return ids;
    };
    using Ids = std::vector<std::string>;
    CHECK(tasks(json::array({{{"id", "1"}, {"external_id", "another"}}, {{"id", "2"}, {"external_id", "mine"}}, {{"external_id", "mine"}}})) == Ids{"2"});
    CHECK(tasks(json::array({{{"id", "1"}}})) == Ids{"1"});
    CHECK(tasks({{"id", "3"}, {"external_id", "mine"}}) == Ids{"3"});
    CHECK(tasks(json::array()).empty());
    CHECK(kling.sent.back().url.ends_with("/tasks?external_task_ids=mine"));
    CHECK(kling.paid_requests() == 0);

    kling.provider.next("tasks by own id", {"internal error"});
    CHECK_FALSE(walk(kling.backend->find(kling.order(), any_intent("mine")), kling.provider));
}

TEST_CASE("kling's task that is not in the answer is gone, one that is done without a clip is asked for again") {
    Kling kling;
    const auto handle = kling.job();
    for (const auto& data : {json::array(), json::array({{{"id", "another"}, {"status", "succeeded"}}})}) {
        kling.provider.next_raw("tasks", {200, {}, json{{"code", 0}, {"data", data}}.dump()});
        auto gone = kling.poll(handle);
        REQUIRE(gone);
        CHECK(std::holds_alternative<backend::Gone>(*gone));
    }
    for (const auto& outputs : {json(), json::array(), json::array({{{"type", "video"}}}), json::array({{{"type", "video"}, {"url", "file:///etc/passwd"}}})}) {
        CAPTURE(outputs.dump());
        auto empty = kling.told({{"status", "succeeded"}, {"outputs", outputs}});
        REQUIRE_FALSE(empty);
        CHECK(int(empty.error().kind) == int(ErrorKind::provider));
    }
}

TEST_CASE("kling's clip is the video, without the key, for 30 days") {
    Kling kling;
    auto told = kling.told(done());
    REQUIRE(told);
    const auto& ready = std::get<backend::Ready>(*told);
    REQUIRE(ready.clips.size() == 1);
    const auto& download = std::get<http::Request>(ready.clips[0]);
    CHECK(download.url == "https://cdn.example/v.mp4");
    CHECK_FALSE(download.credential);
    CHECK(ready.expires == core::Wall(1795300000s) + 30 * 24h);
    CHECK_FALSE(ready.billed);
}

TEST_CASE("kling's bill is the sum of its parts, in dollars or not at all") {
    const json unit{{"charge_type", "unit"}, {"amount", "3.0"}}, cash{{"charge_type", "cash"}, {"amount", 0.5}, {"currency", "USD"}};
    const json yuan{{"charge_type", "cash"}, {"amount", "3.0"}, {"currency", "CNY"}}, odd{{"charge_type", "favour"}, {"amount", "3.0"}};
    const auto billed = [](const std::vector<json>& parts) {
        Kling kling;
        return std::get<backend::Ready>(*kling.told(done(parts))).billed;
    };
    CHECK(billed({unit}) == Money{420000});
    CHECK(billed({unit, cash}) == Money{920000});
    CHECK_FALSE(billed({unit, yuan}));
    CHECK_FALSE(billed({odd}));
    CHECK_FALSE(billed({json{{"charge_type", "unit"}, {"amount", "much"}}}));
}
