#include "media/mp4.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "core/text.hpp"

// Everything in the file is hostile: each number is checked against the file's length before it is used, a table against the
// box that holds it. Tables are kept as views into the one buffer that holds `moov`, so memory is bounded by its limit.
namespace shotwire::media {
namespace {

constexpr std::uint64_t most_moov = 64 << 20;  // an hour of 60 fps needs 5 MiB
constexpr int most_boxes = 100'000;
constexpr int most_tracks = 64;

Error broken(std::string_view what) { return {ErrorKind::provider, fmt::format("the file is no whole MP4: {}", core::printable(what))}; }  // with names from the file

// Big-endian reading that cannot leave its bytes: behind the end it yields zeros and `ok` turns false.
class Reader {
public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}
    std::uint64_t take(int width) {
        if (bytes_.size() < std::size_t(width)) {
            ok = false;
            bytes_ = {};
            return 0;
        }
        std::uint64_t value = 0;
        for (int i = 0; i < width; ++i) value = value << 8 | std::uint8_t(bytes_[std::size_t(i)]);
        bytes_.remove_prefix(std::size_t(width));
        return value;
    }
    std::uint32_t u32() { return std::uint32_t(take(4)); }
    std::uint64_t u64() { return take(8); }
    std::string word() { return std::string(view(4)); }
    std::string_view view(std::uint64_t count) {
        if (bytes_.size() < count) {
            ok = false;
            count = bytes_.size();
        }
        const auto taken = bytes_.substr(0, std::size_t(count));
        bytes_.remove_prefix(std::size_t(count));
        return taken;
    }
    std::string_view rest() const { return bytes_; }
    bool ok = true;

private:
    std::string_view bytes_;
};

std::uint32_t u32_at(std::string_view table, std::size_t index) { return Reader(table.substr(index * 4)).u32(); }

struct Header {
    std::string type;
    std::uint64_t size = 0;  // with its header
    int header = 8;
};

// `left` is what the enclosing box or file still has.
Result<Header> read_header(Reader reader, std::uint64_t left, bool top) {
    Header box;
    box.size = reader.u32();
    box.type = reader.word();
    if (box.size == 1) {
        box.size = reader.u64();
        box.header = 16;
    } else if (box.size == 0 && top) {
        box.size = left;  // to the end of the file
    }
    if (!reader.ok) return broken("it ends inside the header of a box");
    for (const char letter : box.type)
        if (std::uint8_t(letter) < 0x20 || std::uint8_t(letter) == 0x7f) return broken("something in it is no box");
    if (box.size < std::uint64_t(box.header)) return broken(fmt::format("its box '{}' is smaller than a header", box.type));
    if (box.size > left) return broken(fmt::format("its box '{}' is cut off", box.type));
    return box;
}

Result<> each_box(std::string_view bytes, const std::function<Result<>(const std::string& type, std::string_view content)>& visit) {
    for (int count = 0; bytes.size() >= 8; ++count) {
        if (count >= most_boxes) return broken("it has too many boxes");
        const auto box = read_header(Reader(bytes), bytes.size(), false);
        if (!box) return box.error();
        const auto content = bytes.substr(std::size_t(box->header), std::size_t(box->size) - std::size_t(box->header));
        if (auto visited = visit(box->type, content); !visited) return visited;
        bytes.remove_prefix(std::size_t(box->size));
    }
    return Ok{};
}

struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

struct Track {
    std::string handler;  // vide, soun, ...
    std::string codec;
    std::uint64_t width = 0, height = 0;      // as stored, pixels
    std::uint64_t shown_width = 0, shown_height = 0;  // tkhd, 16.16
    bool on_its_side = false;
    std::uint64_t timescale = 0;
    std::uint64_t duration = 0;  // of mdhd
    bool has_sizes = false, has_chunks = false, has_runs = false, has_times = false;
    std::uint64_t samples = 0;
    std::uint32_t one_size = 0;  // of each sample, where all are alike
    int size_bits = 32;
    std::string_view sizes, runs, times, chunks;
    bool wide_chunks = false;  // co64

