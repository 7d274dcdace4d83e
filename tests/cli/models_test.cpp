#include <algorithm>
#include <filesystem>
#include <fstream>

#include "harness.hpp"
#include "support/places.hpp"

using namespace shotwire;
using namespace shotwire::test;
using Strings = std::vector<std::string>;

namespace {

Strings first_words(const Ran& ran) {
    REQUIRE(ran.exit == 0);
    Strings words;
    for (const auto& line : ran.lines()) words.push_back(line.substr(0, line.find(' ')));
    if (!words.empty()) words.erase(words.begin());
    return words;
}

bool has(const Strings& words, const std::string& word) { return std::find(words.begin(), words.end(), word) != words.end(); }

}  // namespace

TEST_CASE("models are listed within 100 columns also where nothing is cut") {
    Home home;
    const auto ran = home.in_process({"models"});
    for (const auto& line : ran.lines()) {
        CAPTURE(line);
        REQUIRE(core::count_characters(line) <= 100);
        REQUIRE_FALSE(contains(line, "…"));
    }
    const auto all = first_words(ran);
    for (const auto* model : {"animatic", "veo-3.1", "kling-3.0", "seedance-2.5", "ltx-2.3-fast", "wan-2.7", "sora-2"})
        REQUIRE(has(all, model));
}

TEST_CASE("seconds are listed as the model takes them: a range has no gaps") {
    Home home;
    std::map<std::string, std::string> seconds;
    for (const auto& line : home.in_process({"models"}).lines()) {
        std::istringstream words(line);
        std::string id, length;
        words >> id >> length;
        seconds[id] = length;
    }
    CHECK(seconds["ltx-2.3-pro"] == "2-6,8,10");
    CHECK(seconds["ltx-2.3-fast"] == "2-6,8..20");
    CHECK(seconds["sora-2"] == "4,8..20");
    CHECK(seconds["veo-3.1"] == "4,6,8");
    CHECK(seconds["kling-3.0"] == "3-15");
}

TEST_CASE("models are filtered by what they can do together, not one by one") {
    Home home;
    const auto square = first_words(home.in_process({"models", "ls", "--ratio", "1:1", "--duration", "10", "--audio"}));
    for (const auto* model : {"kling-3.0", "seedance-2.0", "wan-2.7"}) CHECK(has(square, model));
    for (const auto* model : {"veo-3.1", "ltx-2.3-pro", "gemini-omni-1.2-flash", "sora-2"}) CHECK_FALSE(has(square, model));
    const auto long_4k = first_words(home.in_process({"models", "--resolution", "4k", "-d", "20"}));
    CHECK_FALSE(has(long_4k, "ltx-2.3-fast"));
    CHECK(has(first_words(home.in_process({"models", "--resolution", "1080p", "-d", "20"})), "ltx-2.3-fast"));
    const auto cheap = first_words(home.in_process({"models", "--max-price", "0.05", "--audio"}));
    CHECK(has(cheap, "veo-3.1-lite"));
    CHECK_FALSE(has(cheap, "veo-3.1"));
    CHECK_FALSE(has(cheap, "gemini-omni-1.2-flash"));  // its price is not known
    const auto over_fal = home.in_process({"models", "--via", "fal"});
    CHECK(has(first_words(over_fal), "veo-3.1"));
    CHECK_FALSE(has(first_words(over_fal), "gemini-omni-1.2-flash"));
    CHECK_FALSE(contains(over_fal.out, "vertex"));
    const auto last = first_words(home.in_process({"models", "--image", "first-frame", "--image", "last_frame"}));
    CHECK(has(last, "veo-3.1"));
    CHECK_FALSE(has(last, "kling-3.0-turbo"));
    CHECK(first_words(home.in_process({"models", "--image", "last-frame"})) == last);
    const auto none = home.in_process({"models", "--ratio", "1:1", "-d", "60", "--max-price", "0.0001", "--resolution", "4k"});
    CHECK(none.lines().size() == 1);
    CHECK(contains(none.err, "no model can do all of that"));
}

TEST_CASE("the camera vocabulary fits into 100 columns and leaves no name out") {
    Home home;
    const auto ran = home.in_process({"models", "--cameras"});
    REQUIRE(ran.exit == 0);
    for (const auto& line : ran.lines()) {
        CAPTURE(line);
        CHECK(core::count_characters(line) <= 100);
    }
    CHECK(contains(ran.out, "also: "));
}

