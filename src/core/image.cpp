#include "core/image.hpp"

#include <cstddef>

namespace shotwire::core {
namespace {

// Bytes beyond the end read as 0, so that a cut file has no size instead of a wrong one.
unsigned at(std::string_view bytes, std::size_t offset) { return offset < bytes.size() ? static_cast<unsigned char>(bytes[offset]) : 0; }
unsigned big16(std::string_view bytes, std::size_t offset) { return at(bytes, offset) << 8 | at(bytes, offset + 1); }
unsigned big32(std::string_view bytes, std::size_t offset) { return big16(bytes, offset) << 16 | big16(bytes, offset + 2); }
unsigned little16(std::string_view bytes, std::size_t offset) { return at(bytes, offset + 1) << 8 | at(bytes, offset); }
unsigned little24(std::string_view bytes, std::size_t offset) { return at(bytes, offset + 2) << 16 | little16(bytes, offset); }

Size sized(unsigned width, unsigned height) {
    constexpr unsigned most = 1 << 20;
    if (width == 0 || height == 0 || width > most || height > most) return {};
    return {int(width), int(height)};
}

// The frame header (SOF) stands behind any number of segments; 0xC4, 0xC8 and 0xCC are other tables.
Size jpeg_size(std::string_view bytes) {
    std::size_t offset = 2;
    while (offset + 9 < bytes.size() && at(bytes, offset) == 0xff) {
        const unsigned marker = at(bytes, offset + 1);
        if (marker == 0xff) {
            ++offset;
            continue;
        }
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
            return sized(big16(bytes, offset + 7), big16(bytes, offset + 5));
        if (marker == 0xda || marker == 0xd9) return {};
        const bool alone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
        offset += 2 + (alone ? 0 : big16(bytes, offset + 2));
    }
    return {};
}

Size webp_size(std::string_view bytes) {
    const auto chunk = bytes.substr(12, 4);
    if (chunk == "VP8X") return sized(little24(bytes, 24) + 1, little24(bytes, 27) + 1);
    if (chunk == "VP8 ") return sized(little16(bytes, 26) & 0x3fff, little16(bytes, 28) & 0x3fff);
    if (chunk == "VP8L") {
        const unsigned bits = little24(bytes, 21) | at(bytes, 24) << 24;
        return sized((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
    }
    return {};
}

// Of the colour types 4 and 6, or with a table of it (tRNS) before the first pixels.
bool png_alpha(std::string_view bytes) {
    if (at(bytes, 25) == 4 || at(bytes, 25) == 6) return true;
    for (std::size_t offset = 8; offset + 8 <= bytes.size(); offset += 12 + std::size_t(big32(bytes, offset))) {
        const auto chunk = bytes.substr(offset + 4, 4);
        if (chunk == "tRNS") return true;
        if (chunk == "IDAT") break;
    }
    return false;
}

}  // namespace

ImageInfo inspect_image(std::string_view bytes) {
    if (bytes.substr(0, 8) == "\x89PNG\r\n\x1a\n") return {"image/png", sized(big32(bytes, 16), big32(bytes, 20)), png_alpha(bytes)};
    if (bytes.substr(0, 3) == "\xff\xd8\xff") return {"image/jpeg", jpeg_size(bytes), false};
    if (bytes.substr(0, 4) == "RIFF" && bytes.size() >= 16 && bytes.substr(8, 4) == "WEBP") return {"image/webp", webp_size(bytes), false};
    return {};
}

}  // namespace shotwire::core
