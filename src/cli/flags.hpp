#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shotwire/shot.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace shotwire::cli {

// The flags as they were typed: text that `resolve.hpp` reads and checks. None: not given.
using Text = std::optional<std::string>;

struct GlobalFlags {
    bool json = false;
    bool quiet = false;
    int verbose = 0;
    Text color, config, profile, ledger;
};

struct ShotFlags {
    Shot shot;
    Text prompt;  // "-": from standard input
    Text file;    // "-": ready text from standard input
    std::vector<std::string> cleared = {};  // keys of texts that were given empty: what a file or the configuration says of them is dropped
};

struct OrderFlags {
    Text model, via, base_url;
    Text aspect_ratio, duration, resolution, size, fps, seed;
    std::optional<bool> audio;
    std::vector<std::string> params;
    bool fit = false;
};

struct NetworkFlags {
    Text cacert, proxy;
};

// What a command takes that waits for jobs.
struct WaitFlags {
    Text timeout, events, jobs, rpm;
    bool no_wait = false;
    bool cancel_on_interrupt = false;
    NetworkFlags network;
};

struct JobFlags {
    Text output, retake, max_cost;
    bool again = false, allow_unpriced = false, dry_run = false, force = false;
    WaitFlags wait;
};

// Whether an empty text says something there: a text of the shot, which then says nothing. Elsewhere an empty value is a variable that
// was not set, or a slip, and is refused.
bool may_be_empty(const CLI::Option& option);

void add_global_flags(CLI::App& command, GlobalFlags& flags);
enum class Words { prompt, file };  // what a word without a flag is: ready text, or the shot file
void add_shot_flags(CLI::App& command, ShotFlags& flags, Words words = Words::prompt);
void add_order_flags(CLI::App& command, OrderFlags& flags);
void add_wait_flags(CLI::App& command, WaitFlags& flags);
void add_job_flags(CLI::App& command, JobFlags& flags);

}  // namespace shotwire::cli
