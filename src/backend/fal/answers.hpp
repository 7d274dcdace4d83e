#pragma once
#include <optional>
#include <string>
#include <vector>

#include "backend/json_api.hpp"

namespace shotwire::backend::fal {

// A status that is no end: place in the queue, or what the log tells of the work.
Rendering rendering_of(const json& status, const JsonApi& api);

// The clips of a result: models put them under "video" mostly, some under "videos", "output" or "video_url". They lie on public hosts:
// no credential goes along. Errors: provider.
Result<std::vector<Source>> clips_of(const json& result, const http::Response& response, const JsonApi& api);

// Whether a refused result is the model's own failure, and not one of the way to it.
bool tells_of_a_failed_job(const json& reply, const http::Response& response);

// What a failure of that type costs: nothing where a machine failed or never came.
std::optional<Money> billed_for(const std::string& error_type);

}  // namespace shotwire::backend::fal
