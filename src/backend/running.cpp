#include <algorithm>
#include <array>

#include "backend/backend.hpp"
#include "core/text.hpp"

namespace shotwire::backend {

bool is_running_word(std::string_view word) {
    constexpr std::array<std::string_view, 29> known{"accepted", "active", "created", "encoding", "finalizing", "generating", "in_progress", "in_queue", "inqueue", "initializing", "pending", "postprocessing", "preparing", "preprocessing", "processing", "progress",
                                                     "queue", "queued", "queueing", "rendering", "running", "scheduled", "starting", "submitted", "suspended", "throttled", "uploading", "waiting", "working"};
    auto plain = core::lower(core::trim(word));
    std::replace(plain.begin(), plain.end(), ' ', '_');
    if (constexpr std::string_view of_a_file = "file_"; plain.starts_with(of_a_file)) plain.erase(0, of_a_file.size());
    return std::find(known.begin(), known.end(), plain) != known.end();
}

}  // namespace shotwire::backend
