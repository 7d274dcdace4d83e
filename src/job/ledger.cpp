#include "job/ledger.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <map>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "job/lease.hpp"
#include "job/row_json.hpp"
#include "job/sqlite.hpp"

namespace shotwire::job {
namespace {
namespace fs = std::filesystem;

constexpr int application = 0x53685774;  // "ShWt": tells a ledger from other SQLite files
constexpr int schema = 1;
constexpr auto lease_length = std::chrono::seconds(30);

constexpr const char* create_schema = R"sql(
    CREATE TABLE jobs (
        id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, ordinal INTEGER NOT NULL, stage TEXT NOT NULL,
        route TEXT NOT NULL, model TEXT NOT NULL, seconds REAL NOT NULL,
        created INTEGER NOT NULL, updated INTEGER NOT NULL, accepted INTEGER, took INTEGER,
        price INTEGER, settled INTEGER, attempt INTEGER NOT NULL, handle TEXT,
        lease_owner TEXT NOT NULL DEFAULT '', lease_until INTEGER NOT NULL DEFAULT 0, lease_count INTEGER NOT NULL DEFAULT 0,
        detail TEXT NOT NULL) WITHOUT ROWID;
    CREATE UNIQUE INDEX one_live_job ON jobs (fingerprint, ordinal) WHERE stage NOT IN ('failed', 'rejected', 'cancelled');
    CREATE INDEX by_stage ON jobs (stage, created);
    CREATE INDEX by_model ON jobs (route, model, created);
    CREATE TABLE history (job TEXT NOT NULL, at INTEGER NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL, note TEXT NOT NULL);
    CREATE INDEX history_of ON history (job);
)sql";

constexpr const char* columns =
    "id, fingerprint, ordinal, stage, route, model, seconds, created, updated, accepted, price, settled, attempt, handle, detail, took";

Row read_row(const Statement& from) {
    Row row;
    row.id = {from.text(0)};
    row.fingerprint = from.text(1);
    row.ordinal = int(from.integer(2));
    row.stage = stage_from(from.text(3)).value_or(Stage::failed);
    row.route = from.text(4);
    row.model = from.text(5);
    row.seconds = from.real(6);
    row.created = from_ms(from.integer(7));
    row.updated = from_ms(from.integer(8));
    if (const auto at = from.maybe_integer(9)) row.accepted = from_ms(*at);
    if (const auto micros = from.maybe_integer(10)) row.price = Money{*micros};
    if (const auto micros = from.maybe_integer(11)) row.settled = Money{*micros};
    row.attempt = int(from.integer(12));
    if (const auto handle = from.text(13); !handle.empty())
        if (auto value = json::parse(handle, nullptr, false); !value.is_discarded()) row.handle = backend::Handle{value};
    read_detail(row, from.text(14));
    if (const auto took = from.maybe_integer(15)) row.took = std::chrono::milliseconds(*took);
    return row;
}

std::optional<std::int64_t> micros(const std::optional<Money>& money) {
    return money ? std::optional(money->micros) : std::nullopt;
}
std::string handle_text(const Row& row) { return row.handle ? core::dump(row.handle->value) : ""; }

class SqliteLedger final : public Ledger {
public:
    SqliteLedger(fs::path file, Sqlite db, const core::Clock& clock) : file_(std::move(file)), db_(std::move(db)), clock_(clock) {}

    ~SqliteLedger() override {
        // A lease that is not given back costs the next process a look at whether we still live.
        for (const auto& [id, count] : leases_) (void)drop_lease(id);
        if (open_) (void)commit();
    }

    Result<std::optional<Row>> find(const std::string& id) override {
        auto rows = select("WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", [&](Statement& s) { s.bind(id).bind(id + "~"); });
        if (!rows) return rows.error();
        if (rows->empty() || id.empty()) return std::optional<Row>();
        if (rows->size() > 1 && rows->front().id.text != id)
            return Error{ErrorKind::usage, fmt::format("job '{}' is ambiguous: {} and {}", id, (*rows)[0].id.text, (*rows)[1].id.text)};
        return std::optional(rows->front());
    }

