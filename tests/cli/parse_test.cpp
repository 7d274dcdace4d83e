#include <regex>

#include "cli/version.hpp"
#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

TEST_CASE("a wrong command line is exit 2 with one sentence that names what is wrong") {
    struct Wrong {
        std::vector<std::string> args;
        std::string says;
    };
    const auto wrong = GENERATE(values<Wrong>({
        {{"maek"}, "did you mean make?"},
        {{"make", "--subjct", "x"}, "did you mean --subject?"},
        {{"make", "--explain", "x"}, "shotwire prompt has it"},
        {{"make", "-s", "a", "-s", "b"}, "--subject is given more than once"},
        {{"make", "-s"}, "--subject needs a value"},
        {{"make", "a heron", "lifts off"}, "does not take a further word: lifts off"},
        {{"make", "a heron", "--json=3"}, "--json takes no value"},
        {{"jobs"}, "needs a command: ls, show, wait"},
        {{"jobs", "shwo", "x"}, "did you mean show?"},
        {{"jobs", "show"}, "needs ID"},
        {{"make", "a", "--color", "blue"}, "--color blue is not one of auto, always, never"},
        {{"make", "a", "-n", "0"}, "--takes 0 is not a whole number from 1 to 1000"},
        {{"make", "a", "--seed", "-1"}, "--seed -1"},
        {{"make", "a", "--fps", "fast"}, "--fps fast is not a whole number"},
        {{"make", "a", "--max-cost", "cheap"}, "--max-cost cheap is not an amount"},
        {{"make", "a", "--timeout", "soon"}, "--timeout"},
        {{"make", "a", "--param", "steps"}, "--param steps is not of the form name=value"},
        {{"make", "a", "--base-url", "https://h.example/v1"}, "name it by --via ROUTE or -m ROUTE:MODEL"},
        {{"make", "a", "--via", "openai", "--base-url", "ftp://h.example"}, "is not an http or https URL"},
        {{"make", "a", "--via", "openai", "--base-url", "https://me:pw@h.example"}, "must not hold a user"},
        {{"make", "a", "--remix", "x", "--extend", "y"}, "exclude each other"},
        {{"make", "a", "-n", "2", "-o", "a.mp4"}, "add {take}"},
        {{"make", "a", "-o", "-", "--json"}, "both want stdout"},
        {{"lint", "-s", "a", "--format", "xml"}, "--format xml is not one of text, json, sarif, github"},
        {{"models", "show", "sora"}, "there is no model sora"},
        {{"completion", "tcsh"}, "not one of bash, zsh, fish"},
        {{"serve", "--port", "99999"}, "--port 99999"},
        {{"serve", "--fault", "create:lightning"}, "lightning"},
        {{"serve", "--fault", "create:429", "--fault", "nowhere:429"}, "nowhere"},
    }));
    Home home;
    const auto ran = home.in_process(wrong.args);
    CAPTURE(wrong.args, ran.err);
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, wrong.says));
    REQUIRE(ran.err.starts_with("shotwire: "));
    REQUIRE((ran.out.empty() || wrong.args.back() == "--json"));
}

TEST_CASE("with --json an error is a document on stdout too") {
    Home home;
    const auto ran = home.in_process({"make", "a", "-m", "sora-3", "--json"});
    const auto document = ran.document();
    REQUIRE(ran.exit == 2);
    REQUIRE(document["schema"] == "shotwire.error/1");
    REQUIRE(document["exit"] == 2);
    REQUIRE(document["kind"] == "usage");
    REQUIRE(contains(document["messages"][0], "sora-2"));
}

TEST_CASE("a repeatable flag leaves the prompt behind it alone") {
    Home home;
    const auto ran = home.in_process({"prompt", "-c", "pan left", "-c", "handheld", "a heron lifts off"});
    REQUIRE(ran.exit == 0);
    REQUIRE(contains(ran.out, "a heron lifts off"));
    REQUIRE(contains(ran.out, "pans left"));
}

