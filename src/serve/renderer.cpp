#include "serve/renderer.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "core/files.hpp"
#include "core/hash.hpp"

namespace shotwire::serve {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr auto look_again = 500ms;  // for jobs whose holder died
constexpr auto tidy_again = 60s;

// Read by every server that is asked for the job. A fixed width, so that a reader never sees half a number.
class ProgressFile {
public:
    explicit ProgressFile(const fs::path& path) : path_(path), fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)) {}
    void tell(double progress) {
        const int percent = int(progress * 100);
        if (percent == told_) return;
        told_ = percent;
        const auto text = fmt::format("{:.4f}", progress);
        if (fd_ && ::pwrite(fd_.get(), text.data(), text.size(), 0) < 0) fd_ = core::Fd();
    }

private:
    fs::path path_;
    core::Fd fd_;
    int told_ = -1;
};

json helper_job(const Job& job, const fs::path& output) {
    const auto& creation = job.creation;
    json asked{{"output", output.string()}, {"width", creation.width}, {"height", creation.height}, {"fps", creation.fps},
               {"frames", std::max(1LL, std::llround(creation.seconds * creation.fps))}, {"seed", creation.seed},
               {"audio", creation.audio}, {"prompt", creation.prompt}};
    if (!creation.shot.is_null()) asked["shot"] = creation.shot;
    if (!job.images.empty()) asked["plate"] = job.images.front().string();
    return asked;
}

// What a renderer that was killed left behind; its helper may still be writing there.
void remove_leftovers(const fs::path& folder) {
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end; entry.increment(failed))
        if (entry->path().filename().string().starts_with("rendering-")) {
            std::error_code ignored;
            fs::remove(entry->path(), ignored);
        }
}

}  // namespace

Renderer::Renderer(JobStore& store, media::Helper helper, std::function<void(const std::string&)> log)
    : store_(store), helper_(std::move(helper)), log_(std::move(log)) {}

void Renderer::start(int threads) {
    for (int i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

void Renderer::wake() {
    {
        const std::lock_guard lock(mutex_);
        ++wakes_;
    }
    awake_.notify_all();
}

void Renderer::halt() {
    stopping_ = true;
    wake();
}

void Renderer::stop() {
    halt();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
}

void Renderer::work() {
    auto tidied = std::chrono::steady_clock::now() - tidy_again;
    while (!stopping_) {
        std::uint64_t seen;
        {
            const std::lock_guard lock(mutex_);
            seen = wakes_;
        }
        if (render_next()) continue;
        if (const auto now = std::chrono::steady_clock::now(); now - tidied >= tidy_again) {
            store_.remove_expired();
            tidied = now;
        }
        std::unique_lock lock(mutex_);
        awake_.wait_for(lock, look_again, [&] { return stopping_ || wakes_ != seen; });
    }
}

bool Renderer::render_next() {
    for (const auto& id : store_.unfinished()) {
        if (stopping_) return false;
        const auto job = store_.find(id);
        if (!job || job->ended()) continue;
        const auto lock = core::FileLock::try_lock(job->folder / "lock");
        if (!lock || !*lock) continue;
        // Looked at again under the lock: another one may just have ended it.
        const auto mine = store_.find(id);
        if (!mine || mine->ended()) continue;
        if (mine->fate.stuck) {
            if (mine->status == Job::Status::queued) ProgressFile(mine->folder / "progress").tell(0.5);
            continue;
        }
        render(*mine);
        return true;
    }
    return false;
}

void Renderer::render(const Job& job) {
    remove_leftovers(job.folder);
    ProgressFile progress(job.folder / "progress");
    progress.tell(0);
    if (!job.fate.code.empty()) {
        if (auto ended = store_.fail(job, job.fate.code, job.fate.message); !ended && log_) log_(ended.error().message);
        return;
    }
    const auto output = job.folder / fmt::format("rendering-{}.mp4", core::random_id("", 8));
    auto rendered = helper_.run("animatic", helper_job(job, output), [&](double reached) {
        progress.tell(reached);
        return !stopping_;
    });
    std::error_code ignored;
    if (!rendered && stopping_) {
        fs::remove(output, ignored);
        return;
    }
    auto ended = rendered ? store_.complete(job, output) : Result<>(rendered.error());
    if (!ended) {
        if (log_) log_(fmt::format("{}: {}", job.id, ended.error().message));
        fs::remove(output, ignored);
        ended = store_.fail(job, "render_failed", ended.error().message);
        if (!ended && log_) log_(fmt::format("{}: {}", job.id, ended.error().message));
    }
}

Result<fs::path> Renderer::derived(const Job& job, const std::string& variant) const {
    const auto path = job.folder / (variant == "thumbnail" ? "thumbnail.webp" : "spritesheet.jpeg");
    if (fs::exists(path)) return path;
    const auto lock = core::FileLock::lock(job.folder / (variant + ".lock"));
    if (!lock) return lock.error();
    if (fs::exists(path)) return path;
    const auto output = job.folder / fmt::format("rendering-{}{}", core::random_id("", 8), path.extension().string());
    auto made = helper_.run("frames", {{"input", job.clip().string()}, {"output", output.string()}, {"variant", variant}},
                            [&](double) { return !stopping_; });
    if (!made) return made.error();
    if (auto published = core::publish(output, path, core::Existing::replace); !published) return published.error();
    return path;
}

}  // namespace shotwire::serve
