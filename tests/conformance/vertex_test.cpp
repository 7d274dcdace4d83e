// What the generic story does not see of Veo on Vertex AI: tokens, buckets, the meaning of codes.
#include <spdlog/fmt/fmt.h>

#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const backend::Entry& vertex() { return *backend::find_entry("vertex"); }

std::unique_ptr<backend::Backend> vertex_with(const std::function<void(backend::Deps&)>& change) {
    auto deps = deps_of(FakeProvider("vertex").contract());
    change(deps);
    return vertex().make(deps);
}

std::unique_ptr<backend::Backend> with_account(const json& changes) {
    return vertex_with([&](backend::Deps& deps) {
        auto account = json::parse(deps.credential.key.expose());
        account.merge_patch(changes);
        deps.credential.key = core::Key(account.dump());
    });
}

Order vertex_order() { return order_of(FakeProvider("vertex").contract()); }

// What a step that asks for nothing says.
Error refused(const http::Step<backend::Accepted>& step) {
    REQUIRE(std::holds_alternative<Error>(step));
    return std::get<Error>(step);
}
Error refused(const Order& order) { return refused(vertex_with([](auto&) {})->submit(order, any_intent())); }

// Answers token requests with tokens of an hour and others with an operation; tells which were asked.
struct Google {
    template <class T>
    Result<T> walk(http::Step<T> step) {
        while (auto* ask = std::get_if<http::Ask<T>>(&step)) {
            const auto request = ask->request;
            const bool token = request.url.ends_with("/token");
            if (token) ++tokens;
            else bearer = request.credential ? request.credential->key.expose() : "";
            const json answer = token ? json{{"access_token", fmt::format("token-{}", tokens)}, {"expires_in", 3600}} : json{{"name", operation}};
            const auto then = ask->then;
            step = then({200, {}, answer.dump(), request.url});
        }
        return http::outcome(std::move(step));
    }
    static constexpr const char* operation = "projects/p1/locations/us-central1/publishers/google/models/veo-3.1-fast-generate-001/operations/0f1e";
    int tokens = 0;
    std::string bearer;
};

}  // namespace

TEST_CASE("Veo: one token serves the submit and its polls, and is renewed five minutes before its end") {
    core::Wall now = std::chrono::system_clock::now();
    const auto backend = vertex_with([&](backend::Deps& deps) { deps.now = [&] { return now; }; });
    Google google;
    auto job = google.walk(backend->submit(vertex_order(), any_intent()));
    REQUIRE(job);
    CHECK(google.bearer == "token-1");
    now += minutes(55) - seconds(1);
    REQUIRE(google.walk(backend->poll(job->handle)));
    CHECK(google.tokens == 1);
    now += seconds(2);
    REQUIRE(google.walk(backend->poll(job->handle)));
    CHECK(google.tokens == 2);
    CHECK(google.bearer == "token-2");
}

TEST_CASE("Veo: a token that was taken back is replaced while polling, and never for a paid request that was sent") {
    Case test(vertex());
    const auto job = test.job();
    test.provider.revoke_tokens();
    CHECK(test.poll(job));
    CHECK(test.provider.calls() == std::vector<std::string>{"token", "create", "fetch", "token", "fetch"});

    test.provider.revoke_tokens();
    test.sent.clear();
    auto refused = test.submit();
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::auth);
    CHECK(test.paid_requests() == 1);
    CHECK(test.submit());  // with a new one
}

TEST_CASE("Veo: an account that cannot be used is told before anything is sent, without a word of its key") {
    const auto error_of = [](const json& changes) {
        const auto error = refused(with_account(changes)->submit(vertex_order(), any_intent()));
        CHECK(error.kind == ErrorKind::auth);
        CHECK(error.message.find("BEGIN") == std::string::npos);
        CHECK(error.message.find("$STUDIO_API_KEY") != std::string::npos);
        return error.message;
    };
    CHECK(error_of({{"type", "authorized_user"}}).find("gcloud auth print-access-token") != std::string::npos);
    CHECK(error_of({{"private_key", nullptr}}).find("private_key") != std::string::npos);
    CHECK(error_of({{"client_email", nullptr}}).find("client_email") != std::string::npos);
    CHECK(error_of({{"private_key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"}}).find("RSA") != std::string::npos);
    for (const auto* place : {"https://oauth2.googleapis.com.evil.example/token", "http://oauth2.googleapis.com/token", "https://evil.example/token", "token"})
        CHECK(error_of({{"token_uri", place}}).find("https://oauth2.googleapis.com/token") != std::string::npos);
    CHECK(error_of({{"token_uri", "https://user:pass@evil.example/token"}}).find("pass@") == std::string::npos);
}

