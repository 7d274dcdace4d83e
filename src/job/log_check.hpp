#pragma once
#include <filesystem>

namespace shotwire::job {

// Whether the ledger's log (-wal) is shorter than what was committed to it. SQLite would take the end of a cut log for the end of
// what happened, and a job that was paid for one that was never sent.
bool log_is_cut(const std::filesystem::path& ledger);

}  // namespace shotwire::job
