#include "cli/describe.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "cli/converse.hpp"
#include "cli/network.hpp"
#include "cli/routes.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

constexpr const char* schema = "shotwire.described/1";

struct Target {
    catalog::Route route;
    std::string id;
    std::string name() const { return route.name + ":" + id; }
};

// The model that is meant, where the catalogue has no row for it.
std::optional<Target> target_of(const catalog::Wishes& wishes, const catalog::Catalog& catalog) {
    if (catalog.find(wishes.model)) return std::nullopt;
    const auto colon = wishes.model.find(':');
    const auto* prefixed = colon == std::string::npos ? nullptr : catalog.find_route(wishes.model.substr(0, colon));
    const auto* route = prefixed ? prefixed : catalog.find_route(wishes.via);
    if (!route) return std::nullopt;
    const auto id = prefixed ? wishes.model.substr(colon + 1) : wishes.model;
    if (catalog.find(id, route->name)) return std::nullopt;
    return Target{*route, id};
}

std::filesystem::path cache_file(const Target& target) {
    const auto name = fmt::format("{}-{}.json", core::slug(target.id), core::sha256_hex(target.id).substr(0, 8));
    return core::cache_home() / "models" / core::slug(target.route.name) / name;
}

// What cannot be read, or was told by another host, is as if it were not there.
json cached(const Target& target) {
    const auto text = core::read_file(cache_file(target), 4 << 20);
    if (!text) return nullptr;
    const auto document = core::parse_json(*text, "the cache");
    if (!document || core::field_or(*document, "/schema", "") != schema || core::field_or(*document, "/model", "") != target.id ||
        core::field_or(*document, "/base_url", "") != target.route.base_url || !document->contains("row"))
        return nullptr;
    return (*document)["row"];
}

Result<> keep(const Target& target, const json& row, core::Wall now) {
    const auto file = cache_file(target);
    std::error_code failed;
    std::filesystem::create_directories(file.parent_path(), failed);
    const json document{{"schema", schema}, {"model", target.id}, {"base_url", target.route.base_url}, {"read", core::iso_time(now)}, {"row", row}};
    return core::write_file(file, core::dump(document, 2) + "\n", core::Existing::replace);
}

Result<json> ask_provider(const Target& target, Context& context, const NetworkFlags& network) {
    const auto key = context.key_of(target.route);
    auto backend = make_backend(target.route, key ? *key : http::Credential{});
    if (!backend) return backend.error();
    context.note(fmt::format("{} has no row in the catalogue: what it takes is read from {}", target.name(), target.route.title));
    auto row = carry_out((*backend)->describe(target.id), context.client(network), context.world.interrupt);
    // Some tell it to anybody; who does not wants the key that is missing.
    if (!row && row.error().kind == ErrorKind::auth && !key) return key.error();
    return row;
}

}  // namespace

Result<bool> describe(const catalog::Wishes& wishes, Ask ask, Context& context, const NetworkFlags& network) {
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    const auto target = target_of(wishes, **catalog);
    if (!target) return false;
    auto backend = make_backend(target->route, {});
    if (!backend) return backend.error();
    if (!(*backend)->describes()) return false;

    const auto where = "the published schema of " + core::printable(target->name());
    if (ask != Ask::always)
        if (const auto row = cached(*target); !row.is_null() && (*catalog)->add_model(row, where)) return true;
    if (ask == Ask::never)
        return Error{ErrorKind::usage, fmt::format("{0} has no row in the catalogue, and what it takes is not known yet: `shotwire models show {0} --refresh` asks for it",
                                                   core::printable(target->name()))};
    if (auto good = check_network(network, context); !good) return good.error();
    const auto row = ask_provider(*target, context, network);
    if (!row) return row.error();
    if (auto added = (*catalog)->add_model(*row, where); !added) return Error{ErrorKind::provider, "it cannot be used: " + added.error().message};
    if (auto kept = keep(*target, *row, context.world.clock.wall()); !kept) context.warn(kept.error().message);
    return true;
}

}  // namespace shotwire::cli
