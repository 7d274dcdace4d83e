#pragma once
#include <chrono>
#include <functional>
#include <optional>

#include "core/clock.hpp"
#include "http/message.hpp"
#include "shotwire/error.hpp"

namespace shotwire::http {

// How long the answer asks us to wait: `retry-after-ms`, then `Retry-After` in seconds (fractions too) or as a date, measured
// against the answer's own Date. None where it says nothing or something absurd: negative, text, more than a day.
std::optional<std::chrono::milliseconds> retry_after(const Response& response, core::Wall now);

// Doubling steps from `first` to `most`, each taken in [half, whole] of itself by `random` in [0, 1).
std::chrono::milliseconds backoff(int attempt, double random, std::chrono::milliseconds first = std::chrono::milliseconds(500),
                                  std::chrono::milliseconds most = std::chrono::seconds(30));

// Whether a free request may be sent again: no answer, 408, 425, 429, 5xx.
bool worth_repeating(const Error& error);
bool worth_repeating(const Response& response);

}  // namespace shotwire::http
