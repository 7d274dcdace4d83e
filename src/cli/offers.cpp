#include "cli/offers.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"

namespace shotwire::cli {
namespace {

using catalog::Model;

// A picture that no limit of types, bytes or pixels refuses, as a file or as an address: some models take one of the two only.
Image any_picture(ImageRole role, bool file) {
    if (!file) return {role, "https://pictures.example/a.png", "", "", {}, nullptr};
    return {role, "a.png", "image/png", std::string(64, '0'), {}, nullptr};
}

// The wanted pictures, and those without which the model takes none of them.
std::vector<ImageRole> with_needed(const Model& row, std::vector<ImageRole> roles) {
    for (std::size_t i = 0; i < roles.size(); ++i) {
        const auto limits = row.images.find(roles[i]);
        if (limits == row.images.end() || !limits->second.needs) continue;
        if (const auto needed = *limits->second.needs; std::find(roles.begin(), roles.end(), needed) == roles.end()) roles.push_back(needed);
    }
    return roles;
}

std::vector<Image> pictures(const std::vector<ImageRole>& roles, bool files) {
    std::vector<Image> images;
    for (const auto role : roles) images.push_back(any_picture(role, files));
    return images;
}

std::optional<Order> order_for(const catalog::Catalog& catalog, const catalog::Wishes& wishes, const std::vector<ImageRole>& roles,
                               core::Wall today) {
    Shot shot;
    shot.prompt = "a shot";
    for (const bool files : {true, false}) {
        auto made = catalog::plan(catalog, shot, wishes, pictures(roles, files), today);
        if (auto* plan = std::get_if<catalog::Plan>(&made)) return std::move(plan->order);
        if (roles.empty()) break;
    }
    return {};
}

std::optional<Money> per_second(const Order& order) {
    if (!order.price.amount) return {};
    if (order.seconds <= 0) return order.price.amount->micros == 0 ? order.price.amount : std::nullopt;
    return Money{std::llround(double(order.price.amount->micros) / order.seconds)};
}

// Every resolution with and without sound, as far as nothing is wished of them. True where one of them can be ordered for that money.
bool price_all(const catalog::Catalog& catalog, const Wanted& wanted, catalog::Wishes wishes, core::Wall today, Offer& offer) {
    auto resolutions = wishes.resolution.empty() && !wishes.size ? offer.row->resolutions : std::vector<std::string>{wishes.resolution};
    if (resolutions.empty()) resolutions.push_back("");
    std::vector<std::optional<bool>> sounds{wishes.audio};
    if (!wishes.audio && offer.row->audio == catalog::Audio::optional) sounds = {true, false};
    const auto images = with_needed(*offer.row, wanted.images);
    bool possible = false;
    for (const auto& resolution : resolutions)
        for (const auto& sound : sounds) {
            wishes.resolution = resolution;
            wishes.audio = sound;
            const auto order = order_for(catalog, wishes, images, today);
            if (!order) continue;
            const auto price = per_second(*order);
            if (wanted.most_per_second && (!price || *price > *wanted.most_per_second)) continue;
            possible = true;
            if (!price) continue;
            offer.least = std::min(offer.least.value_or(*price), *price);
            offer.most = std::max(offer.most.value_or(*price), *price);
        }
    return possible;
}

const Model& on_route(const Model& row, const catalog::ModelRoute& there) { return there.differing ? *there.differing : row; }

std::optional<Offer> offer_of(const catalog::Catalog& catalog, const Model& row, const Wanted& wanted, core::Wall today) {
    std::optional<Offer> best;
    // The route that a plan would take without --via comes first.
    std::vector<const catalog::ModelRoute*> routes;
    for (const auto& there : row.routes)
        if (const auto* route = catalog.find_route(there.route); route && (wanted.wishes.via.empty() || there.route == wanted.wishes.via))
            routes.push_back(&there);
    std::stable_partition(routes.begin(), routes.end(), [&](const auto* there) { return catalog.find_route(there->route)->ready; });
    for (const auto* there : routes) {
        Offer offer{&on_route(row, *there), there->route, {}, {}, {}, {}};
        auto wishes = wanted.wishes;
        wishes.model = row.id;
        wishes.via = there->route;
        if (!price_all(catalog, wanted, wishes, today, offer)) continue;
        if (best)
            best->others.push_back(there->route);
        else
            best = std::move(offer);
    }
    if (best || wanted.anything() || row.life.retired.empty()) return best;
    return Offer{&row, row.routes.front().route, {}, {}, {}, row.life.retired};
}

int finest(const Offer& offer) {
    int most = 0;
    for (const auto& size : offer.row->sizes) most = std::max(most, std::min(size.size.width, size.size.height));
    for (const auto& name : offer.row->resolutions)
        if (name.ends_with('k'))
            most = std::max(most, std::atoi(name.c_str()) * 540);
        else
            most = std::max(most, std::atoi(name.c_str()));
    return most;
}

double longest(const Offer& offer) { return offer.row->lengths.list.empty() ? offer.row->lengths.most : offer.row->lengths.list.back(); }

std::string cell(std::string text) {
    for (auto at = text.find('|'); at != std::string::npos; at = text.find('|', at + 2)) text.insert(at, "\\");
    return text.empty() ? " " : text;
}

}  // namespace

bool Wanted::anything() const {
    return !wishes.via.empty() || wishes.ratio || wishes.size || !wishes.resolution.empty() || wishes.seconds || wishes.fps ||
           wishes.seed || wishes.audio || !images.empty() || most_per_second;
}

std::vector<Offer> offers(const catalog::Catalog& catalog, const Wanted& wanted, core::Wall today) {
    std::vector<Offer> all;
    for (const auto& row : catalog.models())
        if (auto offer = offer_of(catalog, row, wanted, today)) all.push_back(*std::move(offer));
    return all;
}

Result<> sort(std::vector<Offer>& offers, const std::string& by) {
    const auto by_key = [&](auto key) {
        std::stable_sort(offers.begin(), offers.end(), [&](const Offer& a, const Offer& b) { return key(a) < key(b); });
        return Ok{};
    };
    const auto late = [](const Offer& offer) { return !offer.retired.empty(); };
    if (by == "name") return by_key([](const Offer& offer) { return offer.row->id; });
    if (by == "price")
        return by_key([&](const Offer& offer) { return std::pair(late(offer), offer.least ? offer.least->micros : INT64_MAX); });
    if (by == "duration") return by_key([&](const Offer& offer) { return std::pair(late(offer), -longest(offer)); });
    if (by == "resolution") return by_key([&](const Offer& offer) { return std::pair(late(offer), -finest(offer)); });
    if (by == "speed")
        return by_key([&](const Offer& offer) {
            return std::pair(late(offer), offer.row->expected_seconds / std::max(1.0, offer.row->default_seconds));
        });
    return Error{ErrorKind::usage, fmt::format("--sort {} is not one of name, price, duration, resolution, speed", core::printable(by))};
}

std::string short_lengths(const catalog::Lengths& lengths) {
    if (!lengths.known()) return "-";
    if (lengths.list.empty()) return fmt::format("{}-{}", core::print_number(lengths.least), core::print_number(lengths.most));
    std::vector<std::string> parts;  // "2-6,8..20": whole seconds, then in steps of what lies between 6 and 8
    const auto& list = lengths.list;
    for (std::size_t first = 0, last = 0; first < list.size(); first = last + 1) {
        last = std::min(first + 1, list.size() - 1);
        const auto step = list[last] - list[first];
        while (last + 1 < list.size() && list[last + 1] - list[last] == step) ++last;
        const auto begin = core::print_number(list[first]), end = core::print_number(list[last]);
        if (step == 1 && last >= first + 2) parts.push_back(begin + "-" + end);
        else if (last >= first + 4) parts.push_back((first > 0 && list[first] - list[first - 1] == step ? begin : begin + "," + core::print_number(list[first + 1])) + ".." + end);
        else parts.push_back(begin), last = first;
    }
    return core::join(parts, ",");
}

std::string short_ratios(const Model& row) {
    const auto& ratios = row.ratios;
    if (ratios.size() <= 3 && core::join(ratios, " ").size() <= 12) return core::join(ratios, " ");
    return fmt::format("{} {} +{}", ratios[0], ratios[1], ratios.size() - 2);
}

std::string short_resolutions(const Model& row) {
    const auto& all = row.resolutions;
    if (all.size() < 2) return core::join(all, "");
    return all.front() + "-" + all.back();
}

std::string short_audio(const Model& row) {
    switch (row.audio) {
        case catalog::Audio::never: return "off";
        case catalog::Audio::always: return "on";
        case catalog::Audio::untold: return "-";
        case catalog::Audio::optional: break;
    }
    return "on/off";
}

std::string short_price(const Offer& offer) {
    if (!offer.retired.empty()) return "retired " + offer.retired;
    if (!offer.least) return "unknown";
    if (offer.most->micros == 0) return "free";
    const auto cents = [](Money money) { return fmt::format("{:.{}f}", double(money.micros) / 1e6, money.micros % 10000 ? 3 : 2); };
    return *offer.least == *offer.most ? cents(*offer.least) : cents(*offer.least) + "-" + cents(*offer.most);
}

std::string markdown(const std::vector<Offer>& offers) {
    std::string text =
        "| Model | Over `--via` | Seconds | Ratios | Resolution | Sound | Pictures | USD a second | Good at "
        "|\n|---|---|---|---|---|---|---|---|---|\n";
    for (const auto& offer : offers) {
        const auto& row = *offer.row;
        std::vector<std::string> routes{fmt::format("`{}`", offer.route)}, pictures;
        for (const auto& other : offer.others) routes.push_back(fmt::format("`{}`", other));
        for (const auto& [role, limits] : row.images) {
            const auto word = role == ImageRole::first_frame ? "first" : role == ImageRole::last_frame ? "last" : "references";
            pictures.push_back(limits.most > 1 ? fmt::format("{} {}", limits.most, word) : word);
        }
        const auto good_at = !offer.retired.empty()
                                 ? (row.life.successors.empty() ? "" : "followed by `" + core::join(row.life.successors, "`, `") + "`")
                                 : core::join(row.strengths, ", ");
        text += fmt::format("| `{}` | {} | {} | {} | {} | {} | {} | {} | {} |\n", row.id, core::join(routes, " "),
                            cell(short_lengths(row.lengths)), cell(core::join(row.ratios, " ")), cell(short_resolutions(row)),
                            short_audio(row), cell(core::join(pictures, ", ")), short_price(offer), cell(good_at));
    }
    return text;
}

std::string markdown(const std::vector<catalog::Route>& routes) {
    std::string text = "| Route | Is | Key | Settings |\n|---|---|---|---|\n";
    for (const auto& route : routes) {
        std::vector<std::string> keys, settings;
        for (const auto& name : route.key_env) keys.push_back(fmt::format("`{}`", name));
        for (const auto& [first, second] : route.key_pair_env) keys.push_back(fmt::format("`{}` with `{}`", first, second));
        for (const auto& name : route.key_file_env) keys.push_back(fmt::format("the file `{}`", name));
        for (const auto& [name, setting] : route.settings) {
            std::vector<std::string> from;
            for (const auto& variable : setting.env) from.push_back(fmt::format("`{}`", variable));
            if (!setting.fallback.empty()) from.push_back("else " + setting.fallback);
            if (from.empty()) from.emplace_back("the configuration");
            settings.push_back(fmt::format("{}: {}", name, core::join(from, ", ")));
        }
        text += fmt::format("| `{}` | {} | {} | {} |\n", route.name, cell(route.title),
                            route.key_needed ? core::join(keys, ", or ") : "none", cell(core::join(settings, "; ")));
    }
    return text;
}

}  // namespace shotwire::cli