TEST_CASE("models show ROUTE:MODEL tells what holds on that route") {
    Home home;
    const auto here = home.in_process({"models", "show", "kling-3.0"}).out, there = home.in_process({"models", "show", "fal:kling-3.0"}).out;
    CHECK(contains(here, "4k"));
    CHECK_FALSE(contains(there, "4k"));
    CHECK(contains(there, "fal: fal-ai/kling-video"));
    CHECK_FALSE(contains(there, "replicate:"));
    CHECK(contains(there, "llms.txt"));
    CHECK(contains(home.in_process({"models", "show", "azure:sora-2"}).out, "2026-10-15"));
    CHECK(contains(home.in_process({"models", "show", "fal:fal-ai/ltx-2.3/text-to-video"}).out, "at most USD 0.08 a second"));
    const auto row = home.in_process({"models", "show", "fal:kling-3.0", "--json"}).document()["model"];
    CHECK(row["resolutions"] == json{"720p", "1080p"});
    CHECK(row["routes"].size() == 1);
    CHECK(row["routes"][0]["route"] == "fal");
}

TEST_CASE("models are sorted, and a wrong filter is exit 2 with what is allowed") {
    Home home;
    const auto by_price = first_words(home.in_process({"models", "--sort", "price", "--resolution", "1080p"}));
    REQUIRE(by_price.size() > 5);
    CHECK(by_price[0] == "animatic");
    const auto place = [&](const char* model) { return std::find(by_price.begin(), by_price.end(), model); };
    CHECK(place("ltx-2.3-fast") < place("veo-3.1"));
    CHECK(first_words(home.in_process({"models", "--sort", "duration"}))[1] == "seedance-2.5");
    for (const auto& [args, part] :
         std::vector<std::pair<Strings, std::string>>{{{"models", "--sort", "taste"}, "name, price, duration"},
                                                      {{"models", "--via", "fall"}, "did you mean fal?"},
                                                      {{"models", "--image", "hat"}, "first-frame, last-frame, reference"},
                                                      {{"models", "--ratio", "wide"}, "16:9"},
                                                      {{"models", "ls", "--resolution", "foo"}, "360p, 480p, 720p"},
                                                      {{"models", "--max-price", "cheap"}, "--max-price"}}) {
        const auto ran = home.in_process(args);
        CAPTURE(ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, part));
    }
}

TEST_CASE("models show prints a page within 100 columns for every model") {
    Home home;
    home.env["FAL_KEY"] = "sekret";
    for (const auto& model : first_words(home.in_process({"models"}))) {
        const auto ran = home.in_process({"models", "show", model});
        CAPTURE(model, ran.out, ran.err);
        REQUIRE(ran.exit == 0);
        for (const auto& line : ran.lines())
            if (!contains(line, "https://")) REQUIRE(core::count_characters(line) <= 100);
        CHECK_FALSE(contains(ran.out, "sekret"));
    }
    const auto veo = home.in_process({"models", "show", "veo-3.1"}).out;
    for (const auto* part : {"vertex: veo-3.1-generate-001 (key: $GOOGLE_OAUTH_ACCESS_TOKEN", "fal: fal-ai/veo3.1 (its key is set)",
                             "4k, with sound", "until 2027-05-04 or later", "--last-frame: file or gs:// address, png jpeg, up to 20 MB, with --first-frame",
                             "picture reference: only", "in a field of their own", "order: camera"})
        CHECK(contains(veo, part));
    CHECK(home.in_process({"models", "show", "fal:fal-ai/veo3.1"}).exit == 0);
}

