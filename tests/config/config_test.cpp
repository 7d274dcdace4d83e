#include "config/config.hpp"

#include <catch2/catch.hpp>

#include "core/files.hpp"

using namespace shotwire;
using config::Config;
using Strings = std::vector<std::string>;

namespace {

// A home with a configuration, and a checkout with another.
struct Place {
    core::TemporaryFolder folder;
    std::map<std::string, std::string> variables;
    config::Sources sources;

    Place() {
        sources.user_file = folder.path() / "config.toml";
        sources.project_file = folder.path() / "shotwire.toml";
        sources.env = [this](const std::string& name) -> std::optional<std::string> {
            const auto found = variables.find(name);
            return found == variables.end() ? std::optional<std::string>() : found->second;
        };
    }
    void user(const std::string& text) { write(sources.user_file, text); }
    void project(const std::string& text) { write(sources.project_file, text); }
    void write(const std::filesystem::path& file, const std::string& text) {
        REQUIRE(core::write_file(file, text, core::Existing::replace));
    }

    Config loaded() {
        auto config = config::load(sources);
        if (!config) FAIL(config.error().message);
        return *config;
    }
    std::string refused() {
        auto config = config::load(sources);
        REQUIRE_FALSE(config);
        REQUIRE(config.error().kind == ErrorKind::usage);
        return config.error().message;
    }
};

bool says(const std::string& text, const std::string& part) {
    UNSCOPED_INFO(text);
    return text.find(part) != std::string::npos;
}

const std::string sample = R"(
model = "sora-2"
aspect-ratio = "9:16"
duration = 8
camera = "handheld"
references = ["a.png", "b.png"]
audio = false
max_cost = 2.5
ledger = "/data/ledger.db"
proxy = "http://proxy:3128"
cacert = "/etc/ca.pem"

[params]
steps = 20

[routes.studio]
backend = "openai"
base_url = "https://studio.example/v1/"
key_command = "pass show studio"
allow_private = true
[routes.studio.dialect]
extras = ["seed", "fps"]

[routes.fal]
key_file = "fal.key"

[profiles.draft]
model = "animatic"
resolution = "360p"
[profiles.draft.routes.studio]
base_url = "http://127.0.0.1:8000/v1"
)";

}  // namespace

TEST_CASE("no file is a configuration without anything") {
    Place place;
    const auto config = place.loaded();
    CHECK(config.defaults.empty());
    CHECK(config.routes.empty());
    CHECK(config.read.empty());
}

TEST_CASE("a file gives defaults, routes and places") {
    Place place;
    place.user(sample);
    const auto config = place.loaded();
    CHECK(config.defaults == json{{"model", "sora-2"},
                                  {"aspect_ratio", "9:16"},
                                  {"duration", "8"},
                                  {"camera", {"handheld"}},
                                  {"references", {"a.png", "b.png"}},
                                  {"audio", false},
                                  {"max_cost", "2.5"},
                                  {"params", {{"steps", 20}}}});
    CHECK(config.ledger == "/data/ledger.db");
    CHECK(config.proxy == "http://proxy:3128");
    CHECK(config.cacert == "/etc/ca.pem");
    const auto& studio = config.routes.at("studio");
    CHECK(studio.backend == "openai");
    CHECK(studio.base_url == "https://studio.example/v1");
    CHECK(studio.key_command == "pass show studio");
    CHECK(studio.allow_private == true);
    CHECK(studio.dialect == json{{"extras", {"seed", "fps"}}});
    CHECK(config.routes.at("fal").key_file == (place.folder.path() / "fal.key").string());
    CHECK(config.routes.at("fal").dialect.is_null());
    CHECK(config.read == Strings{place.sources.user_file.string()});
}

