// Looking for a job whose answer was lost, and cancelling.
#include <catch2/catch.hpp>
#include <spdlog/fmt/fmt.h>

#include <ctime>

#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

constexpr std::int64_t sent_at = 1790000000;

struct Lost {
    Lost() {
        order.remote_model = "sora-2";
        order.prompt = "a paper boat";
        order.seconds = 8;
        order.size = Size{1280, 720};
        intent.at = std::chrono::system_clock::time_point(std::chrono::seconds(sent_at));
    }
    std::unique_ptr<backend::Backend> make(json dialect = json::object()) const {
        backend::Deps deps;
        deps.base_url = "https://host.example/v1";
        deps.dialect = std::move(dialect);
        deps.now = [at = looked_at] { return std::chrono::system_clock::time_point(std::chrono::seconds(at)); };
        return backend::find_entry("openai")->make(deps);
    }
    // The lists are answered one after the other; what was asked is kept.
    Result<backend::Found> find(const std::vector<http::Response>& answers) {
        auto step = make()->find(order, intent);
        std::size_t next = 0;
        while (const auto* ask = http::ask(step)) {
            urls.push_back(ask->request.url);
            CHECK_FALSE(ask->request.paid);
            REQUIRE(next < answers.size());
            const auto then = ask->then;
            step = then(answers[next++]);
        }
        CHECK(next == answers.size());
        return http::outcome(std::move(step));
    }
    std::vector<std::string> ids(const std::vector<json>& jobs) {
        auto found = find({{200, {}, json{{"object", "list"}, {"data", jobs}}.dump(), ""}});
        REQUIRE(found);
        CHECK(found->possible);
        std::vector<std::string> out;
        for (const auto& handle : found->candidates) out.push_back(make()->remote_id(handle));
        return out;
    }

    std::int64_t looked_at = sent_at + 10;  // by our clock
    Order order;
    backend::Intent intent{JobId{"job"}, "attempt-1", {}};
    std::vector<std::string> urls;
};

json job(const json& changes = json::object()) {
    json out{{"id", "v1"}, {"model", "sora-2"}, {"prompt", "a paper boat"}, {"seconds", "8"}, {"size", "1280x720"}, {"created_at", sent_at + 1},
             {"status", "queued"}, {"remixed_from_video_id", nullptr}};
    out.merge_patch(changes);
    return out;
}

// `date`: the host's clock; none: it does not say.
http::Response page(const std::vector<json>& jobs, bool more, std::optional<std::int64_t> date = sent_at + 10) {
    http::Response response{200, {}, json{{"data", jobs}, {"has_more", more}}.dump(), ""};
    if (date) {
        const std::time_t time = *date;
        char text[64];
        std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", std::gmtime(&time));
        response.headers.push_back({"Date", text});
    }
    return response;
}

using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("a lost job is found by what it was asked for and when") {
    Lost lost;
    CHECK(lost.ids({job()}) == Ids{"v1"});
    CHECK(lost.urls == Ids{"https://host.example/v1/videos?limit=100&order=desc"});
    CHECK(lost.ids({}).empty());
    CHECK(lost.ids({job(), job({{"id", "v2"}})}) == Ids{"v1", "v2"});

    for (const auto& other : {json{{"model", "sora-2-pro"}}, json{{"prompt", "another boat"}}, json{{"seconds", "4"}}, json{{"size", "720x1280"}},
                              json{{"created_at", sent_at - 121}}, json{{"created_at", sent_at + 901}}, json{{"remixed_from_video_id", "v0"}},
                              json{{"id", 17}}, json{{"id", nullptr}}}) {
        CAPTURE(other.dump());
        CHECK(lost.ids({job(other)}).empty());
    }
    for (const auto& same : {json{{"model", "sora-2-2025-12-08"}}, json{{"prompt", nullptr}}, json{{"seconds", 8}}, json{{"seconds", 8.0}},
                             json{{"size", ""}}, json{{"created_at", sent_at - 100}}, json{{"created_at", sent_at * 1000}},
                             json{{"created_at", nullptr}}, json{{"model", nullptr}}, json{{"status", "failed"}}}) {
        CAPTURE(same.dump());
        CHECK(lost.ids({job(same)}) == Ids{"v1"});
    }
}

