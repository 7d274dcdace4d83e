#pragma once
#include <algorithm>
#include <utility>
#include <vector>

#include "http/client.hpp"
#include "http/timers.hpp"

namespace shotwire::test {

// A loop whose time stands still while anything is to do and then jumps to the next timer: hours pass in microseconds.
class FakeLoop final : public http::Loop {
public:
    core::Moment now() const override { return now_; }
    core::Wall wall() const { return wall_start_ + std::chrono::duration_cast<core::Wall::duration>(now_ - start_); }
    void jump_wall(std::chrono::milliseconds by) { wall_start_ += by; }  // the laptop's date changes; waiting does not

    // The same time for code that asks for a core::Clock. Lives as long as the loop.
    const core::Clock& clock() const { return clock_; }

    Timer after(std::chrono::milliseconds delay, std::function<void()> call) override {
        return timers_.add(now_ + std::max(delay, std::chrono::milliseconds(0)), std::move(call));
    }
    void cancel_timer(Timer timer) override { timers_.remove(timer); }

    void at_turn_end(std::function<void()> call) override { turn_end_.push_back(std::move(call)); }

    void run(const std::function<bool()>& done) override {
        while (!done() && turn()) {
        }
    }

    // One turn: what is due now (else time jumps to the next timer), then the calls for its end. False: nothing was to do.
    bool turn() {
        if (timers_.size() == 0 && turn_end_.empty()) return false;
        if (turn_end_.empty()) now_ = std::max(now_, *timers_.next());
        timers_.run_due(now_);
        for (auto& call : std::exchange(turn_end_, {})) call();
        ++turns_;
        return true;
    }

    void wake() noexcept override {}
    int turns() const { return turns_; }
    std::size_t timers() const { return timers_.size(); }

private:
    struct View final : core::Clock {
        explicit View(const FakeLoop& loop) : loop(loop) {}
        core::Wall wall() const override { return loop.wall(); }
        core::Moment now() const override { return loop.now(); }
        const FakeLoop& loop;
    };

    core::Moment start_ = core::Moment(std::chrono::hours(1000));
    core::Moment now_ = start_;
    core::Wall wall_start_ = core::Wall(std::chrono::seconds(1795600800));  // 2026-11-25T10:00:00Z
    http::Timers timers_;
    std::vector<std::function<void()>> turn_end_;
    int turns_ = 0;
    View clock_{*this};
};

}  // namespace shotwire::test
