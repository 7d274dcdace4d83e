// LTX: pictures on their way, the two paths of a job, and what its models have no field for.
#include "conformance/case.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

using Calls = std::vector<std::string>;

struct Ltx : Case {
    Ltx() : Case(*backend::find_entry("ltx")) {}

    // A picture of so many bytes.
    static Image picture(std::size_t bytes, ImageRole role = ImageRole::first_frame) {
        auto image = png(role);
        image.bytes = std::make_shared<const std::string>(bytes, 'p');
        return image;
    }
    Order with(std::vector<Image> images) const {
        auto made = order();
        made.images = std::move(images);
        return made;
    }
    std::string refusal(const json& over) {
        auto accepted = submit(order(over), any_intent());
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(ErrorKind::usage));
        CHECK(sent.empty());
        return accepted.error().message;
    }
};

}  // namespace

TEST_CASE("LTX gets a small picture within the request, and a large one by an upload that bears no key") {
    Ltx small;
    REQUIRE(small.submit(small.with({Ltx::picture(5'000'000)}), any_intent()));
    CHECK(small.provider.calls() == Calls{"create from image"});

    Ltx large;
    auto accepted = large.submit(large.with({Ltx::picture(6'000'000), Ltx::picture(100, ImageRole::last_frame)}), any_intent());
    INFO(large.provider.complaint());
    REQUIRE(accepted);
    CHECK(large.provider.calls() == Calls{"upload", "store", "create from image"});
    const auto fields = large.provider.book().at(0).fields;
    CHECK(fields["image_uri"] == "ltx://uploads/u1");
    CHECK(fields["last_frame_uri"].get<std::string>().starts_with("data:image/png;base64,"));
    const auto& put = large.sent.at(1);
    CHECK(put.method == "PUT");
    CHECK_FALSE(put.credential);
    CHECK_FALSE(put.paid);
    CHECK(std::get<std::string>(put.body).size() == 6'000'000);
    CHECK(large.provider.leaks().empty());
}

TEST_CASE("two pictures that are small alone and large together do not both go within the request") {
    Ltx test;
    auto accepted = test.submit(test.with({Ltx::picture(4'000'000), Ltx::picture(4'000'000, ImageRole::last_frame)}), any_intent());
    INFO(test.provider.complaint());
    REQUIRE(accepted);
    CHECK(test.provider.calls() == Calls{"upload", "store", "create from image"});
    CHECK(test.provider.book().at(0).fields["last_frame_uri"] == "ltx://uploads/u1");
}

TEST_CASE("an upload to LTX that fails orders nothing, and is waited for where it may pass") {
    for (const auto& [endpoint, status, kind] : {std::tuple("store", 403, ErrorKind::provider), {"store", 503, ErrorKind::rate_limited},
                                                 {"upload", 500, ErrorKind::rate_limited}, {"upload", 400, ErrorKind::provider}}) {
        CAPTURE(endpoint, status);
        Ltx test;
        test.provider.next_raw(endpoint, {status, {}, ""});
        auto accepted = test.submit(test.with({Ltx::picture(6'000'000)}), any_intent());
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(kind));
        CHECK_FALSE(accepted.error().lasting);
        CHECK(test.paid_requests() == 0);
        CHECK(test.provider.book().empty());
    }
}

TEST_CASE("a file is not uploaded to a private address, over plain http, or with a broken header") {
    for (const auto& answer : {json{{"upload_url", "http://storage.example/u"}}, json{{"upload_url", "https://10.0.0.7/u"}}, json{{"upload_url", "https://user:pw@storage.example/u"}},
                               json{{"upload_url", "file:///etc/passwd"}}, json{{"upload_url", ""}},
                               json{{"upload_url", "https://storage.example/u"}, {"required_headers", {{"X-A", "1\r\nX-B: 2"}}}}}) {
        CAPTURE(answer.dump());
        Ltx test;
        auto whole = answer;
        whole["storage_uri"] = "ltx://uploads/u1";
        test.provider.next_raw("upload", {200, {}, whole.dump()});
        auto accepted = test.submit(test.with({Ltx::picture(6'000'000)}), any_intent());
        REQUIRE_FALSE(accepted);
        CHECK(int(accepted.error().kind) == int(ErrorKind::provider));
        CHECK(accepted.error().message.find("pw") == std::string::npos);
        CHECK(test.sent.size() == 1);
    }
}

TEST_CASE("LTX is asked for a job where it was created, and for a bare id at both places") {
    Ltx test;
    auto accepted = test.submit(test.with({png()}), any_intent());
    REQUIRE(accepted);
    test.sent.clear();
    REQUIRE(test.poll(accepted->handle));
    CHECK(test.sent.size() == 1);
    CHECK(test.provider.calls().back() == "retrieve from image");

    auto adopted = test.poll(test.backend->adopt("job_1"));
    REQUIRE(adopted);
    CHECK(std::holds_alternative<backend::Ready>(*adopted));
    auto unknown = test.poll(test.backend->adopt("job_2"));
    REQUIRE(unknown);
    CHECK(std::holds_alternative<backend::Gone>(*unknown));
    CHECK(test.provider.calls() == Calls{"create from image", "retrieve from image", "retrieve", "retrieve from image", "retrieve", "retrieve from image"});
}

TEST_CASE("LTX is always told whether there shall be sound") {
    Ltx test;
    for (const auto& [over, sound] : {std::pair(json::object(), true), {{{"audio", true}}, true}, {{{"audio", false}}, false}}) {
        REQUIRE(test.submit(test.order(over), any_intent()));
        CHECK(test.provider.book().back().fields["generate_audio"] == sound);
    }
}

TEST_CASE("a wish that LTX has no field for is refused before anything is sent") {
    Ltx test;
    CHECK(test.refusal({{"seed", 7}}).find("the seed") != std::string::npos);
    CHECK(test.refusal({{"negative_prompt", "text"}}).find("a negative prompt") != std::string::npos);
    CHECK(test.refusal({{"images", {{{"role", "reference"}}}}}).find("reference") != std::string::npos);
    CHECK(test.refusal({{"images", {{{"role", "last_frame"}}}}}).find("first frame") != std::string::npos);
    CHECK(test.refusal({{"size", nullptr}}).find("--resolution") != std::string::npos);
    CHECK(test.refusal({{"seconds", 0}}).find("--duration") != std::string::npos);
    for (const auto* url : {"http://pictures.example/a.png", "https://93.184.216.34/a.png", "https://[2606:2800::1]/a.png"}) {
        CAPTURE(url);
        CHECK(test.refusal({{"images", {{{"role", "first_frame"}, {"source", url}}}}}).find(url) != std::string::npos);
    }
}

TEST_CASE("the link of LTX ends a day after the job") {
    Ltx test;
    const auto job = test.job();
    test.provider.next_raw("retrieve", {200, {}, R"({"id":"job_1","status":"completed","completed_at":"2026-11-22T10:01:40Z","result":{"video_url":"https://r.example/c.mp4"}})"});
    auto told = test.poll(job);
    REQUIRE(told);
    CHECK(std::get<backend::Ready>(*told).expires == core::parse_iso_time("2026-11-23T10:01:40Z"));
    for (const auto* result : {R"({})", R"({"video_url":5})", R"({"video_url":"ftp://r.example/c.mp4"})", "null", R"("text")"}) {
        CAPTURE(result);
        test.provider.next_raw("retrieve", {200, {}, std::string(R"({"id":"job_1","status":"completed","result":)") + result + "}"});
        auto broken = test.poll(job);
        REQUIRE_FALSE(broken);
        CHECK(int(broken.error().kind) == int(ErrorKind::provider));
    }
}
