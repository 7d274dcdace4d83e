// The judge is judged: a wrong client must not pass.
#include <catch2/catch.hpp>

#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

Seen post(const std::string& path, const json& body) {
    Seen seen;
    seen.method = "POST";
    seen.path = "/v1" + path;
    seen.headers = {{"Authorization", std::string("Bearer ") + FakeProvider::key}};
    seen.content_type = "application/json";
    seen.body = body.dump();
    return seen;
}

Seen get(const std::string& path, const json& query = json::object()) {
    auto seen = post(path, {});
    seen.method = "GET";
    seen.content_type.clear();
    seen.body.clear();
    seen.query = query;
    return seen;
}

const json good{{"model", "sora-2"}, {"prompt", "a boat"}, {"seconds", "8"}, {"size", "1280x720"}};

json with(const json& changes) {
    auto out = good;
    out.merge_patch(changes);
    return out;
}

}  // namespace

TEST_CASE("the fake provider refuses what the contract does not know, and books nothing") {
    FakeProvider provider("openai");
    const auto refused = [&](const Seen& seen) { return provider.answer(seen).status; };

    for (const auto& changes : {json{{"seed", 7}}, json{{"seconds", 8}}, json{{"seconds", "9"}}, json{{"size", "640x360"}}, json{{"prompt", nullptr}},
                                json{{"prompt", ""}}, json{{"model", "sora-9"}}, json{{"input_reference", "a.png"}},
                                json{{"input_reference", {{"image_url", "/etc/passwd"}}}}}) {
        CAPTURE(changes.dump());
        CHECK(refused(post("/videos", with(changes))) == 400);
    }
    auto wrong = post("/videos", good);
    wrong.headers.clear();
    CHECK(refused(wrong) == 401);
    wrong = post("/videos", good);
    wrong.headers[0].value = "Bearer another";
    CHECK(refused(wrong) == 401);
    wrong = post("/videos", good);
    wrong.content_type = "text/plain";
    CHECK(refused(wrong) == 415);
    wrong = post("/videos", good);
    wrong.body = "{\"prompt\":";
    CHECK(refused(wrong) == 400);
    wrong = post("/videos", good);
    wrong.method = "PUT";
    CHECK(refused(wrong) == 405);
    CHECK(refused(post("/video", good)) == 404);
    CHECK(refused(post("/videos/nobody/remix", {{"prompt", "x"}})) == 404);
    CHECK(refused(get("/videos/nobody")) == 404);
    CHECK(refused(get("/videos", {{"limit", "101"}})) == 400);
    CHECK(refused(get("/videos", {{"page", "2"}})) == 400);
    CHECK(provider.book().empty());
    CHECK_FALSE(provider.complaint().empty());
}

TEST_CASE("the fake provider takes what the contract knows, the guide's lengths and sizes too") {
    FakeProvider provider("openai");
    for (const auto& changes : {json::object(), json{{"seconds", "20"}}, json{{"size", "1920x1080"}, {"model", "sora-2-pro"}},
                                json{{"input_reference", {{"image_url", "https://pictures.example/a.png"}}}}}) {
        INFO(provider.complaint());
        CHECK(provider.answer(post("/videos", with(changes))).status == 200);
    }
    CHECK(provider.book().size() == 4);
    CHECK(json::parse(provider.answer(get("/videos", {{"limit", "3"}, {"order", "desc"}})).body)["has_more"] == true);
    const auto rest = json::parse(provider.answer(get("/videos", {{"limit", "3"}, {"after", "job_2"}})).body);
    CHECK(rest["has_more"] == false);
    CHECK(rest["data"].size() == 1);
}

TEST_CASE("the fake provider gives a clip away only after it said that it is done") {
    FakeProvider provider("openai");
    REQUIRE(provider.answer(post("/videos", good)).status == 200);
    provider.next("retrieve", {"queued", "completed"});
    CHECK(provider.answer(get("/videos/job_1/content")).status == 404);
    provider.answer(get("/videos/job_1"));
    CHECK(provider.answer(get("/videos/job_1/content")).status == 404);
    provider.answer(get("/videos/job_1"));
    CHECK(provider.answer(get("/videos/job_1/content")).body == "the clip of job_1");
    CHECK(provider.answer(get("/videos/job_1/content", {{"variant", "0"}})).status == 400);
}

TEST_CASE("a backend without its contract fails by its name") {
    CHECK_THROWS_WITH(FakeProvider("acme"), Catch::Contains("tests/fakes/acme.json"));
}
