// What the common story cannot see of Replicate: uploads, deadlines, looking for lost jobs, and its schemas.
#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

struct Replicate : Case {
    Replicate() : Case(*backend::find_entry("replicate")) {}
    Order with_picture(std::size_t bytes) const { return picture_order("wan-video/wan-2.7-i2v", "first_frame", bytes); }

    std::unique_ptr<backend::Backend> with(const json& dialect) const {
        auto deps = deps_of(provider.contract());
        deps.dialect = dialect;
        return backend::find_entry("replicate")->make(deps);
    }
    void answer(const std::string& endpoint, int status, const json& body) { provider.next_raw(endpoint, {status, {}, body.dump()}); }
};

std::string header(const http::Request& request, const std::string& name) {
    for (const auto& one : request.headers)
        if (one.name == name) return one.value;
    return {};
}

json prediction(const std::string& id, const Order& order, std::chrono::minutes after = 0min) {
    return {{"id", id}, {"model", order.remote_model}, {"status", "processing"}, {"created_at", core::iso_time(std::chrono::system_clock::now() + after)},
            {"input", {{"prompt", order.prompt}, {"duration", 5}, {"aspect_ratio", "1:1"}, {"resolution", "720p"}}}};
}

}  // namespace

TEST_CASE("a prediction ends by itself after two hours, or when the dialect says, and is not waited for") {
    Replicate test;
    REQUIRE(test.submit());
    CHECK(header(test.sent[0], "Cancel-After") == "2h");
    CHECK(header(test.sent[0], "Prefer").empty());
    test.sent.clear();
    REQUIRE(walk(test.with({{"cancel_after", "90s"}})->submit(test.order(), any_intent()), test.provider, &test.sent));
    CHECK(header(test.sent[0], "Cancel-After") == "90s");
    test.sent.clear();
    REQUIRE(walk(test.with({{"cancel_after", "none"}})->submit(test.order(), any_intent()), test.provider, &test.sent));
    CHECK(header(test.sent[0], "Cancel-After").empty());
    test.sent.clear();
    for (const json& dialect : {json{{"cancel_after", "4s"}}, json{{"cancel_after", 90}}, json{{"cancel_after", "soon"}}, json{{"cancel_after", "5000ms"}}, json{{"wait", true}}}) {
        CAPTURE(dialect.dump());
        auto refused = walk(test.with(dialect)->submit(test.order(), any_intent()), test.provider, &test.sent);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(test.sent.empty());
    }
}

TEST_CASE("a small picture goes to Replicate inside of the request, a large one is uploaded before it") {
    Replicate test;
    REQUIRE(test.submit(test.with_picture(1000), any_intent()));
    CHECK(test.sent.size() == 1);
    CHECK(body_of(test.sent[0])["input"]["first_frame"].get<std::string>().starts_with("data:image/png;base64,"));
    test.sent.clear();
    auto uploaded = test.submit(test.with_picture(300 << 10), any_intent());
    INFO(test.provider.complaint());
    REQUIRE(uploaded);
    REQUIRE(test.sent.size() == 2);
    CHECK(std::get<http::Multipart>(test.sent[0].body)[0].name == "content");
    CHECK(body_of(test.sent[1])["input"]["first_frame"] == "https://api.replicate.com/v1/files/f1");
    CHECK(test.paid_requests() == 1);
}

TEST_CASE("nothing is ordered at Replicate where the upload of a picture fails, and a wish without a field is refused before it") {
    Replicate test;
    for (const auto& [status, kind] : std::vector<std::pair<int, ErrorKind>>{{413, ErrorKind::usage}, {503, ErrorKind::rate_limited}, {401, ErrorKind::auth}}) {
        CAPTURE(status);
        test.answer("upload", status, {{"detail", "made-up text"}});
        auto failed = test.submit(test.with_picture(300 << 10), any_intent());
        REQUIRE_FALSE(failed);
        CHECK(int(failed.error().kind) == int(kind));
        CHECK(test.paid_requests() == 0);
    }
    test.sent.clear();
    auto order = test.with_picture(300 << 10);
    order.seed = 7;
    auto refused = test.submit(order, any_intent());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message == "wan-video/wan-2.7-i2v has no field for the seed");
    CHECK(test.sent.empty());
}

TEST_CASE("a lost prediction is found among others that differ in one thing alone") {
    Replicate test;
    for (const json& other : {json{{"seed", 8}}, json{{"seconds", 6}}, json{{"ratio", "16:9"}}, json{{"resolution", "1080p"}}, json{{"prompt", "another prompt"}}}) {
        json wishes = {{"seed", 7}};
        wishes.update(other);
        REQUIRE(test.submit(test.order(wishes), any_intent()));
    }
    REQUIRE(test.submit(test.with_picture(100), any_intent()));
    const auto order = test.order({{"seed", 7}});
    test.provider.next("create", {"accept and drop"});
    REQUIRE_FALSE(test.submit(order, any_intent()));
    auto found = walk(test.backend->find(order, any_intent()), test.provider);
    REQUIRE(found);
    REQUIRE(found->candidates.size() == 1);
    CHECK(test.backend->remote_id(found->candidates[0]) == "p7");
    CHECK(found->complete);
}

