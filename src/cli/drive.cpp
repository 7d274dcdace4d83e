#include "cli/drive.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/resource.h>

#include <algorithm>
#include <iterator>
#include <ostream>
#include <system_error>
#include <utility>

#include "cli/network.hpp"
#include "cli/resolve.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "media/helper_client.hpp"
#include "report/documents.hpp"
#include "report/progress.hpp"

namespace shotwire::cli {
namespace {

// Requests of all routes, and downloads beside them: a socket and a file each, where this process may have so many.
int most_transfers() {
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY) return 96;
    return int(std::clamp<long>((long(std::min<rlim_t>(files.rlim_cur, 1 << 20)) - 32) / 3, 2, 96));
}

// Before anything is paid for that could not be fetched. At its most a job holds two sockets (while IPv4 and IPv6 race), a pair of its
// name's resolver, its part, and six ends of the helper's pipes or a folder and a sidecar.
Result<> check_files() {
    constexpr long need = 12;
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur > 1024) return Ok{};
    std::error_code failed;
    const auto open = std::distance(std::filesystem::directory_iterator("/proc/self/fd", failed), std::filesystem::directory_iterator());
    if (failed && failed != std::errc::too_many_files_open) return Ok{};  // nobody knows
    if (!failed && long(files.rlim_cur) - (open - 1) >= need) return Ok{};
    return Error{ErrorKind::local, fmt::format("nothing was sent: only {} files may be open at once here, too few for a job ('ulimit -n 256' allows more)", files.rlim_cur)};
}

struct Stop : Interrupt::Listener {
    explicit Stop(job::Runner& runner) : runner(runner) {}
    void interrupted() noexcept override { runner.interrupt(); }
    job::Runner& runner;
};

// Progress lines or a front of its own, and the stream of events.
struct Audience : job::Observer {
    Audience(job::Observer& view, report::EventStream* events, std::function<void()> submitting) : view(view), events(events), submitting(std::move(submitting)) {}
    void changed(const job::Row& row, const job::Progress& progress) override {
        if (row.stage == Stage::submitting && submitting) std::exchange(submitting, {})();
        view.changed(row, progress);
        if (events) events->changed(row, progress);
    }
    void warned(const JobId& job, const std::string& sentence) override {
        view.warned(job, sentence);
        if (events) events->warned(job, sentence);
    }
    bool wants_ends() const override { return view.wants_ends(); }
    void ended(const job::Outcome& outcome) override {
        view.ended(outcome);
        if (events) events->ended(report::job_document(outcome.row, outcome.error));
    }
    job::Observer& view;
    report::EventStream* events;
    std::function<void()> submitting;
};

// A seconds hand.
class Ticker {
public:
    Ticker(http::Loop& loop, std::function<void()> tick) : loop_(loop), tick_(std::move(tick)) { wind(); }
    ~Ticker() { loop_.cancel_timer(timer_); }

private:
    void wind() {
        timer_ = loop_.after(std::chrono::seconds(1), [this] {
            tick_();
            wind();
        });
    }
    http::Loop& loop_;
    std::function<void()> tick_;
    http::Loop::Timer timer_ = 0;
};

// As the user would type it: below the working folder without its name.
std::string shown(const std::string& clip) {
    const auto near = std::filesystem::path(clip).lexically_proximate(std::filesystem::current_path());
    return near.empty() || *near.begin() == ".." ? clip : near.string();
}

// Ten times what a slow machine needs: a helper that hangs ends by itself, and no large clip is cut.
std::chrono::milliseconds conversion_limit(const std::filesystem::path& clip) {
    std::error_code failed;
    const auto bytes = std::filesystem::file_size(clip, failed);
    return std::min<std::chrono::milliseconds>(std::chrono::minutes(3) + std::chrono::seconds(failed ? 0 : 10 * (bytes >> 20)), std::chrono::hours(1));
}

Result<> to_mp4(const std::filesystem::path& from, const std::filesystem::path& to, const std::function<bool()>& keep_going) {
    const auto made = media::Helper::locate().run("mp4", {{"input", from.string()}, {"output", to.string()}}, [&](double) { return keep_going(); }, conversion_limit(from));
    if (!made) return made.error();
    return Ok{};
}

