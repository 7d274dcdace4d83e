// What the generic story does not see of Gemini Omni: Vertex AI, files, words that we do not know.
#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

const backend::Entry& gemini() { return *backend::find_entry("gemini"); }

std::unique_ptr<backend::Backend> gemini_with(const std::function<void(backend::Deps&)>& change) {
    auto deps = deps_of(FakeProvider("gemini").contract());
    change(deps);
    return gemini().make(deps);
}

// As a route to Vertex AI has it.
std::unique_ptr<backend::Backend> on_vertex(const json& more = json::object()) {
    return gemini_with([&](backend::Deps& deps) {
        deps.base_url = "https://aiplatform.googleapis.com/v1beta1";
        deps.credential = {"Authorization", "Bearer ", core::Key("ya29.token"), "$GOOGLE_OAUTH_ACCESS_TOKEN"};
        deps.dialect = {{"vertex", true}, {"project", "p1"}};
        deps.dialect.update(more);
    });
}

Order gemini_order() { return order_of(FakeProvider("gemini").contract()); }

http::Request first_request(const backend::Backend& backend) {
    const auto step = backend.submit(gemini_order(), any_intent());
    REQUIRE(http::ask(step));
    return http::ask(step)->request;
}

json completed(const json& video) { return {{"id", "v1_abc"}, {"status", "completed"}, {"steps", {{{"type", "model_output"}, {"content", {video}}}}}}; }

// The state that an answer to a poll tells; `asked` counts the requests.
Result<backend::JobState> told(const backend::Backend& backend, const json& answer, int* asked = nullptr) {
    auto step = backend.poll(backend.adopt("v1_abc"));
    const auto* ask = http::ask(step);
    REQUIRE(ask);
    auto next = ask->then({200, {}, answer.dump(), ask->request.url});
    if (asked) *asked = 1 + bool(http::ask(next));
    return http::outcome(std::move(next));
}

http::Request download(const backend::Backend& backend, const std::string& uri) {
    auto state = told(backend, completed({{"type", "video"}, {"mime_type", "video/mp4"}, {"uri", uri}}));
    REQUIRE(state);
    return std::get<http::Request>(std::get<backend::Ready>(*state).clips.at(0));
}

}  // namespace

TEST_CASE("Gemini Omni: the request is the contract's example, pinned to its revision") {
    Case test(gemini());
    REQUIRE(test.submit());
    CHECK(test.provider.book()[0].fields == json::parse(R"({"model":"gemini-omni-1.2-flash","input":"A paper boat crosses a puddle","background":true,
        "response_format":{"type":"video","aspect_ratio":"16:9","resolution":"720p","duration":"8s","delivery":"uri"}})"));
    CHECK(test.provider.requests()[0].header("Api-Revision") == "2026-05-20");
    CHECK(test.provider.requests()[0].header("x-goog-api-key") == FakeProvider::key);

    const json image{{"type", "image"}, {"data", core::base64(*png().bytes)}, {"mime_type", "image/png"}};
    for (const auto& [role, task] : {std::pair("first_frame", "image_to_video"), std::pair("reference", "reference_to_video")}) {
        const auto order = test.order({{"images", {{{"role", role}}}}, {"seed", 3}});
        REQUIRE(test.submit(order, any_intent()));
        const auto fields = test.provider.book().back().fields;
        CHECK(fields["input"] == json::array({{{"type", "text"}, {"text", order.prompt}}, image}));
        CHECK(fields["generation_config"] == json{{"seed", 3}, {"video_config", {{"task", task}}}});
    }
}

TEST_CASE("Gemini Omni: what it has no field for is refused before anything is sent") {
    const auto message = [](const json& over) {
        const auto step = gemini_with([](auto&) {})->submit(order_of(FakeProvider("gemini").contract(), over), any_intent());
        REQUIRE(std::holds_alternative<Error>(step));
        CHECK(std::get<Error>(step).kind == ErrorKind::usage);
        return std::get<Error>(step).message;
    };
    CHECK(message({{"images", {{{"role", "first_frame"}}, {{"role", "last_frame"}}}}}).find("--last-frame") != std::string::npos);
    CHECK(message({{"images", {{{"role", "first_frame"}}, {{"role", "reference"}}}}}).find("not both") != std::string::npos);
    CHECK(message({{"images", {{{"role", "first_frame"}, {"source", "https://example.com/a.png"}}}}}).find("URL") != std::string::npos);
    CHECK(message({{"negative_prompt", "rain"}}).find("negative prompt") != std::string::npos);
    CHECK(message({{"audio", false}}).find("sound") != std::string::npos);
    CHECK(message({{"seconds", 7.5}}).find("whole seconds") != std::string::npos);
    CHECK(message({{"params", {{"background", "false"}}}}).find("background") != std::string::npos);
    CHECK(message({{"params", {{"model", "another"}}}}).find("model") != std::string::npos);
}

TEST_CASE("Gemini Omni: on Vertex AI the path names the project, and a clip comes inline unless there is a bucket for it") {
    const auto request = first_request(*on_vertex());
    CHECK(request.url == "https://aiplatform.googleapis.com/v1beta1/projects/p1/locations/global/interactions");
    CHECK(request.credential->key.expose() == "ya29.token");
    CHECK(body_of(request)["response_format"]["delivery"] == "inline");
    CHECK_FALSE(body_of(request)["response_format"].contains("gcs_uri"));

    const auto stored = body_of(first_request(*on_vertex({{"storage_uri", "gs://studio-clips/films/"}})))["response_format"];
    CHECK(stored["delivery"] == "uri");
    CHECK(stored["gcs_uri"] == "gs://studio-clips/films/");
    const auto clip = download(*on_vertex(), "gs://studio-clips/films/1/sample_0.mp4");
    CHECK(clip.url == "https://storage.googleapis.com/storage/v1/b/studio-clips/o/films%2F1%2Fsample_0.mp4?alt=media");
    CHECK(clip.credential->key.expose() == "ya29.token");
}

