#include "media/helper/decoder.hpp"
#include "media/helper/verbs.hpp"

namespace shotwire::media::helper {

Result<json> probe(const json& job, const Progress& progress) {
    if (!job.is_object() || !job.contains("input") || !job["input"].is_string()) return Error{ErrorKind::usage, "\"input\" is missing: the path of a clip is needed"};
    auto path = job["input"].get<std::string>();
    auto decoder = Decoder::open(path);
    if (!decoder) return decoder.error();
    std::int64_t count = 0;
    Size size = decoder->size();
    double expected = std::max(1e-3, decoder->seconds());
    for (;;) {
        auto frame = decoder->next();
        if (!frame) return frame.error();
        if (!*frame) break;
        if (count++ == 0) size = {(*frame)->width, (*frame)->height};
        progress(std::min(1.0, decoder->seconds_of(**frame) / expected));
    }
    if (count == 0) return Error{ErrorKind::usage, path + " holds no picture"};
    const AVStream& video = decoder->video();
    json result{{"width", size.width}, {"height", size.height}, {"fps", av_q2d(decoder->frame_rate())}, {"frames", count},
                {"seconds", decoder->seconds()}, {"video", avcodec_get_name(video.codecpar->codec_id)},
                {"pixels", av_get_pix_fmt_name(AVPixelFormat(video.codecpar->format)) ? av_get_pix_fmt_name(AVPixelFormat(video.codecpar->format)) : "yuv420p"},
                {"audio", nullptr}, {"audio_seconds", nullptr}};
    for (unsigned i = 0; i < decoder->file().nb_streams; ++i) {
        const AVStream& stream = *decoder->file().streams[i];
        if (stream.codecpar->codec_type != AVMEDIA_TYPE_AUDIO) continue;
        result["audio"] = avcodec_get_name(stream.codecpar->codec_id);
        if (stream.duration != AV_NOPTS_VALUE) result["audio_seconds"] = double(stream.duration) * av_q2d(stream.time_base);
        break;
    }
    return result;
}

}  // namespace shotwire::media::helper
