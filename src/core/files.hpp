#pragma once
#include <cstddef>
#include <filesystem>
#include <iosfwd>
#include <string>
#include <string_view>

#include "shotwire/result.hpp"

namespace shotwire::core {
namespace fs = std::filesystem;

// A descriptor that closes itself.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(other.release()) {}
    Fd& operator=(Fd&& other) noexcept;
    ~Fd();
    int get() const { return fd_; }
    int release();
    explicit operator bool() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

// Errors below are `local` and name the path and the system's reason.
Error system_error(std::string_view doing, const fs::path& path);  // from errno

Result<std::string> read_file(const fs::path& path, std::size_t most = 64 << 20);
// All of it. Errors: usage, naming what it is: it cannot be read, or is longer.
Result<std::string> read_stream(std::istream& in, std::string_view name, std::size_t most);
Result<> write_all(int fd, std::string_view bytes, const fs::path& path);  // completes short writes
Result<> sync_folder(const fs::path& folder);

fs::path behind_links(const fs::path& path);  // where links lead, also to nothing yet: what is written there leaves them as they are
enum class Existing { keep, replace };
// The whole file or nothing: a temporary file beside it, fsync, then rename; `keep` refuses an existing one.
Result<> write_file(const fs::path& path, std::string_view bytes, Existing existing, int mode = 0644);
// Gives a finished, synced file its final name; `keep` never replaces what appeared meanwhile.
Result<> publish(const fs::path& from, const fs::path& to, Existing existing);

// A folder for us alone (0700), parents included.
Result<> make_private_folder(const fs::path& folder);
Result<std::string> sha256_of_file(const fs::path& path);

// An exclusive lock on a file, held until destroyed or the process ends.
class FileLock {
public:
    // False inside: somebody else holds it.
    static Result<FileLock> try_lock(const fs::path& path);
    static Result<FileLock> lock(const fs::path& path);  // waits
    explicit operator bool() const { return bool(fd_); }

private:
    Fd fd_;
};

// A folder that is removed with all that is in it.
class TemporaryFolder {
public:
    explicit TemporaryFolder(std::string_view name = "shotwire");
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    const fs::path& path() const { return path_; }

private:
    fs::path path_;
};

}  // namespace shotwire::core
