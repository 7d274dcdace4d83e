// Every row of matrix.md has a test that bears its id, and every id that a test bears is a row.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>

#include "support/places.hpp"

namespace {
namespace fs = std::filesystem;

using Ids = std::set<std::string>;

std::string text_of(const fs::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

Ids all_matches(const std::string& text, const std::regex& pattern) {
    Ids found;
    for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) found.insert((*at)[1]);
    return found;
}

// Id and where it runs.
std::map<std::string, std::string> rows_of(const std::string& matrix) {
    std::map<std::string, std::string> rows;
    const std::regex row("\n\\| ([A-Z][0-9]+) ((?:●|◐|○)+) \\|");
    for (std::sregex_iterator at(matrix.begin(), matrix.end(), row), end; at != end; ++at) rows[(*at)[1]] = (*at)[2];
    return rows;
}
Ids tests_of(const std::string& source) { return all_matches(source, std::regex(R"(TEST_CASE\(\s*"([A-Z][0-9]+): )")); }
Ids steps_of(const std::string& script) { return all_matches(script, std::regex(R"((?:^|\n)row ([A-Z][0-9]+) )")); }

// What is wrong between the rows and their tests; `pending` are rows that have none yet.
Ids discord(const std::map<std::string, std::string>& rows, const Ids& tests, const Ids& steps, const Ids& pending) {
    Ids wrong;
    for (const auto& [id, where] : rows) {
        const bool nightly_alone = where == "○";
        const bool proved = tests.contains(id) || (nightly_alone && steps.contains(id));
        if (proved && pending.contains(id)) wrong.insert(id + " has a test and is no longer pending");
        if (!proved && !pending.contains(id)) wrong.insert(id + " has no test");
    }
    for (const auto& [what, ids] : std::map<std::string, Ids>{{"test", tests}, {"step", steps}, {"pending id", pending}})
        for (const auto& id : ids)
            if (!rows.contains(id)) wrong.insert(what + " " + id + " is of no row");
    return wrong;
}

// Rows without a test: this list only shrinks.
const Ids pending{};

}  // namespace

TEST_CASE("every row of the fault matrix has its test, and every such test its row") {
    const fs::path tests = fs::path(shotwire::places::source) / "tests";
    const auto rows = rows_of(text_of(tests / "fault/matrix.md"));
    REQUIRE(rows.size() >= 100);
    Ids named, steps;
    for (const auto& entry : fs::recursive_directory_iterator(tests)) {
        if (entry.path().extension() == ".cpp" && entry.path().filename() != "matrix_test.cpp") named.merge(tests_of(text_of(entry.path())));
        if (entry.path().extension() == ".sh" && entry.path().parent_path().filename() == "fault") steps.merge(steps_of(text_of(entry.path())));
    }
    for (const auto& wrong : discord(rows, named, steps, pending)) FAIL_CHECK(wrong);
}

TEST_CASE("a row without a test, a test without a row and an idle pending entry are each told") {
    const auto rows = rows_of("\n| S1 ● | a | b |\n| S2 ● | a | b |\n| N1 ○ | a | b |\n| F1 ●○ | a | b |\n");
    REQUIRE(rows.size() == 4);
    const auto tests = tests_of("TEST_CASE(\"S1: x\") {}\nTEST_CASE(\n    \"S2: y\") {}\nTEST_CASE(\"F1: z\")\nTEST_CASE(\"S3 is no id\")");
    const auto steps = steps_of("row N1 \"black hole\" hole\n  row N9 inside another word\narrow N8 x\n");
    CHECK(discord(rows, tests, steps, {}).empty());
    CHECK(discord(rows, {"S1", "F1"}, steps, {}) == Ids{"S2 has no test"});
    CHECK(discord(rows, {"S1", "F1"}, steps, {"S2"}).empty());
    CHECK(discord(rows, tests, steps, {"S2"}) == Ids{"S2 has a test and is no longer pending"});
    CHECK(discord(rows, tests, {}, {}) == Ids{"N1 has no test"});
    CHECK(discord(rows, {"S1", "S2"}, {"N1", "F1"}, {}) == Ids{"F1 has no test"});
    CHECK(discord(rows, {"S1", "S2", "F1", "S77"}, {"N1", "N8"}, {"B9"}) == Ids{"pending id B9 is of no row", "step N8 is of no row", "test S77 is of no row"});
}
