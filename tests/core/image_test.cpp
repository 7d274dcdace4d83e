#include "core/image.hpp"

#include <catch2/catch.hpp>

using namespace shotwire;
using core::inspect_image;
using namespace std::string_literals;

namespace {

const std::string png = "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x05\0\0\0\x02\xd0\x08\x06"s;
// A JFIF segment, then a progressive frame header of 720 lines of 1280.
const std::string jpeg = "\xff\xd8\xff\xe0\0\x04xx\xff\xff\xc2\0\x11\x08\x02\xd0\x05\0\x03\x01"s;
const std::string webp_extended = "RIFF\0\0\0\0WEBPVP8X\n\0\0\0\0\0\0\0\xff\x04\0\xcf\x02\0"s;
const std::string webp_lossy = "RIFF\0\0\0\0WEBPVP8 \0\0\0\0\0\0\0\x9d\x01\x2a\0\x05\xd0\x02"s;
// 14 bits each of width - 1 and height - 1.
const std::string webp_lossless = "RIFF\0\0\0\0WEBPVP8L\0\0\0\0\x2f\xff\xc4\xb3\0"s;

}  // namespace

TEST_CASE("type and pixels of a picture are read from its header") {
    const auto [bytes, type] = GENERATE(table<std::string, std::string>({{png, "image/png"},
                                                                         {jpeg, "image/jpeg"},
                                                                         {webp_extended, "image/webp"},
                                                                         {webp_lossy, "image/webp"},
                                                                         {webp_lossless, "image/webp"}}));
    const auto info = inspect_image(bytes);
    CAPTURE(type, info.pixels.width, info.pixels.height);
    CHECK(info.media_type == type);
    CHECK(info.pixels == Size{1280, 720});
}

TEST_CASE("a PNG may have transparent pixels by its colour type or by a table before the first of them") {
    const auto of_type = [](char type) { return png.substr(0, 25) + type + "\0\0\0____"s; };
    const auto palette = "\0\0\0\x03PLTE___crc_"s, table = "\0\0\0\x01tRNS_crc_"s, pixels = "\0\0\0\x01IDAT_crc_"s;
    for (const char type : {4, 6}) CHECK(inspect_image(of_type(type) + pixels).alpha);
    for (const char type : {0, 2, 3}) {
        CHECK_FALSE(inspect_image(of_type(type) + palette + pixels).alpha);
        CHECK_FALSE(inspect_image(of_type(type) + pixels + table).alpha);
        CHECK(inspect_image(of_type(type) + palette + table + pixels).alpha);
    }
    CHECK_FALSE(inspect_image(of_type(3) + "\xff\xff\xff\xfftEXt"s).alpha);
    CHECK_FALSE(inspect_image(jpeg).alpha);
}

TEST_CASE("a cut or absurd header has a type but no pixels") {
    CHECK(inspect_image(png.substr(0, 18)).media_type == "image/png");
    CHECK(inspect_image(png.substr(0, 18)).pixels == Size{});
    CHECK(inspect_image(jpeg.substr(0, 12)).pixels == Size{});
    CHECK(inspect_image("\xff\xd8\xff\xda\0\x02________________"s).pixels == Size{});
    CHECK(inspect_image(webp_lossy.substr(0, 16)).pixels == Size{});
    CHECK(inspect_image("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff"s).pixels == Size{});
}

TEST_CASE("what is no picture has no type") {
    for (const auto& bytes : {""s, "GIF89a"s, "RIFF\0\0\0\0WAVE"s, "RIFF\0\0\0\0WEBP"s, "words"s}) {
        CAPTURE(bytes);
        CHECK(inspect_image(bytes).media_type.empty());
    }
}
