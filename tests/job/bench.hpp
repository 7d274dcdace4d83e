#pragma once
#include <catch2/catch.hpp>
#include <fstream>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "job/runner.hpp"
#include "support/boxes.hpp"
#include "support/scripted_client.hpp"

// A runner on its test bench: scripted provider, fake clock, real ledger and files.
namespace shotwire::test {

struct Provider : backend::Backend {
    bool can_find = true;
    bool whole_list = true;
    bool by_key = false;  // its list is asked for the jobs of one key
    std::chrono::milliseconds silence = std::chrono::seconds(60);
    bool same_key_same_job = false;
    std::string origin = "https://provider.example";

    http::Request get(const std::string& path) const { return {.method = "GET", .url = origin + path}; }

    backend::Step<backend::Accepted> submit(const Order& order, const backend::Intent& intent) const override {
        http::Request request{.method = "POST", .url = origin + "/jobs"};
        request.headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", intent.key}};
        request.body = json{{"prompt", order.prompt}}.dump();
        request.paid = true;
        request.idle_timeout = silence;
        return http::Ask<backend::Accepted>{request, [](const http::Response& answer) -> backend::Step<backend::Accepted> {
            if (answer.status == 429 && answer.body == "empty") return Error{ErrorKind::rate_limited, "the purse is empty", {}, true};
            if (answer.status == 429 && answer.body == "slow") return Error{ErrorKind::rate_limited, "too many jobs under way"};
            if (answer.status == 429 && answer.body.starts_with("until "))
                return Error{ErrorKind::rate_limited, "too many requests", std::chrono::seconds(std::stol(answer.body.substr(6)))};
            if (answer.status == 429) return Error{ErrorKind::rate_limited, "too many requests", std::chrono::seconds(7)};
            if (answer.status == 401) return Error{ErrorKind::auth, "the key was refused"};
            if (answer.status == 400) return Error{ErrorKind::rejected, "not this content"};
            if (answer.status != 200 || answer.body.starts_with("<")) return Error{ErrorKind::unknown, "an answer that says nothing"};
            if (answer.body.starts_with("whole"))  // "whole p2": a clip that has an id, too
                return backend::Accepted{{json{{"id", answer.body.size() > 6 ? answer.body.substr(6) : "p1"}}}, backend::JobState{backend::Ready{{backend::Inline{boxes::mp4({{boxes::picture(6)}}), "video/mp4"}}, {}, {}}}};
            return backend::Accepted{{json{{"id", answer.body}}}};
        }, {}};
    }
    backend::Step<backend::JobState> poll(const backend::Handle& job) const override {
        return http::Ask<backend::JobState>{get("/jobs/" + remote_id(job)), [this, id = remote_id(job)](const http::Response& answer) -> backend::Step<backend::JobState> {
            if (answer.status == 404) return backend::JobState{backend::Gone{}};
            if (answer.status >= 500) return Error{ErrorKind::provider, "the provider fails"};
            if (answer.status == 401) return Error{ErrorKind::auth, "the key was refused"};
            if (answer.body.starts_with("<")) return Error{ErrorKind::provider, "an answer that cannot be read"};
            if (answer.body == "done") return backend::JobState{backend::Ready{{get("/clips/" + id)}, Money{400'000}, {}}};
            if (answer.body == "two done") return backend::JobState{backend::Ready{{get("/clips/" + id), get("/clips/" + id + "-2")}, Money{400'000}, {}}};
            if (answer.body == "done without clip") return backend::JobState{backend::Ready{}};
            if (answer.body == "refused") return backend::JobState{backend::Failed{{ErrorKind::rejected, "not this content"}, {}}};
            if (answer.body == "broken, billed") return backend::JobState{backend::Failed{{ErrorKind::provider, "it broke"}, {}}};
            if (answer.body == "broken") return backend::JobState{backend::Failed{{ErrorKind::provider, "it broke"}, Money{0}}};
            return backend::JobState{backend::Rendering{}};
        }, {}};
    }
    backend::Step<backend::Found> find(const Order&, const backend::Intent& intent) const override {
        if (!can_find) return backend::Found{};
        return http::Ask<backend::Found>{get(by_key ? "/jobs?" + intent.key : "/jobs"), [whole = whole_list](const http::Response& answer) -> backend::Step<backend::Found> {
            if (answer.status == 404) return backend::Found{};  // this host has no list
            backend::Found found{true, {}};
            for (const auto& id : json::parse(answer.body)) {
                auto& place = id.get<std::string>().starts_with("late") ? found.doubtful : found.candidates;
                place.push_back({json{{"id", id}}});
            }
            found.complete = whole;
            return found;
        }, {}};
    }
    backend::Step<Ok> cancel(const backend::Handle& job) const override {
        auto request = get("/jobs/" + remote_id(job));
        request.method = "DELETE";
        return http::Ask<Ok>{request, [](const http::Response& answer) -> backend::Step<Ok> {
            if (answer.status == 202) return Error{ErrorKind::pending, "asked to cancel"};
            if (answer.status == 405) return backend::renders_on("the provider cannot cancel a job");
            if (answer.status == 409) return Error{ErrorKind::usage, "nothing to cancel: it renders to its end"};
            return Ok{};
        }, {}};
    }
    std::string remote_id(const backend::Handle& job) const override { return job.value.at("id").get<std::string>(); }
    backend::Handle adopt(const std::string& id) const override { return {json{{"id", id}}}; }
    bool idempotent() const override { return same_key_same_job; }
};

struct Watcher final : job::Observer {
    std::vector<std::string> stages, warnings;
    std::function<void(const job::Row&)> on_change;
    void changed(const job::Row& row, const job::Progress&) override {
        if (on_change) on_change(row);
        const auto word = std::string(to_string(row.stage));
        if (stages.empty() || stages.back() != word) stages.push_back(word);
    }
    void warned(const JobId&, const std::string& sentence) override { warnings.push_back(sentence); }
};

inline std::string clip_bytes() { return boxes::mp4({{boxes::picture(6)}}); }  // 1280x720, a quarter of a second

struct Bench {
    core::TemporaryFolder folder;
    FakeLoop loop;
    ScriptedClient client{loop};
    std::shared_ptr<Provider> provider = std::make_shared<Provider>();
    Watcher watcher;
    std::optional<Error> no_connection;
    decltype(job::Runner::Deps::to_mp4) to_mp4;
    std::unique_ptr<job::Ledger> ledger = open();
    job::Settings settings = [] {
        job::Settings s;
        s.seed = 7;
        return s;
    }();

    std::unique_ptr<job::Ledger> open() {
        auto opened = job::Ledger::open(folder.path() / "ledger.db", loop.clock());
        if (!opened) FAIL(opened.error().message);
        return std::move(*opened);
    }
    std::filesystem::path output(const std::string& name = "a.mp4") const { return folder.path() / name; }

    static Order order(const std::string& prompt = "a paper boat crosses a puddle") {
        Order order;
        order.model = "model-1";
        order.route = "route-1";
        order.remote_model = "model-1";
        order.prompt = prompt;
        order.price = {Money{400'000}, false, "2026-11-01"};
        return order;
    }
    static catalog::Route route() {
        catalog::Route route;
        route.name = "route-1";
        route.base_url = "https://provider.example";
        return route;
    }
    static catalog::Route moved_to(const std::string& base_url) {  // by the user
        auto moved = route();
        moved.moved = true;
        moved.base_url = base_url;
        return moved;
    }
    job::Wanted wanted(const std::string& name = "a.mp4", const Order& order = Bench::order(), const catalog::Route& route = Bench::route()) const {
        job::Wanted wanted(order, route);
        wanted.output = output(name).string();
        return wanted;
    }
    job::Runner runner() {
        return job::Runner({*ledger, client, loop, loop.clock(),
                            [this](const job::Row&) -> Result<job::Connection> {
                                if (no_connection) return *no_connection;
                                job::Connection connection;
                                connection.backend = provider;
                                connection.fetch.base_origin = "https://provider.example";
                                connection.expected = std::chrono::seconds(60);
                                return connection;
                            },
                            &watcher, to_mp4},
                           settings);
    }
    job::Runner::Outcome run(const job::Wanted& wanted) {
        auto runner = this->runner();
        auto added = runner.add(wanted);
        if (!added) return {{}, added.error()};
        runner.run();
        return runner.outcomes().at(0);
    }
    job::Runner::Outcome go_on(const JobId& id) {
        auto runner = this->runner();
        auto resumed = runner.resume(id);
        REQUIRE(resumed);
        runner.run();
        return runner.outcomes().at(0);
    }
    job::Row row(const JobId& id) { return **ledger->find(id.text); }
};

inline std::vector<http::Header> clip_head(const std::string& bytes) {
    return {{"Content-Length", std::to_string(bytes.size())}, {"ETag", "\"v1\""}, {"Content-Type", "video/mp4"}};
}
inline void serve_clip(Bench& bench, const std::string& id = "p1") {
    bench.client.on("GET", "/clips/" + id, answer(200, clip_bytes(), clip_head(clip_bytes())));
}
inline ErrorKind kind(const job::Runner::Outcome& outcome) { return outcome.error ? outcome.error->kind : ErrorKind(0); }

}  // namespace shotwire::test
