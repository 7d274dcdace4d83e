#include <catch2/catch.hpp>

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

bool says(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("a command's one line is the key, and comes before the variables") {
    const auto variables = [](const std::string&) -> std::optional<std::string> { return "from-variable"; };
    const auto key = config::find_key(by_command("printf 'sekret-1\\n'"), variables);
    REQUIRE(key);
    CHECK(key->expose() == "sekret-1");
}

TEST_CASE("a command that fails, says nothing or says too much is refused without quoting it") {
    CHECK(says(refusal(by_command("echo sekret >&2; exit 3")), "key_command of route fal failed with exit code 3"));
    CHECK(says(refusal(by_command("true")), "printed nothing"));
    CHECK(says(refusal(by_command("echo sekret; echo user: me")), "printed 2 lines"));
    CHECK(says(refusal(by_command("echo sekret with spaces")), "key_command of route fal"));
}

TEST_CASE("a key file is read when it is the user's alone") {
    core::TemporaryFolder folder;
    const auto file = folder.path() / "key";
    REQUIRE(core::write_file(file, "sekret-2\n", core::Existing::keep, 0600));
    KeySource source{"fal", {}, file, {}};
    const auto key = config::find_key(source, no_variables);
    REQUIRE(key);
    CHECK(key->expose() == "sekret-2");

    for (const auto mode : {0640, 0604, 0620, 0666}) {
        std::filesystem::permissions(file, std::filesystem::perms(mode));
        CHECK(says(refusal(source), "chmod 600"));
    }
    source.file = folder.path();
    CHECK(says(refusal(source), "not a regular file"));
    source.file = folder.path() / "missing";
    CHECK(says(refusal(source), "missing"));
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
    CHECK(says(message, "$OPENAI_API_KEY"));
    CHECK(says(message, "[routes.openai]"));
    CHECK(KeySource{"fal", "x", {}, {}}.shown() == "key_command of route fal");
    CHECK(KeySource{"fal", {}, "x", {}}.shown() == "key_file of route fal");
    CHECK(KeySource{"fal", {}, {}, {"A", "B"}}.shown() == "$A or $B");
}
