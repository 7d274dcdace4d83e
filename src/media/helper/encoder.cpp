#include "media/helper/encoder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>

#include "core/files.hpp"

namespace shotwire::media::helper {

Result<Encoder> Encoder::open(const std::string& path, Size size, AVRational fps, bool sound, Quality quality) {
    AVFormatContext* context = nullptr;
    if (int code = avformat_alloc_output_context2(&context, nullptr, "mp4", ("file:" + path).c_str()); code < 0) return av_error("starting the MP4", code);
    context->flags |= AVFMT_FLAG_BITEXACT;
    Encoder encoder(path, Output(context));
    if (auto done = encoder.open_video(size, fps, quality); !done) return done.error();
    if (sound)
        if (auto done = encoder.open_sound(); !done) return done.error();
    if (auto done = encoder.start(); !done) return done.error();
    return encoder;
}

Result<> Encoder::open_video(Size size, AVRational fps, Quality quality) {
    const AVCodec* codec = avcodec_find_encoder_by_name("libx264");
    if (!codec) return Error{ErrorKind::local, "this build of libav has no H.264 encoder (libx264)"};
    video_.codec.reset(avcodec_alloc_context3(codec));
    AVCodecContext& c = *video_.codec;
    c.width = size.width, c.height = size.height, c.pix_fmt = AV_PIX_FMT_YUV420P;
    c.time_base = av_inv_q(fps), c.framerate = fps;
    c.sample_aspect_ratio = {1, 1};
    c.gop_size = std::max(1, int(av_q2d(fps) * 2));
    c.max_b_frames = 0;
    c.thread_count = 2;  // fixed: x264's decisions depend on it
    c.color_range = AVCOL_RANGE_MPEG;
    c.color_primaries = AVCOL_PRI_BT709, c.color_trc = AVCOL_TRC_BT709, c.colorspace = AVCOL_SPC_BT709;
    c.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    const bool sketched = quality == Quality::sketched;
    av_opt_set(c.priv_data, "preset", sketched ? "ultrafast" : "medium", 0);
    const std::string colours = "colorprim=bt709:transfer=bt709:colormatrix=bt709";
    // Dark, slow gradients fall apart without deblocking and adaptive quantization, and they cost little.
    av_opt_set(c.priv_data, "x264-params", ((sketched ? "crf=22:deblock=0,0:aq-mode=1:trellis=0:scenecut=0:" : "crf=14:") + colours).c_str(), 0);
    if (int code = avcodec_open2(&c, codec, nullptr); code < 0) return av_error("starting the H.264 encoder", code);
    video_.stream = avformat_new_stream(output_.get(), nullptr);
    video_.stream->time_base = c.time_base, video_.stream->avg_frame_rate = fps;
    avcodec_parameters_from_context(video_.stream->codecpar, &c);
    return Ok{};
}

Result<> Encoder::open_sound() {
    const AVCodec* codec = avcodec_find_encoder(AV_CODEC_ID_AAC);
    if (!codec) return Error{ErrorKind::local, "this build of libav has no AAC encoder"};
    sound_.codec.reset(avcodec_alloc_context3(codec));
    AVCodecContext& c = *sound_.codec;
    c.sample_rate = sample_rate, c.sample_fmt = AV_SAMPLE_FMT_FLTP, c.bit_rate = 96000;
    av_channel_layout_default(&c.ch_layout, 2);
    c.time_base = {1, sample_rate};
    c.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT;
    av_opt_set(c.priv_data, "aac_coder", "fast", 0);
    if (int code = avcodec_open2(&c, codec, nullptr); code < 0) return av_error("starting the AAC encoder", code);
    sound_.stream = avformat_new_stream(output_.get(), nullptr);
    sound_.stream->time_base = c.time_base;
    avcodec_parameters_from_context(sound_.stream->codecpar, &c);
    return Ok{};
}

Result<> Encoder::start() {
    if (int code = avio_open(&output_->pb, output_->url, AVIO_FLAG_WRITE); code < 0) return av_error("writing " + path_, code);
    AVDictionary* options = nullptr;
    av_dict_set(&options, "movflags", "+faststart", 0);
    int code = avformat_write_header(output_.get(), &options);
    av_dict_free(&options);
    if (code < 0) return av_error("writing " + path_, code);
    return Ok{};
}

Result<> Encoder::encode(Track& track, const AVFrame* frame) {
    int code = avcodec_send_frame(track.codec.get(), frame);
    while (code >= 0) {
        code = avcodec_receive_packet(track.codec.get(), packet_.get());
        if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return Ok{};
        if (code < 0) break;
        if (&track == &video_) packet_->duration = 1;
        av_packet_rescale_ts(packet_.get(), track.codec->time_base, track.stream->time_base);
        packet_->stream_index = track.stream->index;
        code = av_interleaved_write_frame(output_.get(), packet_.get());
    }
    return av_error("writing " + path_, code);
}

Result<> Encoder::add_picture(AVFrame& picture) {
    picture.pts = pictures_++;
    picture.pict_type = AV_PICTURE_TYPE_NONE;
    return encode(video_, &picture);
}

Result<> Encoder::add_sound(std::span<const float> left, std::span<const float> right) {
    AVCodecContext& c = *sound_.codec;
    for (std::size_t from = 0; from < left.size(); from += std::size_t(c.frame_size)) {
        auto count = std::min(std::size_t(c.frame_size), left.size() - from);
        Frame frame(av_frame_alloc());
        frame->nb_samples = int(count), frame->format = c.sample_fmt, frame->sample_rate = sample_rate;
        av_channel_layout_copy(&frame->ch_layout, &c.ch_layout);
        if (int code = av_frame_get_buffer(frame.get(), 0); code < 0) return av_error("making room for sound", code);
        std::memcpy(frame->extended_data[0], left.data() + from, count * sizeof(float));
        std::memcpy(frame->extended_data[1], right.data() + from, count * sizeof(float));
        frame->pts = std::int64_t(from);
        if (auto done = encode(sound_, frame.get()); !done) return done;
    }
    return encode(sound_, nullptr);
}

Result<> Encoder::finish() {
    if (auto done = encode(video_, nullptr); !done) return done;
    if (int code = av_write_trailer(output_.get()); code < 0) return av_error("writing " + path_, code);
    if (int code = avio_closep(&output_->pb); code < 0) return av_error("writing " + path_, code);
    core::Fd fd(::open(path_.c_str(), O_RDONLY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0) return core::system_error("syncing", path_);
    return Ok{};
}

}  // namespace shotwire::media::helper
