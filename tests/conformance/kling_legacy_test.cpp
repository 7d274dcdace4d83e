// Keys of two parts, tasks under kinds, camera control: what only the generation before has.
#include "conformance/case.hpp"
#include "core/jwt.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::chrono_literals;

namespace {

const backend::Entry& legacy() { return *backend::find_entry("kling-legacy"); }

// A backend with a clock of ours.
struct Clocked {
    std::shared_ptr<core::Wall> time = std::make_shared<core::Wall>(core::Wall(1795300000s));
    std::unique_ptr<backend::Backend> backend;

    explicit Clocked(const std::string& key = "access-key:secret-key") {
        backend::Deps deps;
        deps.base_url = "https://api.studio.example";
        deps.credential.key = core::Key(key);
        deps.now = [time = time] { return *time; };
        backend = legacy().make(deps);
    }
    std::string token() const {
        const auto step = backend->poll(backend->adopt("1"));
        return http::ask(step)->request.credential->key.expose();
    }
};

json claims_of(const std::string& token) {
    auto text = core::split(token, '.').at(1);
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    return json::parse(*core::from_base64(text));
}

json paid(const json& over) {
    Case test(legacy());
    auto accepted = test.submit(test.order(over), any_intent());
    INFO(test.provider.complaint());
    INFO((accepted ? "" : accepted.error().message));
    REQUIRE(accepted);
    return test.provider.book().back().fields;
}

std::string answer(const json& data) { return json{{"code", 0}, {"data", data}}.dump(); }

// Walks a search through answers of ours.
struct LegacySearch {
    std::vector<std::string> urls;
    Result<backend::Found> with(const std::vector<http::Response>& answers) {
        Order order;
        order.remote_model = "kling-v3";
        auto step = Clocked().backend->find(order, any_intent("mine"));
        std::size_t next = 0;
        while (const auto* ask = http::ask(step)) {
            urls.push_back(ask->request.url.substr(std::string("https://api.studio.example/v1/videos/").size()));
            REQUIRE(next < answers.size());
            const auto then = ask->then;
            step = then(answers[next++]);
        }
        CHECK(next == answers.size());
        return http::outcome(std::move(step));
    }
};

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("kling-legacy signs a JWT with the secret key, good for half an hour and made anew before its end") {
    Clocked clocked;
    const auto token = clocked.token();
    CHECK(token == core::hs256({{"iss", "access-key"}, {"exp", 1795300000 + 1800}, {"nbf", 1795300000 - 5}}, "secret-key"));
    CHECK(claims_of(token) == json{{"iss", "access-key"}, {"exp", 1795301800}, {"nbf", 1795299995}});
    *clocked.time += 24min;
    CHECK(clocked.token() == token);
    *clocked.time += 2min;
    CHECK(claims_of(clocked.token()).at("exp") == 1795300000 + 26 * 60 + 1800);
}

TEST_CASE("kling-legacy makes a new JWT where the one it has is refused as ended, and pays no second time for it") {
    Case test(legacy());
    const auto job = test.job();
    test.provider.next("task", {"key has ended", "processing"});
    auto told = test.poll(job);
    REQUIRE(told);
    CHECK(std::holds_alternative<backend::Rendering>(*told));
    CHECK(test.sent.size() == 2);

    test.sent.clear();
    test.provider.next("create", {"key has ended", "accept"});
    auto refused = test.submit();
    REQUIRE_FALSE(refused);
    CHECK(int(refused.error().kind) == int(ErrorKind::auth));
    CHECK(test.sent.size() == 1);
}

TEST_CASE("kling-legacy takes a key of one part as it is") { CHECK(Clocked("plain-key").token() == "plain-key"); }

TEST_CASE("kling-legacy writes lengths, quality and sound as words, and knows which models have sound") {
    CHECK(paid({{"audio", true}, {"resolution", "1080p"}, {"seconds", 10}, {"negative_prompt", "text"}}) ==
          json{{"model_name", "kling-v3"},
               {"prompt", "a paper boat on a pond"},
               {"negative_prompt", "text"},
               {"duration", "10"},
               {"mode", "pro"},
               {"sound", "on"},
               {"aspect_ratio", "16:9"},
               {"external_task_id", "attempt-1"}});
    CHECK(paid(json::object()).at("sound") == "off");
    CHECK(paid({{"resolution", "4k"}}).at("mode") == "4k");
    CHECK_FALSE(paid({{"model", "kling-v2-5-turbo"}}).contains("sound"));
    const auto image = paid({{"images", {{{"role", "first_frame"}}, {{"role", "last_frame"}, {"source", "https://pictures.example/b.jpg"}}}}, {"ratio", nullptr}});
    CHECK(image.at("image") == core::base64(*png().bytes));
    CHECK(image.at("image_tail") == "https://pictures.example/b.jpg");
}

TEST_CASE("kling-legacy writes a camera move as a whole or as one axis, and refuses any other") {
    CHECK(paid({{"camera_motion", "forward_up"}}).at("camera_control") == json{{"type", "forward_up"}});
    CHECK(paid({{"camera_motion", "zoom=5"}}).at("camera_control") == json{{"type", "simple"}, {"config", {{"zoom", 5}}}});
    CHECK(paid({{"camera_motion", "pan=-2.5"}}).at("camera_control") == json{{"type", "simple"}, {"config", {{"pan", -2.5}}}});
    for (const auto* word : {"dolly_in", "zoom", "zoom=", "zoom=11", "zoom=fast", "=5", "spin=5"}) {
        CAPTURE(word);
        Case test(legacy());
        auto refused = test.submit(test.order({{"camera_motion", word}}), any_intent());
        REQUIRE_FALSE(refused);
        CHECK(int(refused.error().kind) == int(ErrorKind::usage));
        CHECK(refused.error().message.find("down_back") != std::string::npos);
        CHECK(test.sent.empty());
    }
    Case test(legacy());
    CHECK_FALSE(test.submit(test.order({{"model", "kling-v3-omni"}, {"images", {{{"role", "first_frame"}}}}, {"ratio", nullptr}}), any_intent()));
    CHECK(test.sent.empty());
}

TEST_CASE("kling-legacy asks for a lost task by our id, and looks through the list where that is not known") {
    LegacySearch direct;
    auto found = direct.with({{200, {}, answer({{"task_id", "7"}, {"task_info", {{"external_task_id", "mine"}}}}), ""}});
    REQUIRE(found);
    REQUIRE(found->candidates.size() == 1);
    CHECK(found->candidates[0].value == json{{"id", "7"}, {"kind", "text2video"}});
    CHECK(direct.urls == Words{"text2video/mine"});

    const http::Response unknown{404, {}, R"({"code":1203,"message":"made-up text"})", ""};
    LegacySearch listed;
    const auto task = [](const std::string& id, const std::string& own) { return json{{"task_id", id}, {"task_info", {{"external_task_id", own}}}}; };
    found = listed.with({unknown, {200, {}, answer({task("6", "another"), task("7", "mine")}), ""}});
    REQUIRE(found);
    CHECK(found->candidates.size() == 1);
    CHECK(listed.urls == Words{"text2video/mine", "text2video?pageNum=1&pageSize=100"});

    found = LegacySearch().with({unknown, {200, {}, answer(json::array()), ""}});
    REQUIRE(found);
    CHECK((found->possible && found->complete && found->candidates.empty()));
}

TEST_CASE("kling-legacy's list that is too long to be read proves nothing") {
    json full = json::array();
    for (int i = 0; i < 100; ++i) full.push_back({{"task_id", std::to_string(i)}, {"task_info", {{"external_task_id", "another"}}}});
    const http::Response page{200, {}, answer(full), ""};
    LegacySearch search;
    auto found = search.with({{400, {}, R"({"code":1201})", ""}, page, page, page, page, page});
    REQUIRE(found);
    CHECK(found->possible);
    CHECK_FALSE(found->complete);
    CHECK(search.urls.back() == "text2video?pageNum=5&pageSize=100");
}

TEST_CASE("kling-legacy believes no task under our id that says to be another's, and no host that fails") {
    CHECK_FALSE(LegacySearch().with({{200, {}, answer({{"task_id", "7"}, {"task_info", {{"external_task_id", "another"}}}}), ""}}));
    for (const int status : {404, 500}) {
        CAPTURE(status);
        CHECK_FALSE(LegacySearch().with({{status, {}, "", ""}}));
    }
}

TEST_CASE("kling-legacy finds an adopted task under whichever kind it has") {
    Case test(legacy());
    auto accepted = test.submit(test.order({{"images", {{{"role", "first_frame"}}}}, {"ratio", nullptr}}), any_intent());
    REQUIRE(accepted);
    const auto id = test.backend->remote_id(accepted->handle);
    CHECK(test.poll(test.backend->adopt(id)));
    CHECK(test.provider.calls() == Words{"create from image", "task", "task from image"});
    CHECK(test.backend->adopt(id, test.order({{"images", {{{"role", "first_frame"}}}}})) == accepted->handle);
    auto gone = test.poll(accepted->handle);
    REQUIRE(gone);
    CHECK_FALSE(std::holds_alternative<backend::Gone>(*gone));
}
