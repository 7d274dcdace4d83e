#pragma once
#include <optional>
#include <string>
#include <vector>

#include "catalog/plan.hpp"

namespace shotwire::cli {

// What a model must be able to do to be listed.
struct Wanted {
    catalog::Wishes wishes = {};  // model: none
    std::vector<ImageRole> images = {};
    std::optional<Money> most_per_second = {};
    bool anything() const;  // something is wanted at all
};

// A model as it can be ordered: over its preferred route, or the one that is wanted.
struct Offer {
    const catalog::Model* row = nullptr;  // as it is on that route
    std::string route;
    std::vector<std::string> others;   // routes that can do it too
    std::optional<Money> least, most;  // a second, over all resolutions, with and without sound; none: unknown
    std::string retired;               // the day; empty: it lives
};

// In the order of the catalogue. What is retired is left out where something is wanted.
std::vector<Offer> offers(const catalog::Catalog& catalog, const Wanted& wanted, core::Wall today);
// By name, price (cheapest first), duration, resolution (longest, finest first) or speed. Errors: usage.
Result<> sort(std::vector<Offer>& offers, const std::string& by);

std::string short_lengths(const catalog::Lengths& lengths);  // "4,6,8", "2-6,8..20"
std::string short_ratios(const catalog::Model& row);         // "16:9 9:16 +4"
std::string short_resolutions(const catalog::Model& row);    // "480p-4k"
std::string short_audio(const catalog::Model& row);          // "on/off"
std::string short_price(const Offer& offer);                 // "0.03-0.24", "free", "unknown", "retired 2026-09-24"

// The README's tables, of models and of routes.
std::string markdown(const std::vector<Offer>& offers);
std::string markdown(const std::vector<catalog::Route>& routes);

}  // namespace shotwire::cli