TEST_CASE("estimate -m all tells for every reachable model the price and what would be sent, within 100 columns") {
    Home home;
    const auto shot = std::string(places::source) + "/examples/shots/rain.yaml";
    const auto ran = home.in_process({"estimate", "--shot", shot, "-m", "all"});
    REQUIRE(ran.exit == 0);
    for (const auto& line : ran.lines()) {
        CAPTURE(line);
        REQUIRE(core::count_characters(line) <= 100);
        REQUIRE_FALSE(contains(line, "…"));
    }
    const auto document = home.in_process({"estimate", "--shot", shot, "-m", "all", "--json"}).document();
    std::map<std::string, json> rows;
    for (const auto& row : document["prices"]) rows[row["model"]] = row;
    for (const auto* model : {"animatic", "veo-3.1", "veo-3.1-fast", "veo-3.1-lite", "gemini-omni-1.1-flash", "gemini-omni-1.2-flash",
                              "kling-3.0", "kling-3.0-turbo", "kling-3.0-omni", "seedance-2.0", "seedance-2.0-fast", "seedance-2.0-mini",
                              "seedance-2.5", "ltx-2.3-pro", "ltx-2.3-fast", "ltx-2.5-pro", "ltx-2.5-fast", "wan-2.7"}) {
        CAPTURE(model);
        REQUIRE(rows.contains(model));
        REQUIRE(rows[model].contains("price"));
        CHECK(rows[model]["ratio"] == "9:16");
        CHECK(rows[model]["seconds"] == 6);
    }
    CHECK(rows["veo-3.1"]["price"]["usd"] == 2.4);
    CHECK(contains(rows["sora-2"]["messages"][0], "ended on 2026-09-24"));
    SECTION("what a model cannot do is the nearest that it can, and is told below the table") {
        const auto fitted = home.in_process({"estimate", "--shot", shot, "-m", "all", "--ar", "1:1", "-d", "7"});
        REQUIRE(fitted.exit == 0);
        CHECK(contains(fitted.out, "\nveo-3.1: duration "));
        CHECK(contains(fitted.out, "\nveo-3.1: aspect ratio "));
        CHECK_FALSE(contains(fitted.out, "\nkling-3.0: aspect ratio"));
    }
    SECTION("one model is refused as make would refuse it") {
        CHECK(home.in_process({"estimate", "--shot", shot, "-m", "veo-3.1", "--ar", "1:1"}).exit == 2);
    }
}

TEST_CASE("estimate of several models says for which of them no key is set") {
    Home home;
    home.env["FAL_KEY"] = "sekret";
    const std::vector<std::string> args = {"estimate", "-s", "a heron", "-m", "veo-3.1", "-m", "kling-3.0-omni", "-m", "gemini-omni-1.1-flash", "-m", "animatic"};
    CHECK(contains(home.in_process(args).out, "\nno key set, or a setting missing, for: kling-3.0-omni, gemini-omni-1.1-flash\n"));
    auto as_json = args;
    as_json.push_back("--json");
    const auto document = home.in_process(as_json).document();
    std::map<std::string, bool> ready;
    for (const auto& row : document["prices"]) ready[row["model"]] = row["ready"];
    CHECK(ready == std::map<std::string, bool>{{"veo-3.1", true}, {"kling-3.0-omni", false}, {"gemini-omni-1.1-flash", false}, {"animatic", true}});
    CHECK_FALSE(contains(home.in_process({"estimate", "-s", "a heron", "-m", "animatic"}).out, "no key set"));
}

TEST_CASE("the README's tables are what models --markdown prints") {
    Home home;
    const auto readme = core::read_file(std::string(places::source) + "/README.md");
    REQUIRE(bool(readme));
    const std::string begin = "<!-- models: shotwire models --markdown -->\n", end = "<!-- /models -->";
    const auto from = readme->find(begin), to = readme->find(end);
    REQUIRE(from != std::string::npos);
    REQUIRE(to != std::string::npos);
    REQUIRE(readme->substr(from + begin.size(), to - from - begin.size()) == home.in_process({"models", "--markdown"}).out);
}

TEST_CASE("the route is chosen by the keys that are set, and said") {
    Home home;
    home.env["REPLICATE_API_TOKEN"] = "r8_secret";
    const auto ran = home.in_process({"estimate", "-s", "a heron", "-m", "veo-3.1"});
    REQUIRE(ran.exit == 0);
    CHECK(contains(ran.out, "replicate"));
    CHECK(contains(ran.err, "veo-3.1 goes over replicate, whose key is set; --via takes another: vertex, fal"));
    CHECK(home.in_process({"estimate", "-s", "a heron", "-m", "vertex:veo-3.1"}).err.empty());
    CHECK(contains(home.in_process({"estimate", "-s", "a heron", "-m", "veo-3.1", "--via", "vertx"}).err, "did you mean vertex?"));
    CHECK(contains(home.in_process({"estimate", "-s", "a heron", "-m", "veo3.1"}).err, "did you mean veo-3.1?"));
}

