#pragma once
#include <chrono>
#include <filesystem>

#include "job/sqlite.hpp"

namespace shotwire::job {

// The ledger's file: made whole or not at all, looked at before it is believed, brought up to the format of this version in one
// transaction, with a copy of what it was beside it. Errors: local, naming the file; nothing is ever written over.
Result<Sqlite> open_ledger_file(const std::filesystem::path& file, std::chrono::milliseconds patience);

}  // namespace shotwire::job
