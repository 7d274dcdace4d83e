#pragma once
#include <span>
#include <string>

#include "media/helper/av.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::media::helper {

inline constexpr int sample_rate = 48000;

// sketched: quick, for what we draw ourselves. delivered: of a clip that was paid for, nothing may be seen to be lost.
enum class Quality { sketched, delivered };

// Writes an MP4: H.264 in yuv420p, AAC where there is sound, the index before the data. The same input gives the same bytes:
// nothing in the file depends on the time, the locale or the number of processors. Errors: local.
class Encoder {
public:
    static Result<Encoder> open(const std::string& path, Size size, AVRational fps, bool sound, Quality quality = Quality::sketched);
    Result<> add_picture(AVFrame& picture);              // yuv420p, in order of showing
    Result<> add_sound(std::span<const float> left, std::span<const float> right);  // all of it in one go, behind or before the pictures
    Result<> finish();                                   // and synced to disk

private:
    struct Track {
        CodecContext codec;
        AVStream* stream = nullptr;
    };
    Encoder(std::string path, Output output) : path_(std::move(path)), output_(std::move(output)), packet_(av_packet_alloc()) {}
    Result<> open_video(Size size, AVRational fps, Quality quality);
    Result<> open_sound();
    Result<> start();
    Result<> encode(Track& track, const AVFrame* frame);

    std::string path_;
    Output output_;
    Packet packet_;
    Track video_, sound_;
    std::int64_t pictures_ = 0;
};

}  // namespace shotwire::media::helper
