// What the common story cannot see of fal: addresses, uploads, looking for lost jobs, and its schemas.
#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

struct Fal : Case {
    Fal() : Case(*backend::find_entry("fal")) {}
    Order with_picture(std::size_t bytes) const { return picture_order("fal-ai/wan/v2.7/image-to-video", "image_url", bytes); }

    // The backend with another dialect, or on another host, at another time.
    std::unique_ptr<backend::Backend> with(const json& dialect, bool moved = false, std::chrono::minutes later = 0min) const {
        auto deps = deps_of(provider.contract());
        deps.dialect = dialect;
        deps.moved = moved;
        deps.now = [later] { return std::chrono::system_clock::now() + later; };
        return backend::find_entry("fal")->make(deps);
    }
    backend::Found find(const Order& order, const backend::Backend& by) {
        auto found = walk(by.find(order, any_intent()), provider, &sent);
        INFO(provider.complaint());
        REQUIRE(found);
        return *found;
    }
    void answer(const std::string& endpoint, int status, const json& body, const std::vector<http::Header>& headers = {}) {
        provider.next_raw(endpoint, {status, headers, body.dump()});
    }
};

}  // namespace

TEST_CASE("a job at fal is asked for where its receipt says, and nowhere is built what was given") {
    Fal test;
    const auto job = test.job();
    REQUIRE(test.poll(job));
    REQUIRE(test.sent.size() == 2);
    CHECK(test.sent[0].url == std::string(FakeProvider::default_origin) + "/fal-ai/application-of-it/requests/q-1/status?logs=1");
    CHECK(test.sent[1].url == std::string(FakeProvider::default_origin) + "/fal-ai/application-of-it/requests/q-1");
    test.sent.clear();
    REQUIRE(walk(test.backend->cancel(test.job()), test.provider, &test.sent));
    CHECK(test.sent[0].url == std::string(FakeProvider::default_origin) + "/fal-ai/application-of-it/requests/q-2/cancel");
}

TEST_CASE("P9: fal's key does not follow an address of a job to another host") {
    Fal test;
    auto job = test.job();
    for (const auto* name : {"status_url", "response_url", "cancel_url"}) job.value[name] = "https://queue.elsewhere.example/fal-ai/wan/requests/q-1";
    REQUIRE(test.poll(job));
    for (const auto& request : test.sent) CHECK(http::origin_of(request.url) == FakeProvider::default_origin);
    CHECK(test.sent[0].url == std::string(FakeProvider::default_origin) + "/fal-ai/wan/requests/q-1/status?logs=1");
}

TEST_CASE("a request at fal that the user names needs its model") {
    Fal test;
    test.job();
    const auto adopted = test.backend->adopt("q-1", test.order());
    CHECK(test.poll(adopted));
    CHECK(test.sent.front().url == std::string(FakeProvider::default_origin) + "/fal-ai/wan/requests/q-1/status?logs=1");
    auto unknown = test.poll(test.backend->adopt("q-1"));
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().kind == ErrorKind::usage);
    auto nowhere = test.poll(test.backend->adopt("../q-1", test.order()));
    REQUIRE(nowhere);
    CHECK(std::holds_alternative<backend::Gone>(*nowhere));
    CHECK(test.sent.back().url.find("..%2Fq-1") != std::string::npos);
}

TEST_CASE("a small picture goes to fal inside of the request, a large one is uploaded before it, without the key") {
    Fal test;
    REQUIRE(test.submit(test.with_picture(1000), any_intent()));
    CHECK(test.sent.size() == 1);
    CHECK(body_of(test.sent[0])["image_url"].get<std::string>().starts_with("data:image/png;base64,"));
    test.sent.clear();

    REQUIRE(test.submit(test.with_picture(3 << 20), any_intent()));
    INFO(test.provider.complaint());
    REQUIRE(test.sent.size() == 3);
    CHECK(test.provider.calls() == std::vector<std::string>{"create", "initiate upload", "store", "create"});
    CHECK(test.sent[0].credential);
    CHECK_FALSE(test.sent[1].credential);
    CHECK(std::get<std::string>(test.sent[1].body).size() == 3 << 20);
    CHECK(body_of(test.sent[2])["image_url"] == "https://v3.fal.media/files/u1/frame.png");
    CHECK(test.paid_requests() == 1);
    CHECK(test.provider.leaks().empty());
}

TEST_CASE("nothing is ordered at fal where the upload of a picture fails, and a wish without a field is refused before it") {
    Fal test;
    test.answer("store", 503, "busy");
    auto busy = test.submit(test.with_picture(3 << 20), any_intent());
    REQUIRE_FALSE(busy);
    CHECK(busy.error().kind == ErrorKind::rate_limited);
    CHECK(test.paid_requests() == 0);
    test.sent.clear();

    auto order = test.with_picture(3 << 20);
    order.seed = 7;
    auto refused = test.submit(order, any_intent());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::usage);
    CHECK(refused.error().message == "fal-ai/wan/v2.7/image-to-video has no field for the seed");
    CHECK(test.sent.empty());

    order.form.clear();
    auto formless = test.submit(order, any_intent());
    REQUIRE_FALSE(formless);
    CHECK(formless.error().message.find("shotwire models show studio:fal-ai/wan/v2.7/image-to-video --refresh") != std::string::npos);
    CHECK(test.sent.empty());
}