// How to go on, where the job is not at its end and its error does not say so.
std::string next_step(const job::Runner::Outcome& outcome) {
    if (outcome.error->message.find("shotwire jobs") != std::string::npos) return "";
    const auto& id = outcome.row.id.text;
    if (outcome.row.stage == Stage::unknown)
        return fmt::format("shotwire jobs adopt {} REMOTE_ID takes the provider's job for it; shotwire jobs resend {} sends it again", id, id);
    if (outcome.row.stage == Stage::planned) return fmt::format("job {0} was not sent: the same order or shotwire jobs wait {0} sends it, shotwire jobs cancel {0} drops it", id);
    if (!is_final(outcome.row.stage)) return fmt::format("shotwire jobs wait {} goes on", id);
    if (outcome.row.stage == Stage::expired && outcome.error->message.find("--again") == std::string::npos) return "the same order with --again makes a new clip";
    return "";
}

}  // namespace

namespace {

Result<> read_budget(const config::Config& config, job::Limits& limits) {
    limits.day = limits.total = {};
    for (const auto& [text, name, limit] : {std::tuple{&config.budget_day, "budget.day", &limits.day}, std::tuple{&config.budget_total, "budget.total", &limits.total}}) {
        if (text->empty()) continue;
        auto amount = parse_money(name, *text);
        if (!amount) return amount.error();
        *limit = *amount;
    }
    return Ok{};
}

// What a row's own profile allows, whoever sends it; where that profile is gone, what this command's does.
job::Limits limits_of(const std::string& profile, job::Limits limits, Context& context) {
    const auto own = limits;
    const auto config = context.config_of(profile);
    return config && read_budget(**config, limits) ? limits : own;
}

}  // namespace

