#include "cli/batch_run.hpp"

#include <spdlog/fmt/fmt.h>

#include <ostream>

#include "cli/batch_leftovers.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {

using namespace std::chrono_literals;

namespace {
// A clip is there, though not the one that was ordered.
bool has_clip(const Error& error) { return error.kind == ErrorKind::mismatch || error.kind == ErrorKind::quality; }

// What the ledger says is about no row, and would be said of each after a wait of its own.
bool is_the_ledgers(const Error& error, const job::Ledger& ledger) {
    return ledger.broken() || (error.kind == ErrorKind::local && error.message.find("the ledger " + ledger.file().string()) != std::string::npos);
}
}  // namespace

Result<Found> before(const BatchClip& clip, job::Ledger& ledger) {
    auto rows = ledger.by_fingerprint(clip.identity);
    if (!rows) return rows.error();
    Found found;
    const auto* there = job::standing_for(*rows, clip.ordinal);
    if (!there) return found;
    found.row = *there;
    const auto& row = *found.row;
    const auto kind = row.error ? row.error->kind : ErrorKind::provider;
    switch (row.stage) {
        case Stage::done:
        case Stage::mismatch: found.what = Before::done; break;
        case Stage::rejected: found.what = Before::refused; break;
        case Stage::expired: found.what = Before::lost; break;
        case Stage::cancelled: found.what = is_cancelled_unsent(row) ? Before::unsent : Before::cancelled; break;
        case Stage::failed:
            if (kind == ErrorKind::usage || kind == ErrorKind::rejected) found.what = Before::refused;
            else if (!row.handle) found.what = Before::unsent;
            else found.what = row.error && row.error->lasting ? Before::lost : Before::failed;
            break;
        case Stage::planned: found.what = Before::unsent; break;
        case Stage::submitting: found.what = row.unsent ? Before::unsent : Before::live; break;
        default: found.what = Before::live;
    }
    // A second try that was never sent: how it ended is the first one's word, and it is tried again as any that failed.
    const auto failed = std::find_if(rows->rbegin(), rows->rend(), [&](const auto& other) { return other.ordinal == row.ordinal && other.stage == Stage::failed && other.handle; });
    if (found.what == Before::unsent && row.stage != Stage::submitting && failed != rows->rend()) {
        found.what = failed->error && failed->error->lasting ? Before::lost : Before::failed;
        found.next = row.id;
        found.row = std::move(*failed);
    }
    return found;
}

bool is_left(Before what, bool again) {
    return what == Before::refused || what == Before::cancelled || what == Before::lost || (what == Before::failed && !again);
}

BatchRun::BatchRun(std::string batch, const BatchReports& reports, std::vector<std::string> exec, const Batch& options, const Waiting& waiting, Context& context, BatchPlan& plan,
                   std::vector<report::RowEnd>& ends)
    : batch_(std::move(batch)), reports_(reports), options_(options), waiting_(waiting), context_(context), plan_(plan), outlet_(context.world.out, context.world.err), ends_(ends),
      started_(context.world.clock.wall()) {
    if (!exec.empty()) hooks_ = std::make_unique<batch::Hooks>(std::move(exec));
    auto& world = context_.world;
    view_ = std::make_unique<report::BatchView>(
        world.err, world.clock, context_.mask,
        report::ProgressLines::Look{world.err_is_terminal && context_.flags.verbose < 2, context_.flags.quiet, context_.color(world.err_is_terminal), world.columns}, 0);
}

BatchRun::~BatchRun() { (void)hand_on(); }

void BatchRun::warned(const JobId& job, const std::string& sentence) { view_->say(job.text.empty() ? sentence : fmt::format("job {}: {}", job.text, sentence)); }

Result<> BatchRun::add(job::Runner& runner, BatchClip& clip) {
    job::Wanted wanted;
    wanted.send_over(*clip.route);
    wanted.order = std::move(clip.order);
    wanted.fingerprint = std::move(clip.identity);
    wanted.operation = clip.operation;
    wanted.model = clip.model;
    wanted.resolution = clip.resolution;
    wanted.seconds = clip.seconds;
    wanted.price = clip.price;
    wanted.ordinal = clip.ordinal;
    wanted.again = options_.job.again;
    auto place = plan_.place_of(clip);
    wanted.output = std::move(place.text);
    wanted.named_by_row = place.by_id;
    wanted.asks_for_place = place.asked;
    wanted.index = int(clips_.size());
    wanted.number = clip.index;
    wanted.take = clip.take;
    wanted.force = options_.job.force;
    wanted.profile = waiting_.profile;
    wanted.batch = batch_;
    wanted.batch_row = clip.row;
    clips_.push_back({clip.row, clip.index});
    auto added = runner.add(wanted);
    if (!added) return clips_.pop_back(), added.error();
    return Ok{};
}

