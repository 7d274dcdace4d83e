#include <spdlog/fmt/fmt.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <map>
#include <ostream>

#include "catalog/measures.hpp"
#include "cli/commands.hpp"
#include "cli/context.hpp"
#include "cli/describe.hpp"
#include "cli/model_page.hpp"
#include "cli/offers.hpp"
#include "cli/planning.hpp"
#include "core/text.hpp"
#include "report/table.hpp"
#include "shot/camera.hpp"

namespace shotwire::cli {
namespace {

template <class Views>
std::string joined(const Views& views) {
    return core::join(std::vector<std::string>(views.begin(), views.end()), ", ");
}

Result<Exit> list_cameras(Context& context) {
    constexpr std::size_t indent = 18, width = 100;
    json moves = json::array();
    std::string text = fmt::format("{:<{}}IN THE PROMPT, AND ITS OTHER NAMES\n", "MOVE", indent);
    for (const auto& move : shot::vocabulary()) {
        text += report::wrapped(std::string(move.name), std::string(move.words), indent, width);
        if (!move.synonyms.empty()) text += report::wrapped("", "also: " + joined(move.synonyms), indent, width);
        moves.push_back({{"id", move.id}, {"name", move.name}, {"synonyms", move.synonyms}, {"words", move.words}});
    }
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.cameras/1"}, {"moves", moves}}, 2) << '\n';
    else
        context.world.out << text;
    return 0;
}

template <class Parse, class T>
Result<> take_flag(const Text& text, Parse parse, T& into) {
    if (!text) return Ok{};
    auto value = parse(*text);
    if (!value) return value.error();
    into = *value;
    return Ok{};
}

// Those of all models, the smallest first.
std::vector<std::string> resolutions_of(const catalog::Catalog& catalog) {
    std::map<int, std::string> all;
    for (const auto& model : catalog.models())
        for (const auto& name : model.resolutions) all.emplace(catalog::lines_of(name), name);
    std::vector<std::string> names;
    for (const auto& [lines, name] : all) names.push_back(name);
    return names;
}

Result<Wanted> wanted_by(const Models& options, const catalog::Catalog& catalog) {
    Wanted wanted;
    auto& wishes = wanted.wishes;
    const auto& flags = options.order;
    wishes.resolution = flags.resolution.value_or("");
    if (!wishes.resolution.empty() && catalog::lines_of(wishes.resolution) == 0)
        return Error{ErrorKind::usage, fmt::format("--resolution {} is no name such as 720p or 4k; the models have {}", core::printable(wishes.resolution),
                                                   core::join(resolutions_of(catalog), ", "))};
    wishes.via = flags.via.value_or("");
    wishes.audio = flags.audio;
    for (const auto& taken :
         {take_flag(flags.aspect_ratio, catalog::parse_ratio, wishes.ratio), take_flag(flags.duration, catalog::parse_seconds, wishes.seconds),
          take_flag(flags.size, catalog::parse_size, wishes.size),
          take_flag(
              flags.fps, [](const auto& text) { return parse_whole("--fps", text, 1, 240); }, wishes.fps),
          take_flag(
              options.most_price, [](const auto& text) { return parse_money("--max-price", text); }, wanted.most_per_second)})
        if (!taken) return taken.error();
    for (auto word : options.images) {
        std::replace(word.begin(), word.end(), '-', '_');
        const auto role = catalog::role_from(word);
        if (!role)
            return Error{ErrorKind::usage,
                         fmt::format("--image {} is not one of first-frame, last-frame, reference", core::printable(word))};
        wanted.images.push_back(*role);
    }
    if (wishes.via.empty() || catalog.find_route(wishes.via)) return wanted;
    std::vector<std::string> names;
    for (const auto& route : catalog.routes()) names.push_back(route.name);
    const auto near = core::nearest(wishes.via, names);
    return Error{ErrorKind::usage, fmt::format("there is no route {}{}; there are {}", core::printable(wishes.via),
                                               near ? "; did you mean " + *near + "?" : "", core::join(names, ", "))};
}

void add_filters(CLI::App& app, Models& list) {
    const auto value = [&](const char* names, Text& to, const char* type, const char* help) {
        app.add_option(names, to, help)->type_name(type)->group("Flags");
    };
    value("--ratio,--aspect-ratio,--ar", list.order.aspect_ratio, "W:H", "Only models that make this aspect ratio");
    value("-d,--duration,--seconds", list.order.duration, "SECONDS", "... clips of this length");
    value("--resolution", list.order.resolution, "NAME", "... this resolution: 720p, 1080p, 4k");
    value("--size", list.order.size, "WxH", "... these pixels");
    value("--fps", list.order.fps, "N", "... so many frames a second");
    app.add_flag_function(
           "--audio,!--no-audio", [&list](std::int64_t count) { list.order.audio = count > 0; }, "... with sound, or without")
        ->group("Flags");
    app.add_option("--image", list.images, "... that take this picture: first-frame, last-frame or reference (repeatable)")
        ->type_name("ROLE")
        ->allow_extra_args(false)
        ->group("Flags");
    value("--max-price", list.most_price, "USD", "... that can do it for at most so much a second");
    value("--via", list.order.via, "ROUTE", "... over this route");
    value("--sort", list.sort, "KEY", "By name, price, duration, resolution or speed");
    app.add_flag("--cameras", list.cameras, "List the camera vocabulary instead")->group("Flags");
    app.add_flag("--markdown", list.markdown, "Print models and routes as Markdown tables")->group("Flags");
}

}  // namespace

void define_models(CLI::App& command, Chosen<Models> chosen, Chosen<ModelsShow> show, Chosen<ModelsCheck> check) {
    command.require_subcommand(0, 1);
    auto list = std::make_shared<Models>();
    auto* ls = command.add_subcommand("ls", "All models, or those that can do what is asked, a line each");
    ls->footer("Examples:\n  shotwire models ls\n  shotwire models ls --sort price --json\n");
    for (auto* app : {&command, ls}) add_filters(*app, *list);
    auto one = std::make_shared<ModelsShow>();
    auto* shown = command.add_subcommand("show", "All that is known of a model");
    shown->add_option("ID", one->id, "Its id or alias, or ROUTE:MODEL")->required();
    shown->add_flag("--refresh", one->refresh, "Read again what a route publishes of a model that has no row")->group("Flags");
    shown->footer("Examples:\n  shotwire models show animatic\n  shotwire models show sora-2 --json | jq .model.price\n");
    shown->callback([one, show] { show(*one); });
    auto* checked = add_models_check(command, check);
    command.callback([&command, list, chosen, shown, checked] {
        if (!command.got_subcommand(shown) && !command.got_subcommand(checked)) chosen(*list);
    });
    command.footer(
        "Examples:\n"
        "  shotwire models\n"
        "  shotwire models --ratio 1:1 --duration 10 --audio --max-price 0.15 --sort price\n"
        "  shotwire models show kling-3.0\n"
        "  shotwire models check --via fal\n"
        "  shotwire models --cameras\n");
}

Result<Exit> run(const Models& options, Context& context) {
    if (options.cameras) return list_cameras(context);
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    auto wanted = wanted_by(options, **catalog);
    if (!wanted) return wanted.error();
    auto all = offers(**catalog, *wanted, context.world.clock.wall());
    if (options.sort)
        if (auto sorted = sort(all, *options.sort); !sorted) return sorted.error();
    auto& out = context.world.out;
    if (options.markdown) {
        out << markdown(all) << '\n' << markdown((*catalog)->routes());
        return 0;
    }
    json rows = json::array();
    report::Table table({"MODEL", "SECONDS", "RATIOS", "RESOLUTION", "SOUND", "VIA", "USD A SECOND"});
    for (const auto& offer : all) {
        const auto& row = *offer.row;
        const auto via = offer.others.empty() ? offer.route : fmt::format("{} +{}", offer.route, offer.others.size());
        table.add(
            {row.id, short_lengths(row.lengths), short_ratios(row), short_resolutions(row), short_audio(row), via, short_price(offer)});
        rows.push_back((*catalog)->raw(row.id));
        if (const auto soon = catalog::ends_soon(row.life, context.world.clock.wall()); !soon.empty()) context.warn(row.id + " " + soon);
    }
    if (context.flags.json)
        out << core::dump(json{{"schema", "shotwire.models/1"}, {"models", rows}}, 2) << '\n';
    else
        out << table.print(context.table_width());
    if (all.empty()) context.note("no model can do all of that; leave a flag out");
    return 0;
}

namespace {

// The route of ROUTE:MODEL; empty: it names none, or a colon belongs to the model's name.
std::string route_in(const catalog::Wishes& wishes, const catalog::Catalog& catalog) {
    const auto colon = wishes.model.find(':');
    const auto name = wishes.model.substr(0, colon == std::string::npos ? 0 : colon);
    return catalog.find_route(name) && !catalog.find(wishes.model) ? name : "";
}

const catalog::ModelRoute* entry_on(const catalog::Model& model, const std::string& route) {
    const auto found = std::find_if(model.routes.begin(), model.routes.end(), [&](const auto& there) { return there.route == route; });
    return found == model.routes.end() ? nullptr : &*found;
}

json entry_in(const json& raw, const std::string& route) {
    for (const auto& entry : raw.value("routes", json::array()))
        if (entry.value("route", "") == route) return entry;
    return json::object();
}

json without(json object, const char* key) {
    object.erase(key);
    return object;
}

}  // namespace

Result<Exit> run(const ModelsShow& options, Context& context) {
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    catalog::Wishes wishes;
    wishes.model = options.id;
    auto described = describe(wishes, options.refresh ? Ask::always : Ask::never, context);
    if (!described) return described.error();
    if (options.refresh && !*described)
        return Error{ErrorKind::usage,
                     fmt::format("--refresh reads what a route publishes of a model that has no row, such as fal:OWNER/MODEL; {} is none",
                                 core::printable(options.id))};
    auto row = row_of(wishes, context);
    if (!row) return row.error();
    if (!*row)
        return Error{ErrorKind::usage, fmt::format("there is no row for {}; shotwire models lists them", core::printable(options.id))};
    auto raw = (*catalog)->raw((*row)->id);
    auto shown = **row;
    if (const auto* there = entry_on(**row, route_in(wishes, **catalog))) {
        raw["routes"] = json::array({without(entry_in(raw, there->route), "limits")});
        raw.update(there->more);
        for (const auto& [key, value] : there->more.items())
            if (value.is_null()) raw.erase(key);
        if (there->differing) shown = *there->differing;
        auto only = *there;
        only.more = json::object();
        only.differing.reset();
        shown.routes = {std::move(only)};
    }
    if (context.flags.json)
        context.world.out << core::dump(json{{"schema", "shotwire.model/1"}, {"model", raw}}, 2) << '\n';
    else
        context.world.out << model_page(**catalog, shown, context.world.clock.wall());
    return 0;
}

}  // namespace shotwire::cli
