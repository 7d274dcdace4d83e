#include <array>

#include "shotwire/job.hpp"

namespace shotwire {
namespace {

struct Row {
    Stage stage;
    std::string_view word;
    bool final;
    std::initializer_list<Stage> next;
};

// design: "A job's life". A row per stage, in the order of the enum.
const std::array<Row, 12>& graph() {
    using enum Stage;
    static const std::array<Row, 12> rows{{
        {planned, "planned", false, {submitting, failed, cancelled}},
        {submitting, "submitting", false, {planned, unknown, rendering, ready, failed, rejected, cancelled}},
        {unknown, "unknown", false, {rendering, submitting, failed}},
        {rendering, "rendering", false, {ready, failed, rejected, cancelled, expired}},
        {ready, "ready", false, {downloading, expired, rendering, failed}},
        {downloading, "downloading", false, {done, mismatch, ready, expired, failed}},
        {done, "done", true, {ready}},  // its file was lost: fetched again
        {mismatch, "mismatch", true, {ready}},
        {expired, "expired", true, {}},
        {failed, "failed", true, {}},
        {rejected, "rejected", true, {}},
        {cancelled, "cancelled", true, {}},
    }};
    return rows;
}
const Row& row_of(Stage stage) { return graph()[std::size_t(stage)]; }

}  // namespace

std::string_view to_string(Stage stage) { return row_of(stage).word; }
bool is_final(Stage stage) { return row_of(stage).final; }

std::optional<Stage> stage_from(std::string_view word) {
    for (const auto& row : graph())
        if (row.word == word) return row.stage;
    return {};
}

bool may_follow(Stage before, Stage after) {
    for (auto next : row_of(before).next)
        if (next == after) return true;
    return false;
}

}  // namespace shotwire
