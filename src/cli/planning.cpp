#include "cli/planning.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "cli/describe.hpp"
#include "cli/dry_run.hpp"
#include "cli/routes.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {

// Raw fields are known to the backend alone, which refuses those that it sets itself: asked before the order is put down. Where nothing
// can be ordered for other reasons, a plain order of the model stands for it.
void add_problems_of_params(Planned& planned, const Asked& asked, const catalog::Catalog& catalog, Context& context) {
    if (asked.wishes.params.empty()) return;
    const auto now = context.world.clock.wall();
    auto* plan = std::get_if<catalog::Plan>(&planned);
    auto plain = Planned(std::vector<catalog::Problem>());
    if (!plan) {
        catalog::Wishes bare;
        bare.model = asked.wishes.model;
        bare.via = asked.wishes.via;
        Shot shot;
        shot.prompt = "a shot";
        plain = catalog::plan(catalog, shot, bare, {}, now);
        plan = std::get_if<catalog::Plan>(&plain);
    }
    if (!plan) return;
    std::vector<catalog::Problem> found;
    auto one = *plan;
    for (const auto& param : asked.wishes.params) {
        one.order.params = {param};
        const auto request = check_request(one, context.world.env, now);
        if (request || request.error().kind != ErrorKind::usage || !request.error().message.starts_with("--param ")) continue;
        found.push_back({"params", param.first, request.error().message, {}});
    }
    if (found.empty()) return;
    if (auto* problems = std::get_if<std::vector<catalog::Problem>>(&planned)) problems->insert(problems->end(), found.begin(), found.end());
    else planned = std::move(found);
}

Result<Planned> plan_as_asked(const Asked& asked, Context& context, bool described = false) {
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    const auto ask = asked.network ? Ask::when_needed : Ask::never;
    if (!described)
        if (auto known = describe(asked.wishes, ask, context, asked.network.value_or(NetworkFlags{})); !known) return known.error();
    const auto now = context.world.clock.wall();
    auto images = catalog::load_images(asked.shot);
    if (images) {
        auto planned = catalog::plan(**catalog, asked.shot, asked.wishes, std::move(*images), now);
        add_problems_of_params(planned, asked, **catalog, context);
        return planned;
    }
    // Pictures that cannot be had do not hide what else is wrong.
    std::vector<catalog::Problem> problems;
    for (const auto& line : core::split(images.error().message, '\n')) problems.push_back({"images", "", line, {}});
    auto without = catalog::plan(**catalog, asked.shot, asked.wishes, {}, now);
    if (auto* others = std::get_if<std::vector<catalog::Problem>>(&without))
        std::copy_if(others->begin(), others->end(), std::back_inserter(problems), [](const catalog::Problem& other) {
            return !catalog::role_from(other.field);
        });
    Planned all(std::move(problems));
    add_problems_of_params(all, asked, **catalog, context);
    return all;
}

// Of several routes none was named: the one over which an earlier run sent this very order holds, whatever keys are at hand today. For
// the lack of a variable nothing is paid twice.
Result<Planned> hold_route(const Asked& asked, catalog::Plan plan, Context& context) {
    const auto* row = (*context.catalog())->find(plan.order.model);
    auto ledger = context.ledger();
    if (!ledger) return ledger.error();
    if (!row) return Planned(std::move(plan));
    for (const auto& there : row->routes) {
        if (there.route == plan.route.name) continue;
        auto sent = context.was_sent_over(there.route, plan.order.model);
        if (!sent) return sent.error();
        if (!*sent) continue;
        auto other = asked;
        other.wishes.via = there.route;
        auto planned = plan_as_asked(other, context);
        auto* same = planned ? std::get_if<catalog::Plan>(&*planned) : nullptr;
        if (!same) continue;
        auto equal = (*ledger)->by_fingerprint(job::identity_of(same->order, same->route));
        if (!equal) return equal.error();
        const bool holds = std::any_of(equal->begin(), equal->end(), [](const job::Row& job) {
            return job.stage != Stage::failed && job.stage != Stage::rejected && job.stage != Stage::cancelled && job.stage != Stage::planned;
        });
        if (!holds) continue;
        same->choice = fmt::format("{} went over {} before, and its job is there; --via {} orders it anew", plan.order.model, there.route, plan.route.name);
        return planned;
    }
    return Planned(std::move(plan));
}

}  // namespace

Result<Planned> plan_or_problems(const Asked& asked, Context& context, bool described) {
    auto planned = plan_as_asked(asked, context, described);
    auto* plan = planned ? std::get_if<catalog::Plan>(&*planned) : nullptr;
    std::error_code failed;
    if (plan && !plan->choice.empty() && asked.network && std::filesystem::exists(context.ledger_path(), failed)) planned = hold_route(asked, std::move(*plan), context);
    return planned;
}

Result<catalog::Plan> plan(const Asked& asked, Context& context) {
    auto planned = plan_or_problems(asked, context);
    if (!planned) return planned.error();
    if (auto* ready = std::get_if<catalog::Plan>(&*planned)) return std::move(*ready);
    std::vector<std::string> sentences;
    for (const auto& problem : std::get<std::vector<catalog::Problem>>(*planned)) sentences.push_back(problem.message);
    return Error{ErrorKind::usage, core::join(sentences, "\n")};
}

Result<const catalog::Model*> row_of(const catalog::Wishes& wishes, Context& context) {
    auto rows = context.catalog();
    if (!rows) return rows.error();
    const auto& catalog = **rows;
    if (const auto* row = catalog.find(wishes.model)) return row;
    const auto colon = wishes.model.find(':');
    const auto route = colon == std::string::npos ? wishes.via : wishes.model.substr(0, colon);
    const auto id = colon == std::string::npos ? wishes.model : wishes.model.substr(colon + 1);
    if (catalog.find_route(route)) return catalog.find(id, route);
    const auto near = core::nearest(wishes.model, catalog.names());
    return Error{ErrorKind::usage, fmt::format("there is no model {}{} (see shotwire models)", core::printable(wishes.model),
                                               near ? "; did you mean " + *near + "?" : "")};
}

}  // namespace shotwire::cli
