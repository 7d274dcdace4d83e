#include <spdlog/fmt/fmt.h>

#include "batch_bench.hpp"
#include "report/junit.hpp"

using namespace shotwire;
using namespace shotwire::test;

// What a batch says that sends nothing, and what counts as a failed row.

namespace {
std::size_t count(const std::string& text, const std::string& part) {
    std::size_t found = 0;
    for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++found;
    return found;
}
std::string text_of(const Home& home, const char* file) {
    const auto text = core::read_file(home.work() / file);
    return text ? *text : "";
}
}  // namespace

TEST_CASE("a dry run refuses the outputs that the run would refuse, with all other problems, and before the price is agreed to") {
    Priced priced;
    auto& home = priced.home;
    home.write("work/rows.csv", "id,prompt,output,duration\na,a heron lifts off,o/{nope}.mp4,\nb,it lands,same.mp4,\nc,it sleeps,./same.mp4,\nd,it wakes,{row}.mp4,long\ne,it eats,{id}.mp4,\nf,it drinks,{id}.mp4,\n");
    for (const bool dry : {true, false}) {
        const auto ran = priced.run(dry ? std::vector<std::string>{"batch", "rows.csv", "--dry-run"} : std::vector<std::string>{"batch", "rows.csv"});
        CAPTURE(ran.err, ran.out);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "rows.csv: line 2, column 3: row a: output 'o/{nope}.mp4' has the unknown placeholder '{nope}'"));
        CHECK(contains(ran.err, "rows.csv: line 4, column 3: row c: output " + (home.work() / "same.mp4").string() + " is that of row b already; give one an output"));
        CHECK(contains(ran.err, "rows.csv: line 5, column 4: row d: "));
        CHECK_FALSE(contains(ran.err, "row e"));
        CHECK_FALSE(contains(ran.err, "say --yes"));
        CHECK(contains(ran.err, "nothing was sent"));
    }
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    const auto all = priced.run({"batch", "rows.csv", "--dry-run", "-o", "{nope}.mp4"});
    CHECK(all.exit == 2);
    CHECK(count(all.err, "unknown placeholder '{nope}'") == 1);
    home.write("work/takes.yaml", "- {id: a, prompt: it lands, takes: 3, output: t.mp4}\n");
    const auto takes = priced.run({"batch", "takes.yaml", "--dry-run"});
    CHECK(takes.exit == 2);
    CHECK(count(takes.err, "t.mp4 is that of row a-take1 already") == 1);
    home.write("work/seeds.csv", "prompt,seed\nit lands,random\nit lands,random\n");
    CHECK(home.program({"batch", "seeds.csv", "--dry-run", "-o", "{seed}.mp4"}).exit == 0);
}

TEST_CASE("what is wrong with the place of each clip is told of every row") {
    Home home;
    std::string rows = "id,prompt,output\n";
    for (int i = 1; i <= 203; ++i) rows += fmt::format("r{0},it lands {0},no/{0}.mp4\n", i);
    home.write("work/rows.csv", rows);
    const auto ran = home.program(tiny_batch({"rows.csv"}));
    CAPTURE(ran.err);
    CHECK(ran.exit == 9);
    CHECK(contains(ran.err, "rows.csv: line 2, column 1: row r1: cannot save to "));
    CHECK(contains(ran.err, "rows.csv: line 201, column 1: row r200: cannot save to "));
    CHECK(contains(ran.err, "and 3 more"));
    CHECK(contains(ran.err, "nothing was sent"));

    home.write("work/rows.csv", "id,prompt,output\na,a heron lifts off,a.mp4\nb,it lands,no/b.mp4\n");
    const auto one = home.program(tiny_batch({"rows.csv"}));
    CHECK(one.exit == 9);
    CHECK(contains(one.err, "rows.csv: line 3, column 1: row b: cannot save to "));
    CHECK(home.program({"jobs", "ls", "--json"}).document()["jobs"].empty());
}

