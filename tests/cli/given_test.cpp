#include <set>

#include "cli/parse.hpp"
#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// Each command that runs, with the words that lead to it.
void leaves(const CLI::App& command, std::vector<std::string> path, std::vector<std::pair<std::vector<std::string>, const CLI::App*>>& into) {
    into.emplace_back(path, &command);
    for (const auto* child : command.get_subcommands([](const CLI::App*) { return true; })) {
        auto words = path;
        words.push_back(child->get_name());
        leaves(*child, words, into);
    }
}

}  // namespace

TEST_CASE("an empty value is refused by every flag but the texts of a shot") {
    // What an empty text says there: nothing of this, whatever the file or the configuration says.
    const std::set<std::string> texts{"--subject", "--action", "--environment", "--lighting",        "--camera", "--style",
                                      "--sound",   "--opening", "--ending",     "--negative-prompt", "--prompt"};
    cli::GlobalFlags globals;
    const auto tree = cli::make_tree(globals, [](cli::Action) {});
    std::vector<std::pair<std::vector<std::string>, const CLI::App*>> commands;
    leaves(*tree, {}, commands);
    std::set<std::string> seen;
    for (const auto& [path, command] : commands) {
        if (path.empty() || path == std::vector<std::string>{"jobs"}) continue;
        for (const auto* option : command->get_options()) {
            if (!option->nonpositional() || option->get_items_expected_max() == 0) continue;
            const auto name = option->get_lnames().empty() ? "-" + option->get_snames().at(0) : "--" + option->get_lnames().at(0);
            for (const bool joined : {false, true}) {
                if (joined && !name.starts_with("--")) continue;
                auto args = path;
                if (joined) args.push_back(name + "=");
                else args.insert(args.end(), {name, ""});
                const auto parsed = cli::parse(args);
                const auto* error = std::get_if<Error>(&parsed);
                CAPTURE(core::join(args, " "), error ? error->message : "");
                const bool refused = error && contains(error->message, name + " is empty");
                CHECK(refused != texts.contains(name));
                seen.insert(name);
            }
        }
    }
    for (const char* name : {"--first-frame", "--last-frame", "--reference", "--via", "--resolution", "--ledger", "--config", "--profile", "--cacert", "--proxy", "--events", "--output", "--shot"})
        CHECK(seen.contains(name));
    for (const auto& name : texts) CHECK(seen.contains(name));
}

TEST_CASE("a picture that a variable should have named is missed, by the flag's name as it was typed") {
    Home home;
    for (const auto& args : std::vector<std::vector<std::string>>{{"make", "a fox", "-m", "veo-3.1", "--image", ""}, {"make", "a fox", "-m", "veo-3.1", "--image="}, {"make", "a fox", "-c", "", "--image", "", "-m", "veo-3.1"}}) {
        const auto ran = home.in_process(args);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "--image is empty"));
    }
    for (const auto& args : std::vector<std::vector<std::string>>{{"jobs", "forget", "", "--yes"}, {"jobs", "show", ""}, {"make", ""}}) {
        const auto ran = home.in_process(args);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, " is empty"));
    }
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("an empty text takes back what a file says") {
    Home home;
    const auto file = home.write("work/fox.yaml", "subject: a fox\nstyle: 16mm film\ncamera: pan left\nnegative_prompt: people\n");
    const auto prompt = home.in_process({"prompt", "--shot", file, "--style", "", "-c", "", "--negative-prompt", ""});
    CAPTURE(prompt.err);
    REQUIRE(prompt.exit == 0);
    REQUIRE(contains(prompt.out, "fox"));
    for (const auto* gone : {"16mm", "pan", "people"}) CHECK_FALSE(contains(prompt.out + prompt.err, gone));
    home.env = {{"SHOTWIRE_STYLE", ""}};  // a variable that is set to nothing says nothing
    REQUIRE(contains(home.in_process({"prompt", "--shot", file}).out, "16mm"));
}