TEST_CASE("a profile lies over the rest of its file") {
    Place place;
    place.user(sample);
    SECTION("by flag") { place.sources.profile = "draft"; }
    SECTION("by variable") { place.variables["SHOTWIRE_PROFILE"] = "draft"; }
    const auto config = place.loaded();
    CHECK(config.defaults["model"] == "animatic");
    CHECK(config.defaults["resolution"] == "360p");
    CHECK(config.defaults["duration"] == "8");
    CHECK(config.routes.at("studio").base_url == "http://127.0.0.1:8000/v1");
    CHECK(config.routes.at("studio").key_command == "pass show studio");
}

TEST_CASE("a profile that no file has is an error, and every profile is checked") {
    Place place;
    place.user(sample);
    place.sources.profile = "darft";
    CHECK(says(place.refused(), "there is no profile darft"));
    place.sources.profile.clear();
    place.user("[profiles.a]\nmodle = \"x\"\n");
    CHECK(says(place.refused(), "config.toml:2: unknown key modle; did you mean model?"));
}

TEST_CASE("the last of file, project's file and environment wins") {
    Place place;
    place.user("model = \"one\"\nduration = 4\nresolution = \"480p\"\n");
    place.project("model = \"two\"\nduration = 6\noutput = \"clips/{slug}.mp4\"\n");
    place.variables["SHOTWIRE_MODEL"] = "three";
    place.variables["SHOTWIRE_AUDIO"] = "no";
    place.variables["SHOTWIRE_CAMERA"] = "static";
    place.variables["SHOTWIRE_REFERENCE"] = "r.png";
    place.variables["SHOTWIRE_LEDGER"] = "/tmp/l.db";
    place.variables["SHOTWIRE_SEED"] = "";
    const auto config = place.loaded();
    CHECK(config.defaults == json{{"model", "three"},
                                  {"duration", "6"},
                                  {"resolution", "480p"},
                                  {"output", "clips/{slug}.mp4"},
                                  {"audio", false},
                                  {"camera", {"static"}},
                                  {"references", {"r.png"}}});
    CHECK(config.ledger == "/tmp/l.db");
    CHECK(config.read.size() == 2);
}

TEST_CASE("a project's file may not move a host, name a key, proxy, CA or ledger, or run a command") {
    const std::string text =
        GENERATE(as<std::string>(), "[routes.openai]\nbase_url = \"https://evil.example\"\n",
                 "[routes.openai]\nkey_command = \"curl evil\"\n", "[routes.fal]\nkey_file = \"/etc/passwd\"\n",
                 "proxy = \"http://evil:1\"\n", "cacert = \"evil.pem\"\n", "ledger = \"/home/x\"\n", "max_cost = 1000\n",
                 "allow_unpriced = true\n", "[profiles.a]\nproxy = \"http://evil:1\"\n", "[profiles.a.routes.openai]\nkey_env = \"HOME\"\n",
                 "key_command = \"x\"\n", "base_url = \"https://evil.example\"\n", "events = \"/home/x/.profile\"\n", "routes = 5\n");
    CAPTURE(text);
    Place place;
    place.project(text);
    const auto message = place.refused();
    CHECK(says(message, "shotwire.toml:"));
    CHECK(says(message, "is not taken from a project's file"));
    CHECK_FALSE(says(message, "evil"));
    // Named by the user it is the user's own.
    if (text.find("routes.") != std::string::npos || text.starts_with("proxy")) {
        place.sources.named_file = place.sources.project_file;
        CHECK(place.loaded().read.size() == 1);
    }
}

TEST_CASE("a project's file may describe shots, orders and the output") {
    Place place;
    place.project(
        "subject = \"a boat\"\nlighting = \"amber\"\nmodel = \"animatic\"\nfit = true\noutput = \"{slug}.mp4\"\n[params]\na = 1\n");
    CHECK(place.loaded().defaults.size() == 6);
}

TEST_CASE("a named file stands in place of the others and must exist") {
    Place place;
    place.user("model = \"one\"\n");
    place.project("this is not read");
    const auto file = place.folder.path() / "other.toml";
    place.write(file, "duration = 4\n");
    SECTION("by flag") { place.sources.named_file = file; }
    SECTION("by variable") { place.variables["SHOTWIRE_CONFIG"] = file.string(); }
    CHECK(place.loaded().defaults == json{{"duration", "4"}});
    place.sources.named_file = place.folder.path() / "missing.toml";
    CHECK(says(place.refused(), "missing.toml does not exist"));
}

