#include "report/batch_view.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <ostream>

#include "core/text.hpp"
#include "report/table.hpp"

namespace shotwire::report {

using namespace std::chrono;

namespace {
constexpr std::size_t most_failures = 3, most_lanes = 8;
constexpr auto log_pause = seconds(30);
}  // namespace

void BatchView::ended(End end, bool now, const std::string& row, const std::string& why) {
    (end == End::done ? done_ : end == End::differs ? differs_ : end == End::failed ? failed_ : left_)++;
    now_ += now;
    if (end != End::failed && end != End::differs) return;
    failures_.push_back(row + ": " + why);
    if (failures_.size() > most_failures) failures_.pop_front();
}

std::string BatchView::totals(const job::Tally& tally) const {
    std::string text = fmt::format("{} of {} done", done_, rows_);
    const auto add = [&](std::size_t count, const char* what) {
        if (count) text += fmt::format(", {} {}", count, what);
    };
    add(differs_, "delivered, but not as ordered");
    add(failed_, "failed");
    add(left_, "left for the next run");
    add(tally.under_way, "under way");
    add(tally.fetching, "being fetched");
    add(tally.queued, "waiting");
    if (tally.spent.micros || tally.reserved.micros)
        text += fmt::format("; USD {} spent{}", to_string(tally.spent), tally.reserved.micros ? fmt::format(", {} reserved", to_string(tally.reserved)) : "");
    const auto left = rows_ - std::min(rows_, ended_rows());
    if (now_ >= 3 && left > 0) {
        const auto each = duration_cast<milliseconds>(clock_.now() - started_) / now_;
        text += "; about " + core::print_length(duration_cast<seconds>(each * left)) + " left";
    }
    return text;
}

void BatchView::tick(const job::Tally& tally) {
    if (look_.quiet) return;
    if (!look_.terminal) {
        // In a log: a line each half minute, and none that says nothing new.
        const auto ended = ended_rows();
        if (clock_.now() - logged_ < log_pause || ended == logged_ended_) return;
        logged_ = clock_.now();
        logged_ended_ = ended;
        out_ << core::printable(mask_(totals(tally))) << std::endl;
        return;
    }
    std::vector<std::string> lines{totals(tally)};
    for (std::size_t i = 0; i < tally.lanes.size() && i < most_lanes; ++i) {
        const auto& lane = tally.lanes[i];
        auto text = fmt::format("  {} via {}: {} under way", lane.model, lane.route, lane.under_way);
        if (lane.most) text += fmt::format(" (at most {})", lane.most);
        if (lane.queued) text += fmt::format(", {} waiting", lane.queued);
        if (lane.rests.count() > 0) text += fmt::format(", asked to slow down for {}", core::print_length(ceil<seconds>(lane.rests)));
        if (lane.down) text += ", not reached";
        lines.push_back(text);
    }
    if (tally.lanes.size() > most_lanes) lines.push_back(fmt::format("  and {} lanes more", tally.lanes.size() - most_lanes));
    for (const auto& failure : failures_) lines.push_back("  ! " + failure);
    clear();
    const std::size_t width = std::size_t(std::max(2, look_.columns()) - 1);
    for (const auto& line : lines) out_ << cut(core::printable(mask_(line)), width) << '\n';
    out_ << std::flush;
    drawn_ = lines.size();
}

void BatchView::clear() {
    if (drawn_ > 0) out_ << fmt::format("\x1b[{}F\x1b[J", drawn_) << std::flush;
    drawn_ = 0;
}

void BatchView::say(const std::string& sentence) {
    if (look_.quiet) return;
    clear();
    out_ << "shotwire: " << core::printable(mask_(sentence)) << std::endl;
}

}  // namespace shotwire::report
