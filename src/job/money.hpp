#pragma once
#include <optional>
#include <string>

#include "job/ledger.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::job {

// What a job counts for in the accounts, as it stands: reserved from the moment its paid request may leave, then what the provider
// says it billed, else its price. Given back where surely nothing was created, or where the provider says it bills nothing. One whose
// outcome is unknown counts; so does what an earlier sending of it may have cost. An unknown price counts as 0: see Limits.
Money cost_of(const Row& row);

// For people, behind a sentence: ", for USD 1.20", nothing where it is free.
std::string price_words(const Row& row);

// What may be spent. Days are UTC.
struct Limits {
    std::optional<Money> run;  // of this process
    std::string run_in_words = {};  // as the user gave it: "--max-cost 0.50"; empty: the sum alone
    std::optional<Money> day, total;  // of the row's profile, over all processes on this ledger
    bool allow_unpriced = false;

    bool any() const { return run || day || total; }
};

// Whether `price` more may be reserved beside what is spent. Errors: budget, naming the limit.
Result<> within(const Limits& limits, const std::optional<Money>& price, Money run, Money day, Money total);

}  // namespace shotwire::job
