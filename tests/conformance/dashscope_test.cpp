// Wan on Model Studio: the temporary store, times without a zone, a lost task among others, and a cancel that comes too late.
#include "backend/dashscope/task.hpp"

#include <ctime>

#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace shotwire::backend::dashscope;

namespace {

using Calls = std::vector<std::string>;

std::string http_date(std::time_t time) {
    char text[40];
    const auto length = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&time));
    return {text, length};
}

struct Wan : Case {
    Wan() : Case(*backend::find_entry("dashscope")) {}

    Order with_picture(std::size_t bytes) const {
        auto made = order({{"model", "wan2.7-i2v"}, {"ratio", nullptr}});
        made.images = {png()};
        made.images[0].bytes = std::make_shared<const std::string>(bytes, 'p');
        return made;
    }
    std::string refusal(const json& over) {
        auto accepted = submit(order(over), any_intent());
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(ErrorKind::usage));
        CHECK(sent.empty());
        return accepted.error().message;
    }
    // As over the wire: each answer bears the provider's time.
    backend::Found look(std::chrono::minutes ago = {}) {
        auto intent = any_intent();
        intent.at -= ago;
        auto step = backend->find(order(), intent);
        while (const auto* ask = http::ask(step)) {
            sent.push_back(ask->request);
            auto response = response_of(ask->request, provider.answer(see(ask->request)));
            response.headers.push_back({"Date", date});
            const auto then = ask->then;
            step = then(response);
        }
        auto found = http::outcome(std::move(step));
        INFO(provider.complaint());
        REQUIRE(found);
        return *found;
    }
    Result<Ok> cancel(const backend::Handle& handle) { return walk(backend->cancel(handle), provider, &sent); }

    std::string date = http_date(std::time(nullptr));
};

std::string header_of(const http::Request& request, const std::string& name) { return see(request).header(name); }

core::Wall at(const char* iso) { return *core::parse_iso_time(iso); }

}  // namespace

