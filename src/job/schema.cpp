#include "job/schema.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "core/files.hpp"
#include "core/hash.hpp"

namespace shotwire::job {
namespace {
namespace fs = std::filesystem;

constexpr int application = 0x53685774;  // "ShWt": tells a ledger from other SQLite files
constexpr int schema = 3;

// Rows lie in the order of their making: the jobs that a batch has under way share pages, and a row does not overflow its own. What
// changes often is small, or in a table of its own. (An IN in an index would build its list at each change of a row.)
constexpr const char* job_tables = R"sql(
    CREATE TABLE jobs (
        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, fingerprint TEXT NOT NULL, ordinal INTEGER NOT NULL, stage TEXT NOT NULL,
        route TEXT NOT NULL, model TEXT NOT NULL, seconds REAL NOT NULL,
        created INTEGER NOT NULL, updated INTEGER NOT NULL, accepted INTEGER, took INTEGER,
        price INTEGER, settled INTEGER, attempt INTEGER NOT NULL, handle TEXT,
        profile TEXT NOT NULL, batch TEXT NOT NULL, batch_row TEXT NOT NULL, resolution TEXT NOT NULL,
        day TEXT NOT NULL DEFAULT '', cost INTEGER NOT NULL DEFAULT 0, wanted TEXT NOT NULL, detail TEXT NOT NULL);
    CREATE UNIQUE INDEX one_live_job ON jobs (fingerprint, ordinal) WHERE stage <> 'failed' AND stage <> 'rejected' AND stage <> 'cancelled';
    CREATE INDEX by_fingerprint ON jobs (fingerprint);
    CREATE INDEX unfinished ON jobs (created) WHERE stage <> 'done' AND stage <> 'mismatch' AND stage <> 'expired' AND stage <> 'failed' AND stage <> 'rejected' AND stage <> 'cancelled';
    CREATE INDEX by_model ON jobs (route, model, created);
    CREATE INDEX by_batch ON jobs (batch) WHERE batch <> '';
    CREATE TABLE leases (job INTEGER PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL, nonce INTEGER NOT NULL);
    CREATE TABLE history (job INTEGER NOT NULL, at INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, note TEXT NOT NULL);
    CREATE INDEX history_of ON history (job);
)sql";
constexpr const char* money_tables = R"sql(
    CREATE TABLE accounts (profile TEXT NOT NULL, day TEXT NOT NULL, micros INTEGER NOT NULL, PRIMARY KEY (profile, day)) WITHOUT ROWID;
    CREATE TABLE forgotten (day TEXT NOT NULL, profile TEXT NOT NULL, route TEXT NOT NULL, model TEXT NOT NULL, batch TEXT NOT NULL,
        cost INTEGER NOT NULL, settled INTEGER NOT NULL);
)sql";

// Format 1 knew no money but each job's price, and kept the order among a row's details.
constexpr const char* from_first = R"sql(
    ALTER TABLE jobs ADD COLUMN profile TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN batch TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN batch_row TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN resolution TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN day TEXT NOT NULL DEFAULT '';
    ALTER TABLE jobs ADD COLUMN cost INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE jobs ADD COLUMN wanted TEXT NOT NULL DEFAULT '{}';
    UPDATE jobs SET wanted = coalesce(json_extract(detail, '$.order'), '{}'),
        resolution = coalesce(json_extract(detail, '$.order.resolution'), ''),
        day = CASE WHEN json_extract(detail, '$.submitted') IS NULL THEN ''
              ELSE date(json_extract(detail, '$.submitted') / 1000, 'unixepoch') END,
        cost = CASE WHEN stage = 'planned' THEN 0
               WHEN stage IN ('failed', 'rejected', 'cancelled') AND coalesce(handle, '') = '' THEN coalesce(settled, 0)
               ELSE coalesce(settled, price, 0) END;
    UPDATE jobs SET detail = json_remove(detail, '$.order');
)sql";
constexpr const char* fill_accounts = "INSERT INTO accounts SELECT profile, day, sum(cost) FROM jobs WHERE cost <> 0 GROUP BY profile, day";

// Up to format 2 a job's row held its lease, and lay where its id put it.
constexpr const char* put_aside = R"sql(
    DROP INDEX one_live_job; DROP INDEX by_stage; DROP INDEX by_model; DROP INDEX history_of;
    DROP INDEX IF EXISTS by_fingerprint; DROP INDEX IF EXISTS by_batch;
    ALTER TABLE jobs RENAME TO old_jobs;
    ALTER TABLE history RENAME TO old_history;
)sql";
constexpr const char* take_over = R"sql(
    INSERT INTO jobs (id, fingerprint, ordinal, stage, route, model, seconds, created, updated, accepted, took, price, settled, attempt, handle,
                      profile, batch, batch_row, resolution, day, cost, wanted, detail)
        SELECT id, fingerprint, ordinal, stage, route, model, seconds, created, updated, accepted, took, price, settled, attempt, handle,
               profile, batch, batch_row, resolution, day, cost, wanted, detail FROM old_jobs ORDER BY created, id;
    INSERT INTO leases SELECT number, lease_owner, lease_until, lease_count FROM old_jobs JOIN jobs USING (id) WHERE lease_owner <> '';
    INSERT INTO history SELECT number, at, before, after, note FROM old_history JOIN jobs ON jobs.id = old_history.job ORDER BY old_history.rowid;
    DROP TABLE old_jobs;
    DROP TABLE old_history;
)sql";

