#include "media/helper/image_file.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/files.hpp"
#include "core/image.hpp"
#include "media/helper/decoder.hpp"

namespace shotwire::media::helper {
namespace {

struct Form {
    std::string_view name;
    const char* encoder;
    AVPixelFormat pixels;
};
constexpr Form forms[] = {{"png", "png", AV_PIX_FMT_RGB24}, {"jpeg", "mjpeg", AV_PIX_FMT_YUVJ420P}, {"webp", "libwebp", AV_PIX_FMT_YUV420P}};

struct CodedAs {
    std::string_view media_type;
    AVCodecID codec;
};
constexpr CodedAs codings[] = {{"image/png", AV_CODEC_ID_PNG}, {"image/jpeg", AV_CODEC_ID_MJPEG}, {"image/webp", AV_CODEC_ID_WEBP}};

}  // namespace

// Without libav's demuxers, which go by the name's ending when the first two kilobytes do not convince them.
Result<Frame> read_image(const std::string& path) {
    const auto bytes = core::read_file(path);
    if (!bytes) return Error{ErrorKind::usage, bytes.error().message};
    const auto type = core::inspect_image(*bytes).media_type;
    const auto* coding = std::find_if(std::begin(codings), std::end(codings), [&](const CodedAs& row) { return row.media_type == type; });
    if (coding == std::end(codings)) return Error{ErrorKind::usage, path + " is not a PNG, JPEG or WebP image"};
    const AVCodec* codec = avcodec_find_decoder(coding->codec);
    if (!codec) return Error{ErrorKind::local, fmt::format("this build of libav cannot read {}", type)};

    const CodecContext context(avcodec_alloc_context3(codec));
    const Packet packet(av_packet_alloc());
    Frame picture(av_frame_alloc());
    if (!context || !packet || !picture || av_new_packet(packet.get(), int(bytes->size())) < 0) return av_error("reading " + path, AVERROR(ENOMEM));
    std::memcpy(packet->data, bytes->data(), bytes->size());
    context->thread_count = 1, context->max_pixels = most_pixels;
    int code = avcodec_open2(context.get(), codec, nullptr);
    if (code >= 0) code = avcodec_send_packet(context.get(), packet.get());
    if (code >= 0) code = avcodec_send_packet(context.get(), nullptr);
    if (code >= 0) code = avcodec_receive_frame(context.get(), picture.get());
    if (code == AVERROR_EOF) return Error{ErrorKind::usage, path + " is a broken image"};
    if (code < 0) return av_error("reading " + path, code, ErrorKind::usage);
    return picture;
}

Result<> write_image(const AVFrame& picture, const std::string& path, const std::string& format) {
    const Form* form = nullptr;
    for (const auto& row : forms)
        if (row.name == format) form = &row;
    if (!form) return Error{ErrorKind::usage, fmt::format("\"format\" is \"{}\": png, jpeg or webp is needed", format)};
    const AVCodec* codec = avcodec_find_encoder_by_name(form->encoder);
    if (!codec) return Error{ErrorKind::local, fmt::format("this build of libav cannot write {}", format)};

    auto converted = convert(picture, picture.width, picture.height, form->pixels);
    if (!converted) return converted.error();
    CodecContext context(avcodec_alloc_context3(codec));
    context->width = picture.width, context->height = picture.height, context->pix_fmt = form->pixels, context->time_base = {1, 25};
    context->flags |= AV_CODEC_FLAG_BITEXACT;
    if (form->pixels == AV_PIX_FMT_YUVJ420P) {
        context->flags |= AV_CODEC_FLAG_QSCALE, context->global_quality = FF_QP2LAMBDA * 3, (*converted)->quality = context->global_quality;
        context->color_range = AVCOL_RANGE_JPEG, (*converted)->color_range = AVCOL_RANGE_JPEG;
    }
    if (format == "png") context->compression_level = 3;
    int code = avcodec_open2(context.get(), codec, nullptr);
    Packet packet(av_packet_alloc());
    (*converted)->pts = 0;
    if (code >= 0) code = avcodec_send_frame(context.get(), converted->get());
    if (code >= 0) avcodec_send_frame(context.get(), nullptr);
    if (code >= 0) code = avcodec_receive_packet(context.get(), packet.get());
    if (code < 0) return av_error("encoding " + path, code);
    std::string_view bytes(reinterpret_cast<const char*>(packet->data), std::size_t(packet->size));
    return core::write_file(path, bytes, core::Existing::replace);
}

}  // namespace shotwire::media::helper
