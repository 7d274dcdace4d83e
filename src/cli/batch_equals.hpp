#pragma once
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "job/ledger.hpp"

namespace shotwire::cli {

struct BatchClip;

// Which of equal orders each clip of a batch is, and which seed it draws. What a row was in an earlier run it stays, wherever it stands
// in the file: its equals may move, go or come between. The others take in order what is left, also what a row had that is gone, so
// that a row of another name pays for nothing twice. Of a pipe each line is settled when it comes: what stands behind it is not known.
class Equals {
public:
    void know(std::vector<job::Ledger::BatchRow> earlier);                          // of this batch
    void settle(std::deque<BatchClip>& clips);                                      // all that were read at once; those of before keep what they have
    const std::vector<job::Ledger::BatchRow>& earlier() const { return earlier_; }  // by their rows' names, oldest first
    const job::Ledger::BatchRow* latest(const std::string& row) const;              // null: it was never ordered

private:
    // Numbers from 0 on, each handed out once.
    class Numbers {
    public:
        bool claim(std::uint64_t number);
        std::uint64_t hand_out();

    private:
        std::vector<std::uint64_t> claimed_;  // in order; few have any
        std::uint64_t next_ = 0;              // all below are taken
    };
    using Range = std::pair<std::vector<job::Ledger::BatchRow>::const_iterator, std::vector<job::Ledger::BatchRow>::const_iterator>;
    Range of(const std::string& row) const;
    void draw_seeds(std::deque<BatchClip>& clips);

    std::vector<job::Ledger::BatchRow> earlier_;
    std::unordered_map<std::uint64_t, Numbers> ordinals_;  // by the beginning of an order's identity: there may be ten thousand
    std::unordered_map<std::uint64_t, Numbers> draws_;     // likewise, without its seed
};

}  // namespace shotwire::cli
