#pragma once
#include <chrono>

namespace shotwire::core {

using Wall = std::chrono::system_clock::time_point;    // dates: ledger, expiry, logs
using Moment = std::chrono::steady_clock::time_point;  // waiting: never jumps

// The time, passed in so that tests own it.
class Clock {
public:
    virtual ~Clock() = default;
    virtual Wall wall() const { return std::chrono::system_clock::now(); }
    virtual Moment now() const { return std::chrono::steady_clock::now(); }
};

}  // namespace shotwire::core
