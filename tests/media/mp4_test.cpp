#include "media/mp4.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "support/boxes.hpp"
#include "core/files.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace boxes;

namespace {

Result<media::Measures> read(const std::string& bytes) {
    static const core::TemporaryFolder folder;
    const auto path = folder.path() / "clip.mp4";
    std::ofstream(path, std::ios::binary) << bytes;
    return media::read_mp4(path);
}

std::string refusal(const std::string& bytes) {
    const auto read_back = read(bytes);
    REQUIRE_FALSE(read_back);
    REQUIRE(read_back.error().kind == ErrorKind::provider);
    return read_back.error().message;
}

std::string replaced(std::string bytes, const std::string& old, const std::string& with) {
    const auto at = bytes.find(old);
    REQUIRE(at != std::string::npos);
    return bytes.replace(at, old.size(), with);
}

std::string overwritten(std::string bytes, const std::string& type, std::size_t behind, std::uint32_t value) {
    const auto at = bytes.find(type);
    REQUIRE(at != std::string::npos);
    return bytes.replace(at + 4 + behind, 4, u32(value));
}

}  // namespace

TEST_CASE("a whole MP4 is measured by its boxes") {
    FileSpec spec{.tracks = {picture(12), sound()}};
    SECTION("moov before mdat") {}
    SECTION("moov behind mdat") { spec.moov_first = false; }
    SECTION("mdat with a 64-bit size") { spec.wide_mdat = true; }
    SECTION("mdat to the end of the file") { spec.open_end = true; }
    SECTION("64-bit offsets") { spec.tracks[0].wide_offsets = true; }
    SECTION("compact sizes") { spec.tracks[0].compact_sizes = true; }
    SECTION("a last chunk that is not full") { spec.tracks[0].per_chunk = 5; }
    const auto bytes = mp4(spec);
    const auto measures = read(bytes);
    REQUIRE(measures);
    CHECK(measures->seconds == Approx(0.5));
    CHECK(measures->fps == Approx(24));
    CHECK(measures->frames == 12);
    CHECK(measures->size == Size{1280, 720});
    CHECK(measures->video == "avc1");
    CHECK(measures->audio == "mp4a");
    CHECK(measures->bytes == bytes.size());
}

TEST_CASE("a turned clip is measured as shown") {
    FileSpec spec{.tracks = {picture()}};
    spec.tracks[0].rotated = true;
    const auto measures = read(mp4(spec));
    REQUIRE(measures);
    CHECK(measures->size == Size{720, 1280});
    CHECK(measures->audio.empty());
}

TEST_CASE("fps with a fraction is kept") {
    FileSpec spec{.tracks = {picture(30)}};
    spec.tracks[0].timescale = 30000;
    spec.tracks[0].delta = 1001;
    const auto measures = read(mp4(spec));
    REQUIRE(measures);
    CHECK(measures->fps == Approx(29.97).epsilon(0.0001));
    CHECK(measures->seconds == Approx(1.001));
}

TEST_CASE("what is missing in an MP4 is named") {
    const auto whole = mp4({.tracks = {picture(), sound()}});
    CHECK(refusal("").find("empty") != std::string::npos);
    CHECK(refusal("<html>no such clip</html>").find("does not begin with a box") != std::string::npos);
    CHECK(refusal(box("moov", "")).find("'ftyp'") != std::string::npos);
    CHECK(refusal(replaced(whole, "moov", "free")).find("'moov'") != std::string::npos);
    CHECK(refusal(replaced(whole, "mdat", "free")).find("'mdat'") != std::string::npos);
    CHECK(refusal(whole.substr(0, whole.size() - 1)).find("'mdat' is cut off") != std::string::npos);
    CHECK(refusal(replaced(whole, "stsz", "free")).find("'stsz'") != std::string::npos);
    CHECK(refusal(replaced(whole, "stco", "free")).find("'stco'") != std::string::npos);
    CHECK(refusal(replaced(whole, "stts", "free")).find("'stts'") != std::string::npos);
    CHECK(refusal(replaced(whole, "stsd", "free")).find("'stsd'") != std::string::npos);
    CHECK(refusal(mp4({.tracks = {sound()}})).find("no picture track") != std::string::npos);
    CHECK(refusal(whole + box("moof", "")).find("fragmented") != std::string::npos);
}

