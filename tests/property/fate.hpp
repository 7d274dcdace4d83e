#pragma once
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace shotwire::test {

// The process ends here, at once: thrown through the runner, whose memory is lost and whose ledger is put back to what was on disk.
struct Death {};

// An invariant does not hold. `which` is its number in the matrix.
struct Violation {
    std::string which;
    std::string what;
};

// Counts what happens in one process and lets something befall it at the n-th event.
class Fate {
public:
    void at(int event, std::function<void()> what) { to_come_.emplace(event, std::move(what)); }
    void each(std::function<void()> look) { look_ = std::move(look); }
    void event() {
        ++events_;
        if (look_) look_();
        while (!to_come_.empty() && to_come_.begin()->first <= events_) {
            const auto what = std::move(to_come_.begin()->second);
            to_come_.erase(to_come_.begin());
            what();
        }
    }
    int events() const { return events_; }

private:
    std::multimap<int, std::function<void()>> to_come_;
    std::function<void()> look_;
    int events_ = 0;
};

}  // namespace shotwire::test
