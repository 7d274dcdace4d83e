#include "job/ledger.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <exception>

#include "core/text.hpp"
#include "job/accounts.hpp"
#include "job/lease.hpp"
#include "job/money.hpp"
#include "job/row_json.hpp"
#include "job/schema.hpp"

namespace shotwire::job {
namespace {
namespace fs = std::filesystem;

constexpr std::string_view rows_of_jobs =
    "SELECT id, fingerprint, ordinal, stage, route, model, seconds, created, updated, accepted, price, settled, attempt, handle, detail, took, "
    "profile, batch, batch_row, resolution, wanted FROM jobs ";

Row read_row(const Statement& from) {
    Row row;
    row.id = {from.text(0)};
    row.fingerprint = from.text(1);
    row.ordinal = int(from.integer(2));
    row.stage = stage_from(from.view(3)).value_or(Stage::failed);
    row.route = from.text(4);
    row.model = from.text(5);
    row.seconds = from.real(6);
    row.created = from_ms(from.integer(7));
    row.updated = from_ms(from.integer(8));
    if (const auto at = from.maybe_integer(9)) row.accepted = from_ms(*at);
    if (const auto micros = from.maybe_integer(10)) row.price = Money{*micros};
    if (const auto micros = from.maybe_integer(11)) row.settled = Money{*micros};
    row.attempt = int(from.integer(12));
    if (const auto handle = from.view(13); !handle.empty())
        if (auto value = core::json_of(handle); !value.is_discarded()) row.handle = backend::Handle{std::move(value)};
    read_detail(row, from.view(14));
    if (const auto took = from.maybe_integer(15)) row.took = std::chrono::milliseconds(*took);
    row.profile = from.text(16);
    row.batch = from.text(17);
    row.batch_row = from.text(18);
    row.resolution = from.text(19);
    row.order = from.text(20);
    return row;
}

std::optional<std::int64_t> micros(const std::optional<Money>& money) {
    return money ? std::optional(money->micros) : std::nullopt;
}

// How far a download is, its part file tells once more. The hash is what proves that the file in its place is ours: it lasts before the
// file gets its name.
bool is_progress(const Row& row) { return row.stage == Stage::downloading && row.sha256.empty(); }
std::string handle_text(const Row& row) { return row.handle ? core::dump(row.handle->value) : ""; }

class SqliteLedger final : public Ledger {
public:
    SqliteLedger(fs::path file, Sqlite db, const core::Clock& clock) : file_(std::move(file)), db_(std::move(db)), clock_(clock), leases_(db_, clock_), accounts_(db_) {}

    ~SqliteLedger() override {
        // What an exception has cut short is no turn: half of it on disk would be a lie.
        if (std::uncaught_exceptions() > 0) {
            if (open_) (void)db_.run("ROLLBACK");
            return;
        }
        // A lease that is not given back costs the next process a look at whether we still live.
        if (leases_.any() && begin()) (void)leases_.give_all_back();
        if (open_) (void)commit();
    }

    Result<std::optional<Row>> find(const std::string& id) override {
        const auto behind = id + "~";
        auto rows = select("WHERE id >= ? AND id < ? ORDER BY id LIMIT 2", [&](Statement& s) { s.bind(id).bind(behind); });
        if (!rows) return rows.error();
        if (rows->empty() || id.empty()) return std::optional<Row>();
        if (rows->size() > 1 && rows->front().id.text != id)
            return Error{ErrorKind::usage, fmt::format("job '{}' is ambiguous: {} and {}", id, (*rows)[0].id.text, (*rows)[1].id.text)};
        return std::optional(std::move(rows->front()));
    }

