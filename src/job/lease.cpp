#include "job/lease.hpp"

#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"

namespace shotwire::job {
namespace {

const std::string& machine() {
    static const std::string name = [] {
        auto boot = core::read_file("/proc/sys/kernel/random/boot_id", 100);
        char host[256] = "";
        ::gethostname(host, sizeof host - 1);
        return boot ? std::string(core::trim(*boot)) : std::string(host);
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

std::string this_process() {
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

}  // namespace shotwire::job
