// Hosts that speak the Videos protocol in a way of their own: what the stories of all backends do not tell.
#include <set>

#include "catalog/catalog.hpp"
#include "conformance/case.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

json dialect_of(const std::string& name) { return catalog::Catalog::built_in().find_dialect(name)->keys; }

Case host(const std::string& name) { return Case(Subject(name, *backend::find_entry("openai"), dialect_of(name))); }

}  // namespace

TEST_CASE("Dynamo's create waits for the clip and is over with it, whether by link or in the answer") {
    for (const auto* state : {"completed", "completed inside"}) {
        CAPTURE(state);
        auto dynamo = host("dynamo");
        dynamo.provider.next("create", {state});
        auto accepted = dynamo.submit();
        INFO(dynamo.provider.complaint());
        REQUIRE(accepted);
        REQUIRE(accepted->already);
        const auto* ready = std::get_if<backend::Ready>(&*accepted->already);
        REQUIRE(ready);
        auto bytes = bytes_of(ready->clips.at(0), dynamo.provider);
        INFO(dynamo.provider.complaint());
        REQUIRE(bytes);
        CHECK(*bytes == dynamo.provider.clip_of(dynamo.provider.book().at(0).id));
        CHECK(dynamo.provider.leaks().empty());
        CHECK(dynamo.paid_requests() == 1);
    }
    auto dynamo = host("dynamo");
    dynamo.provider.next("create", {"failed"});
    auto failed = dynamo.submit();
    REQUIRE(failed);
    REQUIRE(failed->already);
    CHECK(std::get<backend::Failed>(*failed->already).reason.message.find("no worker took it") != std::string::npos);
}

TEST_CASE("Dynamo tells its stories to the end, and a clip whose link has ended is not to be had again") {
    const FakeProvider listed("dynamo");
    for (const auto& [story, words] : listed.contract().at("stories").items()) {
        CAPTURE(story);
        auto dynamo = host("dynamo");
        dynamo.provider.tell(story);
        auto accepted = dynamo.submit();
        if (!accepted && accepted.error().kind == ErrorKind::rate_limited) accepted = dynamo.submit();
        if (story == "refusal" || story == "lost create") {
            REQUIRE_FALSE(accepted);
            CHECK(int(accepted.error().kind) == int(story == "refusal" ? ErrorKind::usage : ErrorKind::unknown));
            continue;
        }
        REQUIRE(accepted);
        REQUIRE(accepted->already);
        CHECK(dynamo.provider.book().size() == 1);
        CHECK(std::holds_alternative<backend::Failed>(*accepted->already) == (story == "failure"));
        const auto* ready = std::get_if<backend::Ready>(&*accepted->already);
        if (!ready) continue;
        auto bytes = bytes_of(ready->clips.at(0), dynamo.provider);
        CHECK(bool(bytes) == (story != "expired link"));
        if (bytes) continue;
        // It has no route that would tell of the job, and so no new link.
        auto told = dynamo.poll(accepted->handle);
        REQUIRE(told);
        CHECK(std::holds_alternative<backend::Gone>(*told));
    }
}

TEST_CASE("Dynamo takes each order of its contract, and its errors are what they mean") {
    const FakeProvider listed("dynamo");
    for (const auto& over : listed.contract().at("orders")) {
        CAPTURE(over.dump());
        auto dynamo = host("dynamo");
        auto accepted = dynamo.submit(dynamo.order(over), any_intent());
        INFO(dynamo.provider.complaint());
        CHECK(accepted);
    }
    for (const auto& row : listed.contract().at("errors")) {
        CAPTURE(row.dump());
        if (!row.contains("submit")) continue;
        auto dynamo = host("dynamo");
        dynamo.provider.next("create", {row.at("name")});
        auto refused = dynamo.submit();
        REQUIRE_FALSE(refused);
        CHECK(int(refused.error().kind) == int(kind_of(row.at("submit"))));
        CHECK_FALSE(dynamo.quotes_a_secret(refused.error().message));
    }
    auto dynamo = host("dynamo");
    auto lost = walk(dynamo.backend->find(dynamo.order(), any_intent()), dynamo.provider, &dynamo.sent);
    REQUIRE(lost);
    CHECK_FALSE(lost->possible);
    CHECK(dynamo.sent.empty());
}

