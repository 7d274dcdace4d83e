#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <future>
#include <set>

#include "batch_bench.hpp"
#include "core/hash.hpp"
#include "job/ledger.hpp"
#include "judged.hpp"

using namespace shotwire;
using namespace shotwire::test;

// What becomes of a batch's rows, and of what they ordered, when the file is edited between its runs.

namespace {

// The job and the clip of each row.
std::map<std::string, std::pair<std::string, std::string>> results(const Ran& ran) {
    std::map<std::string, std::pair<std::string, std::string>> found;
    for (const auto& document : documents(ran)) found[document["row"]] = {document["id"], std::filesystem::path(document["clip"].get<std::string>()).filename()};
    return found;
}

// How often each state stands in the ledger.
std::map<std::string, int> states(Home& home) {
    std::map<std::string, int> found;
    const auto document = home.program({"jobs", "ls", "-n", "0", "--json"}).document();
    for (const auto& job : document["jobs"]) ++found[job["state"]];
    return found;
}

std::vector<std::string> spoken(std::vector<std::string> args) {
    std::erase(args, "-q");
    return args;
}

}  // namespace

TEST_CASE("B5: a row keeps its job and its clip's name when equal rows go, change places or come above it") {
    const bool by_template = GENERATE(false, true);
    const bool draws = GENERATE(false, true);
    CAPTURE(by_template, draws);
    Home home;
    const auto run = [&](const std::string& ids, std::vector<std::string> more = {}) {
        std::string rows = "id,prompt,seed\n";
        for (const auto& id : core::split(ids, ' ')) rows += id + (draws ? ",a heron lifts off,random\n" : ",a heron lifts off,\n");
        home.write("work/rows.csv", rows);
        std::filesystem::create_directories(home.work() / "o");
        auto args = spoken(tiny_batch({"rows.csv"}));
        if (by_template) args.insert(args.end(), {"-o", "o/{row}.mp4"});
        args.insert(args.end(), more.begin(), more.end());
        const auto ran = home.program(args);
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        return ran;
    };
    const auto first = results(run("a b"));
    CHECK(first.at("a").second == "a.mp4");
    CHECK(first.at("b").second == "b.mp4");

    SECTION("one goes") {
        for (const bool force : {false, true}) {
            const auto ran = run("b", force ? std::vector<std::string>{"--force"} : std::vector<std::string>());
            CHECK(results(ran).at("b") == first.at("b"));
            CHECK(contains(ran.err, "no longer in the file: a; what was made stays"));
        }
        CHECK(creates(home) == 2);
    }
    SECTION("they change places") {
        CHECK(results(run("b a")) == first);
        CHECK(creates(home) == 2);
    }
    SECTION("one comes above") {
        const auto more = results(run("new a b"));
        CHECK(more.at("a") == first.at("a"));
        CHECK(more.at("b") == first.at("b"));
        CHECK(more.at("new").second == "new.mp4");
        CHECK(creates(home) == 3);
        CHECK(results(run("b new a")) == more);
        CHECK(creates(home) == 3);
    }
    SECTION("one gets another name: nothing is paid for twice") {
        const auto renamed = results(run("z b"));
        CHECK(renamed.at("b") == first.at("b"));
        CHECK(renamed.at("z").first == first.at("a").first);
        CHECK(creates(home) == 2);
    }
}

TEST_CASE("rows that exchange their words are each told the clip of the words that they have now, and nothing is bought again") {
    const bool draws = GENERATE(false, true);
    const bool piped = GENERATE(false, true);
    CAPTURE(draws, piped);
    Home home;
    const auto run = [&](const std::string& a, const std::string& b) {
        std::string rows;
        for (const auto& [id, words] : {std::pair("a", a), std::pair("b", b)})
            rows += fmt::format("{{\"id\": \"{}\", \"prompt\": \"{}\"{}}}\n", id, words, draws ? ", \"seed\": \"random\"" : "");
        home.write("work/rows.jsonl", rows);
        const auto ran = piped ? home.program(tiny_batch({"-", "--watch", "--name", "night"}), {}, rows) : home.program(tiny_batch({"rows.jsonl"}));
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        REQUIRE(documents(ran).size() == 2);
        for (const auto& document : documents(ran)) {
            CHECK(document["order"]["prompt"] == (document["row"] == "a" ? a : b));
            CHECK(*core::sha256_of_file(document["clip"].get<std::string>()) == document["sha256"].get<std::string>());
        }
        CHECK(creates(home) == 2);
        return results(ran);
    };
    const auto first = run("a heron lifts off", "a fox looks up");
    const auto exchanged = run("a fox looks up", "a heron lifts off");
    CHECK(exchanged.at("a") == std::pair(first.at("b").first, "a-" + first.at("b").first + ".mp4"));
    CHECK(exchanged.at("b") == std::pair(first.at("a").first, "b-" + first.at("a").first + ".mp4"));
    CHECK(run("a fox looks up", "a heron lifts off") == exchanged);
    CHECK(run("a heron lifts off", "a fox looks up") == first);
}