TEST_CASE("an upload to a place that is not public gets no picture") {
    Fal test;
    test.answer("initiate upload", 200, {{"upload_url", "http://127.0.0.1/steal"}, {"file_url", "https://v3.fal.media/files/u1/frame.png"}});
    auto refused = test.submit(test.with_picture(3 << 20), any_intent());
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::provider);
    CHECK(test.sent.size() == 1);
}

TEST_CASE("a lost request is found at fal among others that differ in one thing alone") {
    Fal test;
    for (const json& other : {json{{"seed", 8}}, json{{"seconds", 6}}, json{{"ratio", "16:9"}}, json{{"resolution", "1080p"}}, json{{"prompt", "another prompt"}},
                              json{{"negative_prompt", "rain"}}}) {
        json wishes = {{"seed", 7}, {"negative_prompt", "text"}};
        wishes.update(other);
        REQUIRE(test.submit(test.order(wishes), any_intent()));
    }
    const auto order = test.order({{"seed", 7}, {"negative_prompt", "text"}});
    test.provider.next("create", {"accept and drop"});
    REQUIRE_FALSE(test.submit(order, any_intent()));
    test.sent.clear();
    const auto found = test.find(order, *test.backend);
    REQUIRE(found.candidates.size() == 1);
    CHECK(test.backend->remote_id(found.candidates[0]) == "q-7");
    CHECK(test.sent[0].url.starts_with(FakeProvider::cdn_of(FakeProvider::default_origin) + "/v1/models/requests/by-endpoint?endpoint_id=fal-ai%2Fwan%2Fv2.7%2Ftext-to-video&start="));
    CHECK(test.poll(found.candidates[0]));
}

TEST_CASE("fal's list leaves out what still renders: only long after the submit does it prove anything") {
    Fal test;
    test.job();
    const auto dialect = deps_of(test.provider.contract()).dialect;
    const auto order = test.order({{"prompt", "never sent"}});
    CHECK_FALSE(test.find(order, *test.backend).complete);
    CHECK(test.find(order, *test.with(dialect, false, 3h)).complete);
}

TEST_CASE("fal's list is read page by page, its other times are doubtful, and an entry without a payload is nobody's") {
    Fal test;
    const auto order = test.order();
    const auto entry = [&](const std::string& id, std::chrono::minutes after, const json& input) {
        return json{{"request_id", id}, {"endpoint_id", order.remote_model}, {"sent_at", core::iso_time(std::chrono::system_clock::now() + after)}, {"json_input", input}};
    };
    const json input = {{"prompt", order.prompt}, {"duration", 5}, {"aspect_ratio", "1:1"}, {"resolution", "720p"}};
    test.answer("list", 200, {{"items", {entry("q-a", 0min, input), entry("q-b", 0min, nullptr)}}, {"next_cursor", "c2"}, {"has_more", true}});
    auto step = test.backend->find(order, any_intent());
    REQUIRE(http::ask(step));
    auto next = http::ask(step)->then(response_of(http::ask(step)->request, test.provider.answer(see(http::ask(step)->request))));
    REQUIRE(http::ask(next));
    CHECK(http::ask(next)->request.url.ends_with("&cursor=c2"));
    test.answer("list", 200, {{"items", {entry("q-c", -40min, input), entry("q-d", 0min, {{"prompt", order.prompt}})}}, {"next_cursor", nullptr}, {"has_more", false}});
    auto found = walk(std::move(next), test.provider);
    REQUIRE(found);
    REQUIRE(found->candidates.size() == 1);
    CHECK(test.backend->remote_id(found->candidates[0]) == "q-a");
    REQUIRE(found->doubtful.size() == 1);
    CHECK(test.backend->remote_id(found->doubtful[0]) == "q-c");
}

TEST_CASE("a picture in fal's list may be cut short or lie at an address of theirs, but not be another one") {
    Fal test;
    const auto order = test.with_picture(1000);
    const auto uri = "data:image/png;base64," + core::base64(std::string(1000, 'x'));
    const auto candidates = [&](const std::string& picture) {
        const json input = {{"prompt", order.prompt}, {"duration", 5}, {"resolution", "720p"}, {"image_url", picture}};
        test.answer("list", 200, {{"items", {{{"request_id", "q-a"}, {"json_input", input}}}}, {"has_more", false}});
        return test.find(order, *test.backend).candidates.size();
    };
    CHECK(candidates(uri) == 1);
    CHECK(candidates(uri.substr(0, 100) + "...") == 1);
    CHECK(candidates("https://v3.fal.media/files/copy.png") == 1);
    CHECK(candidates("data:image/png;base64," + core::base64(std::string(1000, 'y'))) == 0);
}

