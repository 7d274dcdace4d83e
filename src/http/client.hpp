#pragma once
#include <chrono>
#include <cstdint>
#include <functional>

#include "core/clock.hpp"
#include "http/message.hpp"
#include "shotwire/result.hpp"

namespace shotwire::http {

// The only door to the network: libcurl's multi interface in production, scripted replies in tests.
class Client {
public:
    virtual ~Client() = default;
    // One attempt, no redirects, answered on the loop's thread, never from within `send`. Any HTTP status is a Response,
    // since only the backend knows what its 422 means. An Error says that no answer came, and by its kind what is known:
    //   network  a free request, or a paid one of which surely not a byte was sent
    //   unknown  a paid request that may have arrived
    //   provider a free answer that broke a limit or the protocol; local: the sink refused
    // At most one call of `done` per send; none after the client is destroyed.
    using Done = std::function<void(Result<Response>)>;
    using Ticket = std::uint64_t;
    virtual Ticket send(Request request, Done done) = 0;
    virtual void cancel(Ticket ticket) = 0;  // its `done` will not be called; fine for one that has ended
    // False: surely not a byte of it was sent so far: it waits for its turn, its name, a connection or the TLS handshake.
    virtual bool may_have_left(Ticket) const { return true; }
};

// The event loop: timers and the end of a turn, on one thread. The curl client is one; tests bring a fake with its own clock.
class Loop {
public:
    virtual ~Loop() = default;
    virtual core::Moment now() const = 0;
    using Timer = std::uint64_t;
    virtual Timer after(std::chrono::milliseconds delay, std::function<void()> call) = 0;
    virtual void cancel_timer(Timer timer) = 0;
    // Called at the end of the current turn, after all callbacks of the turn: where what it changed is committed.
    virtual void at_turn_end(std::function<void()> call) = 0;
    // Turns until `done` says so. Also ends when nothing is under way and no timer is set.
    virtual void run(const std::function<bool()>& done) = 0;
    virtual void wake() noexcept = 0;  // from any thread, or a signal handler: the loop turns and asks `done` again
};

}  // namespace shotwire::http
