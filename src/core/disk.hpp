#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "shotwire/result.hpp"

namespace shotwire::core {

struct Disk {
    std::uint64_t free = 0;  // bytes, for us
    std::string network;     // "NFS", "SMB", ...: it is another machine's; empty: it is not
};
Result<Disk> disk_of(const std::filesystem::path& folder);

// That files in the folder can be written, synced and locked, by doing it; nothing is left of it. Errors: local, naming the step.
Result<> prove_writable(const std::filesystem::path& folder);

}  // namespace shotwire::core
