#pragma once
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "media/helper_client.hpp"
#include "serve/job_store.hpp"

namespace shotwire::serve {

// Renders the unfinished jobs of a store on threads of its own. A job belongs to whoever holds the lock in its folder, here or
// in another process; a holder that dies loses it, and the next one begins it anew.
class Renderer {
public:
    Renderer(JobStore& store, media::Helper helper, std::function<void(const std::string&)> log);
    ~Renderer() { stop(); }
    void start(int threads);
    void wake();  // there may be a new job
    // Ends what the helper does, within a moment; what was being rendered stays unfinished. `stop` also waits for it.
    void halt();
    void stop();

    // A picture made from a finished clip, beside it: "thumbnail" (WebP) or "spritesheet" (JPEG). Made once.
    Result<std::filesystem::path> derived(const Job& job, const std::string& variant) const;

private:
    void work();
    bool render_next();
    void render(const Job& job);

    JobStore& store_;
    media::Helper helper_;
    std::function<void(const std::string&)> log_;
    std::mutex mutex_;
    std::condition_variable awake_;
    std::uint64_t wakes_ = 0;
    std::atomic<bool> stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace shotwire::serve
