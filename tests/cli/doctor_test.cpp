#include "harness.hpp"
#include "support/raw_server.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

struct Check {
    std::string state, detail;
};
Check check_of(const json& document, const std::string& name) {
    for (const auto& check : document["checks"])
        if (check["check"] == name) return {check["state"], check["detail"]};
    FAIL("no check " << name << " in " << document.dump(2));
    return {};
}

std::string http_date(std::chrono::seconds ahead) {
    const auto time = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + ahead);
    char text[100];
    std::tm parts{};
    gmtime_r(&time, &parts);
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

}  // namespace

TEST_CASE("doctor finds nothing broken in a fresh home, and leaves nothing behind") {
    Home home;
    const auto ran = home.program({"doctor", "--json"});
    CAPTURE(ran.err);
    const auto document = ran.document();
    CAPTURE(document.dump(2));
    REQUIRE(ran.exit == 0);
    REQUIRE(document["schema"] == "shotwire.doctor/1");
    REQUIRE(document["exit"] == 0);
    for (const auto* name : {"program", "configuration", "catalogue", "clock", "certificates", "state folder", "ledger", "helper", "route local"})
        CHECK(check_of(document, name).state == "ok");
    REQUIRE(check_of(document, "route fal").state == "unset");
    REQUIRE(contains(check_of(document, "route fal").detail, "$FAL_KEY"));
    INFO("a host that needs no key is not said to be there before it is asked");
    REQUIRE(check_of(document, "route sdcpp").state == "unset");
    REQUIRE(contains(check_of(document, "route sdcpp").detail, "--via sdcpp asks"));
    REQUIRE(std::filesystem::is_empty(home.state().parent_path()));
    REQUIRE(std::filesystem::is_empty(home.work()));

    INFO("for people it is a table with as many lines");
    REQUIRE(home.program({"doctor"}).lines().size() == document["checks"].size() + 1);
}

TEST_CASE("doctor names the place of a key and never its value, and a key that cannot be used is broken") {
    Home home;
    home.env["FAL_KEY"] = "canary-key-0123456789";
    const auto good = home.program({"doctor", "--json"});
    REQUIRE(good.exit == 0);
    REQUIRE(contains(check_of(good.document(), "route fal").detail, "key from $FAL_KEY"));
    REQUIRE_FALSE(contains(good.out + good.err, "canary-key"));

    home.env["FAL_KEY"] = "canary key";
    const auto bad = home.program({"doctor", "--json"});
    REQUIRE(bad.exit == 9);
    REQUIRE(check_of(bad.document(), "route fal").state == "broken");
    REQUIRE_FALSE(contains(bad.out + bad.err, "canary"));

    home.env.erase("FAL_KEY");
    const auto file = home.write("key", "canary-key-0123456789\n");
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    home.write("config/shotwire/config.toml", "[routes.fal]\nkey_file = \"" + file.string() + "\"\n");
    const auto open = home.program({"doctor", "--json"});
    REQUIRE(open.exit == 9);
    REQUIRE(contains(check_of(open.document(), "route fal").detail, "chmod 600"));
    REQUIRE_FALSE(contains(open.out + open.err, "canary"));
}

TEST_CASE("doctor runs a route's key_command only where that route is asked for") {
    Home home;
    home.write("config/shotwire/config.toml", "[routes.openai]\nbase_url = \"http://127.0.0.1:1/v1\"\nkey_command = \"touch " + (home.work() / "ran").string() + "; echo canary-key-0123456789\"\n");
    REQUIRE(home.program({"doctor"}).exit == 0);
    REQUIRE_FALSE(std::filesystem::exists(home.work() / "ran"));
    const auto asked = home.program({"doctor", "--via", "openai"});
    REQUIRE(asked.exit == 9);  // nobody listens there
    REQUIRE(std::filesystem::exists(home.work() / "ran"));
    REQUIRE_FALSE(contains(asked.out + asked.err, "canary"));
}

