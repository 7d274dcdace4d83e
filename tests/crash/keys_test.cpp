// The rows K of the fault matrix: the key goes to its host, and is nowhere else.
#include <algorithm>

#include "crash/rig.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {
namespace fs = std::filesystem;

// Everything that a run left, everywhere below its home, and printed.
std::map<std::string, std::string> traces(const Rig& rig, const Ran& ran) {
    std::map<std::string, std::string> all{{"stdout", ran.out}, {"stderr", ran.err}};
    for (const auto& entry : fs::recursive_directory_iterator(rig.home.work().parent_path()))
        if (entry.is_regular_file()) all[entry.path().string()] = core::read_file(entry.path(), 1 << 28) ? *core::read_file(entry.path(), 1 << 28) : "";
    return all;
}

// In any form in which it may slip out.
std::vector<std::string> forms(const std::string& key) {
    std::vector<std::string> all{key, core::url_encode(key), core::hex(key)};
    // Base64 depends on what stands before it.
    for (const std::string before : {"", ":", "::", "Bearer "}) {
        auto text = core::base64(before + key);
        const auto first = (before.size() * 4 + 2) / 3 + 1;
        all.push_back(text.substr(first, text.size() - first - 4));
    }
    return all;
}

void check_nowhere(const std::map<std::string, std::string>& texts, const std::string& key) {
    for (const auto& form : forms(key))
        for (const auto& [place, text] : texts) {
            CAPTURE(place, form);
            CHECK_FALSE(contains(text, form));
        }
}

}  // namespace

TEST_CASE("K1: at the highest verbosity the key is in no output, ledger, log, sidecar, part, event or command line, whatever fails") {
    struct Fault {
        const char* name;
        const char* shim;
        std::function<bool(Peer&, const Heard&, VideosHost&)> host;
        const char* helper = nullptr;
    };
    const auto answers = [](int status, const std::string& body, const std::string& method = "") {
        return [=](Peer& peer, const Heard& heard, VideosHost&) {
            if (!method.empty() && heard.method != method) return true;
            return peer.send(http_reply(status, body, {"Content-Type: application/json"})), false;
        };
    };
    const auto drops = [](const std::string& part) {
        return [=](Peer& peer, const Heard& heard, VideosHost&) {
            if (heard.method != part && !heard.target.ends_with(part)) return true;
            return peer.reset(), false;
        };
    };
    const std::vector<Fault> faults{
        {"nothing", "", {}},
        {"the key is refused", "", answers(401, R"({"error": {"message": "no"}})")},
        {"the content is refused", "", answers(400, R"({"error": {"code": "moderation_blocked", "message": "no"}})", "POST")},
        {"the purse is empty", "", answers(429, R"({"error": {"code": "insufficient_quota", "message": "no"}})", "POST")},
        {"a server error", "", answers(500, "<html>no</html>", "POST")},
        {"an answer that is no JSON", "", answers(200, "{", "POST")},
        {"a redirect of the paid request", "", [](Peer& peer, const Heard&, VideosHost&) { return peer.send(http_reply(307, "", {"Location: http://127.0.0.1:1/other"})), false; }},
        {"the answer is lost", "", drops("POST")},
        {"polls are lost", "", drops("/video_1")},
        {"the download is lost", "", drops("/content")},
        {"a page in the place of a clip", "", [](Peer& peer, const Heard& heard, VideosHost&) { return !heard.target.ends_with("/content") || (peer.send(http_reply(200, "<html>")), false); }},
        {"no connection", "connect:EACCES", {}},
        {"no room for the ledger", "pwrite:ENOSPC:path=*/ledger.db-wal", {}},
        {"no room for the clip", "write:ENOSPC:path=*.part", {}},
        {"the clip cannot be synced", "fsync:EIO:path=*.part", {}},
        {"the clip cannot be named", "rename:EXDEV:path=*.part", {}},
        {"the ledger fails when the id is known", "send:mark:text=POST;pwrite:EIO:path=*/ledger.db*:marked", {}},
        {"killed while it downloads", "fsync:kill:path=*.part", {}},
        {"a bug", "send:mark:text=POST;malloc:ENOMEM:marked:nth=20", {}},
    };
    for (const auto& fault : faults) {
        CAPTURE(fault.name);
        std::string lines;
        Rig rig({.queued = 1, .first = [&](Peer& peer, const Heard& heard, VideosHost& host) {
            if (lines.empty()) lines = *core::read_file(fmt::format("/proc/{}/cmdline", rig.home.pid.load()), 1 << 20);
            return !fault.host || fault.host(peer, heard, host);
        }});
        auto ran = rig.run(rig.make({"-v", "-v", "--events", "events.mp4.json", "--timeout", "2s"}), fault.shim);
        if (!lines.empty()) CHECK(contains(lines, "a heron lifts off"));
        auto texts = traces(rig, ran);
        texts["the command line"] = lines;
        check_nowhere(texts, Rig::key);
        const auto shown = rig.home.program({"jobs", "ls", "--json", "-v", "-v"});
        check_nowhere({{"stdout of jobs", shown.out}, {"stderr of jobs", shown.err}}, Rig::key);
        if (std::string(fault.name) != "no room for the ledger" && std::string(fault.name) != "no connection")
            CHECK(contains(rig.host.server().book().at(0).head, std::string("Bearer ") + Rig::key));  // it was in use
    }
}

