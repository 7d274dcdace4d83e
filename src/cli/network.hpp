#pragma once
#include "cli/context.hpp"

namespace shotwire::cli {

// --proxy and --cacert, or what the configuration says in their place, before anything depends on them. Errors: usage, naming the flag
// or the setting, its value and what is allowed; those of the configuration.
Result<> check_network(const NetworkFlags& flags, Context& context);

}  // namespace shotwire::cli
