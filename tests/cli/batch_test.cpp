#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <future>
#include <set>
#include <thread>

#include <spdlog/fmt/fmt.h>

#include "batch_bench.hpp"
#include "cli/batch_leftovers.hpp"
#include "cli/batch_run.hpp"
#include "core/hash.hpp"
#include "judged.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;

TEST_CASE("B5: a batch renders every row under its own name and tells of each on a line") {
    Home home;
    home.write("work/shots.yaml", "defaults: {seed: 5}\nshots:\n  - {id: fox, subject: a fox, action: looks up}\n  - {id: hen, subject: a hen, action: pecks, matrix: {aspect_ratio: [\"16:9\", \"1:1\"]}}\n");
    const std::vector<std::string> args{"batch", "shots.yaml", "-d", "1", "--resolution", "360p", "--out-dir", "clips", "-q", "--summary", "end.json", "--junit", "end.xml"};
    const auto ran = home.program(args);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    std::set<std::string> rows;
    for (const auto& document : documents(ran)) {
        CHECK(document["state"] == "done");
        const auto row = document["row"].get<std::string>();
        rows.insert(row);
        CHECK(std::filesystem::path(document["clip"].get<std::string>()).stem() == (row == "fox" ? "fox" : row == "hen-16-9" ? "hen-16-9" : "hen-1-1"));
        CHECK(contains(document["order"]["prompt"], row == "fox" ? "fox" : "hen"));
        CHECK(*core::sha256_of_file(document["clip"].get<std::string>()) == document["sha256"]);
    }
    CHECK(rows == std::set<std::string>{"fox", "hen-1-1", "hen-16-9"});
    const auto summary = *core::parse_json(*core::read_file(home.work() / "end.json"), "end.json");
    CHECK(summary["done"] == 3);
    CHECK(summary["rows"].size() == 3);
    judge(home, ran, {.asked = 3});
    CHECK(contains(*core::read_file(home.work() / "end.xml"), "<testsuite name=\"" + (home.work() / "shots.yaml").string() + "\" tests=\"3\" failures=\"0\""));

    SECTION("the same command again costs nothing and says the same of every row") {
        const auto again = home.program(args);
        CHECK(again.exit == 0);
        CHECK(documents(again).size() == 3);
        CHECK(creates(home) == 3);
        judge(home, again, {.asked = 3});
    }
    SECTION("a changed row is a new order beside the old clip, a removed one is told, a moved one is done") {
        home.write("work/shots.yaml", "defaults: {seed: 5}\nshots:\n  - {id: hen, subject: a hen, action: pecks, aspect_ratio: \"1:1\"}\n  - {id: fox, subject: a red fox, action: looks up, output: fox2.mp4}\n");
        auto spoken = args;
        std::erase(spoken, "-q");
        const auto again = home.program(spoken);
        CAPTURE(again.err);
        CHECK(again.exit == 0);
        CHECK(creates(home) == 4);
        judge(home, again, {.asked = 4});
        CHECK(contains(again.err, "no longer in the file: hen-16-9; what was made stays"));
        CHECK(contains(again.err, "changed, so it is ordered anew: fox; what was made stays"));
        CHECK(std::filesystem::exists(home.work() / "clips/fox.mp4"));
        CHECK(std::filesystem::exists(home.work() / "clips/fox2.mp4"));
    }
}

TEST_CASE("B6: one bad row in the middle of a file ends a batch before anything is sent, and every bad row is told at once") {
    Home home;
    std::string rows;
    for (int i = 1; i <= 60; ++i) rows += i == 30 ? "{\"subject\": \"a fox\", \"duration\": \"long\"}\n" : i == 40 ? "{\"subject\": \"a fox\", \"colour\": 1}\n" : i == 50 ? "{\"subject\": \n" : "{\"subject\": \"a fox\", \"seed\": " + std::to_string(i) + "}\n";
    home.write("work/rows.jsonl", rows + "{\"subject\": \"a fox\", \"aspect_ratio\": \"5:1\", \"model\": \"animatic\"}\n");
    const auto ran = home.program({"batch", "rows.jsonl"});
    CAPTURE(ran.err);
    CHECK(ran.exit == 2);
    CHECK(ran.out.empty());
    CHECK(contains(ran.err, "rows.jsonl: line 30, column 22: row 30: duration: "));
    CHECK(contains(ran.err, "rows.jsonl: line 40, column 22: row 40: unknown key"));
    CHECK(contains(ran.err, "rows.jsonl: line 50, column"));
    CHECK(contains(ran.err, "rows.jsonl: line 61, column"));
    CHECK(contains(ran.err, "nothing was sent"));
    CHECK_FALSE(std::filesystem::exists(home.state() / "ledger.db"));
    CHECK(creates(home) == 0);
    judge(home, ran);
}

TEST_CASE("a dry run of a batch prints the plan with its price and touches neither ledger nor network") {
    Home home;
    home.write("work/rows.csv", "id,subject,model,duration\na,a fox,veo-3.1,8\nb,a hen,veo-3.1,4\nc,an owl,animatic,2\n");
    const auto ran = home.in_process({"batch", (home.work() / "rows.csv").string(), "--dry-run", "--json"});
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    const auto plan = ran.document();
    CHECK(plan["rows"].size() == 3);
    CHECK(plan["rows"][0]["row"] == "a");
    double sum = 0;
    for (const auto& row : plan["rows"]) sum += row["price"]["usd"].get<double>();
    CHECK(plan["usd"].get<double>() == Approx(sum));
    CHECK(sum > 1);
    const auto table = home.in_process({"batch", (home.work() / "rows.csv").string(), "--dry-run"});
    CHECK(contains(table.out, "The most expensive:\n  a: veo-3.1, 8 s"));
    CHECK_FALSE(std::filesystem::exists(home.state() / "ledger.db"));

    SECTION("what costs money needs a word or a limit where nobody can be asked") {
        const auto unset = home.in_process({"batch", (home.work() / "rows.csv").string(), "--yes"});
        CHECK(unset.exit == 2);
        CHECK(contains(unset.err, "project"));
        home.env["GOOGLE_CLOUD_PROJECT"] = "films";
        const auto silent = home.in_process({"batch", (home.work() / "rows.csv").string()});
        CHECK(silent.exit == 2);
        CHECK(contains(silent.err, "say --yes, or how much it may be by --max-cost; nothing was sent"));
        CHECK(contains(silent.err, "(the most expensive: a: veo-3.1, 8 s, USD "));
        const auto dear = home.in_process({"batch", (home.work() / "rows.csv").string(), "--max-cost", "1"});
        CHECK(dear.exit == 10);
        CHECK(contains(dear.err, "more than --max-cost 1.00; nothing was sent"));
        CHECK(contains(dear.err, "(the most expensive: a: veo-3.1, 8 s, USD "));
    }
}

