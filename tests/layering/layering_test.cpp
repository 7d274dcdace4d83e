#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "support/places.hpp"

namespace {
namespace fs = std::filesystem;

using Names = std::set<std::string>;

// Who may include whom: the table of src/README.md. A folder may always include itself and include/shotwire.
const std::map<std::string, Names> may_include{
    {"core", {}},
    {"config", {"core"}},
    {"shot", {"core"}},
    {"catalog", {"core", "shot"}},
    {"lint", {"core", "shot", "catalog"}},
    {"http", {"core"}},
    {"backend", {"core", "catalog", "http"}},
    {"media", {"core"}},
    {"media/helper", {"core", "shot", "media"}},
    {"job", {"core", "catalog", "backend", "http", "media"}},
    {"batch", {"core", "shot", "catalog", "lint", "job", "media"}},
    {"serve", {"core", "media"}},
    {"report", {"core", "catalog", "job", "media"}},
    {"cli", {"core", "config", "shot", "catalog", "lint", "http", "backend", "media", "job", "batch", "serve", "report"}},
    {"main", {"core", "cli"}},
};

// One door per outside world.
const std::map<std::string, Names> doors{
    {"curl/", {"http"}},      {"sqlite3.h", {"job"}},        {"libav", {"media/helper"}}, {"libsw", {"media/helper"}},
    {"cairo", {"media/helper"}}, {"CLI/", {"cli"}},          {"httplib.h", {"serve"}},    {"toml++", {"config"}},
    {"rapidjson/", {"core"}}, {"yaml-cpp", {"shot"}},   {"csv.h", {"batch"}},   {"openssl/", {"core", "http", "serve"}},
};

struct Include {
    fs::path file;
    std::string folder;  // of the including file
    std::string target;
    bool quoted = false;
};

std::string folder_of(const fs::path& relative) {
    auto parts = relative.parent_path().generic_string();
    if (parts.empty()) return "main";
    if (parts.starts_with("media/helper")) return "media/helper";
    return parts.substr(0, parts.find('/'));
}

std::vector<Include> includes(const fs::path& root) {
    std::vector<Include> found;
    const std::regex line_of(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
        const auto extension = entry.path().extension();
        if (extension != ".cpp" && extension != ".hpp") continue;
        std::ifstream file(entry.path());
        std::smatch match;
        for (std::string line; std::getline(file, line);)
            if (std::regex_match(line, match, line_of))
                found.push_back({entry.path(), folder_of(entry.path().lexically_relative(root)), match[2], match[1] == "\""});
    }
    return found;
}

const fs::path source = fs::path(shotwire::places::source);

}  // namespace

TEST_CASE("every folder includes only what the table allows") {
    const auto all = includes(source / "src");
    REQUIRE(all.size() > 200);
    for (const auto& include : all) {
        CAPTURE(include.file.string(), include.target);
        const auto allowed = may_include.find(include.folder);
        REQUIRE(allowed != may_include.end());  // a new folder needs a row in the table
        if (!include.quoted || include.target.starts_with("shotwire/")) continue;
        const auto target = folder_of(include.target);
        const bool beside = include.target.find('/') == std::string::npos;
        CHECK_FALSE(beside);  // a path from src/, so that a file can be found by reading
        CHECK((target == include.folder || allowed->second.contains(target)));
    }
}

TEST_CASE("each outside library comes in through one door") {
    for (const auto& include : includes(source / "src")) {
        if (include.quoted) continue;
        for (const auto& [library, folders] : doors) {
            if (!include.target.starts_with(library)) continue;
            CAPTURE(include.file.string(), include.target);
            CHECK(folders.contains(include.folder));
        }
    }
}

TEST_CASE("the public headers need the standard library alone") {
    const auto all = includes(source / "include");
    REQUIRE(!all.empty());
    for (const auto& include : all) {
        CAPTURE(include.file.string(), include.target);
        CHECK((include.target.starts_with("shotwire/") || (!include.quoted && include.target.find_first_of("./") == std::string::npos)));
    }
}

TEST_CASE("the map of the source has a line for every folder") {
    std::ifstream file(source / "src" / "README.md");
    const std::string map(std::istreambuf_iterator<char>(file), {});
    for (const auto& entry : fs::recursive_directory_iterator(source / "src")) {
        if (!entry.is_directory()) continue;
        const auto name = entry.path().lexically_relative(source / "src").generic_string();
        CAPTURE(name);
        CHECK(map.find("`" + name + "/`") != std::string::npos);
    }
}

TEST_CASE("the tables of the map and of this test agree") {
    std::ifstream file(source / "src" / "README.md");
    std::map<std::string, Names> told;
    const std::regex row(R"(^\| `([a-z/]+)/` \| .* \| ([^|]*) \|$)");
    std::smatch match;
    for (std::string line; std::getline(file, line);) {
        if (!std::regex_match(line, match, row)) continue;
        std::istringstream words(match[2]);
        for (std::string word; words >> word;) told[match[1]].insert(word);
        told[match[1]].erase("-");
    }
    for (const auto& [folder, allowed] : may_include) {
        if (folder == "main") continue;
        CAPTURE(folder);
        CHECK(told.contains(folder));
        CHECK(told[folder] == (folder == "cli" ? Names{"all"} : allowed));
    }
}

TEST_CASE("only what belongs there stands at the top") {
    const Names known{"CMakeLists.txt", "CMakePresets.json", "README.md", "LICENSE", "include", "src", "tests", "examples", "build"};
    for (const auto& entry : fs::directory_iterator(source)) {
        const auto name = entry.path().filename().string();
        CAPTURE(name);
        CHECK((name.starts_with(".") || name.starts_with("build") || known.contains(name)));
    }
}
