#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
const std::vector<std::string> whole_shot{"-s", "a woman in a red wool coat", "-a", "walks slowly through the rain, then stops",
                                          "-e", "a cobblestone street in a European city at night", "-l", "amber lamplight from the left",
                                          "-c", "handheld tracking shot at shoulder height"};
std::vector<std::string> with(std::vector<std::string> args, const std::vector<std::string>& more) {
    args.insert(args.end(), more.begin(), more.end());
    return args;
}
}  // namespace

TEST_CASE("prompt prints the prompt alone") {
    Home home;
    const auto ran = home.in_process(with({"prompt", "-m", "sora-2"}, whole_shot));
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.lines().size() == 1);
    REQUIRE(contains(ran.out, "red wool coat"));
    REQUIRE(ran.err.empty());
}

TEST_CASE("prompt --explain and --json say what became of each field") {
    Home home;
    const auto explained = home.in_process(with({"prompt", "--explain"}, whole_shot));
    for (const auto* field : {"subject", "action", "environment", "lighting", "camera"}) REQUIRE(contains(explained.out, std::string("\n") + field + "\n"));
    const auto document = home.in_process(with({"prompt", "--json"}, whole_shot)).document();
    REQUIRE(document["pieces"].size() == 5);
    REQUIRE(document["characters"] == document["prompt"].get<std::string>().size());
}

TEST_CASE("a shot comes from a file, and flags win over it") {
    Home home;
    const auto file = home.write("work/heron.yaml", "subject: a heron\naction: lifts off\nduration: 6\n");
    const auto ran = home.in_process({"prompt", "--shot", file, "-s", "an egret"});
    REQUIRE(ran.exit == 0);
    REQUIRE(contains(ran.out, "gret"));
    REQUIRE_FALSE(contains(ran.out, "heron"));
    const auto request = home.in_process({"make", "--shot", file, "--dry-run", "--json"}).document()["requests"][0]["body"];
    REQUIRE(request["seconds"] == "6");
    REQUIRE(home.in_process({"make", "--shot", file, "-d", "3s", "--dry-run", "--json"}).document()["requests"][0]["body"]["seconds"] == "3");
}

TEST_CASE("a key that a shot file does not have is exit 2 and names the nearest") {
    Home home;
    const auto file = home.write("work/heron.yaml", "subjct: a heron\n");
    const auto ran = home.in_process({"prompt", "--shot", file});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "subject"));
}

TEST_CASE("the configuration's defaults lose to a shot file, and that to flags") {
    Home home;
    home.write("config/shotwire/config.toml", "duration = 2\nstyle = \"ink\"\nmax_cost = \"0.5\"\n");
    const auto file = home.write("work/heron.yaml", "subject: a heron\nstyle: oil\n");
    const auto plain = home.in_process({"make", "a", "--dry-run", "--json"}).document()["requests"][0]["body"];
    REQUIRE(plain["seconds"] == "2");
    REQUIRE(plain["shotwire"]["shot"]["style"] == "ink");
    const auto filed = home.in_process({"make", "--shot", file, "-d", "4", "--dry-run", "--json"}).document()["requests"][0]["body"];
    REQUIRE(filed["seconds"] == "4");
    REQUIRE(filed["shotwire"]["shot"]["style"] == "oil");
}

TEST_CASE("pixels on the command line replace a ratio in the file") {
    Home home;
    const auto file = home.write("work/heron.yaml", "subject: a heron\naspect_ratio: 9:16\nresolution: 1080p\n");
    const auto ran = home.in_process({"make", "--shot", file, "--size", "640x360", "--dry-run", "--json"});
    REQUIRE(ran.document()["requests"][0]["body"]["size"] == "640x360");
}

TEST_CASE("the prompt is read from stdin where it is -") {
    Home home;
    REQUIRE(contains(home.in_process({"prompt", "-"}, "a heron lifts off\n").out, "heron lifts off"));
    REQUIRE(home.in_process({"prompt", "-"}, "\xEF\xBB\xBF" "a heron lifts off\n").out == "a heron lifts off\n");  // a byte order mark is no word
    REQUIRE(contains(home.in_process({"lint", "--prompt", "-", "--json"}, "a beautiful heron").out, "vague-words"));
}

