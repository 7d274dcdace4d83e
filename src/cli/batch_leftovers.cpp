#include "cli/batch_leftovers.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/money.hpp"

namespace shotwire::cli {
namespace {

void note(const std::set<std::string>& rows, const char* what, const char* then, Context& context) {
    if (rows.empty()) return;
    const std::vector<std::string> some(rows.begin(), std::next(rows.begin(), std::ptrdiff_t(std::min<std::size_t>(rows.size(), 5))));
    context.note(fmt::format("{}: {}{}; {}", what, core::printable(core::join(some, ", ")), rows.size() > 5 ? fmt::format(" and {} more", rows.size() - 5) : "", then));
}

// Under the write lock. False: it is no longer what nobody has paid for, or another process has it.
Result<bool> cancel(job::Ledger& ledger, const JobId& id) {
    auto claimed = ledger.claim(id);
    if (!claimed || !*claimed) return claimed;
    auto row = ledger.find(id.text);
    if (!row) return row.error();
    const bool unsent = *row && (*row)->stage == Stage::planned && job::cost_of(**row).micros == 0 && !(*row)->first;
    if (unsent) {
        (*row)->stage = Stage::cancelled;
        (*row)->error = Error{ErrorKind::cancelled, "never sent: its row of the batch was removed or changed"};
        if (auto saved = ledger.save(**row, (*row)->error->message); !saved) return saved.error();
    }
    if (auto released = ledger.release(id); !released) return released.error();
    return unsent;
}

#ifdef F_OFD_SETLK
constexpr int set_lock = F_OFD_SETLK, get_lock = F_OFD_GETLK;
#else
constexpr int set_lock = F_SETLK, get_lock = F_GETLK;
#endif

std::filesystem::path real_path(const std::filesystem::path& file) {  // one file by all its names
    std::error_code failed;
    const auto real = std::filesystem::weakly_canonical(file, failed);
    return failed ? file : real;
}

struct flock lock_of(short type, off_t place) {
    struct flock lock {};
    lock.l_type = type;
    lock.l_whence = SEEK_SET;
    lock.l_start = place;
    lock.l_len = 1;
    return lock;
}

}  // namespace

Presence::Presence(const std::filesystem::path& ledger, const std::string& batch)
    : file_(::open((real_path(ledger).string() + "-batches").c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600)),
      place_(off_t(std::stoull(core::sha256_hex(batch).substr(0, 10), nullptr, 16))) {
    auto lock = lock_of(F_RDLCK, place_);
    if (file_) (void)::fcntl(file_.get(), set_lock, &lock);
}

bool Presence::alone() const {
    auto lock = lock_of(F_WRLCK, place_);
    return file_ && ::fcntl(file_.get(), get_lock, &lock) == 0 && lock.l_type == F_UNLCK;
}

Leftovers::Leftovers(const std::vector<job::Ledger::BatchRow>& earlier, const std::vector<JobId>& joined, const std::map<std::string, bool>& rows) {
    for (const auto& row : earlier) {
        if (!is_final(row.stage) && row.stage != Stage::planned) under_way_.push_back(row.id);
        if (std::binary_search(joined.begin(), joined.end(), row.id)) continue;
        if (row.stage == Stage::planned) unsent_.emplace_back(row.row, row.id);
        else if (!is_final(row.stage)) open_.insert(row.row);
        else if (row.stage == Stage::done || row.stage == Stage::mismatch) {
            const auto at = rows.find(row.row);
            if (at == rows.end()) removed_.insert(row.row);
            else if (!at->second) changed_.insert(row.row);
        }
    }
}

void Leftovers::tell(Context& context) const {
    note(removed_, "no longer in the file", "what was made stays", context);
    note(changed_, "changed, so it is ordered anew", "what was made stays", context);
    note(open_, "no longer in the file as it was ordered, but under way or unknown", "shotwire jobs resume goes on with it", context);
}

Result<> Leftovers::cancel_unsent(job::Ledger& ledger, const Presence& here, Context& context) const {
    if (unsent_.empty()) return Ok{};
    // Its queue is as unsent as these are, and may be that of another file of the same name.
    bool alone = here.alone();
    for (auto id = under_way_.begin(); alone && id != under_way_.end(); ++id) {
        auto look = ledger.look(*id);
        if (!look) return look.error();
        alone = !*look || (*look)->claimable;
    }
    Names cancelled, left;
    std::size_t count = 0;
    for (const auto& [row, id] : unsent_) {
        auto done = alone ? cancel(ledger, id) : Result<bool>(false);
        if (!done) return done.error();
        (*done ? cancelled : left).insert(row);
        if (++count % 256 == 0)
            if (auto committed = ledger.commit(); !committed) return committed;
    }
    if (auto committed = ledger.commit(); !committed) return committed;
    note(cancelled, "no longer in the file as it was ordered, and never sent", "it is cancelled and costs nothing", context);
    note(left, "no longer in the file as it was ordered, and not sent yet", "another process works on it, or it may cost something: shotwire jobs ls tells, shotwire jobs cancel ends it", context);
    return Ok{};
}

bool is_cancelled_unsent(const job::Row& row) { return row.stage == Stage::cancelled && !row.handle && row.error && row.error->kind == ErrorKind::cancelled; }

}  // namespace shotwire::cli
