#include <array>

#include "core/text.hpp"
#include "media/mp4.hpp"

namespace shotwire::media {
namespace {

struct Mark {
    std::size_t offset;
    std::string_view bytes;
    const char* type;
};

using namespace std::string_view_literals;
constexpr std::array marks{
    Mark{0, "\x89PNG\r\n\x1a\n"sv, "image/png"},
    Mark{0, "\xff\xd8\xff"sv, "image/jpeg"},
    Mark{0, "GIF8"sv, "image/gif"},
    Mark{0, "\x1a\x45\xdf\xa3"sv, "video/webm"},
    Mark{0, "OggS"sv, "video/ogg"},
    Mark{0, "\x1f\x8b"sv, "application/gzip"},
    Mark{0, "PK\x03\x04"sv, "application/zip"},
    Mark{0, "%PDF-"sv, "application/pdf"},
};

std::string iso_brand(std::string_view brand) {
    if (brand == "avif" || brand == "avis") return "image/avif";
    if (brand == "heic" || brand == "heix" || brand == "mif1") return "image/heic";
    if (brand == "qt  ") return "video/quicktime";
    return "video/mp4";
}

}  // namespace

std::string sniff(std::string_view head) {
    for (const auto& mark : marks)
        if (head.size() >= mark.offset && head.substr(mark.offset).starts_with(mark.bytes)) return mark.type;
    if (head.size() >= 12 && head.substr(4, 4) == "ftyp") return iso_brand(head.substr(8, 4));
    if (head.size() >= 12 && head.starts_with("RIFF")) {
        if (head.substr(8, 4) == "WEBP") return "image/webp";
        if (head.substr(8, 4) == "AVI ") return "video/x-msvideo";
        return {};
    }
    if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
    const auto text = core::trim(head);
    if (text.starts_with('{') || text.starts_with('[')) return "application/json";
    const auto start = core::lower(text.substr(0, 64));
    for (const auto word : {"<!doctype html"sv, "<html"sv, "<head"sv, "<body"sv})
        if (start.starts_with(word)) return "text/html";
    if (start.starts_with("<?xml") || start.starts_with("<error")) return "application/xml";
    return {};
}

}  // namespace shotwire::media