TEST_CASE("Gemini Omni: a service account's token serves the submit on Vertex AI") {
    const auto account = deps_of(FakeProvider("vertex").contract()).credential.key;
    const auto backend = gemini_with([&](backend::Deps& deps) {
        deps.credential = {"Authorization", "Bearer ", account, "$GOOGLE_APPLICATION_CREDENTIALS"};
        deps.dialect = {{"vertex", true}};
    });
    auto step = backend->submit(gemini_order(), any_intent());
    REQUIRE(http::ask(step));
    CHECK_FALSE(http::ask(step)->request.paid);
    CHECK(http::ask(step)->request.url == "https://api.studio.example/token");
    const auto next = http::ask(step)->then(http::ask(step)->sampled());
    REQUIRE(http::ask(next));
    CHECK(http::ask(next)->request.paid);
    CHECK(http::ask(next)->request.url == "https://api.studio.example/v1beta/projects/studio/locations/global/interactions");
    CHECK(http::ask(next)->request.credential->key.expose() == "ya29.sample");
}

TEST_CASE("Gemini Omni: the key goes to the API's own files and to no other place of a clip") {
    for (const std::string uri : {"https://cdn.studio.example/v1beta/files/abc", "https://storage.googleapis.com/clips/abc.mp4?X-Goog-Signature=1",
                                  "https://storage.googleapis.com/storage/v1/b/clips/o/abc?alt=media", "https://api.studio.example.evil.example/v1beta/files/abc"}) {
        CAPTURE(uri);
        const auto clip = download(*gemini_with([](auto&) {}), uri);
        CHECK(clip.url == uri);
        CHECK_FALSE(clip.credential);
    }
    CHECK_FALSE(download(*gemini_with([](auto& deps) { deps.base_url = "https://generativelanguage.googleapis.com/v1beta"; }), "gs://clips/abc.mp4").credential);
    for (const std::string uri : {"file:///etc/passwd", "", "javascript:alert(1)"}) {
        CAPTURE(uri);
        auto state = told(*gemini_with([](auto&) {}), completed({{"type", "video"}, {"uri", uri}}));
        REQUIRE_FALSE(state);
        CHECK(state.error().kind == ErrorKind::provider);
    }
}

TEST_CASE("Gemini Omni: the clip's file is waited for, and its end is known") {
    Case test(gemini());
    const auto job = test.job();
    test.provider.next("get", {"completed"});
    auto ready = test.poll(job);
    REQUIRE(ready);
    const auto& clips = std::get<backend::Ready>(*ready);
    CHECK(clips.expires > std::chrono::system_clock::now());
    CHECK(std::get<http::Request>(clips.clips[0]).url.ends_with("/files/" + test.backend->remote_id(job) + ":download?alt=media"));
    test.provider.next("file", {"not found"});
    auto gone = test.poll(job);
    REQUIRE(gone);
    CHECK(std::holds_alternative<backend::Gone>(*gone));
    test.provider.next_raw("file", {200, {}, R"({"state":"PONDERING"})"});
    auto waiting = test.poll(job);
    REQUIRE(waiting);
    CHECK(std::get<backend::Rendering>(*waiting).word == "file PONDERING");
}

TEST_CASE("Gemini Omni: a word that it does not have yet is an error, never a clip and never the end of a job") {
    auto state = told(*gemini_with([](auto&) {}), {{"id", "v1_abc"}, {"status", "pondering"}});
    REQUIRE_FALSE(state);
    CHECK(state.error().kind == ErrorKind::provider);
    CHECK(state.error().message.find("pondering") != std::string::npos);
    CHECK_FALSE(state.error().lasting);
}

TEST_CASE("Gemini Omni: the clip is the last output's, among steps and blocks of any form") {
    const auto backend = gemini_with([](auto&) {});
    const json reply{{"status", "completed"},
                     {"steps",
                      {{{"type", "model_output"}, {"content", {{{"type", "video"}, {"data", core::base64("old")}}}}},
                       {{"type", "model_output"}, {"content", {"text", 17, nullptr, {{"type", "image"}, {"data", "AAAA"}}, {{"type", "video"}, {"data", core::base64("new")}}}}},
                       {{"type", "model_output"}, {"content", "none"}},
                       17,
                       {{"type", "thought"}}}}};
    auto state = told(*backend, reply);
    REQUIRE(state);
    CHECK(std::get<backend::Inline>(std::get<backend::Ready>(*state).clips.at(0)).bytes == "new");
}

TEST_CASE("Gemini Omni: a clip that is rendered is not called cancelled") {
    const auto backend = gemini_with([](auto&) {});
    auto step = backend->cancel(backend->adopt("v1/a b"));
    const auto* ask = http::ask(step);
    REQUIRE(ask);
    CHECK(ask->request.method == "POST");
    CHECK(ask->request.url == "https://api.studio.example/v1beta/interactions/v1%2Fa%20b/cancel");
    CHECK_FALSE(ask->request.paid);
    auto late = http::outcome(ask->then({200, {}, R"({"id":"v1_abc","status":"completed"})", ""}));
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::usage);
    CHECK(http::outcome(ask->then({200, {}, R"({"id":"v1_abc","status":"cancelled"})", ""})));
}
