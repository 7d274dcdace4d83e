#pragma once
#include <optional>
#include <string>
#include <vector>

#include "backend/json_api.hpp"

namespace shotwire::backend::kling {

// What both generations of Kling's API share: answers are {code, message, request_id, data}, and only code 0 is a success, whatever
// the HTTP status says: of its 429s some pass and some are an empty purse.
JsonApi::Rules rules();

// The tasks in an answer: `data`, which is a list of them or one alone. Errors (provider): neither.
Result<std::vector<json>> tasks_in(const json& reply, const JsonApi& api);
const json& object_at(const json& reply, const std::string& pointer);  // null where there is none

// How a task ended that failed, by the words it left: rejected or provider.
Failed failure(const std::string& words, std::optional<Money> billed, const JsonApi& api);
// One that is done: its clip is behind a signed link that takes no key, and is cleared 30 days after `ended_ms`. Errors (provider): no link.
Result<JobState> ready(const std::string& url, double ended_ms, std::optional<Money> billed, const JsonApi& api);

std::optional<Money> dollars(double amount);  // none where it is no number, negative or absurd
constexpr double unit_price = 0.14;           // what Kling lists for a unit of a resource pack, in dollars

json image_text(const Image& image);  // its URL, or Base64 without a "data:" before it

}  // namespace shotwire::backend::kling
