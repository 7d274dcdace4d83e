// Fields, searches and cancelling on Ark, beyond the story that all backends tell.
#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

constexpr std::int64_t asked_at = 1795300000;
constexpr const char* read_at = "Sat, 21 Nov 2026 22:27:00 GMT";  // 20 seconds later

const backend::Entry& ark() { return *backend::find_entry("ark"); }

backend::Deps deps(const json& dialect = json::object()) {
    backend::Deps deps;
    deps.base_url = "https://ark.example/api/v3";
    deps.dialect = dialect;
    deps.now = [] { return core::Wall(std::chrono::seconds(asked_at + 20)); };
    return deps;
}

json task(const json& changes = json::object()) {
    json out{{"id", "cgt-1"}, {"model", "seedance"}, {"status", "queued"}, {"created_at", asked_at + 2}, {"resolution", "720p"}, {"ratio", "16:9"},
             {"duration", 5}, {"generate_audio", true}};
    out.merge_patch(changes);
    return out;
}

// Our clock says read_at when a list is read; the server's is told by its Date.
http::Response page(const std::vector<json>& tasks, int total, const std::string& date = read_at) {
    std::vector<http::Header> headers;
    if (date != "none") headers.push_back({"Date", date});
    return {200, headers, json{{"items", tasks}, {"total", total}}.dump(), ""};
}

struct ArkSearch {
    Order order;
    json dialect = json::object();
    std::vector<std::string> urls;

    ArkSearch() {
        order.remote_model = "seedance";
        order.prompt = "a paper boat";
        order.resolution = "720p";
        order.ratio = AspectRatio{16, 9};
        order.seconds = 5;
        order.audio = true;
    }
    Result<backend::Found> with(const std::vector<http::Response>& answers) {
        auto step = ark().make(deps(dialect))->find(order, {JobId{"job"}, "attempt-1", core::Wall(std::chrono::seconds(asked_at))});
        std::size_t next = 0;
        while (const auto* ask = http::ask(step)) {
            urls.push_back(ask->request.url.substr(ask->request.url.find('?')));
            CHECK_FALSE(ask->request.paid);
            REQUIRE(next < answers.size());
            const auto then = ask->then;
            step = then(answers[next++]);
        }
        CHECK(next == answers.size());
        return http::outcome(std::move(step));
    }
    std::size_t candidates(const json& one, const std::string& date = read_at) {
        auto found = with({page({one}, 1, date)});
        REQUIRE(found);
        CHECK(found->possible);
        return found->candidates.size();
    }
};

json body(const json& over, const json& dialect = json::object()) {
    const auto contract = read_contract("ark");
    const auto step = ark().make(deps(dialect))->submit(order_of(contract.document(), over), any_intent());
    REQUIRE(http::ask(step));
    return json::parse(std::get<std::string>(http::ask(step)->request.body));
}

Result<backend::JobState> told(const json& task, const json& dialect = json::object()) {
    auto step = ark().make(deps(dialect))->poll({{{"id", "cgt-1"}}});
    return http::outcome(http::ask(step)->then({200, {}, task.dump(), ""}));
}

}  // namespace

TEST_CASE("ark's request says what sound there is and no watermark, and only what the model knows") {
    CHECK(body({{"audio", false}}) == json{{"model", "dreamina-seedance-2-0-260128"},
                                           {"content", {{{"type", "text"}, {"text", "a paper boat on a pond"}}}},
                                           {"ratio", "16:9"},
                                           {"resolution", "720p"},
                                           {"duration", 5},
                                           {"generate_audio", false},
                                           {"watermark", false}});
    CHECK(body({{"audio", nullptr}}).at("generate_audio") == true);
    CHECK(body({{"seed", 11}}).at("seed") == 11);
    CHECK_FALSE(body({{"model", "seedance-1-0-pro-250528"}, {"audio", false}}).contains("generate_audio"));
    const json images = body({{"images", {{{"role", "first_frame"}}, {{"role", "last_frame"}, {"source", "https://pictures.example/b.jpg"}}}}}).at("content");
    CHECK(images.at(1) == json{{"type", "image_url"}, {"role", "first_frame"}, {"image_url", {{"url", "data:image/png;base64," + core::base64(*png().bytes)}}}});
    CHECK(images.at(2).at("image_url").at("url") == "https://pictures.example/b.jpg");
    for (const auto& over : {json{{"negative_prompt", "text"}}, json{{"camera_motion", "pan"}}}) {
        Case test(ark());
        auto refused = test.submit(test.order(over), any_intent());
        REQUIRE_FALSE(refused);
        CHECK(int(refused.error().kind) == int(ErrorKind::usage));
        CHECK(test.sent.empty());
    }
}

