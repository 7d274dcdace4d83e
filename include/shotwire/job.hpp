#pragma once
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace shotwire {

// The ledger's name of a job; not the provider's.
struct JobId {
    std::string text;
    friend auto operator<=>(const JobId&, const JobId&) = default;
};

// Where a job is in its life. The words are stored in the ledger and printed by `jobs`: append, never rename.
enum class Stage {
    planned,      // nothing was sent
    submitting,   // the intent is on disk; the paid request may be under way
    unknown,      // it went out and its answer was lost
    rendering,    // the provider has it
    ready,        // rendered, not fetched
    downloading,  // being fetched
    done,         // on disk, checked
    mismatch,     // on disk, but not what was ordered
    expired,      // rendered and paid, but gone before it was fetched
    failed,
    rejected,
    cancelled,
};
std::string_view to_string(Stage stage);
std::optional<Stage> stage_from(std::string_view word);
bool is_final(Stage stage);                // nothing more happens by itself
bool may_follow(Stage before, Stage after);  // the graph of a job's life

}  // namespace shotwire
