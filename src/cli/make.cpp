#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <fstream>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/drive.hpp"
#include "cli/dry_run.hpp"
#include "cli/lint_formats.hpp"
#include "cli/make_plan.hpp"
#include "cli/network.hpp"
#include "cli/planning.hpp"
#include "cli/routes.hpp"
#include "cli/sidecar.hpp"
#include "core/files.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "lint/lint.hpp"
#include "report/documents.hpp"

namespace shotwire::cli {
namespace {

// Where a clip lies on its way to stdout: a place that outlives us, so that a paid one is never lost in a pipe.
std::filesystem::path stream_folder() { return core::state_home() / "streams"; }

Result<> check_budget(const JobFlags& flags, const Price& price, long takes, Context& context) {
    const auto text = context.setting(flags.max_cost, "max_cost");
    if (!text) return Ok{};
    auto most = parse_money(context.source(flags.max_cost, "--max-cost", "max_cost"), *text);
    if (!most) return most.error();
    if (!price.amount) {
        if (flags.allow_unpriced || context.setting({}, "allow_unpriced") == "true") return Ok{};
        return Error{ErrorKind::budget, fmt::format("the price is unknown, so {} cannot be kept; --allow-unpriced lets it through; nothing was sent", context.source(flags.max_cost, "--max-cost", "max_cost"))};
    }
    const Money cost{price.amount->micros * takes};
    if (cost <= *most) return Ok{};
    return Error{ErrorKind::budget, fmt::format("this would cost {}USD {}, more than {}; nothing was sent", price.upper_bound ? "at most " : "",
                                                to_string(cost), context.limit_in_words(flags.max_cost, *most))};
}

// Copies the clip to stdout, then lets go of it. Where that fails it stays, and the error says where.
Result<> stream(const job::Row& row, job::Ledger& ledger, std::ostream& out) {
    std::ifstream clip(row.clip, std::ios::binary);
    if (!clip) return core::system_error("read", row.clip);
    out << clip.rdbuf() << std::flush;
    if (!out) return Error{ErrorKind::local, fmt::format("the clip could not be written to stdout; it is kept in {}", row.clip)};
    if (std::filesystem::path(row.clip).parent_path() != stream_folder()) return Ok{};  // a clip of the user's that was there before
    std::error_code ignored;
    std::filesystem::remove(row.clip, ignored);
    std::filesystem::remove(row.clip + ".json", ignored);
    // Nobody is led to what is gone; who asks for it again has it fetched again. Where the ledger fails the row names it still: no harm.
    if (auto claimed = ledger.claim(row.id); !claimed || !*claimed) return Ok{};
    if (auto there = ledger.find(row.id.text); there && *there) {
        (*there)->clip.clear();
        (void)ledger.save(**there, "streamed to stdout");
    }
    (void)ledger.release(row.id);
    (void)ledger.commit();
    return Ok{};
}

// Jobs of the embedded server whose clips are nowhere any more, neither here nor there: nobody loses by rendering them anew, so that their
// rows and outcomes give way. (Of a host of the user's own we believe that it is free; it may be a gateway, and is not asked twice unasked.)
// The takes that they were.
Result<std::vector<long>> forget_gone(Outcomes& outcomes, Context& context) {
    const auto is_gone = [](const job::Outcome& outcome) {
        const auto cost = outcome.row.settled ? outcome.row.settled : outcome.row.price;
        return !outcome.extra && outcome.row.stage == Stage::expired && outcome.row.base_url.empty() && cost && cost->micros == 0;
    };
    std::vector<long> takes;
    std::vector<JobId> ids;
    for (const auto& outcome : outcomes) {
        if (!is_gone(outcome)) continue;
        takes.push_back(outcome.index);
        ids.push_back(outcome.row.id);
        context.note(fmt::format("the clip of job {} is gone, here and at the provider; it is rendered anew, as it costs nothing", outcome.row.id.text));
    }
    if (ids.empty()) return takes;
    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    if (auto forgotten = job::forget_together(**ledger, ids); !forgotten) return forgotten.error();
    std::erase_if(outcomes, is_gone);
    return takes;
}

// A line each, and one for all parts that are left open: `shotwire lint` has the reasons and what to write instead.
void tell_plan(const catalog::Plan& plan, Context& context) {
    if (!plan.choice.empty()) context.note(plan.choice);
    context.tell_held_back(plan.route);
    std::vector<std::string> open;
    for (const auto& finding : lint::lint({plan.order.shot, plan.model, plan.order.seconds, plan.order.audio, &plan.order.prompt})) {
        if (finding.rule == "no-negative-field") continue;  // the plan's notes say it
        if (finding.rule == "missing-part") open.push_back(finding.field);
        else context.warn(fmt::format("{}{} [{}]", finding.field.empty() ? "" : finding.field + ": ", finding.message, finding.rule));
    }
    if (!open.empty()) context.warn(fmt::format("{} left to the model [missing-part]", core::join(open, ", ")));
    for (const auto& change : plan.changes) context.warn(change);
    for (const auto& note : plan.notes) context.warn(note);
}

// What is wrong with the name of a file, before money is spent on what should bear it. The disk's own faults are the runner's.
Result<> check_name(const std::string& output, const Order& order, core::Wall day) {
    auto filled = job::fill_template(output, [&]() -> const Order& { return order; }, JobId{"id"}, 0, 1, day);
    if (!filled) return filled.error();
    const std::filesystem::path path(*filled);
    static const std::vector<std::string> others{".webm", ".mov",  ".mkv", ".avi",  ".gif", ".ogv",  ".wmv",  ".flv",  ".mpg",
                                                 ".mpeg", ".m2ts", ".ts",  ".m3u8", ".png", ".jpg", ".jpeg", ".webp", ".json"};
    const auto ending = core::lower(path.extension().string());
    if (std::find(others.begin(), others.end(), ending) != others.end())
        return Error{ErrorKind::usage, fmt::format("-o {}: a clip is an MP4; name it .mp4", core::printable(output))};
    const auto folder = path.parent_path();
    std::error_code failed;
    if (!folder.empty() && !std::filesystem::is_directory(folder, failed))
        return Error{ErrorKind::usage, fmt::format("-o {}: {} {}", core::printable(output), core::printable(folder.string()),
                                                   std::filesystem::exists(folder, failed) ? "is not a folder" : "does not exist; make the folder first")};
    return Ok{};
}

Result<std::string> output_of(const Make& options, long takes, const Order& order, Context& context) {
    auto output = context.setting(options.job.output, "output").value_or(job::default_output);
    if (output.empty()) return Error{ErrorKind::usage, "-o names no file; name one, or leave it out"};
    std::error_code failed;
    if (output.ends_with("/") || (output != "-" && std::filesystem::is_directory(output, failed)))
        output = (std::filesystem::path(output) / job::default_output).string();
    if (output == "-") {
        if (takes > 1) return Error{ErrorKind::usage, "-o - streams one clip; it does not go with -n"};
        if (context.flags.json) return Error{ErrorKind::usage, "-o - and --json both want stdout; take one of them"};
        if (options.job.wait.no_wait) return Error{ErrorKind::usage, "-o - waits for the clip; it does not go with --no-wait"};
        if (context.world.out_is_terminal && !options.job.dry_run)
            return Error{ErrorKind::usage, "-o - would write the clip's bytes to the terminal; send stdout to a file or a program, or name a file"};
        return output;
    }
    if (auto good = check_name(output, order, context.world.clock.wall()); !good) return good.error();
    bool differs = takes == 1;
    for (const char* part : {"{take}", "{id}", "{index}", "{seed}"}) differs = differs || output.find(part) != std::string::npos;
    if (!differs) return Error{ErrorKind::usage, fmt::format("-o {} would save {} takes under one name; add {{take}}", output, takes)};
    return output;
}

}  // namespace

void define_make(CLI::App& command, Chosen<Make> chosen) {
    auto options = std::make_shared<Make>();
    add_shot_flags(command, options->shot);
    add_order_flags(command, options->order);
    const auto flag = [&](const char* names, Text& to, const char* type, const char* help) {
        command.add_option(names, to, help)->type_name(type)->group("Order");
    };
    flag("-n,--takes", options->takes, "N", "Render N takes of it; a seed counts up with them [1]");
    flag("--from", options->from, "FILE", "The order of an earlier clip again, from it or its sidecar; flags win");
    flag("--remix", options->remix, "JOB", "Start from the clip of this job, where the model can");
    flag("--edit", options->edit, "JOB", "Change the clip of this job");
    flag("--extend", options->extend, "JOB", "Go on where the clip of this job ends");
    add_job_flags(command, options->job);
    command.add_flag("--yes", options->yes, "As for batch, for scripts that run both; make says its price and never asks")->group("Job");
    command.footer("stdout is the clip's path alone, a line each; progress and warnings are on stderr.\n\n"
                    "Examples:\n"
                    "  shotwire make -s \"a heron\" -a \"lifts off\" -e \"a misty lake\" -l \"dawn\" -c \"slow dolly in\" -o heron.mp4\n"
                    "  shotwire make --shot heron.yaml -d 6 --ar 9:16 -n 3 -o \"heron-{take}.mp4\"\n"
                    "  shotwire make \"a heron lifts off\" -m openai:my-model --base-url http://127.0.0.1:8000/v1 --dry-run\n"
                    "  shotwire make --from heron.mp4 --seed random\n"
                    "  shotwire make \"a heron lifts off\" -o - | ffplay -\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Make& options, Context& context) {
    if (auto good = check_network(options.job.wait.network, context); !good) return good.error();
    auto takes = parse_whole("--takes", options.takes.value_or("1"), 1, 1000);
    if (!takes) return takes.error();
    auto retake = parse_whole("--retake", options.job.retake.value_or("0"), options.job.retake ? 1 : 0, 1'000'000);
    if (!retake) return retake.error();
    auto planned = plan_of(options, *takes, context);
    if (!planned) return planned.error();
    auto output = output_of(options, *takes, planned->order, context);
    if (!output) return output.error();
    auto waiting = read_job_flags(options.job, context);
    if (!waiting) return waiting.error();
    auto& world = context.world;
    if (auto allowed = check_budget(options.job, planned->order.price, *takes, context); !allowed) return allowed.error();
    if (options.job.dry_run) {
        auto requests = dry_run(*planned, world.env, world.clock.wall());
        if (!requests) return requests.error();
        if (*takes > 1) (*requests)["takes"] = *takes;
        if (*takes > 1 && planned->order.price.amount) (*requests)["price"]["usd_in_all"] = double(planned->order.price.amount->micros * *takes) / 1e6;
        world.out << (context.flags.json ? core::dump(*requests, 2) + "\n" : print_dry_run(*requests)) << std::flush;
        tell_plan(*planned, context);
        return 0;
    }

    if (auto known = check_settings(planned->route, world.env); !known) return known.error();

    const bool streams = *output == "-";
    if (streams)
        if (auto made = core::make_private_folder(stream_folder()); !made) return made.error();
    std::size_t reused = 0;
    const auto render = [&](const std::vector<long>& which) {
        const auto enter = [&](job::Runner& runner) -> Result<> {
            for (const long take : which) {
                auto order = planned->order;
                if (order.seed) *order.seed += std::uint64_t(take);
                job::Wanted wanted(order, planned->route);
                // A seed of its own tells a take from the others already: the same seed asked for alone is the same order.
                wanted.ordinal = int(order.seed ? *retake : *retake + take);
                wanted.again = options.job.again;
                wanted.output = streams ? (stream_folder() / "{id}.mp4").string() : *output;
                wanted.index = int(take);
                wanted.number = int(take) + 1;
                wanted.take = int(*retake + take) + 1;
                wanted.force = options.job.force;
                wanted.profile = waiting->profile;
                if (auto added = runner.add(wanted); !added) return added.error();
            }
            for (const auto& there : runner.outcomes()) reused += !there.extra && (there.row.stage == Stage::done || there.row.stage == Stage::mismatch);
            return Ok{};
        };
        return drive(*waiting, context, enter, [&] {
            tell_plan(*planned, context);
            const auto& price = planned->order.price;
            if (price.amount && price.amount->micros > 0)
                context.note(fmt::format("{}USD {} for {}", price.upper_bound ? "at most " : "", to_string(Money{price.amount->micros * *takes}), *takes > 1 ? fmt::format("{} takes", *takes) : "it"));
        });
    };
    std::vector<long> all;
    for (long take = 0; take < *takes; ++take) all.push_back(take);
    auto outcomes = render(all);
    if (!outcomes) return outcomes.error();
    auto gone = forget_gone(*outcomes, context);
    if (!gone) return gone.error();
    if (!gone->empty()) {
        auto anew = render(*gone);
        if (!anew) return anew.error();
        outcomes->insert(outcomes->end(), anew->begin(), anew->end());
        std::stable_sort(outcomes->begin(), outcomes->end(), [](const auto& a, const auto& b) { return a.index < b.index; });
    }
    if (reused > 0)
        context.note(fmt::format("{}already rendered, nothing paid; --again renders anew", *takes > 1 ? fmt::format("{} of {} takes ", reused, *takes) : ""));
    if (!streams) return report_outcomes(*outcomes, waiting->settings.wait, *takes > 1, context);

    for (auto& outcome : *outcomes) {
        auto& row = outcome.row;
        if (row.clip.empty() || !is_final(row.stage)) continue;
        if (outcome.extra) context.note(fmt::format("a further clip that the provider made is {}", row.clip));
        else if (auto streamed = stream(row, **context.ledger(), world.out); !streamed) return streamed.error();
        row.clip.clear();  // its bytes were the result, its path is none
    }
    return report_outcomes(*outcomes, true, false, context);
}

}  // namespace shotwire::cli