TEST_CASE("rows that fail go out as a part, are not paid again by themselves, and are tried again where that was asked for") {
    Home home;
    std::string rows;
    for (int i = 1; i <= 4; ++i) rows += "{\"id\": \"r" + std::to_string(i) + "\", \"prompt\": \"a heron lifts off\", \"seed\": " + std::to_string(i) + "}\n";
    home.write("work/rows.jsonl", rows);
    const auto run = [&](const FaultyServer& server, std::vector<std::string> more) {
        auto args = server.make();
        args.erase(args.begin(), args.begin() + 2);
        args.resize(args.size() - 2);
        args.insert(args.begin(), {"batch", "rows.jsonl", "-q", "--yes"});
        args.insert(args.end(), more.begin(), more.end());
        return home.program(args);
    };
    FaultyServer server(home, {"create:failed=server_error:x1", "create:moderation=create:x1:skip1"});
    const auto first = run(server, {});
    CAPTURE(first.err);
    CHECK(first.exit == 14);
    std::map<std::string, int> exits;
    for (const auto& document : documents(first)) exits[document["row"]] = document["exit"];
    CHECK(exits.size() == 4);
    const auto count = [&](int code) { return std::count_if(exits.begin(), exits.end(), [&](const auto& one) { return one.second == code; }); };
    CHECK(count(0) == 2);
    CHECK(count(7) == 1);
    CHECK(count(4) == 1);
    CHECK(creates(home, "state/faulty") == 3);

    SECTION("again: nothing is sent, and the failures are told") {
        const auto again = run(server, {});
        CHECK(again.exit == 14);
        CHECK(documents(again).size() == 4);
        CHECK(creates(home, "state/faulty") == 3);
    }
    SECTION("only what failed at the provider is tried again, never what it refused, which is told") {
        const auto again = run(server, {"--only-failed"});
        CAPTURE(again.err);
        CHECK(again.exit == 14);
        REQUIRE(documents(again).size() == 2);
        for (const auto& document : documents(again)) CHECK(exits[document["row"]] == (document["exit"] == 0 ? 7 : 4));
        CHECK(creates(home, "state/faulty") == 4);
        CHECK(run(server, {"--retries", "3"}).exit == 14);
        CHECK(creates(home, "state/faulty") == 4);
    }
}

TEST_CASE("a job that fails at the provider is tried again within the run as often as was said") {
    Home home;
    home.write("work/rows.jsonl", "{\"id\": \"a\", \"prompt\": \"a heron lifts off\"}\n");
    FaultyServer server(home, {"create:failed=server_error:x2"});
    auto args = server.make();
    args.erase(args.begin(), args.begin() + 2);
    args.resize(args.size() - 2);
    args.insert(args.begin(), {"batch", "rows.jsonl", "-q", "--yes", "--retries", "2"});
    const auto ran = home.program(args);
    CAPTURE(ran.err);
    CHECK(ran.exit == 0);
    REQUIRE(documents(ran).size() == 1);
    CHECK(documents(ran)[0]["state"] == "done");
    CHECK(creates(home, "state/faulty") == 3);
}

TEST_CASE("L2: processes that run the same batch on one ledger at once share its rows, and no row is made twice") {
    const int processes = GENERATE(2, 8);
    Home home;
    std::string rows;
    for (int i = 1; i <= 24; ++i) rows += "{\"id\": \"r" + std::to_string(i) + "\", \"prompt\": \"a heron lifts off, take " + std::to_string(i) + "\"}\n";
    home.write("work/rows.jsonl", rows);
    std::vector<std::future<Ran>> running;
    for (int i = 0; i < processes; ++i) running.push_back(std::async(std::launch::async, [&] { return home.program(tiny_batch({"rows.jsonl", "-j", "4"})); }));
    for (auto& one : running) {
        const auto ran = one.get();
        CAPTURE(ran.err);
        CHECK(ran.exit == 0);
        std::set<std::string> told;
        for (const auto& line : ran.lines())
            if (!line.empty()) told.insert(core::parse_json(line, "a line")->at("row").get<std::string>());
        CHECK(told.size() == 24);
        if (&one == &running.back()) judge(home, ran, {.asked = 24});
    }
    CHECK(creates(home) == 24);
    for (int i = 1; i <= 24; ++i) CHECK(std::filesystem::exists(home.work() / ("r" + std::to_string(i) + ".mp4")));
}

