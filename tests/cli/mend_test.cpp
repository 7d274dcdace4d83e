#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// wan-2.7 has a field for a negative prompt.
Ran fix(Home& home, const std::filesystem::path& file, std::vector<std::string> more = {}) {
    std::vector<std::string> args{"lint", file.string(), "--fix", "-m", "wan-2.7"};
    args.insert(args.end(), more.begin(), more.end());
    return home.in_process(args);
}

}  // namespace

TEST_CASE("lint --fix mends moves, items and new keys in whatever way a file writes them") {
    struct Case {
        std::string name, before, after;
    };
    for (const auto& one : std::vector<Case>{
             {"bare.yaml", "subject: a fox\ncamera: slow dolly inn  # the move\n", "subject: a fox\ncamera: slow dolly in  # the move\n"},
             {"flow.yaml", "subject: a fox\ncamera: [tilt uup, pan left]\n", "subject: a fox\ncamera: [tilt up, pan left]\n"},
             {"block.yaml", "subject: a fox\ncamera:\n  # first\n  - tilt uup\n  - 'pan left, masterpiece'\n  - \"static, beautiful\"\n",
              "subject: a fox\ncamera:\n  # first\n  - tilt up\n  - 'pan left'\n  - \"static\"\n"},
             {"comment.yaml", "# tilt uup\nsubject: a fox\ncamera: tilt uup\n", "# tilt uup\nsubject: a fox\ncamera: tilt up\n"},
             {"moves.json", "{\"subject\": \"a fox\",\n \"camera\": [\"tilt uup\", \"pan left\"]}\n", "{\"subject\": \"a fox\",\n \"camera\": [\"tilt up\", \"pan left\"]}\n"},
             {"new.yaml", "subject: a fox\naction: runs, no people  # away", "subject: a fox\naction: runs  # away\nnegative_prompt: people\n"},
             {"quotes.yaml", "subject: a fox\naction: 'it''s running, no people'\n", "subject: a fox\naction: 'it''s running'\nnegative_prompt: people\n"},
             {"new.json", "{\n  \"subject\": \"a \\\"fox\\\"\",\n  \"action\": \"\\\"runs\\\", no people\"\n}\n",
              "{\n  \"subject\": \"a \\\"fox\\\"\",\n  \"action\": \"\\\"runs\\\"\",\n  \"negative_prompt\": \"people\"\n}\n"},
             {"flow-new.yaml", "{subject: a fox, action: \"runs, no people\"}\n", "{subject: a fox, action: \"runs\", \"negative_prompt\": \"people\"}\n"},
             {"folded.yaml", "subject: a fox\nstyle: >\n  soft film, beautiful,\n  fine grain\n", "subject: a fox\nstyle: >\n  soft film,\n  fine grain\n"},
         }) {
        CAPTURE(one.name);
        Home home;
        const auto file = home.write("work/" + one.name, one.before);
        const auto ran = fix(home, file);
        CAPTURE(ran.err);
        CHECK(ran.exit == 0);
        CHECK(contains(ran.err, "mended: "));
        CHECK(*core::read_file(file) == one.after);
    }
}

TEST_CASE("lint --fix leaves a file that it cannot mend as it was, and does not say that it did") {
    Home home;
    const std::string before = "subject: &it a beautiful old fox, beautiful\nenvironment: *it\n";
    const auto file = home.write("work/alias.yaml", before);
    const auto ran = fix(home, file);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "left as it was"));
    REQUIRE_FALSE(contains(ran.err, "mended: "));
    REQUIRE(*core::read_file(file) == before);
}

TEST_CASE("lint --fix writes what the file says into it, and nothing of flags or defaults") {
    Home home;
    const auto file = home.write("work/fox.yaml", "subject: a fox\nstyle: 16mm film, beautiful\n");
    const auto flag = fix(home, file, {"-s", "a dog, beautiful", "-c", "tilt uup"});
    CAPTURE(flag.err);
    REQUIRE(flag.exit == 0);
    REQUIRE(*core::read_file(file) == "subject: a fox\nstyle: 16mm film\n");
    REQUIRE(contains(flag.out, "subject: 'beautiful'"));  // told, as it is part of the shot

    home.env = {{"SHOTWIRE_LIGHTING", "soft light, beautiful"}, {"SHOTWIRE_CAMERA", "tilt uup"}};
    const auto other = home.write("work/other.yaml", "subject: a fox\nstyle: 16mm film, beautiful\n");
    REQUIRE(fix(home, other).exit == 0);
    REQUIRE(*core::read_file(other) == "subject: a fox\nstyle: 16mm film\n");
}
