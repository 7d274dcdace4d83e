#include <spdlog/fmt/fmt.h>

#include <regex>

#include "harness.hpp"
#include "media/mp4.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;
using namespace std::string_literals;

namespace {
const std::vector<std::string> small{"make", "a heron lifts off", "-d", "1", "--size", "128x128"};
std::vector<std::string> make(const std::vector<std::string>& more) {
    auto args = small;
    args.insert(args.end(), more.begin(), more.end());
    return args;
}
}  // namespace

TEST_CASE("make renders a shot on a fresh machine and prints its path alone") {
    Home home;
    const auto ran = home.program(make({"-o", "a.mp4", "--seed", "7"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.out == "a.mp4\n");
    const auto measured = media::read_mp4(home.work() / "a.mp4");
    REQUIRE(bool(measured));
    REQUIRE(measured->seconds == Approx(1));
    REQUIRE(measured->size == Size{128, 128});
    REQUIRE(std::filesystem::exists(home.work() / "a.mp4.json"));
    REQUIRE(contains(ran.err, "rendering"));

    SECTION("the same order again is done at once, says so, and has one job in the ledger") {
        const auto again = home.program(make({"-o", "a.mp4", "--seed", "7"}));
        REQUIRE(again.out == "a.mp4\n");
        REQUIRE(again.err == "shotwire: already rendered, nothing paid; --again renders anew\n");
        REQUIRE(home.program({"jobs", "ls", "--json"}).document()["jobs"].size() == 1);
    }
    SECTION("its sidecar renders it again, byte for byte") {
        const std::string from = GENERATE("a.mp4.json", "a.mp4");
        const auto again = home.program({"make", "--from", from, "--again", "-o", "b.mp4", "-q"});
        CAPTURE(again.err);
        REQUIRE(again.exit == 0);
        REQUIRE(again.err.empty());
        REQUIRE(*core::sha256_of_file(home.work() / "a.mp4") == *core::sha256_of_file(home.work() / "b.mp4"));
    }
    SECTION("it can be remixed") {
        const auto id = home.program({"jobs", "ls", "--json"}).document()["jobs"][0]["id"].get<std::string>();
        const auto remixed = home.program({"make", "the heron lands", "--remix", id, "-o", "r.mp4"});
        CAPTURE(remixed.err);
        REQUIRE(remixed.exit == 0);
        REQUIRE(remixed.out == "r.mp4\n");
        INFO("a remix is as long as its source, which the clip tells");
        const auto table = home.program({"jobs", "ls"}).lines();
        REQUIRE(table.size() == 3);
        for (const auto& line : {table[1], table[2]}) REQUIRE(std::regex_search(line, std::regex("animatic +1 +free")));
        INFO("the remix again, from its sidecar, and a remix of the clip by its name");
        const auto again = home.program({"make", "--from", "r.mp4", "--again", "-o", "s.mp4"});
        CAPTURE(again.err);
        REQUIRE(again.out == "s.mp4\n");
        const auto by_name = home.program({"make", "the heron sleeps", "--remix", "r.mp4", "-o", "t.mp4"});
        CAPTURE(by_name.err);
        REQUIRE(by_name.out == "t.mp4\n");
        for (const auto* none : {"none.mp4", "none.mp4.json"}) REQUIRE(contains(home.in_process({"make", "it snows", "--remix", none, "--dry-run"}).err, "is no clip with a sidecar of ours"));
        const auto elsewhere = home.program({"make", "it snows", "--remix", "r.mp4", "--dry-run", "--ledger", "none.db"});
        REQUIRE(elsewhere.exit == 2);
        REQUIRE(contains(elsewhere.err, "is not in the ledger"));
    }
    SECTION("jobs show tells its history") {
        const auto id = home.program({"jobs", "ls", "--json"}).document()["jobs"][0]["id"].get<std::string>();
        const auto shown = home.program({"jobs", "show", id, "--json"}).document();
        REQUIRE(shown["state"] == "done");
        REQUIRE(shown["history"].size() >= 5);
        REQUIRE(contains(home.program({"jobs", "show", id.substr(0, 5)}).out, "submitting"));
        const auto forgotten = home.program({"jobs", "forget", id});
        REQUIRE(forgotten.exit == 0);
        REQUIRE(contains(forgotten.err, "forgot job " + id + " (done of animatic); its clip stays: "));
        REQUIRE(home.program({"jobs", "show", id}).exit == 2);
    }
}

TEST_CASE("the flag --json prints one document with the exit code, -q says nothing") {
    Home home;
    const auto ran = home.program(make({"--json", "-q"}));
    const auto document = ran.document();
    REQUIRE(ran.err.empty());
    REQUIRE(document["schema"] == "shotwire.clip/1");
    REQUIRE(document["state"] == "done");
    REQUIRE(document["exit"] == 0);
    REQUIRE(document["request"]["body_sha256"].get<std::string>().size() == 64);
    REQUIRE(document["sha256"] == *core::sha256_of_file(document["clip"].get<std::string>()));
}

TEST_CASE("an output that is a folder gets the clip under its own name") {
    Home home;
    std::filesystem::create_directories(home.work() / "clips");
    for (const std::string folder : {"clips", "clips/"}) {
        const auto ran = home.program(make({"-o", folder, "--again"}));
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
        REQUIRE(ran.out.starts_with("clips/a-heron-lifts-off-"));
        REQUIRE(std::filesystem::exists(home.work() / ran.lines()[0]));
    }
}

TEST_CASE("two takes are two clips, and events tell of both") {
    Home home;
    const auto ran = home.program(make({"-n", "2", "-o", "{take}.mp4", "--events", "events.ndjson", "--json"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.document()["clips"].size() == 2);
    REQUIRE(std::filesystem::exists(home.work() / "1.mp4"));
    REQUIRE(std::filesystem::exists(home.work() / "2.mp4"));
    int ended = 0, done = 0;
    for (const auto& line : core::split(*core::read_file(home.work() / "events.ndjson"), '\n')) {
        auto event = core::parse_json(line, "an event");
        REQUIRE(bool(event));
        REQUIRE((*event)["schema"] == "shotwire.event/1");
        ended += (*event)["event"] == "ended";
        done += (*event)["event"] == "changed" && (*event)["state"] == "done";
    }
    REQUIRE(ended == 2);
    REQUIRE(done == 2);
}

TEST_CASE("a take that has a seed of its own is the order of that seed") {
    Home home;
    REQUIRE(home.program({"make", "-s", "a heron", "-d", "1", "--seed", "7", "-n", "2", "-o", "{seed}.mp4", "-q"}).exit == 0);
    const auto again = home.program({"make", "-s", "a heron", "-d", "1", "--seed", "8", "-o", "8.mp4"});
    CAPTURE(again.err);
    REQUIRE(again.exit == 0);
    REQUIRE(contains(again.err, "already rendered, nothing paid"));
}

TEST_CASE("the flag -o - streams the clip to stdout and leaves no file") {
    Home home;
    const auto ran = home.program(make({"-o", "-"}));
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.out.substr(4, 4) == "ftyp");
    REQUIRE(std::filesystem::is_empty(home.state() / "streams"));
    REQUIRE(std::filesystem::is_empty(home.work()));
    const auto listed = json::parse(home.program({"jobs", "ls", "--json"}).out);
    REQUIRE(listed["jobs"][0]["clip"].is_null());  // what is gone is not named
    const auto again = home.program(make({"-o", "-"}));
    REQUIRE(again.exit == 0);
    REQUIRE(again.out == ran.out);
    REQUIRE(home.program({"jobs", "ls"}).out.find("streams") == std::string::npos);
}

TEST_CASE("the flag --no-wait prints the job's id, and jobs wait saves the clip") {
    Home home;
    const auto left = home.program(make({"--no-wait", "-o", "a.mp4"}));
    REQUIRE(left.exit == 0);
    REQUIRE(left.lines().size() == 1);
    const auto listed = home.program({"jobs", "ls", "--json"}).document()["jobs"].at(0);
    REQUIRE(listed["clip"].is_null());
    for (const std::string model : {"animatic", "local:animatic"}) REQUIRE(home.program({"jobs", "ls", "-m", model}).lines().size() == 2);
    REQUIRE(listed["id"] == left.lines()[0]);
    for (const auto* twice : {"job", "stage", "path"}) REQUIRE_FALSE(listed.contains(twice));
    const auto waited = home.program({"jobs", "wait", left.lines()[0]});
    CAPTURE(waited.err);
    REQUIRE(waited.exit == 0);
    REQUIRE(waited.out == "a.mp4\n");
    REQUIRE(home.program({"jobs", "resume"}).exit == 0);  // nothing is left
}

TEST_CASE("who does not wait is told the job's id, also of one that is done, and its clip names it as well") {
    Home home;
    const auto done = home.program(make({"-o", "a.mp4"}));
    REQUIRE(done.exit == 0);
    const auto left = home.program(make({"--no-wait", "-o", "a.mp4"}));
    REQUIRE(left.exit == 0);
    const auto id = home.program({"jobs", "ls", "--json"}).document()["jobs"].at(0)["id"].get<std::string>();
    REQUIRE(left.out == id + "\n");
    for (const auto& word : {id, std::string("a.mp4"), (home.work() / "a.mp4").string(), std::string("a.mp4.json")})
        for (const std::string command : {"wait", "resume"}) CHECK(home.program({"jobs", command, word}).out == "a.mp4\n");
    REQUIRE(home.program({"jobs", "show", "a.mp4", "--json"}).document()["id"] == id);
    REQUIRE(home.program({"jobs", "show", "b.mp4"}).exit == 2);
}

TEST_CASE("an order finds its pictures from wherever it is gone on with") {
    Home home;
    // 8x8, grey.
    const std::string picture =
        "\211\120\116\107\015\012\032\012\000\000\000\015\111\110\104\122\000\000\000\010\000\000\000\010\010\000\000\000\000\341\144\341\127\000\000"
        "\000\016\111\104\101\124\170\234\143\150\200\002\006\312\030\000\200\204\040\001\015\200\044\141\000\000\000\000\111\105\116\104\256\102\140"
        "\202"s;
    home.write("work/p.png", picture);
    home.write("work/shots/q.png", picture);
    home.write("work/shots/fox.yaml", "subject: a fox\nimage: q.png\nduration: 1\nsize: 128x128\n");
    const auto elsewhere = home.work() / "elsewhere";
    std::filesystem::create_directory(elsewhere);
    const auto first = home.program(make({"--image", "p.png", "-o", "a.mp4"}));
    CAPTURE(first.err);
    REQUIRE(first.exit == 0);
    const auto sidecar = json::parse(*core::read_file(home.work() / "a.mp4.json"));
    const auto place = (home.work() / "p.png").string();
    CHECK(sidecar["order"]["images"][0]["source"] == place);
    CHECK(sidecar["order"]["shot"]["first_frame"] == place);
    REQUIRE(home.program({"make", "--shot", "shots/fox.yaml", "-o", "fox.mp4"}).exit == 0);
    CHECK(json::parse(*core::read_file(home.work() / "fox.mp4.json"))["order"]["images"][0]["source"] == (home.work() / "shots/q.png").string());
    const auto again = core::run_process({{"/usr/bin/env", "-C", elsewhere.string(), std::string("SHOTWIRE_MEDIA=") + places::media, places::program, "make", "--from", "../a.mp4", "--again", "-o", "b.mp4"}, ""});
    REQUIRE(bool(again));
    CAPTURE(again->err);
    REQUIRE(again->exit == 0);
}

TEST_CASE("a clip of the local route that is gone everywhere is rendered anew, with a word of it") {
    Home home;
    REQUIRE(home.program(make({"-o", "a.mp4"})).exit == 0);
    std::filesystem::remove(home.work() / "a.mp4");
    std::filesystem::remove_all(home.state() / "serve");
    const auto anew = home.program(make({"-o", "a.mp4"}));
    CAPTURE(anew.err);
    REQUIRE(anew.exit == 0);
    REQUIRE(anew.out == "a.mp4\n");
    REQUIRE(contains(anew.err, "rendered anew"));
    const auto then = home.program(make({"-o", "a.mp4"}));
    REQUIRE(then.exit == 0);
    REQUIRE(contains(then.err, "already rendered"));
    REQUIRE(home.program({"jobs", "ls", "--json"}).document()["jobs"].size() == 1);
}

TEST_CASE("exit 9: the helper that renders is not there") {
    Home home;
    home.env["SHOTWIRE_MEDIA"] = "/nonexistent";  // the last of two counts
    const auto ran = home.program(make({"-o", "a.mp4"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "/nonexistent"));
}

TEST_CASE("exit 3: the key is refused, or cannot be had") {
    Home home;
    FaultyServer server(home, {}, "right");
    home.env["OPENAI_API_KEY"] = "sk-wrong-key";
    const auto refused = home.program(server.make());
    CAPTURE(refused.err);
    REQUIRE(refused.exit == 3);
    REQUIRE_FALSE(contains(refused.err, "sk-wrong-key"));
    REQUIRE(contains(refused.err, "was not sent: the same order or shotwire jobs wait"));
    home.env["OPENAI_API_KEY"] = "right";
    INFO("what ended for its key is not paid for unasked: it may have been ordered over another route since");
    const auto resumed = home.program({"jobs", "resume"});
    CAPTURE(resumed.err);
    REQUIRE(contains(resumed.err, "never sent for their keys"));
    REQUIRE(home.program({"jobs", "ls", "--state", "planned", "--json"}).document()["jobs"].size() == 1);
    REQUIRE(home.program(server.make()).exit == 0);
    REQUIRE(home.program({"jobs", "ls", "--json"}).document()["jobs"].size() == 1);

    home.write("config/shotwire/config.toml", "[routes.openai]\nkey_command = \"false\"\n");
    REQUIRE(home.program(server.make({"--again"})).exit == 3);
}

TEST_CASE("exit 4: the content is refused") {
    Home home;
    FaultyServer server(home, {"create:moderation"});
    REQUIRE(home.program(server.make()).exit == 4);
}

TEST_CASE("exit 5: the rate limit outlasts the time-out") {
    Home home;
    FaultyServer server(home, {"create:429=1"});
    const auto ran = home.program(server.make({"--timeout", "2s"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 5);
}

TEST_CASE("exit 6: no answer") {
    Home home;
    const auto ran = home.program({"make", "a heron", "-m", "openai:wan", "--base-url", "http://127.0.0.1:1/v1", "--timeout", "1s"});
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 6);
}

TEST_CASE("exit 7: the provider failed") {
    Home home;
    FaultyServer server(home, {"create:failed"});
    const auto ran = home.program(server.make({"--json"}));
    REQUIRE(ran.exit == 7);
    REQUIRE(ran.document()["state"] == "failed");
    REQUIRE(ran.document()["exit"] == 7);
}

TEST_CASE("exit 8: still rendering when waiting ends, and the way to go on is told") {
    Home home;
    FaultyServer server(home, {"create:stuck"});
    const auto ran = home.program(server.make({"--timeout", "1s"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 8);
    REQUIRE(contains(ran.err, "shotwire jobs wait"));
}

TEST_CASE("exit 2: an output that cannot be, told before anything is rendered") {
    Home home;
    const auto ran = home.program(make({"-o", "nowhere/a.mp4"}));
    REQUIRE(ran.exit == 2);
    REQUIRE(contains(ran.err, "nowhere does not exist"));
    REQUIRE_FALSE(std::filesystem::exists(home.state()));
}

TEST_CASE("exit 9: a ledger that is none") {
    Home home;
    const auto file = home.write("work/ledger.db", "this is no ledger, but a text of some length that somebody wants to keep");
    const auto ran = home.program(make({"--ledger", file}));
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "ledger.db"));
    REQUIRE(contains(*core::read_file(file), "somebody wants to keep"));
}

TEST_CASE("exit 10: the price is over --max-cost, or unknown") {
    Home home;
    home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "animatic", "price": {"rates": [{"per_second": 0.5}]}}]})");
    const auto ran = home.program(make({"--max-cost", "0.49"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 10);
    REQUIRE(contains(ran.err, "nothing was sent"));
}

TEST_CASE("exit 11: an answer that was lost is not sent again, and the user settles it") {
    Home home;
    home.write("config/shotwire/config.toml", "[routes.openai.dialect]\nfind = false\n");
    FaultyServer server(home, {"create:reset-after:x1"});
    const auto lost = home.program(server.make());
    CAPTURE(lost.err);
    REQUIRE(lost.exit == 11);
    REQUIRE(contains(lost.err, "jobs resend"));
    REQUIRE(contains(lost.err, "jobs adopt"));
    const auto listed = home.program({"jobs", "ls", "--state", "unknown", "--json"}).document()["jobs"];
    REQUIRE(listed.size() == 1);
    const auto id = listed[0]["id"].get<std::string>();
    const auto again = home.program(server.make());
    CAPTURE(again.err);
    REQUIRE(again.exit == 11);
    const auto settled = home.program(server.jobs("resend", id));
    CAPTURE(settled.err);
    REQUIRE(settled.exit == 0);
    REQUIRE(settled.out == id + ".mp4\n");
}

TEST_CASE("what a broken answer has in the place of an id is no hint") {
    Home home;
    home.write("config/shotwire/config.toml", "[routes.openai.dialect]\nfind = false\n");
    FaultyServer host(home, {"create:malformed:x1"});
    const auto ran = home.program(host.make());
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 11);
    REQUIRE_FALSE(contains(ran.err, "it may be the job"));
}

TEST_CASE("exit 12: a clip that is not what was ordered is kept, printed and told") {
    Home home;
    home.write("config/shotwire/config.toml", "[routes.openai.dialect]\nextras = []\n");  // the rate is not sent, so 24 come
    FaultyServer server(home, {});
    const auto ran = home.program(server.make({"--fps", "12"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 12);
    REQUIRE(ran.lines().size() == 1);
    REQUIRE(std::filesystem::exists(home.work() / ran.lines()[0]));
}

TEST_CASE("exit 14: one of two takes failed") {
    Home home;
    FaultyServer server(home, {"create:moderation:x1"});
    const auto ran = home.program(server.make({"-n", "2"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 14);
    REQUIRE(ran.lines().size() == 1);
}

TEST_CASE("C5: an interrupt ends with exit 130, leaves the job in the ledger and says how to go on") {
    const int signal = GENERATE(SIGINT, SIGTERM, SIGHUP);
    Home home;
    FaultyServer server(home, {"create:stuck"});
    bool sent = false;
    const auto ran = home.program(server.make(), [&](std::string_view line, int pid) {
        if (!sent && contains(std::string(line), "rendering")) {
            sent = true;
            REQUIRE(kill(pid, signal) == 0);
        }
    });
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 130);
    REQUIRE(contains(ran.err, "shotwire jobs wait"));
    REQUIRE(home.program({"jobs", "ls", "--state", "rendering", "--json"}).document()["jobs"].size() == 1);
}

TEST_CASE("C5: a second interrupt leaves at once, and the ledger knows that a request was under way") {
    Home home;
    FaultyServer server(home, {"create:delay=100"});
    bool sent = false;
    auto args = server.make();
    args.push_back("-vv");
    const auto ran = home.program(args, [&](std::string_view line, int pid) {
        if (!sent && contains(std::string(line), "> POST")) {
            sent = true;
            REQUIRE(kill(pid, SIGINT) == 0);
            REQUIRE(kill(pid, SIGTERM) == 0);  // another signal: two of one kind may become one
        }
    });
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 130);
    const auto jobs = home.program({"jobs", "ls", "--json"}).document()["jobs"];
    REQUIRE(jobs.size() == 1);
    REQUIRE((jobs[0]["state"] == "submitting" || jobs[0]["state"] == "unknown"));
}

TEST_CASE("C5: a stdout that is full does not end a job") {
    Home home;
    const auto ran = core::run_process({{"/usr/bin/env", "-C", home.work().string(), std::string("SHOTWIRE_MEDIA=") + places::media, "bash", "-c",
                                         "\"$0\" make a -d 1 --size 128x128 -o a.mp4 > /dev/full", places::program}, ""});
    REQUIRE(bool(ran));
    REQUIRE(ran->exit == 9);
    REQUIRE(std::filesystem::exists(home.work() / "a.mp4"));
}

TEST_CASE("a stdout that takes nothing is told once") {
    Home home;
    const auto ran = core::run_process({{"/usr/bin/env", "-C", home.work().string(), std::string("SHOTWIRE_MEDIA=") + places::media, "bash", "-c",
                                         "\"$0\" make a -d 1 --size 128x128 -q -o - > /dev/full", places::program}, ""});
    REQUIRE(bool(ran));
    REQUIRE(ran->exit == 9);
    CAPTURE(ran->err);
    REQUIRE(core::split(ran->err, '\n').size() == 1);
    REQUIRE(contains(ran->err, "it is kept in"));
}

TEST_CASE("a listing whose reader is gone ends quietly, and what became of a job is missed") {
    Home home;
    const auto unread = [&](const std::string& words, const std::string& from = "exec 3<>pipe 4>pipe 3>&-; ", const std::string& to = ">&4") {
        return *core::run_process({{"/usr/bin/env", "-C", home.work().string(), std::string("SHOTWIRE_MEDIA=") + places::media, "bash", "-c",
                                    "[ -p pipe ] || mkfifo pipe; " + from + "\"$0\" " + words + " " + to, places::program}, ""});
    };
    const auto made = unread("make a -d 1 --size 128x128 -q -o a.mp4");
    CHECK(made.exit == 9);
    CHECK(made.err == "shotwire: the result could not be written to stdout\n");
    CHECK(std::filesystem::exists(home.work() / "a.mp4"));
    for (const std::string listing : {"models", "jobs ls", "jobs ls --json", "--help", "make --dry-run a"}) {
        CAPTURE(listing);
        const auto quiet = unread(listing + " -q");
        CHECK(quiet.exit == 0);
        CHECK(quiet.err.empty());
        CHECK(unread(listing, "", "> /dev/full").exit == 9);
    }
    CHECK(unread("lint -s \"a beautiful heron\" --strict").exit == 2);
}

TEST_CASE("of several jobs to forget either all go or none") {
    Home home;
    home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "animatic", "price": {"rates": [{"per_second": 0.5}]}}]})");
    const auto done = home.program(make({"--json"})).document()["id"].get<std::string>();
    const auto live = home.program(make({"--no-wait", "--again"})).lines().at(0);
    REQUIRE(home.program({"jobs", "forget", done, live}).exit == 2);
    REQUIRE(home.program({"jobs", "forget", done, "nobody"}).exit == 2);
    REQUIRE(home.program({"jobs", "ls", "--json"}).document()["jobs"].size() == 2);
    REQUIRE(home.program({"jobs", "forget", done, live, "--yes"}).exit == 0);
    REQUIRE(home.program({"jobs", "ls", "--json"}).document()["jobs"].empty());
}

