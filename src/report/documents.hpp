#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "job/runner.hpp"
#include "shotwire/order.hpp"

namespace shotwire::report {

// The documents of --json. Their names and types are kept; keys may be added.
json price_document(const Price& price);
std::string print_price(const Price& price);  // "0.40 USD", "at most 0.40 USD", "free", "unknown"

std::string kind_word(ErrorKind kind);  // "rate_limited"
json error_document(const Error& error);  // "shotwire.error/1"
// "shotwire.clip/1": `id`, `state` (the words of `jobs ls`), `clip` (its path; null: none yet), `price`, `counted_usd` (in `spend`), `exit`, `error`, and what
// the sidecar tells.
json job_document(const job::Row& row, const std::optional<Error>& error);
// The same as text, of a clip that may be shown elsewhere and of a batch's row (empty: none): a batch writes ten thousand of them.
std::string job_line(const job::Row& row, const std::optional<Error>& error, const std::string& clip, const std::string& batch_row = {});

// What a job counts for that ended so. One that was cancelled has failed, as at its provider: 130 is a run's that was interrupted.
int code_of(const std::optional<Error>& error);
// One job: its code. Several: the code that all failures share when nothing succeeded, else 14; 9, 70 and 130 win over all.
int exit_code(const std::vector<int>& codes);

}  // namespace shotwire::report