    Result<std::vector<Row>> list(const Filter& filter) override {
        std::string where = "WHERE 1";
        if (!filter.stages.empty()) {
            where += " AND stage IN (";
            for (std::size_t i = 0; i < filter.stages.size(); ++i) where += i ? ",?" : "?";
            where += ")";
            // The index of unfinished jobs is used where a query says that it wants no others, in the index's own words.
            if (std::none_of(filter.stages.begin(), filter.stages.end(), is_final))
                where += " AND stage <> 'done' AND stage <> 'mismatch' AND stage <> 'expired' AND stage <> 'failed' AND stage <> 'rejected' AND stage <> 'cancelled'";
        }
        if (!filter.route.empty()) where += " AND route = ?";
        if (!filter.model.empty()) where += " AND model = ?";
        if (!filter.batch.empty()) where += " AND batch = ?";
        where += " ORDER BY created DESC, id";
        if (filter.most > 0) where += fmt::format(" LIMIT {}", filter.most);
        return select(where, [&](Statement& s) {
            for (auto stage : filter.stages) s.bind(to_string(stage));
            if (!filter.route.empty()) s.bind(filter.route);
            if (!filter.model.empty()) s.bind(filter.model);
            if (!filter.batch.empty()) s.bind(filter.batch);
        });
    }

    Result<std::vector<Row>> by_fingerprint(const std::string& fingerprint) override {
        auto rows = select("WHERE fingerprint = ?", [&](Statement& s) { s.bind(fingerprint); });
        // Here, since SQLite makes room for many thousands before it sees that there is one.
        if (rows) std::stable_sort(rows->begin(), rows->end(), [](const Row& a, const Row& b) { return std::pair(a.ordinal, a.created) < std::pair(b.ordinal, b.created); });
        return rows;
    }

    Result<std::vector<HistoryLine>> history(const JobId& id) override {
        auto statement = db_.prepare("SELECT at, before, after, note FROM history WHERE job = (SELECT number FROM jobs WHERE id = ?) ORDER BY rowid");
        if (!statement) return statement.error();
        statement->bind(id.text);
        return statement->all([](const Statement& line) { return HistoryLine{from_ms(line.integer(0)), line.text(1), line.text(2), line.text(3)}; });
    }

    Result<std::vector<BatchRow>> batch_rows(const std::string& batch) override {
        auto statement = db_.prepare(
            "SELECT batch_row, id, stage, fingerprint, ordinal, json_extract(wanted, '$.seed') FROM jobs WHERE batch = ? AND batch <> '' AND ordinal < ? ORDER BY number");
        if (!statement) return statement.error();
        statement->bind(batch).bind(std::int64_t(first_extra_ordinal));
        return statement->all([](const Statement& row) {
            const auto seed = row.maybe_integer(5);
            return BatchRow{row.text(0), {row.text(1)}, stage_from(row.text(2)).value_or(Stage::failed), row.text(3), int(row.integer(4)),
                            seed && *seed >= 0 ? std::optional(std::uint64_t(*seed)) : std::nullopt};
        });
    }

    Result<std::vector<backend::Handle>> other_handles(const Row& row) override {
        // Another route may lead to the same host: none is left out by its name.
        auto statement = db_.prepare(
            "SELECT handle FROM jobs WHERE handle <> '' AND id <> ? AND coalesce(json_extract(detail, '$.backend'), '') = ? "
            "AND (route = ? OR nullif(json_extract(detail, '$.base_url'), '') = ?)");
        if (!statement) return statement.error();
        statement->bind(row.id.text).bind(row.backend).bind(row.route).bind(row.base_url);
        auto found = statement->all([](const Statement& one) { return backend::Handle{core::json_of(one.view(0))}; });
        if (found) std::erase_if(*found, [](const backend::Handle& handle) { return handle.value.is_discarded(); });
        return found;
    }

    Result<Row> insert(Row row, bool claimed) override {
        if (auto ready = begin(); !ready) return ready.error();
        auto rows = by_fingerprint(row.fingerprint);
        if (!rows) return fail(rows.error());
        for (const auto& other : *rows)
            if (other.ordinal == row.ordinal && !is_over(other.stage)) return other;
        row.created = row.updated = clock_.wall();
        auto statement = db_.prepare(
            "INSERT INTO jobs (id, fingerprint, ordinal, stage, route, model, seconds, created, updated, price, attempt, handle, detail, "
            "profile, batch, batch_row, resolution, wanted) VALUES (?,?,?,?,?,?,?,?,?,?,?,'',?,?,?,?,?,?)");
        if (!statement) return fail(statement.error());
        const auto detail = detail_of(row);
        statement->bind(row.id.text).bind(row.fingerprint).bind(std::int64_t(row.ordinal)).bind(to_string(row.stage));
        statement->bind(row.route).bind(row.model).bind(row.seconds).bind(to_ms(row.created)).bind(to_ms(row.updated));
        statement->bind(micros(row.price)).bind(std::int64_t(row.attempt)).bind(detail);
        statement->bind(row.profile).bind(row.batch).bind(row.batch_row).bind(row.resolution).bind(row.order.empty() ? "{}" : std::string_view(row.order));
        if (auto done = statement->step(); !done) return fail(done.error());
        const auto number = db_.last_row();
        if (claimed)
            if (auto taken = leases_.take(number); !taken) return fail(taken.error());
        if (auto written = note(number, row, "", "made"); !written) return written.error();
        return row;
    }

