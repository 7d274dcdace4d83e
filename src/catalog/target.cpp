#include "catalog/target.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::catalog {
namespace {

std::vector<std::string> names_of(const std::vector<Route>& routes) {
    std::vector<std::string> names;
    for (const auto& route : routes) names.push_back(route.name);
    return names;
}

std::string did_you_mean(const std::string& word, const std::vector<std::string>& names) {
    const auto near = core::nearest(word, names);
    return near ? fmt::format("; did you mean {}?", *near) : "";
}

bool has(const std::vector<std::string>& list, std::string_view value) { return std::find(list.begin(), list.end(), value) != list.end(); }

// Under which entry of the row a route has the model. A route of the user's own serves what another one of its backend serves.
const ModelRoute* entry_for(const Catalog& catalog, const Model& model, const Route& route) {
    for (const auto& there : model.routes)
        if (there.route == route.name) return &there;
    if (!route.moved) return nullptr;
    for (const auto& there : model.routes)
        if (const auto* known = catalog.find_route(there.route); known && known->backend == route.backend) return &there;
    return nullptr;
}

const Route* route_named(const Catalog& catalog, const std::string& name, Draft& draft) {
    if (const auto* route = catalog.find_route(name)) return route;
    const auto names = names_of(catalog.routes());
    draft.refuse(
        "via", name,
        fmt::format("there is no route {}{}{}", core::printable(name), did_you_mean(name, names), "; there are " + core::join(names, ", ")),
        names);
    return nullptr;
}

bool has_ended(const Model& model, const Route& route, core::Wall today) {
    const auto ends = core::parse_iso_time(model.life.retired);
    return ends && !route.moved && !route.named && *ends <= today;
}

// A name of the row itself, and of none of its ids.
bool names_all(const Model& model, const std::string& name) { return model.id == name || has(model.aliases, name); }

// The first in order of preference that still has the model and is ready; where there is none, the first that has it. A name that
// only some routes have an id for leads to one of these.
const ModelRoute* preferred(const Catalog& catalog, const Model& model, const std::string& asked, core::Wall today) {
    const ModelRoute* best = nullptr;
    int most = -1;
    for (const auto& there : model.routes) {
        const auto* route = catalog.find_route(there.route);
        if (!route) continue;
        if (!names_all(model, asked) && pinned_by(there, asked).mode.empty()) continue;
        const bool lives = !has_ended(there.differing ? *there.differing : model, *route, today);
        if (const int worth = 2 * lives + route->ready; worth > most) {
            most = worth;
            best = &there;
        }
    }
    return best;
}

std::string told_choice(const Model& model, const Route& route, const std::string& asked) {
    std::vector<std::string> others;
    for (const auto& there : model.routes)
        if (there.route != route.name && (names_all(model, asked) || !pinned_by(there, asked).mode.empty())) others.push_back(there.route);
    if (others.empty()) return {};
    const char* why = route.moved ? "which you moved" : route.ready ? "whose key is set" : "though no route's key is set, or it lacks a setting";
    return fmt::format("{} goes over {}, {}; --via takes another: {}", model.id, route.name, why, core::join(others, ", "));
}

void refuse_ended(const Catalog& catalog, const Model& model, const Route& route, Draft& draft, core::Wall today) {
    if (route.moved) return;
    if (route.named && !model.life.retired.empty())
        return draft.notes.push_back(fmt::format("{} is said to have ended at {} on {}; your host will tell", model.id, route.title, model.life.retired));
    if (!has_ended(model, route, today)) {
        if (const auto soon = ends_soon(model.life, today); !soon.empty()) draft.notes.push_back(fmt::format("{} {}", model.id, soon));
        return;
    }
    const auto& after = model.life.successors;
    // A protocol with dialects is one that other hosts speak.
    const auto& dialects = catalog.dialects();
    const bool lives_elsewhere = std::any_of(dialects.begin(), dialects.end(), [&](const Dialect& dialect) { return dialect.backend == route.backend; });
    draft.refuse("model", draft.wishes.model,
                 fmt::format("{} ended on {} at {}{}{}", model.id, model.life.retired, route.title.substr(0, route.title.find(", and ")),
                             after.empty() ? "" : "; what follows it: " + core::join(after, ", "),
                             lives_elsewhere ? fmt::format("; a host that still serves it is reached by --via {} --base-url URL", route.name) : ""),
                 after);
}

Target without_row(const Catalog& catalog, const Route& route, const std::string& name, Draft& draft) {
    Target target{&route, nullptr, nullptr, name, {name, name}};
    if (route.moved || route.any_model) return target;
    std::vector<std::string> known;
    for (const auto& model : catalog.models())
        for (const auto& there : model.routes)
            if (there.route == route.name) known.push_back(model.id);
    draft.refuse("model", draft.wishes.model,
                 fmt::format("the route {} has no model {}{}; it has {}; another host is named by --base-url URL", route.name,
                             core::printable(name), did_you_mean(name, known), core::join(known, ", ")),
                 known);
    return {};
}

}  // namespace

