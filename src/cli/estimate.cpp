#include <spdlog/fmt/fmt.h>
#include <CLI/CLI.hpp>

#include <ostream>

#include "cli/batch_plan.hpp"
#include "cli/commands.hpp"
#include "cli/planning.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

std::string shape_of(const Order& order) {
    if (order.size) return to_string(*order.size);
    return order.resolution + (order.ratio ? (order.resolution.empty() ? "" : " ") + to_string(*order.ratio) : "");
}

Price times(Price price, long takes) {
    if (price.amount) price.amount->micros *= takes;
    return price;
}

// What would be sent, and for how much; below it what would differ from what was asked, and the models that cannot do it at all.
class Listing {
public:
    explicit Listing(long takes) : takes_(takes) {}

    void add(const catalog::Plan& plan) {
        const auto& order = plan.order;
        const auto price = times(order.price, takes_);
        table_.add({order.model, order.route, order.seconds > 0 ? core::print_number(order.seconds) : "-", shape_of(order),
                    !order.audio   ? "-"
                    : *order.audio ? "on"
                                   : "off",
                    report::print_price(price), price.as_of});
        for (const auto& change : plan.changes) tell(order.model, change);
        if (!plan.route.ready) unready_.push_back(order.model);
        prices_.push_back({{"model", order.model},
                           {"route", order.route},
                           {"ready", plan.route.ready},
                           {"remote_model", order.remote_model},
                           {"seconds", order.seconds},
                           {"size", order.size ? json(to_string(*order.size)) : json()},
                           {"ratio", order.ratio ? json(to_string(*order.ratio)) : json()},
                           {"resolution", order.resolution},
                           {"audio", order.audio ? json(*order.audio) : json()},
                           {"takes", takes_},
                           {"price", report::price_document(price)},
                           {"changes", plan.changes},
                           {"notes", plan.notes}});
    }

    void leave_out(const std::string& model, const Error& error) {
        const auto messages = core::split(error.message, '\n');
        for (const auto& message : messages) tell("not " + model, message);
        prices_.push_back({{"model", model}, {"messages", messages}});
    }

    // A plan takes a route whose key is set wherever there is one.
    void tell_unready() {
        if (!unready_.empty()) tell("no key set, or a setting missing, for", core::join(unready_, ", "));
    }

    const json& prices() const { return prices_; }
    std::string print(std::size_t width) const { return table_.print(width) + (below_.empty() ? "" : "\n") + below_; }

private:
    // Wrapped, and the lines after the first are indented.
    void tell(const std::string& name, const std::string& sentence) {
        constexpr std::size_t widest = 100;
        std::string line = name + ":";
        for (const auto& word : core::split(sentence, ' ')) {
            if (core::count_characters(line) + 1 + core::count_characters(word) > widest) {
                below_ += line + "\n";
                line = "   ";
            }
            line += " " + word;
        }
        below_ += line + "\n";
    }

    long takes_;
    json prices_ = json::array();
    std::vector<std::string> unready_;
    report::Table table_{{"MODEL", "VIA", "SECONDS", "SENT", "SOUND", "PRICE", "AS OF"}};
    std::string below_;
};

// A file of many shots: its plan, as `batch --dry-run` prints it.
Result<Exit> estimate_batch(const std::string& file, const std::string& text, const Estimate& options, Context& context) {
    if (!(options.shot.shot == Shot{}) || options.shot.prompt || options.takes || options.models.size() > 1)
        return Error{ErrorKind::usage, fmt::format("{} is a batch: flags of a shot, --takes and several models do not go with it", core::printable(file))};
    Batch batch;
    batch.file = file;
    batch.order = options.order;
    if (!options.models.empty()) batch.order.model = options.models.front();
    BatchPlan plan(file, std::filesystem::path(file).parent_path(), batch, context, std::nullopt);
    plan.read(text, batch::format_of(file, text));
    if (!plan.sound()) return plan.problem();
    print_plan(plan, context);
    return 0;
}

}  // namespace

void define_estimate(CLI::App& command, Chosen<Estimate> chosen) {
    auto options = std::make_shared<Estimate>();
    add_shot_flags(command, options->shot, Words::file);
    add_order_flags(command, options->order);
    command.remove_option(command.get_option("--model"));
    command.add_option("-m,--model", options->models, "A model, or ROUTE:MODEL (repeatable); all: every model, with --fit [animatic]")
        ->type_name("MODEL")
        ->allow_extra_args(false)
        ->group("Order");
    command.get_option("--shot")->description("A shot (YAML, JSON) or a batch (CSV and JSONL, too); - reads a shot from stdin. Flags win");
    command.add_option("-n,--takes", options->takes, "Takes of the shot [1]")->type_name("N")->group("Job");
    command.footer(
        "Examples:\n"
        "  shotwire estimate heron.yaml -m all -d 8\n"
        "  shotwire estimate shots.csv\n"
        "  shotwire estimate -s \"a heron\" -m animatic -n 4 --json\n");
    command.callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Estimate& options, Context& context) {
    auto takes = parse_whole("--takes", options.takes.value_or("1"), 1, 10'000);
    if (!takes) return takes.error();
    auto flags = options.order;
    if (options.shot.file && *options.shot.file != "-") {
        const auto text = core::read_file(*options.shot.file);
        if (text && batch::is_batch(*options.shot.file, *text)) return estimate_batch(*options.shot.file, *text, options, context);
    }
    const bool all = options.models.size() == 1 && options.models.front() == "all";
    if (!all && !options.models.empty()) flags.model = options.models.front();
    auto asked = resolve(options.shot, flags, context);
    if (!asked) return asked.error();
    auto models = options.models;
    if (models.empty()) models.push_back(asked->wishes.model);
    if (all) {
        auto catalog = context.catalog();
        if (!catalog) return catalog.error();
        models.clear();
        for (const auto& row : (*catalog)->models()) models.push_back(row.id);
        asked->wishes.fit = true;
    }
    Listing listing(*takes);
    for (const auto& model : models) {
        asked->wishes.model = model;
        if ((all || !options.models.empty()) && !flags.via) asked->wishes.via.clear();
        auto planned = plan(*asked, context);
        if (planned) {
            listing.add(*planned);
            if (!planned->choice.empty() && !all) context.note(planned->choice);
        } else if (all) {
            listing.leave_out(model, planned.error());
        } else {
            return planned.error();
        }
    }
    if (models.size() > 1) listing.tell_unready();
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.estimate/1"}, {"prices", listing.prices()}}, 2) << '\n';
    else
        context.world.out << listing.print(context.table_width());
    return 0;
}

}  // namespace shotwire::cli
