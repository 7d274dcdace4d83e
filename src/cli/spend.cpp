#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <map>
#include <ostream>

#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/resolve.hpp"
#include "core/text.hpp"
#include "job/ledger.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

struct Sum {
    int jobs = 0;
    Money estimated, settled;
    void add(const job::Spent& spent) {
        jobs += spent.jobs;
        estimated = estimated + spent.estimated;
        settled = settled + spent.settled;
    }
};

std::string key_of(const job::Spent& spent, const std::string& by) {
    if (by == "day") return spent.day;
    if (by == "model") return spent.model;
    if (by == "route") return spent.route;
    if (by == "batch") return spent.batch;
    return spent.profile;
}

// RFC 4180; what begins like a formula stays text in a spreadsheet.
std::string cell(std::string text) {
    if (!text.empty() && std::string_view("=+-@").find(text.front()) != std::string_view::npos) text.insert(0, "'");
    if (text.find_first_of(",\"\n\r") == text.npos) return text;
    std::string out = "\"";
    for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
    return out + "\"";
}

double dollars(Money money) { return double(money.micros) / 1e6; }

}  // namespace

void define_spend(CLI::App& command, Chosen<Spend> chosen) {
    auto options = std::make_shared<Spend>();
    command.add_option("--by", options->by, "day, model, route, batch or profile [day]")->type_name("WHAT")->group("Spend");
    command.add_option("--since", options->since, "From this day on, such as 2026-11-01 (UTC)")->type_name("DAY")->group("Spend");
    command.add_flag("--csv", options->csv, "Every day, profile, model, route and batch as CSV")->group("Spend");
    command.footer(
        "Settled is what the provider said it billed. Estimated is the catalogue's price where it says nothing:\n"
        "jobs that still render and those whose outcome is unknown count. Days are UTC.\n\n"
        "Examples:\n"
        "  shotwire spend\n"
        "  shotwire spend --by model --since 2026-11-01\n"
        "  shotwire spend --csv > spend.csv\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Spend& options, Context& context) {
    const auto by = options.by.value_or("day");
    if (auto known = check_word("--by", by, {"day", "model", "route", "batch", "profile"}); !known) return known.error();
    if (options.since && (options.since->size() != 10 || !core::parse_iso_time(*options.since)))
        return Error{ErrorKind::usage, fmt::format("--since {} is not a day such as 2026-11-01", core::printable(*options.since))};
    if (options.csv && context.flags.json) return Error{ErrorKind::usage, "--csv and --json both want stdout; take one of them"};
    std::vector<job::Spent> all;
    auto there = context.has_ledger();
    if (!there) return there.error();
    if (*there) {
        auto ledger = context.ledger();
        if (!ledger) return ledger.error();
        auto spent = (*ledger)->spending();
        if (!spent) return spent.error();
        for (auto& one : *spent)
            if (!options.since || one.day >= *options.since) all.push_back(std::move(one));
    }
    auto& out = context.world.out;
    if (options.csv) {
        out << "day,profile,model,route,batch,jobs,estimated_usd,settled_usd\n";
        for (const auto& one : all)
            out << fmt::format("{},{},{},{},{},{},{},{}\n", one.day, cell(one.profile), cell(one.model), cell(one.route), cell(one.batch), one.jobs, to_string(one.estimated), to_string(one.settled));
        return 0;
    }
    std::map<std::string, Sum> sums;
    Sum total;
    for (const auto& one : all) {
        sums[key_of(one, by)].add(one);
        total.add(one);
    }
    if (context.flags.json) {
        const auto document = [](const Sum& sum) {
            return json{{"jobs", sum.jobs}, {"estimated_usd", dollars(sum.estimated)}, {"settled_usd", dollars(sum.settled)}, {"usd", dollars(sum.estimated + sum.settled)}};
        };
        json rows = json::array();
        for (const auto& [key, sum] : sums) {
            auto row = document(sum);
            row[by] = key;
            rows.push_back(row);
        }
        out << core::dump(json{{"schema", "shotwire.spend/1"}, {"by", by}, {"rows", rows}, {"total", document(total)}}, 2) << '\n';
        return 0;
    }
    auto name = by;
    for (auto& c : name) c = char(std::toupper(static_cast<unsigned char>(c)));
    report::Table table({name, "JOBS", "ESTIMATED USD", "SETTLED USD", "TOTAL USD"});
    const auto add = [&](const std::string& key, const Sum& sum) {
        table.add({key.empty() ? "-" : key, std::to_string(sum.jobs), to_string(sum.estimated), to_string(sum.settled), to_string(sum.estimated + sum.settled)});
    };
    for (const auto& [key, sum] : sums) add(key, sum);
    add("all", total);
    out << table.print(context.table_width());
    return 0;
}

}  // namespace shotwire::cli
