// `models check`: what a route publishes, beside the rows.
#include <algorithm>

#include "harness.hpp"
#include "support/fake_server.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// OpenRouter as examples/backends has it, moved to a loopback port.
struct OpenRouter {
    OpenRouter() : provider("openrouter"), server(provider) {
        unsetenv("XDG_CACHE_HOME");
        home.write("config/shotwire/backends.d/openrouter.json", *core::read_file(std::string(places::source) + "/examples/backends/openrouter.json"));
        home.write("config/shotwire/config.toml",
                   "cacert = \"" + server.certificate().string() + "\"\n[routes.openrouter]\nbase_url = \"" + server.url() + "\"\n");
        home.env["OPENROUTER_API_KEY"] = FakeProvider::key;
    }
    long asked() const {
        const auto calls = provider.calls();
        return std::count(calls.begin(), calls.end(), "models");
    }
    FakeProvider provider;
    FakeServer server;
    Home home;
};

std::vector<std::string> lines_of(const Ran& ran, const std::string& model) {
    std::vector<std::string> found;
    for (const auto& line : ran.lines())
        if (line.starts_with(model + " ")) found.push_back(line);
    return found;
}

}  // namespace

TEST_CASE("models check asks a provider from a file for its list once, and tells where the rows differ") {
    OpenRouter there;
    const auto ran = there.home.program({"models", "check", "--via", "openrouter"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.exit == 12);
    CHECK(there.asked() == 1);
    CHECK(lines_of(ran, "veo-3.1").empty());
    CHECK(lines_of(ran, "wan-2.7") ==
          std::vector<std::string>{"wan-2.7 over openrouter (alibaba/wan-2.7): seconds are 2, 3, 4, 5, 6, 7, 8, 9, 10, not 2 to 15",
                                   "wan-2.7 over openrouter (alibaba/wan-2.7): ratios 3:4: no longer there",
                                   "wan-2.7 over openrouter (alibaba/wan-2.7): ratios 21:9: new",
                                   "wan-2.7 over openrouter (alibaba/wan-2.7): resolutions 2160p: new",
                                   "wan-2.7 over openrouter (alibaba/wan-2.7): images last_frame: no longer there",
                                   "wan-2.7 over openrouter (alibaba/wan-2.7): it makes no sound",
                                   "wan-2.7 over openrouter (alibaba/wan-2.7): it is not said to take a seed"});
    CHECK(lines_of(ran, "kling-3.0") ==
          std::vector<std::string>{"kling-3.0 over openrouter (kwaivgi/kling-v3.0-std): it is not among the 3 models that the route lists"});
    CHECK(there.provider.book().empty());
    CHECK(there.provider.leaks().empty());
}

TEST_CASE("a route that cannot be asked is exit 7, and without its key exit 7 with the variable's name") {
    OpenRouter there;
    there.home.env.clear();
    const auto ran = there.home.program({"models", "check", "--via", "openrouter", "--json"});
    CAPTURE(ran.out, ran.err);
    CHECK(ran.exit == 7);
    CHECK(ran.document()["unreachable"][0]["route"] == "openrouter");
    CHECK(contains(ran.err, "refuses a request without a key"));
}

TEST_CASE("a listed model without a row is planned with what the list tells of it") {
    OpenRouter there;
    const auto make = [&](const std::vector<std::string>& more) {
        std::vector<std::string> args{"make", "a paper boat", "-m", "openrouter:studio/described"};
        args.insert(args.end(), more.begin(), more.end());
        return there.home.program(args);
    };
    CHECK(contains(make({"--dry-run"}).err, "shotwire models show openrouter:studio/described --refresh"));
    CHECK(there.asked() == 0);
    const auto made = make({"-d", "10", "--ar", "1:1", "--resolution", "4k", "--seed", "7", "--no-wait", "--allow-unpriced"});
    CAPTURE(made.out, made.err, there.provider.complaint());
    REQUIRE(made.exit == 0);
    CHECK(there.provider.book()[0].fields ==
          json{{"model", "studio/described"}, {"prompt", "a paper boat"}, {"duration", 10}, {"aspect_ratio", "1:1"}, {"resolution", "4K"}, {"seed", 7}});
    for (const auto& [flags, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{{{"-d", "7"}, "5, 10"},
                                                                                                  {{"--ar", "9:16"}, "16:9, 1:1"},
                                                                                                  {{"--resolution", "1080p"}, "720p, 4k"},
                                                                                                  {{"--no-audio"}, "neither --audio nor --no-audio"}}) {
        const auto refused = make(flags);
        CAPTURE(refused.err);
        CHECK(refused.exit == 2);
        CHECK(contains(refused.err, part));
    }
    CHECK(there.provider.book().size() == 1);
    const auto none = there.home.program({"make", "a paper boat", "-m", "openrouter:studio/nothing"});
    CHECK(none.exit == 2);
    CHECK(contains(none.err, "lists no model studio/nothing"));
}
