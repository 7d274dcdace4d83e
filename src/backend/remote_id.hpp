#pragma once
#include <string>

#include "core/json.hpp"

namespace shotwire::backend {

// A provider's id of a job at that pointer of its answer, fit to be kept and to stand in a path. Errors (provider): missing, no text,
// empty, over 1 KB, control bytes, a path's dots.
Result<std::string> id_at(const json& reply, const std::string& pointer);

}  // namespace shotwire::backend
