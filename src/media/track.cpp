#include "media/track.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>

#include "core/text.hpp"
#include "media/boxes.hpp"

namespace shotwire::media {
namespace {

std::uint32_t u32_at(std::string_view table, std::size_t index) { return Reader(table.substr(index * 4)).u32(); }

std::uint64_t chunk_width(const Track& track) { return track.wide_chunks ? 8 : 4; }
std::uint64_t chunk_count(const Track& track) { return track.chunks.size() / chunk_width(track); }
std::uint64_t chunk_offset(const Track& track, std::uint64_t index) {
    return Reader(track.chunks.substr(std::size_t(index * chunk_width(track)))).take(int(chunk_width(track)));
}
std::uint64_t sample_size(const Track& track, std::uint64_t index) {
    if (track.one_size) return track.one_size;
    const auto at = std::size_t(index);
    if (track.size_bits == 4) {
        const auto pair = std::uint8_t(track.sizes[at / 2]);
        return at % 2 ? pair & 15 : pair >> 4;
    }
    const auto width = std::size_t(track.size_bits / 8);
    return Reader(track.sizes.substr(at * width)).take(int(width));
}

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

}  // namespace

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
        const std::uint64_t next = run + 1 < runs ? u32_at(track.runs, run * 3 + 3) : chunk_count(track) + 1;
        if (first == 0 || next < first || next > chunk_count(track) + 1 || (run == 0 && first != 1))
            return broken("its table 'stsc' contradicts 'stco'");
        for (std::uint64_t chunk = first; chunk < next && per_chunk; ++chunk) {
            if (per_chunk > track.samples - sample) return broken("its table 'stsc' names more samples than 'stsz'");
            std::uint64_t size = 0;
            if (track.one_size) {
                size = per_chunk * track.one_size;
            } else {
                for (std::uint64_t i = 0; i < per_chunk; ++i) size += sample_size(track, sample + i);
            }
            if (!inside(chunk_offset(track, chunk - 1), size))
                return broken(fmt::format("sample {} of its {} track lies outside 'mdat'", sample + 1, track.handler));
            sample += per_chunk;
        }
    }
    if (sample != track.samples) return broken("its tables 'stsc' and 'stsz' disagree on the number of samples");
    return Ok{};
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

}  // namespace shotwire::media
