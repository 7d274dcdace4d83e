#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "core/clock.hpp"

namespace shotwire::http {

// Calls in order of their time; those of equal time in the order they were set.
class Timers {
public:
    using Id = std::uint64_t;
    Id add(core::Moment due, std::function<void()> call) {
        auto id = ++last_;
        calls_.emplace(std::pair(due, id), std::move(call));
        due_.emplace(id, due);
        return id;
    }
    void remove(Id id) {
        auto found = due_.find(id);
        if (found == due_.end()) return;
        calls_.erase({found->second, id});
        due_.erase(found);
    }
    // Calls what is due. A timer that such a call sets waits for the next time, even at zero delay.
    void run_due(core::Moment now) {
        auto newest = last_;
        for (auto next = calls_.begin(); next != calls_.end() && next->first.first <= now;) {
            if (next->first.second > newest) {
                ++next;
                continue;
            }
            auto call = std::move(next->second);
            due_.erase(next->first.second);
            calls_.erase(next);
            call();
            next = calls_.begin();
        }
    }
    std::optional<core::Moment> next() const {
        if (calls_.empty()) return {};
        return calls_.begin()->first.first;
    }
    std::size_t size() const { return calls_.size(); }

private:
    std::map<std::pair<core::Moment, Id>, std::function<void()>> calls_;
    std::unordered_map<Id, core::Moment> due_;
    Id last_ = 0;
};

}  // namespace shotwire::http