TEST_CASE("a live paid job is forgotten only with --yes") {
    Home home;
    home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "animatic", "price": {"rates": [{"per_second": 0.5}]}}]})");
    const auto id = home.program(make({"--no-wait"})).lines().at(0);
    const auto refused = home.program({"jobs", "forget", id});
    REQUIRE(refused.exit == 2);
    REQUIRE(contains(refused.err, "--yes"));
    REQUIRE(home.program({"jobs", "forget", id, "--yes"}).exit == 0);
    REQUIRE(home.program({"jobs", "ls", "--json"}).document()["jobs"].empty());
}

TEST_CASE("without the module of the embedded server what needs it is exit 9 and one sentence") {
    const auto args = GENERATE(make({"-o", "a.mp4", "-q"}), std::vector<std::string>{"serve"});
    Home home;
    home.env["SHOTWIRE_SERVE"] = "/nowhere/shotwire-serve.so";
    const auto ran = home.program(args);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 9);
    REQUIRE(contains(ran.err, "the embedded server is not installed: /nowhere/shotwire-serve.so is missing"));
    REQUIRE(ran.out.empty());
}

TEST_CASE("a start loads no library that few commands need") {
    const auto listed = core::run_process({{"ldd", places::program}, ""});
    REQUIRE(bool(listed));
    REQUIRE(contains(listed->out, "libcurl"));
    for (const auto* library : {"httplib", "brotlienc", "libfmt", "spdlog", "sqlite", "yaml", "libav", "libsw", "cairo"}) {
        CAPTURE(listed->out, library);
        CHECK_FALSE(contains(listed->out, library));
    }
}