    Result<std::vector<Row>> list(const Filter& filter) override {
        std::string where = "WHERE 1";
        if (!filter.stages.empty()) {
            where += " AND stage IN (";
            for (std::size_t i = 0; i < filter.stages.size(); ++i) where += i ? ",?" : "?";
            where += ")";
        }
        if (!filter.route.empty()) where += " AND route = ?";
        if (!filter.model.empty()) where += " AND model = ?";
        where += " ORDER BY created DESC, id";
        if (filter.most > 0) where += fmt::format(" LIMIT {}", filter.most);
        return select(where, [&](Statement& s) {
            for (auto stage : filter.stages) s.bind(std::string(to_string(stage)));
            if (!filter.route.empty()) s.bind(filter.route);
            if (!filter.model.empty()) s.bind(filter.model);
        });
    }

    Result<std::vector<Row>> by_fingerprint(const std::string& fingerprint) override {
        return select("WHERE fingerprint = ? ORDER BY ordinal, created", [&](Statement& s) { s.bind(fingerprint); });
    }

    Result<std::vector<HistoryLine>> history(const JobId& id) override {
        auto statement = db_.prepare("SELECT at, before, after, note FROM history WHERE job = ? ORDER BY rowid");
        if (!statement) return statement.error();
        statement->bind(id.text);
        std::vector<HistoryLine> lines;
        while (true) {
            auto more = statement->step();
            if (!more) return more.error();
            if (!*more) return lines;
            lines.push_back({from_ms(statement->integer(0)), statement->text(1), statement->text(2), statement->text(3)});
        }
    }

    Result<std::vector<backend::Handle>> other_handles(const Row& row) override {
        auto rows = select("WHERE id <> ? AND handle <> ''", [&](Statement& s) { s.bind(row.id.text); });
        if (!rows) return rows.error();
        std::vector<backend::Handle> found;
        for (const auto& other : *rows)
            if (other.handle && same_host(row, other)) found.push_back(*other.handle);
        return found;
    }

    Result<Row> insert(Row row) override {
        if (auto ready = begin(); !ready) return ready.error();
        auto rows = by_fingerprint(row.fingerprint);
        if (!rows) return rows.error();
        for (const auto& other : *rows) {
            const bool over = other.stage == Stage::failed || other.stage == Stage::rejected || other.stage == Stage::cancelled;
            if (other.ordinal == row.ordinal && !over) return other;
        }
        row.created = row.updated = clock_.wall();
        auto statement = db_.prepare(
            "INSERT INTO jobs (id, fingerprint, ordinal, stage, route, model, seconds, created, updated, price, attempt, handle, detail, "
            "lease_owner, lease_until, lease_count) VALUES (?,?,?,?,?,?,?,?,?,?,?,'',?,?,?,1)");
        if (!statement) return statement.error();
        statement->bind(row.id.text).bind(row.fingerprint).bind(std::int64_t(row.ordinal)).bind(std::string(to_string(row.stage)));
        statement->bind(row.route).bind(row.model).bind(row.seconds).bind(to_ms(row.created)).bind(to_ms(row.updated));
        statement->bind(micros(row.price)).bind(std::int64_t(row.attempt)).bind(detail_of(row));
        statement->bind(this_process()).bind(to_ms(row.created + lease_length));
        if (auto done = statement->step(); !done) return fail(done.error());
        leases_[row.id] = 1;
        if (auto written = note(row, "", "made"); !written) return written.error();
        return row;
    }