Result<Exit> BatchRun::run(std::deque<BatchClip> clips, std::unique_ptr<BatchSource> more) {
    view_->more(clips.size());
    source_ = std::move(more);
    std::vector<std::string> refused;
    std::optional<Interrupt::Listening> listening;  // behind the runner's own: an interrupt does not cut off what is to be told at the end
    const auto enter = [&](job::Runner& runner) -> Result<> {
        auto ledger = context_.ledger();
        if (!ledger) return ledger.error();
        std::size_t count = 0;
        bool all_local = true;
        for (; !clips.empty(); clips.pop_front()) {  // what is added needs its memory here no longer
            auto& clip = clips.front();
            auto added = add(runner, clip);
            if (added) continue;
            if (is_the_ledgers(added.error(), **ledger)) return added;
            all_local = all_local && added.error().kind == ErrorKind::local;
            if (count++ < most_problems_told) refused.push_back(plan_.print({clip.where, clip.row, added.error().message}));
        }
        if (count == 0) return listening.emplace(context_.world.interrupt, awake_), Ok{};
        if (count > most_problems_told) refused.push_back(fmt::format("and {} more", count - most_problems_told));
        refused.push_back("nothing was sent");
        return Error{all_local ? ErrorKind::local : ErrorKind::usage, core::join(refused, "\n")};
    };
    Front front{*this, [&](job::Runner& runner) {
                    tally_ = runner.tally();
                    tell_hooks();
                    look_at_out();
                    if (!outlet_.behind()) view_->tick(tally_);
                }, {}};
    if (source_) front.more_to_come = [&](job::Runner& runner) {
        add_more(runner);
        return !source_->over();
    };
    auto driven = drive(waiting_, context_, enter, {}, &front);
    view_->clear();
    if (!driven) return driven.error();
    const bool cut_off = hooks_ && !finish_hooks();
    const auto failed_hooks = hooks_ ? hooks_->finish() : 0;
    tell_hooks();
    if (const auto unread = source_ ? source_->unread() : ""; !unread.empty()) context_.warn(unread);
    const bool lost_rows = source_ && !source_->why().empty();
    auto code = report::exit_code(codes_);
    if (code == 0 && (failed_hooks > 0 || lost_rows)) code = int(ErrorKind::partial);
    if (cut_off) code = int(ErrorKind::cancelled);
    BatchEnd end{batch_, code};
    end.done = done_;
    end.differs = differs_;
    end.left = left_;
    end.rows = codes_.size();
    end.spent = Money{tally_.spent.micros + tally_.reserved.micros};
    end.seconds = std::chrono::duration<double>(context_.world.clock.wall() - started_).count();
    end.ends = std::move(ends_);
    reports_.write(end, context_);
    if (!context_.flags.quiet) context_.note(view_->totals({}) + (tally_.spent.micros ? fmt::format("; USD {} spent", to_string(tally_.spent)) : ""));
    if (!hand_on()) return int(ErrorKind::cancelled);
    look_at_out();
    return code;
}

// The first interrupt lets those come to their end that run, the second ends them. False: not all were run to their end.
bool BatchRun::finish_hooks() {
    const auto& interrupt = context_.world.interrupt;
    const int before = options_.watch ? std::min(interrupt.count(), 1) : 0;  // the end of a watch is no word against them
    bool held = false;
    for (; !hooks_->wait(0ms); (void)hooks_->wait(50ms)) {
        tell_hooks();
        const int heard = interrupt.count() - before;
        if (heard >= 1 && !std::exchange(held, true))
            view_->say(fmt::format("interrupted: the --exec commands that run are waited for, {} not started; a second interrupt ends them", hooks_->hold()));
        if (heard >= 2) hooks_->end();
    }
    return !held;
}

// Whoever reads stdout may take their time, up to the second interrupt. False: it came, and what was not read is in the ledger alone.
bool BatchRun::hand_on() {
    while (!outlet_.wait(200ms))
        if (context_.world.interrupt.count() >= 2) return outlet_.leave(), false;
    return true;
}

// As the rows that were there at the start, but nobody can be asked about their price any more.
Result<> BatchRun::add_later(job::Runner& runner, BatchClip& clip) {
    auto ledger = context_.ledger();
    if (!ledger) return ledger.error();
    auto found = options_.job.again ? Result<Found>(Found{}) : before(clip, **ledger);
    if (!found) return found.error();
    if (is_left(found->what, waiting_.settings.retries > 0)) return ended_before(clip, *found->row), Ok{};
    const bool paid = found->what != Before::done && found->what != Before::live;
    const bool free = clip.price && clip.price->micros == 0;
    if (paid && !free && !options_.yes && !waiting_.settings.limits.run)
        return Error{ErrorKind::usage, fmt::format("it would cost {}: with --watch say --yes beforehand, or how much it may be by --max-cost; it was not sent",
                                                   clip.price ? "USD " + to_string(*clip.price) : "what is not known")};
    view_->more(1);
    return add(runner, clip);
}