TEST_CASE("Veo: what the token's host answers is told as what it is, and the paid request stays here") {
    struct Answer {
        int status;
        std::string body;
        ErrorKind kind;
        const char* said;
    };
    for (const auto& answer : {Answer{400, R"({"error":"invalid_grant","error_description":"Invalid JWT Signature."})", ErrorKind::auth, "Invalid JWT Signature."},
                               Answer{401, "", ErrorKind::auth, "401"},
                               Answer{429, "{}", ErrorKind::rate_limited, "slow down"},
                               Answer{503, "<html>", ErrorKind::network, "503"},
                               Answer{200, "<html>", ErrorKind::network, "without an access token"},
                               Answer{200, R"({"access_token":"a b\n"})", ErrorKind::network, "without an access token"}}) {
        CAPTURE(answer.status, answer.body);
        auto step = vertex_with([](auto&) {})->submit(vertex_order(), any_intent());
        const auto* ask = http::ask(step);
        REQUIRE(ask);
        CHECK_FALSE(ask->request.paid);
        CHECK_FALSE(ask->request.credential);
        const auto error = refused(ask->then({answer.status, {}, answer.body, ask->request.url}));
        CHECK(int(error.kind) == int(answer.kind));
        CHECK(error.message.find(answer.said) != std::string::npos);
    }
}

TEST_CASE("Veo: a ready access token is sent as it is, for the project of the settings") {
    const auto url_of = [](const json& dialect) {
        const auto backend = vertex_with([&](backend::Deps& deps) {
            deps.credential.key = core::Key("ya29.token");
            deps.dialect = dialect;
        });
        const auto step = backend->submit(vertex_order(), any_intent());
        const auto* ask = http::ask(step);
        REQUIRE(ask);
        CHECK(ask->request.paid);
        CHECK(ask->request.credential->key.expose() == "ya29.token");
        return ask->request.url;
    };
    const std::string model = "/publishers/google/models/veo-3.1-generate-001:predictLongRunning";
    CHECK(url_of({{"project", "p1"}}) == "https://api.studio.example/v1/projects/p1/locations/us-central1" + model);
    CHECK(url_of({{"project", "example.com:p1"}, {"location", "global"}}) == "https://api.studio.example/v1/projects/example.com:p1/locations/global" + model);
    CHECK(url_of(json::object()) == "https://api.studio.example/v1/projects/{project}/locations/us-central1" + model);

    for (const auto& wrong : {json{{"project", "p/../q"}}, json{{"location", "us central1"}}, json{{"storage_uri", "s3://bucket/"}}, json{{"storage_uri", "gs:///"}}, json{{"projct", "p1"}}}) {
        CAPTURE(wrong.dump());
        CHECK(refused(vertex_with([&](backend::Deps& deps) { deps.dialect = wrong; })->submit(vertex_order(), any_intent())).kind == ErrorKind::usage);
    }
}

TEST_CASE("Veo: the request is the contract's example, with one clip and its sound always said") {
    Case test(vertex());
    REQUIRE(test.submit());
    CHECK(test.provider.book()[0].fields == json::parse(R"({"instances":[{"prompt":"A paper boat crosses a puddle"}],
        "parameters":{"aspectRatio":"16:9","durationSeconds":8,"resolution":"720p","sampleCount":1,"generateAudio":true}})"));

    auto order = test.order({{"audio", false}, {"seed", 5}, {"negative_prompt", "rain"}, {"images", {{{"role", "first_frame"}}, {{"role", "last_frame"}}}}});
    REQUIRE(test.submit(order, any_intent()));
    const auto fields = test.provider.book()[1].fields;
    const json image{{"bytesBase64Encoded", core::base64(*png().bytes)}, {"mimeType", "image/png"}};
    CHECK(fields["instances"] == json::array({{{"prompt", order.prompt}, {"image", image}, {"lastFrame", image}}}));
    CHECK(fields["parameters"] == json{{"aspectRatio", "16:9"}, {"durationSeconds", 8}, {"resolution", "720p"}, {"sampleCount", 1}, {"generateAudio", false}, {"seed", 5}, {"negativePrompt", "rain"}});
    order = test.order({{"images", {{{"role", "reference"}}}}});
    order.audio.reset();
    REQUIRE(test.submit(order, any_intent()));
    CHECK(test.provider.book()[2].fields["instances"][0]["referenceImages"] == json::array({{{"image", image}, {"referenceType", "asset"}}}));
    CHECK(test.provider.book()[2].fields["parameters"]["generateAudio"] == true);
}

TEST_CASE("Veo: what it has no field for is refused before anything is sent") {
    const auto message = [](const std::function<void(Order&)>& change) {
        auto order = vertex_order();
        change(order);
        const auto error = refused(order);
        CHECK(error.kind == ErrorKind::usage);
        return error.message;
    };
    auto url = png();
    url.source = "https://example.com/frame.png";
    url.bytes = nullptr;
    url.sha256 = "";
    auto webp = png();
    webp.media_type = "image/webp";
    CHECK(message([&](Order& order) { order.images = {url}; }).find("https://example.com/frame.png") != std::string::npos);
    CHECK(message([&](Order& order) { order.images = {webp}; }).find("image/png, image/jpeg") != std::string::npos);
    CHECK(message([](Order& order) { order.fps = 30; }).find("30") != std::string::npos);
    CHECK(message([](Order& order) { order.operation = Operation::extend; }).find("--extend") != std::string::npos);
    CHECK(message([](Order& order) { order.camera_motion = "dolly_in"; }).find("camera") != std::string::npos);
    CHECK(message([](Order& order) {
              order.ratio.reset();
              order.size = Size{1280, 720};
          }).find("aspect ratio") != std::string::npos);
    for (const auto* field : {"sampleCount", "generateAudio", "durationSeconds", "resolution"})
        CHECK(message([&](Order& order) { order.params = {{field, "4"}}; }).find(field) != std::string::npos);
}

