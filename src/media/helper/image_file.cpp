#include "media/helper/image_file.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/files.hpp"
#include "media/helper/decoder.hpp"

namespace shotwire::media::helper {
namespace {

struct Form {
    std::string_view name;
    const char* encoder;
    AVPixelFormat pixels;
};
constexpr Form forms[] = {{"png", "png", AV_PIX_FMT_RGB24}, {"jpeg", "mjpeg", AV_PIX_FMT_YUVJ420P}, {"webp", "libwebp", AV_PIX_FMT_YUV420P}};

}  // namespace

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