TEST_CASE("K1: a batch leaves the key in no report, hook, ledger or output, whatever becomes of its rows") {
    Rig rig({.first = [](Peer& peer, const Heard& heard, VideosHost&) {
        const std::string body = heard.body;
        const auto no = [&](int status, const std::string& said) { return peer.send(http_reply(status, said, {"Content-Type: application/json"})), false; };
        if (contains(body, "refused")) return no(400, fmt::format(R"({{"error": {{"code": "moderation_blocked", "message": "not with {}"}}}})", Rig::key));
        if (contains(body, "broken")) return no(500, Rig::key);
        return true;
    }});
    rig.home.write("work/rows.csv", "id,prompt\ngood,a heron lifts off\nno,refused\nbad,broken\n");
    const auto ran = rig.home.program({"batch", "rows.csv", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "--yes", "-v", "-v", "--summary", "all.json", "--junit",
                                       "all.xml", "--events", "events.ndjson", "--exec", "cp {sidecar} hooked.json", "--timeout", "5s", "--retries", "1"});
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 14);
    for (const auto* file : {"all.json", "all.xml", "events.ndjson", "hooked.json"}) REQUIRE(fs::exists(rig.home.work() / file));
    check_nowhere(traces(rig, ran), Rig::key);
    CHECK(contains(rig.host.server().book().at(0).head, std::string("Bearer ") + Rig::key));
    // Again, where no row asks its host: what a command prints of its inheritance is hidden all the same.
    rig.home.write("work/done.csv", "id,prompt\ngood,a heron lifts off\n");
    for (int run = 0; run < 2; ++run) {
        const auto printed = rig.home.program({"batch", "done.csv", "-m", "openai:animatic", "--base-url", rig.host.url(), "-d", "1", "--size", "128x128", "--yes", "-v", "-v", "--summary", "all.json",
                                               "--junit", "all.xml", "--exec", "sh -c 'printf %0470d 0 >&2; echo $OPENAI_API_KEY >&2; exit 3'"});
        REQUIRE(printed.exit == 14);
        CHECK(contains(printed.err, "--exec of row good: sh ended with 3: 000"));
        check_nowhere(traces(rig, printed), Rig::key);
        for (const auto& [place, text] : traces(rig, printed)) {
            CAPTURE(place);
            CHECK_FALSE(contains(text, std::string(Rig::key).substr(0, 8)));  // nor a part of it, where a long sentence is cut
        }
    }
    const auto spent = rig.home.program({"spend", "--by", "batch", "--json", "-v", "-v"});
    check_nowhere({{"spend", spent.out + spent.err}}, Rig::key);
}

