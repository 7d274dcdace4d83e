#include "job/download.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"

namespace shotwire::job {
namespace {
namespace fs = std::filesystem;

constexpr std::uint64_t reserve = 16 << 20;  // free space that a download leaves: the ledger needs room to say what happened

std::uint64_t free_at(const fs::path& folder) {
    struct statvfs room {};
    if (::statvfs(folder.empty() ? "." : folder.c_str(), &room) != 0) return UINT64_MAX;  // it says so itself when it is used
    return std::uint64_t(room.f_bavail) * room.f_frsize;
}

std::string boot() {
    auto id = core::read_file("/proc/sys/kernel/random/boot_id", 100);
    return id ? std::string(core::trim(*id)) : "";
}

std::optional<std::uint64_t> number(std::string_view text) {
    if (text.empty() || text.size() > 18 || text.find_first_not_of("0123456789") != std::string_view::npos) return {};
    return std::stoull(std::string(text));
}

// "bytes 100-199/200"
struct Range {
    std::uint64_t first = 0, total = 0;
};
std::optional<Range> content_range(std::string_view text) {
    if (!text.starts_with("bytes ")) return {};
    text.remove_prefix(6);
    const auto dash = text.find('-'), slash = text.find('/');
    if (dash == std::string_view::npos || slash == std::string_view::npos || slash < dash) return {};
    const auto first = number(text.substr(0, dash)), total = number(text.substr(slash + 1));
    if (!first || !total) return {};
    return Range{*first, *total};
}

}  // namespace

fs::path PartFile::name(const fs::path& output, const std::string& job) { return output.string() + "." + job + ".part"; }

Result<PartFile> PartFile::open(const json& known) {
    PartFile part;
    part.path_ = core::field_or(known, "/file", "");
    part.fd_ = core::Fd(::open(part.path_.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!part.fd_ && errno == ENOENT) part.fd_ = core::Fd(::open(part.path_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644));
    if (!part.fd_) return core::system_error("create", part.path_);
    struct stat about {};
    if (::fstat(part.fd_.get(), &about) != 0) return core::system_error("read", part.path_);
    if (!S_ISREG(about.st_mode)) return Error{ErrorKind::local, fmt::format("{} is not a regular file", part.path_.string())};
    part.validator_ = core::field_or(known, "/validator", "");
    part.total_ = std::uint64_t(core::number_or(known, "/total", 0));
    part.named_ = {core::field_or(known, "/sha256", ""), core::field_or(known, "/md5", "")};
    // After a power loss the length may be there and the bytes not.
    if (part.validator_.empty() || core::field_or(known, "/boot", "") != boot()) {
        part.restart();
        return part;
    }
    if (auto read = part.read_all(); !read) return read.error();
    return part;
}

Result<> PartFile::read_all() {
    char buffer[64 * 1024];
    ssize_t count = 0;
    while ((count = ::read(fd_.get(), buffer, sizeof buffer)) > 0 || (count < 0 && errno == EINTR))
        if (count > 0) {
            hash_.add({buffer, std::size_t(count)});
            bytes_ += std::uint64_t(count);
        }
    if (count < 0) return core::system_error("read", path_);
    return Ok{};
}

Result<> PartFile::take(const fs::path& other) {
    core::Fd fd(::open(other.c_str(), O_RDWR | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) return core::system_error("open", other);
    if (::rename(other.c_str(), path_.c_str()) != 0) return core::system_error("rename", other);
    fd_ = std::move(fd);
    forget();
    return read_all();
}

void PartFile::ask_for_rest(http::Request& request) const {
    if (bytes_ == 0 || validator_.empty()) return;
    request.headers.push_back({"Range", fmt::format("bytes={}-", bytes_)});
    request.headers.push_back({"If-Range", validator_});
}

Result<> PartFile::begin(const http::Response& head, std::uint64_t most) {
    error_.reset();
    most_ = most;
    if (head.status == 206) {
        const auto range = content_range(head.header("Content-Range"));
        const auto etag = head.header("ETag");
        if (!range || range->first != bytes_ || (total_ && range->total != total_) || (validator_.starts_with('"') && !etag.empty() && etag != validator_)) {
            restart();
            return Error{ErrorKind::provider, "the server sent another part of the clip than was asked for"};
        }
        total_ = range->total;
        const auto named = http::digests_of(head);
        if (!named.sha256.empty()) named_.sha256 = named.sha256;
        if (!named.md5.empty()) named_.md5 = named.md5;
    } else {
        restart();
        named_ = http::digests_of(head);
        if (!named_.md5.empty() && core::Md5::is_there()) md5_.emplace();
        total_ = number(core::trim(head.header("Content-Length"))).value_or(0);
        if (!head.header("Content-Length").empty() && !total_ && head.header("Content-Length") != "0")
            return Error{ErrorKind::provider, fmt::format("the server announced a clip of {} bytes", core::printable(head.header("Content-Length").substr(0, 30)))};
        // A weak validator does not promise the same bytes.
        const auto etag = head.header("ETag");
        validator_ = etag.starts_with('"') ? std::string(etag) : etag.empty() ? std::string(head.header("Last-Modified")) : "";
    }
    if (total_ > most_) return Error{ErrorKind::provider, fmt::format("the server announced a clip of {} bytes; one of this length has at most {}", total_, most_)};
    const auto rest = total_ > bytes_ ? total_ - bytes_ : 0;
    const auto free = free_at(path_.parent_path()), need = rest + std::min(reserve, rest);
    if (free < need) return Error{ErrorKind::local, fmt::format("no room for the clip at {}: {} bytes are missing", path_.string(), need - free)};
    return Ok{};
}

bool PartFile::write(std::string_view piece) {
    if (bytes_ + piece.size() > most_) {
        error_ = Error{ErrorKind::provider, fmt::format("the server sent more than {} bytes", most_)};
        restart();
        return false;
    }
    if (auto written = core::write_all(fd_.get(), piece, path_); !written) {
        error_ = written.error();
        if (errno == EIO) discard();
        return false;
    }
    hash_.add(piece);
    if (md5_) md5_->add(piece);
    bytes_ += piece.size();
    begin_writing();
    return true;
}

// The disk begins with what has come, where the system can be told so: the sync at the end, which tells of failures, then waits for little.
void PartFile::begin_writing() {
#ifdef SYNC_FILE_RANGE_WRITE
    constexpr std::uint64_t much = 1 << 20;
    if (bytes_ - begun_ < much) return;
    (void)::sync_file_range(fd_.get(), off_t(begun_), off_t(bytes_ - begun_), SYNC_FILE_RANGE_WRITE);
    begun_ = bytes_;
#endif
}

Result<> PartFile::finish() {
    if (total_ && bytes_ != total_) return Error{ErrorKind::provider, fmt::format("{} of {} bytes came", bytes_, total_)};
    if (bytes_ == 0) return Error{ErrorKind::provider, "the clip is empty"};
    if (::fsync(fd_.get()) != 0) {  // never again on this descriptor: it would succeed
        const auto failed = core::system_error("sync", path_);
        discard();
        return failed;
    }
    return Ok{};
}

Result<> PartFile::check_sums() {
    if (!named_.sha256.empty() && sha256() != named_.sha256)
        return Error{ErrorKind::provider, fmt::format("it is damaged: its SHA-256 is {}, its host named {}", sha256(), named_.sha256)};
    if (named_.md5.empty() || !core::Md5::is_there()) return Ok{};
    const auto sum = md5();
    if (!sum) return sum.error();
    if (*sum != named_.md5) return Error{ErrorKind::provider, fmt::format("it is damaged: its MD5 is {}, its host named {}", *sum, named_.md5)};
    return Ok{};
}

// Of a part that an earlier run began the first bytes are read once more.
Result<std::string> PartFile::md5() {
    if (md5_) return std::exchange(md5_, std::nullopt)->hex();
    core::Md5 hash;
    std::string buffer(64 * 1024, '\0');
    for (std::uint64_t at = 0; at < bytes_;) {
        const auto count = ::pread(fd_.get(), buffer.data(), buffer.size(), off_t(at));
        if (count < 0 && errno == EINTR) continue;
        if (count < 0) return core::system_error("read", path_);
        if (count == 0) break;
        hash.add({buffer.data(), std::size_t(count)});
        at += std::uint64_t(count);
    }
    return hash.hex();
}

void PartFile::discard() {
    ::unlink(path_.c_str());
    is_discarded_ = true;
}

void PartFile::restart() {
    if (::ftruncate(fd_.get(), 0) != 0 || ::lseek(fd_.get(), 0, SEEK_SET) != 0) error_ = core::system_error("truncate", path_);
    forget();
}

void PartFile::forget() {
    hash_ = core::Sha256();
    sum_.clear();
    md5_.reset();
    named_ = {};
    bytes_ = total_ = begun_ = 0;
    validator_.clear();
}

json PartFile::known() const {
    json known{{"file", path_.string()}, {"validator", validator_}, {"total", total_}, {"boot", boot()}};
    if (!named_.sha256.empty()) known["sha256"] = named_.sha256;
    if (!named_.md5.empty()) known["md5"] = named_.md5;
    return known;
}

bool PartFile::is_in_place() const {
    struct stat ours {}, named {};
    return ::fstat(fd_.get(), &ours) == 0 && ::lstat(path_.c_str(), &named) == 0 && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev &&
           std::uint64_t(ours.st_size) == bytes_;
}

std::string PartFile::sha256() {
    if (sum_.empty()) sum_ = hash_.hex();
    return sum_;
}

std::string PartFile::head() const {
    std::string bytes(1024, '\0');
    const auto count = ::pread(fd_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? std::size_t(count) : 0);
    return bytes;
}

int most_downloads() {
    constexpr int most = 8;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > 1024) return most;
    return std::clamp((int(files.rlim_cur) - 24) / 4, 1, most);
}

Result<> room_for_a_submit(const fs::path& folder) {
    const auto free = free_at(folder);
    if (free >= reserve) return Ok{};
    return Error{ErrorKind::local, fmt::format("only {} bytes are free at {}: nothing was sent, since what is paid must find room", free, folder.string())};
}

std::uint64_t most_bytes(const Order& order) {
    const double most = double(256 << 20) + std::max(order.seconds, 30.0) * double(32 << 20);
    if (!order.size) return std::uint64_t(most);
    // Less of a small picture, at forty bytes a pixel and second. What comes may be longer and larger than what was ordered.
    const double share = double(order.size->width) * order.size->height * 40 / (32 << 20);
    return std::uint64_t(most * std::clamp(share, 0.125, 1.0));
}

std::optional<std::string> difference(const Order& order, const media::Measures& clip) {
    if (order.size && *order.size != clip.size) return fmt::format("ordered {} pixels, delivered {}", to_string(*order.size), to_string(clip.size));
    if (!order.size && order.ratio && clip.size.height > 0) {
        const double delivered = double(clip.size.width) / clip.size.height;
        // Providers round pixels to what their models take: 1470x630 is sold as 21:9.
        if (std::abs(delivered / order.ratio->value() - 1) > 0.06)
            return fmt::format("ordered {}, delivered {}", to_string(*order.ratio), to_string(clip.size));
    }
    // Half a second, or a twentieth: encoders end on whole groups of frames.
    if (order.seconds > 0 && std::abs(clip.seconds - order.seconds) > std::max(0.5, order.seconds * 0.05))
        return fmt::format("ordered {} s, delivered {:.2f} s", core::print_number(order.seconds), clip.seconds);
    if (order.fps && clip.fps > 0 && std::abs(clip.fps - *order.fps) > 0.51)
        return fmt::format("ordered {} frames a second, delivered {:.2f}", *order.fps, clip.fps);
    if (order.audio && *order.audio && clip.audio.empty()) return "ordered with sound, delivered without";
    if (order.audio && !*order.audio && !clip.audio.empty()) return "ordered without sound, delivered with it";
    return {};
}

}  // namespace shotwire::job