TEST_CASE("doctor asks a host without its key and compares the clocks") {
    struct Row {
        std::chrono::seconds ahead;
        std::string state, word;
    };
    const auto row = GENERATE(values<Row>({{std::chrono::seconds(0), "ok", "answers"}, {std::chrono::minutes(2), "warning", "behind"}, {std::chrono::hours(-3), "broken", "ahead of"}}));
    RawServer server({reply(401, "who?", {"Date: " + http_date(row.ahead)})});
    Home home;
    home.env["SHOTWIRE_OPENAI_BASE_URL"] = server.url("/v1");
    home.env["OPENAI_API_KEY"] = "canary-key-0123456789";
    const auto ran = home.program({"doctor", "--via", "openai", "--json"});
    const auto found = check_of(ran.document(), "route openai");
    CAPTURE(found.detail);
    REQUIRE(found.state == row.state);
    REQUIRE(contains(found.detail, row.word));
    REQUIRE(ran.exit == (row.state == "broken" ? 9 : 0));
    REQUIRE(server.book().size() == 1);
    REQUIRE(server.book()[0].method == "GET");
    REQUIRE_FALSE(contains(server.book()[0].head, "canary"));
}

TEST_CASE("doctor tells what of a damaged ledger can be read, and leaves it as it is") {
    Home home;
    std::string text;
    SECTION("no database") { text = "this is no ledger, but a text of some length that somebody wants to keep"; }
    SECTION("empty") {}
    const auto file = home.write("work/ledger.db", text);
    const auto ran = home.program({"doctor", "--ledger", file.string(), "--json"});
    REQUIRE(ran.exit == 9);
    REQUIRE(check_of(ran.document(), "ledger").state == "broken");
    REQUIRE(*core::read_file(file) == text);
}

TEST_CASE("doctor counts the jobs of a ledger and those that are not finished") {
    Home home;
    FaultyServer server(home, {"create:stuck"});
    REQUIRE(home.program(server.make({"--no-wait"})).exit == 0);
    const auto found = check_of(home.program({"doctor", "--json"}).document(), "ledger");
    REQUIRE(found.state == "ok");
    REQUIRE(contains(found.detail, "1 jobs, 1 unfinished (`shotwire jobs resume` goes on)"));
}

TEST_CASE("doctor finds what is missing or wrong: the helper, a folder, the configuration, the clock") {
    Home home;
    SECTION("helper") {
        home.env["SHOTWIRE_MEDIA"] = (home.work() / "no-such-helper").string();
        const auto ran = home.program({"doctor", "--json"});
        REQUIRE(ran.exit == 9);
        REQUIRE(contains(check_of(ran.document(), "helper").detail, "is missing"));
    }
    SECTION("a helper whose libraries do not load") {
        const auto file = home.write("work/helper", "#!/bin/sh\nexit 127\n");
        std::filesystem::permissions(file, std::filesystem::perms(0755));
        home.env["SHOTWIRE_MEDIA"] = file.string();
        REQUIRE(check_of(home.program({"doctor", "--json"}).document(), "helper").state == "broken");
    }
    SECTION("configuration") {
        home.write("config/shotwire/config.toml", "colour = 1\n");
        const auto ran = home.program({"doctor", "--json"});
        REQUIRE(ran.exit == 9);
        REQUIRE(check_of(ran.document(), "configuration").state == "broken");
        REQUIRE(check_of(ran.document(), "ledger").state == "ok");  // the rest is told all the same
    }
    SECTION("clock") {
        home.today = "2001-01-01";
        const auto ran = home.in_process({"doctor", "--json"});
        REQUIRE(ran.exit == 9);
        REQUIRE(check_of(ran.document(), "clock").state == "broken");
    }
    SECTION("a folder where nothing can be written") {
        const auto ran = home.program({"doctor", "--ledger", "/proc/ledger.db", "--json"});
        REQUIRE(ran.exit == 9);
        REQUIRE(check_of(ran.document(), "ledger's folder").state == "broken");
    }
    SECTION("a route that there is not") { REQUIRE(home.program({"doctor", "--via", "fall"}).exit == 2); }
}