Result<Waiting> read_wait_flags(const WaitFlags& flags, Context& context) {
    if (auto good = check_network(flags.network, context); !good) return good.error();
    Waiting waiting;
    auto& settings = waiting.settings;
    if (const auto timeout = context.setting(flags.timeout, "timeout")) {
        auto length = core::parse_length(*timeout, context.source(flags.timeout, "--timeout", "timeout"));
        if (!length) return length.error();
        settings.timeout = *length;
    }
    if (const auto jobs = context.setting(flags.jobs, "jobs")) {
        auto count = parse_whole(context.source(flags.jobs, "--jobs", "jobs"), *jobs, 1, 100'000);
        if (!count) return count.error();
        settings.most_jobs = int(*count);
    }
    if (const auto rpm = context.setting(flags.rpm, "rpm")) {
        auto count = parse_whole(context.source(flags.rpm, "--rpm", "rpm"), *rpm, 1, 100'000);
        if (!count) return count.error();
        settings.submits_per_minute = int(*count);
    }
    const auto& config = **context.config();
    waiting.profile = config.profile;
    if (auto read = read_budget(config, settings.limits); !read) return read.error();
    if (const auto most = context.setting({}, "max_cost")) {
        auto amount = parse_money(context.source({}, "", "max_cost"), *most);
        if (!amount) return amount.error();
        settings.limits.run = *amount;
        settings.limits.run_in_words = context.limit_in_words({}, *amount);
    }
    settings.limits.allow_unpriced = context.setting({}, "allow_unpriced") == "true";
    settings.wait = !flags.no_wait;
    settings.cancel_on_interrupt = flags.cancel_on_interrupt;
    waiting.network = flags.network;
    waiting.events = context.setting(flags.events, "events");
    if (waiting.events == "-")
        return Error{ErrorKind::usage, fmt::format("{} -: stdout is the result; name a file, or /dev/stderr", context.source(flags.events, "--events", "events"))};
    return waiting;
}

Result<Waiting> read_job_flags(const JobFlags& flags, Context& context) {
    auto waiting = read_wait_flags(flags.wait, context);
    if (!waiting) return waiting;
    auto& limits = waiting->settings.limits;
    if (flags.max_cost) {
        auto most = parse_money("--max-cost", *flags.max_cost);
        if (!most) return most.error();
        limits.run = *most;
        limits.run_in_words = context.limit_in_words(flags.max_cost, *most);
    }
    limits.allow_unpriced = limits.allow_unpriced || flags.allow_unpriced;
    return waiting;
}

Result<Outcomes> drive(const Waiting& waiting, Context& context, const std::function<Result<>(job::Runner&)>& enter,
                       const std::function<void()>& submitting, const Front* front) {
    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    auto& world = context.world;

    core::Fd events_file;
    if (waiting.events) {
        events_file = core::Fd(::open(waiting.events->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644));
        if (!events_file) return core::system_error("open", *waiting.events);
    }
    bool lost_events = false;  // told once; a job is not stopped for it
    const auto write = [&](const std::string& line) {
        if (lost_events || core::write_all(events_file.get(), line, *waiting.events)) return;
        lost_events = true;
        context.lost(fmt::format("cannot write to {}; its events end here", *waiting.events));
    };
    report::EventStream events(write, world.clock, context.mask);
    const bool terminal = world.err_is_terminal && context.flags.verbose < 2;
    report::ProgressLines lines(world.err, world.clock, context.mask,
                                {terminal, context.flags.quiet, context.color(world.err_is_terminal), world.columns});
    job::Observer* view = front ? &front->observer : &lines;
    Audience audience(*view, waiting.events ? &events : nullptr, submitting ? std::function<void()>([&] {
        lines.clear();
        submitting();
    }) : nullptr);

    auto& client = context.client(waiting.network, most_transfers());
    if (auto enough = check_files(); !enough) return enough.error();
    job::Runner* running = nullptr;
    job::Runner::Deps deps{**ledger, client, client, world.clock, context.connect(waiting.settings.timeout_each.value_or(waiting.settings.timeout)), &audience, to_mp4};
    if (front && front->more_to_come) deps.more_to_come = [&] { return running && front->more_to_come(*running); };
    auto settings = waiting.settings;
    settings.limits_of = [&](const std::string& profile) { return profile == waiting.profile ? waiting.settings.limits : limits_of(profile, waiting.settings.limits, context); };
    job::Runner runner(std::move(deps), std::move(settings));
    if (auto entered = enter(runner); !entered) return entered.error();
    {
        running = &runner;
        context.ran_jobs = true;
        Stop stop(runner);
        const Interrupt::Listening listening(world.interrupt, stop);
        std::optional<Ticker> ticker;
        if (front) ticker.emplace(client, [&] { front->tick(runner); });
        else if (terminal && !context.flags.quiet) ticker.emplace(client, [&] { lines.tick(); });
        runner.run();
    }
    lines.clear();
    if (front) {
        front->tick(runner);
        return Outcomes{};
    }
    auto outcomes = runner.outcomes();
    if (waiting.events)
        for (const auto& outcome : outcomes) events.ended(report::job_document(outcome.row, outcome.error));
    return outcomes;
}

int report_outcomes(const Outcomes& outcomes, bool waited, bool several, Context& context) {
    auto& world = context.world;
    std::vector<int> codes;
    json documents = json::array();
    for (const auto& outcome : outcomes) {
        codes.push_back(report::code_of(outcome.error));
        documents.push_back(report::job_document(outcome.row, outcome.error));
        if (!context.flags.json) {
            // Who does not wait is told the job, whatever became of it: what follows is `jobs wait ID`, and the clip's path is that one's result.
            if (!waited) {
                if (!outcome.error || outcome.row.handle || outcome.row.stage == Stage::unknown) world.out << outcome.row.id.text << '\n';
            } else if (!outcome.row.clip.empty() && is_final(outcome.row.stage)) {
                world.out << shown(outcome.row.clip) << '\n';
            }
        }
        if (!outcome.error) continue;
        const auto next = next_step(outcome);
        world.err << "shotwire: " << core::printable(context.mask(outcome.error->message)) << '\n';
        if (!next.empty()) world.err << "shotwire: " << next << '\n';
    }
    const int code = report::exit_code(codes);
    if (context.flags.json) {
        const json document = several || documents.size() != 1 ? json{{"schema", "shotwire.clips/1"}, {"exit", code}, {"clips", documents}} : documents.at(0);
        world.out << context.mask(core::dump(document, 2)) << '\n';
    }
    return code;
}

}  // namespace shotwire::cli
