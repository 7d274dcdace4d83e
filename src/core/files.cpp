#include "core/files.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <istream>

#include "core/hash.hpp"

namespace shotwire::core {

Fd& Fd::operator=(Fd&& other) noexcept {
    if (this != &other) {
        if (fd_ >= 0) ::close(fd_);
        fd_ = other.release();
    }
    return *this;
}
Fd::~Fd() {
    if (fd_ >= 0) ::close(fd_);
}
int Fd::release() { return std::exchange(fd_, -1); }

Error system_error(std::string_view doing, const fs::path& path) {
    return {ErrorKind::local, fmt::format("cannot {} {}: {}", doing, path.string(), std::strerror(errno))};
}

Result<std::string> read_file(const fs::path& path, std::size_t most) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return system_error("open", path);
    std::string text;
    char buffer[64 * 1024];
    while (true) {
        const auto count = ::read(fd.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("read", path);
        if (count == 0) return text;
        text.append(buffer, std::size_t(count));
        if (text.size() > most) return Error{ErrorKind::local, fmt::format("{} is larger than {} bytes", path.string(), most)};
    }
}

Result<std::string> read_stream(std::istream& in, std::string_view name, std::size_t most) {
    std::string text;
    // read(), as iterators let the exceptions of a stream's buffer through: a closed stdin, or a folder there.
    for (char piece[1 << 14]; in.read(piece, sizeof piece) || in.gcount() > 0;) {
        text.append(piece, std::size_t(in.gcount()));
        if (text.size() > most) return Error{ErrorKind::usage, fmt::format("{} is longer than {} MiB", name, most >> 20)};
    }
    if (in.bad()) return Error{ErrorKind::usage, fmt::format("{} cannot be read", name)};
    return text;
}

Result<> write_all(int fd, std::string_view bytes, const fs::path& path) {
    while (!bytes.empty()) {
        const auto count = ::write(fd, bytes.data(), bytes.size());
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("write", path);
        bytes.remove_prefix(std::size_t(count));
    }
    return Ok{};
}

Result<> sync_folder(const fs::path& folder) {
    const auto name = folder.empty() ? fs::path(".") : folder;
    Fd fd(::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd) return system_error("open", name);
    // Some file systems cannot sync a folder and say so: nothing is lost by it.
    if (::fsync(fd.get()) != 0 && errno != EINVAL && errno != ENOTSUP) return system_error("sync", name);
    return Ok{};
}

Result<> publish(const fs::path& from, const fs::path& to, Existing existing) {
    if (existing == Existing::replace) {
        if (::rename(from.c_str(), to.c_str()) != 0) return system_error("rename to", to);
    } else if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) != 0) {
        // File systems without that flag: a hard link fails where the name exists, too.
        if (errno != EINVAL || ::link(from.c_str(), to.c_str()) != 0) return system_error("rename to", to);
        ::unlink(from.c_str());
    }
    return sync_folder(to.parent_path());
}

fs::path behind_links(const fs::path& path) {
    std::error_code failed;
    auto place = fs::absolute(path, failed);
    for (int links = 0; links < 40 && fs::is_symlink(place, failed); ++links) place = place.parent_path() / fs::read_symlink(place, failed);
    return place;
}

Result<> write_file(const fs::path& path, std::string_view bytes, Existing existing, int mode) {
    const fs::path temporary = path.string() + "." + random_id("", 8) + ".tmp";
    Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode));
    if (!fd) return system_error("create", temporary);
    auto written = write_all(fd.get(), bytes, temporary);
    if (written && ::fsync(fd.get()) != 0) written = system_error("sync", temporary);
    if (written) written = publish(temporary, path, existing);
    if (!written) ::unlink(temporary.c_str());
    return written;
}

Result<> make_private_folder(const fs::path& folder) {
    std::error_code failed;
    if (folder.has_parent_path()) fs::create_directories(folder.parent_path(), failed);
    if (!failed && ::mkdir(folder.c_str(), 0700) == 0) return Ok{};
    if (!failed && errno == EEXIST && fs::is_directory(folder)) return Ok{};
    if (failed) errno = failed.value();
    return system_error("create folder", folder);
}

Result<std::string> sha256_of_file(const fs::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd) return system_error("open", path);
    Sha256 hash;
    char buffer[64 * 1024];
    while (true) {
        const auto count = ::read(fd.get(), buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return system_error("read", path);
        if (count == 0) return hash.hex();
        hash.add({buffer, std::size_t(count)});
    }
}

namespace {
Result<Fd> locked(const fs::path& path, int how) {
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    if (!fd) return system_error("open", path);
    while (::flock(fd.get(), how) != 0) {
        if (errno == EWOULDBLOCK) return Fd();
        if (errno != EINTR) return system_error("lock", path);
    }
    return fd;
}
}  // namespace

Result<FileLock> FileLock::try_lock(const fs::path& path) {
    auto fd = locked(path, LOCK_EX | LOCK_NB);
    if (!fd) return fd.error();
    FileLock lock;
    lock.fd_ = std::move(*fd);
    return lock;
}

Result<FileLock> FileLock::lock(const fs::path& path) {
    auto fd = locked(path, LOCK_EX);
    if (!fd) return fd.error();
    FileLock lock;
    lock.fd_ = std::move(*fd);
    return lock;
}

TemporaryFolder::TemporaryFolder(std::string_view name) {
    auto pattern = (fs::temp_directory_path() / fmt::format("{}-XXXXXX", name)).string();
    if (!::mkdtemp(pattern.data())) throw std::runtime_error(system_error("create", pattern).message);
    path_ = pattern;
}
TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace shotwire::core
