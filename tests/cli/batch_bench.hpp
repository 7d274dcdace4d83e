#pragma once
#include "harness.hpp"

namespace shotwire::test {

inline std::vector<json> documents(const Ran& ran) {
    std::vector<json> found;
    for (const auto& line : ran.lines()) {
        if (line.empty()) continue;
        CAPTURE(line);
        auto document = core::parse_json(line, "a line");
        REQUIRE(bool(document));
        found.push_back(*document);
    }
    return found;
}
inline const std::vector<std::string> tiny{"--size", "128x72", "-d", "1", "-q"};
inline std::vector<std::string> tiny_batch(std::vector<std::string> more) {
    more.insert(more.begin(), "batch");
    more.insert(more.end(), tiny.begin(), tiny.end());
    return more;
}
inline std::size_t creates(const Home& home, const std::string& state = "state/shotwire/serve") {
    std::size_t count = 0;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(home.work().parent_path() / state / "jobs", failed)) count += entry.is_directory();
    return count;
}

// A host whose clips cost USD 0.10 a second.
struct Priced {
    Home home;
    FaultyServer server;

    explicit Priced(const std::vector<std::string>& faults = {}) : server(home, faults) {
        home.write("config/shotwire/models.d/priced.json", R"({"models": [{"id": "priced", "routes": [{"route": "openai", "id": "animatic"}], "seconds": {"least": 1, "most": 10, "default": 1},
            "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    }
    Ran run(std::vector<std::string> more) {
        const auto flags = server.make();
        const auto after = [&](const char* flag) { return *std::next(std::find(flags.begin(), flags.end(), flag)); };
        more.insert(more.end(), {"-m", "openai:priced", "--base-url", after("--base-url"), "--cacert", after("--cacert")});
        return home.program(more);
    }
};

// What each row ended with.
inline std::map<std::string, int> exits(const Ran& ran) {
    std::map<std::string, int> found;
    for (const auto& document : documents(ran)) found[document["row"]] = document["exit"];
    return found;
}

}  // namespace shotwire::test
