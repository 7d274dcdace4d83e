#include <sys/stat.h>

#include "cli/parse.hpp"
#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

void footers(const CLI::App& command, std::vector<std::string>& lines) {
    std::istringstream text(command.get_footer());
    for (std::string line; std::getline(text, line);)
        if (line.starts_with("  ") && contains(line, "shotwire ")) lines.emplace_back(core::trim(line));
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; })) footers(*child, lines);
}

void program(const std::filesystem::path& file, const std::string& script) {
    REQUIRE(bool(core::write_file(file, "#!/bin/bash\n" + script, core::Existing::replace)));
    REQUIRE(::chmod(file.c_str(), 0755) == 0);
}

// What a shell makes of the line: the words of each call of shotwire in it.
std::vector<std::vector<std::string>> calls_of(const std::string& line) {
    core::TemporaryFolder folder;
    const auto seen = folder.path() / "seen";
    program(folder.path() / "shotwire", "printf '%s\\n' \"$@\" END >> '" + seen.string() + "'\n");
    for (const char* other : {"mpv", "ffplay", "jq"}) program(folder.path() / other, "cat > /dev/null\n");
    const auto ran = core::run_process({{"/usr/bin/env", "-C", folder.path().string(), "HOME=" + folder.path().string(), "id=3f9a", "PATH=" + folder.path().string() + ":" + getenv("PATH"),
                                         "bash", "-c", "mkdir -p ~/.zfunc ~/.config/fish/completions; " + line},
                                        ""});
    REQUIRE(bool(ran));
    CAPTURE(line, ran->err);
    REQUIRE(ran->exit == 0);
    std::vector<std::vector<std::string>> calls(1);
    for (const auto& word : core::split(*core::read_file(seen), '\n'))
        if (word == "END") calls.emplace_back();
        else calls.back().push_back(word);
    calls.pop_back();
    return calls;
}

}  // namespace

TEST_CASE("every example of the help texts is read, and those that need no job, host or key work") {
    cli::GlobalFlags globals;
    const auto tree = cli::make_tree(globals, [](cli::Action) {});
    std::vector<std::string> lines;
    footers(*tree, lines);
    REQUIRE(lines.size() > 40);
    Home home;
    home.write("work/heron.yaml", "subject: a heron\naction: lifts off\nduration: 6\n");
    home.write("work/shots.yaml", "shots:\n  - subject: a heron\n    duration: 1\n");
    home.write("work/shots.csv", "subject,duration\na heron,1\n");
    home.write("work/shots.jsonl", "{\"subject\": \"a heron\", \"duration\": 1}\n");
    const json order{{"model", "animatic"}, {"route", "local"}, {"remote_model", "animatic"}, {"prompt", "a heron"}, {"shot", {{"prompt", "a heron"}}}, {"seconds", 1}};
    home.write("work/heron.mp4.json", json{{"schema", "shotwire.clip/1"}, {"order", order}}.dump());
    for (const auto& line : lines) {
        const auto calls = calls_of(line);
        CAPTURE(line);
        REQUIRE_FALSE(calls.empty());
        for (auto call : calls) {
            const auto parsed = cli::parse(call);
            CHECK(std::get_if<Error>(&parsed) == nullptr);
            const auto& command = call.at(0);
            const bool plans = command == "make" || command == "batch";
            if (!plans && command != "prompt" && command != "estimate" && command != "help" && command != "completion" && command != "spend") {
                if (command != "lint" && !(command == "models" && call.size() > 1 && call[1] == "show") && !(command == "jobs" && call.at(1) == "ls")) continue;
            }
            if (contains(line, "--strict") || contains(line, "--only-failed")) continue;  // they judge, or need a run before
            if (plans && !contains(line, "--dry-run")) call.emplace_back("--dry-run");
            const auto ran = home.program(call);
            CAPTURE(ran.err, ran.out);
            CHECK(ran.exit == 0);
        }
    }
}

TEST_CASE("the commands that the quickstart prints work") {
    const auto script = core::read_file(std::string(places::source) + "/examples/quickstart.sh");
    REQUIRE(bool(script));
    const std::string built = "build/release/src/shotwire";
    const auto text = script->substr(script->find("<<TEXT"));
    Home home;
    int run = 0;
    for (const auto& line : core::split(text, '\n')) {
        const auto at = line.find(built + " ");
        if (at == std::string::npos) continue;
        auto command = line.substr(at);
        command.replace(0, built.size(), places::program);
        const auto ran = core::run_process({{"/usr/bin/env", "-C", places::source, "bash", "-c", command}, ""});
        REQUIRE(bool(ran));
        CAPTURE(command, ran->err);
        CHECK(ran->exit == 0);
        ++run;
    }
    CHECK(run == 2);
}

TEST_CASE("the example of a pipeline keeps its ledger when the job fails") {
    const auto pipeline = core::read_file(std::string(places::source) + "/examples/ci.yml");
    REQUIRE(bool(pipeline));
    CHECK_FALSE(contains(*pipeline, "uses: actions/cache@"));  // saves what a successful job leaves, alone
    const auto restore = pipeline->find("uses: actions/cache/restore@"), batch = pipeline->find("--ledger"), save = pipeline->find("uses: actions/cache/save@");
    REQUIRE(save != std::string::npos);
    CHECK(restore < batch);
    CHECK(batch < save);
    CHECK(pipeline->find("if: always()", save) < pipeline->find("- uses", save));
}
