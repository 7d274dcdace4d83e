// Answers of the hosts that speak the Videos protocol, as src/backend/openai/openai.md describes them.
#include <catch2/catch.hpp>

#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;
using backend::JobState;

namespace {

constexpr const char* base = "https://host.example/v1";

struct Host {
    explicit Host(json dialect = json::object()) {
        deps.route = "studio";
        deps.base_url = base;
        deps.credential = {"Authorization", "Bearer ", core::Key(FakeProvider::key), "$STUDIO_API_KEY"};
        deps.dialect = std::move(dialect);
        backend = backend::find_entry("openai")->make(deps);
    }
    Result<JobState> poll(const http::Response& answer, const std::string& id = "v1") const {
        auto step = backend->poll(backend->adopt(id));
        const auto* ask = http::ask(step);
        REQUIRE(ask);
        return http::outcome(ask->then(answer));
    }
    Result<backend::Accepted> submit(const http::Response& answer) const {
        Order order;
        order.remote_model = "m";
        order.prompt = "a boat";
        order.seconds = 4;
        auto step = backend->submit(order, any_intent());
        const auto* ask = http::ask(step);
        REQUIRE(ask);
        return http::outcome(ask->then(answer));
    }
    backend::Deps deps;
    std::unique_ptr<backend::Backend> backend;
};

http::Response answer(int status, const std::string& body, std::vector<http::Header> headers = {}) {
    return {status, std::move(headers), body, std::string(base) + "/videos/v1"};
}

enum class Means { rendering, ready, failed, rejected, gone, error };
Means meaning(const Result<JobState>& told) {
    if (!told) return Means::error;
    if (const auto* failed = std::get_if<backend::Failed>(&*told))
        return failed->reason.kind == ErrorKind::rejected ? Means::rejected : Means::failed;
    if (std::holds_alternative<backend::Ready>(*told)) return Means::ready;
    return std::holds_alternative<backend::Gone>(*told) ? Means::gone : Means::rendering;
}

const backend::Ready& ready(const Result<JobState>& told) {
    REQUIRE(told);
    REQUIRE(std::holds_alternative<backend::Ready>(*told));
    return std::get<backend::Ready>(*told);
}

const http::Request& download(const backend::Ready& done) {
    REQUIRE(done.clips.size() == 1);
    return std::get<http::Request>(done.clips[0]);
}

}  // namespace

