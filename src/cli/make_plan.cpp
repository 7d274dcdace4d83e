#include "cli/make_plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "cli/planning.hpp"
#include "cli/routes.hpp"
#include "cli/sidecar.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

bool gives_words(const ShotFlags& flags) { return flags.prompt || flags.file || !flags.cleared.empty() || !(flags.shot == Shot{}); }

// What a sidecar tells of; a clip stands for the one beside it.
struct Stored {
    Order order;
    std::string base_url;
};
Result<Stored> read_stored(const std::string& file) {
    auto document = read_sidecar(file, "--from");
    if (!document) return document.error();
    if (!document->is_object() || !document->contains("order"))
        return Error{ErrorKind::usage, fmt::format("--from {} is no sidecar of a clip: it has no order", core::printable(file))};
    auto order = catalog::order_from_json((*document)["order"]);
    if (!order) return Error{ErrorKind::usage, fmt::format("--from {}: {}", core::printable(file), order.error().message)};
    return Stored{*std::move(order), core::field_or(*document, "/base_url", "")};
}

// The wishes that lead to that order; of another model only what was asked for is asked again, for the rest it has its own way.
Asked asked_by(const Order& order, bool another_model) {
    Asked asked;
    asked.shot = order.shot;
    const auto counts = [&](const char* key) {
        return !another_model || !order.wished || std::find(order.wished->begin(), order.wished->end(), key) != order.wished->end();
    };
    auto& wishes = asked.wishes;
    wishes.model = order.model;
    wishes.via = order.route;
    if (counts("size")) wishes.size = order.size;
    if (!wishes.size && counts("resolution")) wishes.resolution = order.resolution;
    if (!wishes.size && counts("aspect_ratio")) wishes.ratio = order.ratio;
    if (counts("duration") && order.seconds > 0) wishes.seconds = order.seconds;  // a remix has the length of its source
    if (counts("fps")) wishes.fps = order.fps;
    if (counts("audio")) wishes.audio = order.audio;
    wishes.seed = order.seed;
    wishes.params = order.params;
    wishes.operation = order.operation;
    wishes.source_clip = order.source_clip;
    return asked;
}

Result<bool> asks_for_another(const OrderFlags& flags, const Order& order, Context& context) {
    if (!flags.model) return false;
    catalog::Wishes wishes;
    wishes.model = *flags.model;
    wishes.via = flags.via.value_or("");
    const auto row = row_of(wishes, context);
    if (!row) return row.error();
    return (*row ? (*row)->id : flags.model->substr(flags.model->find(':') + 1)) != order.model;
}

bool is_elsewhere(const Stored& stored, Context& context) {
    auto catalog = context.catalog();
    const auto* route = catalog ? (*catalog)->find_route(stored.order.route) : nullptr;
    return !stored.base_url.empty() && !(route && route->base_url == stored.base_url);
}

// The order of a sidecar again, or what flags make of it.
Result<catalog::Plan> plan_again(const std::string& file, const Make& options, long takes, Context& context) {
    auto stored = read_stored(file);
    if (!stored) return stored.error();
    auto& order = stored->order;
    const auto another_model = asks_for_another(options.order, order, context);
    if (!another_model) return another_model.error();
    auto asked = resolve(options.shot, options.order, context, asked_by(order, *another_model));
    if (!asked) return asked.error();
    const bool same_shot = !gives_words(options.shot);
    if (same_shot)
        if (auto same = catalog::reload(order); !same) return same.error();
    if (!options.job.dry_run) asked->network = options.job.wait.network;
    asked->wishes.takes = takes;
    auto planned = plan(*asked, context);
    // A file moves no host: it may be anybody's, and a key would go there.
    if (!planned && !*another_model && !options.order.base_url && is_elsewhere(*stored, context))
        return Error{planned.error().kind, fmt::format("{}\nthe clip was made at {}: --via {} --base-url {} asks there", planned.error().message,
                                                       core::printable(stored->base_url), core::printable(order.route), core::printable(stored->base_url))};
    // The words as they were sent, even where this version would put them otherwise.
    if (planned && same_shot && planned->order.model == order.model) {
        planned->order.prompt = order.prompt;
        planned->order.negative_prompt = order.negative_prompt;
    }
    return planned;
}

// --remix, --edit and --extend start from a job of the ledger, or from the provider's own id of a clip.
Result<> take_source(const std::string& job, Operation operation, OrderFlags& flags, Asked& asked, Context& context) {
    asked.wishes.operation = operation;
    asked.wishes.source_clip = job;
    const auto of_clip = job_of_clip(job);
    const auto name = core::lower(job);
    if (of_clip.empty() && (name.ends_with(".mp4") || name.ends_with(".mp4.json")))
        return Error{ErrorKind::usage, fmt::format("--{} {} is no clip with a sidecar of ours; name its job", catalog::to_string(operation), core::printable(job))};
    const Error not_ours{ErrorKind::usage, fmt::format("job {} of the clip {} is not in the ledger", of_clip, core::printable(job))};
    if (!std::filesystem::exists(context.ledger_path())) return of_clip.empty() ? Result<>(Ok{}) : not_ours;
    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    auto row = (*ledger)->find(of_clip.empty() ? job : of_clip);
    if (!row) return row.error();
    if (!*row && !of_clip.empty()) return not_ours;
    if (!*row) return Ok{};
    if (!(*row)->handle) return Error{ErrorKind::usage, fmt::format("job {} never reached the provider, so there is no clip to start from", job)};
    catalog::Route route;
    route.name = (*row)->route;
    route.backend = (*row)->backend;
    route.dialect = (*row)->dialect;
    auto backend = make_backend(route, {});
    if (!backend) return backend.error();
    asked.wishes.source_clip = (*backend)->remote_id(*(*row)->handle);
    if (!flags.model) flags.model = (*row)->model;
    if (!flags.via) flags.via = (*row)->route;
    if (!flags.base_url && (*row)->moved) flags.base_url = (*row)->base_url;
    return Ok{};
}

}  // namespace

Result<catalog::Plan> plan_of(const Make& options, long takes, Context& context) {
    const auto network = options.job.dry_run ? std::nullopt : std::optional(options.job.wait.network);
    const std::pair<const Text&, Operation> sources[] = {
        {options.remix, Operation::remix}, {options.edit, Operation::edit}, {options.extend, Operation::extend}};
    const int given = bool(options.remix) + bool(options.edit) + bool(options.extend);
    if (given + bool(options.from) > 1) return Error{ErrorKind::usage, "--from, --remix, --edit and --extend exclude each other"};
    if (options.from) return plan_again(*options.from, options, takes, context);
    auto flags = options.order;
    Asked source;
    for (const auto& [job, operation] : sources)
        if (job)
            if (auto taken = take_source(*job, operation, flags, source, context); !taken) return taken.error();
    auto asked = resolve(options.shot, flags, context);
    if (!asked) return asked.error();
    asked->network = network;
    asked->wishes.takes = takes;
    asked->wishes.operation = source.wishes.operation;
    asked->wishes.source_clip = source.wishes.source_clip;
    return plan(*asked, context);
}

}  // namespace shotwire::cli
