#include "cli/batch_source.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <istream>
#include <thread>

#include "core/text.hpp"

namespace shotwire::cli {
namespace {

constexpr std::chrono::seconds patience{2};
constexpr std::size_t most_remembered = 4096;

std::string read_at(int file, std::size_t from, std::size_t most) {
    std::string text(most, '\0');
    std::size_t done = 0;
    for (ssize_t got; done < most && (got = ::pread(file, text.data() + done, most - done, off_t(from + done))) > 0;) done += std::size_t(got);
    text.resize(done);
    return text;
}

}  // namespace

bool is_stream(const std::string& file) {
    std::error_code failed;
    const auto there = std::filesystem::status(file, failed);
    return file == "-" || (std::filesystem::exists(there) && !std::filesystem::is_regular_file(there) && !std::filesystem::is_directory(there));
}

std::string BatchSource::last_of(std::string_view read) { return std::string(read.substr(read.size() - std::min(read.size(), most_remembered))); }

Result<std::unique_ptr<BatchSource>> BatchSource::open(const std::string& file, std::size_t offset, std::string last, std::istream& in, const core::Clock& clock) {
    std::unique_ptr<BatchSource> source(new BatchSource(clock));
    source->name_ = file;
    if (is_stream(file)) {
        if (file != "-" && ::access(file.c_str(), R_OK) != 0) return core::system_error("open", file);
        source->pipe_ = std::make_shared<Pipe>();
        // Left behind where we end first: a read of a terminal or a pipe cannot be called off.
        std::thread([pipe = source->pipe_, file, &in] {
            std::ifstream own;
            if (file != "-") own.open(file);
            auto& from = file == "-" ? in : own;
            for (std::string line; std::getline(from, line);) {
                const std::lock_guard lock(pipe->guard);
                pipe->lines.push_back(line);
            }
            const std::lock_guard lock(pipe->guard);
            pipe->over = true;
        }).detach();
        return source;
    }
    source->file_ = core::Fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!source->file_) return core::system_error("open", file);
    source->offset_ = offset;
    source->last_ = std::move(last);
    return source;
}

std::vector<std::string> BatchSource::take() {
    std::vector<std::string> lines;
    if (pipe_) {
        const std::lock_guard lock(pipe_->guard);
        over_ = pipe_->over;
        return std::exchange(pipe_->lines, {});
    }
    struct stat own {}, named {};
    if (over_ || ::fstat(file_.get(), &own) != 0) return over_ = true, lines;
    const bool cut = std::size_t(own.st_size) < offset_;
    if (!cut && std::exchange(seen_, std::size_t(own.st_size)) != std::size_t(own.st_size)) read(lines);
    if (over_) return lines;
    if (::stat(name_.c_str(), &named) != 0) return end_unless_it_passes("is no longer there"), lines;
    if (own.st_dev == named.st_dev && own.st_ino == named.st_ino) {
        if (cut) end_unless_it_passes("was cut to less than what had been read of it");
        else wrong_since_.reset();
        return lines;
    }
    core::Fd other(::open(name_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!other || ::fstat(other.get(), &named) != 0) return end_unless_it_passes("was replaced, and cannot be opened"), lines;
    if (std::size_t(named.st_size) < offset_) return end_unless_it_passes("was replaced by less than what had been read of it"), lines;
    if (!begins_alike(other.get())) return end("was replaced by what does not begin as that which had been read of it"), lines;
    file_ = std::move(other);
    wrong_since_.reset();
    seen_ = std::size_t(named.st_size);
    read(lines);
    return lines;
}

void BatchSource::read(std::vector<std::string>& lines) {
    const auto fresh = behind();
    if (fresh.empty()) return;
    if (read_at(file_.get(), offset_ - last_.size(), last_.size()) != last_) return end("was written anew, and differs from what had been read of it");
    std::size_t at = 0;
    for (std::size_t line_end; (line_end = fresh.find('\n', at)) != std::string::npos; at = line_end + 1) lines.push_back(fresh.substr(at, line_end - at));
    if (at == 0) return;
    offset_ += at;
    remember();
}

void BatchSource::remember() {
    const auto size = std::min(offset_, most_remembered);
    last_ = read_at(file_.get(), offset_ - size, size);
}

void BatchSource::end(const std::string& what) {
    over_ = true;
    why_ = fmt::format("{} {}: the watch ends here, and what it holds now is not read; the same command again reads it from its start", core::printable(name_), what);
}

void BatchSource::end_unless_it_passes(const std::string& what) {
    if (!wrong_since_) wrong_since_ = clock_.now();
    if (clock_.now() - *wrong_since_ >= patience) end(what);
}

std::string BatchSource::behind() const {
    struct stat own {};
    if (::fstat(file_.get(), &own) != 0 || std::size_t(own.st_size) <= offset_) return {};
    return read_at(file_.get(), offset_, std::size_t(own.st_size) - offset_);
}

bool BatchSource::begins_alike(int other) const {
    constexpr std::size_t piece = 64 << 10;
    for (std::size_t at = 0; at < offset_; at += piece) {
        const auto size = std::min(piece, offset_ - at);
        const auto mine = read_at(file_.get(), at, size);
        if (mine.size() != size || mine != read_at(other, at, size)) return false;
    }
    return true;
}

std::string BatchSource::unread() const {
    if (pipe_ || !why_.empty()) return {};
    const auto rest = behind();
    if (core::trim(rest).empty()) return {};
    const auto whole = core::split(rest.substr(0, rest.rfind('\n') + 1), '\n').size();
    const bool half = !core::trim(std::string_view(rest).substr(rest.rfind('\n') + 1)).empty();
    return fmt::format("{}: {}{}{}", core::printable(name_), whole ? fmt::format("the last {} line{} came too late and {} not read", whole, whole == 1 ? "" : "s", whole == 1 ? "was" : "were") : "",
                       whole && half ? "; " : "", half ? "the last line has no line end, and was not read" : "");
}

}  // namespace shotwire::cli