TEST_CASE("a prompt may be a command's name") {
    Home home;
    const auto ran = home.in_process({"prompt", "serve"});
    REQUIRE(ran.exit == 0);
    REQUIRE(contains(ran.out, "erve"));
}

TEST_CASE("the flag --version is the project's version") {
    Home home;
    auto cmake = core::read_file(std::string(SHOTWIRE_SOURCE_DIR) + "/CMakeLists.txt");
    REQUIRE(bool(cmake));
    REQUIRE(contains(*cmake, std::string("project(shotwire VERSION ") + cli::version));
    REQUIRE(home.in_process({"--version"}).out == std::string("shotwire ") + cli::version + "\n");
}

TEST_CASE("every command has help within 105 columns, and help opens nothing") {
    const auto args = GENERATE(values<std::vector<std::string>>({{}, {"make"}, {"prompt"}, {"lint"}, {"estimate"}, {"jobs"}, {"jobs", "ls"},
        {"jobs", "show"}, {"jobs", "wait"}, {"jobs", "resume"}, {"jobs", "cancel"}, {"jobs", "forget"}, {"jobs", "resend"}, {"jobs", "adopt"},
        {"models"}, {"models", "ls"}, {"models", "show"}, {"serve"}, {"completion"}, {"man"}}));
    Home home;
    auto asked = args;
    asked.push_back("--help");
    const auto ran = home.in_process(asked);
    CAPTURE(args);
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.err.empty());
    REQUIRE(contains(ran.out, "Usage: shotwire " + core::join(args, " ")));
    REQUIRE(contains(ran.out, "--json"));
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
    for (const auto& line : ran.lines()) {
        CAPTURE(line);
        REQUIRE(core::count_characters(line) <= 105);
    }
}

TEST_CASE("the manual page and the completions know every command and flag") {
    Home home;
    const auto man = home.in_process({"man"});
    REQUIRE(man.exit == 0);
    REQUIRE(contains(man.out, ".SS shotwire jobs adopt"));
    REQUIRE(contains(man.out, "\\-\\-cancel\\-on\\-interrupt"));
    for (const std::string shell : {"bash", "zsh", "fish"}) {
        const auto script = home.in_process({"completion", shell});
        CAPTURE(shell);
        REQUIRE(script.exit == 0);
        for (const auto* word : {"sora-2-pro", "resume", "max-cost", "sarif"}) REQUIRE(contains(script.out, word));
        REQUIRE(contains(script.out, shell == "zsh" ? "slow\\ dolly\\ in" : "slow dolly in"));
    }
}

TEST_CASE("bash completes commands, flags, models and camera moves") {
    struct Wish {
        std::vector<std::string> words;
        std::string offered;
    };
    const auto wish = GENERATE(values<Wish>({{{"shotwire", "ma"}, "make"},
                                             {{"shotwire", "jobs", "res"}, "resume"},
                                             {{"shotwire", "make", "--neg"}, "--negative-prompt"},
                                             {{"shotwire", "make", "-m", "sora-2-"}, "sora-2-pro"},
                                             {{"shotwire", "make", "-c", "slow"}, "slow\\ dolly\\ in"},
                                             {{"shotwire", "lint", "--format", "sa"}, "sarif"}}));
    Home home;
    std::string script = home.in_process({"completion", "bash"}).out + "COMP_WORDS=(";
    for (const auto& word : wish.words) script += "'" + word + "' ";
    script += "); COMP_CWORD=" + std::to_string(wish.words.size() - 1) + "; _shotwire; printf '%s\\n' \"${COMPREPLY[@]}\"\n";
    const auto finished = core::run_process({{"bash", "-s"}, script});
    REQUIRE(bool(finished));
    CAPTURE(finished->err, wish.words);
    const auto offered = core::split(finished->out, '\n');
    REQUIRE(std::find(offered.begin(), offered.end(), wish.offered) != offered.end());
}
