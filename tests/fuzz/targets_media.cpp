#include <algorithm>
#include <cmath>

#include "core/text.hpp"
#include "fuzz.hpp"
#include "http/spool.hpp"
#include "media/mp4.hpp"
#include "support/boxes.hpp"

namespace shotwire::fuzz {
namespace {

std::uint64_t number_at(std::string_view bytes, std::size_t at, int width) {
    std::uint64_t value = 0;
    for (int i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes[at + std::size_t(i)]);
    return value;
}

// The boxes at the top of the file, read anew; empty where they do not fill it exactly.
std::vector<std::string> boxes_of(std::string_view bytes) {
    std::vector<std::string> types;
    for (std::size_t at = 0; at < bytes.size();) {
        if (bytes.size() - at < 8) return {};
        auto size = number_at(bytes, at, 4);
        types.emplace_back(bytes.substr(at + 4, 4));
        if (size == 1) {
            if (bytes.size() - at < 16) return {};
            size = number_at(bytes, at + 8, 8);
            if (size < 16) return {};
        } else if (size == 0) {
            size = bytes.size() - at;
        } else if (size < 8) {
            return {};
        }
        if (size > bytes.size() - at) return {};
        at += size;
    }
    return types;
}

}  // namespace

void run_mp4(std::string_view input) {
    holds_of_text(media::sniff(input.substr(0, 1024)), "a type can be printed");
    const auto path = as_file(input);
    const auto clip = media::read_mp4(path);
    const auto again = media::read_mp4(path);
    holds(bool(clip) == bool(again), "the same file is judged the same way");
    if (!clip) {
        holds_of_error(clip.error());
        holds(clip.error().kind == ErrorKind::provider, "a file that was read and is no clip is the provider's fault", clip.error().message);
        return;
    }
    const auto types = boxes_of(input);
    const auto has = [&](const char* type) { return std::find(types.begin(), types.end(), type) != types.end(); };
    holds(has("ftyp") && has("moov") && has("mdat"), "a clip that is accepted has its boxes, and they end with the file");
    holds(clip->bytes == input.size(), "a clip has as many bytes as its file");
    holds(clip->frames > 0, "a clip has frames");
    // Each frame has a byte of its own within the file.
    holds(clip->frames <= input.size(), "the frames are inside the file");
    holds(std::isfinite(clip->seconds) && clip->seconds > 0, "a clip has a length");
    holds(std::isfinite(clip->fps) && clip->fps >= 0, "a clip has a rate");
    holds(clip->size.width > 0 && clip->size.height > 0, "a clip has a size");
    holds_of_text(clip->video + clip->audio, "a codec's name can be printed");
}

std::vector<std::string> seeds_of_mp4() {
    using namespace boxes;
    std::vector<std::string> seeds{mp4({{picture(2)}}), mp4({{picture(3), sound()}})};
    auto odd = picture(4);
    odd.rotated = odd.compact_sizes = odd.wide_offsets = true;
    FileSpec spec{{odd}};
    spec.wide_mdat = true;
    seeds.push_back(mp4(spec));
    spec.wide_mdat = spec.moov_first = false;
    spec.open_end = true;
    seeds.push_back(mp4(spec));
    for (const char* head : {"RIFF\x01\x01\x01\x01" "AVI LIST", "\x1a\x45\xdf\xa3webm", "<html>", "{\"a\":1}", "GIF89a", "\xff\xd8\xff"}) seeds.push_back(head);
    return seeds;
}

// The input with each '#' made into more than a spool keeps in memory; what stands behind it says in which pieces it comes.
void run_spool(std::string_view input) {
    if (input.empty()) return;
    const auto piece_length = 1 + std::size_t(static_cast<unsigned char>(input[0])) * 331;
    std::string text;
    for (const char each : input.substr(1)) {
        if (each == '#') for (int i = 0; i < 17000; ++i) text += "QUJD";
        else text += each;
        if (text.size() > (1 << 20)) return;
    }
    auto spool = http::Spool::open(2 << 20);
    holds(bool(spool), "there is room for a temporary file");
    for (std::size_t at = 0; at < text.size(); at += piece_length)
        holds((*spool)->piece(std::string_view(text).substr(at, piece_length)), "a spool takes what is within its limit");
    const auto whole = json::parse(text, nullptr, false);
    const auto small = json::parse((*spool)->text(), nullptr, false);
    holds(whole.is_discarded() == small.is_discarded() || whole.is_discarded(), "what was JSON is still JSON without its long texts");
    holds((*spool)->text().size() <= text.size(), "a spool holds no more than came");
    // What stands outside of texts is held, however long; an answer that is JSON has little of it.
    if (!whole.is_discarded()) holds((*spool)->text().size() <= input.size() * 1000 + 200'000, "a spool holds no long text");
    if (whole.is_discarded() || small.is_discarded()) return;
    const std::function<void(const json&, const json&)> same = [&](const json& before, const json& after) {
        if (before.is_string() && after.is_string() && (*spool)->holds(after.get_ref<const std::string&>())) {
            holds(before.get_ref<const std::string&>().size() >= http::Spool::long_text / 2, "only long texts go to the file");
            std::string bytes;
            const auto decoded = (*spool)->decode(after.get_ref<const std::string&>(), [&](std::string_view piece) { return bytes += piece, true; });
            const auto expected = core::from_base64(before.get_ref<const std::string&>());
            if (!decoded) holds_of_error(decoded.error());
            // Escapes that mean nothing in Base64 are passed over by the one and not by the other.
            if (expected) holds(decoded && *expected == bytes, "what the file gives back is what came");
            return;
        }
        holds(before.type() == after.type(), "the rest is as it came");
        if (before.is_object()) {
            for (const auto& [name, value] : before.items()) {
                if (after.contains(name)) same(value, after.at(name));
                else holds(name.size() >= http::Spool::long_text / 2, "the names are as they came", name);  // a long name is behind a mark
            }
        } else if (before.is_array()) {
            holds(before.size() == after.size(), "the lists are as they came");
            for (std::size_t i = 0; i < before.size(); ++i) same(before[i], after[i]);
        } else {
            holds(before == after, "the values are as they came");
        }
    };
    same(whole, small);
}

std::vector<std::string> seeds_of_spool() {
    return {"\x40{\"a\":\"#\",\"b\":[\"x\",\"#\"]}", "\x01{\"a\":\"#\\\"#\"}", "\xff[\"#\\u0041#\",1,\"#=\"]", "\x20{\"clip\":\"#!\",\"n\":null}", std::string("\x10\"#", 3), "\x03[\"\\\\\",\"#\\\\\"]"};
}

}  // namespace shotwire::fuzz
