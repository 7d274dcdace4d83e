#include <catch2/catch.hpp>
#include <chrono>

#include "running.hpp"

using namespace running;

namespace {

const std::string order = R"({"prompt":"a boat"})";

std::size_t jobs_of(const Running& running) { return body_of(running.client()->Get("/v1/videos?limit=100"))["data"].size(); }

}  // namespace

TEST_CASE("429 and 5xx are answered without making a job, with Retry-After") {
    Running running({"create:429=7:x1", "create:503=3:x1", "create:500:x1"});
    auto client = running.client();
    auto result = client->Post("/v1/videos", order, json_type);
    CHECK(code_of(result, 429) == "rate_limit_exceeded");
    CHECK(result->get_header_value("Retry-After") == "7");
    result = client->Post("/v1/videos", order, json_type);
    CHECK(code_of(result, 503) == "server_error");
    CHECK(result->get_header_value("Retry-After") == "3");
    result = client->Post("/v1/videos", order, json_type);
    CHECK(code_of(result, 500) == "server_error");
    CHECK_FALSE(result->has_header("Retry-After"));
    CHECK(jobs_of(running) == 0);
    CHECK(client->Post("/v1/videos", order, json_type)->status == 200);
}

TEST_CASE("a reset before the job leaves none, a reset after it leaves one") {
    const auto [kind, jobs] = GENERATE(table<std::string, std::size_t>({{"reset-before", 0}, {"reset-after", 1}}));
    Running running({"create:" + kind + ":x1"});
    CHECK_FALSE(running.client()->Post("/v1/videos", order, json_type));
    CHECK(jobs_of(running) == jobs);
}

TEST_CASE("a reset or a refused request does not disturb the other endpoints") {
    Running running({"retrieve:reset-before"});
    const std::string id = running.create({{"prompt", "x"}})["id"];
    CHECK_FALSE(running.client()->Get("/v1/videos/" + id));
    CHECK(jobs_of(running) == 1);
}

TEST_CASE("a truncated body ends before its Content-Length") {
    Running running({"content:truncate=1000:x1"});
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    std::string got;
    const auto result = running.client()->Get(path, [&](const char* bytes, std::size_t count) { return got.append(bytes, count), true; });
    CHECK_FALSE(result);
    CHECK(got.size() == 1000);
    CHECK(running.client()->Get(path)->body.size() > 1000);
}

TEST_CASE("a wrong length is announced") {
    Running running({"content:length=100:x1", "content:length=-100:x1"});
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    CHECK_FALSE(running.client()->Get(path));  // 100 bytes never come
    const auto cut = running.client()->Get(path);
    REQUIRE(cut);
    const auto whole = running.client()->Get(path);
    REQUIRE(whole);
    CHECK(cut->body == whole->body.substr(0, whole->body.size() - 100));
}

TEST_CASE("a length that leaves nothing is an empty answer, not the whole one") {
    Running running({"list:length=-100000:x1"});
    const auto cut = running.client()->Get("/v1/videos");
    REQUIRE(cut);
    CHECK(cut->body.empty());
}

TEST_CASE("a slow body arrives whole, in its time") {
    Running running({"content:slow=500000:x1"});
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    const auto begun = std::chrono::steady_clock::now();
    const auto slow = running.client()->Get(path);
    const auto took = std::chrono::steady_clock::now() - begun;
    REQUIRE(slow);
    CHECK(took > std::chrono::milliseconds(150));
    CHECK(slow->body == running.client()->Get(path)->body);
}

TEST_CASE("a delayed answer comes late, after the work was done") {
    Running running({"create:delay=0.2:x1"});
    const auto begun = std::chrono::steady_clock::now();
    const auto result = running.client()->Post("/v1/videos", order, json_type);
    REQUIRE(result);
    CHECK(result->status == 200);
    CHECK(std::chrono::steady_clock::now() - begun >= std::chrono::milliseconds(200));
}

TEST_CASE("an expired link answers as told") {
    Running running({"content:expired:x1", "content:expired=410:x1"});
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    CHECK(code_of(running.client()->Get(path), 404) == "video_expired");
    CHECK(code_of(running.client()->Get(path), 410) == "video_expired");
    CHECK(running.client()->Get(path)->status == 200);
}

TEST_CASE("malformed and huge JSON are answered as success") {
    Running running({"list:malformed:x1", "list:huge=3000000:x1", "create:malformed:x1"});
    auto client = running.client();
    const auto malformed = client->Get("/v1/videos");
    REQUIRE(malformed);
    CHECK(malformed->status == 200);
    CHECK(json::parse(malformed->body, nullptr, false).is_discarded());
    const auto huge = client->Get("/v1/videos");
    REQUIRE(huge);
    CHECK(huge->body.size() == 3'000'000);
    CHECK(json::parse(huge->body, nullptr, false).is_object());
    CHECK(client->Post("/v1/videos", order, json_type)->status == 200);
    CHECK(jobs_of(running) == 0);
}

TEST_CASE("a stuck job stays in progress and does not hold up the next one, even after a restart") {
    Running running({"create:stuck:x1"});
    const std::string stuck = running.create({{"prompt", "x"}})["id"];
    for (int round = 0; round < 2; ++round) {
        running.finished_job();
        CHECK(body_of(running.client()->Get("/v1/videos/" + stuck))["status"] == "in_progress");
        running.restart();
    }
    CHECK(running.stub.renders() == 2);  // the two others
}

TEST_CASE("a failed job ends with the code that was asked for") {
    Running running({"create:failed:x1", "create:failed=out_of_ink:x1", "create:moderation=job:x1"});
    CHECK(running.finished_job()["error"]["code"] == "server_error");
    CHECK(running.finished_job()["error"]["code"] == "out_of_ink");
    const auto moderated = running.finished_job();
    CHECK(moderated["status"] == "failed");
    CHECK(moderated["error"]["code"] == "moderation_blocked");
    CHECK(running.finished_job()["status"] == "completed");
}

TEST_CASE("a moderated create is refused and makes no job") {
    Running running({"create:moderation:x1"});
    CHECK(code_of(running.client()->Post("/v1/videos", order, json_type), 400) == "moderation_blocked");
    CHECK(jobs_of(running) == 0);
}