TEST_CASE("the list is followed page by page, and no further than it can help") {
    SECTION("while there is more") {
        Lost lost;
        auto found = lost.find({page({job({{"id", "v3"}, {"prompt", "x"}}), job({{"id", "v/2"}})}, true), page({job()}, false)});
        REQUIRE(found);
        CHECK(found->candidates.size() == 2);
        CHECK(lost.urls[1] == "https://host.example/v1/videos?limit=100&order=desc&after=v%2F2");
    }
    SECTION("not past what is older than the request") {
        Lost lost;
        CHECK(lost.find({page({job(), job({{"id", "v0"}, {"created_at", sent_at - 500}})}, true)}));
    }
    SECTION("at most five pages") {
        Lost lost;
        std::vector<http::Response> pages;
        for (int i = 0; i < 5; ++i) pages.push_back(page({job({{"id", fmt::format("v{}", i)}})}, true));
        auto found = lost.find(pages);
        REQUIRE(found);
        CHECK(found->candidates.size() == 5);
    }
    SECTION("five pages that do not reach back to the request prove nothing") {
        Lost lost;
        std::vector<http::Response> pages;
        for (int i = 0; i < 5; ++i) pages.push_back(page({job({{"prompt", "x"}, {"id", fmt::format("v{}", i)}})}, true));
        auto found = lost.find(pages);
        REQUIRE(found);
        CHECK(found->candidates.empty());
        CHECK(found->possible);
        CHECK_FALSE(found->complete);
    }
    SECTION("a list that does not move on ends") {
        Lost lost;
        auto found = lost.find({page({job({{"prompt", "x"}})}, true), page({job({{"prompt", "x"}})}, true)});
        REQUIRE(found);
        CHECK_FALSE(found->complete);
    }
    SECTION("an empty page that promises more ends") {
        Lost lost;
        auto found = lost.find({page({}, true)});
        REQUIRE(found);
        CHECK_FALSE(found->complete);
    }
    SECTION("a full list that says nothing of more may have it") {
        Lost lost;
        auto full = page(std::vector<json>(100, job({{"prompt", "x"}})), false);
        full.body = json{{"data", std::vector<json>(100, job({{"prompt", "x"}}))}}.dump();
        auto found = lost.find({full});
        REQUIRE(found);
        CHECK_FALSE(found->complete);
    }
}

TEST_CASE("a wrong clock here neither hides a paid job nor proves that there is none") {
    Lost lost;
    SECTION("three minutes fast: the host's Date sets it right") {
        lost.looked_at = sent_at + 10;
        const auto really = sent_at - 180;
        auto found = lost.find({page({job({{"created_at", really + 1}}), job({{"id", "v0"}, {"created_at", really - 500}, {"prompt", "x"}})}, true, really + 10)});
        REQUIRE(found);
        CHECK(found->candidates.size() == 1);
    }
    SECTION("fast at the submit, set right before the look: told as doubtful") {
        lost.looked_at = sent_at;
        auto found = lost.find({page({job({{"created_at", sent_at - 3600}})}, false, sent_at)});
        REQUIRE(found);
        CHECK(found->candidates.empty());
        CHECK(found->doubtful.size() == 1);
    }
    SECTION("a job of another day is none of ours") {
        auto found = lost.find({page({job({{"created_at", sent_at - 90'000}})}, false)});
        REQUIRE(found);
        CHECK(found->doubtful.empty());
        CHECK(found->complete);
    }
    SECTION("a host that does not tell its time proves nothing by a list without it") {
        auto found = lost.find({page({}, false, std::nullopt)});
        REQUIRE(found);
        CHECK(found->possible);
        CHECK_FALSE(found->complete);
    }
    SECTION("one that does proves it") {
        auto found = lost.find({page({}, false)});
        REQUIRE(found);
        CHECK(found->complete);
    }
}

TEST_CASE("a host without a list says so, one that fails is no host without jobs") {
    for (const int status : {404, 405, 501}) {
        Lost lost;
        auto found = lost.find({{status, {}, "", ""}});
        REQUIRE(found);
        CHECK_FALSE(found->possible);
    }
    for (const auto& answer : {http::Response{500, {}, "", ""}, http::Response{200, {}, "[]", ""}, http::Response{200, {}, "{}", ""},
                               http::Response{200, {}, "<html>", ""}, http::Response{401, {}, "", ""}}) {
        CAPTURE(answer.status, answer.body);
        Lost lost;
        CHECK_FALSE(lost.find({answer}));
    }
    Lost lost;
    auto step = lost.make({{"find", false}})->find(lost.order, lost.intent);
    REQUIRE(std::holds_alternative<backend::Found>(step));
    CHECK_FALSE(std::get<backend::Found>(step).possible);
}

TEST_CASE("a job is cancelled only where deleting cancels") {
    Lost lost;
    const backend::Handle handle = lost.make()->adopt("v1");
    auto refused = lost.make()->cancel(handle);
    REQUIRE(std::holds_alternative<Error>(refused));
    CHECK(std::get<Error>(refused).kind == ErrorKind::usage);
    CHECK(backend::says_it_renders_on(std::get<Error>(refused)));

    auto step = lost.make({{"cancel", "delete"}})->cancel(handle);
    const auto* ask = http::ask(step);
    REQUIRE(ask);
    CHECK(ask->request.method == "DELETE");
    CHECK(ask->request.url == "https://host.example/v1/videos/v1");
    CHECK_FALSE(ask->request.paid);
    CHECK(http::outcome(ask->then({200, {}, R"({"id":"v1","object":"video.deleted","deleted":true})", ""})));
    CHECK(http::outcome(ask->then({404, {}, R"({"detail":"not found"})", ""})));
    CHECK_FALSE(http::outcome(ask->then({409, {}, R"({"detail":"still cancelling"})", ""})));
}