TEST_CASE("ark deletes nothing but what is queued: the record of a finished task leads to its clip") {
    for (const auto* state : {"running", "succeeded", "failed", "a word of tomorrow"}) {
        CAPTURE(state);
        Case test(ark());
        const auto job = test.job();
        test.provider.next("get", {state});
        auto cancelled = walk(test.backend->cancel(job), test.provider);
        REQUIRE_FALSE(cancelled);
        CHECK(int(cancelled.error().kind) == int(ErrorKind::usage));
        CHECK(backend::says_it_renders_on(cancelled.error()) == (state == std::string_view("running")));
        CHECK(test.provider.calls().back() == "get");
    }
    Case test(ark());
    const auto job = test.job();
    test.provider.next("cancel", {"is running"});
    auto late = walk(test.backend->cancel(job), test.provider);
    REQUIRE_FALSE(late);
    CHECK(backend::says_it_renders_on(late.error()));
    test.provider.next("cancel", {"accept"});
    CHECK(walk(test.backend->cancel(job), test.provider));
    CHECK(walk(test.backend->cancel(job), test.provider));  // it already is
    CHECK(test.provider.calls().back() == "get");
}

TEST_CASE("ark finds a lost task by what the list shows of its request") {
    ArkSearch search;
    CHECK(search.candidates(task()) == 1);
    CHECK(search.urls == std::vector<std::string>{"?page_num=1&page_size=500"});
    for (const auto& same : {json{{"created_at", std::to_string(asked_at + 2)}}, json{{"duration", "5"}}, json{{"ratio", "adaptive"}}, json{{"resolution", "720P"}},
                             json{{"resolution", nullptr}}, json{{"generate_audio", nullptr}}, json{{"status", "succeeded"}}, json{{"created_at", asked_at - 50}},
                             json{{"created_at", asked_at + 230}}, json{{"created_at", nullptr}}, json{{"status", "failed"}}}) {
        CAPTURE(same.dump());
        CHECK(ArkSearch().candidates(task(same)) == 1);
    }
    for (const auto& other : {json{{"model", "seedance-fast"}}, json{{"duration", 6}}, json{{"ratio", "9:16"}}, json{{"resolution", "480p"}},
                              json{{"generate_audio", false}}, json{{"status", "cancelled"}}, json{{"created_at", asked_at - 70}},
                              json{{"created_at", asked_at + 250}}, json{{"id", nullptr}}, json{{"id", 7}}}) {
        CAPTURE(other.dump());
        CHECK(ArkSearch().candidates(task(other)) == 0);
    }
    ArkSearch endpoint;
    endpoint.order.remote_model = "ep-20261122";
    CHECK(endpoint.candidates(task()) == 1);
}

TEST_CASE("ark measures the time of a lost task by the server's clock") {
    const auto date = "Mon, 23 Nov 2026 11:06:40 GMT";  // is now, whatever our clock says
    const auto server_now = std::chrono::duration_cast<std::chrono::seconds>(core::parse_http_date(date)->time_since_epoch()).count();
    CHECK(ArkSearch().candidates(task({{"created_at", server_now - 18}}), date) == 1);
    CHECK(ArkSearch().candidates(task({{"created_at", server_now + 400}}), date) == 0);

    auto doubtful = ArkSearch().with({page({task({{"created_at", asked_at - 3600}})}, 1)});
    REQUIRE(doubtful);
    CHECK(doubtful->candidates.empty());
    CHECK(doubtful->doubtful.size() == 1);
    CHECK(doubtful->complete);

    auto timeless = ArkSearch().with({page({}, 0, "none")});
    REQUIRE(timeless);
    CHECK(timeless->possible);
    CHECK_FALSE(timeless->complete);
}

