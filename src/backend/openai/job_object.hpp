#pragma once
#include <optional>
#include <string>

#include "backend/json_api.hpp"
#include "backend/openai/dialect.hpp"

namespace shotwire::backend::openai {

// The video job object, as OpenAI and the family that speaks its protocol write it: keys may be missing, unknown, text for a
// number and the other way round.

// Its id, as we keep it. Errors (provider): missing, no text, empty, over 1 KB, control bytes, a path's dots.
Result<std::string> id_of(const json& job);

// What it says of itself. An unknown word is rendering; no word is an Error (provider). `response` bore it: for poll hints.
Result<JobState> state_of(const json& job, const http::Response& response, const JsonApi& api, const Dialect& dialect);

// The handle's requests.
std::string path_of(const std::string& id);  // "/videos/ID"
http::Request content_of(const std::string& id, const JsonApi& api, const Dialect& dialect);

// Seconds, milliseconds or ISO text to a time; none where it is missing, zero or absurd.
std::optional<std::chrono::system_clock::time_point> time_at(const json& job, const std::string& pointer);

}  // namespace shotwire::backend::openai