std::string ends_soon(const Life& life, core::Wall today) {
    constexpr auto soon = std::chrono::hours(24 * 60);
    const auto ends = core::parse_iso_time(life.retired), may_end = core::parse_iso_time(life.earliest);
    const auto after = life.successors.empty() ? "" : "; what follows it: " + core::join(life.successors, ", ");
    if (ends && *ends > today && *ends - today < soon) return fmt::format("ends on {}{}", life.retired, after);
    if (!ends && may_end && *may_end - today < soon) return fmt::format("may end from {} on{}", life.earliest, after);
    return {};
}

bool asks_in_pixels(const Catalog& catalog, const Route& route) {
    return std::any_of(catalog.routes().begin(), catalog.routes().end(),
                       [&](const Route& known) { return known.backend == route.backend && known.in_pixels; });
}

Target find_target(const Catalog& catalog, Draft& draft, core::Wall today) {
    const auto& wishes = draft.wishes;
    std::string name = wishes.model, via = wishes.via;
    const auto colon = name.find(':');
    if (!catalog.find(name) && colon != std::string::npos) {
        const auto prefix = name.substr(0, colon);
        // A colon may also belong to an id ("owner/name:version"), then --via has named the route.
        if (catalog.find_route(prefix) || via.empty()) {
            if (!via.empty() && via != prefix)
                draft.refuse(
                    "via", via,
                    fmt::format("--via {} and -m {} name two routes; leave one of them out", core::printable(via), core::printable(name)));
            via = prefix;
            name = name.substr(colon + 1);
        }
    }
    const Route* route = nullptr;
    if (!via.empty() && !(route = route_named(catalog, via, draft))) return {};
    const auto* row = catalog.find(name, route ? route->name : "");
    if (!row) {
        if (route && !name.empty()) return without_row(catalog, *route, name, draft);
        const auto names = catalog.names();
        draft.refuse("model", wishes.model,
                     fmt::format("there is no model {}{}; see `shotwire models`", name.empty() ? "\"\"" : core::printable(name),
                                 did_you_mean(name, names)),
                     names);
        return {};
    }
    const bool named = route != nullptr;
    const auto* there = named ? entry_for(catalog, *row, *route) : preferred(catalog, *row, name, today);
    const bool all = names_all(*row, name);
    const auto pinned = all || !there ? Pinned{} : pinned_by(*there, name);
    if (!there || (!all && pinned.mode.empty())) {
        std::vector<std::string> routes;
        for (const auto& one : row->routes)
            if (all || !pinned_by(one, name).mode.empty()) routes.push_back(one.route);
        draft.refuse("via", via,
                     fmt::format("{} is not known on the route {}; it is on {}", all ? row->id : core::printable(name), route->name,
                                 core::join(routes, ", ")),
                     routes);
        return {};
    }
    if (!route) route = catalog.find_route(there->route);
    const auto* model = there->differing ? there->differing.get() : row;
    refuse_ended(catalog, *model, *route, draft, today);
    return {route, model, there, row->id, pinned, named ? "" : told_choice(*row, *route, name)};
}

}  // namespace shotwire::catalog
