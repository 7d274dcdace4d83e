#include "job/sqlite.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstring>

#include "job/log_check.hpp"

namespace shotwire::job {

namespace {
constexpr std::uintmax_t looked_through = 1 << 20;  // some thousand jobs; a millisecond

// Nobody asks how much memory SQLite has, and to count it takes a lock for each block. Refused once it is in use: then it counts.
void count_no_memory() {
    static const int once = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    (void)once;
}
}  // namespace

Error Sqlite::sql_error(sqlite3* db) {
    const char* name = sqlite3_db_filename(db, "main");
    const std::string file = name && *name ? name : "the ledger";
    switch (sqlite3_errcode(db)) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return {ErrorKind::local, fmt::format("the ledger {} is locked by another process; try again when it has ended (`shotwire doctor` tells whether locks work there)", file)};
        case SQLITE_PROTOCOL:
            return {ErrorKind::local, fmt::format("the ledger {} cannot be locked; {}", file, ask_doctor)};
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return {ErrorKind::local,
                    fmt::format("the ledger {} is damaged ({}); nothing was sent. Move it away and keep it: it names jobs that may have been paid. {}",
                                file, sqlite3_errmsg(db), ask_doctor)};
        case SQLITE_IOERR:
            if (const int reason = sqlite3_system_errno(db)) return {ErrorKind::local, fmt::format("the ledger {}: {} ({})", file, sqlite3_errmsg(db), std::strerror(reason))};
            [[fallthrough]];
        default:
            return {ErrorKind::local, fmt::format("the ledger {}: {}", file, sqlite3_errmsg(db))};
    }
}

Result<Sqlite> Sqlite::open(const std::filesystem::path& file, bool create, std::chrono::milliseconds patience) {
    if (!create && log_is_cut(file))
        return Error{ErrorKind::local, fmt::format("the log {0}-wal of the ledger was cut or removed: steps of jobs that may have been paid are missing. Put it back, or remove {0}-shm to go on without them. {1}",
                                                   file.string(), ask_doctor)};
    count_no_memory();
    sqlite3* raw = nullptr;
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | (create ? SQLITE_OPEN_CREATE : 0);
    const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
    Sqlite connection(raw);
    if (code != SQLITE_OK) {
        const int reason = raw ? sqlite3_system_errno(raw) : 0;
        return Error{ErrorKind::local, fmt::format("cannot open the ledger {}: {}{}", file.string(), sqlite3_errstr(code), reason ? fmt::format(" ({})", std::strerror(reason)) : "")};
    }
    sqlite3_extended_result_codes(raw, 0);
    sqlite3_busy_timeout(raw, int(patience.count()));
    // Damage is to be found before money is spent. A large file is read where it is used, and stops the run there.
    std::error_code failed;
    if (create || std::filesystem::file_size(file, failed) > looked_through || failed) return connection;
    auto checked = connection.prepare("PRAGMA quick_check(1)");
    if (!checked) return checked.error();
    auto row = checked->step();
    if (!row) return row.error();
    if (const auto word = checked->text(0); word != "ok")
        return Error{ErrorKind::local, fmt::format("the ledger {} is damaged ({}); nothing was sent. Move it away and keep it: it names jobs that may have been paid. {}", file.string(), word, ask_doctor)};
    return connection;
}

Result<Statement> Sqlite::prepare(std::string_view sql) {
    auto known = shelves_->find(sql);
    if (known == shelves_->end()) known = shelves_->emplace(sql, Shelf()).first;
    auto& shelf = known->second;
    if (!shelf.empty()) {
        auto prepared = std::move(shelf.back());
        shelf.pop_back();
        return Statement(db_.get(), std::move(prepared), shelf);
    }
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(db_.get(), sql.data(), int(sql.size()), &statement, nullptr) != SQLITE_OK) return error();
    return Statement(db_.get(), Prepared(statement), shelf);
}

Result<> Sqlite::run(const char* sql) {
    if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) return error();
    return Ok{};
}

void Statement::give_back() noexcept {
    if (!statement_) return;
    sqlite3_reset(statement_.get());  // its code repeats what step has told
    sqlite3_clear_bindings(statement_.get());
    shelf_->push_back(std::move(statement_));
}

Statement& Statement::bind(std::string_view text) {
    sqlite3_bind_text(statement_.get(), next_++, text.data() ? text.data() : "", int(text.size()), SQLITE_STATIC);  // an empty one is no NULL
    return *this;
}
Statement& Statement::bind(std::int64_t number) {
    sqlite3_bind_int64(statement_.get(), next_++, number);
    return *this;
}
Statement& Statement::bind(double number) {
    sqlite3_bind_double(statement_.get(), next_++, number);
    return *this;
}
Statement& Statement::bind(const std::optional<std::int64_t>& number) {
    if (number) return bind(*number);
    sqlite3_bind_null(statement_.get(), next_++);
    return *this;
}

Result<bool> Statement::step() {
    switch (sqlite3_step(statement_.get())) {
        case SQLITE_ROW: return true;
        case SQLITE_DONE: return false;
        default: return Sqlite::sql_error(db_);
    }
}

std::string_view Statement::view(int column) const {
    const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return bytes ? std::string_view(bytes, std::size_t(sqlite3_column_bytes(statement_.get(), column))) : std::string_view();
}

std::string Statement::text(int column) const { return std::string(view(column)); }

std::optional<std::int64_t> Statement::maybe_integer(int column) const {
    if (sqlite3_column_type(statement_.get(), column) == SQLITE_NULL) return {};
    return integer(column);
}

}  // namespace shotwire::job
