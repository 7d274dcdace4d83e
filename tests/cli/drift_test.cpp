#include "cli/drift.hpp"

#include <catch2/catch.hpp>

#include "catalog/catalog.hpp"

using namespace shotwire;
using Strings = std::vector<std::string>;

namespace {

const catalog::ModelRoute& entry(const std::string& model, const std::string& route) {
    for (const auto& there : catalog::Catalog::built_in().find(model)->routes)
        if (there.route == route) return there;
    throw std::logic_error("no such entry");
}

Strings drift_of(const std::string& model, const std::string& route, const json& published, std::size_t endpoint = 0) {
    const auto& there = entry(model, route);
    return cli::compare(there.differing ? *there.differing : *catalog::Catalog::built_in().find(model),
                        cli::endpoints(there)[endpoint].form, published);
}

// What fal would publish of Wan 2.7's text to video, as a row.
json wan() {
    return json::parse(R"({"seconds": {"least": 2, "most": 15, "step": 1}, "ratios": ["16:9", "9:16", "1:1", "4:3", "3:4"],
        "resolutions": ["720p", "1080p"], "routes": [{"route": "fal", "id": "fal-ai/wan/v2.7/text-to-video", "form": {
            "prompt": "prompt", "negative_prompt": "negative_prompt", "seconds": "duration", "ratio": "aspect_ratio",
            "resolution": "resolution", "fps": null, "seed": "seed", "audio": null}}]})");
}

}  // namespace

TEST_CASE("what agrees is no drift") { CHECK(drift_of("wan-2.7", "fal", wan()).empty()); }

TEST_CASE("a field that went, came, or has another name or type is drift") {
    auto published = wan();
    auto& form = published["routes"][0]["form"];
    form.erase("seed");
    form["ratio"] = "ratio";
    form["audio"] = "generate_audio";
    form["seconds"] = {{"name", "duration"}, {"as", "string"}};
    const auto drift = drift_of("wan-2.7", "fal", published);
    CHECK(drift == Strings{"the field aspect_ratio (ratio) is called ratio", "duration is a string now", "there is no field seed (seed)",
                           "it takes audio too, as generate_audio"});
}

TEST_CASE("other lengths, ratios and resolutions are drift") {
    auto published = wan();
    published["seconds"]["most"] = 20;
    published["ratios"] = {"16:9", "9:16", "1:1", "21:9"};
    published["resolutions"] = {"720p", "1080p", "2160p"};
    CHECK(drift_of("wan-2.7", "fal", published) ==
          Strings{"seconds are 2 to 20, not 2 to 15", "ratios 4:3, 3:4: no longer there", "ratios 21:9: new", "resolutions 2160p: new"});
}

TEST_CASE("every endpoint of an entry is compared once, with the form that it is sent") {
    const auto veo = cli::endpoints(entry("veo-3.1", "fal"));
    REQUIRE(veo.size() == 4);
    CHECK(veo[0].id == "fal-ai/veo3.1");
    CHECK_FALSE(veo[0].form.contains("first_frame"));
    CHECK(veo[1].form["last_frame"] == "last_frame_url");
    const auto kling = cli::endpoints(entry("kling-3.0", "fal"));
    REQUIRE(kling.size() == 4);
    CHECK_FALSE(kling[0].form.contains("first_frame"));
    CHECK(kling[1].form.contains("first_frame"));
    CHECK_FALSE(kling[3].form.contains("first_frame"));
    CHECK(cli::endpoints(entry("veo-3.1", "replicate")).size() == 1);
    CHECK(cli::endpoints(entry("veo-3.1", "replicate"))[0].form.contains("first_frame"));
    CHECK(cli::endpoints(entry("sora-2", "azure")).empty());
    CHECK(cli::endpoints(entry("sora-2", "azure"), {{"deployment", "mine"}})[0].id == "mine");
}

TEST_CASE("what a list tells of a model is compared where it tells something") {
    const auto& wan = *catalog::Catalog::built_in().find("wan-2.7");
    const auto listed = [](const char* text) { return json::parse(text); };
    CHECK(cli::compare(wan, json::object()).empty());
    CHECK(cli::compare(wan, listed(R"({"ratios": ["16:9", "9:16", "1:1", "4:3", "3:4"], "resolutions": ["720p", "1080p"], "audio": "untold",
        "seed": {"most": 1}, "images": {"first_frame": {}, "last_frame": {}}, "seconds": {"list": [2, 3, 15]}})"))
              .empty());
    CHECK(cli::compare(wan, listed(R"({"ratios": ["16:9", "21:9"], "resolutions": ["1080p", "4k"], "audio": "never", "images": {"first_frame": {}},
        "seconds": {"list": [2, 10]}})")) ==
          Strings{"seconds are 2, 10, not 2 to 15", "ratios 9:16, 1:1, 4:3, 3:4: no longer there", "ratios 21:9: new", "resolutions 720p: no longer there",
                  "resolutions 2160p: new", "images last_frame: no longer there", "it makes no sound", "it is not said to take a seed"});
    const auto& veo = *catalog::Catalog::built_in().find("veo-3.1");
    CHECK(cli::compare(veo, listed(R"({"seconds": {"list": [4, 8, 10]}})")) == Strings{"seconds 6: no longer there", "seconds 10: new"});
}
