#include "harness.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct Block {
    int line = 0;
    std::string script;
};

// The ```sh blocks that stand behind a line <!-- test -->.
std::vector<Block> tested_blocks(const std::string& text) {
    std::vector<Block> blocks;
    std::istringstream lines(text);
    bool marked = false, inside = false;
    int number = 0;
    for (std::string line; std::getline(lines, line);) {
        ++number;
        if (inside && line.starts_with("```")) inside = false;
        else if (inside) blocks.back().script += line + "\n";
        else if (marked && line.starts_with("```sh")) {
            blocks.push_back({number, ""});
            inside = true;
            marked = false;
        } else if (!core::trim(line).empty()) marked = line == "<!-- test -->";
    }
    return blocks;
}

}  // namespace

TEST_CASE("only marked blocks of a README are run") {
    const auto blocks = tested_blocks("```sh\nfalse\n```\n<!-- test -->\n```sh\ntrue\nls\n```\n<!-- test -->\ntext\n```sh\nfalse\n```\n");
    REQUIRE(blocks.size() == 1);
    REQUIRE(blocks[0].script == "true\nls\n");
}

TEST_CASE("every block of commands in the README is marked as tested, but the two that the suite itself runs in") {
    const auto readme = core::read_file(std::string(places::source) + "/README.md");
    REQUIRE(bool(readme));
    std::istringstream lines(*readme);
    std::string before, line;
    for (; std::getline(lines, line); before = line) {
        if (!line.starts_with("```sh") || before == "<!-- test -->") continue;
        while (std::getline(lines, line) && !line.starts_with("```"))
            CHECK((line.starts_with("./examples/quickstart.sh") || line.starts_with("./tests/run.sh")));
    }
}

TEST_CASE("every command of the README that is marked as tested works") {
    const auto readme = core::read_file(std::string(places::source) + "/README.md");
    REQUIRE(bool(readme));
    const auto blocks = tested_blocks(*readme);
    REQUIRE_FALSE(blocks.empty());
    Home home;
    const auto bin = std::filesystem::path(places::program).parent_path().string();
    for (const auto& block : blocks) {
        const auto ran = core::run_process({{"/usr/bin/env", "-C", home.work().string(), "PATH=" + bin + ":" + getenv("PATH"),
                                             std::string("SHOTWIRE_MEDIA=") + places::media, "bash", "-euo", "pipefail", "-c", block.script}, ""});
        REQUIRE(bool(ran));
        CAPTURE(block.line, block.script, ran->out, ran->err);
        REQUIRE(ran->exit == 0);
    }
}
