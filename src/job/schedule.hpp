#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include "job/ledger.hpp"

namespace shotwire::job {

// When to ask the provider next. Few polls while nothing can be ready, close ones around the expected end, growing steps behind it.
class Schedule {
public:
    struct Bounds {
        std::chrono::milliseconds least{2000};
        std::chrono::milliseconds most{30000};
    };
    // `past`: how long like jobs took; `expected`: the catalogue's word, where there is no past.
    Schedule(const std::vector<Ledger::Past>& past, std::optional<std::chrono::milliseconds> expected, double clip_seconds, Bounds bounds);

    // How long to wait after `elapsed` since the provider took the job. `progress` (0 to 1) and `not_before` (its poll hint) are
    // the last answer's; `random` in [0, 1) spreads jobs that were sent together.
    std::chrono::milliseconds next(std::chrono::milliseconds elapsed, std::optional<double> progress,
                                   std::optional<std::chrono::milliseconds> not_before, double random) const;

    std::optional<std::chrono::milliseconds> expected() const { return expected_; }

private:
    std::optional<std::chrono::milliseconds> expected_;  // the middle of what was seen
    std::chrono::milliseconds earliest_{0};              // before that nothing was ever ready
    std::chrono::milliseconds spread_{0};                // between most of the early and most of the late ones
    Bounds bounds_;
};

}  // namespace shotwire::job
