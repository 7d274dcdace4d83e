#pragma once
#include <map>
#include <set>
#include <string>
#include <vector>

#include "cli/context.hpp"
#include "core/files.hpp"
#include "job/ledger.hpp"

namespace shotwire::cli {

// That this process runs a batch, for others that come to its queue: what waits there is nobody's lease. A lock of the system's, on a file
// beside the ledger, so that it ends with the process. Where the file cannot be had it is as if somebody else ran it.
class Presence {
public:
    Presence(const std::filesystem::path& ledger, const std::string& batch);
    bool alone() const;

private:
    core::Fd file_;
    off_t place_ = 0;  // in the file: the batch
};

// What earlier runs of a batch ordered and no row of it asks for any more. What was made stays, and what is under way goes on. What was
// never sent is cancelled, since nobody expects to pay for it, and is ordered anew where its row comes back.
class Leftovers {
public:
    // `joined`: the jobs of the rows that there are, sorted. `rows`: those, and whether they have a job already; one that was changed
    // back is not ordered anew.
    Leftovers(const std::vector<job::Ledger::BatchRow>& earlier, const std::vector<JobId>& joined, const std::map<std::string, bool>& rows);

    void tell(Context& context) const;
    Result<> cancel_unsent(job::Ledger& ledger, const Presence& here, Context& context) const;  // unless another process works on the batch; says so

private:
    using Names = std::set<std::string>;
    Names removed_, changed_, open_;
    std::vector<std::pair<std::string, JobId>> unsent_;  // row and job
    std::vector<JobId> under_way_;                       // of all the batch
};

bool is_cancelled_unsent(const job::Row& row);  // by the above, not by the user

}  // namespace shotwire::cli
