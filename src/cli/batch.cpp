#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <istream>
#include <ostream>
#include <set>

#include "cli/batch_leftovers.hpp"
#include "cli/batch_plan.hpp"
#include "cli/batch_reports.hpp"
#include "cli/batch_run.hpp"
#include "cli/batch_source.hpp"
#include "cli/commands.hpp"
#include "cli/drive.hpp"
#include "cli/routes.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "job/runner.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {
namespace {

constexpr std::size_t most_bytes = 256 << 20;  // of a batch file
constexpr Money ask_above{1'000'000};          // on a terminal, where nobody has said what it may cost

constexpr const char* nameless = "stdin";  // what comes through a pipe, or from a device

Result<std::string> read_batch(const std::string& file, Context& context) {
    if (file != "-") {
        auto text = core::read_file(file, most_bytes);
        if (!text) return Error{ErrorKind::usage, text.error().message};
        return text;
    }
    return core::read_stream(context.world.in, "the batch on stdin", most_bytes);
}

bool yes(std::istream& in) {
    std::string answer;
    std::getline(in, answer);
    answer = core::lower(core::trim(answer));
    return answer == "y" || answer == "yes";
}

std::string counted(std::size_t count, const char* what) { return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s"); }

// Whether it may cost that: by the user's limit or word, else asked for, where somebody can answer.
Result<> consent(const Batch& options, const Waiting& waiting, const Cost& cost, Context& context) {
    const auto& limits = waiting.settings.limits;
    if (limits.any() && cost.unpriced && !limits.allow_unpriced)
        return Error{ErrorKind::budget, fmt::format("{} of unknown price, so the budget cannot be kept; --allow-unpriced lets them through; nothing was sent", counted(cost.unpriced, "clip"))};
    if (cost.sum.micros == 0 && cost.unpriced == 0) return Ok{};
    const auto dearest = cost.print_dearest();
    const auto in_brackets = dearest.empty() ? "" : fmt::format(" ({})", dearest);
    if (limits.run && cost.sum > *limits.run)
        return Error{ErrorKind::budget, fmt::format("this would cost {}{}, more than {}; nothing was sent", cost.print(), in_brackets, limits.run_in_words)};
    auto& world = context.world;
    const bool agreed = options.yes || limits.run;
    if (!agreed && (!world.in_is_terminal || !world.err_is_terminal))
        return Error{ErrorKind::usage, fmt::format("{} would cost {}{}: say --yes, or how much it may be by --max-cost; nothing was sent", counted(cost.clips, "clip"),
                                                   cost.sum.micros ? cost.print() : "what is not known", in_brackets)};
    if (agreed || (cost.sum <= ask_above && cost.unpriced == 0)) {
        context.note(fmt::format("{}{}{}{}{}", counted(cost.clips, "clip"), cost.sum.micros ? " for " : ", ", cost.print(), dearest.empty() ? "" : "; ", dearest));
        return Ok{};
    }
    if (cost.clips > 1 && !cost.dearest.empty()) {
        world.err << "shotwire: the most expensive:\n";
        for (const auto& [price, row] : cost.dearest) world.err << fmt::format("  {}, USD {}\n", row, to_string(price));
    }
    world.err << fmt::format("shotwire: {}{}{}. Go on? [y/N] ", counted(cost.clips, "clip"), cost.sum.micros ? " for " : ", ", cost.print()) << std::flush;
    if (yes(world.in)) return Ok{};
    return Error{ErrorKind::budget, "not agreed to; nothing was sent"};
}

void tell_plan(BatchPlan& plan, Context& context) {
    for (const auto& sentence : plan.news()) context.note(sentence);
    for (const auto& [key, route] : plan.routes) context.tell_held_back(route);
}

// A row that was changed after its order failed, was refused or was not sent is taken with those.
bool may_be_mended(const job::Ledger::BatchRow* latest) {
    return latest && (latest->stage == Stage::failed || latest->stage == Stage::rejected || latest->stage == Stage::planned);
}

std::string name_of(const Batch& options) {
    if (options.name) return *options.name;
    std::error_code failed;
    return is_stream(*options.file) ? nameless : std::filesystem::absolute(*options.file, failed).lexically_normal().string();
}

// Which of the reports can be written; each is there before the other is looked at.
Result<> find_reports(const Batch& options, Context& context, BatchReports& reports) {
    (void)context.config();  // what is wrong with it is told by who needs it
    Taken taken{{"the batch itself", *options.file}, {"where stdout goes", "/dev/stdout"}, {"where stderr goes", "/dev/stderr"}};
    if (const auto events = context.setting(options.job.wait.events, "events")) taken.emplace_back("where --events writes", *events);
    for (const auto& [flag, path, report] : {std::tuple{"--summary", &options.summary, &reports.summary}, {"--junit", &options.junit, &reports.junit}}) {
        if (!*path) continue;
        ReportFile file{flag, **path, "shotwire.batch/1"};
        if (auto good = check_report(file, taken); !good) return good.error();
        taken.emplace_back("where " + file.flag + " writes", file.path);
        *report = std::move(file);
    }
    return Ok{};
}

// A row of the file, and what is wrong with it; empty: nothing.
struct KnownRow {
    std::string id, wrong;
};

std::vector<KnownRow> known_rows(const BatchPlan& plan) {
    std::vector<KnownRow> rows;
    std::map<std::string, std::size_t> places;
    const auto place = [&](const std::string& id) -> KnownRow& {
        const auto at = places.emplace(id, rows.size()).first->second;
        if (at == rows.size()) rows.push_back({id, ""});
        return rows[at];
    };
    for (const auto& clip : plan.clips) place(clip.row);
    for (const auto& problem : plan.problems())
        if (!problem.row.empty())
            if (auto& wrong = place(problem.row).wrong; wrong.size() < 2000) wrong += (wrong.empty() ? "" : "; ") + problem.message;
    return rows;
}

// What the reports tell of a batch that is refused: the rows that are known, and how those ended that were told before.
struct Known {
    std::vector<KnownRow> rows;
    std::vector<report::RowEnd> ends;
};

// Else what an earlier run wrote would be taken for this one's.
void report_refusal(const BatchReports& reports, const Batch& options, const Error& why, Known known, Context& context) {
    BatchEnd end{name_of(options), int(why.kind)};
    end.refused = why;
    end.ends = std::move(known.ends);
    std::set<std::string> told;
    for (const auto& one : end.ends) told.insert(one.row);
    for (const auto& row : known.rows) {
        if (told.contains(row.id)) continue;
        report::RowEnd one;
        one.row = row.id;
        one.state = "not run";
        one.error = Error{why.kind, row.wrong.empty() ? "not run: the batch was refused" : row.wrong};
        one.ran = false;
        end.ends.push_back(std::move(one));
    }
    end.rows = end.ends.size();
    end.left = std::size_t(std::count_if(end.ends.begin(), end.ends.end(), is_left_open));
    reports.write(end, context);
}

Result<> make_folder(const std::string& folder) {
    std::error_code failed;
    if (folder.empty()) return Ok{};
    std::filesystem::create_directories(folder, failed);
    if (!failed && std::filesystem::is_directory(folder)) return Ok{};
    return Error{ErrorKind::usage, fmt::format("--out-dir {}: {}", core::printable(folder), failed ? failed.message() : "it is not a folder")};
}

Result<std::vector<std::string>> words_of_exec(const Batch& options, Context& context) {
    if (!options.exec) return std::vector<std::string>();
    auto words = batch::split_words(*options.exec);
    if (!words) return words.error();
    if (auto good = batch::Hooks::check(*words); !good) return good.error();
    if (options.job.dry_run) return words;
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    learn_keys(**catalog, context.world.env, context.mask);  // all: a command may print what no row of this run needed
    return words;
}

}  // namespace

void define_batch(CLI::App& command, Chosen<Batch> chosen) {
    auto options = std::make_shared<Batch>();
    const auto flag = [&](const char* names, Text& to, const char* type, const char* help) { return command.add_option(names, to, help)->type_name(type)->group("Batch"); };
    flag("FILE", options->file, "", "The shots: rows of flags, with defaults and matrices; - reads stdin")->required();
    flag("--name", options->name, "NAME", "What the batch is called in the ledger [the file's path; stdin for a pipe]");
    flag("--out-dir", options->out_dir, "DIR", "Put the clips there; made where it is missing");
    command.add_flag("--only-failed", options->only_failed, "Only the rows that failed at the provider or were never sent, also those edited since: they are tried again")->group("Batch");
    flag("--retries", options->retries, "N", "Try what fails at the provider up to N times more, never what it refuses [0]");
    command.add_flag("--watch", options->watch, "Go on with rows that are appended to the JSONL file, until Ctrl-C; of stdin, until its end")->group("Batch");
    command.add_flag("--strict", options->strict, "Refuse rows of which lint warns: exit 2, and nothing is sent")->group("Batch");
    flag("--exec", options->exec, "CMD", "Run this for each finished clip, also for those of earlier runs and those that are not as ordered (exit 12); {clip} {sidecar} {row} {id} {model} {route} {index} are filled in, {{ and }} are braces; no shell is started");
    flag("--summary", options->summary, "FILE", "Write how it ended, as JSON");
    flag("--junit", options->junit, "FILE", "Write how it ended as JUnit XML, a case for each row");
    command.add_flag("--yes", options->yes, "Agree to the price. Without it one above USD 1 is asked about on a terminal; elsewhere any price needs --yes or --max-cost")->group("Batch");
    add_order_flags(command, options->order);
    add_job_flags(command, options->job);
    for (const char* unfit : {"--retake", "--no-wait"}) command.remove_option(command.get_option(unfit));
    command.get_option("--timeout")->description("Stop waiting for a job after that long, such as 90s, 10m or 2h; it goes on at the provider [60m]");
    command.get_option("--jobs")->description("How many jobs are under way at once, shared fairly by models and routes [64]");
    command.get_option("--seed")->description(
        "The same seed renders the same clip, where the model can; random draws one for each clip, which its row keeps in the next run, unless --again");
    command.get_option("--dry-run")->description("Read, plan and price all rows, and print the plan; no key, network or ledger is touched");
    command.get_option("--output")->description(
        "Template of each clip's path, where its row has none; {row} {slug} {model} {index} {take} {seed} {id} {date} are filled in, {{ and }} are braces [{row}.mp4 where the "
        "file has ids, else {slug}-{id}.mp4]");
    command.footer(
        "All rows are read, planned and priced before the first is sent. The same command again goes on where it\n"
        "was: what is done costs nothing.\n\n"
        "A row may have any long flag of a shot and an order, id, output and takes; the keys of its shot file are\n"
        "below its own and above the defaults. It may not have --base-url: a file that comes with a checkout does\n"
        "not choose the host that gets orders and keys.\n\n"
        "stdout is NDJSON, a line for each row as it ends; on a terminal a line for people, unless --json.\n\n"
        "Examples:\n"
        "  shotwire batch shots.yaml --dry-run\n"
        "  shotwire batch shots.csv --out-dir clips --max-cost 20 --junit report.xml\n"
        "  shotwire batch shots.yaml --only-failed --yes\n"
        "  shotwire batch shots.jsonl --exec \"rclone copy {clip} remote:clips\"\n");
    command.callback([options, chosen] { chosen(*options); });
}

namespace {

// `known`: for who tells of a batch that is refused.
Result<Exit> run_batch(const Batch& options, const BatchReports& reports, Known& known, Context& context) {
    auto retries = parse_whole("--retries", options.retries.value_or("0"), 0, 100);
    if (!retries) return retries.error();
    auto waiting = read_job_flags(options.job, context);
    if (!waiting) return waiting.error();
    if (context.setting(options.job.output, "output") == "-") return Error{ErrorKind::usage, "-o - streams one clip; a batch has many: name a template, such as clips/{row}.mp4"};
    auto exec = words_of_exec(options, context);
    if (!exec) return exec.error();
    auto& settings = waiting->settings;
    if (!context.setting(options.job.wait.jobs, "jobs")) settings.most_jobs = 64;
    settings.timeout_each = std::exchange(settings.timeout, std::chrono::hours(24 * 365));
    settings.keep_unsent = true;
    settings.retries = int(*retries);

    const auto file = *options.file;
    const bool piped = is_stream(file);
    const bool streams = options.watch && piped;
    auto text = streams ? Result<std::string>("") : read_batch(file, context);
    if (!text) return text.error();
    const auto name = file == "-" ? nameless : file;
    const auto format = options.watch ? batch::Format::lines : batch::format_of(file, *text);
    if (options.watch && !piped && batch::format_of(file, *text) != batch::Format::lines && !core::trim(*text).empty())
        return Error{ErrorKind::usage, fmt::format("--watch follows a JSONL file, and {} is none", core::printable(file))};
    if (options.job.again && options.only_failed) return Error{ErrorKind::usage, "--again renders all rows anew; it does not go with --only-failed"};
    if (options.watch && options.only_failed) return Error{ErrorKind::usage, "--watch waits for new rows; it does not go with --only-failed"};
    const auto batch = name_of(options);
    const auto network = options.job.dry_run ? std::nullopt : std::optional(waiting->network);
    BatchPlan plan(name, piped ? std::filesystem::path() : std::filesystem::path(file).parent_path(), options, context, network);
    // What ends in a line without its end is still being written.
    const auto whole = options.watch ? text->rfind('\n') == std::string::npos ? 0 : text->rfind('\n') + 1 : text->size();
    if (!options.watch || whole > 0) plan.read(std::string_view(*text).substr(0, whole), format);
    if (reports) known.rows = known_rows(plan);
    if (!plan.sound()) return plan.problem();
    const auto last = BatchSource::last_of(std::string_view(*text).substr(0, whole));
    std::string().swap(*text);
    if (options.job.dry_run) {
        print_plan(plan, context);
        tell_plan(plan, context);
        return 0;
    }

    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    const Presence here((*ledger)->file(), batch);
    auto earlier = options.job.again ? std::vector<job::Ledger::BatchRow>() : (*ledger)->batch_rows(batch);
    if (!earlier) return earlier.error();
    plan.settle(std::move(*earlier));
    const bool alone = piped && !options.name;  // what else was piped has nothing to do with these rows
    BatchRun run(batch, reports, std::move(*exec), options, *waiting, context, plan, known.ends);
    std::deque<BatchClip> wanted;
    std::vector<JobId> joined;
    std::map<std::string, bool> orders;  // of each row: it has a job already
    Cost cost;
    const bool again = options.only_failed || *retries > 0;
    std::map<Before, std::size_t> counts;
    std::size_t left = 0, passed_over = 0;
    for (; !plan.clips.empty(); plan.clips.pop_front()) {
        auto& clip = plan.clips.front();
        auto found = options.job.again ? Result<Found>(Found{}) : before(clip, **ledger);
        if (!found) return found.error();
        const auto what = found->what;
        if (found->row) joined.push_back(found->row->id);
        if (found->next) joined.push_back(*found->next);
        orders[clip.row] = what == Before::done || what == Before::live || what == Before::unsent;
        ++counts[what];
        if (options.only_failed && what == Before::live) {  // also an order whose answer was lost: its fate is open, not known to be a failure
            run.ended_before(clip, *found->row);
            ++left;
            continue;
        }
        if (options.only_failed && what == Before::done) continue;
        if (options.only_failed && what == Before::nothing && (alone || !may_be_mended(plan.equals().latest(clip.row)))) {
            ++passed_over;
            continue;
        }
        if (is_left(what, again)) {
            run.ended_before(clip, *found->row);
            continue;
        }
        if (what == Before::nothing || what == Before::unsent || what == Before::failed) cost.add(clip);
        wanted.push_back(std::move(clip));
    }
    std::sort(joined.begin(), joined.end());
    tell_plan(plan, context);
    for (const auto& [what, why] : {std::pair{Before::refused, "refused by the provider, left as before: the same words would be refused again"},
                                    std::pair{Before::cancelled, "cancelled by the user, left as before; `shotwire jobs forget ID` lets one be ordered again"},
                                    std::pair{Before::lost, "of which the provider no longer has job or clip, left as before: they may have been billed"}})
        if ((again || what == Before::cancelled) && counts[what] > 0) context.note(fmt::format("{} {} (--again orders every row anew)", counted(counts[what], "row"), why));
    if (left > 0) context.note(fmt::format("{} under way or unknown, left as before: the same command without --only-failed goes on", counted(left, "row")));
    if (passed_over > 0)
        context.note(fmt::format("{} new or changed {} left: the same command without --only-failed renders {}", counted(passed_over, "row"), passed_over == 1 ? "is" : "are",
                                 passed_over == 1 ? "it" : "them"));
    std::optional<Leftovers> leftovers;
    if (!alone && !streams) leftovers.emplace(plan.equals().earlier(), joined, orders);
    orders.clear();
    if (!options.watch) plan.close();
    if (leftovers && !options.only_failed) leftovers->tell(context);
    if (auto agreed = consent(options, *waiting, cost, context); !agreed) return agreed.error();
    if (leftovers)
        if (auto cancelled = leftovers->cancel_unsent(**ledger, here, context); !cancelled) return cancelled.error();
    leftovers.reset();
    std::unique_ptr<BatchSource> more;
    if (options.watch) {
        auto opened = BatchSource::open(file, whole, last, context.world.in, context.world.clock);
        if (!opened) return opened.error();
        more = std::move(*opened);
    }
    return run.run(std::move(wanted), std::move(more));
}

}  // namespace

Result<Exit> run(const Batch& options, Context& context) {
    BatchReports reports;
    Known known;
    auto ready = options.job.dry_run ? Result<>(Ok{}) : make_folder(options.out_dir.value_or(""));  // a report may lie there
    if (auto found = find_reports(options, context, reports); !found) ready = found;
    auto ended = ready ? run_batch(options, reports, known, context) : Result<Exit>(ready.error());
    if (!ended && !options.job.dry_run) report_refusal(reports, options, ended.error(), std::move(known), context);
    return ended;
}

}  // namespace shotwire::cli
