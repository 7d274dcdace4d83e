#pragma once
#include "catalog/plan.hpp"
#include "cli/context.hpp"
#include "cli/flags.hpp"

namespace shotwire::cli {

// Models without a row, named ROUTE:MODEL or by --via, of routes whose provider publishes what each model takes. The row that is made of
// that is kept in $XDG_CACHE_HOME/shotwire/models/ROUTE/, until it is asked for anew.
enum class Ask { never, when_needed, always };

// Puts the row of such a model into the catalogue; false: it is none of these. Errors: usage: it was never asked for, and must not be
// now (names the command that does), or there is no such model; else what became of asking.
Result<bool> describe(const catalog::Wishes& wishes, Ask ask, Context& context, const NetworkFlags& network = {});

}  // namespace shotwire::cli
