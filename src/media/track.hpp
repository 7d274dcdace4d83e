#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "media/mp4.hpp"

namespace shotwire::media {

struct Span {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
};

// A `trak`. Its tables are views into the buffer that holds `moov`, so memory is bounded by the limit of that.
struct Track {
    std::string handler;  // vide, soun, ...
    std::string codec;
    std::uint64_t width = 0, height = 0;              // as stored, pixels
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
};

Result<Track> read_track(std::string_view bytes);

// Every sample of the track lies inside one of the `mdat` boxes, and the tables agree on their number. Errors: provider.
Result<> check_samples(const Track& track, const std::vector<Span>& data);

// What a picture track says of the film. Errors: provider.
Result<> describe_picture(const Track& track, Measures& measures);

}  // namespace shotwire::media
