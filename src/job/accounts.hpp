#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "job/ledger.hpp"
#include "job/sqlite.hpp"

namespace shotwire::job {

// The money in the ledger: what its jobs cost, by profile and day, and what forgotten ones did. On the ledger's connection, in its
// transaction: who calls holds the write lock, except for `spending`. Errors: local.
class Accounts {
public:
    explicit Accounts(Sqlite& db) : db_(db) {}

    struct Entry {
        std::string_view profile, day;
        std::int64_t micros = 0;
        friend bool operator==(const Entry&, const Entry&) = default;
    };
    Result<> replace(const Entry& before, const Entry& after);
    Result<> keep_forgotten(std::int64_t job);                              // what the job with that number cost, which is about to go
    Result<Money> sum(const std::string& profile, const std::string& day);  // empty day: in all
    Result<std::vector<Spent>> spending();

private:
    Result<> add(const Entry& entry);

    Sqlite& db_;
};

}  // namespace shotwire::job
