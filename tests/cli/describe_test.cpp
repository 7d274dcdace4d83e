// Models without a row: what an aggregator publishes of them is read once, kept, and planned with.
#include <algorithm>

#include "harness.hpp"
#include "support/fake_server.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// An aggregator on a loopback port, and a home whose configuration leads there.
struct Aggregator {
    explicit Aggregator(const std::string& name) : provider(name), server(provider), name(name) {
        unsetenv("XDG_CACHE_HOME");
        auto config = "cacert = \"" + server.certificate().string() + "\"\n[routes." + name + "]\nbase_url = \"" + server.url() + "\"\nallow_private = true\n";
        if (name == "fal") {
            const auto cdn = server.cdn();
            config += "[routes.fal.dialect]\nplatform_url = \"" + cdn + "/v1\"\nupload_url = \"" + cdn + "\"\nschema_url = \"" + cdn + "/api/openapi/queue/openapi.json\"\n";
        }
        home.write("config/shotwire/config.toml", config);
        home.env[name == "fal" ? "FAL_KEY" : "REPLICATE_API_TOKEN"] = FakeProvider::key;
    }
    Ran make(const std::vector<std::string>& more, const std::string& model = "studio/described") {
        std::vector<std::string> args{"make", "a paper boat", "-m", name + ":" + model};
        args.insert(args.end(), more.begin(), more.end());
        return home.program(args);
    }
    std::filesystem::path cache() const { return home.state().parent_path().parent_path() / ".cache/shotwire/models" / name; }
    long asked() const {
        const auto calls = provider.calls();
        return std::count(calls.begin(), calls.end(), name == "fal" ? "schema" : "model");
    }

    FakeProvider provider;
    FakeServer server;
    std::string name;
    Home home;
};

}  // namespace

TEST_CASE("a model of fal without a row is read once, planned with, and ordered with its own fields") {
    Aggregator fal("fal");
    const auto made = fal.make({"-d", "10", "--ar", "9:16", "--seed", "7", "--no-wait"});
    CAPTURE(made.err, fal.provider.complaint());
    REQUIRE(made.exit == 0);
    REQUIRE(fal.provider.book().size() == 1);
    CHECK(fal.provider.book()[0].fields == json{{"prompt", "a paper boat"}, {"duration", "10s"}, {"aspect_ratio", "9:16"}, {"seed", 7}});
    CHECK(fal.asked() == 1);
    CHECK(fal.provider.leaks().empty());
    CHECK(contains(made.err, "fal:studio/described has no row in the catalogue"));

    CHECK(fal.make({"--no-wait"}).exit == 0);
    CHECK(fal.asked() == 1);
    CHECK(std::filesystem::exists(fal.cache()));
}

TEST_CASE("what a described model has no field for is refused before anything is sent") {
    Aggregator fal("fal");
    REQUIRE(fal.home.program({"models", "show", "fal:studio/described", "--refresh"}).exit == 0);
    for (const auto& [flags, part] : std::vector<std::pair<std::vector<std::string>, std::string>>{{{"-d", "7"}, "allowed: 5, 10"},
                                                                                                  {{"--ar", "1:1"}, "16:9, 9:16"},
                                                                                                  {{"--no-audio"}, "neither --audio nor --no-audio"},
                                                                                                  {{"--resolution", "720p"}, "takes no --resolution"},
                                                                                                  {{"--last-frame", "https://pictures.example/a.png"}, "takes no --last-frame"}}) {
        CAPTURE(flags[0]);
        const auto refused = fal.make(flags);
        CHECK(refused.exit == 2);
        CHECK(contains(refused.err, part));
    }
    CHECK(fal.provider.book().empty());
}

TEST_CASE("a dry run reads nothing: without the cache it names the command that fills it, with it it shows the request") {
    Aggregator fal("fal");
    const auto blind = fal.make({"--dry-run"});
    CHECK(blind.exit == 2);
    CHECK(contains(blind.err, "shotwire models show fal:studio/described --refresh"));
    CHECK(fal.provider.calls().empty());

    const auto shown = fal.home.program({"models", "show", "fal:studio/described", "--refresh", "--json"});
    CAPTURE(shown.err);
    REQUIRE(shown.exit == 0);
    CHECK(shown.document()["model"]["id"] == "fal:studio/described");
    CHECK(fal.asked() == 1);

    const auto dry = fal.make({"--dry-run", "--json", "-d", "5"});
    CAPTURE(dry.err);
    REQUIRE(dry.exit == 0);
    CHECK(dry.document()["requests"][0]["body"]["duration"] == "5s");
    CHECK(fal.asked() == 1);
    CHECK(fal.provider.book().empty());
}

TEST_CASE("models show tells of a described model from the cache, and reads it again where it is asked to") {
    Aggregator fal("fal");
    CHECK(fal.home.program({"models", "show", "fal:studio/described"}).exit == 2);
    REQUIRE(fal.home.program({"models", "show", "fal:studio/described", "--refresh"}).exit == 0);
    const auto shown = fal.home.program({"models", "show", "fal:studio/described"});
    CHECK(shown.exit == 0);
    CHECK(contains(shown.out, "5, 10"));
    CHECK(fal.asked() == 1);
    REQUIRE(fal.home.program({"models", "show", "fal:studio/described", "--refresh"}).exit == 0);
    CHECK(fal.asked() == 2);
    CHECK(fal.home.program({"models", "show", "veo-3.1", "--refresh"}).exit == 2);
}

TEST_CASE("a cache that was cut short or told by another host is read anew") {
    Aggregator fal("fal");
    REQUIRE(fal.home.program({"models", "show", "fal:studio/described", "--refresh"}).exit == 0);
    const auto file = std::filesystem::directory_iterator(fal.cache())->path();
    const auto whole = *core::read_file(file);
    REQUIRE(core::write_file(file, whole.substr(0, whole.size() / 2), core::Existing::replace));
    CHECK(fal.make({"--no-wait"}).exit == 0);
    CHECK(fal.asked() == 2);
    auto other = json::parse(whole);
    other["base_url"] = "https://queue.fal.run";
    REQUIRE(core::write_file(file, other.dump(), core::Existing::replace));
    CHECK(fal.make({"--no-wait", "--again"}).exit == 0);
    CHECK(fal.asked() == 3);
}

TEST_CASE("a model of Replicate without a row is read with the key, and one that does not exist is exit 2") {
    Aggregator replicate("replicate");
    const auto made = replicate.make({"-d", "10", "--no-wait"});
    CAPTURE(made.err, replicate.provider.complaint());
    REQUIRE(made.exit == 0);
    CHECK(replicate.provider.book()[0].fields == json{{"input", {{"prompt", "a paper boat"}, {"duration", 10}, {"aspect_ratio", "16:9"}}}});

    const auto none = replicate.make({"--no-wait"}, "studio/nothing");
    CHECK(none.exit == 2);
    CHECK(contains(none.err, "has no model studio/nothing"));
}

TEST_CASE("a provider that tells nothing without a key is exit 3, and what it was asked is not kept") {
    Aggregator replicate("replicate");
    replicate.home.env.clear();
    CHECK(replicate.make({"--no-wait"}).exit == 3);
    CHECK_FALSE(std::filesystem::exists(replicate.cache()));
    CHECK(replicate.provider.book().empty());
}
