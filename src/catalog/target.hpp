#pragma once
#include <string>

#include "catalog/draft.hpp"

namespace shotwire::catalog {

// Where an order goes: `-m` and `--via`, looked up.
struct Target {
    const Route* route = nullptr;  // null: refused
    const Model* model = nullptr;  // as it is on the route; null: no row
    const ModelRoute* there = nullptr;
    std::string id;     // of the model: of the row, or as it was given
    Pinned pinned = {};       // which of the entry's ids the name means; empty: what fits the order
    std::string choice = {};  // see Plan
};

// Refuses unknown names, routes that do not have the model, and models that have ended.
Target find_target(const Catalog& catalog, Draft& draft, core::Wall today);

// Routes of the user's own speak to a backend that some known route describes.
bool asks_in_pixels(const Catalog& catalog, const Route& route);

}  // namespace shotwire::catalog
