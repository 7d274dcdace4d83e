#pragma once
#include <atomic>
#include <thread>

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
        // The signal may be on another thread, and the listener is about to go.
        ~Listening() {
            interrupt_.listener_ = before_;
            while (interrupt_.raising_ > 0) std::this_thread::yield();
        }
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
        ++raising_;
        Listener* listener = listener_;
        const bool heard = listener && count <= 2;
        if (heard) listener->interrupted();
        --raising_;
        return heard;
    }

private:
    std::atomic<int> count_ = 0, raising_ = 0;
    std::atomic<Listener*> listener_ = nullptr;
};

}  // namespace shotwire::cli
