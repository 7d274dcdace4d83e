#pragma once
#include <cstdint>
#include <string>
#include <vector>

// MP4 files made of boxes, without a codec: what the box reader looks at, and nothing else.
namespace boxes {

std::string big_endian(std::uint64_t value, int width);
std::string u32(std::uint64_t value);
std::string box(const std::string& type, const std::string& content);

struct TrackSpec {
    std::string handler = "vide";
    std::string codec = "avc1";
    int width = 1280, height = 720;
    bool rotated = false;
    std::uint32_t timescale = 24;
    std::uint32_t delta = 1;
    std::vector<std::uint32_t> samples = {};  // their sizes
    bool compact_sizes = false;               // stz2 with 8 bits
    bool wide_offsets = false;                // co64
    std::uint32_t per_chunk = 2;
};

struct FileSpec {
    std::vector<TrackSpec> tracks;
    bool moov_first = true;
    bool wide_mdat = false;      // 64-bit size
    bool open_end = false;       // mdat of size 0, to the end of the file
};

TrackSpec picture(std::uint32_t frames = 6);
TrackSpec sound();
std::string mp4(const FileSpec& spec);

}  // namespace boxes
