#pragma once
#include <chrono>
#include <iosfwd>
#include <memory>

namespace shotwire::report {

// While it lives, what is written to the two streams is kept in memory, and a thread hands it on in the order in which it was written:
// a reader that pauses, or a terminal that was stopped, holds up nobody who writes. A stream whose reader went away, or whose disk is
// full, turns bad as ever, at a flush after that was noticed.
class Outlet {
public:
    Outlet(std::ostream& out, std::ostream& err);
    ~Outlet();  // waits until all is handed on and gives the streams back; not after `leave`
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;

    bool wait(std::chrono::milliseconds limit);  // until all is handed on; false: it is not yet
    bool behind() const;                         // something waits: what will be drawn over may as well be left out
    void leave();  // for a process that is about to end: the rest is dropped, and so is what is still written to the streams

private:
    struct State;
    std::shared_ptr<State> state_;
    std::ostream& out_;
    std::ostream& err_;
};

}  // namespace shotwire::report