TEST_CASE("a route whose key is set and whose project is not known is not ready") {
    Home home;
    home.env["GOOGLE_OAUTH_ACCESS_TOKEN"] = "ya29.sekret";
    home.env["FAL_KEY"] = "sekret";
    CHECK(contains(home.in_process({"estimate", "-s", "a heron", "-m", "veo-3.1"}).err, "veo-3.1 goes over fal, whose key is set"));
    const auto named = home.in_process({"make", "a heron", "-m", "vertex:veo-3.1"});
    CHECK(named.exit == 2);
    CHECK(contains(named.err, "does not know its project"));
    CHECK_FALSE(contains(home.in_process({"jobs", "ls"}).out, "veo-3.1"));
    home.env["GOOGLE_CLOUD_PROJECT"] = "p1";
    CHECK(contains(home.in_process({"estimate", "-s", "a heron", "-m", "veo-3.1"}).err, "goes over vertex"));
}

TEST_CASE("a resource of Azure that the user names serves what they say, and its deployments by name") {
    Home home;
    home.env["AZURE_OPENAI_API_KEY"] = "sekret";
    const Strings base{"make", "a heron", "-m", "azure:sora-2", "-d", "4", "--dry-run"};
    CHECK(home.in_process(base).exit == 2);
    auto named = base;
    named.insert(named.end(), {"--base-url", "https://foo.openai.azure.com/openai/v1"});
    const auto ran = home.in_process(named);
    CAPTURE(ran.err);
    CHECK(ran.exit == 0);
    CHECK(contains(ran.out, "https://foo.openai.azure.com/openai/v1/videos"));
    CHECK(contains(ran.err, "is said to have ended at Azure OpenAI on 2026-10-15"));
    home.env["SHOTWIRE_AZURE_BASE_URL"] = "https://foo.openai.azure.com/openai/v1";
    CHECK(home.in_process(base).exit == 0);
    home.env.erase("SHOTWIRE_AZURE_BASE_URL");
    home.env["AZURE_OPENAI_ENDPOINT"] = "https://foo.openai.azure.com";
    const auto own = home.in_process({"make", "a heron", "-m", "azure:mydeployment", "-d", "4", "--dry-run"});
    CAPTURE(own.err);
    CHECK(own.exit == 0);
    CHECK(contains(own.out, "mydeployment"));
}

TEST_CASE("a wish that a host of one's own has no field for is exit 2, never dropped") {
    Home home;
    const auto refused = [&](const Strings& args) {
        Strings all{"make", "a heron", "-d", "4", "--dry-run"};
        all.insert(all.end(), args.begin(), args.end());
        const auto ran = home.in_process(all);
        CAPTURE(ran.err, ran.out);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "has no field for"));
    };
    const std::string url = "https://g.example/v1";
    for (const auto* wish : {"--audio", "--no-audio"}) {
        refused({"-m", "openai:foo", "--base-url", url, wish});
        refused({"-m", "sdcpp:foo", "--size", "640x480", wish});
        refused({"-m", "kling:foo-turbo", "--base-url", url, wish});
    }
    for (const auto* model : {"ark:foo", "kling:foo", "kling-legacy:kling-v1"}) refused({"-m", model, "--base-url", url, "--fps", "60"});
    home.write("config/shotwire/config.toml", "[routes.omni]\nbackend = \"openai\"\nbase_url = \"https://g.example/v1\"\ndialect = \"vllm-omni\"\n"
                                              "[routes.lite]\nbackend = \"openai\"\nbase_url = \"https://g.example/v1\"\ndialect = \"litellm\"\n");
    refused({"-m", "lite:foo", "--fps", "30"});
    const auto sent = home.in_process({"make", "a heron", "-m", "omni:foo", "-d", "4", "--no-audio", "--dry-run"});
    CAPTURE(sent.err);
    CHECK(sent.exit == 0);
    CHECK(contains(sent.out, "generate_sound"));
}

