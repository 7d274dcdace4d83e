#pragma once
#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "shotwire/order.hpp"

// The promises of matrix.md, judged after every fault test by what others saw: the server's book, the disk, the clock.
namespace shotwire::test {

// A paid request that a server accepted.
struct Sale {
    std::string id;      // that it gave out
    std::string prompt;  // tells which order it was
    std::string body;
    std::string key = {};  // idempotency key, where it came with one
    Money price = {};
    bool failed = false;       // its job ended there without a clip
    std::string clip_sha256 = {};  // of the clip that it made
    std::filesystem::path ledger_then = {};  // a copy of the ledger, taken as its first byte came; empty: none was taken
};

// Any request, and the place that heard it.
struct Visit {
    std::string method, target, head;
    std::chrono::steady_clock::time_point at = {};
};

// What servers wrote down as it happened.
struct Book {
    std::vector<Sale> sales;
    std::vector<Visit> calls;      // at the configured origin
    std::vector<Visit> elsewhere;  // at any other
    struct Wait {                 // it asked to leave that alone for so long
        std::string method, target;
        std::chrono::steady_clock::time_point from = {};
        std::chrono::milliseconds length = {};
    };
    std::vector<Wait> waits;
    int most_connections = 0, most_downloads = 0;  // at once
};

// What came of the program.
struct Output {
    int exit = 0;
    std::string out = {}, err = {};
    bool json = false;  // it was asked for --json
    std::string command_line = {};  // as others on the machine saw it
    std::chrono::milliseconds took = {};
    long peak_memory = 0;  // in kB; 0: not measured
};

// What the test allows, and what it asked for.
struct Terms {
    std::vector<std::string> secrets = {};  // that must be nowhere
    int asked = 1;                     // clips
    int resent = 0;                    // paid requests that exist by the user's word
    std::optional<std::size_t> calls_without_fault = {};  // where load is judged
    int most_downloads = 64;
    std::optional<std::chrono::milliseconds> time_limit = {};
    std::optional<Money> budget = {};
    std::map<std::filesystem::path, std::string> untouched = {};  // files of others and their SHA-256
    long most_memory = 160'000;                              // kB
    std::vector<std::string> also_whole = {};  // SHA-256 of clips that are right although the server did not make them
    bool may_be_bug = false;      // exit 70 is the right one
    bool ledger_is_lost = false;  // the fault was its removal or damage: its content is not judged
};

// Each broken promise, "I4: ..."; none: all hold. `folder` is where the clips go.
std::vector<std::string> broken_invariants(const Book& book, const std::filesystem::path& ledger, const std::filesystem::path& folder,
                                           const Output& output, const Terms& terms);

// Fails the running test for each of them.
void check_invariants(const Book& book, const std::filesystem::path& ledger, const std::filesystem::path& folder, const Output& output,
                      const Terms& terms = {});

}  // namespace shotwire::test