TEST_CASE("B3: a day's budget holds over processes that run at once, and the rows beyond it are not sent") {
    const int processes = GENERATE(2, 8);
    Home home;
    FaultyServer server(home, {});
    const auto flags = server.make();
    const auto after = [&](const char* flag) { return *std::next(std::find(flags.begin(), flags.end(), flag)); };
    home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "priced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1},
        "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    home.write("config/shotwire/config.toml", "[budget]\nday = 1.05\n");
    std::vector<std::future<Ran>> running;
    for (int i = 0; i < processes; ++i) {
        std::string rows;
        for (int n = 1; n <= 10; ++n) rows += fmt::format("{{\"id\": \"p{}-{}\", \"prompt\": \"shot {} of {}\"}}\n", i, n, n, i);
        home.write(fmt::format("work/rows{}.jsonl", i), rows);
        running.push_back(std::async(std::launch::async, [&, i] {
            return home.program({"batch", fmt::format("rows{}.jsonl", i), "-m", "openai:priced", "--base-url", after("--base-url"), "--cacert", after("--cacert"), "-d", "1", "-q", "--yes"});
        }));
    }
    int done = 0, refused = 0;
    Ran last;
    for (auto& one : running) {
        const auto ran = last = one.get();
        CAPTURE(ran.err, ran.out);
        CHECK((ran.exit == 14 || ran.exit == 10 || ran.exit == 12));
        for (const auto& document : documents(ran)) {
            CHECK((document["state"] == "mismatch" || document["exit"] == 10));  // the row tells no size: what came is not looked at here
            (document["state"] == "mismatch" ? done : refused)++;
        }
    }
    CHECK(done == 10);
    CHECK(refused == processes * 10 - 10);
    CHECK(creates(home, "state/faulty") == 10);
    judge(home, last, {.budget = Money{1'050'000}}, "state/faulty", Money{100'000});
    const auto spent = home.program({"spend", "--json"}).document();
    CHECK(spent["total"]["usd"].get<double>() == Approx(1.0));
    CHECK(spent["total"]["jobs"] == 10);
    CHECK(contains(home.program({"spend", "--csv"}).out, "priced"));
}

TEST_CASE("B3: two, then eight processes on one ledger and one batch file pay for no row twice, and for no more than the budget has room for") {
    Priced priced;
    auto& home = priced.home;
    constexpr int rows = 24;
    std::string text;
    for (int i = 1; i <= rows; ++i) text += fmt::format("{{\"id\": \"r{0}\", \"prompt\": \"a heron lifts off, take {0}\"}}\n", i);
    home.write("work/rows.jsonl", text);
    std::set<std::string> before;
    for (const auto& [processes, day, affordable] : {std::tuple{2, "0.95", 9}, {8, "1.85", 18}}) {
        CAPTURE(processes);
        home.write("config/shotwire/config.toml", std::string("[budget]\nday = ") + day + "\n");
        std::vector<std::future<Ran>> running;
        for (int i = 0; i < processes; ++i) running.push_back(std::async(std::launch::async, [&] { return priced.run({"batch", "rows.jsonl", "-q", "--yes", "-j", "4"}); }));
        std::optional<std::set<std::string>> made;
        Ran last;
        for (auto& one : running) {
            last = one.get();
            CAPTURE(last.err, last.out);
            CHECK(last.exit == 14);
            std::set<std::string> its;
            for (const auto& [row, exit] : exits(last)) {
                CHECK((exit == 12 || exit == 10));  // the row tells no size: what came is not looked at here
                if (exit == 12) its.insert(row);
            }
            CHECK(exits(last).size() == rows);
            CHECK(its.size() == std::size_t(affordable));
            CHECK(its == made.value_or(its));  // each tells the same of every row, whoever made it
            made = its;
        }
        CHECK(std::includes(made->begin(), made->end(), before.begin(), before.end()));
        before = *made;
        CHECK(creates(home, "state/faulty") == std::size_t(affordable));
        std::set<std::string> prompts;
        for (const auto& sale : book_of_serve(home.work().parent_path() / "state/faulty").sales) prompts.insert(sale.prompt);
        CHECK(prompts.size() == std::size_t(affordable));
        judge(home, last, {.asked = rows, .budget = Money{affordable * 100'000 + 50'000}}, "state/faulty", Money{100'000});
        const auto spent = home.program({"spend", "--json"}).document();
        CHECK(spent["total"]["usd"].get<double>() == Approx(affordable * 0.10));
        CHECK(spent["total"]["jobs"] == affordable);
        std::size_t clips = 0;
        for (const auto& entry : std::filesystem::directory_iterator(home.work())) clips += entry.path().extension() == ".mp4";
        CHECK(clips == std::size_t(affordable));
    }
}

TEST_CASE("a watched file's new rows are made until the interrupt, and a bad one is told and does not stop the others") {
    Home home;
    home.write("work/rows.jsonl", "{\"id\": \"a\", \"prompt\": \"a heron lifts off\"}\n");
    std::vector<std::string> args = tiny_batch({"rows.jsonl", "--watch"});
    std::erase(args, "-q");
    int step = 0;
    const auto append = [&](const std::string& text) { std::ofstream(home.work() / "rows.jsonl", std::ios::app) << text << std::flush; };
    // The file grows when the row before is there.
    std::atomic<bool> over = false;
    int pid = 0;
    std::thread writer([&] {
        const auto there = [&](const char* name) { return std::filesystem::exists(home.work() / name); };
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!over && std::chrono::steady_clock::now() < deadline) {
            if (step == 0 && there("a.mp4.json")) append("{\"id\": \"b\", \"prompt\": \"the heron lands\"}\n{\"id\": \"bad\", \"dur"), ++step;
            if (step == 1 && there("b.mp4.json")) append("ation\": \"long\"}\n{\"id\": \"c\", \"prompt\": \"it sleeps\"}\n"), ++step;
            if (step == 2 && there("c.mp4.json") && pid) kill(pid, SIGINT), ++step;
            std::this_thread::yield();
        }
    });
    const auto ran = home.program(args, [&](std::string_view, int its) { pid = its; });
    over = true;
    writer.join();
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 14);
    std::map<std::string, int> exits;
    for (const auto& document : documents(ran)) exits[document["row"]] = document["exit"];
    CHECK(exits == std::map<std::string, int>{{"a", 0}, {"b", 0}, {"bad", 2}, {"c", 0}});
}

TEST_CASE("a watched stdin ends the batch with its end") {
    Home home;
    const auto ran = home.program(tiny_batch({"-", "--watch"}), {}, "{\"id\": \"a\", \"prompt\": \"a heron lifts off\"}\n{\"id\": \"b\", \"prompt\": \"it lands\"}\n");
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 0);
    CHECK(documents(ran).size() == 2);
}

TEST_CASE("a watched row that costs money is sent only where that was agreed to beforehand, and what was refused once is not ordered again") {
    Home home;
    home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "priced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1},
        "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    FaultyServer server(home, {"create:moderation=create:x1"});
    const auto flags = server.make();
    const auto after = [&](const char* flag) { return *std::next(std::find(flags.begin(), flags.end(), flag)); };
    const auto watched = [&](std::vector<std::string> more, const std::string& rows) {
        std::vector<std::string> args{"batch", "-", "--watch", "-m", "openai:priced", "--base-url", after("--base-url"), "--cacert", after("--cacert"), "-d", "1", "-j", "1"};
        args.insert(args.end(), more.begin(), more.end());
        return home.program(args, {}, rows);
    };
    const std::string first = "{\"id\": \"a\", \"prompt\": \"a heron lifts off\"}\n", second = "{\"id\": \"b\", \"prompt\": \"it lands\"}\n";
    const auto silent = watched({}, first + second);
    CAPTURE(silent.err);
    CHECK(silent.exit == 2);
    CHECK(contains(silent.err, "it would cost USD 0.10: with --watch say --yes beforehand, or how much it may be by --max-cost; it was not sent"));
    CHECK(creates(home, "state/faulty") == 0);

    const auto refused = watched({"--yes"}, first);
    CHECK(refused.exit == 4);
    const auto again = watched({"--max-cost", "0.15"}, first + second + "{\"id\": \"c\", \"prompt\": \"it sleeps\"}\n");
    CAPTURE(again.err, again.out);
    std::map<std::string, int> exits;
    for (const auto& document : documents(again)) exits[document["row"]] = document["exit"];
    CHECK(exits["a"] == 4);   // not asked a second time: it would have been taken now
    CHECK(exits["b"] == 12);  // made; the row tells no size
    CHECK(exits["c"] == 10);
    CHECK(contains(again.out, "USD 0.10 more would exceed --max-cost 0.15: USD 0.10 are spent or reserved; nothing was sent"));
    CHECK(creates(home, "state/faulty") == 1);

    home.write("config/shotwire/config.toml", "max_cost = \"0.19\"\n");
    const auto configured = watched({}, "{\"id\": \"d\", \"prompt\": \"it wakes\"}\n{\"id\": \"e\", \"prompt\": \"it swims\"}\n");
    CHECK(contains(configured.out, "USD 0.10 more would exceed 0.19 (max_cost of the configuration): USD 0.10 are spent or reserved; nothing was sent"));
}

TEST_CASE("what a command for a clip made of it stands in the reports, as a failure of its row") {
    Home home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    const auto ran = home.program(tiny_batch({"rows.csv", "--exec", "sh -c 'echo no upload >&2; exit 3'", "--summary", "all.json", "--junit", "all.xml"}));
    CAPTURE(ran.err);
    CHECK(ran.exit == 14);
    const auto summary = core::parse_json(*core::read_file(home.work() / "all.json"), "it");
    CHECK(contains(summary->at("rows")[0]["exec_failed"].get<std::string>(), "no upload"));
    const auto xml = *core::read_file(home.work() / "all.xml");
    CHECK(contains(xml, "failures=\"1\""));
    CHECK(contains(xml, "<failure type=\"exec\" message=\"sh ended with 3: no upload\"/>"));
}

TEST_CASE("every problem of a row is told at once, and that of a matrix once") {
    Home home;
    home.write("work/rows.yaml", "matrix: {seed: [1, 2, 3]}\nshots:\n  - id: a\n    prompt: a heron\n    duration: long\n    aspect_ratio: wide\n    fps: many\n");
    const auto ran = home.in_process({"batch", (home.work() / "rows.yaml").string(), "--yes"});
    CAPTURE(ran.err);
    CHECK(ran.exit == 2);
    for (const auto* line : {"line 5, column 5", "line 6, column 5", "line 7, column 5"}) {
        const auto at = ran.err.find(line);
        CHECK(at != std::string::npos);
        CHECK(ran.err.find(line, at + 1) == std::string::npos);
    }
}

TEST_CASE("rows of several takes that did not change are not called changed, nor are all where --again orders them anew") {
    Home home;
    home.write("work/rows.yaml", "- {id: a, prompt: a heron lifts off, takes: 2}\n- {id: b, prompt: it lands}\n");
    auto flags = tiny_batch({"rows.yaml"});
    std::erase(flags, "-q");
    REQUIRE(home.program(flags).exit == 0);
    const auto same = home.program(flags);
    CHECK_FALSE(contains(same.err, "changed"));
    CHECK_FALSE(contains(same.err, "no longer"));
    auto anew = flags;
    anew.insert(anew.end(), {"--again", "--force"});
    CHECK_FALSE(contains(home.program(anew).err, "changed, so"));
    home.write("work/rows.yaml", "- {id: a, prompt: a heron lifts off at last, takes: 2}\n");
    const auto other = [&] {
        auto forced = flags;
        forced.push_back("--force");
        return home.program(forced);
    }();
    CAPTURE(other.err);
    CHECK(contains(other.err, "changed, so it is ordered anew: a-take1, a-take2"));
    CHECK(contains(other.err, "no longer in the file: b"));
}

TEST_CASE("a command runs for each finished clip with its words kept apart, and its failure is a part that failed") {
    Home home;
    home.write("work/rows.csv", "id,prompt\na b,\"a heron; $(touch evil)\"\n");
    const auto ran = home.program(tiny_batch({"rows.csv", "--exec", "cp {clip} 'copy of {row}.mp4'"}));
    CAPTURE(ran.err, ran.out);
    CHECK(ran.exit == 0);
    CHECK(*core::sha256_of_file(home.work() / "copy of a b.mp4") == documents(ran)[0]["sha256"]);
    CHECK_FALSE(std::filesystem::exists(home.work() / "evil"));
    auto failing = tiny_batch({"rows.csv", "--exec", "sh -c 'echo no >&2; exit 3'"});
    std::erase(failing, "-q");
    const auto failed = home.program(failing);
    CHECK(failed.exit == 14);
    CHECK(contains(failed.err, "--exec of row a b: sh ended with 3: no"));
    CHECK(home.program(tiny_batch({"rows.csv", "--exec", "cp {clp} x"})).exit == 2);
}

TEST_CASE("braces without a name in a command are told before anything is sent, and those written twice are braces") {
    Home home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    for (const auto* command : {"echo {}", "awk '{print $1}' {sidecar}", "echo {clip"}) {
        const auto ran = home.program(tiny_batch({"rows.csv", "--exec", command}));
        CAPTURE(ran.err, command);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "allowed: {clip} {sidecar}"));
    }
    CHECK(creates(home) == 0);
    CHECK(home.program(tiny_batch({"rows.csv", "-o", "{{{row}}}.mp4", "--exec", "cp {clip} '{{copy}} of {row}'"})).exit == 0);
    CHECK(std::filesystem::exists(home.work() / "{a}.mp4"));
    CHECK(std::filesystem::exists(home.work() / "{copy} of a"));
}

