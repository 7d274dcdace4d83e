#pragma once
#include <chrono>
#include <optional>
#include <string>

namespace shotwire {

// One kind per thing a caller does differently. The value is the exit code: append, never renumber.
enum class ErrorKind {
    usage = 2,         // bad flag or file, unknown or retired model, a wish that the model cannot fulfil
    auth = 3,          // key missing or refused
    rejected = 4,      // the provider refused this content; trying again will not help
    rate_limited = 5,  // ask again after `retry_after`, or the purse is empty
    network = 6,       // surely nothing was sent, or a free request got no answer
    provider = 7,      // 5xx, an answer we cannot read, or the job failed on their side
    pending = 8,       // still rendering when we stopped waiting
    local = 9,         // disk, ledger, permission
    budget = 10,       // refused before anything was sent
    unknown = 11,      // a paid request went out and its answer was lost: never sent again by itself
    mismatch = 12,     // delivered, but not what was ordered
    quality = 13,      // delivered, but failed the gate
    partial = 14,      // part of a batch failed
    bug = 70,          // ours
    cancelled = 130,   // Ctrl-C
};

struct Error {
    ErrorKind kind = ErrorKind::bug;
    std::string message;  // one sentence the user can act on: hosts and fields, never headers or keys
    std::optional<std::chrono::milliseconds> retry_after = {};
    bool lasting = false;  // asking again will not help: a certificate that is not trusted, a job that nothing stops any more
};

}  // namespace shotwire
