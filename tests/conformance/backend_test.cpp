// Every backend of the registry against the contract in tests/fakes/NAME.json, without a socket.
#include "conformance/case.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// How a job was followed to its end.
struct End {
    bool failed = false;
    std::optional<std::string> clip = {};
    int rendering = 0;  // polls that told it
    int refused = 0;    // downloads that brought nothing
};

const json* state_of(const json& contract, const json& name) {
    for (const auto& state : contract.at("states"))
        if (state.at("name") == name) return &state;
    return nullptr;
}

// Polls until the clip is there or the job has failed. Where a download is refused, its link may have ended: a poll names the next one.
End follow(Case& test, const backend::Handle& job) {
    End end;
    for (int polls = 0; polls < 10 && !end.failed && !end.clip; ++polls) {
        auto told = test.poll(job);
        if (!told) continue;  // a free request is repeated
        end.failed = std::holds_alternative<backend::Failed>(*told);
        end.rendering += std::holds_alternative<backend::Rendering>(*told);
        const auto* ready = std::get_if<backend::Ready>(&*told);
        if (!ready || ready->clips.empty()) continue;
        if (auto bytes = bytes_of(ready->clips[0], test.provider)) end.clip = *bytes;
        else ++end.refused;
    }
    return end;
}

}  // namespace

TEST_CASE("every backend submits what its contract accepts, with one paid request") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);

    auto accepted = test.submit();
    INFO(test.provider.complaint());
    REQUIRE(accepted);
    CHECK(test.paid_requests() == 1);
    REQUIRE(test.provider.book().size() == 1);
    const auto id = test.provider.book()[0].id;
    CHECK(test.backend->remote_id(accepted->handle) == id);
    if (test.provider.contract().value("adopts", true)) CHECK(test.backend->adopt(id, test.order()) == accepted->handle);

    // The ledger keeps it as text.
    const backend::Handle kept{json::parse(accepted->handle.value.dump())};
    CHECK(kept == accepted->handle);
    CHECK(test.poll(kept));
    CHECK(test.poll(test.backend->adopt(id, test.order())));
}

TEST_CASE("every backend submits each order that its contract lists, with one paid request") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    const FakeProvider listed(subject.name);
    const json orders = listed.contract().value("orders", json::array());
    for (const auto& over : orders) {
        CAPTURE(over.dump());
        Case test(subject);
        auto accepted = test.submit(test.order(over), any_intent());
        INFO(test.provider.complaint());
        INFO((accepted ? "" : accepted.error().message));
        REQUIRE(accepted);
        CHECK(test.paid_requests() == 1);
        CHECK(test.provider.book().size() == 1);
        CHECK(test.poll(accepted->handle));
        CHECK(test.provider.leaks().empty());
    }
}

TEST_CASE("every backend polls for nothing, tells every state of its contract, and finds the clip") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    const auto job = test.job();

    for (const auto& state : test.provider.contract().at("states")) {
        CAPTURE(state.dump());
        test.provider.next(test.poll_endpoint(), {state.at("name")});
        auto told = test.poll(job);
        INFO((told ? "" : told.error().message));
        REQUIRE(told);
        const std::string means = state.at("means");
        if (means == "rendering") {
            const auto* rendering = std::get_if<backend::Rendering>(&*told);
            REQUIRE(rendering);
            if (state.contains("progress")) CHECK(rendering->progress.value() == Approx(state["progress"].get<double>()));
            if (state.contains("queue")) CHECK(rendering->queue == state["queue"].get<int>());
            if (state.contains("not_before_ms")) CHECK(rendering->not_before == std::chrono::milliseconds(state["not_before_ms"].get<int>()));
            else CHECK_FALSE(rendering->not_before);
        } else if (means == "gone") {
            CHECK(std::holds_alternative<backend::Gone>(*told));
        } else if (means == "failed") {
            const auto* failed = std::get_if<backend::Failed>(&*told);
            REQUIRE(failed);
            CHECK(int(failed->reason.kind) == int(kind_of(state.at("kind"))));
            CHECK_FALSE(failed->reason.message.empty());
        } else {
            const auto* ready = std::get_if<backend::Ready>(&*told);
            REQUIRE(ready);
            REQUIRE(ready->clips.size() == 1);
            if (test.provider.contract().contains("no_link")) CHECK_FALSE(std::holds_alternative<http::Request>(ready->clips[0]));
            auto bytes = bytes_of(ready->clips[0], test.provider);
            INFO(test.provider.complaint());
            REQUIRE(bytes);
            CHECK(*bytes == test.provider.clip_of(test.backend->remote_id(job)));
            if (state.contains("billed_micros")) CHECK(ready->billed == Money{state["billed_micros"].get<std::int64_t>()});
        }
    }
    CHECK(test.paid_requests() == 0);
    CHECK(test.provider.book().size() == 1);
    CHECK(test.provider.leaks().empty());
}