    Result<> save(Row& row, const std::string& remark) override {
        if (auto ready = begin(); !ready) return ready;
        auto before = db_.prepare("SELECT stage, lease_count FROM jobs WHERE id = ?");
        if (!before) return before.error();
        before->bind(row.id.text);
        auto there = before->step();
        if (!there) return fail(there.error());
        if (!*there) return Error{ErrorKind::local, fmt::format("job {} is no longer in the ledger", row.id.text)};
        const auto old = before->text(0);
        const auto mine = leases_.find(row.id);
        if (mine == leases_.end() || mine->second != before->integer(1))
            return Error{ErrorKind::local, fmt::format("job {} was taken over by another process", row.id.text)};
        const auto stage = std::string(to_string(row.stage));
        if (old != stage) {
            if (!may_follow(stage_from(old).value_or(Stage::failed), row.stage))
                throw std::logic_error(fmt::format("job {} cannot go from {} to {}", row.id.text, old, stage));
            if (auto written = note(row, old, remark); !written) return written;
        } else if (!remark.empty()) {
            if (auto written = note(row, old, remark); !written) return written;
        }
        row.updated = clock_.wall();
        auto statement = db_.prepare(
            "UPDATE jobs SET stage = ?, updated = ?, accepted = ?, took = ?, price = ?, settled = ?, attempt = ?, handle = ?, detail = ?, "
            "seconds = ? WHERE id = ?");
        if (!statement) return statement.error();
        statement->bind(stage).bind(to_ms(row.updated)).bind(row.accepted ? std::optional(to_ms(*row.accepted)) : std::nullopt);
        statement->bind(row.took ? std::optional<std::int64_t>(row.took->count()) : std::nullopt).bind(micros(row.price)).bind(micros(row.settled)).bind(std::int64_t(row.attempt));
        statement->bind(handle_text(row)).bind(detail_of(row)).bind(row.seconds).bind(row.id.text);
        if (auto done = statement->step(); !done) return fail(done.error());
        return Ok{};
    }

    Result<> commit() override {
        if (!open_) return broken_ ? Result<>(*broken_) : Ok{};
        open_ = false;
        if (auto done = db_.run("COMMIT"); !done) {
            // SQLite's own word on a failed sync is not to be trusted a second time: this process writes no more.
            (void)db_.run("ROLLBACK");
            return fail(done.error());
        }
        return Ok{};
    }

    bool broken() const override { return bool(broken_); }
    fs::path file() const override { return file_; }

    Result<bool> claim(const JobId& id) override {
        if (auto ready = begin(); !ready) return ready.error();
        auto look = db_.prepare("SELECT lease_owner, lease_until, lease_count FROM jobs WHERE id = ?");
        if (!look) return look.error();
        look->bind(id.text);
        auto there = look->step();
        if (!there) return fail(there.error());
        if (!*there) return Error{ErrorKind::local, fmt::format("job {} is no longer in the ledger", id.text)};
        const auto owner = look->text(0);
        const auto count = look->integer(2);
        if (const auto mine = leases_.find(id); mine != leases_.end() && mine->second == count) return true;
        if (!owner.empty() && from_ms(look->integer(1)) > clock_.wall() && may_live(owner)) return false;
        auto take = db_.prepare("UPDATE jobs SET lease_owner = ?, lease_until = ?, lease_count = ? WHERE id = ?");
        if (!take) return take.error();
        take->bind(this_process()).bind(to_ms(clock_.wall() + lease_length)).bind(count + 1).bind(id.text);
        if (auto done = take->step(); !done) return fail(done.error());
        leases_[id] = count + 1;
        return true;
    }

    Result<> renew() override {
        if (leases_.empty()) return Ok{};
        if (auto ready = begin(); !ready) return ready;
        auto statement = db_.prepare("UPDATE jobs SET lease_until = ? WHERE lease_owner = ?");
        if (!statement) return statement.error();
        statement->bind(to_ms(clock_.wall() + lease_length)).bind(this_process());
        if (auto done = statement->step(); !done) return fail(done.error());
        return Ok{};
    }

    Result<> release(const JobId& id) override {
        auto dropped = drop_lease(id);
        leases_.erase(id);
        return dropped;
    }

    Result<> forget(const JobId& id) override {
        if (auto ready = begin(); !ready) return ready;
        for (const char* sql : {"DELETE FROM jobs WHERE id = ?", "DELETE FROM history WHERE job = ?"}) {
            auto statement = db_.prepare(sql);
            if (!statement) return statement.error();
            statement->bind(id.text);
            if (auto done = statement->step(); !done) return fail(done.error());
        }
        leases_.erase(id);
        return Ok{};
    }