// Made beside its place and linked into it, so that whoever finds the file finds it whole.
Result<> create(const fs::path& file) {
    if (auto made = core::make_private_folder(file.parent_path()); !made) return made;
    const fs::path fresh = file.string() + "." + core::random_id("", 8) + ".new";
    auto built = [&]() -> Result<> {
        auto db = Sqlite::open(fresh, true, std::chrono::seconds(5));
        if (!db) return db.error();
        // Pages of six rows: a turn's changes are a quarter fewer writes than with SQLite's own size.
        if (auto done = db->run("PRAGMA page_size = 8192; PRAGMA synchronous = FULL; BEGIN"); !done) return done;
        for (const char* tables : {job_tables, money_tables})
            if (auto done = db->run(tables); !done) return done;
        if (auto done = db->run(fmt::format("PRAGMA application_id = {}; PRAGMA user_version = {}; COMMIT", application, schema).c_str()); !done)
            return done;
        return db->run("PRAGMA journal_mode = WAL");
    }();
    std::error_code failed;
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, failed);
    if (built && ::link(fresh.c_str(), file.c_str()) != 0 && errno != EEXIST) built = core::system_error("create", file);
    for (const char* tail : {"", "-wal", "-shm", "-journal"}) ::unlink((fresh.string() + tail).c_str());
    return built ? core::sync_folder(file.parent_path()) : built;
}

Result<std::int64_t> pragma(Sqlite& db, const char* sql) {
    auto statement = db.prepare(sql);
    if (!statement) return statement.error();
    auto row = statement->step();
    if (!row) return row.error();
    return statement->integer(0);
}

// All or nothing, under the write lock: of two processes that come at once the second finds it done. What was there is kept beside it.
Result<> migrate(Sqlite& db, const fs::path& file) {
    if (auto begun = db.run("BEGIN IMMEDIATE"); !begun) return begun;
    auto version = pragma(db, "PRAGMA user_version");
    const auto give_up = [&](Error why) {
        (void)db.run("ROLLBACK");
        return why;
    };
    if (!version) return give_up(version.error());
    if (*version >= schema) return db.run("ROLLBACK");
    std::vector<const char*> steps;
    if (*version < 2) steps = {from_first, money_tables, fill_accounts};
    for (const char* step : {put_aside, job_tables, take_over}) steps.push_back(step);
    for (const char* step : steps)
        if (auto done = db.run(step); !done) return give_up(done.error());
    if (auto done = db.run(fmt::format("PRAGMA user_version = {}", schema).c_str()); !done) return give_up(done.error());
    if (auto done = db.run("COMMIT"); !done) return give_up(done.error());
    return core::sync_folder(file.parent_path());
}

Result<> keep_copy(Sqlite& db, const fs::path& file, std::int64_t version) {
    const fs::path copy = fmt::format("{}.format-{}", file.string(), version);
    std::error_code failed;
    if (fs::exists(copy, failed)) return Ok{};
    const fs::path fresh = copy.string() + "." + core::random_id("", 8);
    auto into = db.prepare("VACUUM INTO ?");
    if (!into) return into.error();
    into->bind(fresh.native());
    if (auto done = into->step(); !done) return done.error();
    fs::permissions(fresh, fs::perms::owner_read | fs::perms::owner_write, failed);
    const core::Fd written(::open(fresh.c_str(), O_RDONLY | O_CLOEXEC));
    if (!written || ::fsync(written.get()) != 0) return core::system_error("sync", fresh);
    if (::link(fresh.c_str(), copy.c_str()) != 0 && errno != EEXIST) return core::system_error("create", copy);
    ::unlink(fresh.c_str());
    return core::sync_folder(file.parent_path());
}

}  // namespace

Result<Sqlite> open_ledger_file(const fs::path& file, std::chrono::milliseconds patience) {
    std::error_code failed;
    if (!fs::exists(file, failed)) {
        if (fs::exists(file.string() + "-wal", failed))
            return Error{ErrorKind::local, fmt::format("the ledger {} is gone but its log {}-wal is there; put the file back, or move the log away and keep it", file.string(), file.string())};
        if (auto made = create(file); !made) return made.error();
    }
    if (fs::file_size(file, failed) == 0 && !failed)
        return Error{ErrorKind::local, fmt::format("the ledger {} is empty: it was damaged. Put back a copy, or move it away", file.string())};
    auto db = Sqlite::open(file, false, patience);
    if (!db) return db.error();
    auto app = pragma(*db, "PRAGMA application_id");
    if (!app) return app.error();
    auto version = pragma(*db, "PRAGMA user_version");
    if (!version) return version.error();
    if (*app != application) return Error{ErrorKind::local, fmt::format("{} is not a ledger of shotwire", file.string())};
    if (*version > schema)
        return Error{ErrorKind::local, fmt::format("the ledger {} was written by a newer shotwire (format {}, this one reads {})", file.string(), *version, schema)};
    if (auto set = db->run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 1000"); !set) return set.error();
    if (auto seen = pragma(*db, "SELECT count(*) FROM sqlite_schema WHERE name IN ('jobs', 'history')"); !seen || *seen != 2)
        return seen ? Error{ErrorKind::local, fmt::format("the ledger {} is damaged: its tables are missing", file.string())} : seen.error();
    if (*version < schema) {
        if (auto kept = keep_copy(*db, file, *version); !kept) return kept.error();
        if (auto done = migrate(*db, file); !done) return done.error();
    }
    return std::move(*db);
}

}  // namespace shotwire::job
