#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "shotwire/measure.hpp"
#include "shotwire/result.hpp"

namespace shotwire::media {

// What the boxes of an MP4 say about it.
struct Measures {
    double seconds = 0;  // of the picture
    Size size;           // as shown, rotation applied
    double fps = 0;
    std::uint64_t frames = 0;
    std::string video;   // sample entry: avc1, hvc1, av01, ...
    std::string audio;   // mp4a, ...; empty: silent
    std::uint64_t bytes = 0;
};

// Reads boxes only, no pixels, and never more than the tables: complete ftyp, moov and mdat, every sample inside the file, a
// picture track with frames. A fragmented file is refused. Errors: provider for a file that is no whole MP4 (naming the box), local where it cannot be read.
Result<Measures> read_mp4(const std::filesystem::path& path);

// What a file is by its first bytes: "video/mp4", "video/webm", "video/x-msvideo", "image/png", "text/html", "application/json", ...;
// empty where it is nothing we know.
std::string sniff(std::string_view head);

}  // namespace shotwire::media
