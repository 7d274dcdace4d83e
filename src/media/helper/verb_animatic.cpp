#include <spdlog/fmt/fmt.h>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

#include "core/files.hpp"
#include "media/helper/animatic.hpp"
#include "media/helper/encoder.hpp"
#include "media/helper/verbs.hpp"

namespace shotwire::media::helper {
namespace {

constexpr int most_workers = 4;
constexpr int most_waiting = 6;  // drawn frames that the encoder has not taken

AVRational rational(double fps) {
    double whole = std::round(fps);
    if (std::abs(fps - whole) < 1e-9) return {int(whole), 1};
    if (double thousand = std::round(fps * 1001 / 1000); std::abs(fps - thousand * 1000 / 1001) < 1e-6) return {int(thousand) * 1000, 1001};
    return av_d2q(fps, 100000);
}

// BGRA to what the encoder takes.
class Converter {
public:
    explicit Converter(Size size)
        : size_(size), scaler_(sws_getContext(size.width, size.height, AV_PIX_FMT_BGRA, size.width, size.height, AV_PIX_FMT_YUV420P,
                                              SWS_BILINEAR | SWS_BITEXACT, nullptr, nullptr, nullptr)) {
        const int* table = sws_getCoefficients(SWS_CS_ITU709);
        if (scaler_) sws_setColorspaceDetails(scaler_.get(), table, 1, table, 0, 0, 1 << 16, 1 << 16);
    }
    Result<Frame> operator()(Canvas& canvas) {
        auto picture = new_picture(size_.width, size_.height, AV_PIX_FMT_YUV420P);
        if (!picture) return picture.error();
        if (!scaler_) return Error{ErrorKind::local, "libswscale cannot convert a picture of this size"};
        cairo_surface_flush(canvas.surface());
        const std::uint8_t* planes[] = {reinterpret_cast<const std::uint8_t*>(canvas.row(0))};
        int strides[] = {cairo_image_surface_get_stride(canvas.surface())};
        sws_scale(scaler_.get(), planes, strides, 0, size_.height, (*picture)->data, (*picture)->linesize);
        return picture;
    }

private:
    Size size_;
    Scaler scaler_;
};

// Draws frames on several threads and hands them over in order. The number of threads does not change a pixel.
class Painters {
public:
    explicit Painters(const Animatic& animatic) : animatic_(animatic) {
        int count = std::clamp(int(std::thread::hardware_concurrency()), 1, most_workers);
        for (int i = 0; i < count; ++i) threads_.emplace_back([this] { work(); });
    }
    ~Painters() {
        {
            std::lock_guard guard(lock_);
            stopped_ = true;
        }
        changed_.notify_all();
        for (auto& thread : threads_) thread.join();
    }
    Result<Frame> take(int frame) {
        std::unique_lock guard(lock_);
        changed_.wait(guard, [&] { return done_.contains(frame) || failure_; });
        if (failure_) return *failure_;
        Frame picture = std::move(done_.extract(frame).mapped());
        taken_ = frame + 1;
        guard.unlock();
        changed_.notify_all();
        return picture;
    }

private:
    void work() {
        try {
            Size size = animatic_.job().size;
            Canvas canvas(size);
            Stage stage = animatic_.stage();
            Converter convert(size);
            for (;;) {
                int frame = 0;
                {
                    std::unique_lock guard(lock_);
                    changed_.wait(guard, [&] { return stopped_ || next_ < taken_ + most_waiting; });
                    if (stopped_ || next_ >= animatic_.job().frames) return;
                    frame = next_++;
                }
                animatic_.draw(stage, canvas, frame);
                auto picture = convert(canvas);
                std::lock_guard guard(lock_);
                if (!picture) failure_ = picture.error();
                else done_.emplace(frame, std::move(*picture));
                changed_.notify_all();
            }
        } catch (const std::bad_alloc&) {
            std::lock_guard guard(lock_);
            failure_ = Error{ErrorKind::local, "not enough memory to draw pictures of this size"};
            changed_.notify_all();
        }
    }

    const Animatic& animatic_;
    std::mutex lock_;
    std::condition_variable changed_;
    std::map<int, Frame> done_;
    std::optional<Error> failure_;
    int next_ = 0, taken_ = 0;
    bool stopped_ = false;
    std::vector<std::thread> threads_;
};

Result<> film(const Animatic& animatic, const Progress& progress) {
    const AnimaticJob& job = animatic.job();
    auto encoder = Encoder::open(job.output, job.size, rational(job.fps), job.audio);
    if (!encoder) return encoder.error();
    Painters painters(animatic);
    if (job.audio) {
        const auto sound = animatic.sound(sample_rate);
        if (auto done = encoder->add_sound(sound, sound); !done) return done;
    }
    for (int frame = 0; frame < job.frames; ++frame) {
        auto picture = painters.take(frame);
        if (!picture) return picture.error();
        if (auto done = encoder->add_picture(**picture); !done) return done;
        progress(double(frame + 1) / (job.frames + 1));
    }
    return encoder->finish();
}

}  // namespace

Result<json> animatic(const json& document, const Progress& progress) {
    auto job = parse_animatic(document);
    if (!job) return job.error();
    auto prepared = Animatic::prepare(*job);
    if (!prepared) return prepared.error();
    auto filmed = film(*prepared, progress);
    auto hash = filmed ? core::sha256_of_file(job->output) : Result<std::string>(filmed.error());
    if (!hash) {
        std::error_code ignored;
        std::filesystem::remove(job->output, ignored);
        return hash.error();
    }
    progress(1);
    return json{{"output", job->output}, {"width", job->size.width}, {"height", job->size.height}, {"fps", job->fps},
                {"frames", job->frames}, {"seconds", job->seconds()}, {"sha256", *hash}};
}

}  // namespace shotwire::media::helper
