#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "backend/backend.hpp"
#include "cli/run.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "support/places.hpp"

using namespace shotwire;
namespace fs = std::filesystem;

namespace {

const fs::path goldens = fs::path(places::source) / "tests/golden";

// tests/golden/<backend>/<case>: args (a word a line, {dir} is the case's folder), request.json
std::vector<fs::path> golden_cases() {
    std::vector<fs::path> cases;
    for (const auto& entry : fs::recursive_directory_iterator(goldens))
        if (entry.path().filename() == "args") cases.push_back(entry.path().parent_path());
    std::sort(cases.begin(), cases.end());
    return cases;
}

struct Day : core::Clock {
    core::Wall wall() const override { return *core::parse_iso_time("2026-11-22"); }
};

std::optional<std::string> key_is_set(const std::string& name) {
    return name.ends_with("_KEY") ? std::optional<std::string>("its value is not read") : std::nullopt;
}

std::string dry_run(const fs::path& dir) {
    std::vector<std::string> args{"make", "--dry-run", "--json", "--quiet"};
    for (auto word : core::split(*core::read_file(dir / "args"), '\n')) {
        if (const auto at = word.find("{dir}"); at != std::string::npos) word.replace(at, 5, dir.string());
        args.push_back(word);
    }
    std::ostringstream out, err;
    std::istringstream in;
    Day day;
    cli::Interrupt interrupt;
    cli::World world{out, err, in, key_is_set, day, interrupt};
    const int exit = cli::run(args, world);
    CAPTURE(err.str());
    REQUIRE(exit == 0);
    REQUIRE(out.str().find("its value") == std::string::npos);
    return out.str();
}

}  // namespace

TEST_CASE("requests match their golden files") {
    const auto dir = GENERATE(from_range(golden_cases()));
    CAPTURE(dir);
    core::TemporaryFolder home;
    setenv("XDG_CONFIG_HOME", home.path().c_str(), 1);
    setenv("XDG_STATE_HOME", home.path().c_str(), 1);
    const auto got = dry_run(dir);
    if (std::getenv("SHOTWIRE_UPDATE_GOLDEN")) {
        std::ofstream(dir / "request.json") << got;
        FAIL_CHECK("rewritten: read the diff, then run without the variable");
        return;
    }
    const auto wanted = core::read_file(dir / "request.json");
    REQUIRE(bool(wanted));
    REQUIRE(got == *wanted);
}

TEST_CASE("every backend has golden requests") {
    for (const auto& entry : backend::registry()) {
        CAPTURE(entry.name);
        // What the custom one sends is in its examples' files: they stand in the matrix.
        REQUIRE(fs::is_directory(goldens / (entry.name == std::string("custom") ? "matrix/runway" : entry.name)));
    }
}