TEST_CASE("what a host cannot take is refused before it is asked") {
    struct Row {
        const char* host;
        json over;
        const char* says;
    };
    const std::vector<Row> rows = {
        {"sglang", {{"seconds", 5.5}}, "takes whole seconds, not 5.5"},
        {"fastvideo", {{"seconds", 2.5}}, "takes whole seconds"},
        {"vllm-omni", {{"seconds", 5.5}}, "takes whole seconds"},
        {"vllm-omni", {{"seconds", 0}}, "makes a single frame where no length is asked for: give --duration"},
        {"dynamo", {{"seconds", 5.5}}, "takes whole seconds"},
        {"dynamo", {{"images", {{{"role", "first_frame"}}}}}, "takes images by URL only"},
        {"tensorrt-llm", {{"images", {{{"role", "last_frame"}}}}}, "takes one image, as the first frame: no last_frame"},
    };
    for (const auto& row : rows) {
        CAPTURE(row.host, row.over.dump());
        auto there = host(row.host);
        auto refused = there.submit(there.order(row.over), any_intent());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(refused.error().message.find(row.says) != std::string::npos);
        CHECK(there.sent.empty());
    }
}

TEST_CASE("what a host refuses is refused by its contract too") {
    const auto complaint = [](const std::string& name, const json& dialect, const json& over) {
        Case there(Subject(name, *backend::find_entry("openai"), dialect));
        auto refused = there.submit(there.order(over), any_intent());
        REQUIRE_FALSE(refused);
        CHECK(refused.error().kind == ErrorKind::usage);
        CHECK(there.provider.book().empty());
        return there.provider.complaint();
    };
    const json with_seed{{"seed", 7}};
    CHECK(complaint("vllm-omni", json::object(), json::object()).find("application/json") != std::string::npos);
    CHECK(complaint("vllm-omni", dialect_of("vllm-omni"), {{"model", "another"}}) != "");
    CHECK(complaint("tensorrt-llm", {{"extras", {"seed", "num_frames"}}, {"seconds", "string"}}, with_seed) != "");
    CHECK(complaint("tensorrt-llm", dialect_of("tensorrt-llm"), {{"params", {{"n", "1"}}}}) != "");
    CHECK(complaint("sglang", {{"seconds", "number"}}, {{"seconds", 2.5}}) != "");
    CHECK(complaint("litellm", {{"extras", {"seed"}}}, with_seed) != "");
    CHECK(complaint("azure", json::object(), {{"seconds", 20}}) != "");

    // SGLang takes `variant` for the number of an output.
    Case named(Subject("sglang", *backend::find_entry("openai"), json{{"content_variant", "video"}, {"seconds", "whole"}}));
    const auto job = named.job();
    named.provider.next("retrieve", {"completed"});
    auto told = named.poll(job);
    REQUIRE(told);
    CHECK_FALSE(bytes_of(std::get<backend::Ready>(*told).clips.at(0), named.provider));
}

TEST_CASE("every dialect of the catalogue has a contract, and says who speaks it") {
    std::set<std::string> names;
    for (const auto& dialect : catalog::Catalog::built_in().dialects()) {
        CAPTURE(dialect.name);
        CHECK_FALSE(dialect.title.empty());
        CHECK(names.insert(dialect.name).second);
        const auto contract = read_contract(dialect.name).document();
        CHECK_FALSE(contract.at("sources").empty());
        CHECK(contract.contains("checked"));
    }
    CHECK(names == std::set<std::string>{"dynamo", "fastvideo", "litellm", "new-api", "sglang", "tensorrt-llm", "vllm-omni"});
}
