#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <map>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/drive.hpp"
#include "cli/network.hpp"
#include "cli/resolve.hpp"
#include "cli/routes.hpp"
#include "cli/sidecar.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

constexpr Stage stages[] = {Stage::planned, Stage::submitting, Stage::unknown,  Stage::rendering, Stage::ready,    Stage::downloading,
                            Stage::done,    Stage::mismatch,   Stage::expired,  Stage::failed,    Stage::rejected, Stage::cancelled};

Result<job::Row> find_job(const std::string& id, Context& context) {
    if (auto there = context.has_ledger(); !there) return there.error();
    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    auto row = (*ledger)->find(id);
    if (!row) return row.error();
    if (const auto of_clip = *row ? "" : job_of_clip(id); !of_clip.empty()) row = (*ledger)->find(of_clip);
    if (!row) return row.error();
    if (!*row) return Error{ErrorKind::usage, fmt::format("there is no job {}; shotwire jobs ls lists them", core::printable(id))};
    return **row;
}

Result<std::vector<job::Row>> find_jobs(const std::vector<std::string>& ids, Context& context) {
    std::vector<job::Row> rows;
    for (const auto& id : ids) {
        auto row = find_job(id, context);
        if (!row) return row.error();
        rows.push_back(*row);
    }
    return rows;
}

// A ledger that is not there yet has no jobs: looking makes none.
Result<std::vector<job::Row>> list(const job::Filter& filter, Context& context) {
    auto there = context.has_ledger();
    if (!there) return there.error();
    if (!*there) return std::vector<job::Row>();
    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    return (*ledger)->list(filter);
}

// As it was ordered: by an alias too, or as ROUTE:MODEL.
Result<> filter_by_model(const std::string& model, job::Filter& filter, Context& context) {
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    filter.model = model;
    const auto colon = model.find(':');
    if (const auto* row = (*catalog)->find(model)) {
        filter.model = row->id;
    } else if (colon != std::string::npos && (*catalog)->find_route(model.substr(0, colon))) {
        filter.route = model.substr(0, colon);
        filter.model = model.substr(colon + 1);
    }
    return Ok{};
}

// That nothing was found may be a slip: a model or a route that neither catalogue nor ledger has ever heard of.
Result<> check_names(const JobsList& options, const job::Filter& filter, Context& context) {
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    const auto seen = [&](job::Filter filter) {
        filter.most = 1;
        auto rows = list(filter, context);
        return rows && !rows->empty();
    };
    if (const auto& model = options.model; model && filter.model == *model && !(*catalog)->find(*model) && !seen({{}, "", *model})) {
        const auto near = core::nearest(*model, (*catalog)->names());
        return Error{ErrorKind::usage, fmt::format("there is no model {}, and no job of it{}", core::printable(*model),
                                                   near ? "; did you mean " + *near + "?" : "")};
    }
    if (const auto& route = options.via; route && !(*catalog)->find_route(*route) && !seen({{}, *route, ""})) {
        std::vector<std::string> names;
        for (const auto& known : (*catalog)->routes()) names.push_back(known.name);
        return Error{ErrorKind::usage, fmt::format("there is no route {}, and no job over it; there are {}", core::printable(*route), core::join(names, ", "))};
    }
    return Ok{};
}

Result<std::vector<job::Row>> unfinished(Context& context) {
    job::Filter filter;
    for (const auto stage : stages)
        if (!is_final(stage)) filter.stages.push_back(stage);
    return list(filter, context);
}

// What a batch has not sent, for want of money, say, is the batch's to send: it reads its rows anew, and asks for their price. What ended
// for its key may have been ordered over another route since.
bool leave_unsent(std::vector<job::Row>& rows, Context& context) {
    std::map<std::string, std::size_t> counts;
    std::vector<std::string> keyless;
    for (const auto& row : rows) {
        if (row.stage != Stage::planned) continue;
        if (!row.batch.empty()) ++counts[row.batch];
        else if (row.error) keyless.push_back(row.id.text);
    }
    std::erase_if(rows, [](const auto& row) { return row.stage == Stage::planned && (!row.batch.empty() || row.error); });
    if (!keyless.empty())
        context.note(fmt::format("never sent for their keys, and left so: {}; `shotwire jobs resume ID` sends one, `shotwire jobs cancel ID` drops it", core::join(keyless, ", ")));
    for (const auto& [batch, count] : counts)
        context.note(fmt::format("{} of the batch {} never sent, and left so: the same `shotwire batch` goes on with {}, `shotwire jobs resume ID` sends one", count == 1 ? "1 job" : fmt::format("{} jobs", count),
                                 core::printable(batch) + (count == 1 ? " was" : " were"), count == 1 ? "it" : "them"));
    return !counts.empty() || !keyless.empty();
}

