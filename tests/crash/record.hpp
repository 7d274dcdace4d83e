#pragma once
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace shotwire::test {

// What the shim wrote down of a run, in order. C a file was made, W bytes were written, T a file got another length, S a file or folder was
// synced, s was not for a fault, R renamed and L linked to `bytes`, U removed; N bytes left by a socket, O by stdout.
struct Recorded {
    char op = 0;
    std::string path;
    std::int64_t offset = 0;  // of W; of T the new length
    std::string bytes;
};
std::vector<Recorded> read_record(const std::filesystem::path& file);

}  // namespace shotwire::test
