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
        Listening(Interrupt& interrupt, Listener& listener) : interrupt_(interrupt), listener_(listener), before_(interrupt.listening_.exchange(this)) {
            hear(interrupt_.count_);
        }
        // The signal may be on another thread, and the listener is about to go.
        ~Listening() {
            interrupt_.listening_ = before_;
            while (interrupt_.raising_ > 0) std::this_thread::yield();
        }
        Listening(const Listening&) = delete;
        Listening& operator=(const Listening&) = delete;

    private:
        friend class Interrupt;
        // One that is raised while the listening begins comes here twice, as raised just now and as raised before: it is heard once.
        void hear(int count) noexcept {
            for (int heard = heard_; heard < count;)
                if (heard_.compare_exchange_weak(heard, count)) return listener_.interrupted();
        }

        Interrupt& interrupt_;
        Listener& listener_;
        std::atomic<int> heard_ = 0;  // the last count of them
        Listening* before_;           // made last: from then on it is heard
    };

    int count() const noexcept { return count_; }  // so far

    // False: nobody listens, or it was asked for the third time. The process should end now.
    bool raise() noexcept {
        const int count = ++count_;
        ++raising_;
        Listening* listening = listening_;
        const bool heard = listening && count <= 2;
        if (heard) listening->hear(count);
        --raising_;
        return heard;
    }

private:
    std::atomic<int> count_ = 0, raising_ = 0;
    std::atomic<Listening*> listening_ = nullptr;
};

}  // namespace shotwire::cli
