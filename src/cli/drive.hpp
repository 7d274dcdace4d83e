#pragma once
#include <functional>
#include <vector>

#include "cli/context.hpp"
#include "job/runner.hpp"

namespace shotwire::cli {

struct Waiting {
    job::Settings settings;
    NetworkFlags network;
    Text events;
    std::string profile;
};
// Flags, and the configuration's defaults where they are not given; its budgets, too. Errors: usage.
Result<Waiting> read_wait_flags(const WaitFlags& flags, Context& context);
Result<Waiting> read_job_flags(const JobFlags& flags, Context& context);  // and the flags of money

// Who looks on in place of the progress lines, and does not want all outcomes at the end.
struct Front {
    job::Observer& observer;
    std::function<void(job::Runner&)> tick;          // each second, and at the end
    std::function<bool(job::Runner&)> more_to_come;  // empty: all jobs are known at the start
};

using Outcomes = std::vector<job::Runner::Outcome>;

// Runs jobs until they rest, with progress on stderr, events in their file and Ctrl-C heard. `enter` gives the runner its jobs;
// its error ends everything before a request has left. `submitting` is called once, when the first submit is on its way: all
// that could stand against it has been looked at.
Result<Outcomes> drive(const Waiting& waiting, Context& context, const std::function<Result<>(job::Runner&)>& enter,
                       const std::function<void()>& submitting = {}, const Front* front = nullptr);

// The result on stdout (paths, or ids where nothing was waited for; or the JSON), the errors and how to go on on stderr.
// Returns the exit code of them all. `several`: the JSON document is a list, however many there are.
int report_outcomes(const Outcomes& outcomes, bool waited, bool several, Context& context);

}  // namespace shotwire::cli
