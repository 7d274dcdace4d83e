#include "cli/routes.hpp"

#include <map>

#include "harness.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

// The compiled catalogue with a configuration and an environment.
struct Settled {
    std::map<std::string, std::string> variables;
    config::Config config;
    catalog::Catalog catalog = catalog::Catalog::built_in();

    cli::Env env() const {
        return [this](const std::string& name) { return variables.contains(name) ? std::optional(variables.at(name)) : std::nullopt; };
    }
    const catalog::Route& route(const std::string& name) {
        const auto settled = cli::settle_routes(catalog, config, env());
        CAPTURE(settled ? "" : settled.error().message);
        REQUIRE(settled);
        REQUIRE(catalog.find_route(name));
        return *catalog.find_route(name);
    }
    std::string refusal() {
        const auto settled = cli::settle_routes(catalog, config, env());
        REQUIRE_FALSE(settled);
        return settled.error().message;
    }
};

config::RouteSettings own(const std::string& backend, const std::string& url, json dialect = nullptr) {
    config::RouteSettings settings;
    settings.name = "studio";
    settings.backend = backend;
    settings.base_url = url;
    settings.dialect = std::move(dialect);
    return settings;
}

}  // namespace

TEST_CASE("a setting comes from the configuration, its variable or the catalogue, in that order") {
    Settled settled;
    CHECK(settled.route("vertex").base_url == "https://us-central1-aiplatform.googleapis.com/v1");
    CHECK_FALSE(settled.route("vertex").dialect.contains("project"));
    settled.variables["GOOGLE_CLOUD_PROJECT"] = "from-variable";
    CHECK(settled.route("vertex").dialect["project"] == "from-variable");
    settled.config.routes["vertex"].name = "vertex";
    settled.config.routes["vertex"].dialect = {{"project", "from-file"}, {"location", "europe-west4"}, {"storage_uri", "gs://mine/"}};
    const auto& route = settled.route("vertex");
    CHECK(route.dialect == json{{"project", "from-file"}, {"location", "europe-west4"}, {"storage_uri", "gs://mine/"}});
    CHECK(route.base_url == "https://europe-west4-aiplatform.googleapis.com/v1");
    CHECK_FALSE(route.moved);
}