TEST_CASE("an error names file, line and key") {
    const auto [text, message] = GENERATE(table<std::string, std::string>({
        {"\nmodel = [1]\n", "config.toml:2: model is array; allowed: a text or a number"},
        {"audio = \"yes\"\n", "config.toml:1: audio is \"yes\"; allowed: true, false"},
        {"camera = [1]\n", "camera is 1; allowed: a list of texts"},
        {"params = 1\n", "params is 1; allowed: a table"},
        {"duraton = 4\n", "unknown key duraton; did you mean duration?"},
        {"zzzzzzzz = 4\n", "known are subject"},
        {"model = \n", "config.toml:1:"},
        {"model = \"a\"\nmodel = \"b\"\n", "config.toml:2:"},
        {"ledger = 4\n", "ledger is 4; allowed: a text"},
        {"[routes.fal]\nbase-url = \"x\"\n", "config.toml:2: unknown key base-url; did you mean base_url?"},
        {"[routes.fal]\nbase_url = \"ftp://x\"\n", "routes.fal.base_url is not an http or https URL"},
        {"[routes.fal]\nbase_url = \"https://me:sekret@x\"\n", "routes.fal.base_url must not hold a user or a key"},
        {"[routes.fal]\nkey_env = 5\n", "routes.fal.key_env is no text"},
        {"[routes.fal]\ndialect = 5\n", "routes.fal.dialect is 5; allowed: a table"},
        {"[routes.FAL]\nbackend = \"x\"\n", "the route's name FAL"},
        {"profiles = 3\n", "profiles is 3"},
    }));
    CAPTURE(text);
    Place place;
    place.user(text);
    const auto said = place.refused();
    CHECK(says(said, message));
    CHECK_FALSE(says(said, "sekret"));
}

TEST_CASE("a variable that is nearly ours is warned of, any other is let be") {
    Place place;
    place.sources.env_names = {"SHOTWIRE_MODLE", "SHOTWIRE_MODEL", "SHOTWIRE_FAL_BASE_URL", "SHOTWIRE_SOMETHING_ELSE", "PATH"};
    CHECK(place.loaded().warnings == Strings{"$SHOTWIRE_MODLE is not read; did you mean $SHOTWIRE_MODEL?"});
    place.variables["SHOTWIRE_AUDIO"] = "loud";
    CHECK(says(place.refused(), "$SHOTWIRE_AUDIO is loud; allowed: true, false"));
}

TEST_CASE("every variable that is listed is read, and none of them is taken for a slip of another") {
    for (const auto& variable : config::variables()) {
        if (variable.name.find('<') != std::string::npos) continue;
        Place place;
        const bool flag = variable.name == "SHOTWIRE_AUDIO" || variable.name == "SHOTWIRE_FIT" || variable.name == "SHOTWIRE_ALLOW_UNPRICED";
        const bool other = variable.name == "SHOTWIRE_CONFIG" || variable.name == "SHOTWIRE_PROFILE" || variable.name == "SHOTWIRE_MEDIA" ||
                           variable.name == "SHOTWIRE_SERVE";
        place.sources.env_names = {variable.name};
        if (!other) place.variables[variable.name] = flag ? "true" : "a=b";
        const auto config = place.loaded();
        CAPTURE(variable.name);
        CHECK(config.warnings.empty());
        CHECK(config.defaults.size() + !config.ledger.empty() + !config.proxy.empty() + !config.cacert.empty() == (other ? 0 : 1));
        CHECK(variable.settings.empty() == !variable.help.empty());
    }
}

TEST_CASE("a time that is none in a configuration is an error of its file") {
    Place place;
    place.user("a = 2026-11-22T\x19" "0:00:00Z\n");
    REQUIRE(place.refused().find("config.toml") != std::string::npos);
}
