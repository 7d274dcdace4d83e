#include <regex>

#include "cli/parse.hpp"
#include "cli/topics.hpp"
#include "cli/version.hpp"
#include "config/config.hpp"
#include "harness.hpp"
#include "serve/fault.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;

TEST_CASE("a wrong command line is exit 2 with one sentence that names what is wrong") {
    struct Wrong {
        std::vector<std::string> args;
        std::string says;
    };
    const auto wrong = GENERATE(values<Wrong>({
        {{"maek"}, "did you mean make?"},
        {{"generate", "a heron"}, "did you mean make?"},
        {{"jobs", "rm", "3f9a"}, "did you mean forget?"},
        {{"estimate", "a paper boat drifts"}, "words of a prompt go to --prompt"},
        {{"make", "--subjct", "x"}, "did you mean --subject?"},
        {{"make", "--explain", "x"}, "shotwire prompt has it"},
        {{"make", "-s"}, "--subject needs a value"},
        {{"make", "a heron", "lifts off"}, "does not take a further word: lifts off"},
        {{"make", "--", "--a heron", "--lifts"}, "does not take a further word: --lifts"},
        {{"make", "a", "--seed", "18446744073709551615", "-n", "2"}, "takes seeds from 0 to 9007199254740991, not 18446744073709551615"},
        {{"make", "a", "--seed", "9007199254740991", "-n", "2"}, "not 9007199254740992 for the last of 2 takes"},
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
        {{"batch", "-", "--again", "--only-failed"}, "--again renders all rows anew"},
        {{"make", "a", "-n", "2", "-o", "a.mp4"}, "add {take}"},
        {{"make", "a", "-o", "-", "--json"}, "both want stdout"},
        {{"lint", "-s", "a", "--format", "xml"}, "--format xml is not one of text, json, sarif, github"},
        {{"models", "show", "sora"}, "there is no model sora"},
        {{"models", "show", "animatik"}, "did you mean animatic?"},
        {{"make", "a", "-m", "animatik"}, "did you mean"},
        {{"lint", "-s", "a", "-m", "animatik"}, "did you mean animatic?"},
        {{"jobs", "ls", "-m", "animatik"}, "there is no model animatik, and no job of it; did you mean animatic?"},
        {{"jobs", "ls", "--via", "nowhere"}, "there is no route nowhere"},
        {{"jobs", "ls", "--state", "dead"}, "--state dead is not one of planned, submitting, unknown"},
        {{"help", "maek"}, "did you mean make?"},
        {{"help", "jobs", "shwo"}, "did you mean show?"},
        {{"make", "heron.yaml"}, "did you mean --shot heron.yaml?"},
        {{"prompt", "Shots/Heron.YML"}, "did you mean --shot Shots/Heron.YML?"},
        {{"make", "heron.mp4.json"}, "did you mean --from heron.mp4.json?"},
        {{"make", "heron.mp4"}, "did you mean --from heron.mp4?"},
        {{"make", "/etc/hostname"}, "did you mean --shot /etc/hostname?"},
        {{"make", "--from", "nowhere.mp4"}, "its sidecar nowhere.mp4.json is not there"},
        {{"make", "a", "-o", ""}, "-o is empty"},
        {{"make", "a", "-o", "x.webm"}, "name it .mp4"},
        {{"make", "a", "-o", "nowhere/x.mp4"}, "nowhere does not exist"},
        {{"make", "a", "-o", "nowhere/"}, "nowhere does not exist"},
        {{"make", "a", "-o", "/etc/hostname/x.mp4"}, "/etc/hostname is not a folder"},
        {{"make", "a", "-n", "2", "-o", "t-{nope}.mp4"}, "unknown placeholder '{nope}'; allowed: {slug}"},
        {{"make", ""}, "PROMPT is empty"},
        {{"make", "a", "-d", "0"}, "duration"},
        {{"make", "a", "-d", "-1"}, "-1"},
        {{"make", "a", "--ar", "0:9"}, "0:9"},
        {{"make", "a", "--size", "0x0"}, "0x0"},
        {{"make", "a\xff"}, "prompt is not valid UTF-8"},
        {{"make", "-s", "a\xc3("}, "subject is not valid UTF-8"},
        {{"make", "a", "--param", "k=\xff"}, "is not valid UTF-8"},
        {{"make", std::string(1 << 20, 'a')}, "characters"},
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
    auto cmake = core::read_file(std::string(places::source) + "/CMakeLists.txt");
    REQUIRE(bool(cmake));
    REQUIRE(contains(*cmake, std::string("project(shotwire VERSION ") + cli::version));
    REQUIRE(home.in_process({"--version"}).out == std::string("shotwire ") + cli::version + "\n");
}

TEST_CASE("every command has help within 105 columns, and help opens nothing") {
    const auto args = GENERATE(values<std::vector<std::string>>({{}, {"make"}, {"prompt"}, {"lint"}, {"estimate"}, {"batch"}, {"spend"}, {"doctor"}, {"jobs"}, {"jobs", "ls"},
        {"jobs", "show"}, {"jobs", "wait"}, {"jobs", "resume"}, {"jobs", "cancel"}, {"jobs", "forget"}, {"jobs", "resend"}, {"jobs", "adopt"},
        {"models"}, {"models", "ls"}, {"models", "show"}, {"models", "check"}, {"serve"}, {"completion"}, {"man"}, {"help"}}));
    Home home;
    auto asked = args;
    asked.push_back("--help");
    const auto ran = home.in_process(asked);
    CAPTURE(args);
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.err.empty());
    REQUIRE(contains(ran.out, "Usage: shotwire " + core::join(args, " ")));
    REQUIRE(contains(ran.out, "--json"));
    INFO("its examples are its own");
    const auto examples = ran.out.substr(ran.out.find("\nExamples:\n"));
    REQUIRE(contains(examples, "shotwire " + core::join(args, " ")));
    asked.pop_back();
    asked.insert(asked.begin(), "help");
    REQUIRE(home.in_process(asked).out == ran.out);
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
    for (const auto& line : ran.lines()) {
        CAPTURE(line);
        REQUIRE(core::count_characters(line) <= 105);
    }
}

TEST_CASE("a manual page parts what is said of a command from its last flag, and keeps the shape of lists") {
    Home home;
    const auto man = home.in_process({"man"}).out;
    REQUIRE(contains(man, "never asks\n.PP\nstdout is the clip's path alone"));
    REQUIRE(contains(man, ".B Examples\n.RS\n.nf\nshotwire make "));
    REQUIRE(contains(man, "\n                            Retry\\-After"));  // under the words, not under the kind of fault
}

TEST_CASE("help tells a fault as serve takes it") {
    Home home;
    const auto help = home.in_process({"serve", "--help"}).out;
    REQUIRE(contains(help, "A fault is ENDPOINT:KIND[=VALUE]"));
    const auto refused = home.in_process({"serve", "--fault", "429"});
    REQUIRE(refused.exit == 2);
    REQUIRE(contains(refused.err, "ENDPOINT:KIND[=VALUE]"));
    for (const auto& endpoint : serve::fault_endpoints()) REQUIRE(contains(help, endpoint));
}

TEST_CASE("a variable that several routes read names them all") {
    Home home;
    REQUIRE(contains(home.in_process({"help", "environment"}).out, "The key of the routes ark, ark-cn"));
}

TEST_CASE("the file that lint and estimate take stands in their usage") {
    Home home;
    for (const std::string command : {"lint", "estimate"})
        REQUIRE(contains(home.in_process({command, "--help"}).out, "Usage: shotwire " + command + " [FILE] [flags]"));
}

TEST_CASE("every variable that the configuration reads is told by help and the manual page") {
    Home home;
    const auto help = home.in_process({"help", "environment"}).out, man = home.in_process({"man"}).out;
    for (const auto& variable : config::variables()) {
        CAPTURE(variable.name);
        REQUIRE(contains(help, variable.name));
        REQUIRE(contains(man, variable.name));
    }
    REQUIRE(contains(help, "As --duration: Length of the clip"));
    REQUIRE(contains(help, "OPENAI_API_KEY"));
    cli::GlobalFlags none;
    const auto tree = cli::make_tree(none, [](cli::Action) {});
    for (const auto& variable : cli::environment_help(*tree)) {
        CAPTURE(variable.name);
        REQUIRE_FALSE(variable.help.empty());
    }
}

TEST_CASE("a line of make becomes one of prompt by changing the command") {
    Home home;
    for (const std::string command : {"prompt", "lint", "make"}) {
        std::vector<std::string> line{command, "-s", "a heron", "-a", "lifts off", "-d", "2", "--via", "local", "--ar", "1:1", "--no-audio"};
        if (command == "make") line.insert(line.end(), {"--yes", "--dry-run"});
        CHECK(home.in_process(line).exit == 0);
    }
}

TEST_CASE("of a flag that is given twice the last counts, a repeatable one keeps all") {
    Home home;
    const auto ran = home.in_process({"make", "-s", "an egret", "-s", "a heron", "-d", "9", "-d", "2", "--audio", "--no-audio", "-c", "pan left", "-c",
                                      "handheld", "--dry-run", "--json", "--json"});
    const auto body = ran.document()["requests"][0]["body"];
    REQUIRE(body["seconds"] == "2");
    REQUIRE(body["shotwire"]["shot"]["subject"] == "a heron");
    REQUIRE(body["shotwire"]["shot"]["camera"].size() == 2);
    const auto sound = home.in_process({"make", "a", "--no-audio", "--audio", "--sound", "rain", "--dry-run"});
    REQUIRE_FALSE(contains(sound.err, "sound-without-audio"));
    REQUIRE(contains(home.in_process({"make", "a", "--audio", "--no-audio", "--sound", "rain", "--dry-run"}).err, "[sound-without-audio]"));
}

TEST_CASE("an exception is told as a bug with exit 70, on stdout too where a program listens") {
    Home home;
    home.throwing = true;
    const auto ran = home.in_process({"make", "a", "--dry-run", "--json"});
    REQUIRE(ran.exit == 70);
    REQUIRE(contains(ran.err, "a bug in shotwire"));
    REQUIRE(contains(ran.err, "thrown by a test"));
    REQUIRE(ran.document()["exit"] == 70);
    REQUIRE(ran.document()["kind"] == "bug");
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
                                             {{"shotwire", "make", "-c", "\"slow"}, "slow dolly in"},
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