TEST_CASE("the first base URL counts whose settings are all known") {
    Settled settled;
    CHECK(settled.route("dashscope").base_url == "https://dashscope-intl.aliyuncs.com");
    settled.variables["DASHSCOPE_WORKSPACE_ID"] = "ws123";
    CHECK(settled.route("dashscope").base_url == "https://ws123.ap-southeast-1.maas.aliyuncs.com");
    CHECK(settled.route("dashscope").dialect.empty());
    CHECK(settled.route("azure").base_url == "https://{resource}.openai.azure.com/openai/v1");
    settled.variables["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com/";
    CHECK(settled.route("azure").base_url == "https://mine.openai.azure.com/openai/v1");
    CHECK(settled.route("azure").values.at("deployment") == "sora-2");
    settled.variables["AZURE_OPENAI_ENDPOINT"] = "https://mine.openai.azure.com/?x=<y>";
    CHECK(contains(settled.refusal(), "endpoint of the route azure"));
}

TEST_CASE("Beijing has a route of its own, and a region is no region without a workspace") {
    Settled settled;
    CHECK(settled.route("dashscope-cn").base_url == "https://dashscope.aliyuncs.com");
    settled.variables["DASHSCOPE_WORKSPACE_ID"] = "ws123";
    CHECK(settled.route("dashscope-cn").base_url == "https://ws123.cn-beijing.maas.aliyuncs.com");
    settled.config.routes["dashscope"].name = "dashscope";
    settled.config.routes["dashscope"].dialect = {{"region", "cn-beijing"}};
    CHECK(settled.route("dashscope").base_url == "https://ws123.cn-beijing.maas.aliyuncs.com");
    Settled alone;
    alone.config.routes["dashscope"] = settled.config.routes["dashscope"];
    CHECK(contains(alone.refusal(), "the region of the route dashscope is \"cn-beijing\", which needs its workspace too: set $DASHSCOPE_WORKSPACE_ID, or workspace under"));
    alone.config.routes["dashscope"].dialect = {{"region", "ap-southeast-1"}};
    CHECK(alone.route("dashscope").base_url == "https://dashscope-intl.aliyuncs.com");
}

TEST_CASE("some of Google's locations have a host of another pattern") {
    const auto at = [](const std::string& route, const std::string& location) {
        Settled settled;
        settled.config.routes[route].name = route;
        settled.config.routes[route].dialect = {{"location", location}};
        CHECK_FALSE(settled.route(route).moved);
        return settled.route(route).base_url;
    };
    CHECK(at("vertex", "global") == "https://aiplatform.googleapis.com/v1");
    CHECK(at("vertex", "eu") == "https://aiplatform.eu.rep.googleapis.com/v1");
    CHECK(at("gemini-vertex", "global") == "https://aiplatform.googleapis.com/v1beta1");
    CHECK(at("gemini-vertex", "us") == "https://aiplatform.us.rep.googleapis.com/v1beta1");
    CHECK(at("gemini-vertex", "us-central1") == "https://us-central1-aiplatform.googleapis.com/v1beta1");
    Settled settled;
    CHECK(settled.route("gemini-vertex").base_url == "https://aiplatform.googleapis.com/v1beta1");
}

TEST_CASE("a missing setting is exit 2 where it is needed, and names variable and configuration") {
    Settled settled;
    settled.variables["GOOGLE_OAUTH_ACCESS_TOKEN"] = "ya29.sekret";
    const auto missing = cli::credential(settled.route("vertex"), settled.env());
    REQUIRE_FALSE(missing);
    CHECK(missing.error().kind == ErrorKind::usage);
    CHECK(contains(missing.error().message, "$GOOGLE_CLOUD_PROJECT, or project under [routes.vertex.dialect]"));
    settled.variables["GOOGLE_CLOUD_PROJECT"] = "p1";
    CHECK(cli::credential(settled.route("vertex"), settled.env()));

    core::TemporaryFolder folder;
    REQUIRE(core::write_file(folder.path() / "a.json", R"({"project_id": "p2", "private_key": "sekret"})", core::Existing::keep, 0600));
    Settled by_account;
    by_account.variables["GOOGLE_APPLICATION_CREDENTIALS"] = (folder.path() / "a.json").string();
    CHECK(cli::credential(by_account.route("vertex"), by_account.env()));

    Settled azure;
    azure.variables["AZURE_OPENAI_API_KEY"] = "sekret";
    const auto unresolved = cli::credential(azure.route("azure"), azure.env());
    REQUIRE_FALSE(unresolved);
    CHECK(contains(unresolved.error().message, "does not know its resource"));
}

TEST_CASE("a route of one's own takes a dialect by name, and where its backend has the key") {
    Settled settled;
    settled.config.routes["studio"] = own("openai", "https://video.studio.example/v1", "sglang");
    CHECK(settled.route("studio").dialect["image_url"] == "reference_url");
    settled.config.routes["studio"] = own("openai", "https://video.studio.example/v1", "sglan");
    CHECK(contains(settled.refusal(), "did you mean sglang?"));
    settled.config.routes["studio"] = own("fal", "https://fal.studio.example", "sglang");
    CHECK(contains(settled.refusal(), "which the backend fal does not know"));
    Settled queue;
    queue.config.routes["studio"] = own("fal", "https://fal.studio.example");
    CHECK(queue.route("studio").key_prefix == "Key ");
    CHECK(queue.route("studio").moved);
}

TEST_CASE("the provider's own hosts are no move, also those of a pattern") {
    const catalog::Route vertex = *catalog::Catalog::built_in().find_route("vertex");
    const auto moved = [&](const std::string& url) { return cli::moved(vertex, url, "--base-url")->moved; };
    CHECK_FALSE(moved("https://europe-west4-aiplatform.googleapis.com/v1"));
    CHECK_FALSE(moved("https://ws9.ap-southeast-1.maas.aliyuncs.com"));
    CHECK_FALSE(moved("https://queue.fal.run"));
    CHECK_FALSE(moved("https://aiplatform.us.rep.googleapis.com/v1"));
    CHECK_FALSE(moved("https://aiplatform.googleapis.com/v1"));
    CHECK(moved("https://evil.example/x-aiplatform.googleapis.com"));
    CHECK(moved("https://a.b-aiplatform.googleapis.com.evil.example/v1"));
    CHECK(moved("http://127.0.0.1:1234"));
}

TEST_CASE("a host is at home by its address or by a name that no public host has") {
    const catalog::Route route = *catalog::Catalog::built_in().find_route("openai");
    const auto at_home = [&](const std::string& url) { return cli::moved(route, url, "--base-url")->at_home; };
    for (const auto* url : {"http://localhost:8000", "http://192.168.1.4", "http://gpu-box", "https://a.local/v1", "https://x.internal",
                            "http://[fd00::1]/v1"})
        CHECK(at_home(url));
    for (const auto* url : {"https://gateway.example", "https://8.8.8.8", "https://internal.example.com", "https://[2606:4700::1]/v1",
                            "https://local.example"})
        CHECK_FALSE(at_home(url));
    Settled settled;
    CHECK(settled.route("sdcpp").at_home);
    CHECK_FALSE(settled.route("fal").at_home);
}

TEST_CASE("a missing key names the model's other routes") {
    Settled settled;
    const auto missing = cli::credential(settled.route("vertex"), settled.env());
    REQUIRE_FALSE(missing);
    const auto told = cli::with_other_routes(missing.error(), settled.catalog, "veo-3.1", "vertex");
    CHECK(told.kind == ErrorKind::auth);
    CHECK(contains(told.message, "veo-3.1 is on other routes too, by --via: fal ($FAL_KEY), replicate ($REPLICATE_API_TOKEN)"));
    CHECK(cli::with_other_routes(missing.error(), settled.catalog, "kling-3.0-omni", "kling").message == missing.error().message);
}