// What it cost; of one that goes on, what it will.
std::string price_of(const job::Row& row) {
    if (job::is_over(row.stage) && !row.handle && !row.settled) return row.doubtful.micros > 0 ? "at most " + to_string(row.doubtful) : "none";
    const auto price = row.settled ? row.settled : row.price;
    if (!price) return row.doubtful.micros > 0 ? fmt::format("unknown, and at most {} for an earlier sending", to_string(row.doubtful)) : "unknown";
    // An earlier sending whose outcome stayed open counts, too.
    if (row.doubtful.micros > 0) return "at most " + to_string(row.doubtful + *price);
    return price->micros == 0 ? "free" : to_string(*price);
}

// As ordered, else as delivered: a remix is as long as its source.
std::string seconds_of(const job::Row& row) {
    const double seconds = row.seconds > 0 ? row.seconds : row.measures.value("seconds", 0.0);
    return seconds > 0 ? core::print_number(seconds) : "-";
}

std::string remote_id_of(const job::Row& row) {
    if (!row.handle) return "";
    catalog::Route route;
    route.name = row.route;
    route.backend = row.backend;
    route.dialect = row.dialect;
    auto backend = make_backend(route, {});
    return backend ? (*backend)->remote_id(*row.handle) : "";
}

// It may cost money, or a paid clip, when nobody remembers it.
bool live_and_paid(const job::Row& row) {
    if (is_final(row.stage)) return false;
    return job::cost_of(row).micros > 0 || row.first || (!row.price && row.stage != Stage::planned);
}

CLI::App* add(CLI::App& jobs, const std::string& name, const char* help, const std::string& examples) {
    auto* command = jobs.add_subcommand(name, help);
    command->footer("Examples:\n" + examples);
    return command;
}
constexpr const char* id_help = "A job's id, a beginning of it that no other job has, or its clip";
CLI::Option* add_ids(CLI::App& command, std::vector<std::string>& ids) {
    return command.add_option("ID", ids, id_help);
}
void add_network(CLI::App& command, NetworkFlags& flags) {
    command.add_option("--cacert", flags.cacert, "Trust this CA in place of the system's")->type_name("FILE")->group("Job");
    command.add_option("--proxy", flags.proxy, "Go through this proxy")->type_name("URL")->group("Job");
}

}  // namespace

std::vector<std::string> job_states() {
    std::vector<std::string> words;
    for (const auto stage : stages) words.emplace_back(to_string(stage));
    return words;
}

void add_jobs_list(CLI::App& jobs, Chosen<JobsList> chosen) {
    auto options = std::make_shared<JobsList>();
    auto* command = add(jobs, "ls", "The jobs, newest first",
                        "  shotwire jobs ls\n"
                        "  shotwire jobs ls --state unknown --state rendering\n"
                        "  shotwire jobs ls -n 0 --json | jq -r '.jobs[].clip // empty'\n");
    const auto flag = [&](const char* names, Text& to, const char* type, const char* help) {
        command->add_option(names, to, help)->type_name(type)->group("Flags");
    };
    command->add_option("--state", options->stages, "Only jobs in this state (repeatable)")->type_name("STATE")->allow_extra_args(false)->group("Flags");
    flag("-m,--model", options->model, "MODEL", "Only jobs of this model");
    flag("--via", options->via, "ROUTE", "Only jobs over this route");
    flag("-n,--most", options->most, "N", "At most that many; 0 for all [50]");
    command->callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const JobsList& options, Context& context) {
    job::Filter filter;
    for (const auto& word : options.stages) {
        if (auto known = check_word("--state", word, job_states()); !known) return known.error();
        filter.stages.push_back(*stage_from(word));
    }
    auto most = parse_whole("--most", options.most.value_or("50"), 0, 1'000'000);
    if (!most) return most.error();
    filter.most = int(*most);
    if (options.model)
        if (auto taken = filter_by_model(*options.model, filter, context); !taken) return taken.error();
    if (options.via) filter.route = *options.via;
    auto rows = list(filter, context);
    if (!rows) return rows.error();
    if (rows->empty())
        if (auto known = check_names(options, filter, context); !known) return known.error();
    if (context.flags.json) {
        json documents = json::array();
        for (const auto& row : *rows) documents.push_back(report::job_document(row, job::error_of(row)));
        context.world.out << core::dump(json{{"schema", "shotwire.jobs/1"}, {"jobs", documents}}, 2) << '\n';
        return 0;
    }
    const bool batches = std::any_of(rows->begin(), rows->end(), [](const auto& row) { return !row.batch_row.empty(); });
    std::vector<std::string> names{"ID", "STATE", "MODEL", "SECONDS", "USD", "CREATED"};
    if (batches) names.emplace_back("BATCH ROW");
    names.emplace_back("CLIP");
    report::Table table(names);
    for (const auto& row : *rows) {
        std::vector<std::string> cells{row.id.text, std::string(to_string(row.stage)), row.model, seconds_of(row), price_of(row), core::iso_time(row.created).substr(0, 16)};
        if (batches) cells.push_back(row.batch_row);
        cells.push_back(row.clip.empty() ? (row.error ? row.error->message : "") : row.clip);
        table.add(cells);
    }
    context.world.out << table.print(context.table_width());
    return 0;
}

