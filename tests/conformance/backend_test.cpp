// Every backend of the registry against the contract in tests/fakes/NAME.json, without a socket.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "conformance/orders.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct Case {
    explicit Case(const backend::Entry& entry) : provider(entry.name), backend(entry.make(deps_of(provider.contract()))) {}

    Order order() const { return order_of(provider.contract()); }
    Result<backend::Accepted> submit() {
        auto accepted = walk(backend->submit(order(), any_intent()), provider, &sent);
        CAPTURE(provider.complaint());
        return accepted;
    }
    // The handle of a job that the provider has.
    backend::Handle job() {
        auto accepted = submit();
        INFO(provider.complaint());
        REQUIRE(accepted);
        sent.clear();
        return accepted->handle;
    }
    Result<backend::JobState> poll(const backend::Handle& handle) { return walk(backend->poll(handle), provider, &sent); }
    // The endpoints by what they do: the paid one, and the one that tells states of a job.
    std::string endpoint(bool paid) const {
        for (const auto& row : provider.contract().at("endpoints"))
            if (row.value("paid", false) == paid && row.contains("states")) return row.at("name");
        throw std::runtime_error("the contract has no such endpoint");
    }

    FakeProvider provider;
    std::unique_ptr<backend::Backend> backend;
    std::vector<http::Request> sent;
};

ErrorKind kind_of(const std::string& word) {
    static const std::map<std::string, ErrorKind> kinds = {
        {"usage", ErrorKind::usage},     {"auth", ErrorKind::auth},         {"rejected", ErrorKind::rejected}, {"rate_limited", ErrorKind::rate_limited},
        {"provider", ErrorKind::provider}, {"unknown", ErrorKind::unknown}, {"network", ErrorKind::network},   {"bug", ErrorKind::bug}};
    return kinds.at(word);
}

bool is_paid(const http::Request& request) { return request.paid; }

// Answers that no contract allows and every network delivers.
std::vector<Reply> hostile_answers() {
    const std::vector<http::Header> type = {{"Content-Type", "application/json"}};
    std::string deep(100000, '[');
    std::vector<Reply> answers;
    for (const std::string& body :
         {std::string(), std::string("<html><body>Welcome to the portal</body></html>"), std::string("null"), std::string("[]"), std::string("42"),
          std::string("{}"), std::string(R"({"id":null,"status":null})"), std::string(R"({"id":17,"status":5})"), std::string(R"({"id":["a"],"status":{}})"),
          std::string(R"({"id":"","status":""})"), std::string(R"({"id":"..","status":"completed"})"), std::string(R"({"id":"a\u0000b","status":"queued"})"),
          std::string(R"({"id":"job_1","status":)"), std::string("{\"id\":\"\xff\xfe\"}"), R"({"id":")" + std::string(100000, 'x') + R"("})", deep,
          R"({"a":)" + deep, std::string(R"({"id":"job_1" trailing})")})
        answers.push_back({200, type, body});
    return answers;
}

}  // namespace

TEST_CASE("every backend submits what its contract accepts, with one paid request") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Case test(entry);

    auto accepted = test.submit();
    INFO(test.provider.complaint());
    REQUIRE(accepted);
    CHECK(std::count_if(test.sent.begin(), test.sent.end(), is_paid) == 1);
    REQUIRE(test.provider.book().size() == 1);
    const auto id = test.provider.book()[0].id;
    CHECK(test.backend->remote_id(accepted->handle) == id);
    CHECK(test.backend->adopt(id) == accepted->handle);

    // The ledger keeps it as text.
    const backend::Handle kept{json::parse(accepted->handle.value.dump())};
    CHECK(kept == accepted->handle);
    CHECK(test.poll(kept));
}

TEST_CASE("every backend polls for nothing, tells every state of its contract, and finds the clip") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Case test(entry);
    const auto job = test.job();

    for (const auto& state : test.provider.contract().at("states")) {
        CAPTURE(state.dump());
        test.provider.next(test.endpoint(false), {state.at("name")});
        auto told = test.poll(job);
        REQUIRE(told);
        const std::string means = state.at("means");
        if (means == "rendering") {
            const auto* rendering = std::get_if<backend::Rendering>(&*told);
            REQUIRE(rendering);
            if (state.contains("progress")) CHECK(rendering->progress.value() == Approx(state["progress"].get<double>()));
            if (state.contains("not_before_ms")) CHECK(rendering->not_before == std::chrono::milliseconds(state["not_before_ms"].get<int>()));
            else CHECK_FALSE(rendering->not_before);
        } else if (means == "failed") {
            const auto* failed = std::get_if<backend::Failed>(&*told);
            REQUIRE(failed);
            CHECK(failed->reason.kind == kind_of(state.at("kind")));
            CHECK_FALSE(failed->reason.message.empty());
        } else {
            const auto* ready = std::get_if<backend::Ready>(&*told);
            REQUIRE(ready);
            REQUIRE(ready->clips.size() == 1);
            const auto& download = std::get<http::Request>(ready->clips[0]);
            CHECK(download.method == "GET");
            CHECK(test.provider.answer(see(download)).body == "the clip of " + test.backend->remote_id(job));
        }
    }
    CHECK(std::none_of(test.sent.begin(), test.sent.end(), is_paid));
    CHECK(test.provider.book().size() == 1);
}

