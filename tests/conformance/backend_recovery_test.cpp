// What can be done about a job whose answer was lost, or that is no longer wanted.
#include <set>

#include "conformance/case.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// How the contract lets a lost job be found: "key" (by an id of our own), "likeness" (by what the list shows of its request), "none".
std::string way_to_find(const json& contract) {
    if (contract.contains("find")) return contract["find"];
    bool list = false;
    for (const auto& row : contract.at("endpoints"))
        if (row.value("answer", json()) == "list") {
            if (row.contains("match")) return "key";
            list = true;
        }
    return list ? "likeness" : "none";
}

// Orders that no search takes for the contract's own.
std::vector<json> others_of(const json& contract) {
    const std::string prompt = contract.at("order").at("prompt");
    if (contract.contains("others")) return contract["others"].get<std::vector<json>>();
    return {{{"prompt", "a lantern in the snow"}}, {{"prompt", prompt + ", at night"}}, {{"prompt", "a paper kite"}}};
}

std::multiset<std::string> ids_of(const Case& test, const backend::Found& found) {
    std::multiset<std::string> ids;
    for (const auto& candidate : found.candidates) ids.insert(test.backend->remote_id(candidate));
    return ids;
}

// A submit whose answer is lost.
std::string lose(Case& test, const Order& order, const backend::Intent& intent) {
    test.provider.next(test.paid_endpoint(), {"accept and drop"});
    auto lost = test.submit(order, intent);
    REQUIRE_FALSE(lost);
    CHECK(int(lost.error().kind) == int(ErrorKind::unknown));
    test.provider.next(test.paid_endpoint(), {"accept"});
    return test.provider.book().back().id;
}

}  // namespace

TEST_CASE("every backend finds a lost job among others, or says that it cannot look") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    const auto way = way_to_find(test.provider.contract());
    const auto order = test.order();
    const auto others = others_of(test.provider.contract());
    for (std::size_t i = 0; i + 1 < others.size(); ++i) REQUIRE(test.submit(test.order(others[i]), any_intent("attempt-" + std::to_string(i + 2))));
    const auto lost = lose(test, order, any_intent());
    REQUIRE(test.submit(test.order(others.back()), any_intent("attempt-0")));
    test.sent.clear();

    auto found = walk(test.backend->find(order, any_intent()), test.provider, &test.sent);
    INFO(test.provider.complaint());
    REQUIRE(found);
    CHECK(found->possible == (way != "none"));
    CHECK(test.paid_requests() == 0);
    if (!found->possible) {
        CHECK(found->candidates.empty());
        return;
    }
    CHECK(ids_of(test, *found) == std::multiset<std::string>{lost});
    for (const auto& candidate : found->candidates) CHECK(test.poll(candidate));
}

TEST_CASE("every backend that finds jobs by their likeness takes an equal twin for a candidate too") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    const auto way = way_to_find(test.provider.contract());
    if (way == "none") return;
    REQUIRE(test.submit(test.order(), any_intent("attempt-0")));
    const auto twin = test.provider.book().back().id;
    const auto lost = lose(test, test.order(), any_intent());
    auto found = walk(test.backend->find(test.order(), any_intent()), test.provider);
    INFO(test.provider.complaint());
    REQUIRE(found);
    if (way == "key") CHECK(ids_of(test, *found) == std::multiset<std::string>{lost});
    else CHECK(ids_of(test, *found) == std::multiset<std::string>{lost, twin});
}

TEST_CASE("every backend that can look finds nothing where nothing was created") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    if (way_to_find(test.provider.contract()) == "none") return;
    REQUIRE(test.submit(test.order(others_of(test.provider.contract())[0]), any_intent("attempt-0")));
    auto found = walk(test.backend->find(test.order(), any_intent()), test.provider);
    INFO(test.provider.complaint());
    REQUIRE(found);
    CHECK(found->possible);
    CHECK(found->candidates.empty());
}

TEST_CASE("every backend cancels a job where its contract can, and says so where it cannot") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    const auto job = test.job();
    if (!test.has_endpoint("cancel")) {
        auto cancelled = walk(test.backend->cancel(job), test.provider, &test.sent);
        REQUIRE_FALSE(cancelled);
        CHECK(backend::says_it_renders_on(cancelled.error()));
        CHECK(test.sent.empty());
        return;
    }
    auto cancelled = walk(test.backend->cancel(job), test.provider, &test.sent);
    INFO(test.provider.complaint());
    INFO((cancelled ? "" : cancelled.error().message));
    REQUIRE(cancelled);
    const auto calls = test.provider.calls();  // some ask the job afterwards what became of it
    CHECK(std::count(calls.begin(), calls.end(), "cancel") == 1);
    CHECK(test.paid_requests() == 0);
    auto told = test.poll(job);
    REQUIRE(told);
    CHECK_FALSE(std::holds_alternative<backend::Ready>(*told));

    Case other(subject);
    const auto wanted = other.job();
    other.provider.next("cancel", {other.provider.contract().at("refusals").at("key")});
    auto refused = walk(other.backend->cancel(wanted), other.provider);
    REQUIRE_FALSE(refused);
    CHECK(int(refused.error().kind) == int(ErrorKind::auth));
}

TEST_CASE("sd-server cannot stop what it renders, and that is said") {
    Case test(*backend::find_entry("sdcpp"));
    const auto job = test.job();
    test.provider.next("cancel", {"running"});
    auto late = walk(test.backend->cancel(job), test.provider, &test.sent);
    REQUIRE_FALSE(late);
    CHECK(backend::says_it_renders_on(late.error()));
}