TEST_CASE("the reports of a run that is refused say so, and are not those of the last run") {
    Home home;
    const auto run = [&](const std::string& rows, std::vector<std::string> more = {}) {
        home.write("work/rows.csv", "id,prompt,output,model\n" + rows);
        more.insert(more.begin(), {"rows.csv", "--summary", "end.json", "--junit", "end.xml"});
        return home.program(tiny_batch(more));
    };
    const auto summary = [&] { return *core::parse_json(text_of(home, "end.json"), "it"); };
    const auto good = "a,a heron lifts off,,\n";
    REQUIRE(run(good).exit == 0);
    CHECK(summary()["done"] == 1);
    CHECK(summary()["error"].is_null());

    struct Case {
        std::string rows;
        std::vector<std::string> more;
        int exit;
        std::size_t known;
        const char* why;
    };
    for (const auto& one : {Case{std::string(good) + "a,it lands,,\n", {}, 2, 1, "the id a stands at"}, Case{good, {"--retries", "many"}, 2, 0, "--retries many"},
                            Case{good, {"--exec", "cp {clp} x"}, 2, 0, "clp"}, Case{"a,a heron lifts off,no/a.mp4,\n", {}, 9, 1, "its folder does not exist"}}) {
        const auto ran = run(one.rows, one.more);
        CAPTURE(ran.err, one.why);
        CHECK(ran.exit == one.exit);
        const auto end = summary();
        CHECK(end["exit"] == one.exit);
        CHECK(end["done"] == 0);
        CHECK(end["failed"] == 0);
        CHECK(end["left"] == one.known);
        CHECK(contains(end["error"]["message"], one.why));
        const auto xml = text_of(home, "end.xml");
        CHECK(contains(xml, fmt::format("tests=\"{}\" failures=\"0\" errors=\"1\" skipped=\"{}\"", one.known + 1, one.known)));
        CHECK(contains(xml, one.exit == 2 ? "<error type=\"usage\"" : "<error type=\"local\""));
        CHECK(contains(xml, one.why));
    }
    REQUIRE(run(good).exit == 0);
    const auto before = text_of(home, "end.json");
    CHECK(run("a,a heron lifts off,{nope},\n", {"--dry-run"}).exit == 2);
    CHECK(text_of(home, "end.json") == before);  // it writes none
}

TEST_CASE("a price that is too high is told in the reports") {
    Priced priced;
    priced.home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    const auto ran = priced.run({"batch", "rows.csv", "-q", "--max-cost", "0.01", "--summary", "end.json", "--junit", "end.xml"});
    CHECK(ran.exit == 10);
    CHECK(core::parse_json(text_of(priced.home, "end.json"), "it")->at("exit") == 10);
    CHECK(contains(text_of(priced.home, "end.xml"), "<error type=\"budget\""));
}

TEST_CASE("a row that was told before a batch is refused stands in the reports as it was told, the others as not run") {
    Priced priced({"create:moderation=create:x1"});
    auto& home = priced.home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    REQUIRE(exits(priced.run({"batch", "rows.csv", "--yes", "-q", "-j", "1"})) == std::map<std::string, int>{{"a", 4}, {"b", 12}});  // made; the row tells no size
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\nc,it sleeps\n");
    const auto ran = priced.run({"batch", "rows.csv", "-q", "--max-cost", "0.01", "--summary", "end.json", "--junit", "end.xml"});
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 10);
    CHECK(exits(ran) == std::map<std::string, int>{{"a", 4}});
    const auto summary = *core::parse_json(text_of(home, "end.json"), "it");
    std::map<std::string, std::string> states;
    for (const auto& row : summary["rows"]) states[row["row"]] = row["state"];
    CHECK(states == std::map<std::string, std::string>{{"a", "rejected"}, {"b", "not run"}, {"c", "not run"}});
    CHECK(summary["rows_total"] == 3);
    CHECK(summary["failed"] == 1);
    CHECK(summary["left"] == 2);
    CHECK(contains(text_of(home, "end.xml"), "tests=\"4\" failures=\"1\" errors=\"1\" skipped=\"2\""));
    CHECK(contains(text_of(home, "end.xml"), "<failure type=\"rejected\""));
}

TEST_CASE("a job that was cancelled is a failed row, as a run that was interrupted is another matter") {
    Priced priced;
    auto& home = priced.home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    home.write("config/shotwire/config.toml", "[budget]\nday = 0.05\n");
    CHECK(priced.run({"batch", "rows.csv", "-q", "--yes"}).exit == 10);
    const auto id = home.program({"jobs", "ls", "--json"}).document()["jobs"][0]["id"].get<std::string>();
    CHECK(home.program({"jobs", "cancel", id}).exit == 0);
    home.write("config/shotwire/config.toml", "[budget]\nday = 5\n");
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    const auto ran = priced.run({"batch", "rows.csv", "-q", "--yes", "--summary", "end.json", "--junit", "end.xml"});
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 14);
    CHECK(exits(ran) == std::map<std::string, int>{{"a", 7}, {"b", 12}});  // made; the row tells no size
    for (const auto& document : documents(ran)) {
        if (document["row"] != "a") continue;
        CHECK(document["state"] == "cancelled");
        CHECK(document["error"]["kind"] == "cancelled");
    }
    const auto summary = *core::parse_json(text_of(home, "end.json"), "it");
    CHECK(summary["failed"] == 1);
    CHECK(summary["left"] == 0);
    CHECK(contains(text_of(home, "end.xml"), "<failure type=\"cancelled\""));
    CHECK(home.program({"jobs", "wait", id}).exit == 7);
}

TEST_CASE("rows that an interrupt left are not counted as failed") {
    Home home;
    FaultyServer server(home, {"create:stuck"});
    const auto flags = server.make();
    const auto after = [&](const char* flag) { return *std::next(std::find(flags.begin(), flags.end(), flag)); };
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    const auto ran = home.program({"batch", "rows.csv", "-q", "-m", "openai:animatic", "--base-url", after("--base-url"), "--cacert", after("--cacert"), "--timeout", "1s", "--summary", "end.json"});
    CAPTURE(ran.err);
    CHECK(ran.exit == 8);
    const auto summary = *core::parse_json(text_of(home, "end.json"), "it");
    CHECK(summary["left"] == 1);
    CHECK(summary["failed"] == 0);
}