TEST_CASE("two rows that would have one name are told before anything is sent") {
    Home home;
    home.write("work/rows.csv", "prompt\na heron lifts off\na heron lands\n");
    const auto ran = home.program(tiny_batch({"rows.csv", "-o", "same.mp4"}));
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "rows.csv: line 3, column 1: row 2: output "));
    CHECK(contains(ran.err, "same.mp4 is that of row 1 already; give one an output"));
    CHECK(creates(home) == 0);
    CHECK(home.program({"jobs", "ls", "--json"}).document()["jobs"].empty());
}

TEST_CASE("two ids that make one name are told with both rows, and what to do") {
    Home home;
    home.write("work/rows.csv", "id,prompt\na b,a heron lifts off\na-b,a heron lands\n");
    const auto ran = home.program(tiny_batch({"rows.csv"}));
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "rows.csv: line 3, column 1: row a-b: output "));
    CHECK(contains(ran.err, "a-b.mp4 is that of row a b already; their ids differ in nothing that a file's name keeps"));
    CHECK(creates(home) == 0);
}

TEST_CASE("B7: a batch whose stdout is closed, full or slow goes on to its end, and the ledger has every row") {
    const std::string sink = GENERATE("true", "head -n 1", "sh -c 'sleep 1; cat >/dev/null'", "/dev/full");
    CAPTURE(sink);
    Home home;
    std::string rows;
    for (int i = 1; i <= 6; ++i) rows += fmt::format("{{\"id\": \"r{}\", \"prompt\": \"a heron lifts off, take {}\"}}\n", i, i);
    home.write("work/rows.jsonl", rows);
    const auto to = sink == "/dev/full" ? "> /dev/full" : "| " + sink;
    const auto ran = core::run_process({{"/usr/bin/env", "-C", home.work().string(), std::string("SHOTWIRE_MEDIA=") + places::media, "bash", "-c",
                                         "\"$0\" batch rows.jsonl --size 128x72 -d 1 -q " + to + "; echo ${PIPESTATUS[0]} >&2", places::program}, ""});
    REQUIRE(bool(ran));
    CAPTURE(ran->err);
    const bool whole = sink.starts_with("sh");
    CHECK(contains(ran->err, whole ? "0\n" : "9\n"));
    CHECK(creates(home) == 6);
    const auto jobs = home.program({"jobs", "ls", "--json"}).document()["jobs"];
    CHECK(jobs.size() == 6);
    for (const auto& job : jobs) CHECK(job["state"] == "done");
    judge(home, {whole ? 0 : 9, ran->out, ran->err, {}, 0}, {.asked = 6});
    CHECK(contains(home.program({"jobs", "ls"}).out, "BATCH ROW"));
    for (int i = 1; i <= 6; ++i) CHECK(std::filesystem::exists(home.work() / fmt::format("r{}.mp4", i)));
}

TEST_CASE("lint looks at every row of a batch, and says where it stands") {
    Home home;
    const auto yaml = home.write("work/many.yaml", "defaults: {lighting: dawn}\nshots:\n"
                                                   "  - id: fox\n    subject: a beautiful fox\n    matrix: {aspect_ratio: [\"16:9\", \"9:16\"]}\n"
                                                   "  - {id: hen, subject: a hen, style: \"8k\"}\n").string();
    const auto text = home.in_process({"lint", yaml});
    CAPTURE(text.out, text.err);
    CHECK(text.exit == 0);
    CHECK(contains(text.out, yaml + ": line 4, column 5: row fox-16-9: subject: "));
    CHECK_FALSE(contains(text.out, "row fox-9-16"));  // it shares the place
    CHECK(contains(text.out, yaml + ": line 6, column "));
    CHECK(contains(text.out, ": row hen: style: "));
    CHECK(home.in_process({"lint", yaml, "--strict"}).exit == 2);
    const auto of_fox = home.in_process({"lint", yaml, "--json"}).document()["findings"][0];
    CHECK(of_fox["row"] == "fox-16-9");
    const auto sarif = home.in_process({"lint", yaml, "--format", "sarif"}).document()["runs"][0]["results"];
    std::set<int> lines;
    for (const auto& result : sarif) lines.insert(result["locations"][0]["physicalLocation"]["region"]["startLine"].get<int>());
    CHECK(lines.contains(4));
    CHECK(lines.contains(6));
    CHECK(contains(home.in_process({"lint", yaml, "--format", "github"}).out, "::warning file=" + yaml + ",line=4,title=shotwire vague-words::row fox-16-9: subject: "));

    const auto csv = home.write("work/rows.csv", "id,subject,style\na,a fox,16mm film\nb,a hen,8k\n").string();
    CHECK(contains(home.in_process({"lint", csv}).out, csv + ": line 3, column 3: row b: style: "));
    const auto jsonl = home.write("work/rows.jsonl", "{\"subject\": \"a fox\"}\n{\"subject\": \"a hen\", \"style\": \"8k\"}\n").string();
    CHECK(contains(home.in_process({"lint", jsonl}).out, jsonl + ": line 2, column "));
    CHECK(contains(home.in_process({"lint", csv, "--fix"}).err, "--fix do not go with it"));
    CHECK(home.in_process({"lint", csv, "-s", "a cow"}).exit == 2);
    const auto wrong = home.write("work/wrong.csv", "id,subject,colour\na,a fox,red\n").string();
    const auto refused = home.in_process({"lint", wrong});
    CHECK(refused.exit == 2);
    CHECK(contains(refused.err, wrong + ": line 1, column 3: unknown key 'colour'"));
}