TEST_CASE("what each host answers while, after and instead of rendering is understood") {
    struct Row {
        const char* host;
        int status;
        const char* body;
        Means means;
    };
    const std::vector<Row> rows = {
        {"SGLang stays queued", 200, R"({"id":"v1","object":"video","model":"wan","status":"queued","progress":0,"created_at":1790000000,"size":"","seconds":"4","quality":"standard","url":null,"error":null})", Means::rendering},
        {"SGLang done", 200, R"({"id":"v1","status":"completed","progress":100,"file_path":"/tmp/v1.mp4","num_outputs":1,"peak_memory_mb":1.5,"inference_time_s":9.1})", Means::ready},
        {"SGLang failed, no code", 200, R"({"id":"v1","status":"failed","error":{"message":"CUDA out of memory"}})", Means::failed},
        {"SGLang forgot it at a restart", 404, R"({"detail":"Video not found"})", Means::gone},
        {"SGLang deleted", 200, R"({"id":"v1","status":"deleted"})", Means::failed},
        {"vLLM-Omni running", 200, R"({"id":"v1","status":"in_progress","progress":0,"media_type":"video/mp4"})", Means::rendering},
        {"vLLM-Omni failed: the job behind a 500, integer code", 500, R"({"id":"v1","status":"failed","error":{"code":500,"message":"engine died"}})", Means::failed},
        {"vLLM-Omni failed behind a 400", 400, R"({"id":"v1","object":"video","status":"failed","error":{"code":400,"message":"bad size"}})", Means::failed},
        {"a 500 of its own is no failed job", 500, R"({"error":{"message":"oops","type":"server_error","param":null,"code":500}})", Means::error},
        {"an error with a status word is no failed job", 502, R"({"status":"error","message":"upstream"})", Means::error},
        {"an error about another id is no failed job", 500, R"({"id":"req_77","status":"failed"})", Means::error},
        {"TensorRT-LLM generating", 200, R"({"id":"v1","status":"generating"})", Means::rendering},
        {"TensorRT-LLM postprocessing", 200, R"({"id":"v1","status":"postprocessing"})", Means::rendering},
        {"TensorRT-LLM guardrail", 200, R"({"id":"v1","status":"failed","error":{"message":"blocked by guardrail"}})", Means::rejected},
        {"FastVideo done", 200, R"({"id":"v1","status":"completed","error":null})", Means::ready},
        {"Dynamo done", 200, R"({"id":"v1","object":"video","status":"completed","progress":100,"created":1,"data":[{"output_format":"mp4","url":"https://cdn.example/a.mp4"}]})", Means::ready},
        {"Dynamo failed with a text", 200, R"({"id":"v1","status":"failed","error":"no worker"})", Means::failed},
        {"LiteLLM processing, nulls everywhere", 200, R"({"id":"v1","object":"video","status":"processing","created_at":null,"progress":null,"error":null,"usage":null,"size":null,"seconds":null})", Means::rendering},
        {"LiteLLM done", 200, R"({"id":"v1","object":"video","status":"completed","usage":{"duration_seconds":4.0}})", Means::ready},
        {"LiteLLM other owner", 403, R"({"detail":"not yours"})", Means::error},
        {"new-api unknown", 200, R"({"id":"v1","task_id":"v1","status":"unknown"})", Means::rendering},
        {"new-api done", 200, R"({"id":"v1","task_id":"v1","status":"succeeded","created_at":1790000000000})", Means::ready},
        {"Azure cancelled", 200, R"({"id":"v1","status":"cancelled"})", Means::failed},
        {"Azure content filter", 200, R"({"id":"v1","status":"failed","error":{"code":"content_filter","message":"x"}})", Means::rejected},
        {"OpenRouter pending", 202, R"({"id":"v1","polling_url":"/api/v1/videos/v1","status":"pending"})", Means::rendering},
        {"OpenRouter failed with a text", 200, R"({"id":"v1","status":"failed","error":"Provider refused: content policy"})", Means::rejected},
        {"OpenRouter expired", 200, R"({"id":"v1","status":"expired"})", Means::failed},
        {"capital letters", 200, R"({"id":"v1","status":"COMPLETED"})", Means::ready},
        {"gone for good", 410, R"({"error":"expired"})", Means::gone},
        {"validation list", 422, R"({"detail":[{"loc":["path","id"],"msg":"bad","type":"x"}]})", Means::error},
    };
    const Host host;
    for (const auto& row : rows) {
        CAPTURE(row.host);
        const auto told = host.poll(answer(row.status, row.body));
        if (!told) UNSCOPED_INFO(told.error().message);
        CHECK(int(meaning(told)) == int(row.means));
    }
}

TEST_CASE("progress is a share of the whole, whatever the host writes") {
    const Host host;
    const auto progress = [&](const std::string& value) {
        auto told = host.poll(answer(200, R"({"id":"v1","status":"in_progress","progress":)" + value + "}"));
        REQUIRE(told);
        return std::get<backend::Rendering>(*told).progress;
    };
    CHECK(progress("50").value() == Approx(0.5));
    CHECK(progress("\"50\"").value() == Approx(0.5));
    CHECK(progress("250").value() == 1.0);
    CHECK(progress("-3").value() == 0.0);
    CHECK(progress("1e308").value() == 1.0);
    for (const auto* value : {"null", "\"half\"", "\"nan\"", "{}", "true"}) CHECK_FALSE(progress(value));
}

TEST_CASE("poll hints are honoured where they make sense") {
    const Host host;
    const auto hint = [&](const std::string& name, const std::string& value) {
        auto told = host.poll(answer(200, R"({"id":"v1","status":"queued","queue_position":4})", {{name, value}}));
        REQUIRE(told);
        CHECK(std::get<backend::Rendering>(*told).queue == 4);
        return std::get<backend::Rendering>(*told).not_before;
    };
    CHECK(hint("openai-poll-after-ms", "1500") == std::chrono::milliseconds(1500));
    CHECK(hint("Retry-After", "3") == std::chrono::seconds(3));
    for (const auto* absurd : {"-1", "soon", "", "999999999999999999999", "31536000000"}) CHECK_FALSE(hint("openai-poll-after-ms", absurd));
}

TEST_CASE("the clip is where the answer says, and the key goes to the base URL's origin alone") {
    const Host host;
    const auto source = [&](const std::string& rest) { return download(ready(host.poll(answer(200, R"({"id":"v1","status":"completed")" + rest + "}")))); };

    SECTION("by default at the content endpoint, without a variant") {
        const auto request = source("");
        CHECK(request.url == "https://host.example/v1/videos/v1/content");
        CHECK(request.credential);
        CHECK_FALSE(request.paid);
    }
    SECTION("at another host: no key") {
        for (const auto* rest : {R"(,"url":"https://cdn.example/a.mp4")", R"(,"data":[{"url":"https://cdn.example/a.mp4"}])",
                                 R"(,"result":{"url":"https://cdn.example/a.mp4"})", R"(,"unsigned_urls":["https://cdn.example/a.mp4"])"}) {
            CAPTURE(rest);
            const auto request = source(rest);
            CHECK(request.url == "https://cdn.example/a.mp4");
            CHECK_FALSE(request.credential);
            CHECK(request.headers.empty());
        }
    }
    SECTION("another port or scheme is another origin") {
        for (const auto* url : {"https://host.example:8443/a.mp4", "http://host.example/a.mp4", "https://host.example.evil.example/a.mp4",
                                "https://host.example@evil.example/a.mp4"}) {
            CAPTURE(url);
            CHECK_FALSE(source(R"(,"url":")" + std::string(url) + "\"").credential);
        }
    }
    SECTION("at our origin, also by a relative address: with the key") {
        CHECK(source(R"(,"unsigned_urls":["https://host.example/v1/videos/v1/content?index=0"])").credential);
        const auto request = source(R"(,"url":"/generated/a.mp4")");
        CHECK(request.url == "https://host.example/generated/a.mp4");
        CHECK(request.credential);
    }
    SECTION("an empty url is none") { CHECK(source(R"(,"url":"","data":[])").url == "https://host.example/v1/videos/v1/content"); }
    SECTION("what is no http(s) URL is refused") {
        for (const auto* url : {"file:///etc/passwd", "ftp://host.example/a.mp4", "gopher://x"}) {
            CAPTURE(url);
            const auto told = host.poll(answer(200, R"({"id":"v1","status":"completed","url":")" + std::string(url) + "\"}"));
            REQUIRE_FALSE(told);
            CHECK(told.error().kind == ErrorKind::provider);
        }
    }
}

TEST_CASE("a clip in the answer itself is taken out of it") {
    const Host host(json{{"inline", true}});
    const auto bytes = [&](const std::string& rest) {
        const auto told = host.poll(answer(200, R"({"id":"v1","status":"completed")" + rest + "}"));
        const auto& done = ready(told);
        REQUIRE(done.clips.size() == 1);
        return std::get<backend::Inline>(done.clips[0]);
    };
    CHECK(bytes(R"(,"data":[{"output_format":"mp4","b64_json":"aGVsbG8="}])").bytes == "hello");
    CHECK(bytes(R"(,"result":{"output_format":"webm","mime_type":"video/webm","b64_json":"aGVsbG8="})").media_type == "video/webm");
    CHECK(bytes(R"(,"url":"data:video/x-msvideo;base64,aGVsbG8=")").media_type == "video/x-msvideo");
    CHECK(meaning(host.poll(answer(200, R"({"id":"v1","status":"completed","data":[{"b64_json":"not Base64!"}]})"))) == Means::error);

    const auto most = [](const Host& one) {
        auto step = one.backend->poll(one.backend->adopt("v1"));
        return http::ask(step)->request.most;
    };
    CHECK(most(host) >= std::size_t(100) << 20);
    CHECK(most(Host()) <= std::size_t(8) << 20);
}

TEST_CASE("expiry and price are read where a host tells them") {
    const Host host;
    const auto done = [&](const std::string& rest) { return ready(host.poll(answer(200, R"({"id":"v1","status":"completed")" + rest + "}"))); };
    const auto expected = std::chrono::system_clock::time_point(std::chrono::seconds(1790003720));
    CHECK(done(R"(,"expires_at":1790003720)").expires == expected);
    CHECK(done(R"(,"expires_at":"1790003720")").expires == expected);
    CHECK(done(R"(,"expires_at":1790003720000)").expires == expected);
    for (const auto* rest : {"", R"(,"expires_at":null)", R"(,"expires_at":0)", R"(,"expires_at":-5)", R"(,"expires_at":1e300)", R"(,"expires_at":"soon")"})
        CHECK_FALSE(done(rest).expires);
    CHECK(done(R"(,"usage":{"cost":0.25})").billed == Money{250000});
    for (const auto* rest : {"", R"(,"usage":{"cost":-1})", R"(,"usage":{"cost":1e300})", R"(,"usage":{"cost":"much"})", R"(,"usage":[])"})
        CHECK_FALSE(done(rest).billed);
}

TEST_CASE("a create that comes back complete, or already failed, is over at once") {
    const Host host(json{{"inline", true}});
    auto done = host.submit(answer(200, R"({"id":"v1","status":"completed","data":[{"b64_json":"aGVsbG8="}]})"));
    REQUIRE(done);
    REQUIRE(done->already);
    CHECK(std::holds_alternative<backend::Ready>(*done->already));

    auto failed = host.submit(answer(200, R"({"id":"v1","status":"failed","error":"no worker"})"));
    REQUIRE(failed);
    REQUIRE(failed->already);
    CHECK(std::get<backend::Failed>(*failed->already).reason.message.find("no worker") != std::string::npos);

    auto queued = host.submit({.status = 202, .headers = {{"openai-poll-after-ms", "250"}}, .body = R"({"id":"v1","status":"queued"})", .url = {}});
    REQUIRE(queued);
    REQUIRE(queued->already);
    CHECK(std::get<backend::Rendering>(*queued->already).not_before == std::chrono::milliseconds(250));

    // An id is a receipt, whatever else is wrong with the answer.
    auto odd = host.submit(answer(200, R"({"id":"v1","status":"completed","data":[{"b64_json":"###"}]})"));
    REQUIRE(odd);
    CHECK_FALSE(odd->already);
    CHECK(host.submit(answer(200, R"({"id":"v1"})")));
}

TEST_CASE("long and strange ids stay what they are on the way to the next request") {
    const Host host;
    const auto url = [&](const std::string& id) {
        auto accepted = host.submit(answer(200, json{{"id", id}, {"status", "queued"}}.dump()));
        REQUIRE(accepted);
        auto step = host.backend->poll(accepted->handle);
        return http::ask(step)->request.url;
    };
    CHECK(url("video_" + std::string(900, 'a')) == std::string(base) + "/videos/video_" + std::string(900, 'a'));
    CHECK(url("a/b?c=d#e") == std::string(base) + "/videos/a%2Fb%3Fc%3Dd%23e");
    CHECK(url("../../admin") == std::string(base) + "/videos/..%2F..%2Fadmin");
}

TEST_CASE("an id in a truncated paid answer is told as a hint and not trusted") {
    const Host host;
    const auto lost = host.submit(answer(200, R"({"id": "video_77", "object": "vid)"));
    REQUIRE_FALSE(lost);
    CHECK(lost.error().kind == ErrorKind::unknown);
    CHECK(lost.error().message.find("video_77") != std::string::npos);
}

TEST_CASE("a host that promises that a 503 created nothing is asked again later") {
    const auto busy = answer(503, R"({"error":"loading"})", {{"Retry-After", "5"}});
    const auto silent = Host().submit(busy);
    REQUIRE_FALSE(silent);
    CHECK(silent.error().kind == ErrorKind::unknown);
    const auto promised = Host(json{{"unsent", {503}}}).submit(busy);
    REQUIRE_FALSE(promised);
    CHECK(promised.error().kind == ErrorKind::rate_limited);
    CHECK(promised.error().retry_after == std::chrono::seconds(5));
}

TEST_CASE("every form of error body is quoted with its field, and never with the key") {
    const Host host;
    struct Row {
        const char* body;
        const char* quoted;
    };
    const std::vector<Row> rows = {
        {R"({"error":{"message":"Unknown size","param":"size","code":"invalid_value","type":"x"}})", ": Unknown size (invalid_value, size)"},
        {R"({"error":"plain words"})", ": plain words"},
        {R"({"detail":"plain detail"})", ": plain detail"},
        {R"({"detail":[{"loc":["body","seconds"],"msg":"not a number"},{"loc":["body","size"],"msg":"missing"}]})", ": not a number; missing (seconds)"},
        {R"({"error":{"code":400,"message":"bad"}})", ": bad (400)"},
        {R"({"message":"from a gateway"})", ": from a gateway"},
        {R"({"error":{"message":"bell \u0007 and\nline"}})", ": bell and line"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.body);
        const auto refused = host.submit(answer(400, row.body));
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(refused.error().message == std::string("studio (host.example) refuses the request (400)") + row.quoted);
    }

    // The key may stand where the text is cut: no part of it is shown.
    for (int padding = 270; padding <= 300; ++padding) {
        const auto text = std::string(std::size_t(padding), 'x') + FakeProvider::key;
        for (const auto& body : {json{{"error", {{"message", text}}}}, json{{"detail", text}}}) {
            const auto refused = host.submit(answer(401, body.dump()));
            REQUIRE_FALSE(refused);
            CHECK(refused.error().message.find("sekret") == std::string::npos);
            CHECK(refused.error().message.find("$STUDIO_API_KEY") != std::string::npos);
        }
        const auto failed = host.poll(answer(200, json{{"id", "v1"}, {"status", "failed"}, {"error", text}}.dump()));
        REQUIRE(failed);
        CHECK(std::get<backend::Failed>(*failed).reason.message.find("sekret") == std::string::npos);
    }
    const auto hinted = host.submit(answer(200, R"({"id":")" + std::string(90, 'x') + FakeProvider::key));
    REQUIRE_FALSE(hinted);
    CHECK(hinted.error().message.find("sekret") == std::string::npos);
}

TEST_CASE("an attempt that the provider knows with another body is a bug of ours, not a second try") {
    const Host host(json{{"idempotency_header", "Idempotency-Key"}});
    const auto reused = host.submit(answer(409, R"({"error":{"code":"idempotency_key_reused","message":"x"}})"));
    REQUIRE_FALSE(reused);
    CHECK(reused.error().kind == ErrorKind::bug);
    for (const auto* body : {R"({"error":{"code":"idempotency_key_gone","message":"deleted"}})", R"({"error":{"code":"conflict","message":"x"}})"}) {
        const auto lost = host.submit(answer(409, body));
        REQUIRE_FALSE(lost);
        CHECK(lost.error().kind == ErrorKind::unknown);
    }
}
