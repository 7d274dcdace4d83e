#include "report/outlet.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <ostream>
#include <streambuf>
#include <string>
#include <thread>
#include <vector>

namespace shotwire::report {
namespace {

constexpr std::size_t longest_piece = 64 << 10;  // small ones are put together
constexpr auto together = std::chrono::milliseconds(5);  // so are those that come soon one after another: to wake a thread for each costs more than the line

// Takes a stream's buffer's place.
void put_below(std::ostream& stream, std::streambuf* buffer, std::ios::iostate state) {
    stream.rdbuf(buffer);  // clears the state
    stream.setstate(state);
}

}  // namespace

// Shared with the thread, which may hang in a write for ever.
struct Outlet::State {
    class Sink final : public std::streambuf {
    public:
        Sink(State& state, std::streambuf* to) : to(to), state_(state) {}
        std::streambuf* const to;
        bool failed = false;

    private:
        int_type overflow(int_type c) override {
            if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
            const char one = traits_type::to_char_type(c);
            return xsputn(&one, 1) == 1 ? c : traits_type::eof();
        }
        std::streamsize xsputn(const char* text, std::streamsize size) override {
            const std::lock_guard lock(state_.guard);
            held_.append(text, std::size_t(size));
            return size;
        }
        int sync() override {
            const std::lock_guard lock(state_.guard);
            if (!held_.empty()) state_.put(*this, std::exchange(held_, {}));
            return failed ? -1 : 0;
        }
        State& state_;
        std::string held_;
    };
    struct Piece {
        Sink* sink;
        std::string text;
    };

    State(std::streambuf* to_out, std::streambuf* to_err) : out(*this, to_out), err(*this, to_err) {}

    void put(Sink& sink, std::string text) {
        if (left || sink.failed) return;
        if (!waiting.empty() && waiting.back().sink == &sink && waiting.back().text.size() < longest_piece) waiting.back().text += text;
        else waiting.push_back({&sink, std::move(text)});
        if (std::exchange(asleep, false)) changed.notify_all();
    }
    bool idle() const { return waiting.empty() && !writing; }
    void work() {
        std::unique_lock lock(guard);
        while (true) {
            asleep = true;
            changed.wait(lock, [this] { return over || !waiting.empty(); });
            asleep = false;
            if (left || waiting.empty()) return;
            const auto piece = std::move(waiting.front());
            waiting.pop_front();
            if (piece.sink->failed) continue;
            writing = true;
            lock.unlock();
            auto& to = *piece.sink->to;
            const bool good = to.sputn(piece.text.data(), std::streamsize(piece.text.size())) == std::streamsize(piece.text.size()) && to.pubsync() == 0;
            lock.lock();
            writing = false;
            piece.sink->failed = !good;
            changed.notify_all();
            if (waiting.empty()) changed.wait_for(lock, together, [this] { return over; });
        }
    }

    mutable std::mutex guard;
    std::condition_variable changed;
    std::deque<Piece> waiting;
    bool writing = false, asleep = false, over = false, left = false;
    Sink out, err;
    std::thread thread;
};

Outlet::Outlet(std::ostream& out, std::ostream& err) : out_(out), err_(err) {
    out.flush();
    err.flush();
    state_ = std::make_shared<State>(out.rdbuf(), err.rdbuf());
    put_below(out, &state_->out, out.rdstate());
    put_below(err, &state_->err, err.rdstate());
    state_->thread = std::thread([state = state_.get()] { state->work(); });
}

Outlet::~Outlet() {
    if (!state_) return;
    out_.flush();
    err_.flush();
    {
        const std::lock_guard lock(state_->guard);
        state_->over = true;
    }
    state_->changed.notify_all();
    state_->thread.join();
    for (auto [stream, sink] : {std::pair{&out_, &state_->out}, std::pair{&err_, &state_->err}})
        put_below(*stream, sink->to, stream->rdstate() | (sink->failed ? std::ios::badbit : std::ios::goodbit));
}

bool Outlet::wait(std::chrono::milliseconds limit) {
    if (!state_) return true;
    out_.flush();
    err_.flush();
    std::unique_lock lock(state_->guard);
    return state_->changed.wait_for(lock, limit, [this] { return state_->idle(); });
}

bool Outlet::behind() const {
    if (!state_) return true;
    const std::lock_guard lock(state_->guard);
    return !state_->idle();
}

void Outlet::leave() {
    if (!state_) return;
    {
        const std::lock_guard lock(state_->guard);
        state_->left = state_->over = true;
        state_->waiting.clear();
    }
    state_->changed.notify_all();
    state_->thread.detach();
    // For good: the streams and the thread still have it.
    static std::vector<std::shared_ptr<State>>& left_behind = *new std::vector<std::shared_ptr<State>>;
    left_behind.push_back(std::move(state_));
}

}  // namespace shotwire::report
