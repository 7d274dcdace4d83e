#pragma once
#include <string>

#include "core/json.hpp"
#include "shotwire/result.hpp"

namespace shotwire::cli {

// A sidecar, by its own path or by that of its clip. `said_by` is the flag that names it. Errors: usage: not there, not readable, of a
// schema that this version does not know.
Result<json> read_sidecar(std::string file, const std::string& said_by);

// The job that a clip's sidecar names; empty: it is no clip of ours.
std::string job_of_clip(const std::string& file);

}  // namespace shotwire::cli
