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

// The row that a route knows under this id, or that we know under this name.
const Model* find_row(const Catalog& catalog, const std::string& name, const Route* route) {
    if (const auto* model = catalog.find(name)) return model;
    if (!route) return nullptr;
    for (const auto& model : catalog.models())
        for (const auto& there : model.routes)
            if (there.route == route->name && there.id == name) return &model;
    return nullptr;
}

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

const ModelRoute* preferred(const Catalog& catalog, const Model& model, const std::string& asked) {
    for (const auto& there : model.routes)
        if (has(there.snapshots, asked) && catalog.find_route(there.route)) return &there;
    for (const auto& there : model.routes)
        if (catalog.find_route(there.route)) return &there;
    return nullptr;
}

void refuse_ended(const Model& model, const Route& route, Draft& draft, core::Wall today) {
    const auto ends = core::parse_iso_time(model.life.retired);
    if (!ends || route.moved) return;
    if (*ends > today) {
        if (*ends - today < std::chrono::hours(24 * 30)) draft.notes.push_back(fmt::format("{} ends on {}", model.id, model.life.retired));
        return;
    }
    const auto& after = model.life.successors;
    draft.refuse(
        "model", draft.wishes.model,
        fmt::format("{} ended on {} at {}{}; a host that still serves it is reached by --via {} --base-url URL", model.id,
                    model.life.retired, route.title, after.empty() ? "" : "; what follows it: " + core::join(after, ", "), route.name),
        after);
}

Target without_row(const Catalog& catalog, const Route& route, const std::string& name, Draft& draft) {
    Target target{&route, nullptr, nullptr, name, name};
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
    const auto* row = find_row(catalog, name, route);
    if (!row) {
        if (route && !name.empty()) return without_row(catalog, *route, name, draft);
        const auto names = catalog.names();
        draft.refuse("model", wishes.model,
                     fmt::format("there is no model {}{}; see `shotwire models`", name.empty() ? "\"\"" : core::printable(name),
                                 did_you_mean(name, names)),
                     names);
        return {};
    }
    const auto* there = route ? entry_for(catalog, *row, *route) : preferred(catalog, *row, name);
    if (!there) {
        std::vector<std::string> routes;
        for (const auto& one : row->routes) routes.push_back(one.route);
        draft.refuse("via", via,
                     fmt::format("{} is not known on the route {}; it is on {}", row->id, route->name, core::join(routes, ", ")), routes);
        return {};
    }
    if (!route) route = catalog.find_route(there->route);
    const auto* model = there->differing ? there->differing.get() : row;
    refuse_ended(*model, *route, draft, today);
    return {route, model, there, row->id, has(there->snapshots, name) ? name : there->id};
}

}  // namespace shotwire::catalog