TEST_CASE("a shot file is read from stdin where it is -") {
    Home home;
    const std::string yaml = "subject: a beautiful heron\nduration: 3\n";
    REQUIRE(home.in_process({"make", "--shot", "-", "--dry-run", "--json"}, yaml).document()["requests"][0]["body"]["seconds"] == "3");
    REQUIRE(contains(home.in_process({"lint", "-"}, yaml).out, "vague-words"));
    REQUIRE(contains(home.in_process({"prompt", "--shot", "-"}, R"({"subject": "an egret"})").out, "gret"));
    const auto wrong = home.in_process({"make", "--shot", "-"}, "heron.yaml\n");
    REQUIRE(wrong.exit == 2);
    REQUIRE(contains(wrong.err, "stdin holds a single value"));
}

TEST_CASE("a word that names a file is no prompt, whatever it is called") {
    Home home;
    const auto file = home.write("work/heron", "subject: a heron\n").string();
    const auto ran = home.in_process({"make", file});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "did you mean --shot " + file + "?"));
    const auto picture = home.write("work/heron.png", "no picture").string();
    REQUIRE(contains(home.in_process({"make", picture}).err, "did you mean --first-frame"));
    REQUIRE(home.in_process({"prompt", "a heron.yaml lies on the table"}).exit == 0);
    REQUIRE(home.in_process({"prompt", home.work()}).exit == 0);  // a folder is nobody's shot
}

TEST_CASE("what make warns of is labelled, in one line for all open parts, and behind the requests of a dry run") {
    Home home;
    const auto plain = home.in_process({"make", "a crow", "--dry-run"});
    REQUIRE(plain.exit == 0);
    REQUIRE(core::split(plain.err, '\n').size() <= 1);
    REQUIRE((plain.err.empty() || plain.err.starts_with("shotwire: warning: ")));
    REQUIRE_FALSE(contains(plain.out, "warning"));
    const auto vague = home.in_process({"make", "-s", "a beautiful crow", "--dry-run"});
    const auto lines = core::split(vague.err, '\n');
    CAPTURE(vague.err);
    REQUIRE(lines.size() == 2);
    REQUIRE(lines[0].starts_with("shotwire: warning: subject: 'beautiful'"));
    REQUIRE(lines[1] == "shotwire: warning: action, environment, lighting, camera left to the model [missing-part]");
}

TEST_CASE("an order that is refused is not buried under warnings") {
    Home home;
    home.write("work/there.mp4", "a clip of somebody");
    for (const auto& wrong : {std::vector<std::string>{"make", "-s", "a beautiful crow", "-d", "900"},
                              std::vector<std::string>{"make", "-s", "a beautiful crow", "-o", (home.work() / "there.mp4").string()}}) {
        const auto ran = home.in_process(wrong);
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 2);
        REQUIRE(core::split(ran.err, '\n').size() == 1);
        REQUIRE_FALSE(contains(ran.err, "warning"));
    }
}

TEST_CASE("a dry run of what costs nothing does not call it paid") {
    Home home;
    const auto ran = home.in_process({"make", "a heron", "--dry-run"});
    REQUIRE(contains(ran.out, "/videos  (free)\n"));
    REQUIRE_FALSE(contains(ran.out, "paid"));
    REQUIRE(contains(ran.out, "price: free\n"));
}