void add_jobs_show(CLI::App& jobs, Chosen<JobsShow> chosen) {
    auto options = std::make_shared<JobsShow>();
    auto* command = add(jobs, "show", "All that is known of a job, and its history", "  shotwire jobs show 3f9a\n  shotwire jobs show 3f9a --json | jq .price\n");
    command->add_option("ID", options->id, id_help)->required();
    command->callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const JobsShow& options, Context& context) {
    auto row = find_job(options.id, context);
    if (!row) return row.error();
    auto history = (*context.ledger())->history(row->id);
    if (!history) return history.error();
    auto& out = context.world.out;
    const auto error = job::error_of(*row);
    if (context.flags.json) {
        auto document = report::job_document(*row, error);
        document["schema"] = "shotwire.job/1";
        document["remote_id"] = remote_id_of(*row);
        document["history"] = json::array();
        for (const auto& line : *history)
            document["history"].push_back({{"at", core::iso_time(line.at)}, {"from", line.from}, {"to", line.to}, {"note", line.note}});
        out << core::dump(document, 2) << '\n';
        return 0;
    }
    const auto line = [&](const char* name, const std::string& value) {
        if (!value.empty()) out << fmt::format("{:<12}{}\n", name, core::printable(value));
    };
    line("job", row->id.text);
    line("state", std::string(to_string(row->stage)));
    line("model", row->model + " over " + row->route);
    line("host", row->base_url);
    line("remote id", remote_id_of(*row));
    line("prompt", core::field_or(job::order_document(*row), "/prompt", ""));
    line("seconds", seconds_of(*row));
    line("USD", price_of(*row));
    line("clip", row->clip);
    line("sha256", row->sha256);
    line("error", row->error ? row->error->message : "");
    line("note", row->note);
    out << "history\n";
    for (const auto& step : *history)
        out << fmt::format("  {}  {}{}\n", core::iso_time(step.at), core::printable(step.to), step.note.empty() ? "" : "  " + core::printable(step.note));
    return 0;
}

void add_jobs_wait(CLI::App& jobs, Chosen<JobsWait> chosen) {
    for (const char* name : {"wait", "resume"}) {
        const bool wait = std::string(name) == "wait";
        auto options = std::make_shared<JobsWait>();
        auto* command = wait ? add(jobs, name, "Wait for jobs and save their clips; one that was never sent is sent, at its price",
                                   "  shotwire jobs wait 3f9a\n  mpv \"$(shotwire jobs wait \"$id\" --timeout 10m)\"\n")
                             : add(jobs, name, "Go on with jobs, or with all unfinished ones but a batch's unsent; one never sent is sent, at its price",
                                   "  shotwire jobs resume\n  shotwire jobs resume 3f9a 41c0\n");
        auto* ids = add_ids(*command, options->ids);
        if (wait) ids->required();
        add_wait_flags(*command, options->wait);
        command->remove_option(command->get_option("--no-wait"));
        command->callback([options, chosen] { chosen(*options); });
    }
}

Result<Exit> run(const JobsWait& options, Context& context) {
    auto waiting = read_wait_flags(options.wait, context);
    if (!waiting) return waiting.error();
    auto rows = options.ids.empty() ? unfinished(context) : find_jobs(options.ids, context);
    if (!rows) return rows.error();
    const bool left = options.ids.empty() && leave_unsent(*rows, context);
    if (rows->empty()) {
        context.note(left ? "no other job is unfinished" : "no job is unfinished");
        if (context.flags.json) context.world.out << json{{"schema", "shotwire.clips/1"}, {"exit", 0}, {"clips", json::array()}}.dump(2) << '\n';
        return 0;
    }
    auto outcomes = drive(*waiting, context, [&](job::Runner& runner) -> Result<> {
        for (const auto& row : *rows)
            if (auto entered = runner.resume(row.id); !entered) return entered.error();
        return Ok{};
    });
    if (!outcomes) return outcomes.error();
    return report_outcomes(*outcomes, true, options.ids.size() != 1, context);
}

