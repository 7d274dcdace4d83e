#include "support/boxes.hpp"

namespace boxes {
namespace {

std::string zeros(int count) { return std::string(std::size_t(count), '\0'); }

std::string sample_entry(const TrackSpec& track) {
    if (track.handler != "vide") return box(track.codec, zeros(28));
    return box(track.codec, zeros(24) + big_endian(std::uint64_t(track.width), 2) + big_endian(std::uint64_t(track.height), 2) + zeros(50));
}

std::string sizes(const TrackSpec& track) {
    const int width = track.compact_sizes ? 1 : 4;
    std::string table = u32(0) + (track.compact_sizes ? u32(8) : u32(0)) + u32(track.samples.size());
    for (const auto size : track.samples) table += big_endian(size, width);
    return box(track.compact_sizes ? "stz2" : "stsz", table);
}

// Sample to chunk: full chunks, then a shorter one where a rest is left.
std::string runs(const TrackSpec& track) {
    const auto full = track.samples.size() / track.per_chunk, rest = track.samples.size() % track.per_chunk;
    std::string entries;
    if (full) entries += u32(1) + u32(track.per_chunk) + u32(1);
    if (rest) entries += u32(full + 1) + u32(rest) + u32(1);
    return box("stsc", u32(0) + u32(entries.size() / 12) + entries);
}

std::string track(const TrackSpec& spec, std::uint64_t& offset) {
    std::string chunks;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < spec.samples.size(); ++i) {
        if (i % spec.per_chunk == 0) {
            chunks += big_endian(offset, spec.wide_offsets ? 8 : 4);
            ++count;
        }
        offset += spec.samples[i];
    }
    const std::string times = box("stts", u32(0) + u32(1) + u32(spec.samples.size()) + u32(spec.delta));
    const std::string stbl = box("stbl", box("stsd", u32(0) + u32(1) + sample_entry(spec)) + times + runs(spec) + sizes(spec) +
                                             box(spec.wide_offsets ? "co64" : "stco", u32(0) + u32(count) + chunks));
    const std::string mdhd = box("mdhd", zeros(12) + u32(spec.timescale) + u32(spec.samples.size() * spec.delta) + zeros(4));
    const std::string hdlr = box("hdlr", zeros(8) + spec.handler + zeros(13));
    const auto one = u32(0x10000);
    const std::string matrix = spec.rotated ? u32(0) + one + u32(0) + u32(0xffff0000) : one + u32(0) + u32(0) + u32(0);
    const std::string tkhd = box("tkhd", zeros(4) + zeros(20) + zeros(16) + matrix + zeros(20) + u32(std::uint64_t(spec.width) << 16) +
                                             u32(std::uint64_t(spec.height) << 16));
    return box("trak", tkhd + box("mdia", mdhd + hdlr + box("minf", stbl)));
}

std::string moov(const FileSpec& spec, std::uint64_t data) {
    std::string tracks;
    for (const auto& one : spec.tracks) tracks += track(one, data);
    return box("moov", box("mvhd", zeros(100)) + tracks);
}

}  // namespace

std::string big_endian(std::uint64_t value, int width) {
    std::string bytes;
    for (int i = width - 1; i >= 0; --i) bytes += char(value >> (8 * i));
    return bytes;
}
std::string u32(std::uint64_t value) { return big_endian(value, 4); }
std::string box(const std::string& type, const std::string& content) { return u32(content.size() + 8) + type + content; }

TrackSpec picture(std::uint32_t frames) {
    TrackSpec track;
    for (std::uint32_t i = 0; i < frames; ++i) track.samples.push_back(10 + i);
    return track;
}
TrackSpec sound() {
    return {.handler = "soun", .codec = "mp4a", .width = 0, .height = 0, .timescale = 48000, .delta = 1024, .samples = {7, 7, 7}};
}

std::string mp4(const FileSpec& spec) {
    const std::string ftyp = box("ftyp", "isom" + u32(512) + "isomavc1");
    std::string data;
    for (const auto& one : spec.tracks)
        for (const auto size : one.samples) data += std::string(size, 'x');
    const std::string head = spec.open_end    ? u32(0) + "mdat"
                             : spec.wide_mdat ? u32(1) + "mdat" + big_endian(data.size() + 16, 8)
                                              : u32(data.size() + 8) + "mdat";
    const auto before = ftyp.size() + head.size();
    if (!spec.moov_first) return ftyp + head + data + moov(spec, before);
    return ftyp + moov(spec, before + moov(spec, 0).size()) + head + data;
}

}  // namespace boxes