TEST_CASE("a batch that is strict sends nothing where lint warns of a row") {
    Home home;
    home.write("work/rows.csv", "id,prompt,style\na,a heron lifts off,\nb,a heron lands,8k\n");
    for (const auto& how : {std::vector<std::string>{"rows.csv", "--strict"}, {"rows.csv", "--strict", "--dry-run", "-q"}}) {
        const auto ran = home.program(tiny_batch(how));
        CAPTURE(ran.out, ran.err);
        CHECK(ran.exit == 2);
        CHECK(ran.out.empty());
        CHECK(contains(ran.err, "rows.csv: line 3, column 3: row b: style: "));
        CHECK(contains(ran.err, "nothing was sent"));
    }
    CHECK(creates(home) == 0);
    CHECK(home.program(tiny_batch({"rows.csv"})).exit == 0);
}

TEST_CASE("who takes a batch's file for a shot is told the way") {
    Home home;
    home.write("work/many.yaml", "shots:\n  - prompt: a paper boat drifts\n");
    const auto ran = home.in_process({"prompt", "--shot", (home.work() / "many.yaml").string()});
    CHECK(ran.exit == 2);
    CHECK(contains(ran.err, "many.yaml holds many shots; shotwire batch"));
}

TEST_CASE("rows that were never sent are taken where only the failed ones are asked for, and what stays open is no success") {
    Priced priced({"create:reset-after:x1"});
    auto& home = priced.home;
    const std::string cannot_find = "[routes.openai.dialect]\nfind = false\n";  // what became of an order cannot be asked
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    home.write("config/shotwire/config.toml", cannot_find + "[budget]\nday = 0.05\n");
    const auto none = priced.run({"batch", "rows.csv", "-q", "--yes", "--junit", "end.xml"});
    CAPTURE(none.err);
    CHECK(none.exit == 10);
    CHECK(exits(none) == std::map<std::string, int>{{"a", 10}, {"b", 10}});
    const auto xml = *core::read_file(home.work() / "end.xml");
    CHECK(contains(xml, "failures=\"2\" errors=\"0\" skipped=\"0\""));
    CHECK(contains(xml, "<failure type=\"budget\" message=\"USD 0.10 more would exceed budget.day"));

    home.write("config/shotwire/config.toml", cannot_find + "[budget]\nday = 5\n");
    const auto first = priced.run({"batch", "rows.csv", "-q", "--yes", "--only-failed", "-j", "1"});
    CAPTURE(first.err);
    auto ends = exits(first);
    CHECK(ends.size() == 2);
    CHECK(ends["b"] == 12);  // made; the row tells no size
    CHECK(ends["a"] == 11);
    const auto second = priced.run({"batch", "rows.csv", "--yes", "--only-failed"});
    CAPTURE(second.err);
    CHECK(second.exit == 11);
    CHECK(exits(second) == std::map<std::string, int>{{"a", 11}});
    CHECK(contains(second.err, "1 row under way or unknown, left as before"));
}

TEST_CASE("what an earlier run left of a row is told apart: never sent, failed, refused, open") {
    Home home;
    struct Now : core::Clock {
        core::Wall wall() const override { return std::chrono::system_clock::now(); }
    } clock;
    auto ledger = job::Ledger::open(home.state() / "ledger.db", clock);
    REQUIRE(bool(ledger));
    const auto left = [&](const char* name, std::vector<Stage> stages, bool handle, std::optional<Error> error, bool unsent = false, const char* of = nullptr) {
        job::Row row;
        row.id = {name};
        row.fingerprint = of ? of : name;
        row = *(*ledger)->insert(row);
        for (const auto stage : stages) {
            row.stage = stage;
            if (stage == Stage::rendering) row.handle = backend::Handle{json{{"id", "p1"}}};
            if (stage == stages.back()) row.error = error, row.unsent = unsent;
            REQUIRE(bool((*ledger)->save(row)));
        }
        CHECK(bool(row.handle) == handle);
        cli::BatchClip clip;
        clip.identity = row.fingerprint;
        clip.ordinal = 0;
        return cli::before(clip, **ledger)->what;
    };
    // Killed in the pause behind a 429: nothing was paid, and nobody agreed to pay for it in this run.
    CHECK(left("waiting", {Stage::submitting}, false, {}, true) == cli::Before::unsent);
    // A second try that an interrupt kept from being sent: only the word to try again pays for it.
    CHECK(left("first try", {Stage::submitting, Stage::rendering, Stage::failed}, true, Error{ErrorKind::provider, "broken"}) == cli::Before::failed);
    CHECK(left("second try", {}, false, {}, false, "first try") == cli::Before::failed);
    cli::BatchClip twice;
    twice.identity = "first try";
    twice.ordinal = 0;
    CHECK(cli::before(twice, **ledger)->row->id.text == "first try");
    CHECK(cli::before(twice, **ledger)->next->text == "second try");  // neither is a leftover
    CHECK(left("planned", {}, false, {}) == cli::Before::unsent);
    CHECK(left("outage", {Stage::failed}, false, Error{ErrorKind::network, "no way"}) == cli::Before::unsent);
    CHECK(left("absent", {Stage::submitting, Stage::unknown, Stage::failed}, false, Error{ErrorKind::network, "it was never created"}) == cli::Before::unsent);
    CHECK(left("failed", {Stage::submitting, Stage::rendering, Stage::failed}, true, Error{ErrorKind::provider, "broken"}) == cli::Before::failed);
    CHECK(left("refused", {Stage::submitting, Stage::rejected}, false, Error{ErrorKind::rejected, "no"}) == cli::Before::refused);
    CHECK(left("lost", {Stage::submitting, Stage::rendering, Stage::failed}, true, Error{ErrorKind::provider, "the provider no longer knows the job", {}, true}) == cli::Before::lost);
    CHECK(left("untrusted", {Stage::failed}, false, Error{ErrorKind::network, "no way", {}, true}) == cli::Before::unsent);
    CHECK(left("cancelled", {Stage::submitting, Stage::rendering, Stage::cancelled}, true, Error{ErrorKind::cancelled, "by the user"}) == cli::Before::cancelled);
    CHECK(left("cancelled early", {Stage::cancelled}, false, {}) == cli::Before::cancelled);
    CHECK(left("open", {Stage::submitting, Stage::unknown}, false, Error{ErrorKind::unknown, "lost"}) == cli::Before::live);
}