TEST_CASE("a --param does not replace what was priced") {
    Home home;
    for (const auto& args : std::vector<Strings>{{"-m", "kling-3.0", "--param", "/settings/resolution=4k"},
                                                 {"-m", "seedance-2.0", "--resolution", "480p", "--param", "resolution=4k"},
                                                 {"-m", "wan-2.7", "-d", "2", "--param", "duration=15"},
                                                 {"-m", "veo-3.1", "--via", "replicate", "-d", "4", "--no-audio", "--param", "duration=8"},
                                                 {"-m", "ltx-2.3-pro", "--param", "duration=10"},
                                                 {"-m", "fal:wan-2.7", "--param", "resolution=1080p"},
                                                 {"-m", "kling-2.6", "--param", "mode=pro"}}) {
        Strings all{"make", "a heron", "--dry-run"};
        all.insert(all.end(), args.begin(), args.end());
        const auto ran = home.in_process(all);
        CAPTURE(ran.err);
        CHECK(ran.exit == 2);
        CHECK(contains(ran.err, "this field is sent already, with the value that is paid for"));
    }
}

TEST_CASE("what a stranger's host costs nobody knows, and a budget does not let it through") {
    Home home;
    const Strings base{"make", "a heron", "-m", "openai:my-model", "--max-cost", "5", "--dry-run", "--base-url"};
    const auto at = [&](const std::string& url) {
        auto args = base;
        args.push_back(url);
        return home.in_process(args);
    };
    for (const auto* abroad : {"https://gateway.example/v1", "https://203.0.113.9/v1"}) {
        const auto ran = at(abroad);
        CHECK(ran.exit == 10);
        CHECK(contains(ran.err, "--allow-unpriced"));
    }
    for (const auto* home_host :
         {"http://127.0.0.1:8000/v1", "http://10.0.0.7:8000/v1", "http://gpu-box:8000/v1", "https://video.lan/v1", "http://[::1]:9/v1"}) {
        const auto ran = at(home_host);
        CAPTURE(home_host, ran.err);
        CHECK(ran.exit == 0);
        CHECK(contains(ran.out, "price: free"));
    }
    home.write("config/shotwire/models.d/mine.json", R"({"models": [{"id": "my-model", "routes": [{"route": "openai", "id": "my-model"}],
        "seconds": {"least": 1, "most": 10, "default": 5}, "price": {"rates": [{"per_second": 0.02}], "as_of": "2026-11-22"}}]})");
    const auto priced = at("https://gateway.example/v1");
    CHECK(priced.exit == 0);
    CHECK(contains(priced.out, "USD 0.10"));
}

TEST_CASE("a provider that is a file in backends.d is listed, priced and asked like any other") {
    Home home;
    const auto folder = std::filesystem::path(getenv("XDG_CONFIG_HOME")) / "shotwire" / "backends.d";
    std::filesystem::create_directories(folder);
    for (const auto* name : {"runway.json", "openrouter.json"})
        std::filesystem::copy(std::filesystem::path(places::source) / "examples/backends" / name, folder / name);
    REQUIRE(has(first_words(home.in_process({"models", "ls", "--via", "runway"})), "gen-4.5"));
    const auto ran = home.in_process({"make", "-m", "gen-4.5", "-s", "a heron", "-d", "5", "--ar", "9:16", "--dry-run", "--json"});
    REQUIRE(ran.exit == 0);
    REQUIRE(ran.document()["price"]["usd"] == Approx(0.6));
    REQUIRE(ran.document()["requests"][0]["url"] == "https://api.dev.runwayml.com/v1/text_to_video");
    REQUIRE(ran.document()["requests"][0]["body"]["ratio"] == "720:1280");
    const auto other = home.in_process({"make", "-m", "openrouter:google/veo-3.1", "-s", "a heron", "-d", "8", "--dry-run", "--json"});
    REQUIRE(other.document()["requests"][0]["body"]["model"] == "google/veo-3.1");
    std::ofstream(folder / "broken.json") << R"({"routes": [{"name": "mine", "backend": "custom", "base_url": "https://api.mine.example", "any_model": true, "dialect": {"submt": {}}}]})";
    const auto broken = home.in_process({"make", "-m", "mine:x", "a heron", "-d", "5", "--dry-run"});
    REQUIRE(broken.exit == 2);
    REQUIRE(contains(broken.err, "submit is missing"));
}
