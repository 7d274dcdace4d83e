#include "media/helper_client.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/files.hpp"

using namespace shotwire;

namespace {

class Script {
public:
    explicit Script(const std::string& body) {
        REQUIRE(core::write_file(path(), "#!/bin/sh\n" + body, core::Existing::keep, 0755));
        REQUIRE(::chmod(path().c_str(), 0755) == 0);
    }
    std::filesystem::path path() const { return folder_.path() / "helper"; }
    Result<json> run(const media::Helper::Progress& progress = {}) const { return media::Helper(path()).run("probe", json{{"a", 1}}, progress); }

private:
    core::TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("the helper is given its verb and its job and answers with JSON") {
    const Script helper("printf '{\"verb\":\"%s\",\"job\":%s}' \"$1\" \"$(cat)\"\n");
    const auto answer = helper.run();
    INFO((answer ? std::string() : answer.error().message));
    REQUIRE(answer);
    CHECK(*answer == json{{"verb", "probe"}, {"job", {{"a", 1}}}});
}

TEST_CASE("progress of the helper never falls and stays within 0 and 1") {
    const Script helper("echo 'progress 0.25' >&2; echo 'progress 0.1' >&2; echo 'progress nan' >&2; echo chatter >&2; echo 'progress 7' >&2; echo '{}'\n");
    std::vector<double> told;
    REQUIRE(helper.run([&](double value) { return told.push_back(value), true; }));
    REQUIRE_FALSE(told.empty());
    CHECK(std::is_sorted(told.begin(), told.end()));
    CHECK(told.front() >= 0);
    CHECK(told.back() == 1);
}

TEST_CASE("a helper is stopped when progress says so") {
    const Script helper("echo 'progress 0.5' >&2; exec sleep 60\n");
    CHECK_FALSE(helper.run([](double reached) { return reached < 0.5; }));
}

TEST_CASE("a silent helper is stopped, too") {
    const Script helper("exec sleep 60\n");
    CHECK_FALSE(helper.run([calls = 0](double) mutable { return ++calls < 3; }));
}

TEST_CASE("a helper that misbehaves is a clean local error") {
    SECTION("a crash") {
        const Script helper("kill -SEGV $$\n");
        const auto answer = helper.run();
        REQUIRE_FALSE(answer);
        CHECK(answer.error().kind == ErrorKind::local);
        CHECK(answer.error().message.find("crashed (signal 11)") != std::string::npos);
    }
    SECTION("a failure with a reason") {
        const Script helper("echo 'progress 0.5' >&2; echo 'cannot decode: no picture' >&2; exit 9\n");
        const auto answer = helper.run();
        REQUIRE_FALSE(answer);
        CHECK(answer.error().kind == ErrorKind::local);
        CHECK(answer.error().message.find("cannot decode: no picture") != std::string::npos);
    }
    SECTION("a wrong job") {
        const Script helper("echo 'width is missing' >&2; exit 2\n");
        const auto answer = helper.run();
        REQUIRE_FALSE(answer);
        CHECK(answer.error().kind == ErrorKind::usage);
    }
    SECTION("no JSON") {
        const Script helper("echo hello\n");
        const auto answer = helper.run();
        REQUIRE_FALSE(answer);
        CHECK(answer.error().kind == ErrorKind::local);
        CHECK(answer.error().message.find("not valid JSON") != std::string::npos);
    }
    SECTION("no program") {
        const auto answer = media::Helper("/nowhere/shotwire-media").run("probe", json::object());
        REQUIRE_FALSE(answer);
        CHECK(answer.error().kind == ErrorKind::local);
        CHECK(answer.error().message.find("/nowhere/shotwire-media") != std::string::npos);
    }
}

TEST_CASE("the helper is found where the environment says") {
    ::setenv("SHOTWIRE_MEDIA", "/opt/media", 1);
    CHECK(media::Helper::locate().program() == "/opt/media");
    ::unsetenv("SHOTWIRE_MEDIA");
    CHECK(media::Helper::locate().program().filename() == "shotwire-media");
}
