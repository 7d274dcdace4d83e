#pragma once
#include <chrono>
#include <optional>
#include <vector>

#include "job/ledger.hpp"

namespace shotwire::job {

// When to ask the provider next: as densely as a clip is likely to become ready. Where the past has clips, close; in the gaps of a
// bimodal one and before all of it, hardly.
//
// The rule (Keller 1974): where the chance to become ready within a second is h, and a second of waiting costs as much as `price`
// polls, the cheapest polls lie sqrt(2 / (price h)) apart. A poll is worth a hundredth of the render time, so that what counts is
// lateness against the wait that was to be expected, and polls per job do not grow with it.
//
// The past may lie. Of a provider that became faster two looks tell before anything was ever ready, at a quarter of that time and at
// twice as much: a clip is seen before it is about twice as old, unless it took less than a quarter. For one that became
// slower, as for a job of which nothing is known, the steps are a part of its age, once the past, or a dozen polls by it, has gone by.
class Schedule {
public:
    struct Bounds {
        std::chrono::milliseconds least{2000};
        std::chrono::milliseconds most{30000};
        std::chrono::milliseconds most_before = std::chrono::minutes(5);  // while nothing can be ready, by what is known
    };
    // `past`: how long like jobs took; `expected`: the catalogue's word, where there is no past. A guess is no reason to wait where
    // asking costs nothing (`least` below a second: a server in this process): only history is.
    Schedule(const std::vector<Ledger::Past>& past, std::optional<std::chrono::milliseconds> expected, double clip_seconds, Bounds bounds);

    // How long to wait after `elapsed` since the provider took the job. `progress` (0 to 1) and `not_before` (its poll hint) are
    // the last answer's; `random` in [0, 1) spreads jobs that were sent together. A hint is kept: never sooner than it says. One below
    // `least` allows asking that often, down to a tenth of a second, sooner only as long as the job is younger than that, but asks for
    // nothing: no poll comes for it alone.
    std::chrono::milliseconds next(std::chrono::milliseconds elapsed, std::optional<double> progress,
                                   std::optional<std::chrono::milliseconds> not_before, double random) const;

    std::optional<std::chrono::milliseconds> expected() const { return expected_; }

private:
    void lay(const std::vector<double>& past);
    std::chrono::milliseconds when(double due, double random) const;
    std::chrono::milliseconds by_density(std::chrono::milliseconds elapsed, double random) const;
    std::chrono::milliseconds by_age(std::chrono::milliseconds elapsed, std::chrono::milliseconds least) const;

    std::optional<std::chrono::milliseconds> expected_;  // the middle of what was seen
    std::chrono::milliseconds earliest_{0};              // before that nothing was ever ready
    std::chrono::milliseconds latest_{0};                // from then on the past says nothing more
    // How many polls are due up to each of these times, which grow by the same factor from `earliest_` on; empty: nothing is known.
    std::vector<float> due_;
    Bounds bounds_;
};

}  // namespace shotwire::job
