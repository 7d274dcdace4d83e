#include "report/batch_view.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <numeric>
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

std::string BatchView::totals(const job::Tally& tally, std::size_t width) const {
    enum Part { done, differs, failed, left, under_way, fetching, queued, spent, reserved, ahead, parts };
    std::array<std::string, parts> said;
    const auto count = [&](Part part, std::size_t number, const char* what) { said[part] = number ? fmt::format(", {} {}", number, what) : ""; };
    said[done] = fmt::format("{} of {} done", done_, rows_);
    count(differs, differs_, "delivered, but not as ordered");
    count(failed, failed_, "failed");
    count(left, left_, "left for the next run");
    count(under_way, tally.under_way, "under way");
    count(fetching, tally.fetching, "being fetched");
    count(queued, tally.queued, "waiting");
    if (tally.spent.micros || tally.reserved.micros) said[spent] = fmt::format("; USD {} spent", to_string(tally.spent));
    if (tally.reserved.micros) said[reserved] = fmt::format(", {} reserved", to_string(tally.reserved));
    const auto to_come = rows_ - std::min(rows_, ended_rows());
    if (now_ >= 3 && to_come > 0) {
        const auto each = duration_cast<milliseconds>(clock_.now() - started_) / now_;
        said[ahead] = "; about " + core::print_length(duration_cast<seconds>(each * to_come)) + " left";
    }
    const auto text = [&] { return std::accumulate(said.begin(), said.end(), std::string()); };
    if (width == 0 || text().size() <= width) return text();
    count(differs, differs_, "not as ordered");
    count(left, left_, "left over");
    // What is under way and what waits stands with the lanes, too.
    for (const auto part : {fetching, queued, under_way, reserved, left, differs, failed})
        if (text().size() > width) said[part].clear();
    return text();
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
    const std::size_t width = std::size_t(std::max(2, look_.columns()) - 1);
    std::vector<std::string> lines{totals(tally, width)};
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