TEST_CASE("a failure at fal's result ends the job where the model tells it, and not where the way there is broken") {
    Fal test;
    const auto job = test.job();
    test.answer("result", 500, {{"detail", "made-up text"}, {"error_type", "runner_server_error"}}, {{"X-Fal-Error-Type", "runner_server_error"}});
    auto told = test.poll(job);
    REQUIRE(told);
    REQUIRE(std::holds_alternative<backend::Failed>(*told));
    CHECK(std::get<backend::Failed>(*told).billed == Money{});
    test.answer("result", 502, "bad gateway");
    CHECK_FALSE(test.poll(job));
    test.answer("result", 200, {{"images", json::array()}});
    CHECK_FALSE(test.poll(job));
}

TEST_CASE("what fal has rendered already cannot be cancelled, and that is said") {
    Fal test;
    const auto job = test.job();
    test.provider.next("status", {"completed"});
    REQUIRE(test.poll(job));
    auto late = walk(test.backend->cancel(job), test.provider);
    REQUIRE_FALSE(late);
    CHECK(late.error().kind == ErrorKind::usage);
}

TEST_CASE("a running job that fal was asked to cancel is not taken for cancelled") {
    Fal test;
    const auto job = test.job();
    for (const auto& [status, word] : {std::pair(202, "CANCELLATION_REQUESTED"), std::pair(404, "NOT_FOUND")}) {
        test.answer("cancel", status, {{"status", word}});
        auto asked = walk(test.backend->cancel(job), test.provider);
        REQUIRE_FALSE(asked);
        CHECK(int(asked.error().kind) == int(ErrorKind::pending));
        CHECK(asked.error().message.find("may still render to its end") != std::string::npos);
    }
    test.answer("cancel", 200, {{"status", "CANCELLED"}});
    CHECK(walk(test.backend->cancel(job), test.provider));
}

TEST_CASE("a host of the user's own in fal's place gets no other host's help, and fal's hosts never its key") {
    Fal test;
    const auto own = test.with(json::object(), true);
    const auto order = test.with_picture(3 << 20);
    REQUIRE(walk(own->submit(order, any_intent()), test.provider, &test.sent));
    CHECK(test.sent.size() == 1);
    auto found = walk(own->find(order, any_intent()), test.provider);
    REQUIRE(found);
    CHECK_FALSE(found->possible);
    CHECK_FALSE(own->describes());
}

TEST_CASE("a dialect of fal with an unknown key or no URL is refused by name") {
    Fal test;
    for (const auto& [dialect, word] : std::vector<std::pair<json, std::string>>{{{{"platform", "x"}}, "\"platform\""},
                                                                                {{{"platform_url", "api.fal.ai"}}, "\"platform_url\""},
                                                                                {{{"upload_url", 5}}, "\"upload_url\""},
                                                                                {{{"schema_url", "https://me:secret@fal.ai"}}, "\"schema_url\""}}) {
        auto refused = walk(test.with(dialect)->submit(test.order(), any_intent()), test.provider, &test.sent);
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(refused.error().message.find(word) != std::string::npos);
        CHECK(test.sent.empty());
    }
}

TEST_CASE("an id that is no model's path never becomes part of a URL at fal") {
    Fal test;
    for (const auto* id : {"veo", "fal-ai/../secrets", "fal-ai//veo", "fal-ai/veo?x=1", "/fal-ai/veo", "fal-ai/veo/", "fal-ai/ve o", ""}) {
        CAPTURE(id);
        auto order = test.order();
        order.remote_model = id;
        auto refused = test.submit(order, any_intent());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(test.sent.empty());
    }
}

TEST_CASE("fal's schema is read without the key, and becomes a row") {
    Fal test;
    REQUIRE(test.backend->describes());
    auto row = walk(test.backend->describe("studio/described"), test.provider, &test.sent);
    INFO(test.provider.complaint());
    REQUIRE(row);
    CHECK(test.provider.leaks().empty());
    CHECK_FALSE(test.sent[0].credential);
    CHECK((*row)["id"] == "studio:studio/described");
    CHECK((*row)["routes"][0]["form"]["seconds"] == json{{"name", "duration"}, {"as", "string"}, {"suffix", "s"}});

    auto order = test.order({{"model", "studio/described"}, {"ratio", "16:9"}, {"resolution", nullptr}, {"audio", nullptr}});
    order.form = (*row)["routes"][0]["form"].dump();
    CHECK(test.submit(order, any_intent()));

    test.answer("schema", 404, {{"detail", "made-up text"}});
    auto none = walk(test.backend->describe("studio/nothing"), test.provider);
    REQUIRE_FALSE(none);
    CHECK(none.error().kind == ErrorKind::usage);
}
