#include "job/examine.hpp"

#include <spdlog/fmt/fmt.h>

#include "job/ledger.hpp"
#include "job/sqlite.hpp"

namespace shotwire::job {
namespace fs = std::filesystem;

namespace {

// The rows that can still be read.
Result<> count_jobs(Sqlite& db, Examined& found) {
    auto statement = db.prepare("SELECT stage, count(*) FROM jobs GROUP BY stage");
    if (!statement) return statement.error();
    while (true) {
        auto more = statement->step();
        if (!more) return more.error();
        if (!*more) return Ok{};
        const auto stage = stage_from(statement->text(0));
        found.jobs += statement->integer(1);
        if (stage && !is_final(*stage)) found.unfinished += statement->integer(1);
        if (!stage) found.problems.push_back(fmt::format("{} jobs have the stage '{}', which there is not", statement->integer(1), statement->text(0)));
    }
}

}  // namespace

Result<Examined> examine(const fs::path& given) {
    const auto file = fs::absolute(given);
    Examined found;
    std::error_code failed;
    if (!fs::exists(file, failed)) {
        if (fs::exists(file.string() + "-wal", failed)) return Error{ErrorKind::local, fmt::format("the ledger {} is gone but its log is there", file.string())};
        return found;
    }
    found.there = true;
    if (fs::file_size(file, failed) == 0) {
        found.problems.emplace_back("the file is empty");
        return found;
    }
    auto db = Sqlite::open(file, false, std::chrono::seconds(5));
    if (!db) return db.error();
    auto checked = db->prepare("PRAGMA integrity_check(5)");
    if (!checked) return checked.error();
    while (true) {
        auto more = checked->step();
        if (!more) return more.error();
        if (!*more) break;
        if (const auto line = checked->text(0); line != "ok") found.problems.push_back(line);
    }
    auto version = db->prepare("PRAGMA user_version");
    if (!version) return version.error();
    if (auto row = version->step(); !row) return row.error();
    found.format = version->integer(0);
    if (auto counted = count_jobs(*db, found); !counted) found.problems.push_back(counted.error().message);
    return found;
}

std::string sqlite_version() { return sqlite3_libversion(); }

}  // namespace shotwire::job
