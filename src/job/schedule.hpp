#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include "job/ledger.hpp"

namespace shotwire::job {

// When to ask the provider next. Few polls while nothing can be ready, close ones around the expected end, growing steps behind it.
// A guess is no reason to wait where asking costs nothing (`least` below a second: a server in this process): only history is.
class Schedule {
public:
    struct Bounds {
        std::chrono::milliseconds least{2000};
        std::chrono::milliseconds most{30000};
        std::chrono::milliseconds most_before = std::chrono::minutes(5);  // while nothing can be ready, by what is known
    };
    // `past`: how long like jobs took; `expected`: the catalogue's word, where there is no past.
    Schedule(const std::vector<Ledger::Past>& past, std::optional<std::chrono::milliseconds> expected, double clip_seconds, Bounds bounds);

    // How long to wait after `elapsed` since the provider took the job. `progress` (0 to 1) and `not_before` (its poll hint) are
    // the last answer's; `random` in [0, 1) spreads jobs that were sent together. A hint is kept: never sooner than it says. One
    // below `least` allows asking that often, down to a tenth of a second, but asks for nothing: no poll comes for it alone.
    std::chrono::milliseconds next(std::chrono::milliseconds elapsed, std::optional<double> progress,
                                   std::optional<std::chrono::milliseconds> not_before, double random) const;

    std::optional<std::chrono::milliseconds> expected() const { return expected_; }

private:
    std::optional<std::chrono::milliseconds> expected_;  // the middle of what was seen
    std::chrono::milliseconds earliest_{0};              // before that nothing was ever ready
    std::chrono::milliseconds spread_{0};                // between most of the early and most of the late ones
    bool cheap_guess_ = false;
    Bounds bounds_;
};

}  // namespace shotwire::job
