#pragma once
#include <chrono>
#include <optional>
#include <string>

#include "backend/json_api.hpp"

namespace shotwire::backend::replicate {

// What a prediction says of its state. Errors: provider.
Result<JobState> state_of(const json& prediction, const JsonApi& api);

// The wait that a refusal for being too fast tells in words alone: "Expected available in 5 seconds.", "resets in ~30s".
std::optional<std::chrono::milliseconds> wait_in(const std::string& detail);

}  // namespace shotwire::backend::replicate
