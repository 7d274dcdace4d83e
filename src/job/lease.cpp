#include "job/lease.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/row_json.hpp"

namespace shotwire::job {
namespace {

// What numbers of processes mean: containers of one machine have the same boot, and numbers of their own.
const std::string& machine() {
    static const std::string name = [] {
        auto boot = core::read_file("/proc/sys/kernel/random/boot_id", 100);
        char text[256] = "";
        if (::gethostname(text, sizeof text - 1) != 0) text[0] = '\0';
        auto here = boot ? std::string(core::trim(*boot)) : std::string(text);
        if (const auto length = ::readlink("/proc/self/ns/pid", text, sizeof text - 1); length > 0) here += "-" + std::string(text, std::size_t(length));
        return here;
    }();
    return name;
}

// When the kernel started it, in ticks: a number given to another process later does not agree. Empty: no such process.
std::string start_of(const std::string& pid) {
    auto stat = core::read_file("/proc/" + pid + "/stat", 4096);
    if (!stat) return {};
    // The second field is a name that may hold anything; the last ')' ends it.
    const auto fields = core::split(std::string_view(*stat).substr(stat->rfind(')') + 1), ' ');
    return fields.size() > 19 && fields[0] != "Z" ? fields[19] : "";
}

}  // namespace

const std::string& this_process() {
    static const std::string name = [] {
        const auto pid = std::to_string(::getpid());
        return fmt::format("{}/{}/{}", machine(), pid, start_of(pid));
    }();
    return name;
}

bool may_live(const std::string& process) {
    const auto parts = core::split(process, '/');
    if (parts.size() != 3 || parts[0] != machine()) return true;
    return start_of(parts[1]) == parts[2];
}

Result<Leases::Held> Leases::read(std::int64_t job) {
    auto look = db_.prepare("SELECT owner, until, nonce FROM leases WHERE job = ?");
    if (!look) return look.error();
    look->bind(job);
    auto there = look->step();
    if (!there) return there.error();
    return *there ? Held{look->text(0), from_ms(look->integer(1)), look->integer(2)} : Held{};
}

Result<bool> Leases::take(std::int64_t job) {
    auto held = read(job);
    if (!held) return held.error();
    if (holds(job, held->nonce)) return true;
    if (held->nonce != 0 && held->until > clock_.wall() && may_live(held->owner)) return false;
    const auto nonce = std::int64_t(nonces_() >> 1) | 1;
    auto put = db_.prepare("INSERT OR REPLACE INTO leases (job, owner, until, nonce) VALUES (?,?,?,?)");
    if (!put) return put.error();
    put->bind(job).bind(this_process()).bind(to_ms(clock_.wall() + length)).bind(nonce);
    if (auto done = put->step(); !done) return done.error();
    ours_[job] = nonce;
    return true;
}

bool Leases::holds(std::int64_t job, std::int64_t nonce) const {
    const auto mine = ours_.find(job);
    return mine != ours_.end() && mine->second == nonce;
}

Result<bool> Leases::is_free(std::int64_t job) {
    auto held = read(job);
    if (!held) return held.error();
    return held->nonce == 0 || held->until <= clock_.wall() || !may_live(held->owner);
}

Result<> Leases::renew() {
    auto statement = db_.prepare("UPDATE leases SET until = ? WHERE owner = ?");
    if (!statement) return statement.error();
    statement->bind(to_ms(clock_.wall() + length)).bind(this_process());
    if (auto done = statement->step(); !done) return done.error();
    return Ok{};
}

Result<> Leases::run(std::string_view sql, std::int64_t job) {
    auto statement = db_.prepare(sql);
    if (!statement) return statement.error();
    statement->bind(job).bind(this_process());
    if (auto done = statement->step(); !done) return done.error();
    return Ok{};
}

Result<> Leases::give_back(std::int64_t job) {
    ours_.erase(job);
    return run("DELETE FROM leases WHERE job = ? AND owner = ?", job);
}

Result<> Leases::give_all_back() {
    for (const auto& [job, nonce] : std::exchange(ours_, {}))
        if (auto given = give_back(job); !given) return given;
    return Ok{};
}

}  // namespace shotwire::job