TEST_CASE("Replicate's list is followed at its own host alone, and one that was not read to its end proves nothing") {
    Replicate test;
    const auto order = test.order();
    test.answer("list", 200, {{"next", "https://elsewhere.example/v1/predictions?cursor=x"}, {"results", {prediction("p1", order)}}});
    auto found = walk(test.backend->find(order, any_intent()), test.provider, &test.sent);
    REQUIRE(found);
    CHECK(test.sent.size() == 1);
    CHECK(found->candidates.size() == 1);
    CHECK_FALSE(found->complete);

    // A list without an end.
    test.sent.clear();
    test.answer("list", 200, {{"next", std::string(FakeProvider::default_origin) + "/v1/predictions?created_after=2026-01-01T00%3A00%3A00Z&cursor=x"}, {"results", {prediction("p1", order, -30min)}}});
    found = walk(test.backend->find(order, any_intent()), test.provider, &test.sent);
    REQUIRE(found);
    CHECK(test.sent.size() <= 5);
    CHECK_FALSE(found->complete);
    CHECK(found->candidates.empty());
    CHECK_FALSE(found->doubtful.empty());
}

TEST_CASE("a prediction whose input was removed may be anybody's") {
    Replicate test;
    const auto order = test.order();
    auto removed = prediction("p1", order);
    removed["input"] = json::object();
    removed["data_removed"] = true;
    test.answer("list", 200, {{"next", nullptr}, {"results", {removed}}});
    auto found = walk(test.backend->find(order, any_intent()), test.provider);
    REQUIRE(found);
    CHECK(found->candidates.empty());
    CHECK_FALSE(found->complete);
}

TEST_CASE("a prediction that ended before it began costs nothing, and a clip is known to be kept for an hour") {
    Replicate test;
    const auto job = test.job();
    test.provider.next("retrieve", {"aborted"});
    auto aborted = test.poll(job);
    REQUIRE(aborted);
    CHECK(std::get<backend::Failed>(*aborted).billed == Money{});
    test.answer("retrieve", 200, {{"id", "p1"}, {"status", "succeeded"}, {"output", {"https://replicate.delivery/a.mp4", "https://replicate.delivery/b.mp4"}}, {"completed_at", "2026-11-22T10:00:00Z"}});
    auto ready = test.poll(job);
    REQUIRE(ready);
    CHECK(std::get<backend::Ready>(*ready).clips.size() == 2);
    CHECK(std::get<backend::Ready>(*ready).expires == core::parse_iso_time("2026-11-22T11:00:00Z"));
}

TEST_CASE("what Replicate has ended already cannot be cancelled, and that is said") {
    Replicate test;
    const auto job = test.job();
    test.answer("cancel", 200, {{"id", "p1"}, {"status", "succeeded"}});
    auto late = walk(test.backend->cancel(job), test.provider);
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::usage);
}

TEST_CASE("an id that is no model's name never becomes part of a URL at Replicate") {
    Replicate test;
    for (const auto* id : {"veo", "google/veo/x", "../veo", "google/..", "google/veo?x=1", "google/veo:", "google/veo:a/b", ""}) {
        CAPTURE(id);
        auto order = test.order();
        order.remote_model = id;
        auto refused = test.submit(order, any_intent());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(test.sent.empty());
    }
}

TEST_CASE("Replicate's schema becomes a row, a model that is not official is asked for by its version") {
    Replicate test;
    auto row = walk(test.backend->describe("studio/described"), test.provider, &test.sent);
    INFO(test.provider.complaint());
    REQUIRE(row);
    CHECK((*row)["id"] == "studio:studio/described");
    CHECK((*row)["routes"][0]["id"] == "studio/described");
    CHECK((*row)["routes"][0]["form"]["first_frame"] == "start_image");
    CHECK((*row)["seconds"] == json{{"list", {5, 10}}, {"default", 5}});
    auto order = test.order({{"model", "studio/described"}, {"ratio", "16:9"}, {"resolution", nullptr}, {"audio", nullptr}});
    order.form = (*row)["routes"][0]["form"].dump();
    CHECK(test.submit(order, any_intent()));

    auto model = json::parse(R"({"is_official": false, "latest_version": {"id": "v1a2b3c", "openapi_schema":
                                {"components": {"schemas": {"Input": {"properties": {"prompt": {"type": "string"}}}}}}}})");
    test.answer("model", 200, model);
    row = walk(test.backend->describe("studio/described"), test.provider);
    REQUIRE(row);
    CHECK((*row)["routes"][0]["id"] == "studio/described:v1a2b3c");
    model["latest_version"] = nullptr;
    test.answer("model", 200, model);
    CHECK_FALSE(walk(test.backend->describe("studio/described"), test.provider));

    auto none = walk(test.backend->describe("studio/nothing"), test.provider);
    REQUIRE_FALSE(none);
    CHECK(none.error().kind == ErrorKind::usage);
}