TEST_CASE("a row that was refused by one profile's budget and is sent by another is paid by that one") {
    Priced priced;
    auto& home = priced.home;
    home.write("config/shotwire/config.toml", "[profiles.poor.budget]\nday = 0.05\n[profiles.rich.budget]\nday = 0.15\n");
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    CHECK(priced.run({"batch", "rows.csv", "-q", "--yes", "--profile", "poor"}).exit == 10);
    const auto made = priced.run({"batch", "rows.csv", "-q", "--yes", "--profile", "rich"});
    CAPTURE(made.err);
    CHECK(made.exit == 12);  // made; the row tells no size
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    CHECK(exits(priced.run({"batch", "rows.csv", "-q", "--yes", "--profile", "rich"})) == std::map<std::string, int>{{"a", 12}, {"b", 10}});
    const auto spent = home.program({"spend", "--by", "profile", "--json"}).document();
    REQUIRE(spent["rows"].size() == 1);
    CHECK(spent["rows"][0]["profile"] == "rich");
    CHECK(home.program({"jobs", "ls", "--json"}).document()["jobs"].size() == 2);
}

TEST_CASE("a row that is edited stands beside its earlier clip, takes its place by force, and comes back without a word of change") {
    Home home;
    const auto run = [&](const std::string& prompt, std::vector<std::string> more = {}) {
        home.write("work/rows.csv", "id,prompt\nfox," + prompt + "\n");
        auto args = tiny_batch({"rows.csv"});
        std::erase(args, "-q");
        args.insert(args.end(), more.begin(), more.end());
        return home.program(args);
    };
    const auto hash = [&](const std::string& name) { return *core::sha256_of_file(home.work() / name); };
    const auto first = run("a fox looks up");
    REQUIRE(first.exit == 0);
    const auto old = hash("fox.mp4");
    const auto edited = run("a red fox looks up");
    CAPTURE(edited.err);
    REQUIRE(edited.exit == 0);
    CHECK(contains(edited.err, "changed, so it is ordered anew: fox"));
    const auto document = documents(edited)[0];
    const auto beside = "fox-" + document["id"].get<std::string>() + ".mp4";
    CHECK(document["clip"] == (home.work() / beside).string());
    CHECK(hash("fox.mp4") == old);
    CHECK(hash(beside) == document["sha256"]);

    SECTION("the same again is the same") {
        const auto again = run("a red fox looks up");
        CHECK(again.exit == 0);
        CHECK(documents(again)[0]["clip"] == (home.work() / beside).string());
        CHECK(hash("fox.mp4") == old);
    }
    SECTION("changed back, it is the clip that is there") {
        const auto back = run("a fox looks up");
        CHECK(back.exit == 0);
        CHECK_FALSE(contains(back.err, "changed"));
        CHECK(documents(back)[0]["clip"] == (home.work() / "fox.mp4").string());
        CHECK(creates(home) == 2);
    }
    SECTION("by force each has the name, also where its job was over long ago") {
        CHECK(run("a red fox looks up", {"--force"}).exit == 0);
        CHECK(hash("fox.mp4") == document["sha256"]);
        const auto back = run("a fox looks up", {"--force"});
        CAPTURE(back.err);
        CHECK(back.exit == 0);
        CHECK(hash("fox.mp4") == old);
        CHECK(documents(back)[0]["clip"] == (home.work() / "fox.mp4").string());
        CHECK(creates(home) == 2);
    }
    SECTION("without force, what took the name keeps it, and the clip that had it is fetched to a place of its own") {
        CHECK(run("a red fox looks up", {"--force"}).exit == 0);
        const auto back = run("a fox looks up");
        CAPTURE(back.err);
        CHECK(back.exit == 0);
        CHECK(hash("fox.mp4") == document["sha256"]);
        CHECK(documents(back)[0]["clip"] == (home.work() / ("fox-" + documents(first)[0]["id"].get<std::string>() + ".mp4")).string());
        CHECK(creates(home) == 2);
    }
    SECTION("the file of another row, or of nobody, is in the way as before") {
        REQUIRE(core::write_file(home.work() / "hen.mp4", "mine", core::Existing::keep));
        home.write("work/rows.csv", "id,prompt\nhen,a hen pecks\n");
        const auto other = home.program(tiny_batch({"rows.csv"}));
        CHECK(other.exit == 2);
        CHECK(contains(other.err, "hen.mp4 exists"));
    }
}

TEST_CASE("the warnings of a batch are told by what they say, with the count of rows, and all of them where nothing is sent") {
    Home home;
    home.write("work/rows.csv", "id,subject,action\na,a stunning heron,lifts off\nb,a breathtaking heron,lands\nc,a stunning heron,sleeps\n");
    const auto dry = home.in_process({"batch", (home.work() / "rows.csv").string(), "--dry-run"});
    CAPTURE(dry.err);
    for (const auto* line : {"a, line 2, column 1: ", "b, line 3, column 1: ", "c, line 4, column 1: "}) CHECK(contains(dry.err, line));
    auto args = tiny_batch({"rows.csv"});
    std::erase(args, "-q");
    const auto ran = home.program(args);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    CHECK(contains(ran.err, "a, line 2, column 1: "));
    CHECK(contains(ran.err, "[vague-words]; and 1 row more: -v lists all"));
    CHECK(contains(ran.err, "b, line 3, column 1: "));
    CHECK_FALSE(contains(ran.err, "c, line 4, column 1: "));
    args.push_back("-v");
    CHECK(contains(home.program(args).err, "c, line 4, column 1: "));
}

TEST_CASE("a run that was agreed to beforehand says what it costs and which rows cost most") {
    Priced priced;
    priced.home.write("work/rows.csv", "id,prompt,duration\na,a heron lifts off,1\nb,it lands,2\n");
    const auto ran = priced.run({"batch", "rows.csv", "--yes"});
    CAPTURE(ran.err);
    CHECK(contains(ran.err, "2 clips for USD 0.30; the most expensive: b: priced, 2 s, USD 0.20; a: priced, 1 s, USD 0.10\n"));
    CHECK_FALSE(contains(priced.run({"batch", "rows.csv", "--yes"}).err, "clips for"));  // all is there
    CHECK_FALSE(contains(priced.run({"batch", "rows.csv", "--yes", "-q", "--again"}).err, "clips for"));
}

TEST_CASE("what has no known price is called so, not free") {
    Home home;
    home.write("config/shotwire/models.d/unpriced.json", R"({"models": [{"id": "unpriced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1}}]})");
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    const auto run = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"batch", "rows.csv", "-m", "openai:unpriced", "--base-url", "https://films.example/v1"});
        return home.program(more);
    };
    const auto dry = run({"--dry-run"});
    CAPTURE(dry.out, dry.err);
    CHECK(contains(dry.out, "\n1 clip: 1 of unknown price\n"));
    CHECK_FALSE(contains(dry.out, "free"));
    const auto silent = run({});
    CHECK(silent.exit == 2);
    CHECK(contains(silent.err, "1 clip would cost what is not known: say --yes"));
    const auto capped = run({"--max-cost", "1"});
    CHECK(capped.exit == 10);
    CHECK(contains(capped.err, "1 clip of unknown price, so the budget cannot be kept"));
}

TEST_CASE("rows of one model go the way that each of them names, also where --base-url moves it") {
    Home home;
    home.write("work/rows.csv", "id,prompt,model,via\na,a heron,kling-3.0,fal\nb,a heron,kling-3.0,replicate\nc,a fox,kling-3.0,fal\nd,a heron,wan-2.7,fal\n");
    const bool moved = GENERATE(false, true);
    std::vector<std::string> args{"batch", "rows.csv", "--dry-run", "--json", "-q"};
    if (moved) args.insert(args.end(), {"--base-url", "https://films.example/v1"});
    const auto plan = home.program(args).document();
    std::vector<std::string> ways;
    for (const auto& row : plan["rows"]) {
        ways.push_back(fmt::format("{} {}", row["model"].get<std::string>(), row["route"].get<std::string>()));
        CHECK(row["price"]["usd"].is_null() == moved);  // nobody knows what that host asks
    }
    CHECK(ways == std::vector<std::string>{"kling-3.0 fal", "kling-3.0 replicate", "kling-3.0 fal", "wan-2.7 fal"});
}

