#include "job/log_check.hpp"

#include <sys/stat.h>
#include <time.h>

#include <cstdint>
#include <cstring>

#include "core/files.hpp"

namespace shotwire::job {
namespace fs = std::filesystem;

namespace {

// The head of the log's index (-shm), in the byte order of this machine: https://sqlite.org/walformat.html#wal_index_format
struct IndexHead {
    std::uint32_t version, unused, changes;
    std::uint8_t is_set, big_endian;
    std::uint16_t page;  // 1: 65536
    std::uint32_t frames, pages, sums[2], salts[2], own_sums[2];
};
static_assert(sizeof(IndexHead) == 48);

constexpr std::uint64_t log_head = 32, frame_head = 24;

bool is_of_this_boot(const struct stat& about) {
    timespec up{}, now{};
    ::clock_gettime(CLOCK_BOOTTIME, &up);
    ::clock_gettime(CLOCK_REALTIME, &now);
    return about.st_mtim.tv_sec > now.tv_sec - up.tv_sec;
}

}  // namespace

bool log_is_cut(const fs::path& ledger) {
    const fs::path log = ledger.string() + "-wal", index = ledger.string() + "-shm";
    struct stat about {};
    // The index is never synced: after a power loss it tells of another time.
    if (::stat(index.c_str(), &about) != 0 || !is_of_this_boot(about)) return false;
    const auto bytes = core::read_file(index, 16 << 20);
    IndexHead heads[2];
    if (!bytes || bytes->size() < sizeof heads) return false;
    std::memcpy(heads, bytes->data(), sizeof heads);
    if (std::memcmp(&heads[0], &heads[1], sizeof heads[0]) != 0 || !heads[0].is_set) return false;  // being written
    const std::uint64_t page = heads[0].page == 1 ? 65536 : heads[0].page;
    const auto least = heads[0].frames ? log_head + heads[0].frames * (frame_head + page) : 0;
    std::error_code failed;
    const auto length = fs::exists(log, failed) ? fs::file_size(log, failed) : 0;
    // Who leaves last removes the index first, then the log.
    return length < least && ::stat(index.c_str(), &about) == 0;
}

}  // namespace shotwire::job