TEST_CASE("a proxy or a CA file that cannot be is exit 2 before any row exists, on the local route too") {
    Home home;
    const auto no_certificate = home.write("work/empty.pem", "nothing\n").string();
    const std::vector<std::string> make{"make", "a fox", "-d", "1", "--size", "128x128"};
    struct Case {
        std::vector<std::string> flags;
        std::map<std::string, std::string> env;
        std::vector<std::string> says;
    };
    for (const auto& one : std::vector<Case>{
             {{"--proxy", "ftp://proxy.example:21"}, {}, {"--proxy ftp://proxy.example:21", "socks5h"}},
             {{"--proxy", "no url at all"}, {}, {"--proxy no url at all", "HOST:PORT"}},
             {{"--proxy", "http://proxy.example:99999"}, {}, {"--proxy http://proxy.example:99999"}},
             {{"--proxy", "ftp://user:sekret@proxy.example:1"}, {}, {"--proxy ftp://...@proxy.example:1"}},
             {{"--cacert", "/nonexistent.pem"}, {}, {"--cacert /nonexistent.pem", "no such file"}},
             {{"--cacert", no_certificate}, {}, {"--cacert " + no_certificate, "PEM"}},
             {{}, {{"SHOTWIRE_PROXY", "gopher://x"}}, {"$SHOTWIRE_PROXY gopher://x"}},
             {{}, {{"SHOTWIRE_CACERT", "/nonexistent.pem"}}, {"$SHOTWIRE_CACERT /nonexistent.pem"}},
         }) {
        home.env = one.env;
        auto args = make;
        args.insert(args.end(), one.flags.begin(), one.flags.end());
        const auto ran = home.in_process(args);
        CAPTURE(ran.err);
        CHECK(ran.exit == 2);
        for (const auto& part : one.says) CHECK(contains(ran.err, part));
        CHECK_FALSE(contains(ran.err, "sekret"));
    }
    home.env = {};
    home.write("config/shotwire/config.toml", "proxy = \"gopher://x\"\n");
    const auto configured = home.in_process(make);
    CHECK(configured.exit == 2);
    CHECK(contains(configured.err, "proxy of the configuration gopher://x"));
    for (const char* good : {"proxy.example:3128", "http://u:p@proxy.example:3128/", "socks5h://[::1]:1080", "HTTPS://proxy.example"}) {
        const auto ran = home.in_process({"make", "a fox", "--proxy", good, "--dry-run"});
        CAPTURE(good, ran.err);
        CHECK(ran.exit == 0);
    }
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("a wrong default names the variable that sets it") {
    Home home;
    for (const auto& [variable, value] : std::map<std::string, std::string>{{"SHOTWIRE_DURATION", "long"}, {"SHOTWIRE_SIZE", "99999x9"}, {"SHOTWIRE_JOBS", "many"},
                                                                           {"SHOTWIRE_TIMEOUT", "soon"}, {"SHOTWIRE_RPM", "0"}, {"SHOTWIRE_MAX_COST", "much"}, {"SHOTWIRE_FIT", "perhaps"}}) {
        home.env = {{variable, value}};
        const auto ran = home.in_process({"make", "a fox", "-d", "1"});
        CAPTURE(ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "$" + variable));
        CHECK(contains(ran.err, value));
    }
    home.env = {{"SHOTWIRE_JOBS", "many"}};
    CHECK(contains(home.in_process({"make", "a fox", "-d", "1", "-j", "few"}).err, "--jobs few"));
}

TEST_CASE("what is allowed is told of seeds and sizes") {
    Home home;
    CHECK(contains(home.in_process({"make", "a fox", "--seed", "99999999999999999999"}).err, "from 0 to 18446744073709551615"));
    CHECK(contains(home.in_process({"make", "a fox", "--size", "99999x9"}).err, "from 1 to 16384"));
    const auto placeholder = home.in_process({"make", "a fox", "-o", "{nope}.mp4"}).err;
    CHECK(contains(placeholder, "{date}"));
    CHECK_FALSE(contains(placeholder, "{row}"));
}

TEST_CASE("raw fields that are not theirs to set are told beside all other problems, and leave no job") {
    Home home;
    const auto ran = home.in_process({"make", "a heron", "-m", "openai:sora-2", "--base-url", "https://h.example/v1", "-d", "7", "--param", "size=1", "--param", "prompt=x"});
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 2);
    for (const auto* part : {"4, 8, 12, 16, 20", "--param size: this field is set by --size", "--param prompt: this field is the prompt itself"}) CHECK(contains(ran.err, part));
    CHECK_FALSE(contains(ran.err, "prompt, which also knows its price"));
    const auto alone = home.in_process({"make", "a heron", "-m", "openai:sora-2", "--base-url", "https://h.example/v1", "-d", "8", "--param", "prompt=x"});
    REQUIRE(alone.exit == 2);
    REQUIRE(contains(alone.err, "--param prompt: "));
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("a sidecar that cannot be read again is told by its field or its schema") {
    Home home;
    json order{{"model", "animatic"}, {"route", "local"}, {"remote_model", "animatic"}, {"prompt", "a fox"}, {"shot", {{"prompt", "a fox"}}}, {"seconds", "x"}};
    const auto from = [&](const json& document) { return home.in_process({"make", "--from", home.write("work/a.mp4.json", document.dump()).string(), "--dry-run"}); };
    const auto field = from({{"schema", "shotwire.clip/1"}, {"order", order}});
    CHECK(field.exit == 2);
    CHECK(contains(field.err, "\"seconds\""));
    CHECK_FALSE(contains(field.err, "json.exception"));
    order["seconds"] = 1;
    CHECK(from({{"schema", "shotwire.clip/1"}, {"order", order}}).exit == 0);
    const auto later = from({{"schema", "shotwire.clip/9"}, {"order", order}});
    CHECK(later.exit == 2);
    CHECK(contains(later.err, "shotwire.clip/9"));
}

