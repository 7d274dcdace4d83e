#include <CLI/CLI.hpp>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ostream>

#include "catalog/catalog.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "core/text.hpp"
#include "report/table.hpp"
#include "shot/camera.hpp"

namespace shotwire::cli {
namespace {

// "0.10 USD/s", "0.30 to 0.70 USD/s"
std::string price_of(const catalog::Prices& prices) {
    if (prices.free) return "free";
    std::vector<Money> rates;
    for (const auto& rate : prices.rates)
        if (!rate.per_clip) rates.push_back(rate.per_second);
    if (rates.empty()) return prices.per_thousand_tokens ? to_string(*prices.per_thousand_tokens) + " USD/1k tokens" : "see show";
    const auto [least, most] = std::minmax_element(rates.begin(), rates.end());
    if (*least == *most) return to_string(*least) + " USD/s";
    return fmt::format("{} to {} USD/s", to_string(*least), to_string(*most));
}

std::string life_of(const catalog::Life& life, const std::string& today) {
    if (life.retired.empty()) return "";
    return (life.retired <= today ? "retired " : "until ") + life.retired;
}

std::string audio_of(catalog::Audio audio) {
    switch (audio) {
        case catalog::Audio::never: return "never";
        case catalog::Audio::always: return "always";
        case catalog::Audio::untold: return "untold";
        case catalog::Audio::optional: break;
    }
    return "optional";
}

std::string routes_of(const catalog::Model& model) {
    std::vector<std::string> names;
    for (const auto& route : model.routes) names.push_back(route.id == model.id ? route.route : route.route + ":" + route.id);
    return core::join(names, ", ");
}

template <class Views>
std::string joined(const Views& views) {
    return core::join(std::vector<std::string>(views.begin(), views.end()), ", ");
}

Result<Exit> list_cameras(Context& context) {
    json moves = json::array();
    report::Table table({"MOVE", "ALSO", "IN THE PROMPT"});
    for (const auto& move : shot::vocabulary()) {
        auto also = joined(move.synonyms);
        table.add({std::string(move.name), report::cut(also, context.table_width() ? 40 : 0), std::string(move.words)});
        moves.push_back({{"id", move.id}, {"name", move.name}, {"synonyms", move.synonyms}, {"words", move.words}});
    }
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.cameras/1"}, {"moves", moves}}, 2) << '\n';
    else
        context.world.out << table.print(context.table_width());
    return 0;
}

}  // namespace

void add_models(CLI::App& root, Chosen<Models> chosen, Chosen<ModelsShow> show) {
    auto* command = root.add_subcommand("models", "The catalogue: what each model takes, costs, and when it ends");
    command->require_subcommand(0, 1);
    auto list = std::make_shared<Models>();
    auto* ls = command->add_subcommand("ls", "All models, a line each");
    for (auto* app : {command, ls}) app->add_flag("--cameras", list->cameras, "List the camera vocabulary instead")->group("Flags");
    auto one = std::make_shared<ModelsShow>();
    auto* shown = command->add_subcommand("show", "All that is known of a model");
    shown->add_option("ID", one->id, "Its id or alias")->required();
    shown->callback([one, show] { show(*one); });
    command->callback([command, list, chosen, shown] {
        if (!command->got_subcommand(shown)) chosen(*list);
    });
    command->footer("Examples:\n  shotwire models\n  shotwire models show animatic\n  shotwire models --cameras\n");
}

Result<Exit> run(const Models& options, Context& context) {
    if (options.cameras) return list_cameras(context);
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    const auto today = core::iso_time(context.world.clock.wall()).substr(0, 10);
    json rows = json::array();
    report::Table table({"MODEL", "SECONDS", "RESOLUTIONS", "AUDIO", "PRICE", "LIFE"});
    for (const auto& model : (*catalog)->models()) {
        table.add({model.id, model.lengths.print(), report::cut(core::join(model.resolutions, " "), context.table_width() ? 24 : 0), audio_of(model.audio),
                   price_of(model.prices), life_of(model.life, today)});
        rows.push_back((*catalog)->raw(model.id));
    }
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.models/1"}, {"models", rows}}, 2) << '\n';
    else
        context.world.out << table.print(context.table_width());
    return 0;
}

Result<Exit> run(const ModelsShow& options, Context& context) {
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    const auto* model = (*catalog)->find(options.id);
    if (!model) {
        const auto near = core::nearest(options.id, (*catalog)->names());
        return Error{ErrorKind::usage, fmt::format("there is no model {}{}", core::printable(options.id),
                                                   near ? "; did you mean " + *near + "?" : "; shotwire models lists them")};
    }
    auto& out = context.world.out;
    if (context.flags.json) {
        out << core::dump(json{{"schema", "shotwire.model/1"}, {"model", (*catalog)->raw(model->id)}}, 2) << '\n';
        return 0;
    }
    const auto line = [&](const char* name, const std::string& value) {
        if (!value.empty()) out << fmt::format("{:<14}{}\n", name, value);
    };
    const auto today = core::iso_time(context.world.clock.wall()).substr(0, 10);
    line("model", model->id);
    line("title", model->title + (model->maker.empty() ? "" : ", by " + model->maker));
    line("also", core::join(model->aliases, ", "));
    line("routes", routes_of(*model));
    line("life", life_of(model->life, today));
    line("followed by", core::join(model->life.successors, ", "));
    line("seconds", model->lengths.print());
    std::vector<std::string> sizes, roles;
    for (const auto& size : model->sizes) sizes.push_back(to_string(size.size));
    line("sizes", model->any_size ? fmt::format("any, sides of {} to {}", model->least_side, model->most_side) : core::join(sizes, ", "));
    line("ratios", core::join(model->ratios, ", "));
    line("resolutions", core::join(model->resolutions, ", "));
    line("audio", audio_of(model->audio));
    for (const auto& [role, limits] : model->images) roles.push_back(std::string(catalog::to_string(role)));
    line("images", core::join(roles, ", "));
    line("seed", model->most_seed ? "yes" : "no");
    line("prompt", model->prompt.limit ? fmt::format("at most {} characters", model->prompt.limit) : "");
    line("price", price_of(model->prices) + (model->prices.as_of.empty() ? "" : fmt::format(" (list of {})", model->prices.as_of)));
    for (const auto& rate : model->prices.rates)
        if (!rate.resolution.empty()) line("", fmt::format("{:<8}{} USD/s", rate.resolution, to_string(rate.per_second)));
    line("source", model->prices.source);
    line("good at", core::join(model->strengths, ", "));
    line("note", model->note);
    line("", model->life.note);
    return 0;
}

}  // namespace shotwire::cli
