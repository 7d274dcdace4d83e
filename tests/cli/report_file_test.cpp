#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

std::vector<std::string> tiny_batch(std::vector<std::string> more) {
    std::vector<std::string> args{"batch", "rows.csv", "--size", "128x72", "-d", "1", "-q"};
    args.insert(args.end(), more.begin(), more.end());
    return args;
}

struct OneRow : Home {
    OneRow() {
        write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
        // Links to devices, so that what replaces a file takes none from the machine.
        for (const auto* device : {"null", "full", "stdout"}) fs::create_symlink(fs::path("/dev") / device, work() / device);
    }
    std::string text(const char* name) const {
        const auto found = core::read_file(work() / name);
        return found ? *found : "";
    }
    bool nothing_sent() { return program({"jobs", "ls", "--json"}).document()["jobs"].empty(); }
};

}  // namespace

TEST_CASE("a report takes the place of no clip, batch, result or other file, and that is told before anything is sent") {
    OneRow home;
    home.write("work/notes.txt", "mine");
    home.write("work/empty", "");
    home.write("work/pytest.xml", "<testsuites><testsuite name=\"pytest\"/></testsuites>");
    fs::create_symlink("rows.csv", home.work() / "link");
    using Args = std::vector<std::string>;
    for (const auto& [flags, why] : std::vector<std::pair<Args, const char*>>{
             {{"--summary", "./rows.csv"}, "that is the batch itself"},
             {{"--junit", "link"}, "that is the batch itself"},
             {{"--junit", "pytest.xml"}, "it exists and is no earlier report"},
             {{"--junit", "same", "--summary", "./same"}, "that is where --summary writes"},
             {{"--junit", "e.log", "--events", "e.log"}, "that is where --events writes"},
             {{"--junit", "a.mp4"}, "that is the name of a clip"},
             {{"--summary", "notes.txt"}, "it exists and is no earlier report"},
             {{"--summary", "."}, "it is a folder"},
             {{"--summary", "missing/end.json"}, "its folder does not exist"},
             {{"--junit", "-"}, "stdout is the result; name a file"},
         }) {
        const auto ran = home.program(tiny_batch(flags));
        CAPTURE(ran.err, why);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, why));
    }
    CHECK(home.nothing_sent());
    home.limits = "exec >results; ";
    CHECK(home.program(tiny_batch({"--junit", "stdout"})).exit == 2);
    home.limits.clear();
    CHECK(home.text("notes.txt") == "mine");
    CHECK(home.text("rows.csv").starts_with("id,prompt"));
    CHECK(home.nothing_sent());
    CHECK(home.program(tiny_batch({"--junit", "empty"})).exit == 0);
    CHECK(contains(home.text("empty"), "<testsuite"));
}

TEST_CASE("a report is written over an earlier one, through a link, and into a device or a pipe, which stay what they are") {
    OneRow home;
    fs::create_symlink("end.json", home.work() / "link");
    for (int run = 0; run < 2; ++run) CHECK(home.program(tiny_batch({"--summary", "link", "--junit", "null"})).exit == 0);
    CHECK(fs::is_symlink(home.work() / "link"));
    CHECK(core::parse_json(home.text("end.json"), "it")->at("done") == 1);
    CHECK(fs::is_symlink(home.work() / "null"));
    const auto ran = home.program(tiny_batch({"--junit", "stdout"}));
    CHECK(ran.exit == 0);
    CHECK(contains(ran.out, "<testsuite"));
    CHECK(contains(ran.out, "\"shotwire.clip/1\""));
}

TEST_CASE("a report that cannot be written is told with -q, too, takes nothing from the other one, and ends with 9") {
    const std::string full = GENERATE("--junit", "--summary");
    const std::string hook = GENERATE("true", "false");  // 14 without it
    OneRow home;
    const auto ran = home.program(tiny_batch({full, "full", full == "--junit" ? "--summary" : "--junit", "other", "--exec", hook}));
    CAPTURE(ran.err);
    CHECK(ran.exit == 9);
    CHECK(contains(ran.err, "cannot write full: No space left on device"));
    CHECK(fs::is_character_file(home.work() / "full"));
    if (full == "--junit") CHECK(core::parse_json(home.text("other"), "it")->at("exit") == 9);
    else CHECK(contains(home.text("other"), "<testsuite"));
}

TEST_CASE("what became a clip's while the batch ran is no place for a report any more") {
    OneRow home;
    const auto ran = home.program(tiny_batch({"--summary", "a.mp4.json"}));
    CAPTURE(ran.err);
    CHECK(ran.exit == 9);
    CHECK(contains(home.text("a.mp4.json"), "\"shotwire.clip/1\""));
}

TEST_CASE("events that cannot be written are told with -q, too, and end with 9, and stdout is no place for them") {
    OneRow home;
    for (const auto& args : {tiny_batch({"--events", "/dev/full"}), std::vector<std::string>{"make", "a heron", "--size", "128x72", "-d", "1", "-q", "--events", "/dev/full"}}) {
        const auto ran = home.program(args);
        CAPTURE(ran.err);
        CHECK(ran.exit == 9);
        CHECK(contains(ran.err, "cannot write to /dev/full; its events end here"));
        CHECK(contains(ran.out, ".mp4"));
    }
    const auto ran = home.program({"make", "a heron", "--events", "-"});
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "--events -: stdout is the result; name a file, or /dev/stderr"));
    CHECK_FALSE(fs::exists(home.work() / "-"));
}
