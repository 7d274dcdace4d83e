#pragma once
#include <atomic>

namespace shotwire::cli {

// Ctrl-C and its like. `raise` is called from a signal handler; whoever works at that moment listens.
class Interrupt {
public:
    class Listener {
    public:
        virtual ~Listener() = default;
        virtual void interrupted() noexcept = 0;  // async-signal-safe
    };

    // Listens while it lives, in the place of whoever did before. What was raised before is heard at once.
    class Listening {
    public:
        Listening(Interrupt& interrupt, Listener& listener) : interrupt_(interrupt), before_(interrupt.listener_.exchange(&listener)) {
            if (interrupt_.count_ > 0) listener.interrupted();
        }
        ~Listening() { interrupt_.listener_ = before_; }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;

    private:
        Interrupt& interrupt_;
        Listener* before_;
    };

    int count() const noexcept { return count_; }  // so far

    // False: nobody listens, or it was asked for the third time. The process should end now.
    bool raise() noexcept {
        const int count = ++count_;
        Listener* listener = listener_;
        if (!listener || count > 2) return false;
        listener->interrupted();
        return true;
    }

private:
    std::atomic<int> count_ = 0;
    std::atomic<Listener*> listener_ = nullptr;
};

}  // namespace shotwire::cli