    Result<> save(Row& row, const std::string& remark) override {
        if (auto ready = begin(is_progress(row) ? Lasting::no : Lasting::yes); !ready) return ready;
        auto before = db_.prepare("SELECT number, stage, cost, day, profile, nonce FROM jobs LEFT JOIN leases ON job = number WHERE id = ?");
        if (!before) return fail(before.error());
        before->bind(row.id.text);
        auto there = before->step();
        if (!there) return fail(there.error());
        if (!*there) return is_gone(row.id);
        const auto number = before->integer(0);
        const auto old = before->view(1);
        const auto old_day = before->view(3);
        if (!leases_.holds(number, before->integer(5))) return Error{ErrorKind::local, fmt::format("job {} was taken over by another process", row.id.text)};
        const auto stage = to_string(row.stage);
        const bool moves = old != stage;
        if (moves && !may_follow(stage_from(old).value_or(Stage::failed), row.stage))
            throw std::logic_error(fmt::format("job {} cannot go from {} to {}", row.id.text, old, stage));
        if (moves || !remark.empty())
            if (auto written = note(number, row, old, remark); !written) return written;
        row.updated = clock_.wall();
        auto statement = db_.prepare(
            "UPDATE OR ROLLBACK jobs SET stage = ?, updated = ?, accepted = ?, took = ?, price = ?, settled = ?, attempt = ?, handle = ?, detail = ?, "
            "seconds = ?, cost = ?, day = ?, profile = ? WHERE number = ?");
        if (!statement) return fail(statement.error());
        const auto cost = cost_of(row).micros;
        const auto day = row.submitted ? core::iso_day(*row.submitted) : std::string(old_day);
        const auto handle = handle_text(row), detail = detail_of(row);
        if (auto booked = accounts_.replace({before->view(4), old_day, before->integer(2)}, {row.profile, day, cost}); !booked) return fail(booked.error());
        statement->bind(stage).bind(to_ms(row.updated)).bind(row.accepted ? std::optional(to_ms(*row.accepted)) : std::nullopt);
        statement->bind(row.took ? std::optional<std::int64_t>(row.took->count()) : std::nullopt).bind(micros(row.price)).bind(micros(row.settled)).bind(std::int64_t(row.attempt));
        statement->bind(handle).bind(detail).bind(row.seconds).bind(cost).bind(day).bind(row.profile).bind(number);
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
        auto number = number_of(id);
        if (!number) return fail(number.error());
        if (!*number) return is_gone(id);
        auto taken = leases_.take(**number);
        return taken ? taken : fail(taken.error());
    }

    Result<std::optional<Look>> look(const JobId& id) override {
        auto statement = db_.prepare("SELECT stage, number FROM jobs WHERE id = ?");
        if (!statement) return statement.error();
        statement->bind(id.text);
        auto there = statement->step();
        if (!there) return there.error();
        if (!*there) return std::optional<Look>();
        auto free = leases_.is_free(statement->integer(1));
        if (!free) return free.error();
        return std::optional(Look{stage_from(statement->view(0)).value_or(Stage::failed), *free});
    }

    Result<> renew() override {
        if (!leases_.any()) return Ok{};
        if (auto ready = begin(); !ready) return ready;
        auto renewed = leases_.renew();
        return renewed ? renewed : fail(renewed.error());
    }

    Result<> release(const JobId& id) override {
        if (auto ready = begin(); !ready) return ready;
        auto number = number_of(id);
        if (!number) return fail(number.error());
        if (!*number) return Ok{};
        auto given = leases_.give_back(**number);
        return given ? given : fail(given.error());
    }

