#include <algorithm>
#include <fstream>

#include "animatic/clip.hpp"
#include "media/helper/decoder.hpp"
#include "media/helper/encoder.hpp"
#include "media/mp4.hpp"

using namespace animatic_test;
using namespace shotwire;

namespace {

// Two seconds of Motion JPEG in an AVI, brighter from picture to picture, as engines of one's own write it.
void write_avi(const std::string& path, int width, int height, int fps, int frames) {
    AVFormatContext* made = nullptr;
    REQUIRE(avformat_alloc_output_context2(&made, nullptr, "avi", path.c_str()) >= 0);
    const helper::Output output(made);
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_MJPEG);
    REQUIRE(codec);
    const helper::CodecContext encoder(avcodec_alloc_context3(codec));
    encoder->width = width, encoder->height = height, encoder->pix_fmt = AV_PIX_FMT_YUVJ420P, encoder->time_base = {1, fps};
    REQUIRE(avcodec_open2(encoder.get(), codec, nullptr) >= 0);
    AVStream* stream = avformat_new_stream(output.get(), nullptr);
    avcodec_parameters_from_context(stream->codecpar, encoder.get());
    stream->time_base = {1, fps}, stream->avg_frame_rate = {fps, 1};
    REQUIRE(avio_open(&output->pb, path.c_str(), AVIO_FLAG_WRITE) >= 0);
    REQUIRE(avformat_write_header(output.get(), nullptr) >= 0);
    const helper::Packet packet(av_packet_alloc());
    for (int i = 0; i < frames; ++i) {
        auto picture = helper::new_picture(width, height, AV_PIX_FMT_YUVJ420P);
        REQUIRE(picture);
        for (int plane = 0; plane < 3; ++plane)
            std::fill_n((*picture)->data[plane], (*picture)->linesize[plane] * (plane ? height / 2 : height), std::uint8_t(plane ? 128 : 40 + 5 * i));
        (*picture)->pts = i;
        REQUIRE(avcodec_send_frame(encoder.get(), picture->get()) >= 0);
        while (avcodec_receive_packet(encoder.get(), packet.get()) >= 0) {
            av_packet_rescale_ts(packet.get(), encoder->time_base, stream->time_base);
            REQUIRE(av_interleaved_write_frame(output.get(), packet.get()) >= 0);
        }
    }
    REQUIRE(av_write_trailer(output.get()) >= 0);
}

Result<json> to_mp4(const std::string& input, const std::string& output) {
    return helper::mp4({{"input", input}, {"output", output}}, [](double) {});
}

}  // namespace

TEST_CASE("an AVI becomes an MP4 of the same size, rate, length and pictures") {
    core::TemporaryFolder folder;
    const auto avi = (folder.path() / "a.avi").string(), mp4 = (folder.path() / "a.mp4").string();
    write_avi(avi, 160, 96, 16, 32);
    const auto made = to_mp4(avi, mp4);
    INFO((made ? "" : made.error().message));
    REQUIRE(made);
    CHECK((*made)["frames"] == 32);
    const auto measures = media::read_mp4(mp4);
    REQUIRE(measures);
    CHECK(measures->size == Size{160, 96});
    CHECK(measures->fps == Approx(16));
    CHECK(measures->seconds == Approx(2));
    CHECK(measures->video == "avc1");
    CHECK(measures->audio.empty());
    auto decoder = helper::Decoder::open(mp4);
    REQUIRE(decoder);
    int last = -1, pictures = 0;
    for (;; ++pictures) {
        auto frame = decoder->next();
        REQUIRE(frame);
        if (!*frame) break;
        const int bright = (*frame)->data[0][48 * (*frame)->linesize[0] + 80];
        CHECK(bright > last);
        last = bright;
    }
    CHECK(pictures == 32);
}

TEST_CASE("what is no clip becomes no MP4, and nothing is left of the attempt") {
    core::TemporaryFolder folder;
    const auto junk = (folder.path() / "a.avi").string(), mp4 = (folder.path() / "a.mp4").string();
    std::ofstream(junk) << std::string("RIFF\x10\0\0\0AVI LIST", 16) << std::string(1000, 'x');
    const auto made = to_mp4(junk, mp4);
    REQUIRE_FALSE(made);
    CHECK(made.error().kind == ErrorKind::usage);
    CHECK_FALSE(std::filesystem::exists(mp4));
    CHECK_FALSE(to_mp4((folder.path() / "none").string(), mp4));
}
