// Every backend of the registry against the error table of its contract, and against answers that no contract has.
#include "conformance/case.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

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

// The error of a row, as the caller of a backend gets it.
void judge(const Case& test, const Error& error, const json& row, const std::string& kind) {
    CHECK(int(error.kind) == int(kind_of(kind)));
    CHECK_FALSE(test.quotes_a_secret(error.message));
    CHECK(error.message.find('\n') == std::string::npos);
    if (row.contains("lasting")) CHECK(error.lasting == row["lasting"].get<bool>());
    const auto wait = row.value("retry_after_ms", -1);
    if (wait >= 0) CHECK(error.retry_after == std::chrono::milliseconds(wait));
    else CHECK_FALSE(error.retry_after);
}

}  // namespace

TEST_CASE("every backend reads each error as its contract means it, and no error quotes the key") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    const FakeProvider contract(subject.name);
    for (const auto& row : contract.contract().at("errors")) {
        CAPTURE(row.dump());
        Case test(subject);
        if (row.contains("submit")) {
            test.provider.next(test.paid_endpoint(), {row.at("name")});
            auto accepted = test.submit();
            REQUIRE_FALSE(accepted);
            judge(test, accepted.error(), row, row["submit"]);
            CHECK(test.paid_requests() == 1);
            CHECK(test.provider.book().empty());
        }
        if (!row.contains("poll")) continue;
        test.provider.next(test.paid_endpoint(), {"accept"});
        const auto job = test.job();
        test.provider.next(test.poll_endpoint(), {row.at("name")});
        auto told = test.poll(job);
        if (row["poll"] == "gone") {
            REQUIRE(told);
            CHECK(std::holds_alternative<backend::Gone>(*told));
        } else {
            REQUIRE_FALSE(told);
            judge(test, told.error(), row, row["poll"]);
        }
    }
}

TEST_CASE("every backend takes a paid answer that it cannot read for unknown, never for nothing") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    for (const auto& hostile : hostile_answers()) {
        CAPTURE(hostile.body.substr(0, 60));
        Case test(subject);
        test.provider.next_raw(test.paid_endpoint(), hostile);
        auto accepted = test.submit();
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(ErrorKind::unknown));
        CHECK(accepted.error().message.size() < 1000);
        CHECK(test.paid_requests() == 1);
    }
}

TEST_CASE("every backend survives a poll's answer that it cannot read, and does not end the job for it") {
    const auto subject = GENERATE(from_range(subjects()));
    CAPTURE(subject.name);
    Case test(subject);
    const auto job = test.job();
    for (const auto& hostile : hostile_answers()) {
        CAPTURE(hostile.body.substr(0, 60));
        test.provider.next_raw(test.poll_endpoint(), hostile);
        auto told = test.poll(job);
        if (told) CHECK_FALSE((std::holds_alternative<backend::Failed>(*told) || std::holds_alternative<backend::Gone>(*told)));
        else CHECK(int(told.error().kind) == int(ErrorKind::provider));
    }
}