TEST_CASE("a sample outside mdat is found") {
    const auto whole = mp4({.tracks = {picture()}});
    CHECK(refusal(overwritten(whole, "stco", 8, 0)).find("outside 'mdat'") != std::string::npos);
    CHECK(refusal(overwritten(whole, "stco", 16, 0xffffffff)).find("outside 'mdat'") != std::string::npos);
    CHECK(refusal(overwritten(whole, "stsz", 12, 1'000'000)).find("outside 'mdat'") != std::string::npos);
    // The open-ended mdat of a cut download has no size to contradict: the tables find it.
    const auto open = mp4({.tracks = {picture()}, .open_end = true});
    CHECK(refusal(open.substr(0, open.size() - 1)).find("outside 'mdat'") != std::string::npos);
}

TEST_CASE("counts that contradict each other are found") {
    const auto whole = mp4({.tracks = {picture()}});
    CHECK(refusal(overwritten(whole, "stsz", 8, 0xffffffff)).find("'stsz' is cut off") != std::string::npos);
    CHECK(refusal(overwritten(whole, "stco", 4, 0x40000000)).find("'stco' is cut off") != std::string::npos);
    CHECK(refusal(overwritten(whole, "stsc", 12, 1'000'000)).find("'stsc'") != std::string::npos);
    CHECK(refusal(overwritten(whole, "stsc", 8, 2)).find("'stsc'") != std::string::npos);
    CHECK(refusal(overwritten(whole, "stts", 8, 5)).find("'stts'") != std::string::npos);
    CHECK(refusal(overwritten(whole, "mdhd", 12, 0)).find("timescale") != std::string::npos);
    // Equal sizes need no table: the count alone must not be believed.
    auto equal = overwritten(whole, "stsz", 4, 10);
    CHECK(refusal(overwritten(equal, "stsz", 8, 0xffffffff)).find("disagree") != std::string::npos);
}

TEST_CASE("a file cut at any byte is refused") {
    for (const bool moov_first : {true, false}) {
        const auto whole = mp4({.tracks = {picture(), sound()}, .moov_first = moov_first});
        for (std::size_t length = 0; length < whole.size(); ++length) {
            CAPTURE(moov_first, length);
            REQUIRE_FALSE(read(whole.substr(0, length)));
        }
        REQUIRE(read(whole));
    }
}

TEST_CASE("any single damaged byte or number is survived") {
    const auto whole = mp4({.tracks = {picture(3)}, .moov_first = false});
    int refused = 0, accepted = 0;
    for (std::size_t at = 0; at + 4 <= whole.size(); ++at) {
        for (const std::uint32_t value : {0u, 1u, 7u, 8u, 0x7fffffffu, 0x80000000u, 0xffffffffu}) {
            auto damaged = whole;
            damaged.replace(at, 4, u32(value));
            const auto measures = read(damaged);
            ++(measures ? accepted : refused);
            if (measures) REQUIRE(measures->frames == 3);
        }
    }
    CHECK(refused > 500);
    CHECK(accepted > 100);  // pixels and reserved fields are none of our business
}

TEST_CASE("a missing file is a local error that names it") {
    const auto measures = media::read_mp4("/nowhere/clip.mp4");
    REQUIRE_FALSE(measures);
    CHECK(measures.error().kind == ErrorKind::local);
    CHECK(measures.error().message.find("/nowhere/clip.mp4") != std::string::npos);
    CHECK_FALSE(media::read_mp4("/tmp"));
}

TEST_CASE("the first bytes tell what a file is") {
    CHECK(media::sniff(mp4({.tracks = {picture()}})) == "video/mp4");
    CHECK(media::sniff("\x1a\x45\xdf\xa3....") == "video/webm");
    CHECK(media::sniff("RIFF1234AVI LIST") == "video/x-msvideo");
    CHECK(media::sniff("RIFF1234WEBPVP8 ") == "image/webp");
    CHECK(media::sniff("\x89PNG\r\n\x1a\n") == "image/png");
    CHECK(media::sniff("\xff\xd8\xff\xe0") == "image/jpeg");
    CHECK(media::sniff("\n <!DOCTYPE html><p>") == "text/html");
    CHECK(media::sniff(" {\"error\":1}") == "application/json");
    CHECK(media::sniff("").empty());
    CHECK(media::sniff("RIFF").empty());
    CHECK(media::sniff(std::string(64, '\0')).empty());
}

TEST_CASE("a box whose name is no text is told in words that can be printed") {
    auto bytes = mp4({{picture(2)}});
    const auto at = bytes.find("moov");
    bytes.replace(at, 4, "mo\xca\x1b");
    bytes.resize(at + 60);
    const auto message = refusal(bytes);
    REQUIRE_FALSE(message.empty());
    REQUIRE(core::printable(message) == message);
}