TEST_CASE("the takes of a row keep their jobs when an equal row comes above them") {
    Home home;
    const auto run = [&](const std::string& rows) {
        home.write("work/rows.yaml", rows);
        const auto ran = home.program(tiny_batch({"rows.yaml"}));
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        return results(ran);
    };
    const auto first = run("- {id: a, prompt: a heron lifts off, takes: 2}\n");
    const auto more = run("- {id: new, prompt: a heron lifts off}\n- {id: a, prompt: a heron lifts off, takes: 3}\n");
    for (const auto* take : {"a-take1", "a-take2"}) CHECK(more.at(take) == first.at(take));
    CHECK(more.at("a-take3").second == "a-take3.mp4");
    CHECK(creates(home) == 4);
}

TEST_CASE("watched rows, and processes that run one file at once, keep the jobs of equal rows where they were") {
    Home home;
    const auto row = [](const char* id) { return fmt::format("{{\"id\": \"{}\", \"prompt\": \"a heron lifts off\"}}\n", id); };
    home.write("work/rows.jsonl", row("a") + row("b"));
    const auto first = results(home.program(tiny_batch({"rows.jsonl", "--name", "night"})));
    REQUIRE(first.size() == 2);
    const auto watched = home.program(tiny_batch({"-", "--watch", "--name", "night"}), {}, row("b") + row("a"));
    CAPTURE(watched.err);
    CHECK(results(watched) == first);
    CHECK(creates(home) == 2);

    home.write("work/rows.jsonl", row("new") + row("b") + row("newer") + row("a"));
    std::vector<std::future<Ran>> running;
    for (int i = 0; i < 4; ++i) running.push_back(std::async(std::launch::async, [&] { return home.program(tiny_batch({"rows.jsonl", "--name", "night"})); }));
    std::optional<decltype(results(watched))> told;
    for (auto& one : running) {
        const auto ran = one.get();
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        const auto its = results(ran);
        CHECK(its.at("a") == first.at("a"));
        CHECK(its.at("b") == first.at("b"));
        CHECK(its == told.value_or(its));
        told = its;
    }
    CHECK(creates(home) == 4);
}

TEST_CASE("what was never sent of rows that were edited or removed is cancelled and said, and is ordered anew where its row comes back") {
    Priced priced;
    auto& home = priced.home;
    const auto run = [&](const std::string& rows, std::vector<std::string> more = {}) {
        home.write("work/rows.csv", "id,prompt\na,a heron lifts off\n" + rows);
        more.insert(more.begin(), {"batch", "rows.csv", "--yes", "-j", "1"});
        return priced.run(more);
    };
    home.write("config/shotwire/config.toml", "[budget]\nday = 0.15\n");
    CHECK(exits(run("b,it lands\nc,it sleeps\n")) == std::map<std::string, int>{{"a", 12}, {"b", 10}, {"c", 10}});  // made; the row tells no size
    CHECK(states(home) == std::map<std::string, int>{{"mismatch", 1}, {"planned", 2}});
    home.write("config/shotwire/config.toml", "[budget]\nday = 5\n");

    SECTION("edited and removed") {
        const bool only_failed = GENERATE(false, true);
        const auto edited = run("b,it lands at last\n", only_failed ? std::vector<std::string>{"--only-failed"} : std::vector<std::string>());
        CAPTURE(edited.err);
        CHECK(exits(edited).at("b") == 12);
        CHECK(contains(edited.err, "no longer in the file as it was ordered, and never sent: b, c; it is cancelled and costs nothing"));
        CHECK(states(home) == std::map<std::string, int>{{"mismatch", 2}, {"cancelled", 2}});
        CHECK(home.program({"jobs", "resume"}).exit == 0);
        CHECK(creates(home, "state/faulty") == 2);
        const auto same = run("b,it lands at last\n");
        CHECK_FALSE(contains(same.err, "cancelled"));

        const auto back = run("b,it lands\nc,it sleeps\n");
        CAPTURE(back.err);
        CHECK(exits(back) == std::map<std::string, int>{{"a", 12}, {"b", 12}, {"c", 12}});
        CHECK(creates(home, "state/faulty") == 4);
    }
    SECTION("not where another process works on a batch of that name") {
        struct Now : core::Clock {
            core::Wall wall() const override { return std::chrono::system_clock::now(); }
        } clock;
        auto ledger = job::Ledger::open(home.state() / "ledger.db", clock);
        REQUIRE(bool(ledger));
        job::Row other;
        other.id = {"other"};
        other.fingerprint = "f";
        other.batch = (home.work() / "rows.csv").string();
        other.batch_row = "x";
        other = *(*ledger)->insert(other);
        other.stage = Stage::submitting;
        REQUIRE(bool((*ledger)->save(other)));
        REQUIRE(bool((*ledger)->commit()));
        const auto ran = run("b,it lands\n");
        CAPTURE(ran.err);
        CHECK(contains(ran.err, "and not sent yet: c; another process works on it"));
        CHECK(states(home)["planned"] == 1);
        CHECK(states(home)["cancelled"] == 0);
    }
}

