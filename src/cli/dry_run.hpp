#pragma once
#include "catalog/plan.hpp"
#include "cli/routes.hpp"
#include "core/json.hpp"

namespace shotwire::cli {

// Every request that would leave for this order, in order, walked with sample answers; and the price. No key is read and
// nothing is sent. Schema "shotwire.request/1". Errors: usage (the route's backend), or what the backend refuses.
Result<json> dry_run(const catalog::Plan& plan, const Env& env, core::Wall now);

// Whether they can be put together at all. Errors: likewise.
Result<> check_request(const catalog::Plan& plan, const Env& env, core::Wall now);

// The same for people.
std::string print_dry_run(const json& document);

}  // namespace shotwire::cli
