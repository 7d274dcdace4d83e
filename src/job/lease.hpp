#pragma once
#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <unordered_map>

#include "core/clock.hpp"
#include "job/sqlite.hpp"

namespace shotwire::job {

// Names this process so that no other one, on this machine or after a restart of it, has the same name.
const std::string& this_process();

// False only where the named process surely is no more: it ran on this machine since its last start, and is gone. A process
// elsewhere (a shared home folder) may live.
bool may_live(const std::string& process);

// Which process works on which job (by its number in the ledger). A lease is taken and renewed in place and ends by itself; each taking
// has a nonce, so that a holder that slept past its end learns that another one took it. Who calls holds the write lock, except for
// `is_free`. Errors: local.
class Leases {
public:
    static constexpr auto length = std::chrono::seconds(30);

    Leases(Sqlite& db, const core::Clock& clock) : db_(db), clock_(clock), nonces_(std::random_device{}()) {}
    Result<bool> take(std::int64_t job);  // false: another one holds it
    bool holds(std::int64_t job, std::int64_t nonce) const;  // as it stands in the file; 0: nobody has it
    Result<bool> is_free(std::int64_t job);
    Result<> renew();  // all of ours
    Result<> give_back(std::int64_t job);
    Result<> give_all_back();
    void lose(std::int64_t job) { ours_.erase(job); }  // its job is no more
    bool any() const { return !ours_.empty(); }

private:
    struct Held {
        std::string owner;
        core::Wall until{};
        std::int64_t nonce = 0;  // 0: nobody has it
    };
    Result<Held> read(std::int64_t job);
    Result<> run(std::string_view sql, std::int64_t job);

    Sqlite& db_;
    const core::Clock& clock_;
    std::mt19937_64 nonces_;
    std::unordered_map<std::int64_t, std::int64_t> ours_;  // their nonces
};

}  // namespace shotwire::job