TEST_CASE("what is wrong with the configuration is said once, not for each row, and beside what is wrong with them") {
    Home home;
    home.write("config/shotwire/config.toml", "seed = \"x\"\n");
    home.write("work/rows.csv", "id,prompt,duration\na,a heron,6\nb,a heron,long\nc,a heron,6\n");
    const auto ran = home.program({"batch", "rows.csv", "-m", "veo-3.1", "--dry-run"});
    CAPTURE(ran.err);
    CHECK(ran.exit == 2);
    const auto first = ran.err.find("the configuration: seed: x is not a whole number");
    CHECK(first != std::string::npos);
    CHECK(ran.err.find("the configuration", first + 1) == std::string::npos);
    CHECK(contains(ran.err, "line 3, column 3: row b"));
    const auto linted = home.program({"lint", "rows.csv"});
    CHECK(linted.exit == 2);
    CHECK(contains(linted.err, "the configuration: seed: x is not a whole number"));
}

TEST_CASE("a row may name a shot file, over the defaults and below its own keys") {
    Home home;
    const auto shot = home.write("elsewhere/fox.yaml", "subject: a fox\naction: looks up\nduration: 6\nmodel: veo-3.1\n").string();
    const auto bad = home.write("elsewhere/bad.yaml", "subject: a fox\ncolour: red\n").string();
    const auto plan = [&](const std::string& text) {
        const auto ran = home.in_process({"batch", home.write("work/rows.yaml", text).string(), "--dry-run", "--json"});
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        return ran.document()["rows"];
    };
    const auto rows = plan("defaults: {model: animatic, duration: 2, action: waits, environment: a yard}\nshots:\n  - {shot: " + shot + "}\n  - {shot: " + shot + ", duration: 4, subject: a hen}\n  - {subject: an owl}\n");
    REQUIRE(rows.size() == 3);
    CHECK(rows[0]["model"] == "veo-3.1");
    CHECK(rows[0]["seconds"] == 6);
    for (const auto* part : {"fox", "looks up", "yard"}) CHECK(contains(core::lower(rows[0]["prompt"].get<std::string>()), part));
    CHECK(rows[1]["seconds"] == 4);
    CHECK(contains(core::lower(rows[1]["prompt"].get<std::string>()), "a hen looks up"));
    CHECK(rows[2]["model"] == "animatic");
    CHECK(rows[2]["seconds"] == 2);
    const auto below = plan("defaults: {shot: " + shot + ", duration: 4}\nshots:\n  - {subject: an owl}\n  - {id: b, takes: 2}\n");
    REQUIRE(below.size() == 3);
    CHECK(below[0]["seconds"] == 4);
    CHECK(contains(core::lower(below[0]["prompt"].get<std::string>()), "an owl looks up"));
    CHECK(plan("matrix: {shot: [" + shot + "]}\nshots:\n  - {duration: 4}\n")[0]["seconds"] == 4);

    for (const auto& [file, why] : {std::pair{bad, "bad.yaml: unknown key"}, std::pair{std::string("missing.yaml"), "missing.yaml"}, std::pair{std::string("\"-\""), "allowed: the name of a shot file"}}) {
        const auto ran = home.in_process({"batch", home.write("work/rows.yaml", "- {action: runs, shot: " + file + "}\n").string(), "--dry-run"});
        CAPTURE(ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "rows.yaml: line 1, column 18: row 1: shot"));
        CHECK(contains(ran.err, why));
    }
}

TEST_CASE("a random seed of a batch is drawn once for each clip: the same rows again are the same orders, in whatever order and file") {
    Home home;
    home.write("work/rows.yaml", "defaults: {seed: random}\nshots:\n  - {id: a, prompt: a heron lifts off, takes: 2}\n  - {id: b, prompt: a heron lifts off}\n  - {id: c, prompt: it lands}\n");
    const auto run = [&](const char* file, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {file, "-o", "{id}.mp4"});
        const auto ran = home.program(tiny_batch(more));
        CAPTURE(ran.err);
        CHECK(ran.exit == 0);
        std::set<std::uint64_t> seeds;
        for (const auto& document : documents(ran)) seeds.insert(document["order"]["seed"].get<std::uint64_t>());
        CHECK(seeds.size() == 4);
        return seeds;
    };
    const auto first = run("rows.yaml");
    CHECK(creates(home) == 4);
    CHECK(run("rows.yaml") == first);
    std::filesystem::remove(home.work() / "rows.yaml");
    home.write("work/moved/others.yaml", "- {id: c, prompt: it lands, seed: random}\n- {id: z, prompt: a heron lifts off, seed: random}\n- {id: a, prompt: a heron lifts off, takes: 2, seed: random}\n");
    CHECK(run("moved/others.yaml") == first);
    home.write("work/flagged.yaml", "- {prompt: it lands}\n- {prompt: a heron lifts off, takes: 3}\n");
    CHECK(run("flagged.yaml", {"--seed", "random"}) == first);
    CHECK(creates(home) == 4);
    const auto anew = run("flagged.yaml", {"--seed", "random", "--again"});
    CHECK(creates(home) == 8);
    CHECK(std::none_of(anew.begin(), anew.end(), [&](auto seed) { return first.contains(seed); }));
}