    Result<> forget(const JobId& id) override {
        if (auto ready = begin(); !ready) return ready;
        auto number = number_of(id);
        if (!number) return fail(number.error());
        if (!*number) return Ok{};
        if (auto kept = accounts_.keep_forgotten(**number); !kept) return fail(kept.error());
        for (const char* sql : {"DELETE FROM jobs WHERE number = ?", "DELETE FROM history WHERE job = ?", "DELETE FROM leases WHERE job = ?"}) {
            auto statement = db_.prepare(sql);
            if (!statement) return fail(statement.error());
            statement->bind(**number);
            if (auto done = statement->step(); !done) return fail(done.error());
        }
        leases_.lose(**number);
        return Ok{};
    }

    Result<Money> account(const std::string& profile, const std::string& day) override {
        if (auto ready = begin(); !ready) return ready.error();
        auto sum = accounts_.sum(profile, day);
        return sum ? sum : fail(sum.error());
    }

    Result<std::vector<Spent>> spending() override { return accounts_.spending(); }

    Result<std::vector<Past>> past(const std::string& route, const std::string& model, const std::string& resolution) override {
        auto statement = db_.prepare(
            "SELECT seconds, took FROM jobs WHERE route = ? AND model = ? AND resolution = ? AND took IS NOT NULL ORDER BY created DESC LIMIT 50");
        if (!statement) return statement.error();
        statement->bind(route).bind(model).bind(resolution);
        return statement->all([](const Statement& one) { return Past{one.real(0), std::chrono::milliseconds(one.integer(1))}; });
    }

private:
    template <class Bind>
    Result<std::vector<Row>> select(std::string_view where, Bind bind) {
        auto statement = db_.prepare(std::string(rows_of_jobs).append(where));
        if (!statement) return statement.error();
        bind(*statement);
        return statement->all(read_row);
    }

    // Whether a transaction is on disk once it is committed, or whenever the kernel writes it: then a power loss takes it back, a killed
    // process does not. SQLite wants to know before it begins, so progress alone that stood open is committed before what shall last.
    enum class Lasting { no, yes };
    Result<> begin(Lasting wanted = Lasting::yes) {
        if (broken_) return *broken_;
        if (open_ && (lasting_ == Lasting::yes || wanted == Lasting::no)) return Ok{};
        if (auto done = commit(); !done) return done;
        // A rename or removal of the file would let us write where nobody reads.
        if (::access(file_.c_str(), F_OK) != 0) return fail({ErrorKind::local, fmt::format("the ledger {} was removed", file_.string())});
        if (wanted != lasting_)
            if (auto set = db_.run(wanted == Lasting::yes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL"); !set) return fail(set.error());
        lasting_ = wanted;
        if (auto begun = db_.run("BEGIN IMMEDIATE"); !begun) return begun;
        open_ = true;
        return Ok{};
    }

    static Error is_gone(const JobId& id) { return {ErrorKind::local, fmt::format("job {} is no longer in the ledger", id.text)}; }

    Result<std::optional<std::int64_t>> number_of(const JobId& id) {
        auto statement = db_.prepare("SELECT number FROM jobs WHERE id = ?");
        if (!statement) return statement.error();
        statement->bind(id.text);
        auto there = statement->step();
        if (!there) return there.error();
        return *there ? std::optional(statement->integer(0)) : std::nullopt;
    }

    Result<> note(std::int64_t job, const Row& row, std::string_view before, std::string_view remark) {
        auto statement = db_.prepare("INSERT INTO history (job, at, before, after, note) VALUES (?,?,?,?,?)");
        if (!statement) return fail(statement.error());
        statement->bind(job).bind(to_ms(clock_.wall())).bind(before).bind(to_string(row.stage)).bind(remark);
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
    Lasting lasting_ = Lasting::yes;  // of the connection as it stands
    std::optional<Error> broken_;
    Leases leases_;
    Accounts accounts_;
};

}  // namespace

Result<std::unique_ptr<Ledger>> Ledger::open(const fs::path& given, const core::Clock& clock, std::chrono::milliseconds patience) {
    const auto file = fs::absolute(given);
    auto db = open_ledger_file(file, patience);
    if (!db) return db.error();
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

}  // namespace shotwire::job
