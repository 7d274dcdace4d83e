#include "media/helper/decoder.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace shotwire::media::helper {
namespace {

constexpr int most_threads = 2;

bool is_jpeg_range(int format) { return format == AV_PIX_FMT_YUVJ420P || format == AV_PIX_FMT_YUVJ422P || format == AV_PIX_FMT_YUVJ444P; }

}  // namespace

Decoder::Decoder(Input input, int stream, CodecContext codec)
    : input_(std::move(input)), stream_(stream), codec_(std::move(codec)), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {}

Result<Decoder> Decoder::open(const std::string& path, const char* formats) {
    auto input = open_input(path, formats);
    if (!input) return input.error();
    const AVCodec* codec = nullptr;
    int stream = av_find_best_stream(input->get(), AVMEDIA_TYPE_VIDEO, -1, -1, &codec, 0);
    if (stream < 0 || !codec) return Error{ErrorKind::usage, path + " has no picture that can be decoded"};
    CodecContext context(avcodec_alloc_context3(codec));
    if (!context) return av_error("starting the decoder", AVERROR(ENOMEM));
    int code = avcodec_parameters_to_context(context.get(), (*input)->streams[stream]->codecpar);
    context->thread_count = most_threads;
    context->max_pixels = most_pixels;
    if (code >= 0) code = avcodec_open2(context.get(), codec, nullptr);
    if (code < 0) return av_error("decoding " + path, code, ErrorKind::usage);
    return Decoder(std::move(*input), stream, std::move(context));
}

Result<const AVFrame*> Decoder::next() {
    for (;;) {
        int code = avcodec_receive_frame(codec_.get(), frame_.get());
        if (code >= 0) return static_cast<const AVFrame*>(frame_.get());
        if (code == AVERROR_EOF) return static_cast<const AVFrame*>(nullptr);
        if (code != AVERROR(EAGAIN)) return av_error("decoding a picture", code, ErrorKind::usage);
        code = av_read_frame(input_.get(), packet_.get());
        if (code < 0 && code != AVERROR_EOF) return av_error("reading the file", code, ErrorKind::usage);
        if (code == AVERROR_EOF) {
            if (drained_) return static_cast<const AVFrame*>(nullptr);
            drained_ = true;
            avcodec_send_packet(codec_.get(), nullptr);
            continue;
        }
        if (packet_->stream_index == stream_) code = avcodec_send_packet(codec_.get(), packet_.get());
        av_packet_unref(packet_.get());
        if (code < 0 && code != AVERROR(EAGAIN)) return av_error("decoding a picture", code, ErrorKind::usage);
    }
}

Result<> Decoder::seek(double seconds) {
    const AVStream& stream = video();
    auto at = std::int64_t(seconds / av_q2d(stream.time_base)) + (stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time);
    int code = av_seek_frame(input_.get(), stream_, at, AVSEEK_FLAG_BACKWARD);
    if (code < 0) return av_error("seeking", code, ErrorKind::usage);
    avcodec_flush_buffers(codec_.get());
    drained_ = false;
    return Ok{};
}

double Decoder::seconds_of(const AVFrame& frame) const {
    const AVStream& stream = video();
    if (frame.best_effort_timestamp == AV_NOPTS_VALUE) return 0;
    return double(frame.best_effort_timestamp - (stream.start_time == AV_NOPTS_VALUE ? 0 : stream.start_time)) * av_q2d(stream.time_base);
}

AVRational Decoder::frame_rate() const {
    const AVStream& stream = video();
    if (stream.avg_frame_rate.num > 0 && stream.avg_frame_rate.den > 0) return stream.avg_frame_rate;
    return stream.r_frame_rate;
}

double Decoder::seconds() const {
    const AVStream& stream = video();
    if (stream.duration != AV_NOPTS_VALUE) return double(stream.duration) * av_q2d(stream.time_base);
    return input_->duration == AV_NOPTS_VALUE ? 0 : double(input_->duration) / AV_TIME_BASE;
}

Result<Frame> convert(const AVFrame& frame, int width, int height, AVPixelFormat format) {
    auto picture = new_picture(width, height, format);
    if (!picture) return picture.error();
    Scaler scaler(sws_getContext(frame.width, frame.height, AVPixelFormat(frame.format), width, height, format,
                                 SWS_AREA | SWS_ACCURATE_RND | SWS_BITEXACT, nullptr, nullptr, nullptr));
    if (!scaler) return Error{ErrorKind::local, fmt::format("a picture of {}x{} cannot be converted", frame.width, frame.height)};
    const int* table = sws_getCoefficients(frame.colorspace == AVCOL_SPC_BT709 ? SWS_CS_ITU709 : SWS_CS_DEFAULT);
    sws_setColorspaceDetails(scaler.get(), table, frame.color_range == AVCOL_RANGE_JPEG || is_jpeg_range(frame.format), sws_getCoefficients(SWS_CS_DEFAULT),
                             is_jpeg_range(format), 0, 1 << 16, 1 << 16);
    int code = sws_scale(scaler.get(), frame.data, frame.linesize, 0, frame.height, (*picture)->data, (*picture)->linesize);
    if (code < 0) return av_error("converting a picture", code);
    return picture;
}

}  // namespace shotwire::media::helper