TEST_CASE("lint finds, formats and with --strict fails") {
    Home home;
    const auto file = home.write("work/heron.yaml", "subject: a beautiful heron\naction: lifts off slowly, then glides\n");
    const auto text = home.in_process({"lint", file});
    REQUIRE(text.exit == 0);
    REQUIRE(contains(text.out, file.string() + ": subject: "));
    REQUIRE(contains(text.out, "[vague-words]"));
    REQUIRE(home.in_process({"lint", file, "--strict"}).exit == 2);
    const auto sarif = home.in_process({"lint", file, "--format", "sarif"}).document();
    REQUIRE(sarif["version"] == "2.1.0");
    REQUIRE(sarif["runs"][0]["results"].size() >= 1);
    REQUIRE(sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == file.string());
    REQUIRE(contains(home.in_process({"lint", file, "--format", "github"}).out, "::warning file="));
    REQUIRE(home.in_process({"lint", file, "--json"}).document()["schema"] == "shotwire.lint/1");
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("lint --fix mends a file in place and keeps its comments") {
    Home home;
    const auto file = home.write("work/heron.yaml", "# the lake\nsubject: a heron  # ours\nstyle: 16mm film, beautiful, soft grain  # and this\n");
    const auto fixable = home.in_process({"lint", file, "--json"}).document();
    const auto link = file.parent_path() / "link.yaml";
    std::filesystem::create_symlink("heron.yaml", link);
    const auto fixed = home.in_process({"lint", link, "--fix"});
    CHECK(std::filesystem::is_symlink(link));
    CAPTURE(fixable.dump(2), fixed.err);
    REQUIRE(fixed.exit == 0);
    const auto text = core::read_file(file);
    REQUIRE(bool(text));
    REQUIRE(contains(*text, "# the lake"));
    REQUIRE(contains(*text, "# ours"));
    REQUIRE(contains(*text, "style: 16mm film, soft grain  # and this"));
    REQUIRE(contains(fixed.err, "vague-words"));

    const auto flags = home.in_process({"lint", "-s", "a heron", "--style", "16mm film, beautiful", "--fix"});
    REQUIRE(flags.document()["style"] == "16mm film");

    const auto setting = home.write("work/8k.yaml", "subject: a heron, 4k\nstyle: \"8k\"\n");
    REQUIRE(home.in_process({"lint", setting, "--fix"}).exit == 0);
    REQUIRE(*core::read_file(setting) == "subject: a heron\nstyle: \"\"\n");
}

TEST_CASE("make tells every problem of an order at once") {
    Home home;
    const auto ran = home.in_process({"make", "a heron", "-m", "openai:sora-2", "--base-url", "https://h.example/v1", "-d", "7", "--no-audio"});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "4, 8, 12, 16, 20"));
    REQUIRE(contains(ran.err, "--no-audio"));
    REQUIRE(core::split(ran.err, '\n').size() == 2);
}

TEST_CASE("a retired model is exit 2 and says when it ended and what follows") {
    Home home;
    const auto ran = home.in_process({"make", "a heron", "-m", "sora-2"});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "2026-09-24"));
    REQUIRE(contains(ran.err, "veo-3.1"));
    REQUIRE(contains(ran.err, "--base-url"));
}

TEST_CASE("make --dry-run shows the place of the key, needs none and touches nothing") {
    Home home;
    home.env["OPENAI_API_KEY"] = "sk-very-secret";
    const auto ran = home.in_process({"make", "a heron", "-m", "openai:sora-2", "--base-url", "https://h.example/v1", "--dry-run"});
    REQUIRE(ran.exit == 0);
    REQUIRE(contains(ran.out, "POST https://h.example/v1/videos"));
    REQUIRE(contains(ran.out, "Authorization: Bearer $OPENAI_API_KEY"));
    REQUIRE_FALSE(contains(ran.out + ran.err, "very-secret"));
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("over plain http no key leaves for a host in the network") {
    Home home;
    home.env["OPENAI_API_KEY"] = "sk-very-secret";
    const auto ran = home.in_process({"make", "a heron", "-m", "openai:wan", "--base-url", "http://10.0.0.7:8000/v1", "--dry-run"});
    REQUIRE(ran.exit == 0);
    REQUIRE_FALSE(contains(ran.out, "Authorization"));
    const std::string held = "warning: the key from $OPENAI_API_KEY is not sent to 10.0.0.7";
    CHECK(contains(ran.err, held));
    CHECK(home.in_process({"make", "a heron", "-m", "openai:wan", "--base-url", "http://127.0.0.1:8000/v1", "--dry-run"}).err.find(held) == std::string::npos);
    CHECK_FALSE(contains(home.in_process({"make", "a heron", "-m", "openai:wan", "--base-url", "http://10.0.0.7:8000/v1", "--dry-run", "-q"}).err, "not sent"));
    home.env["SHOTWIRE_OPENAI_BASE_URL"] = "http://10.0.0.7:8000/v1";
    const auto rows = home.write("work/rows.csv", "prompt,model\na heron lifts off,openai:wan\nit lands,openai:wan\n").string();
    const auto batch = home.in_process({"batch", rows, "--dry-run"});
    CAPTURE(batch.err);
    CHECK(contains(batch.err, held));
    CHECK(batch.err.find(held) == batch.err.rfind(held));
    CHECK(contains(home.in_process({"doctor"}).out, "the key from $OPENAI_API_KEY is not sent to 10.0.0.7"));
}

TEST_CASE("the provider's own host is no move: its models stay retired") {
    Home home;
    const auto ran = home.in_process({"make", "a heron", "-m", "openai:sora-2", "--base-url", "https://api.openai.com/v1", "--dry-run"});
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "2026-09-24"));
}

