#include <catch2/catch.hpp>
#include <cstdlib>
#include <mutex>

#include "core/text.hpp"
#include "running.hpp"
#include "serve/loaded.hpp"
#include "support/places.hpp"

using namespace running;

namespace {

// Where the module is looked for, for as long as this lives.
struct Module {
    explicit Module(const std::string& file) { ::setenv("SHOTWIRE_SERVE", file.c_str(), 1); }
    ~Module() { ::unsetenv("SHOTWIRE_SERVE"); }
};

Error refusal_of(const serve::Options& options) {
    auto started = serve::start_loaded(options);
    REQUIRE_FALSE(started);
    return started.error();
}

}  // namespace

TEST_CASE("a server out of the module is told all that it is asked for, and ends with its owner") {
    const Module module(shotwire::places::serve);
    Running lender({}, "");  // its stub renders, its state folder is another server's
    const core::TemporaryFolder folder;
    std::mutex one;
    std::string log;
    auto options = lender.options();
    options.state = folder.path();
    options.api_key = core::Key("right-key");
    options.faults = {*serve::parse_fault("retrieve:503=7:x1:skip1")};
    options.log = [&](const std::string& line) {
        const std::lock_guard lock(one);
        log += line + '\n';
    };
    auto started = serve::start_loaded(options);
    INFO((started ? std::string() : started.error().message));
    REQUIRE(started);
    CHECK((*started)->certificate() == folder.path() / "cert.pem");
    {
        auto client = client_of(**started);
        CHECK(client->Get("/v1/models")->status == 401);
        client->set_bearer_token_auth("right-key");
        const auto made = body_of(client->Post("/v1/videos", R"({"prompt": "a paper boat"})", "application/json"));
        const auto path = "/v1/videos/" + made["id"].get<std::string>();
        CHECK(client->Get(path)->status == 200);
        const auto broken = client->Get(path);
        CHECK(broken->status == 503);
        CHECK(broken->get_header_value("Retry-After") == "7");
        CHECK(client->Get(path)->status == 200);
    }
    const auto url = (*started)->url();
    started->reset();
    CHECK(log.find(" 503 ") != std::string::npos);
    httplib::Client gone(url.substr(0, url.size() - 3));
    CHECK_FALSE(gone.Get("/v1/models"));
}

TEST_CASE("what a server refuses is refused alike out of the module") {
    const Module module(shotwire::places::serve);
    Running running;
    auto options = running.options();
    options.host = "no.such.host.invalid";
    auto direct = serve::Server::start(options);
    REQUIRE_FALSE(direct);
    const auto refused = refusal_of(options);
    CHECK(refused.kind == ErrorKind::usage);
    CHECK(refused.message == direct.error().message);
}

TEST_CASE("without its module the embedded server is a local error that names the file") {
    const core::TemporaryFolder folder;
    const auto text = folder.path() / "text.so";
    REQUIRE(core::write_file(text, "no library", core::Existing::replace));
    const std::pair<std::string, const char*> cases[] = {
        {"/nowhere/shotwire-serve.so", "is missing"},
        {text.string(), "cannot be loaded"},
        {shotwire::places::fault_shim, "another version"},
    };
    for (const auto& [file, complaint] : cases) {
        const Module module(file);
        serve::Options options;
        options.state = folder.path() / "state";
        const auto refused = refusal_of(options);
        CAPTURE(refused.message);
        CHECK(refused.kind == ErrorKind::local);
        CHECK(refused.message.find(file) != std::string::npos);
        CHECK(refused.message.find(complaint) != std::string::npos);
        CHECK(refused.message.find('\n') == std::string::npos);
    }
    CHECK_FALSE(std::filesystem::exists(folder.path() / "state"));
}
