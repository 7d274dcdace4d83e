#include "media/helper/sound_track.hpp"

#include <array>

#include "media/helper/av.hpp"
#include "media/helper/encoder.hpp"

extern "C" {
#include <libswresample/swresample.h>
}

namespace shotwire::media::helper {
namespace {

constexpr std::size_t longest = std::size_t(30) * 60 * sample_rate;

struct Release {
    void operator()(SwrContext* p) const noexcept { swr_free(&p); }
};
using Resampler = std::unique_ptr<SwrContext, Release>;

class Reader {
public:
    Reader(Input input, int stream, CodecContext codec)
        : input_(std::move(input)), stream_(stream), codec_(std::move(codec)), packet_(av_packet_alloc()), frame_(av_frame_alloc()) {}

    Result<SoundTrack> all() {
        for (;;) {
            const int code = av_read_frame(input_.get(), packet_.get());
            if (code == AVERROR_EOF) break;
            if (code < 0) return av_error("reading the file", code, ErrorKind::usage);
            const bool ours = packet_->stream_index == stream_;
            if (ours) avcodec_send_packet(codec_.get(), packet_.get());  // a broken packet is a short silence
            av_packet_unref(packet_.get());
            if (ours)
                if (auto taken = take(); !taken) return taken.error();
        }
        avcodec_send_packet(codec_.get(), nullptr);
        if (auto taken = take(); !taken) return taken.error();
        if (resampler_)
            if (auto rest = add(nullptr, 0); !rest) return rest.error();
        return std::move(sound_);
    }

private:
    Result<> take() {
        for (;;) {
            const int code = avcodec_receive_frame(codec_.get(), frame_.get());
            if (code == AVERROR(EAGAIN) || code == AVERROR_EOF) return Ok{};
            if (code < 0) return av_error("decoding the sound", code, ErrorKind::usage);
            if (auto added = add(const_cast<const std::uint8_t**>(frame_->extended_data), frame_->nb_samples); !added) return added;
        }
    }

    Result<> add(const std::uint8_t** samples, int count) {
        if (!resampler_) {
            AVChannelLayout stereo = AV_CHANNEL_LAYOUT_STEREO;
            SwrContext* made = nullptr;
            int code = swr_alloc_set_opts2(&made, &stereo, AV_SAMPLE_FMT_FLTP, sample_rate, &frame_->ch_layout, AVSampleFormat(frame_->format), frame_->sample_rate, 0, nullptr);
            resampler_.reset(made);
            if (code >= 0) code = swr_init(resampler_.get());
            if (code < 0) return av_error("converting the sound", code, ErrorKind::usage);
        }
        const auto room = std::size_t(std::max(0, swr_get_out_samples(resampler_.get(), count)));
        std::vector<float> left(room), right(room);
        std::array<std::uint8_t*, 2> out{reinterpret_cast<std::uint8_t*>(left.data()), reinterpret_cast<std::uint8_t*>(right.data())};
        const int made = swr_convert(resampler_.get(), out.data(), int(room), samples, count);
        if (made < 0) return av_error("converting the sound", made, ErrorKind::usage);
        sound_.left.insert(sound_.left.end(), left.begin(), left.begin() + made);
        sound_.right.insert(sound_.right.end(), right.begin(), right.begin() + made);
        if (sound_.left.size() > longest) return Error{ErrorKind::usage, "the sound is longer than half an hour"};
        return Ok{};
    }

    Input input_;
    int stream_;
    CodecContext codec_;
    Packet packet_;
    Frame frame_;
    Resampler resampler_;
    SoundTrack sound_;
};

}  // namespace

Result<SoundTrack> read_sound(const std::string& path, const char* formats) {
    auto input = open_input(path, formats);
    if (!input) return input.error();
    const AVCodec* codec = nullptr;
    const int stream = av_find_best_stream(input->get(), AVMEDIA_TYPE_AUDIO, -1, -1, &codec, 0);
    if (stream < 0 || !codec) return SoundTrack{};
    CodecContext context(avcodec_alloc_context3(codec));
    if (!context) return av_error("starting the decoder", AVERROR(ENOMEM));
    int code = avcodec_parameters_to_context(context.get(), (*input)->streams[stream]->codecpar);
    if (code >= 0) code = avcodec_open2(context.get(), codec, nullptr);
    if (code < 0) return av_error("decoding the sound of " + path, code, ErrorKind::usage);
    return Reader(std::move(*input), stream, std::move(context)).all();
}

}  // namespace shotwire::media::helper