TEST_CASE("a stream that is closed stays closed: no file that is opened later gets its number") {
    // What has the number can be opened by it: the configuration is then an empty one.
    const int stream = GENERATE(0, 1, 2);
    Home home;
    const auto ran = core::run_process({{"/usr/bin/env", "-C", home.work().string(), "bash", "-c",
                                         fmt::format("exec 3>&2; (\"$0\" models --config /dev/fd/{0} {0}>&-); echo \"exit $?\" >&3", stream), places::program},
                                        ""});
    REQUIRE(bool(ran));
    CAPTURE(ran->err);
    CHECK(contains(ran->err, stream == 1 ? "exit 9\n" : "exit 0\n"));
}

TEST_CASE("serve prints its URL and certificate, and ends with 0 at a signal") {
    const int signal = GENERATE(SIGINT, SIGTERM);
    Home home;
    int lines = 0;
    const auto ran = home.program({"serve", "--json", "--state", "here"}, [&](std::string_view, int pid) {
        if (++lines == 2) REQUIRE(kill(pid, signal) == 0);
    });
    REQUIRE(ran.exit == 0);
    const auto document = ran.document();
    REQUIRE(document["url"].get<std::string>().starts_with("https://127.0.0.1:"));
    REQUIRE(document["certificate"] == (home.work() / "here/cert.pem").string());  // absolute: it is read from another folder
    REQUIRE(contains(ran.err, document["certificate"].get<std::string>()));
}

TEST_CASE("the flag -vv shows the wire and masks the key") {
    Home home;
    FaultyServer server(home, {}, "right-key-of-ours");
    home.env["OPENAI_API_KEY"] = "right-key-of-ours";
    const auto ran = home.program(server.make({"-v", "-v"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    REQUIRE(contains(ran.err, "POST"));
    REQUIRE_FALSE(contains(ran.err, "right-key-of-ours"));
}