TEST_CASE("a command runs for a clip that was delivered though not as ordered") {
    Priced priced;
    priced.home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    const auto ran = priced.run({"batch", "rows.csv", "-q", "--yes", "--exec", "cp {clip} {row}.copy"});
    CHECK(ran.exit == 12);  // the row tells no size
    CHECK(std::filesystem::exists(priced.home.work() / "a.copy"));
}

TEST_CASE("what comes through a pipe or a device has no name of its own") {
    Home home;
    for (const auto* prompt : {"a heron lifts off", "it lands"}) {
        auto args = tiny_batch({"/dev/stdin"});
        std::erase(args, "-q");
        const auto ran = home.program(args, {}, std::string("prompt\n") + prompt + "\n");
        CAPTURE(ran.err);
        CHECK(ran.exit == 0);
        CHECK_FALSE(contains(ran.err, "no longer"));
        CHECK_FALSE(contains(ran.err, "changed"));
    }
    const auto jobs = home.program({"jobs", "ls", "--json"}).document()["jobs"];
    REQUIRE(jobs.size() == 2);
    for (const auto& job : jobs) CHECK(home.program({"jobs", "show", job["id"]}).exit == 0);
    CHECK(contains(home.program({"spend", "--by", "batch", "--json"}).out, "\"stdin\""));
}

TEST_CASE("a clip that was changed on disk is fetched again beside it, and does not stop the others") {
    const bool by_template = GENERATE(false, true);
    Home home;
    home.write("work/rows.csv", "id,prompt\nk1,a heron lifts off\nk2,it lands\n");
    std::filesystem::create_directories(home.work() / "o");
    const auto run = [&] { return home.program(tiny_batch(by_template ? std::vector<std::string>{"rows.csv", "-o", "o/{row}.mp4"} : std::vector<std::string>{"rows.csv", "--out-dir", "o"})); };
    REQUIRE(run().exit == 0);
    home.write("work/o/k1.mp4", "edited");
    home.write("work/rows.csv", "id,prompt\nk1,a heron lifts off\nk2,it lands\nk3,it sleeps\n");
    for (int again = 0; again < 2; ++again) {
        const auto ran = run();
        CAPTURE(ran.err, ran.out, again);
        CHECK(ran.exit == 0);
        CHECK(exits(ran) == std::map<std::string, int>{{"k1", 0}, {"k2", 0}, {"k3", 0}});
        for (const auto& document : documents(ran))
            if (document["row"] == "k1") CHECK(std::filesystem::path(document["clip"].get<std::string>()).filename() == "k1-" + document["id"].get<std::string>() + ".mp4");
        CHECK(text_of(home, "o/k1.mp4") == "edited");
        CHECK(creates(home) == 3);
    }
}

TEST_CASE("the unknown column of a table is told once, beside what else is wrong") {
    Home home;
    std::string rows = "id,prompt,colour,duration\n";
    for (int i = 1; i <= 300; ++i) rows += fmt::format("r{0},it lands {0},red,{1}\n", i, i == 299 ? "long" : "1");
    home.write("work/rows.csv", rows);
    const auto ran = home.in_process({"batch", (home.work() / "rows.csv").string(), "--dry-run"});
    CAPTURE(ran.err);
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "rows.csv: line 1, column 3: unknown key 'colour'; known are id, shot, "));
    CHECK(contains(ran.err, ", output, takes"));
    CHECK(count(ran.err, "colour") == 1);
    CHECK(contains(ran.err, "rows.csv: line 300, column 4: row r299: duration"));
    home.write("work/rows.jsonl", "{\"prompt\": \"it lands\", \"colour\": \"red\"}\n");
    CHECK(contains(home.in_process({"batch", (home.work() / "rows.jsonl").string(), "--dry-run"}).err, "known are id, shot, "));
}

TEST_CASE("JUnit's XML has no character that XML does not allow") {
    report::RowEnd end;
    end.row = "a\xEF\xBF\xBE" "b\xEF\xBF\xBF" "c\xED\xA0\x80" "d\x01";
    end.clip = "\xEF\xBC\x81.mp4";  // a wide exclamation mark begins with the same byte
    const auto xml = report::junit("batch", {end});
    CHECK(contains(xml, "name=\"a\xEF\xBF\xBD" "b\xEF\xBF\xBD" "c\xEF\xBF\xBD"));
    CHECK(contains(xml, "\xEF\xBC\x81.mp4"));
    CHECK_FALSE(contains(xml, "\xEF\xBF\xBE"));
    CHECK_FALSE(contains(xml, "\xEF\xBF\xBF"));
}