void BatchRun::add_more(job::Runner& runner) {
    const bool was_over = source_->over();
    const auto lines = source_->take();
    if (!was_over && !source_->why().empty()) complain(source_->why());
    for (const auto& line : lines) {
        plan_.line(line);
        for (const auto& sentence : plan_.news()) view_->say(sentence);
        for (const auto& problem : plan_.take_problems()) {
            view_->say(plan_.print(problem));
            BatchClip clip;
            clip.row = problem.row;
            refuse(clip, Error{ErrorKind::usage, problem.message});
        }
        for (auto& clip : std::exchange(plan_.clips, {}))
            if (auto added = add_later(runner, clip); !added) {
                view_->say(plan_.print({clip.where, clip.row, added.error().message}));
                refuse(clip, added.error());
            }
    }
}

// A row that came later and cannot be ordered: the others go on.
void BatchRun::refuse(const BatchClip& clip, const Error& error) {
    json document{{"schema", "shotwire.clip/1"}, {"row", clip.row}, {"state", "refused"}, {"clip", nullptr}, {"exit", report::code_of(error)},
                  {"error", {{"kind", report::kind_word(error.kind)}, {"message", error.message}}}};
    view_->more(1);
    tell(core::dump(document), {clip.row, "", "refused", "", clip.model, error, 0, {}}, true);
}

void BatchRun::ended_before(const BatchClip& clip, const job::Row& row) {
    view_->more(1);
    auto error = job::error_of(row);
    if (!error && !is_final(row.stage))
        error = Error{ErrorKind::pending, fmt::format("job {} is under way; `shotwire jobs resume {}` goes on with it", row.id.text, row.id.text)};
    tell(report::job_line(row, error, row.clip, clip.row), {clip.row, row.id.text, std::string(to_string(row.stage)), row.clip, row.model, error, 0, job::cost_of(row)}, false);
}

void BatchRun::ended(const job::Outcome& outcome) {
    const auto& row = outcome.row;
    const auto& clip = clips_.at(std::size_t(outcome.index));
    if (outcome.extra) view_->more(1);
    const auto path = outcome.shown.value_or(row.clip);
    const bool earlier = row.ended && *row.ended < started_;  // it was done before this run
    const auto seconds = std::chrono::duration<double>(context_.world.clock.wall() - std::max(row.created, started_)).count();
    if (hooks_ && (!outcome.error || has_clip(*outcome.error)) && !path.empty())
        hooks_->start({{"clip", path}, {"sidecar", path + ".json"}, {"row", clip.row}, {"id", row.id.text}, {"model", row.model}, {"route", row.route}, {"index", std::to_string(clip.index)}});
    tell(report::job_line(row, outcome.error, path, clip.row), {clip.row, row.id.text, std::string(to_string(row.stage)), path, row.model, outcome.error, seconds, job::cost_of(row)}, !earlier);
}

void BatchRun::tell(const std::string& line, report::RowEnd end, bool now) {
    codes_.push_back(report::code_of(end.error));
    const bool differs = end.error && has_clip(*end.error);
    const bool left = is_left_open(end);
    done_ += !end.error;
    differs_ += differs;
    left_ += left;
    view_->ended(!end.error ? report::BatchView::End::done : differs ? report::BatchView::End::differs : left ? report::BatchView::End::left : report::BatchView::End::failed, now, end.row,
                 end.error ? end.error->message : "");
    write_line(line, end);
    if (reports_) ends_.push_back(std::move(end));
}

// What nobody reads any more is in the ledger: the batch goes on.
void BatchRun::write_line(const std::string& line, const report::RowEnd& end) {
    if (lost_out_) return;
    auto& world = context_.world;
    if (world.out_is_terminal && !context_.flags.json) {
        view_->clear();
        world.out << core::printable(context_.mask(fmt::format("{}  {}  {}", end.row, end.state, end.error ? end.error->message : end.clip))) << std::endl;
    } else {
        world.out << context_.mask(line) << '\n' << std::flush;
    }
    look_at_out();
}

void BatchRun::look_at_out() {
    if (lost_out_ || context_.world.out.flush()) return;
    lost_out_ = true;
    view_->say("the results can no longer be written to stdout; they are in the ledger: shotwire jobs ls");
}

void BatchRun::tell_hooks() {
    if (!hooks_) return;
    for (const auto& failure : hooks_->failures()) {
        const auto why = core::printable(context_.mask(failure.why).substr(0, 500));  // in this order: half a key is not known
        view_->say(fmt::format("--exec of row {}: {}", failure.row, why));
        for (auto& end : ends_)
            if (end.row == failure.row) end.exec = why;
    }
}

// Also with -q: it is why the run ended as it did.
void BatchRun::complain(const std::string& sentence) {
    view_->clear();
    context_.world.err << "shotwire: " << core::printable(context_.mask(sentence)) << std::endl;
}

}  // namespace shotwire::cli