void add_jobs_cancel(CLI::App& jobs, Chosen<JobsCancel> chosen) {
    auto options = std::make_shared<JobsCancel>();
    auto* command = add(jobs, "cancel", "Cancel jobs, at the provider too where it can", "  shotwire jobs cancel 3f9a\n");
    add_ids(*command, options->ids)->required();
    add_network(*command, options->network);
    command->callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const JobsCancel& options, Context& context) {
    if (auto good = check_network(options.network, context); !good) return good.error();
    auto rows = find_jobs(options.ids, context);
    if (!rows) return rows.error();
    Waiting waiting;
    waiting.network = options.network;
    auto outcomes = drive(waiting, context, [&](job::Runner& runner) -> Result<> {
        for (const auto& row : *rows)
            if (auto entered = runner.cancel(row.id); !entered) return entered.error();
        return Ok{};
    });
    if (!outcomes) return outcomes.error();
    for (auto& outcome : *outcomes)
        if (outcome.row.stage == Stage::cancelled) outcome.error.reset();  // as asked
    return report_outcomes(*outcomes, false, options.ids.size() != 1, context);
}

void add_jobs_forget(CLI::App& jobs, Chosen<JobsForget> chosen) {
    auto options = std::make_shared<JobsForget>();
    auto* command = add(jobs, "forget", "Take jobs out of the ledger; clips stay", "  shotwire jobs forget 3f9a 41c0\n  shotwire jobs forget 3f9a --yes\n");
    add_ids(*command, options->ids)->required();
    command->add_flag("--yes", options->yes, "Also a live paid job, whose clip is then lost")->group("Flags");
    command->callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const JobsForget& options, Context& context) {
    auto rows = find_jobs(options.ids, context);
    if (!rows) return rows.error();
    auto& ledger = **context.ledger();
    for (const auto& row : *rows)
        if (live_and_paid(row) && !options.yes)
            return Error{ErrorKind::usage, fmt::format("job {} is {} and may have been paid for; --yes forgets it all the same", row.id.text,
                                                       to_string(row.stage))};
    std::vector<JobId> ids;
    for (const auto& row : *rows) ids.push_back(row.id);
    if (auto forgotten = job::forget_together(ledger, ids); !forgotten) return forgotten.error();
    for (const auto& row : *rows)
        context.note(fmt::format("forgot job {} ({} of {}){}", row.id.text, to_string(row.stage), row.model,
                                 row.clip.empty() ? "" : fmt::format("; its clip stays: {}", row.clip)));
    if (context.flags.json) {
        json ids = json::array();
        for (const auto& row : *rows) ids.push_back(row.id.text);
        context.world.out << json{{"schema", "shotwire.forgotten/1"}, {"jobs", ids}}.dump(2) << '\n';
    }
    return 0;
}

void add_jobs_settle(CLI::App& jobs, Chosen<JobsSettle> chosen) {
    for (const char* name : {"resend", "adopt"}) {
        const bool adopt = std::string(name) == "adopt";
        auto options = std::make_shared<JobsSettle>();
        auto* command = adopt ? add(jobs, name, "Settle an unknown job: the provider has it under this id", "  shotwire jobs adopt 3f9a video_68d7\n")
                              : add(jobs, name, "Settle an unknown job: send it again, which may be paid twice", "  shotwire jobs resend 3f9a\n");
        command->add_option("ID", options->id, id_help)->required();
        if (adopt) command->add_option("REMOTE_ID", options->remote_id, "The provider's id of it")->required();
        add_wait_flags(*command, options->wait);
        if (adopt) command->get_option("--no-wait")->description("Print the job's id and leave");
        command->callback([options, chosen] { chosen(*options); });
    }
}

Result<Exit> run(const JobsSettle& options, Context& context) {
    auto waiting = read_wait_flags(options.wait, context);
    if (!waiting) return waiting.error();
    auto row = find_job(options.id, context);
    if (!row) return row.error();
    auto outcomes = drive(*waiting, context, [&](job::Runner& runner) {
        return options.remote_id ? runner.adopt(row->id, *options.remote_id) : runner.resend(row->id);
    });
    if (!outcomes) return outcomes.error();
    return report_outcomes(*outcomes, waiting->settings.wait, false, context);
}

}  // namespace shotwire::cli