TEST_CASE("every backend tells its stories to the end") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    const FakeProvider contract(subject.name);
    for (const auto& [story, words] : contract.contract().at("stories").items()) {
        CAPTURE(story);
        Case test(subject);
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
            // Not every provider judges what is asked of it: some only refuse what they cannot do.
            CHECK((accepted.error().kind == ErrorKind::rejected || accepted.error().kind == ErrorKind::usage));
            CHECK(test.provider.book().empty());
            continue;
        }
        // What the story's last poll means is how it ends: with the clip, or with a failure.
        const json polls = words.value(test.poll_endpoint(), json::array());
        const json* last = polls.empty() ? nullptr : state_of(test.provider.contract(), polls.back());
        REQUIRE(last);
        const auto end = follow(test, accepted->handle);
        INFO(test.provider.complaint());
        CHECK(end.failed == (last->at("means") == "failed"));
        if (last->at("means") == "ready") CHECK(end.clip == test.provider.clip_of(test.provider.book()[0].id));
        if (story == "progress") CHECK(end.rendering > 0);
        if (story == "expired link") CHECK(end.refused == 1);
        CHECK(test.provider.book().size() == 1);
        CHECK(test.provider.leaks().empty());
    }
}

TEST_CASE("every backend's credential goes to its API alone, and to no other host") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    test.provider.tell("happy");
    const auto job = test.submit();
    INFO(test.provider.complaint());
    REQUIRE(job);
    for (int polls = 0; polls < 10; ++polls) {
        auto told = test.poll(job->handle);
        REQUIRE(told);
        const auto* ready = std::get_if<backend::Ready>(&*told);
        if (!ready) continue;
        for (const auto& clip : ready->clips) {
            if (const auto* download = std::get_if<http::Request>(&clip)) test.sent.push_back(*download);
            CHECK(bytes_of(clip, test.provider));
        }
        break;
    }
    CHECK(walk(test.backend->find(test.order(), any_intent()), test.provider, &test.sent));
    (void)walk(test.backend->cancel(job->handle), test.provider, &test.sent);
    CHECK(test.provider.leaks().empty());

    // What is not the credential of a request is printed, logged and kept.
    for (const auto& request : test.sent) {
        CAPTURE(request.url);
        auto bare = request;
        bare.credential.reset();
        CHECK_FALSE(test.quotes_a_secret(bare.url + see(bare).text()));
    }
    CHECK_FALSE(test.quotes_a_secret(job->handle.value.dump()));
}

TEST_CASE("every backend can be walked without network by its own samples, and its key is never part of a request's text") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    auto step = test.backend->submit(test.order(), any_intent());
    int asked = 0, paid = 0;
    while (auto* ask = std::get_if<http::Ask<backend::Accepted>>(&step)) {
        REQUIRE(++asked < 10);
        paid += ask->request.paid;
        auto bare = ask->request;
        bare.credential.reset();
        CHECK_FALSE(test.quotes_a_secret(bare.url + see(bare).text()));
        const auto then = ask->then;
        const auto sample = ask->sampled();
        step = then(sample);
    }
    CHECK(paid == 1);
    auto accepted = http::outcome(std::move(step));
    INFO((accepted ? "" : accepted.error().message));
    REQUIRE(accepted);
    auto polled = test.backend->poll(accepted->handle);
    REQUIRE(http::ask(polled));
    while (auto* ask = std::get_if<http::Ask<backend::JobState>>(&polled)) {
        REQUIRE(++asked < 20);
        const auto then = ask->then;
        const auto sample = ask->sampled();
        polled = then(sample);
    }
    CHECK(std::holds_alternative<backend::JobState>(polled));
}

TEST_CASE("a step outlives the backend that made it") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
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