TEST_CASE("every backend reads each error as its contract means it, and no error quotes the key") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    const FakeProvider contract(entry.name);
    for (const auto& row : contract.contract().at("errors")) {
        CAPTURE(row.dump());
        Case test(entry);
        std::optional<Error> error;
        const auto judge = [&] {
            CHECK(error->message.find(FakeProvider::key) == std::string::npos);
            CHECK(error->message.find('\n') == std::string::npos);
            const auto wait = row.value("retry_after_ms", -1);
            if (wait >= 0) CHECK(error->retry_after == std::chrono::milliseconds(wait));
            else CHECK_FALSE(error->retry_after);
        };
        test.provider.next(test.endpoint(true), {row.at("name")});
        auto accepted = test.submit();
        REQUIRE_FALSE(accepted);
        error = accepted.error();
        CHECK(int(error->kind) == int(kind_of(row.at("submit"))));
        CHECK(test.sent.size() == 1);
        judge();

        if (!row.contains("poll")) continue;
        test.provider.next(test.endpoint(true), {"accept"});
        const auto job = test.job();
        test.provider.next(test.endpoint(false), {row.at("name")});
        auto told = test.poll(job);
        if (row.at("poll") == "gone") {
            REQUIRE(told);
            CHECK(std::holds_alternative<backend::Gone>(*told));
        } else {
            REQUIRE_FALSE(told);
            error = told.error();
            CHECK(int(error->kind) == int(kind_of(row.at("poll"))));
            judge();
        }
    }
}

TEST_CASE("every backend takes a paid answer that it cannot read for unknown, never for nothing") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    for (const auto& hostile : hostile_answers()) {
        CAPTURE(hostile.body.substr(0, 60));
        Case test(entry);
        test.provider.next_raw(test.endpoint(true), hostile);
        auto accepted = test.submit();
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(ErrorKind::unknown));
        CHECK(accepted.error().message.size() < 1000);
        CHECK(std::count_if(test.sent.begin(), test.sent.end(), is_paid) == 1);
    }
}

TEST_CASE("every backend survives a poll's answer that it cannot read, and does not end the job for it") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Case test(entry);
    const auto job = test.job();
    for (const auto& hostile : hostile_answers()) {
        CAPTURE(hostile.body.substr(0, 60));
        test.provider.next_raw(test.endpoint(false), hostile);
        auto told = test.poll(job);
        if (told) CHECK_FALSE((std::holds_alternative<backend::Failed>(*told) || std::holds_alternative<backend::Gone>(*told)));
        else CHECK(int(told.error().kind) == int(ErrorKind::provider));
    }
}

TEST_CASE("every backend tells its stories to the end") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    const FakeProvider contract(entry.name);
    for (const auto& [story, words] : contract.contract().at("stories").items()) {
        CAPTURE(story);
        Case test(entry);
        test.provider.tell(story);
        Result<backend::Accepted> accepted = test.submit();
        if (!accepted && accepted.error().kind == ErrorKind::rate_limited) accepted = test.submit();  // surely nothing was created
        if (story == "lost create") {
            REQUIRE_FALSE(accepted);
            CHECK(accepted.error().kind == ErrorKind::unknown);
            REQUIRE(test.provider.book().size() == 1);
            auto found = walk(test.backend->find(test.order(), any_intent()), test.provider);
            REQUIRE(found);
            if (!found->possible) continue;
            REQUIRE(found->candidates.size() == 1);
            accepted = backend::Accepted{found->candidates[0]};
            CHECK(test.backend->remote_id(accepted->handle) == test.provider.book()[0].id);
        }
        if (!accepted) {
            CHECK(accepted.error().kind == ErrorKind::rejected);
            CHECK(test.provider.book().empty());
            continue;
        }
        bool ended = false;
        for (int polls = 0; polls < 10 && !ended; ++polls) {
            auto told = test.poll(accepted->handle);
            if (!told) continue;  // a free request is repeated
            ended = std::holds_alternative<backend::Ready>(*told) || std::holds_alternative<backend::Failed>(*told);
        }
        CHECK(ended);
        CHECK(test.provider.book().size() == 1);
    }
}

TEST_CASE("every backend can be walked without network by its own samples, and its key is never part of a request's text") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Case test(entry);
    auto step = test.backend->submit(test.order(), any_intent());
    int asked = 0;
    while (auto* ask = std::get_if<http::Ask<backend::Accepted>>(&step)) {
        REQUIRE(++asked < 10);
        CHECK(ask->request.url.find(FakeProvider::key) == std::string::npos);
        for (const auto& header : ask->request.headers) CHECK(header.value.find(FakeProvider::key) == std::string::npos);
        const auto then = ask->then;
        const auto sample = ask->sample;
        step = then(sample);
    }
    auto accepted = http::outcome(std::move(step));
    REQUIRE(accepted);
    auto polled = test.backend->poll(accepted->handle);
    const auto* ask = http::ask(polled);
    REQUIRE(ask);
    const auto then = ask->then;
    CHECK(std::holds_alternative<backend::JobState>(then(ask->sample)));
}

TEST_CASE("a step outlives the backend that made it") {
    auto entry = GENERATE(from_range(backend::registry()));
    CAPTURE(entry.name);
    Case test(entry);
    auto step = test.backend->submit(test.order(), any_intent());
    test.backend.reset();
    CHECK(walk(std::move(step), test.provider));
}

TEST_CASE("the registry is in alphabetical order and found by name") {
    const auto& all = backend::registry();
    CHECK(std::is_sorted(all.begin(), all.end(), [](const auto& a, const auto& b) { return std::string(a.name) < b.name; }));
    for (const auto& entry : all) CHECK(backend::find_entry(entry.name) == &entry);
    CHECK(backend::find_entry("acme") == nullptr);
}