TEST_CASE("a route is moved by its variable") {
    Home home;
    home.env["SHOTWIRE_OPENAI_BASE_URL"] = "https://gateway.example/v1/";
    const auto ran = home.in_process({"make", "a heron", "-m", "openai:sora-2", "--dry-run", "--json"});
    REQUIRE(ran.document()["requests"][0]["url"] == "https://gateway.example/v1/videos");
}

TEST_CASE("what costs more than --max-cost, or nobody knows what, is exit 10") {
    Home home;
    home.write("config/shotwire/models.d/priced.json",
               R"({"models": [{"id": "animatic", "price": {"rates": [{"per_second": 0.5}], "as_of": "2026-11-01"}}]})");
    const auto refused = home.in_process({"make", "a heron", "-d", "2", "-n", "2", "--max-cost", "1.99", "-o", "{take}.mp4"});
    REQUIRE(refused.exit == 10);
    REQUIRE(contains(refused.err, "USD 2.00"));
    REQUIRE(contains(refused.err, "more than --max-cost 1.99; "));
    home.write("config/shotwire/config.toml", "max_cost = \"0.5\"\n");
    REQUIRE(contains(home.in_process({"make", "a heron", "-d", "2"}).err, "more than 0.50 (max_cost of the configuration); nothing was sent"));
    home.write("config/shotwire/config.toml", "");
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
    REQUIRE(home.in_process({"make", "a heron", "-d", "2", "-n", "2", "--max-cost", "2", "-o", "{take}.mp4", "--dry-run"}).exit == 0);
    home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "animatic", "price": {}}]})");
    REQUIRE(home.in_process({"make", "a heron", "--max-cost", "5", "--dry-run"}).exit == 10);
    REQUIRE(home.in_process({"make", "a heron", "--max-cost", "5", "--allow-unpriced", "--dry-run"}).exit == 0);
}

TEST_CASE("estimate lists a price for each model that is asked") {
    Home home;
    home.env["SHOTWIRE_OPENAI_BASE_URL"] = "https://gateway.example/v1";
    const auto document = home.in_process({"estimate", "-s", "a heron", "-m", "all", "-d", "7", "--fit", "-n", "3", "--json"}).document();
    REQUIRE(document["schema"] == "shotwire.estimate/1");
    REQUIRE(document["prices"].size() >= 3);
    REQUIRE(document["prices"][0]["model"] == "animatic");
    REQUIRE(document["prices"][0]["price"]["usd"] == 0);
    const auto table = home.in_process({"estimate", "-s", "a heron", "-m", "animatic"});
    REQUIRE(contains(table.out, "free"));
}

TEST_CASE("a table that goes into a pipe is not cut") {
    Home home;
    for (const auto& args : std::vector<std::vector<std::string>>{{"models"}, {"models", "--cameras"}, {"estimate", "-s", "a heron", "-m", "all"}})
        REQUIRE_FALSE(contains(home.in_process(args).out, "…"));
}

TEST_CASE("models are listed within the terminal's 100 columns, with their life") {
    Home home;
    home.out_is_terminal = true;
    const auto args = GENERATE(values<std::vector<std::string>>({{"models"}, {"models", "ls"}, {"models", "--cameras"}}));
    const auto ran = home.in_process(args);
    REQUIRE(ran.exit == 0);
    for (const auto& line : ran.lines()) REQUIRE(core::count_characters(line) <= 100);
    if (args.back() == "--cameras") REQUIRE(contains(ran.out, "dolly zoom"));
    else REQUIRE(contains(ran.out, "retired 2026-09-24"));
}

TEST_CASE("models show tells prices with their date, and with --json the row") {
    Home home;
    REQUIRE(contains(home.in_process({"models", "show", "sora-2-pro"}).out, "list of 2026-09"));
    REQUIRE(home.in_process({"models", "show", "animatic", "--json"}).document()["model"]["id"] == "animatic");
    REQUIRE(home.in_process({"models", "--json"}).document()["models"].size() >= 3);
}

TEST_CASE("a picture that is not there hides nothing else that is wrong") {
    Home home;
    const auto ran = home.in_process({"make", "-s", "x", "-d", "100", "--ar", "5:1", "--first-frame", "no.png", "--last-frame", "nor.png", "-m", "kling-2.6", "--dry-run"});
    CHECK(ran.exit == 2);
    for (const auto* part : {"no.png", "nor.png", "100", "5:1"}) CHECK(contains(ran.err, part));
}