TEST_CASE("Veo: a clip in the user's bucket is fetched with the account's token, and with nobody else's") {
    Case test(vertex());
    test.backend = vertex_with([](backend::Deps& deps) { deps.dialect["storage_uri"] = "gs://studio-clips/films"; });
    const auto job = test.job();
    CHECK(test.provider.book()[0].fields["parameters"]["storageUri"] == "gs://studio-clips/films/");
    const auto stored = [](const std::string& uri) {
        return http::Response{200, {}, json{{"name", Google::operation}, {"done", true}, {"response", {{"videos", {{{"gcsUri", uri}}}}}}}.dump(), ""};
    };
    const auto download = [&](const backend::Backend& backend) {
        auto step = backend.poll(backend.adopt(Google::operation));
        while (const auto* ask = http::ask(step)) {
            const auto then = ask->then;
            step = ask->request.url.ends_with("/token") ? then(ask->sampled()) : then(stored("gs://studio-clips/films/1 2/sample_0.mp4"));
        }
        auto state = http::outcome(std::move(step));
        REQUIRE(state);
        return std::get<http::Request>(std::get<backend::Ready>(*state).clips.at(0));
    };
    auto request = download(*vertex_with([](auto&) {}));
    CHECK(request.url == "https://storage.googleapis.com/storage/v1/b/studio-clips/o/films%2F1%202%2Fsample_0.mp4?alt=media");
    REQUIRE(request.credential);
    CHECK(request.credential->key.expose() == "ya29.sample");

    // A gateway's key is not Google's.
    const auto ready_token = [](const char* base) {
        return vertex_with([&](backend::Deps& deps) {
            deps.base_url = base;
            deps.credential.key = core::Key("some-token");
        });
    };
    CHECK_FALSE(download(*ready_token("https://gateway.example/v1")).credential);
    CHECK_FALSE(download(*ready_token("https://evilgoogleapis.com/v1")).credential);
    CHECK(download(*ready_token("https://us-central1-aiplatform.googleapis.com/v1")).credential->key.expose() == "some-token");

    for (const auto* uri : {"gs://studio-clips", "gs://a b/c", "gs:///x"}) {
        CAPTURE(uri);
        auto step = ready_token("https://gateway.example/v1")->poll(test.backend->adopt(Google::operation));
        auto state = http::outcome(http::ask(step)->then(stored(uri)));
        REQUIRE_FALSE(state);
        CHECK(state.error().kind == ErrorKind::provider);
    }
}

TEST_CASE("Veo: what the filters kept back is refused content, with the codes' meaning, and costs nothing") {
    Case test(vertex());
    const auto job = test.job();
    const auto failure = [&](const char* state) {
        test.provider.next("fetch", {state});
        auto told = test.poll(job);
        REQUIRE(told);
        return std::get<backend::Failed>(*told);
    };
    CHECK(failure("filtered").reason.message.find("29310472: a celebrity's likeness") != std::string::npos);
    CHECK(failure("filtered").billed == Money{0});
    const auto two = failure("filtered, with an empty list").reason.message;
    CHECK(two.find("61493863: violence") != std::string::npos);
    CHECK(two.find("78610348: toxic language") != std::string::npos);
    CHECK(failure("refused prompt").reason.message.find("89371032: prohibited content") != std::string::npos);
    CHECK(failure("filtered without a word").reason.message.find("no reason given") != std::string::npos);
    CHECK_FALSE(failure("internal").billed);
}

TEST_CASE("Veo: a name that is no operation is neither kept nor asked for") {
    const auto backend = vertex_with([](backend::Deps& deps) { deps.credential.key = core::Key("ya29.token"); });
    for (const std::string name : {"", "op-1", "projects/p/../../secrets/operations/1", "projects/p/operations/", "projects/p/operations/1?x=y", "projects/p\n/operations/1"}) {
        CAPTURE(name);
        const auto step = backend->submit(vertex_order(), any_intent());
        const auto error = refused(http::ask(step)->then({200, {}, json{{"name", name}}.dump(), ""}));
        CHECK(error.kind == ErrorKind::unknown);
        const auto poll = backend->poll(backend->adopt(name));
        REQUIRE(std::holds_alternative<Error>(poll));
        CHECK(std::get<Error>(poll).kind == ErrorKind::usage);
        CHECK(std::get<Error>(poll).lasting);
    }
}