TEST_CASE("jobs resume leaves to a batch what it has not sent, says so, and sends it where it is named") {
    Priced priced;
    auto& home = priced.home;
    home.write("config/shotwire/config.toml", "[budget]\nday = 0.05\n");
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    CHECK(priced.run({"batch", "rows.csv", "--yes", "-q"}).exit == 10);
    home.write("config/shotwire/config.toml", "[budget]\nday = 5\n");
    const auto flags = priced.server.make();
    const auto cacert = *std::next(std::find(flags.begin(), flags.end(), "--cacert"));
    const auto all = home.program({"jobs", "resume", "--cacert", cacert});
    CAPTURE(all.err);
    CHECK(all.exit == 0);
    CHECK(contains(all.err, "2 jobs of the batch " + (home.work() / "rows.csv").string() + " were never sent, and left so: the same `shotwire batch` goes on with them, `shotwire jobs resume ID` sends one"));
    CHECK(creates(home, "state/faulty") == 0);
    const auto id = home.program({"jobs", "ls", "--json"}).document()["jobs"][0]["id"].get<std::string>();
    const auto named = home.program({"jobs", "resume", id, "--cacert", cacert});
    CAPTURE(named.err);
    CHECK(named.exit == 12);  // made; the row tells no size
    CHECK(creates(home, "state/faulty") == 1);
    CHECK(priced.run({"batch", "rows.csv", "--yes", "-q"}).exit == 12);
    CHECK(creates(home, "state/faulty") == 2);
}

TEST_CASE("a row that was refused and then edited is taken with the failed ones, and what is new is counted") {
    Priced priced({"create:moderation=create:x1"});
    auto& home = priced.home;
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off\nb,it lands\n");
    CHECK(exits(priced.run({"batch", "rows.csv", "--yes", "-q", "-j", "1"})) == std::map<std::string, int>{{"a", 4}, {"b", 12}});
    home.write("work/rows.csv", "id,prompt\na,a heron lifts off slowly\nb,it lands at last\nc,it sleeps\n");
    const auto ran = priced.run({"batch", "rows.csv", "--yes", "--only-failed"});
    CAPTURE(ran.err);
    CHECK(exits(ran) == std::map<std::string, int>{{"a", 12}});  // made; the row tells no size
    CHECK(contains(ran.err, "2 rows new or changed are left: the same command without --only-failed renders them"));
    CHECK(creates(home, "state/faulty") == 2);
}

TEST_CASE("what was piped into one batch is not missed in another") {
    Home home;
    for (const auto* rows : {"{\"id\": \"a\", \"prompt\": \"a heron lifts off\"}\n", "{\"id\": \"b\", \"prompt\": \"it lands\"}\n", "{\"id\": \"b\", \"prompt\": \"it sleeps\"}\n"}) {
        const auto ran = home.program(spoken(tiny_batch({"-"})), {}, rows);
        CAPTURE(ran.err);
        CHECK(ran.exit == 0);
        CHECK_FALSE(contains(ran.err, "no longer"));
        CHECK_FALSE(contains(ran.err, "changed"));
    }
}
