#include "media/helper/av.hpp"

#include <spdlog/fmt/fmt.h>

#include <array>
#include <cerrno>
#include <filesystem>

namespace shotwire::media::helper {

Error av_error(std::string_view doing, int code, ErrorKind kind) {
    std::array<char, AV_ERROR_MAX_STRING_SIZE> reason{};
    av_strerror(code, reason.data(), reason.size());
    if (code == AVERROR(ENOSPC) || code == AVERROR(EACCES) || code == AVERROR(EROFS) || code == AVERROR(ENOMEM)) kind = ErrorKind::local;
    return {kind, fmt::format("{}: {}", doing, reason.data())};
}

Result<Frame> new_picture(int width, int height, AVPixelFormat format) {
    Frame frame(av_frame_alloc());
    if (!frame) return av_error("making room for a picture", AVERROR(ENOMEM));
    frame->width = width, frame->height = height, frame->format = format;
    if (int code = av_frame_get_buffer(frame.get(), 0); code < 0) return av_error("making room for a picture", code);
    return frame;
}

Result<Input> open_input(const std::string& path, const char* formats) {
    std::error_code code_of_file;
    if (!std::filesystem::is_regular_file(path, code_of_file)) return Error{ErrorKind::usage, fmt::format("{} is not a file that can be read", path)};
    AVDictionary* options = nullptr;
    av_dict_set(&options, "protocol_whitelist", "file", 0);
    av_dict_set(&options, "format_whitelist", formats, 0);
    AVFormatContext* context = nullptr;
    int code = avformat_open_input(&context, ("file:" + path).c_str(), nullptr, &options);
    av_dict_free(&options);
    if (code < 0) return av_error("reading " + path, code, ErrorKind::usage);
    return Input(context);
}

}  // namespace shotwire::media::helper
