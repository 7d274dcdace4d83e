#include <catch2/catch.hpp>
#include <map>

#include "config/config.hpp"
#include "core/files.hpp"

using namespace shotwire;
using config::KeySource;

namespace {

std::optional<std::string> no_variables(const std::string&) { return {}; }

KeySource by_command(const std::string& command) { return {"fal", command, {}, {"FAL_KEY"}}; }

std::string refusal(const KeySource& source) {
    const auto key = config::find_key(source, no_variables);
    REQUIRE_FALSE(key);
    REQUIRE(key.error().kind == ErrorKind::auth);
    UNSCOPED_INFO(key.error().message);
    CHECK(key.error().message.find("sekret") == std::string::npos);
    return key.error().message;
}

bool holds(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a command's one line is the key, and comes before the variables") {
    const auto variables = [](const std::string&) -> std::optional<std::string> { return "from-variable"; };
    const auto key = config::find_key(by_command("printf 'sekret-1\\n'"), variables);
    REQUIRE(key);
    CHECK(key->expose() == "sekret-1");
}

TEST_CASE("K4: a command that fails, says nothing or says too much is refused without quoting it") {
    CHECK(holds(refusal(by_command("echo sekret >&2; exit 3")), "key_command of route fal failed with exit code 3"));
    CHECK(holds(refusal(by_command("true")), "printed nothing"));
    CHECK(holds(refusal(by_command("echo sekret; echo user: me")), "printed 2 lines"));
    CHECK(holds(refusal(by_command("echo sekret with spaces")), "key_command of route fal"));
}

TEST_CASE("K4: a key file is read when it is the user's alone") {
    core::TemporaryFolder folder;
    const auto file = folder.path() / "key";
    REQUIRE(core::write_file(file, "sekret-2\n", core::Existing::keep, 0600));
    KeySource source{"fal", {}, file, {}};
    const auto key = config::find_key(source, no_variables);
    REQUIRE(key);
    CHECK(key->expose() == "sekret-2");

    for (const auto mode : {0640, 0604, 0620, 0666}) {
        std::filesystem::permissions(file, std::filesystem::perms(mode));
        CHECK(holds(refusal(source), "chmod 600"));
    }
    source.file = folder.path();
    CHECK(holds(refusal(source), "not a regular file"));
    source.file = folder.path() / "missing";
    CHECK(holds(refusal(source), "missing"));
}

TEST_CASE("the first variable that is set is the key") {
    const auto variables = [](const std::string& name) -> std::optional<std::string> {
        if (name == "EMPTY") return "";
        if (name == "SECOND") return "sekret-3";
        return {};
    };
    const auto key = config::find_key({"kling", {}, {}, {"FIRST", "EMPTY", "SECOND"}}, variables);
    REQUIRE(key);
    CHECK(key->expose() == "sekret-3");
}

TEST_CASE("a missing key says where it is looked for") {
    const auto message = refusal({"openai", {}, {}, {"OPENAI_API_KEY"}});
    CHECK(holds(message, "$OPENAI_API_KEY"));
    CHECK(holds(message, "[routes.openai]"));
    CHECK(KeySource{"fal", "x", {}, {}}.shown() == "key_command of route fal");
    CHECK(KeySource{"fal", {}, "x", {}}.shown() == "key_file of route fal");
    CHECK(KeySource{"fal", {}, {}, {"A", "B"}}.shown() == "$A or $B");
}

TEST_CASE("two variables make one key, and half of them names the other") {
    const KeySource source{"kling", {}, {}, {"KLING_API_KEY"}, {{"KLING_ACCESS_KEY", "KLING_SECRET_KEY"}}, {}};
    std::map<std::string, std::string> set{{"KLING_ACCESS_KEY", "sekret-a"}, {"KLING_SECRET_KEY", "sekret-b"}};
    const auto variables = [&](const std::string& name) -> std::optional<std::string> {
        return set.contains(name) ? std::optional(set[name]) : std::nullopt;
    };
    CHECK(config::find_key(source, variables)->expose() == "sekret-a:sekret-b");
    CHECK(config::has_key(source, variables));
    set["KLING_API_KEY"] = "sekret-c";
    CHECK(config::find_key(source, variables)->expose() == "sekret-c");
    set = {{"KLING_SECRET_KEY", "sekret-b"}, {"KLING_ACCESS_KEY", ""}};
    CHECK_FALSE(config::has_key(source, variables));
    const auto half = config::find_key(source, variables);
    REQUIRE_FALSE(half);
    CHECK(holds(half.error().message, "$KLING_ACCESS_KEY is not set"));
    set = {{"KLING_ACCESS_KEY", "sek ret"}, {"KLING_SECRET_KEY", "sekret-b"}};
    CHECK(holds(config::find_key(source, variables).error().message, "$KLING_ACCESS_KEY has a space"));
    CHECK(source.shown() == "$KLING_API_KEY or $KLING_ACCESS_KEY with $KLING_SECRET_KEY");
}

TEST_CASE("a variable may name the file of a service account, which must be the user's alone") {
    core::TemporaryFolder folder;
    const auto file = folder.path() / "account.json";
    REQUIRE(core::write_file(file, "{\n  \"client_email\": \"a@b.example\",\n  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nsekret\\n\"\n}\n",
                             core::Existing::keep, 0600));
    const KeySource source{"vertex", {}, {}, {"GOOGLE_OAUTH_ACCESS_TOKEN"}, {}, {"GOOGLE_APPLICATION_CREDENTIALS"}};
    const auto variables = [&](const std::string& name) -> std::optional<std::string> {
        return name == "GOOGLE_APPLICATION_CREDENTIALS" ? std::optional(file.string()) : std::nullopt;
    };
    CHECK(config::has_key(source, variables));
    const auto key = config::find_key(source, variables);
    REQUIRE(key);
    CHECK(key->expose() == R"({"client_email":"a@b.example","private_key":"-----BEGIN PRIVATE KEY-----\nsekret\n"})");
    CHECK(config::find_key(by_command("cat " + file.string()), no_variables)->expose() == key->expose());
    std::filesystem::permissions(file, std::filesystem::perms(0644));
    const auto open = config::find_key(source, variables);
    REQUIRE_FALSE(open);
    CHECK(holds(open.error().message, "file that $GOOGLE_APPLICATION_CREDENTIALS names"));
    CHECK(holds(open.error().message, "chmod 600"));
    REQUIRE(core::write_file(folder.path() / "broken.json", "{\"a\": ", core::Existing::keep, 0600));
    const auto broken = config::find_key({"vertex", {}, folder.path() / "broken.json", {}}, no_variables);
    REQUIRE_FALSE(broken);
    CHECK(holds(broken.error().message, "begins like JSON"));
    CHECK(holds(refusal(source), "the file $GOOGLE_APPLICATION_CREDENTIALS"));
}
