#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <ostream>

#include "cli/commands.hpp"
#include "cli/resolve.hpp"
#include "core/text.hpp"
#include "report/documents.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

std::string shape_of(const Order& order) {
    if (order.size) return to_string(*order.size);
    return order.resolution + (order.ratio ? " " + to_string(*order.ratio) : "");
}

Price times(Price price, long takes) {
    if (price.amount) price.amount->micros *= takes;
    return price;
}

}  // namespace

void add_estimate(CLI::App& root, Chosen<Estimate> chosen) {
    auto options = std::make_shared<Estimate>();
    auto* command = root.add_subcommand("estimate", "Price of a shot, exact or an upper bound, with the date of the price");
    add_shot_flags(*command, options->shot, Words::file);
    add_order_flags(*command, options->order);
    command->remove_option(command->get_option("--model"));
    command->add_option("-m,--model", options->models, "A model, or ROUTE:MODEL, or all (repeatable) [animatic]")
        ->type_name("MODEL")
        ->allow_extra_args(false)
        ->group("Order");
    command->add_option("-n,--takes", options->takes, "Takes of the shot [1]")->type_name("N")->group("Job");
    command->footer("Examples:\n"
                    "  shotwire estimate heron.yaml -m all --fit -d 8\n"
                    "  shotwire estimate -s \"a heron\" -m animatic -n 4 --json\n");
    command->callback([options, chosen] { chosen(*options); });
}

Result<Exit> run(const Estimate& options, Context& context) {
    auto takes = parse_whole("--takes", options.takes.value_or("1"), 1, 10'000);
    if (!takes) return takes.error();
    const bool all = options.models.size() == 1 && options.models.front() == "all";
    std::vector<std::string> models = options.models;
    if (all) {
        auto catalog = context.catalog();
        if (!catalog) return catalog.error();
        models.clear();
        for (const auto& row : (*catalog)->models()) models.push_back(row.id);
    }
    auto flags = options.order;
    if (models.empty()) models.push_back("");
    json prices = json::array();
    report::Table table({"MODEL", "ROUTE", "SECONDS", "SIZE", "AS OF", "PRICE"});
    for (const auto& model : models) {
        flags.model = model.empty() ? Text() : Text(model);
        auto asked = resolve(options.shot, flags, context);
        if (!asked) return asked.error();
        auto planned = plan(*asked, context);
        if (!planned) {
            if (!all) return planned.error();
            table.add({model, "", "", "", "", planned.error().message});
            prices.push_back({{"model", model}, {"messages", core::split(planned.error().message, '\n')}});
            continue;
        }
        for (const auto& change : planned->changes) context.warn(change);
        const auto& order = planned->order;
        const auto price = times(order.price, *takes);
        table.add({order.model, order.route, core::print_number(order.seconds), shape_of(order), price.as_of, report::print_price(price)});
        prices.push_back({{"model", order.model},
                          {"route", order.route},
                          {"seconds", order.seconds},
                          {"size", order.size ? json(to_string(*order.size)) : json()},
                          {"resolution", order.resolution},
                          {"takes", *takes},
                          {"price", report::price_document(price)},
                          {"changes", planned->changes}});
    }
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.estimate/1"}, {"prices", prices}}, 2) << '\n';
    else
        context.world.out << table.print(context.table_width());
    return 0;
}

}  // namespace shotwire::cli
