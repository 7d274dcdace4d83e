#pragma once
#include "cli/commands.hpp"

namespace shotwire::cli {

// What `make` is asked for: a new shot, one of a sidecar again (--from), or one that starts from a clip (--remix, --edit, --extend).
// Errors: usage, all that is in the way.
Result<catalog::Plan> plan_of(const Make& options, long takes, Context& context);

}  // namespace shotwire::cli
