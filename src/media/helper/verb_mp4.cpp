#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "media/helper/decoder.hpp"
#include "media/helper/encoder.hpp"
#include "media/helper/sound_track.hpp"
#include "media/helper/verbs.hpp"

namespace shotwire::media::helper {
namespace {

constexpr const char* formats = "avi,matroska,webm,mov,mp4,m4a,3gp,3g2,mj2";
constexpr int most_fps = 240;

Result<std::string> path_of(const json& job, const char* field) {
    if (!job.is_object() || !job.contains(field) || !job[field].is_string()) return Error{ErrorKind::usage, fmt::format("\"{}\": the path of a clip is needed", field)};
    return job[field].get<std::string>();
}

// Each picture once for every beat at which it is on screen: an MP4 of ours has a constant frame rate.
Result<std::int64_t> copy_pictures(Decoder& decoder, Encoder& encoder, Size size, double fps, const Progress& progress) {
    std::int64_t written = 0;
    Frame shown;
    for (;;) {
        auto frame = decoder.next();
        if (!frame) return frame.error();
        const auto begins = *frame ? std::int64_t(std::llround(decoder.seconds_of(**frame) * fps)) : written + 1;
        for (; shown && written < begins; ++written)
            if (auto done = encoder.add_picture(*shown); !done) return done.error();
        if (!*frame) break;
        auto picture = convert(**frame, size.width, size.height, AV_PIX_FMT_YUV420P);
        if (!picture) return picture.error();
        shown = std::move(*picture);
        if (decoder.seconds() > 0) progress(std::min(0.99, double(written) / (decoder.seconds() * fps)));
    }
    if (written == 0) return Error{ErrorKind::usage, "the clip holds no picture"};
    return written;
}

Result<json> make(const std::string& input, const std::string& output, const Progress& progress) {
    auto decoder = Decoder::open(input, formats);
    if (!decoder) return decoder.error();
    auto sound = read_sound(input, formats);
    if (!sound) return sound.error();
    const Size size{decoder->size().width / 2 * 2, decoder->size().height / 2 * 2};
    const auto rate = decoder->frame_rate();
    if (size.width < 2 || size.height < 2 || rate.num <= 0 || rate.den <= 0 || av_q2d(rate) > most_fps)
        return Error{ErrorKind::usage, fmt::format("{} has no size or frame rate that an MP4 can have", input)};
    auto encoder = Encoder::open(output, size, rate, !sound->empty(), Quality::delivered);
    if (!encoder) return encoder.error();
    if (!sound->empty())
        if (auto done = encoder->add_sound(sound->left, sound->right); !done) return done.error();
    auto pictures = copy_pictures(*decoder, *encoder, size, av_q2d(rate), progress);
    if (!pictures) return pictures.error();
    if (auto done = encoder->finish(); !done) return done.error();
    return json{{"output", output}, {"width", size.width}, {"height", size.height}, {"fps", av_q2d(rate)}, {"frames", *pictures}};
}

}  // namespace

Result<json> mp4(const json& job, const Progress& progress) {
    auto input = path_of(job, "input"), output = path_of(job, "output");
    if (!input) return input.error();
    if (!output) return output.error();
    auto made = make(*input, *output, progress);
    if (!made) {
        std::error_code ignored;
        std::filesystem::remove(*output, ignored);
    }
    return made;
}

}  // namespace shotwire::media::helper
