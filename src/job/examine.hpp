#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::job {

// A ledger as it lies there, looked at and not changed: neither made where there is none nor brought to this version's format.
struct Examined {
    bool there = false;
    std::int64_t format = 0;  // of the file
    std::int64_t jobs = 0, unfinished = 0;
    std::vector<std::string> problems = {};  // of SQLite's integrity check and of a look at the rows; empty: sound
};
// Errors: local, where it cannot be opened at all.
Result<Examined> examine(const std::filesystem::path& ledger);

std::string sqlite_version();

}  // namespace shotwire::job
