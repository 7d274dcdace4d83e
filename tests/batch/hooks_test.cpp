#include "batch/hooks.hpp"

#include <catch2/catch.hpp>

#include "core/files.hpp"

using namespace shotwire;

namespace {
std::map<std::string, std::string> values(const std::string& row, const std::string& clip) {
    return {{"clip", clip}, {"sidecar", clip + ".json"}, {"row", row}, {"id", "1"}, {"model", "m"}, {"route", "r"}, {"index", "1"}};
}
}  // namespace

TEST_CASE("a command line is parted at blanks, and quotes and backslashes keep together") {
    CHECK(*batch::split_words("  cp {clip}  /x ") == std::vector<std::string>{"cp", "{clip}", "/x"});
    CHECK(*batch::split_words(R"(say "a 'b' \"c\"" 'd \e' f\ g '')") == std::vector<std::string>{"say", "a 'b' \"c\"", "d \\e", "f g", ""});
    CHECK(batch::split_words("say 'open").error().kind == ErrorKind::usage);
    CHECK(batch::split_words(" ").error().message == "--exec names no command");
}

TEST_CASE("each finished clip's command runs once, what it is given stays one word, and its failure is told") {
    core::TemporaryFolder folder;
    const auto from = folder.path() / "a; rm -rf b.mp4";
    REQUIRE(bool(core::write_file(from, "clip", core::Existing::keep)));
    {
        batch::Hooks hooks({"cp", "{clip}", (folder.path() / "{row}.copy").string()});
        for (int i = 0; i < 20; ++i) hooks.start(values("row " + std::to_string(i), from.string()));
        CHECK(hooks.finish() == 0);
        for (int i = 0; i < 20; ++i) CHECK(*core::read_file(folder.path() / ("row " + std::to_string(i) + ".copy")) == "clip");
        hooks.start(values("last", (folder.path() / "missing").string()));
        CHECK(hooks.finish() == 1);
        const auto failures = hooks.failures();
        REQUIRE(failures.size() == 1);
        CHECK(failures[0].row == "last");
        CHECK(failures[0].why.starts_with("cp ended with 1: "));
    }
    CHECK(batch::Hooks::check({"cp", "{}"}).error().kind == ErrorKind::usage);
    CHECK(*batch::Hooks::fill({"{{{row}}}", "{row}{id}"}, values("{id}", "c")) == std::vector<std::string>{"{{id}}", "{id}1"});
    CHECK(batch::Hooks::check({"cp", "{clips}"}).error().message.starts_with("--exec has the unknown placeholder '{clips}'; allowed: {clip}"));
}