TEST_CASE("K1: the program that renders gets no key, neither among its words nor in its environment") {
    Rig rig;
    // In the helper's place: what it was given goes to a file, then the helper itself.
    const auto seen = rig.home.work().parent_path() / "seen";
    const auto spy = rig.home.write("spy", fmt::format("#!/bin/sh\n{{ echo \"$0 $@\"; env; }} >>{}\nexec {} \"$@\"\n", seen.string(), places::media));
    fs::permissions(spy, fs::perms::owner_all);
    rig.home.env["SHOTWIRE_MEDIA"] = spy.string();
    rig.home.env["FAL_KEY"] = Rig::key;
    rig.home.env["GOOGLE_OAUTH_ACCESS_TOKEN"] = Rig::key;
    const auto ran = rig.home.program({"make", "a heron lifts off", "-d", "1", "--size", "128x128", "-o", "a.mp4"});
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    const auto text = core::read_file(seen, 1 << 20);
    REQUIRE(text);
    CHECK(contains(*text, "HOME="));
    check_nowhere({{"what the helper saw", *text}}, Rig::key);
}

TEST_CASE("K1: the search for a key finds it in any of its forms") {
    const std::string key = "canary-key-0123456789";
    for (const auto& text : {key, core::url_encode(key), core::base64(key), core::base64(":" + key), core::base64("Bearer " + key), core::base64("x:" + key), core::hex(key)}) {
        const auto all = forms(key);
        const auto found = [&](const std::string& form) { return contains("before " + text + " after", form); };
        CAPTURE(text);
        CHECK(std::any_of(all.begin(), all.end(), found));
    }
}