TEST_CASE("rows whose ids differ in letters beyond ASCII alone have names of their own, and plain ids keep theirs") {
    Home home;
    const std::string same(60, 'x');
    home.write("work/rows.csv", "id,prompt\n狐,a fox\n猫,a cat\nred kite,a kite\n" + same + "1,a hen\n" + same + "2,an owl\n");
    const auto ran = home.program(tiny_batch({"rows.csv"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    std::map<std::string, std::string> clips;
    std::set<std::string> names;
    for (const auto& document : documents(ran)) names.insert(clips[document["row"]] = std::filesystem::path(document["clip"].get<std::string>()).filename());
    CHECK(names.size() == 5);
    CHECK(clips["red kite"] == "red-kite.mp4");
    CHECK(clips["狐"] == "clip-" + core::sha256_hex("狐").substr(0, 8) + ".mp4");
}

TEST_CASE("jobs tell of the money that counts: an earlier sending whose outcome stayed open is part of it") {
    Home home;
    struct Now : core::Clock {
        core::Wall wall() const override { return std::chrono::system_clock::now(); }
    } clock;
    {
        auto ledger = job::Ledger::open(home.state() / "ledger.db", clock);
        REQUIRE(bool(ledger));
        job::Row row;
        row.id = {"aaaa2222"};
        row.fingerprint = "f";
        row.price = Money{100'000};
        row = *(*ledger)->insert(row);
        for (const auto stage : {Stage::submitting, Stage::rendering, Stage::failed}) {
            row.stage = stage;
            row.submitted = clock.wall();
            row.doubtful = Money{100'000};
            if (stage == Stage::rendering) row.handle = backend::Handle{json{{"id", "p1"}}};
            REQUIRE(bool((*ledger)->save(row)));
        }
        REQUIRE(bool((*ledger)->commit()));
    }
    CHECK(home.program({"spend", "--json"}).document()["total"]["usd"].get<double>() == Approx(0.20));
    CHECK(contains(home.program({"jobs", "ls"}).out, "at most 0.20"));
    CHECK(contains(home.program({"jobs", "show", "aaaa"}).out, "at most 0.20"));
    CHECK(home.program({"jobs", "show", "aaaa", "--json"}).document()["counted_usd"].get<double>() == Approx(0.20));
}

TEST_CASE("clips that came but not as ordered are counted apart from those that failed") {
    Priced priced;
    priced.home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    const auto ran = priced.run({"batch", "rows.csv", "--yes", "--summary", "end.json"});  // the row tells no size
    CAPTURE(ran.err);
    CHECK(ran.exit == 12);
    CHECK(contains(ran.err, "0 of 1 done, 1 delivered, but not as ordered"));
    CHECK_FALSE(contains(ran.err, "failed"));
    const auto summary = *core::parse_json(*core::read_file(priced.home.work() / "end.json"), "it");
    CHECK(summary.value("not_as_ordered", 0) == 1);
    CHECK(summary["failed"] == 0);
}

TEST_CASE("a row that the user cancelled is ordered again by --again alone, and that is told in words") {
    Priced priced;
    auto& home = priced.home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n");
    home.write("config/shotwire/config.toml", "[budget]\nday = 0.05\n");
    CHECK(priced.run({"batch", "rows.csv", "-q", "--yes"}).exit == 10);
    const auto id = home.program({"jobs", "ls", "--json"}).document()["jobs"][0]["id"].get<std::string>();
    CHECK(home.program({"jobs", "cancel", id}).exit == 0);
    home.write("config/shotwire/config.toml", "[budget]\nday = 5\n");
    for (const std::vector<std::string>& more : {std::vector<std::string>{"--retries", "2"}, {"--only-failed"}, {}}) {
        auto args = more;
        args.insert(args.begin(), {"batch", "rows.csv", "--yes"});
        const auto ran = priced.run(args);
        CAPTURE(ran.err);
        CHECK(ran.exit == 7);  // 130 is a run's that was interrupted
        CHECK(contains(ran.err, "1 row cancelled by the user, left as before"));
        CHECK(creates(home, "state/faulty") == 0);
    }
    CHECK(priced.run({"batch", "rows.csv", "-q", "--yes", "--again"}).exit == 12);  // made; the row tells no size
    CHECK(creates(home, "state/faulty") == 1);
}

TEST_CASE("an interrupt while commands for clips still run lets those come to their end, starts no other, and the reports are written") {
    const bool twice = GENERATE(false, true);
    Home home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\nc,it sleeps\n");
    std::thread user([&] {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        const auto ends = [&] {
            std::size_t found = 0;
            if (const auto events = core::read_file(home.work() / "events"))
                for (const auto& line : core::split(*events, '\n')) found += contains(line, "\"shotwire.clip/1\"");
            return found;
        };
        const auto started = [&] {
            return std::filesystem::exists(home.work() / "a.started") + std::filesystem::exists(home.work() / "b.started") + std::filesystem::exists(home.work() / "c.started");
        };
        while ((ends() < 3 || started() < 2) && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        kill(home.pid, SIGINT);
        if (twice) return void(kill(home.pid, SIGTERM));
        // Until the interrupt was heard, which is told.
        while (!std::filesystem::exists(home.work() / "heard") && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        std::ofstream(home.work() / "go") << "on";
    });
    auto args = tiny_batch({"rows.csv", "--events", "events", "--summary", "end.json", "--junit", "end.xml", "--exec",
                            "sh -c 'touch {row}.started; while [ ! -e go ]; do sleep 0.01; done; touch {row}.over'"});
    std::erase(args, "-q");
    const auto ran = home.program(args, [&](std::string_view line, int) {
        if (line.find("interrupted: ") != line.npos) std::ofstream(home.work() / "heard") << "yes";
    });
    user.join();
    CAPTURE(ran.err);
    CHECK(ran.exit == 130);
    CHECK(contains(ran.err, "interrupted: the --exec commands that run are waited for, 1 not started"));
    CHECK(documents(ran).size() == 3);
    const auto summary = *core::parse_json(*core::read_file(home.work() / "end.json"), "it");
    CHECK(summary["exit"] == 130);
    CHECK(summary["done"] == 3);
    int held = 0, ended = 0;
    for (const auto& row : summary["rows"]) {
        const auto name = row["row"].get<std::string>();
        const bool started = std::filesystem::exists(home.work() / (name + ".started"));
        CHECK(std::filesystem::exists(home.work() / (name + ".over")) == (started && !twice));
        held += row["exec_failed"] == "not run: interrupted";
        ended += row["exec_failed"] == "sh was stopped";
        CHECK((row["exec_failed"] == "not run: interrupted") == !started);
    }
    CHECK(held == 1);
    CHECK(ended == (twice ? 2 : 0));
    CHECK(contains(*core::read_file(home.work() / "end.xml"), twice ? "failures=\"3\"" : "failures=\"1\""));
}

TEST_CASE("B7: a reader that pauses for longer than all jobs live holds up none of them, and has every line when it reads on") {
    const bool reads = GENERATE(true, false);
    Home home;
    constexpr int count = 8;
    std::string rows;
    for (int i = 1; i <= count; ++i) rows += fmt::format("{{\"id\": \"r{}\", \"prompt\": \"a heron lifts off, take {} {}\"}}\n", i, i, std::string(3000, 'x'));  // long lines fill a pipe soon
    home.write("work/rows.jsonl", rows);
    const auto pipe = home.work() / "results";
    REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
    const core::Fd end(open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    REQUIRE(fcntl(end.get(), F_SETPIPE_SZ, 4096) == 4096);
    home.limits = "exec >results; ";
    std::atomic<bool> all_there = false;
    std::string read_at_last;
    std::thread reader([&] {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        const auto there = [&] {
            for (int i = 1; i <= count; ++i)
                if (!std::filesystem::exists(home.work() / fmt::format("r{}.mp4.json", i))) return false;
            return reads || std::filesystem::exists(home.work() / "end.json");
        };
        while (!there() && std::chrono::steady_clock::now() < deadline) std::this_thread::yield();
        all_there = there();
        if (!reads || !all_there)
            for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
                if (signal == SIGHUP && all_there) break;
                kill(home.pid, signal);
            }
        fcntl(end.get(), F_SETFL, 0);
        char piece[4096];
        if (!reads) return;
        for (ssize_t got; (got = ::read(end.get(), piece, sizeof piece)) > 0;) read_at_last.append(piece, std::size_t(got));
    });
    const auto ran = home.program(tiny_batch({"rows.jsonl", "--summary", "end.json"}));
    reader.join();
    CAPTURE(ran.err);
    CHECK(all_there);
    CHECK(ran.exit == (reads ? 0 : 130));
    if (reads) CHECK(documents({0, read_at_last, ""}).size() == count);
    CHECK(core::parse_json(*core::read_file(home.work() / "end.json"), "it")->at("done") == count);
}

TEST_CASE("a batch that another process runs is seen, as long as that lives") {
    Home home;
    const auto ledger = home.work() / "ledger.db";
    const cli::Presence here(ledger, "shots.jsonl");
    CHECK(here.alone());
    {
        const cli::Presence other(ledger, "shots.jsonl"), elsewhere(ledger, "more.jsonl");
        CHECK_FALSE(here.alone());
        CHECK_FALSE(other.alone());
        CHECK(elsewhere.alone());
    }
    CHECK(here.alone());
}
