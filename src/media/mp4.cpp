#include "media/mp4.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/files.hpp"
#include "media/boxes.hpp"
#include "media/track.hpp"

namespace shotwire::media {
namespace {

constexpr std::uint64_t most_moov = 64 << 20;  // an hour of 60 fps needs 5 MiB
constexpr int most_tracks = 64;

struct Layout {
    bool ftyp = false;
    bool fragments = false;
    std::string moov;
    bool has_moov = false;
    std::vector<Span> data;
};

Result<std::string> read_at(int fd, std::uint64_t offset, std::uint64_t count, const std::filesystem::path& path) {
    std::string bytes(std::size_t(count), '\0');
    for (std::size_t done = 0; done < bytes.size();) {
        const auto got = ::pread(fd, bytes.data() + done, bytes.size() - done, off_t(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return core::system_error("read", path);
        if (got == 0) return broken("it became shorter while it was read");
        done += std::size_t(got);
    }
    return bytes;
}

Result<Layout> read_layout(int fd, std::uint64_t length, const std::filesystem::path& path) {
    Layout layout;
    std::uint64_t offset = 0;
    for (int count = 0; offset < length; ++count) {
        if (count >= most_boxes) return broken("it has too many boxes");
        const auto left = length - offset;
        const auto head = read_at(fd, offset, std::min<std::uint64_t>(16, left), path);
        if (!head) return head.error();
        const auto box = read_header(Reader(*head), left, true);
        if (!box) return offset == 0 ? broken("it does not begin with a box") : box.error();
        const auto begin = offset + std::uint64_t(box->header), end = offset + box->size;
        if (offset == 0 && box->type != "ftyp") return broken(fmt::format("it begins with '{}', not with 'ftyp'", box->type));
        if (box->type == "ftyp") layout.ftyp = true;
        if (box->type == "mdat") layout.data.push_back({begin, end});
        if (box->type == "moof") layout.fragments = true;
        if (box->type == "moov") {
            if (layout.has_moov) return broken("it has two boxes 'moov'");
            if (box->size > most_moov) return broken("its box 'moov' is larger than 64 MiB");
            auto moov = read_at(fd, begin, end - begin, path);
            if (!moov) return moov.error();
            layout.moov = std::move(*moov);
            layout.has_moov = true;
        }
        offset = end;
    }
    if (!layout.ftyp) return broken("it is empty");
    if (!layout.has_moov) return broken("it lacks the box 'moov'");
    if (layout.data.empty()) return broken("it lacks the box 'mdat'");
    return layout;
}

}  // namespace

Result<Measures> read_mp4(const std::filesystem::path& path) {
    const core::Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return core::system_error("open", path);
    struct stat status {};
    if (::fstat(fd.get(), &status) != 0) return core::system_error("read", path);
    if (!S_ISREG(status.st_mode)) return Error{ErrorKind::local, fmt::format("{} is not a file", path.string())};
    const auto layout = read_layout(fd.get(), std::uint64_t(status.st_size), path);
    if (!layout) return layout.error();

    Measures measures;
    measures.bytes = std::uint64_t(status.st_size);
    int tracks = 0;
    auto read = each_box(layout->moov, [&](const std::string& type, std::string_view content) -> Result<> {
        if (type != "trak") return Ok{};
        if (++tracks > most_tracks) return broken("it has too many tracks");
        auto track = read_track(content);
        if (!track) return track.error();
        const bool picture = track->handler == "vide", sound = track->handler == "soun";
        if (!picture && !sound) return Ok{};
        if (auto whole = check_samples(*track, layout->data); !whole) return whole;
        if (sound && track->samples && measures.audio.empty()) measures.audio = track->codec;
        // A cover image is a second picture track: the first one with frames is the film.
        if (picture && track->samples && !measures.frames) return describe_picture(*track, measures);
        return Ok{};
    });
    if (layout->fragments) return broken("it is fragmented ('moof'), and its frames are not listed in 'moov'");
    if (!read) return read.error();
    if (!measures.frames) return broken("it has no picture track with frames");
    return measures;
}

}  // namespace shotwire::media