TEST_CASE("Wan gets a small picture within the request, and a large one from its temporary store") {
    Wan small;
    REQUIRE(small.submit(small.with_picture(7'000'000), any_intent()));
    CHECK(small.provider.calls() == Calls{"create"});
    CHECK(header_of(small.sent.at(0), "X-DashScope-OssResourceResolve").empty());

    Wan large;
    auto accepted = large.submit(large.with_picture(8'000'000), any_intent());
    INFO(large.provider.complaint());
    REQUIRE(accepted);
    CHECK(large.provider.calls() == Calls{"policy", "store", "create"});
    CHECK(large.sent.at(0).url.ends_with("/api/v1/uploads?action=getPolicy&model=wan2.7-i2v"));
    CHECK_FALSE(large.sent.at(1).credential);
    CHECK(header_of(large.sent.at(2), "X-DashScope-OssResourceResolve") == "enable");
    CHECK(large.provider.book().at(0).fields["input"]["media"] ==
          json::parse(R"([{"type":"first_frame","url":"oss://dashscope-instant/d1/first_frame-ab12.png"}])"));
    CHECK(large.provider.leaks().empty());
}

TEST_CASE("an upload to Wan's store that fails orders nothing, and is waited for where it may pass") {
    for (const auto& [endpoint, status, kind] : {std::tuple("store", 403, ErrorKind::provider), {"store", 503, ErrorKind::rate_limited},
                                                 {"policy", 429, ErrorKind::rate_limited}, {"policy", 200, ErrorKind::provider}}) {
        CAPTURE(endpoint, status);
        Wan test;
        test.provider.next_raw(endpoint, {status, {}, "{}"});
        auto accepted = test.submit(test.with_picture(8'000'000), any_intent());
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(kind));
        CHECK(test.paid_requests() == 0);
    }
}

TEST_CASE("Wan's prompt is sent as it is composed, and a raw parameter lands among the parameters") {
    Wan test;
    REQUIRE(test.submit());
    CHECK(test.provider.book()[0].fields ==
          json::parse(R"({"model":"wan2.7-t2v","input":{"prompt":"fog rolls over a pine ridge at dawn"},
                          "parameters":{"resolution":"1080P","ratio":"16:9","duration":5,"prompt_extend":false,"watermark":false}})"));
    REQUIRE(test.submit(test.order({{"params", {{"prompt_extend", "true"}, {"/input/audio_url", "https://sounds.example/a.mp3"}}}}), any_intent()));
    CHECK(test.provider.book()[1].fields["parameters"]["prompt_extend"] == true);
    CHECK(test.provider.book()[1].fields["input"]["audio_url"] == "https://sounds.example/a.mp3");
}

TEST_CASE("a wish that Wan has no field for is refused before anything is sent") {
    Wan test;
    CHECK(test.refusal({{"audio", false}}).find("the sound") != std::string::npos);
    CHECK(test.refusal({{"fps", 24}}).find("the frame rate") != std::string::npos);
    CHECK(test.refusal({{"camera_motion", "dolly_in"}}).find("camera") != std::string::npos);
    CHECK(test.refusal({{"images", {{{"role", "first_frame"}}}}}).find("the aspect ratio") != std::string::npos);
    CHECK(test.refusal({{"ratio", nullptr}, {"resolution", nullptr}, {"size", "1280x720"}}).find("size") != std::string::npos);
}

TEST_CASE("a time of Wan's without a zone is read as UTC and as UTC+8, a number as milliseconds") {
    CHECK(readings_of("2026-11-22 10:00:00.000") == std::vector{at("2026-11-22T02:00:00Z"), at("2026-11-22T10:00:00Z")});
    CHECK(readings_of(1795341600000) == std::vector{at("2026-11-22T10:00:00Z")});
    for (const auto& nothing : {json("soon"), json(""), json(), json(7), json(1e300), json::array()}) CHECK(readings_of(nothing).empty());
}

TEST_CASE("the window of a lost task goes by the provider's clock") {
    const auto sent = at("2026-11-22T10:00:00Z"), now = at("2026-11-22T10:01:00Z");
    // Its clock is an hour before ours.
    const auto window = Window::around(sent, now, {200, {{"Date", "Sun, 22 Nov 2026 09:01:00 GMT"}}, "", ""});
    CHECK(window.holds("2026-11-22 09:00:05.000"));
    CHECK(window.holds("2026-11-22 17:00:05.000"));
    CHECK(window.holds(json()));
    CHECK_FALSE(window.holds("2026-11-22 10:00:05.000"));
    CHECK_FALSE(window.holds("2026-11-22 08:59:00.000"));
    CHECK_FALSE(window.holds("2026-11-22 09:06:00.000"));
    const auto wide = Window::around(sent, now, {});
    CHECK(wide.holds("2026-11-22 10:14:00.000"));
    CHECK_FALSE(wide.holds("2026-11-22 10:16:00.000"));
    CHECK(wide.holds("2026-11-22 10:16:00.000", std::chrono::minutes(2)));
    CHECK((window.sure && !wide.sure));
}

TEST_CASE("a lost task of Wan's is told from others by model, prompt, length, resolution and ratio") {
    Wan test;
    const auto order = test.order();
    CHECK(same_model({{"model_name", "wan2.7-t2v"}}, order));
    CHECK(same_model({{"model_name", "wan2.7-t2v-2026-06-12"}}, order));
    CHECK(same_model(json::object(), order));
    CHECK_FALSE(same_model({{"model_name", "wan2.7-i2v"}}, order));

    const json ours{{"output", {{"task_status", "SUCCEEDED"}, {"orig_prompt", order.prompt}}},
                    {"usage", {{"output_video_duration", "5"}, {"SR", 1080}, {"ratio", "16:9"}}}};
    CHECK(matches(ours, order) == true);
    const auto other = [&](const json& change) {
        auto reply = ours;
        reply.merge_patch(change);
        return matches(reply, order);
    };
    CHECK(other({{"usage", nullptr}}) == true);
    CHECK(other({{"output", {{"orig_prompt", "another"}}}}) == false);
    CHECK(other({{"output", {{"task_status", "UNKNOWN"}}}}) == false);
    CHECK(other({{"usage", {{"output_video_duration", 10}}}}) == false);
    CHECK(other({{"usage", {{"SR", "720"}}}}) == false);
    CHECK(other({{"usage", {{"ratio", "9:16"}}}}) == false);
    CHECK(other({{"output", {{"orig_prompt", nullptr}, {"task_status", "RUNNING"}}}}) == std::nullopt);
}

TEST_CASE("a lost task of Wan's that does not tell its prompt yet is neither taken nor given up") {
    Wan test;
    test.provider.next("create", {"accept and drop"});
    REQUIRE_FALSE(test.submit());
    test.provider.next("retrieve", {"RUNNING"});
    auto found = test.look();
    CHECK(found.possible);
    CHECK_FALSE(found.complete);
    CHECK(found.candidates.empty());
    test.provider.next("retrieve", {"SUCCEEDED"});
    found = test.look();
    CHECK(found.complete);
    REQUIRE(found.candidates.size() == 1);
    CHECK(test.backend->remote_id(found.candidates[0]) == "task-1");
}

TEST_CASE("a task of Wan's that is the lost one by all but its time is doubtful, one of another day is not") {
    Wan test;
    REQUIRE(test.submit());
    auto found = test.look(std::chrono::minutes(30));
    CHECK(found.candidates.empty());
    CHECK(found.doubtful.size() == 1);
    test.sent.clear();
    found = test.look(std::chrono::minutes(180));
    CHECK((found.candidates.empty() && found.doubtful.empty()));
    CHECK(test.sent.size() == 1);
}

TEST_CASE("Wan's list is read to its end, and a list that cannot be asked decides nothing") {
    Wan test;
    test.provider.next("create", {"accept and drop"});
    REQUIRE_FALSE(test.submit());
    test.provider.next("create", {"accept"});
    for (int i = 0; i < 100; ++i) REQUIRE(test.submit(test.with_picture(3), any_intent()));
    test.sent.clear();
    auto found = test.look();
    CHECK(found.complete);
    CHECK(found.candidates.size() == 1);
    CHECK(test.sent.size() == 3);
    CHECK(test.sent.at(1).url.ends_with("/api/v1/tasks/?page_no=2&page_size=100"));

    test.date.clear();
    CHECK_FALSE(test.look().complete);
    test.provider.next("list", {"invalid parameter"});
    CHECK_FALSE(test.look().possible);
}

TEST_CASE("Wan cancels what waits, of what runs already it is said that it renders to its end") {
    Wan waits;
    const auto job = waits.job();
    CHECK(waits.cancel(job));

    Wan runs;
    const auto running = runs.job();
    runs.provider.next("retrieve", {"RUNNING"});
    REQUIRE(runs.poll(running));
    auto late = runs.cancel(running);
    REQUIRE_FALSE(late);
    CHECK(int(late.error().kind) == int(ErrorKind::usage));
    CHECK(backend::says_it_renders_on(late.error()));
    CHECK(late.error().message.find("this one renders to its end") != std::string::npos);
    // It may also say yes and render on.
    runs.provider.next_raw("cancel", {200, {}, R"({"request_id":"r"})"});
    late = runs.cancel(running);
    REQUIRE_FALSE(late);
    CHECK(int(late.error().kind) == int(ErrorKind::usage));
}

TEST_CASE("Wan's link ends when its signature does, else a day after the task") {
    Wan test;
    const auto job = test.job();
    const auto expires = [&](const char* url) {
        const json reply{{"output", {{"task_status", "SUCCEEDED"}, {"video_url", url}, {"end_time", "2026-11-22 18:00:00.000"}}}};
        test.provider.next_raw("retrieve", {200, {}, reply.dump()});
        auto told = test.poll(job);
        REQUIRE(told);
        return std::get<backend::Ready>(*told).expires;
    };
    CHECK(expires("https://store.example/t.mp4?Expires=1795341600&Signature=s") == at("2026-11-22T10:00:00Z"));
    CHECK(expires("https://store.example/t.mp4?sig=x") == at("2026-11-23T10:00:00Z"));
}