TEST_CASE("K2: a key that the provider echoes is masked by its value, in whatever field it comes") {
    const std::string key = Rig::key;
    const std::string echo = GENERATE_COPY(as<std::string>(), key, core::base64(key), core::url_encode(key), "Authorization: Bearer " + key);
    const std::string place = GENERATE(as<std::string>(), "error", "code", "header", "status", "failure");
    CAPTURE(echo, place);
    Rig rig({.queued = 1, .first = [&](Peer& peer, const Heard& heard, VideosHost& host) {
        if (place == "status" && heard.method == "GET") {
            auto job = host.job(host.book().at(0), "waiting for " + echo);
            return peer.send(http_reply(200, core::dump(job))), false;
        }
        if (place == "failure" && heard.method == "GET") {
            host.fail("video_1");
            auto job = host.job(host.book().at(0), "failed");
            job["error"] = {{"code", echo}, {"message", "you said " + echo}};
            return peer.send(http_reply(200, core::dump(job))), false;
        }
        if (heard.method != "POST" || place == "status" || place == "failure") return true;
        const json error{{"message", place == "error" ? "your key " + echo + " is wrong" : "no"}, {"code", place == "code" ? echo : "bad"}};
        return peer.send(http_reply(400, core::dump({{"error", error}}), {"X-Echo: " + (place == "header" ? echo : "no")})), false;
    }});
    const auto ran = rig.run(rig.make({"-v", "-v", "--timeout", "1s", "--events", "events.mp4.json"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit != 0);
    check_nowhere(traces(rig, ran), key);
    const auto shown = rig.home.program({"jobs", "ls", "--json"});
    check_nowhere({{"jobs ls", shown.out}}, key);
}

TEST_CASE("K3: a base URL with a password or a key in it is refused and not quoted") {
    Rig rig;
    const std::string url = GENERATE(as<std::string>(), "https://user:canary-key-0123456789@host.example/v1", "https://canary-key-0123456789@host.example/v1",
                                     "https://host.example/v1?key=canary-key-0123456789");
    CAPTURE(url);
    auto args = rig.make({"-v", "-v"});
    SECTION("by flag") { args[5] = url; }
    SECTION("by variable") {
        args.erase(args.begin() + 4, args.begin() + 6);
        rig.home.env["SHOTWIRE_OPENAI_BASE_URL"] = url;
    }
    SECTION("by configuration") {
        args.erase(args.begin() + 4, args.begin() + 6);
        rig.home.write("config/shotwire/config.toml", "[routes.openai]\nbase_url = \"" + url + "\"\n");
    }
    const auto ran = rig.home.program(args);
    CAPTURE(ran.out, ran.err);
    REQUIRE(ran.exit == 2);
    check_nowhere({{"stdout", ran.out}, {"stderr", ran.err}}, "canary-key-0123456789");
    REQUIRE_FALSE(fs::exists(rig.ledger()));
}

TEST_CASE("K3: a clip's link with a signature in it is used and kept nowhere") {
    Rig rig({.first = [](Peer& peer, const Heard& heard, VideosHost& host) {
        if (heard.method != "POST") return true;
        auto job = host.job(host.sell(heard), "completed");
        job["url"] = host.server().url("/v1/videos/video_1/content") + "?X-Amz-Signature=canary-key-0123456789";
        return peer.send(http_reply(200, core::dump(job))), false;
    }});
    const auto ran = rig.run(rig.make({"-v", "-v"}));
    CAPTURE(ran.err);
    check_nowhere(traces(rig, ran), "canary-key-0123456789");
}

TEST_CASE("K4: a key that is none, or lies open, is refused with exit 3 before any connection, and no header is made of it") {
    Rig rig;
    std::string config;
    const auto file = (rig.home.work().parent_path() / "key").string();
    const auto write_key = [&](const std::string& key, int mode) {
        rig.home.write("key", key);
        fs::permissions(file, fs::perms(mode));
        config = "key_file = \"" + file + "\"";
    };
    SECTION("a file that others can read") { write_key("canary-key-0123456789", 0644); }
    SECTION("a file that others can write") { write_key("canary-key-0123456789", 0620); }
    SECTION("a file that is not there") { config = "key_file = \"/nowhere/key\""; }
    SECTION("a line break and a header") { write_key("canary-key-0123456789\r\nX-Injected: yes", 0600); }
    SECTION("two lines") { write_key("canary-key-0123456789\nsecond", 0600); }
    SECTION("a space") { write_key("canary-key 0123456789", 0600); }
    SECTION("a NUL") { write_key(std::string("canary-key\0-0123456789", 22), 0600); }
    SECTION("a megabyte") { write_key(std::string(1 << 20, 'k'), 0600); }
    SECTION("nothing") { write_key("", 0600); }
    SECTION("a command that fails") { config = "key_command = \"echo canary-key-0123456789; exit 1\""; }
    SECTION("a command that prints two lines") { config = "key_command = \"printf 'canary-key-0123456789\\\\nsecond\\\\n'\""; }
    SECTION("a command that prints nothing") { config = "key_command = \"true\""; }
    SECTION("a command that prints without end") { config = "key_command = \"yes canary-key-0123456789\""; }
    SECTION("a command that is not there") { config = "key_command = \"/nowhere/pass show\""; }
    SECTION("a variable with a line break") { rig.home.env["OPENAI_API_KEY"] = "canary-key-0123456789\nX-Injected: yes"; }
    if (!config.empty()) rig.home.write("config/shotwire/config.toml", "[routes.openai]\n" + config + "\n");
    const auto ran = rig.run(rig.make({"-v", "-v"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 3);
    REQUIRE(rig.host.server().connections() == 0);
    check_nowhere({{"stdout", ran.out}, {"stderr", ran.err}}, "canary-key-0123456789");
    REQUIRE(ran.err.find("canary-key") == std::string::npos);
}

TEST_CASE("K4: a key_command that hangs is ended by the time-out, with exit 3 and before any connection") {
    Rig rig;
    rig.home.write("config/shotwire/config.toml", "[routes.openai]\nkey_command = \"exec sleep 1000\"\n");
    const auto ran = rig.run(rig.make({"--timeout", "1s"}));
    REQUIRE(ran.exit == 3);
    REQUIRE(contains(ran.err, "did not end within 1.0s"));
    REQUIRE(rig.host.server().connections() == 0);
}

TEST_CASE("K5: an entry of ~/.netrc is not used, keys of the connection are not logged, and a named CA bundle is") {
    Rig rig({.tls = true});
    rig.home.write(".netrc", "machine 127.0.0.1 login netrc-user password netrc-password\ndefault login netrc-user password netrc-password\n");
    rig.home.env.erase("OPENAI_API_KEY");
    rig.home.env["SSLKEYLOGFILE"] = (rig.home.work() / "keys.mp4.json").string();
    auto certificate = rig.home.work().parent_path() / "ca.pem";
    rig.host.server().certificate().save(certificate);
    const auto without = rig.run(rig.make());
    CAPTURE(without.err);
    REQUIRE(without.exit == 6);  // nobody vouches for it
    REQUIRE(rig.host.server().book().empty());
    rig.home.env["CURL_CA_BUNDLE"] = certificate.string();
    const auto ran = rig.run(rig.make({"-v", "-v"}));
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 0);
    for (const auto& heard : rig.host.server().book()) {
        REQUIRE(heard.header("Authorization") == "");
        REQUIRE(heard.header("Cookie") == "");
    }
    // libcurl makes the file; what matters does not stand in it.
    if (fs::exists(rig.home.work() / "keys.mp4.json")) REQUIRE(fs::is_empty(rig.home.work() / "keys.mp4.json"));
}

TEST_CASE("K5: a proxy of the environment is used for a host beyond this machine, and gets no key of an https host") {
    RawServer proxy({reply(502, "no way")});
    Rig rig;
    rig.home.env["https_proxy"] = "http://127.0.0.1:" + std::to_string(proxy.port());
    auto args = rig.make({"--timeout", "1s", "-v", "-v"});
    args[5] = "https://video.studio.example/v1";
    const auto ran = rig.home.program(args);
    CAPTURE(ran.err);
    REQUIRE(ran.exit == 6);
    REQUIRE_FALSE(proxy.book().empty());
    for (const auto& heard : proxy.book()) {
        REQUIRE(heard.method == "CONNECT");
        REQUIRE_FALSE(contains(heard.head, Rig::key));
    }
    check_nowhere(traces(rig, ran), Rig::key);
}

TEST_CASE("K6: over plain http a key goes to this machine alone") {
    Rig rig;
    auto args = rig.make({"--dry-run"});
    const auto dry = [&](const std::string& url) {
        args[5] = url;
        const auto ran = rig.home.program(args);
        CAPTURE(url, ran.err);
        REQUIRE(ran.exit == 0);
        return ran.out;
    };
    REQUIRE(contains(dry(rig.host.url()), "$OPENAI_API_KEY"));
    REQUIRE(contains(dry("https://10.0.0.5/v1"), "$OPENAI_API_KEY"));
    for (const std::string url : {"http://10.0.0.5/v1", "http://studio.local/v1", "http://video.studio.example/v1", "http://127.0.0.1.studio.example/v1", "http://localhost.studio.example/v1"})
        REQUIRE_FALSE(contains(dry(url), "$OPENAI_API_KEY"));

    INFO("and so it is sent: the proxy of the environment would see it");
    RawServer proxy({reply(200, R"({"id": "video_1", "object": "video", "status": "failed"})")});
    rig.home.env["http_proxy"] = "http://127.0.0.1:" + std::to_string(proxy.port());
    auto sent = rig.make({"--timeout", "2s"});
    sent[5] = "http://video.studio.example/v1";
    (void)rig.home.program(sent);
    REQUIRE_FALSE(proxy.book().empty());
    for (const auto& heard : proxy.book()) REQUIRE_FALSE(contains(heard.head, Rig::key));
}