TEST_CASE("ark's list is followed as far as it can help") {
    const json other = task({{"model", "another"}}), old = task({{"id", "cgt-0"}, {"created_at", asked_at - 600}});
    ArkSearch search;
    auto found = search.with({page({other}, 900), page({task()}, 900)});
    REQUIRE(found);
    CHECK(found->candidates.size() == 1);
    CHECK(search.urls.back() == "?page_num=2&page_size=500");

    found = ArkSearch().with({page({task(), old}, 900)});  // newest first: what follows is older
    REQUIRE(found);
    CHECK(found->candidates.size() == 1);
    CHECK(found->complete);

    found = ArkSearch().with({page({old, other}, 900), page({}, 900)});
    REQUIRE(found);
    CHECK(found->candidates.empty());

    found = ArkSearch().with({page({other}, 9000), page({other}, 9000), page({other}, 9000), page({other}, 9000)});
    REQUIRE(found);
    CHECK(found->candidates.empty());
    CHECK_FALSE(found->complete);

    for (const auto& answer : {http::Response{200, {}, "{}", ""}, http::Response{200, {}, "[]", ""}, http::Response{429, {}, "", ""}}) CHECK_FALSE(ArkSearch().with({answer}));
}

TEST_CASE("ark looks for a flex task where flex tasks are listed") {
    ArkSearch search;
    search.order.params = {{"service_tier", "flex"}};
    CHECK(search.candidates(task()) == 1);
    CHECK(search.urls.back() == "?page_num=1&page_size=500&filter.service_tier=flex");
}

TEST_CASE("ark's safety identifier goes along and tells tasks apart where the dialect has one") {
    const json dialect{{"safety_identifier", "0f1e"}};
    CHECK(body(json::object(), dialect).at("safety_identifier") == "0f1e");
    CHECK_FALSE(body(json::object()).contains("safety_identifier"));
    ArkSearch search;
    search.dialect = dialect;
    CHECK(search.candidates(task({{"safety_identifier", "0f1e"}})) == 1);
    CHECK(search.candidates(task({{"safety_identifier", "another"}})) == 0);
    CHECK(search.candidates(task()) == 1);
}

TEST_CASE("ark's bill is tokens by the price that the dialect tells, and only clips are charged") {
    const auto done = task({{"status", "succeeded"}, {"updated_at", asked_at + 90}, {"content", {{"video_url", "https://bucket.example/v.mp4"}}},
                            {"usage", {{"completion_tokens", 108900}}}});
    auto state = told(done, {{"usd_per_million_tokens", 7}});
    REQUIRE(state);
    CHECK(std::get<backend::Ready>(*state).billed == Money{762300});
    CHECK(std::get<backend::Ready>(*state).expires == core::Wall(std::chrono::seconds(asked_at + 90)) + 24h);
    CHECK_FALSE(std::get<http::Request>(std::get<backend::Ready>(*state).clips[0]).credential);
    CHECK(std::get<backend::Ready>(*told(done, {{"usd_per_million_tokens", {{"seedance", 5}, {"seedance 720p", 7}}}})).billed == Money{762300});
    CHECK_FALSE(std::get<backend::Ready>(*told(done, {{"usd_per_million_tokens", {{"another", 7}}}})).billed);
    CHECK_FALSE(std::get<backend::Ready>(*told(done)).billed);
    CHECK(std::get<backend::Failed>(*told(task({{"status", "failed"}}))).billed == Money{});
    CHECK_FALSE(told(task({{"status", "succeeded"}, {"content", nullptr}})));
}

TEST_CASE("ark's dialect is refused where it is wrong, naming the key and what is allowed") {
    for (const auto& [dialect, named] : std::vector<std::pair<json, std::string>>{{{{"tier", "flex"}}, "\"tier\""},
                                                                                 {{{"safety_identifier", ""}}, "1 to 64"},
                                                                                 {{{"safety_identifier", std::string(65, 'x')}}, "1 to 64"},
                                                                                 {{{"usd_per_million_tokens", "7"}}, "a number"},
                                                                                 {{{"usd_per_million_tokens", {{"seedance", -1}}}}, "0 and more"}}) {
        CAPTURE(dialect.dump());
        const auto backend = ark().make(deps(dialect));
        const auto step = backend->submit(Order{}, any_intent());
        REQUIRE(std::holds_alternative<Error>(step));
        CHECK(int(std::get<Error>(step).kind) == int(ErrorKind::usage));
        CHECK(std::get<Error>(step).message.find(named) != std::string::npos);
        CHECK(std::holds_alternative<Error>(backend->poll({{{"id", "cgt-1"}}})));
    }
}
