#include "core/disk.hpp"

#include <fcntl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "core/files.hpp"
#include "core/hash.hpp"

namespace shotwire::core {
namespace {

// The numbers of linux/magic.h and of file systems that bring their own.
constexpr struct {
    std::uint32_t magic;
    const char* name;
} networks[] = {{0x6969, "NFS"},      {0x517B, "SMB"},      {0xFF534D42, "SMB"},      {0xFE534D42, "SMB"},   {0x01021997, "9P"},
                {0x00C36400, "Ceph"}, {0x5346414F, "AFS"},  {0x0BD00BD0, "Lustre"},   {0x47504653, "GPFS"},  {0x7461636F, "OCFS2"}};

}  // namespace

Result<Disk> disk_of(const fs::path& folder) {
    struct statvfs room {};
    struct statfs kind {};
    if (::statvfs(folder.c_str(), &room) != 0 || ::statfs(folder.c_str(), &kind) != 0) return system_error("look at", folder);
    Disk disk{std::uint64_t(room.f_bavail) * room.f_frsize, ""};
    for (const auto& network : networks)
        if (std::uint32_t(kind.f_type) == network.magic) disk.network = network.name;
    return disk;
}

Result<> prove_writable(const fs::path& folder) {
    const auto file = folder / random_id("doctor-", 8);
    const Fd fd(::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return system_error("create", file);
    struct flock whole {};
    whole.l_type = F_WRLCK;
    Result<> proved = Ok{};
    if (auto written = write_all(fd.get(), "whole", file); !written) proved = written;
    else if (::fsync(fd.get()) != 0) proved = system_error("sync", file);
    else if (::fcntl(fd.get(), F_SETLK, &whole) != 0) proved = system_error("lock", file);
    ::unlink(file.c_str());
    if (!proved) return proved;
    return sync_folder(folder);
}

}  // namespace shotwire::core