    std::uint64_t chunk_count() const { return chunks.size() / (wide_chunks ? 8 : 4); }
    std::uint64_t chunk(std::uint64_t index) const {
        const int width = wide_chunks ? 8 : 4;
        return Reader(chunks.substr(std::size_t(index) * std::size_t(width))).take(width);
    }
    std::uint64_t sample_size(std::uint64_t index) const {
        if (one_size) return one_size;
        const auto at = std::size_t(index);
        if (size_bits == 4) {
            const auto pair = std::uint8_t(sizes[at / 2]);
            return at % 2 ? pair & 15 : pair >> 4;
        }
        const auto width = std::size_t(size_bits / 8);
        return Reader(sizes.substr(at * width)).take(int(width));
    }
};

Result<std::string_view> table(Reader& reader, std::uint64_t count, std::uint64_t entry_bits, const char* name) {
    const auto bytes = (count * entry_bits + 7) / 8;  // count is 32 bits, entries at most 96: no overflow
    const auto entries = reader.view(bytes);
    if (!reader.ok) return broken(fmt::format("its table '{}' is cut off", name));
    return entries;
}

Result<> read_sample_entry(Track& track, std::string_view content) {
    Reader reader(content);
    reader.u32();
    reader.u32();
    return each_box(reader.rest(), [&](const std::string& type, std::string_view entry) -> Result<> {
        if (!track.codec.empty()) return Ok{};
        track.codec = core::printable(type);  // four letters, as a rule
        if (track.handler != "vide") return Ok{};
        Reader picture(entry);
        picture.view(24);
        track.width = picture.take(2);
        track.height = picture.take(2);
        if (!picture.ok) return broken("its picture description is cut off");
        return Ok{};
    });
}

Result<> read_sample_table(Track& track, std::string_view bytes) {
    return each_box(bytes, [&](const std::string& type, std::string_view content) -> Result<> {
        if (type == "stsd") return read_sample_entry(track, content);
        Reader reader(content);
        reader.u32();  // version and flags
        const auto keep = [&](std::string_view& place, bool& seen, std::uint64_t count, std::uint64_t bits) -> Result<> {
            if (seen) return broken(fmt::format("it has the table '{}' twice", type));
            auto entries = table(reader, count, bits, type.c_str());
            if (!entries) return entries.error();
            place = *entries;
            seen = true;
            return Ok{};
        };
        if (type == "stsz") {
            track.one_size = reader.u32();
            track.samples = reader.u32();
            return keep(track.sizes, track.has_sizes, track.one_size ? 0 : track.samples, 32);
        }
        if (type == "stz2") {
            track.size_bits = int(reader.u32() & 255);
            track.samples = reader.u32();
            if (track.size_bits != 4 && track.size_bits != 8 && track.size_bits != 16)
                return broken("its table 'stz2' has a field size that does not exist");
            return keep(track.sizes, track.has_sizes, track.samples, std::uint64_t(track.size_bits));
        }
        if (type == "stco" || type == "co64") {
            track.wide_chunks = type == "co64";
            return keep(track.chunks, track.has_chunks, reader.u32(), track.wide_chunks ? 64 : 32);
        }
        if (type == "stsc") return keep(track.runs, track.has_runs, reader.u32(), 96);
        if (type == "stts") return keep(track.times, track.has_times, reader.u32(), 64);
        return Ok{};
    });
}

void read_track_header(Track& track, std::string_view content) {
    Reader reader(content);
    const bool wide = reader.u32() >> 24 == 1;
    reader.view(wide ? 32 : 20);  // times, id, duration
    reader.view(16);              // layer, volume
    const auto a = std::int32_t(reader.u32()), b = std::int32_t(reader.u32());
    reader.view(28);  // the rest of the matrix
    track.on_its_side = std::abs(double(b)) > std::abs(double(a));
    track.shown_width = reader.u32();
    track.shown_height = reader.u32();
}

Result<> read_media(Track& track, std::string_view bytes) {
    // The handler decides how the sample description is read and may lie behind it: two rounds.
    for (const bool tables : {false, true}) {
        auto read = each_box(bytes, [&](const std::string& type, std::string_view content) -> Result<> {
            Reader reader(content);
            if (type == "mdhd" && !tables) {
                const int width = reader.u32() >> 24 == 1 ? 8 : 4;
                reader.view(std::uint64_t(width) * 2);
                track.timescale = reader.u32();
                track.duration = reader.take(width);
                if (!reader.ok) return broken("its box 'mdhd' is cut off");
            } else if (type == "hdlr" && !tables) {
                reader.view(8);
                track.handler = reader.word();
            } else if (type == "minf" && tables) {
                return each_box(content, [&](const std::string& inner, std::string_view stbl) -> Result<> {
                    return inner == "stbl" ? read_sample_table(track, stbl) : Result<>(Ok{});
                });
            }
            return Ok{};
        });
        if (!read) return read;
    }
    return Ok{};
}

Result<Track> read_track(std::string_view bytes) {
    Track track;
    auto read = each_box(bytes, [&](const std::string& type, std::string_view content) -> Result<> {
        if (type == "tkhd") read_track_header(track, content);
        if (type == "mdia") return read_media(track, content);
        return Ok{};
    });
    if (!read) return read.error();
    return track;
}

// Every sample of the track lies inside one of the `mdat` boxes, and the tables agree on their number.
Result<> check_samples(const Track& track, const std::vector<Span>& data) {
    if (!track.has_sizes) return broken("it lacks the table 'stsz'");
    if (track.samples == 0) return Ok{};
    if (track.codec.empty()) return broken("it lacks the table 'stsd'");
    if (!track.has_chunks) return broken("it lacks the table 'stco'");
    if (!track.has_runs || track.runs.empty()) return broken("it lacks the table 'stsc'");
    if (!track.has_times) return broken("it lacks the table 'stts'");
    const auto inside = [&](std::uint64_t offset, std::uint64_t size) {
        auto after = std::upper_bound(data.begin(), data.end(), offset, [](std::uint64_t at, Span span) { return at < span.begin; });
        if (after == data.begin()) return false;
        const auto span = *std::prev(after);
        return offset <= span.end && size <= span.end - offset;
    };
    std::uint64_t sample = 0;
    const auto runs = track.runs.size() / 12;
    for (std::size_t run = 0; run < runs; ++run) {
        const std::uint64_t first = u32_at(track.runs, run * 3);
        const std::uint64_t per_chunk = u32_at(track.runs, run * 3 + 1);
        const std::uint64_t next = run + 1 < runs ? u32_at(track.runs, run * 3 + 3) : track.chunk_count() + 1;
        if (first == 0 || next < first || next > track.chunk_count() + 1 || (run == 0 && first != 1))
            return broken("its table 'stsc' contradicts 'stco'");
        for (std::uint64_t chunk = first; chunk < next && per_chunk; ++chunk) {
            if (per_chunk > track.samples - sample) return broken("its table 'stsc' names more samples than 'stsz'");
            std::uint64_t size = 0;
            if (track.one_size) {
                size = per_chunk * track.one_size;
            } else {
                for (std::uint64_t i = 0; i < per_chunk; ++i) size += track.sample_size(sample + i);
            }
            if (!inside(track.chunk(chunk - 1), size))
                return broken(fmt::format("sample {} of its {} track lies outside 'mdat'", sample + 1, track.handler));
            sample += per_chunk;
        }
    }
    if (sample != track.samples) return broken("its tables 'stsc' and 'stsz' disagree on the number of samples");
    return Ok{};
}

struct Timing {
    std::uint64_t samples = 0;
    std::uint64_t ticks = 0;
};
Timing read_times(const Track& track) {
    Timing timing;
    for (std::size_t i = 0; i < track.times.size() / 8; ++i) {
        const std::uint64_t count = u32_at(track.times, i * 2), delta = u32_at(track.times, i * 2 + 1);
        timing.samples += count;
        // Saturates: a lie about time shows as an absurd length.
        timing.ticks = count * delta > UINT64_MAX - timing.ticks ? UINT64_MAX : timing.ticks + count * delta;
    }
    return timing;
}

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

Result<> describe_picture(const Track& track, Measures& measures) {
    if (track.timescale == 0) return broken("its picture track has no timescale");
    const auto timing = read_times(track);
    if (timing.samples != track.samples) return broken("its tables 'stts' and 'stsz' disagree on the number of samples");
    measures.frames = track.samples;
    measures.video = track.codec;
    measures.seconds = double(timing.ticks) / double(track.timescale);
    measures.fps = measures.seconds > 0 ? double(track.samples) / measures.seconds : 0;
    auto width = track.shown_width >> 16, height = track.shown_height >> 16;
    if (!width || !height) {
        width = track.width;
        height = track.height;
    }
    if (!width || !height) return broken("its picture has no size");
    if (track.on_its_side) std::swap(width, height);
    measures.size = {int(width), int(height)};
    return Ok{};
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