    Result<std::vector<Past>> past(const std::string& route, const std::string& model) override {
        auto statement = db_.prepare(
            "SELECT seconds, took FROM jobs WHERE route = ? AND model = ? AND took IS NOT NULL ORDER BY created DESC LIMIT 50");
        if (!statement) return statement.error();
        statement->bind(route).bind(model);
        std::vector<Past> found;
        while (true) {
            auto more = statement->step();
            if (!more) return more.error();
            if (!*more) return found;
            found.push_back({statement->real(0), std::chrono::milliseconds(statement->integer(1))});
        }
    }

private:
    template <class Bind>
    Result<std::vector<Row>> select(const std::string& where, Bind bind) {
        auto statement = db_.prepare(fmt::format("SELECT {} FROM jobs {}", columns, where).c_str());
        if (!statement) return statement.error();
        bind(*statement);
        std::vector<Row> rows;
        while (true) {
            auto more = statement->step();
            if (!more) return more.error();
            if (!*more) return rows;
            rows.push_back(read_row(*statement));
        }
    }

    Result<> begin() {
        if (broken_) return *broken_;
        if (open_) return Ok{};
        // A rename or removal of the file would let us write where nobody reads.
        if (::access(file_.c_str(), F_OK) != 0) return fail({ErrorKind::local, fmt::format("the ledger {} was removed", file_.string())});
        if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) return begun;
        open_ = true;
        return Ok{};
    }

    Result<> drop_lease(const JobId& id) {
        if (auto ready = begin(); !ready) return ready;
        auto statement = db_.prepare("UPDATE jobs SET lease_owner = '', lease_until = 0 WHERE id = ? AND lease_owner = ?");
        if (!statement) return statement.error();
        statement->bind(id.text).bind(this_process());
        if (auto done = statement->step(); !done) return fail(done.error());
        return Ok{};
    }

    Result<> note(const Row& row, const std::string& before, const std::string& remark) {
        auto statement = db_.prepare("INSERT INTO history (job, at, before, after, note) VALUES (?,?,?,?,?)");
        if (!statement) return statement.error();
        statement->bind(row.id.text).bind(to_ms(clock_.wall())).bind(before).bind(std::string(to_string(row.stage))).bind(remark);
        if (auto done = statement->step(); !done) return fail(done.error());
        return Ok{};
    }

    Error fail(Error error) {
        if (!broken_) broken_ = error;
        if (open_) (void)db_.run("ROLLBACK");
        open_ = false;
        return error;
    }

    fs::path file_;
    Sqlite db_;
    const core::Clock& clock_;
    bool open_ = false;
    std::optional<Error> broken_;
    std::map<JobId, std::int64_t> leases_;
};

// Made beside its place and linked into it, so that whoever finds the file finds it whole.
Result<> create(const fs::path& file) {
    if (auto made = core::make_private_folder(file.parent_path()); !made) return made;
    const fs::path fresh = file.string() + "." + core::random_id("", 8) + ".new";
    auto built = [&]() -> Result<> {
        auto db = Sqlite::open(fresh, true, std::chrono::seconds(5));
        if (!db) return db.error();
        if (auto done = db->run("PRAGMA synchronous = FULL; BEGIN"); !done) return done;
        if (auto done = db->run(create_schema); !done) return done;
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

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const fs::path& given, const core::Clock& clock, std::chrono::milliseconds patience) {
    const auto file = fs::absolute(given);
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
    return std::unique_ptr<Ledger>(std::make_unique<SqliteLedger>(file, std::move(*db), clock));
}

Result<> forget_together(Ledger& ledger, const std::vector<JobId>& ids) {
    std::vector<JobId> claimed;
    const auto let_go = [&](Error why) {
        for (const auto& id : claimed) (void)ledger.release(id);
        (void)ledger.commit();
        return why;
    };
    for (const auto& id : ids) {
        auto ours = ledger.claim(id);
        if (!ours) return let_go(ours.error());
        if (!*ours) return let_go({ErrorKind::local, fmt::format("another process works on job {}; end it first. No job was forgotten", id.text)});
        claimed.push_back(id);
    }
    for (const auto& id : ids)
        if (auto forgotten = ledger.forget(id); !forgotten) return forgotten;
    return ledger.commit();
}

bool same_host(const Row& one, const Row& other) {
    const bool same_url = !one.base_url.empty() && one.base_url == other.base_url;
    return one.backend == other.backend && (one.route == other.route || same_url);
}

}  // namespace shotwire::job
