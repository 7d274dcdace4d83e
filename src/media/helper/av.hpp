#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/imgutils.h>
#include <libavutil/opt.h>
#include <libswscale/swscale.h>
}

#include <memory>
#include <string>

#include "shotwire/result.hpp"

namespace shotwire::media::helper {

struct AvDeleter {
    void operator()(AVFrame* p) const noexcept { av_frame_free(&p); }
    void operator()(AVPacket* p) const noexcept { av_packet_free(&p); }
    void operator()(AVCodecContext* p) const noexcept { avcodec_free_context(&p); }
    void operator()(SwsContext* p) const noexcept { sws_freeContext(p); }
};
struct InputDeleter {
    void operator()(AVFormatContext* p) const noexcept { avformat_close_input(&p); }
};
struct OutputDeleter {
    void operator()(AVFormatContext* p) const noexcept {
        if (p->pb) avio_closep(&p->pb);
        avformat_free_context(p);
    }
};
using Frame = std::unique_ptr<AVFrame, AvDeleter>;
using Packet = std::unique_ptr<AVPacket, AvDeleter>;
using CodecContext = std::unique_ptr<AVCodecContext, AvDeleter>;
using Scaler = std::unique_ptr<SwsContext, AvDeleter>;
using Input = std::unique_ptr<AVFormatContext, InputDeleter>;
using Output = std::unique_ptr<AVFormatContext, OutputDeleter>;

// "reading a.mp4: Invalid data found": what was done, and libav's reason. A full disk is `local` whatever was asked for.
Error av_error(std::string_view doing, int code, ErrorKind kind = ErrorKind::local);

// A frame with buffers for a picture of that form.
Result<Frame> new_picture(int width, int height, AVPixelFormat format);

// Opens a local file that is one of the formats (libav's names, comma-separated); never follows it to other files or hosts.
// Errors: usage, naming the file.
Result<Input> open_input(const std::string& path, const char* formats);

}  // namespace shotwire::media::helper
