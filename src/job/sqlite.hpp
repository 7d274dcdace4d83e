#pragma once
#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::job {

template <auto F>
struct SqlFree {
    void operator()(auto* p) const noexcept { F(p); }
};

using Prepared = std::unique_ptr<sqlite3_stmt, SqlFree<sqlite3_finalize>>;
using Shelf = std::vector<Prepared>;  // of one SQL text: prepared once, lent to whoever asks for it

// A prepared statement, bound and read by position. Its connection outlives it.
class Statement {
public:
    Statement(sqlite3* db, Prepared statement, Shelf& shelf) : db_(db), statement_(std::move(statement)), shelf_(&shelf) {}
    ~Statement() { give_back(); }
    Statement(Statement&& other) noexcept = default;
    Statement& operator=(Statement&&) = delete;
    // The text is not copied: it stays the caller's, and where it is, until the last step.
    Statement& bind(std::string_view text);
    template <std::same_as<std::string> Gone>
    Statement& bind(Gone&& text) = delete;
    Statement& bind(std::int64_t number);
    Statement& bind(double number);
    Statement& bind(const std::optional<std::int64_t>& number);
    // True: a row is there. False: the statement has ended.
    Result<bool> step();
    // What `read` makes of each row that is still to come.
    template <class Read>
    Result<std::vector<std::invoke_result_t<Read, const Statement&>>> all(Read read) {
        std::vector<std::invoke_result_t<Read, const Statement&>> made;
        while (true) {
            auto more = step();
            if (!more) return more.error();
            if (!*more) return made;
            made.push_back(read(*this));
        }
    }
    std::string text(int column) const;
    std::string_view view(int column) const;  // until the next step
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
    double real(int column) const { return sqlite3_column_double(statement_.get(), column); }
    std::optional<std::int64_t> maybe_integer(int column) const;

private:
    void give_back() noexcept;

    sqlite3* db_;
    Prepared statement_;
    Shelf* shelf_;
    int next_ = 1;
};

inline constexpr const char* ask_doctor = "`shotwire doctor` tells more";  // the end of a sentence about a file that is damaged

// One connection. Errors: local, naming the file and what to do about it.
class Sqlite {
public:
    static Result<Sqlite> open(const std::filesystem::path& file, bool create, std::chrono::milliseconds patience);
    Result<Statement> prepare(std::string_view sql);
    Result<> run(const char* sql);  // several statements, no rows
    std::int64_t last_row() const { return sqlite3_last_insert_rowid(db_.get()); }
    Error error() const { return sql_error(db_.get()); }
    static Error sql_error(sqlite3* db);

private:
    explicit Sqlite(sqlite3* db) : db_(db) {}
    std::unique_ptr<sqlite3, SqlFree<sqlite3_close_v2>> db_;
    std::unique_ptr<std::map<std::string, Shelf, std::less<>>> shelves_ = std::make_unique<std::map<std::string, Shelf, std::less<>>>();
};

}  // namespace shotwire::job