TEST_CASE("a sidecar on another model asks for what was wished alone") {
    Home home;
    json order{{"model", "animatic"}, {"route", "local"}, {"remote_model", "animatic"}, {"prompt", "a fox"}, {"shot", {{"prompt", "a fox"}}},
               {"seconds", 6}, {"size", "1280x720"}, {"fps", 24}, {"audio", true}, {"wished", {"duration"}}};
    const auto from = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"make", "--from", home.write("work/a.mp4.json", json{{"schema", "shotwire.clip/1"}, {"order", order}}.dump()).string(), "--dry-run", "--json"});
        return home.in_process(more);
    };
    for (const auto& another : std::vector<std::vector<std::string>>{{"-m", "kling-3.0", "--via", "kling"}, {"-m", "openai:my-model", "--base-url", "https://h.example/v1"}}) {
        const auto ran = from(another);
        CAPTURE(ran.err, another[1]);
        REQUIRE(ran.exit == 0);
        CHECK(contains(ran.out, "6"));
        CHECK_FALSE(contains(ran.out, "fps"));
    }
    order["wished"].push_back("fps");
    const auto refused = from({"-m", "kling-3.0", "--via", "kling"});
    CHECK(refused.exit == 2);
    CHECK(contains(refused.err, "kling-3.0 takes no --fps"));
    INFO("the same model is asked for all of it");
    order["wished"] = json::array();
    order["fps"] = 12;
    const auto same = from({});
    REQUIRE(same.exit == 0);
    CHECK(contains(same.out, "12"));
}

TEST_CASE("a sidecar moves no host, but says where its clip was made") {
    Home home;
    const json order{{"model", "my-model"}, {"route", "openai"}, {"remote_model", "my-model"}, {"prompt", "a fox"}, {"shot", {{"prompt", "a fox"}}}, {"seconds", 4}};
    const auto file = home.write("work/a.mp4.json", json{{"schema", "shotwire.clip/1"}, {"order", order}, {"base_url", "https://h.example/v1"}}.dump()).string();
    const auto ran = home.in_process({"make", "--from", file, "--dry-run"});
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "--via openai --base-url https://h.example/v1"));
    const auto there = home.in_process({"make", "--from", file, "--via", "openai", "--base-url", "https://h.example/v1", "--dry-run"});
    CAPTURE(there.err);
    CHECK(there.exit == 0);
}

TEST_CASE("stdin that cannot be read, or is asked for twice, is exit 2") {
    Home home;
    const auto twice = home.in_process({"make", "-", "--shot", "-", "--dry-run"}, "a fox");
    CHECK(twice.exit == 2);
    CHECK(contains(twice.err, "stdin can be read once"));
    home.limits = "exec <.; ";  // a folder
    for (const auto& args : std::vector<std::vector<std::string>>{{"make", "-", "--dry-run"}, {"prompt", "--shot", "-"}, {"lint", "-"}, {"batch", "-", "--dry-run"}}) {
        const auto ran = home.program(args);
        CAPTURE(args[0], ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "cannot be read"));
    }
}

TEST_CASE("an output that is no UTF-8 is refused: the ledger would keep it as another name") {
    Home home;
    for (const auto& args : std::vector<std::vector<std::string>>{{"make", "a fox", "-o", "\xff.mp4"}, {"batch", home.write("work/rows.csv", "id,prompt\na,a fox\n").string(), "-o", "{row}\xfe.mp4"}}) {
        const auto ran = home.in_process(args);
        CAPTURE(ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "is not valid UTF-8"));
    }
}

TEST_CASE("the seeds of further takes are checked with the first") {
    Home home;
    const auto ran = home.in_process({"make", "a fox", "-n", "2", "--seed", "9007199254740991", "--dry-run"});
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "not 9007199254740992 for the last of 2 takes"));
    CHECK(home.in_process({"make", "a fox", "--seed", "9007199254740991", "--dry-run"}).exit == 0);
}

TEST_CASE("a ledger that --ledger names and that is not there is told by who would read it, and made by none of them") {
    Home home;
    const auto place = (home.work() / "none.db").string();
    for (const auto& args : std::vector<std::vector<std::string>>{{"jobs", "ls"}, {"jobs", "show", "3f9a"}, {"jobs", "wait", "3f9a"}, {"jobs", "resume"}, {"spend"}}) {
        auto line = args;
        line.insert(line.end(), {"--ledger", place});
        const auto ran = home.in_process(line);
        CAPTURE(core::join(line, " "), ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "--ledger " + place));
        CHECK_FALSE(std::filesystem::exists(place));
    }
    CHECK(home.in_process({"jobs", "ls"}).exit == 0);
}

TEST_CASE("a clip is not written to a terminal") {
    Home home;
    home.out_is_terminal = true;
    const auto ran = home.in_process({"make", "a fox", "-d", "1", "-o", "-"});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "terminal"));
    REQUIRE(ran.out.empty());
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("a model that has ended is said to have ended where it has, and nowhere else") {
    Home home;
    const auto ran = home.in_process({"make", "a fox", "-m", "sora-2", "--via", "openai", "--dry-run"});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "ended on 2026-09-24 at OpenAI Videos API;"));
}
