#pragma once
#include <deque>
#include <functional>
#include <iosfwd>
#include <string>

#include "core/clock.hpp"
#include "core/secrets.hpp"
#include "job/runner.hpp"
#include "report/progress.hpp"

namespace shotwire::report {

// A batch on stderr: totals, money, lanes, how long yet, the last failures. Drawn over on a terminal; a line now and then in a log.
class BatchView {
public:
    BatchView(std::ostream& out, const core::Clock& clock, const core::Mask& mask, ProgressLines::Look look, std::size_t rows)
        : out_(out), clock_(clock), mask_(mask), look_(std::move(look)), rows_(rows), started_(clock.now()), logged_(started_) {}

    void more(std::size_t rows) { rows_ += rows; }                     // that were not there at the start, or all of them
    enum class End { done, differs, failed, left };                    // differs: delivered, not as ordered; left: the same command goes on with it
    void ended(End end, bool now, const std::string& row, const std::string& why);  // `now`: in this run
    void tick(const job::Tally& tally);                                // time passed, or something happened
    void clear();                                                      // leaves the terminal as if nothing had been drawn
    void say(const std::string& sentence);                             // a line of its own, above what is drawn
    std::string totals(const job::Tally& tally, std::size_t width = 0) const;  // too wide, the less important is said shorter or left out; 0: all is said

private:
    std::size_t ended_rows() const { return done_ + differs_ + failed_ + left_; }

    std::ostream& out_;
    const core::Clock& clock_;
    const core::Mask& mask_;
    ProgressLines::Look look_;
    std::size_t rows_, done_ = 0, differs_ = 0, failed_ = 0, left_ = 0, now_ = 0;
    core::Moment started_, logged_;
    std::size_t logged_ended_ = 0;
    std::deque<std::string> failures_;  // the last
    std::size_t drawn_ = 0;             // rows of the terminal
};

}  // namespace shotwire::report
