#pragma once
#include <variant>
#include <vector>

#include "cli/resolve.hpp"

// From what is asked to an order of a model on a route, with what the configuration, the provider and the ledger know.
namespace shotwire::cli {

// The order with its pictures loaded; or what is in its way, problem by problem. Errors: usage: an image, an unknown model's input.
using Planned = std::variant<catalog::Plan, std::vector<catalog::Problem>>;
// `described`: of the same model a plan was made before, and nobody need be asked about it.
Result<Planned> plan_or_problems(const Asked& asked, Context& context, bool described = false);
// The order with its pictures loaded; or all that is in its way, a line each. Errors: usage.
Result<catalog::Plan> plan(const Asked& asked, Context& context);

// The catalogue's row of the model, on whatever host; null where there is none. Errors: usage, naming the nearest.
Result<const catalog::Model*> row_of(const catalog::Wishes& wishes, Context& context);

}  // namespace shotwire::cli
