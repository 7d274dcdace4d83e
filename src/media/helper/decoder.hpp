#pragma once
#include <cstdint>
#include <string>

#include "media/helper/av.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::media::helper {

inline constexpr const char* clip_formats = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm";
inline constexpr std::int64_t most_pixels = std::int64_t(16384) * 8192;  // of one picture, clip or image

// The pictures of a file, one after the other.
class Decoder {
public:
    // Errors: usage for what is no such file or has no picture track.
    static Result<Decoder> open(const std::string& path, const char* formats = clip_formats);

    // The next picture, null behind the last. Errors: usage for broken data.
    Result<const AVFrame*> next();
    // Goes to the last key frame at or before that second.
    Result<> seek(double seconds);
    double seconds_of(const AVFrame& frame) const;  // from the first picture on

    const AVStream& video() const { return *input_->streams[stream_]; }
    const AVFormatContext& file() const { return *input_; }
    AVRational frame_rate() const;
    double seconds() const;  // as the container says
    Size size() const { return {codec_->width, codec_->height}; }

private:
    Decoder(Input input, int stream, CodecContext codec);
    Input input_;
    int stream_;
    CodecContext codec_;
    Packet packet_;
    Frame frame_;
    bool drained_ = false;
};

// A picture at another size and in another form. Errors: local.
Result<Frame> convert(const AVFrame& frame, int width, int height, AVPixelFormat format);

}  // namespace shotwire::media::helper
