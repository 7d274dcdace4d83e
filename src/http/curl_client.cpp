#include "http/curl_client.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "core/files.hpp"
#include "http/timers.hpp"
#include "http/transfer.hpp"

namespace shotwire::http {
namespace {
using std::chrono::milliseconds;

struct Global {
    Global() {
        if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) throw std::runtime_error("libcurl does not start");
    }
    ~Global() { curl_global_cleanup(); }
    Global(const Global&) = delete;
    Global& operator=(const Global&) = delete;
};

// A pipe: the one way to end a poll that a signal handler may use.
class Bell {
public:
    Bell() {
        int ends[2];
        if (::pipe(ends) != 0) throw std::system_error(errno, std::generic_category(), "pipe");
        read_ = core::Fd(ends[0]);
        write_ = core::Fd(ends[1]);
        for (auto end : ends) {
            ::fcntl(end, F_SETFL, O_NONBLOCK);
            ::fcntl(end, F_SETFD, FD_CLOEXEC);
        }
    }
    void ring() const noexcept {
        auto kept = errno;
        [[maybe_unused]] auto written = ::write(write_.get(), "!", 1);  // a full pipe rings already
        errno = kept;
    }
    void quiet() const {
        char bytes[64];
        while (::read(read_.get(), bytes, sizeof bytes) > 0) {
        }
    }
    int descriptor() const { return read_.get(); }

private:
    core::Fd read_, write_;
};

// A transfer takes a socket, two while IPv4 and IPv6 race, and its name's resolver a pair.
std::size_t transfers_by_descriptors() {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return SIZE_MAX;
    return limit.rlim_cur > 28 ? std::size_t(limit.rlim_cur - 24) / 4 : 1;
}

// Handles by origin: an API's handle, with whatever it remembers, never goes to a result's host.
class Handles {
public:
    Easy take(const std::string& origin) {
        auto& idle = idle_[origin];
        if (!idle.empty()) {
            auto easy = std::move(idle.back());
            idle.pop_back();
            --count_;
            return easy;
        }
        Easy easy(curl_easy_init());
        if (!easy) throw std::bad_alloc();
        return easy;
    }
    void give_back(const std::string& origin, Easy easy) {
        if (!easy || count_ >= most) return;
        idle_[origin].push_back(std::move(easy));
        ++count_;
    }

private:
    static constexpr std::size_t most = 64;
    std::map<std::string, std::vector<Easy>> idle_;
    std::size_t count_ = 0;
};

class Multiplexed final : public CurlClient {
public:
    Multiplexed(CurlOptions options, Weakened weakened)
        : options_(std::move(options)), weakened_(weakened), trust_(options_.ca_file), multi_(curl_multi_init()) {
        if (!multi_) throw std::bad_alloc();
        most_ = std::max<std::size_t>(1, std::min(std::size_t(std::max(1, options_.most_transfers)), transfers_by_descriptors()));
        set(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, long(options_.most_connections_per_host));
        set(multi_, CURLMOPT_MAXCONNECTS, long(std::min<std::size_t>(most_ * 2, 128)));
        set(multi_, CURLMOPT_PIPELINING, long(CURLPIPE_MULTIPLEX));
    }

    ~Multiplexed() override {
        for (auto& [ticket, active] : active_) curl_multi_remove_handle(multi_.get(), active.transfer->handle());
    }

    void trust(const std::string& origin, const std::filesystem::path& certificate) override { trust_.add(origin_of(origin), certificate); }

    Ticket send(Request request, Done done) override {
        auto ticket = ++last_ticket_;
        waiting_.emplace(ticket, std::make_unique<Transfer>(ticket, std::move(request), std::move(done)));
        return ticket;
    }

    void cancel(Ticket ticket) override {
        waiting_.erase(ticket);
        auto found = active_.find(ticket);
        if (found == active_.end()) return;
        found->second.transfer->stop(Stop::cancelled);
        // From within libcurl (a sink cancels itself) the transfer ends at its next callback; `end` then drops it.
        if (!inside_libcurl_) take(ticket);
    }

    bool may_have_left(Ticket ticket) const override {
        if (waiting_.contains(ticket)) return false;
        const auto found = active_.find(ticket);
        return found == active_.end() || found->second.transfer->may_have_left();
    }

    core::Moment now() const override { return std::chrono::steady_clock::now(); }
    Timer after(milliseconds delay, std::function<void()> call) override {
        return timers_.add(now() + std::max(delay, milliseconds(0)), std::move(call));
    }
    void cancel_timer(Timer timer) override { timers_.remove(timer); }
    void at_turn_end(std::function<void()> call) override { turn_end_.push_back(std::move(call)); }
    void wake() noexcept override { bell_.ring(); }

    void run(const std::function<bool()>& done) override {
        while (!done() && (!waiting_.empty() || !active_.empty() || timers_.size() > 0 || !turn_end_.empty())) {
            wait();
            start_waiting();
            // Before time-outs: an answer may have come while this process was stopped. What came while many were read is of the same
            // turn, once: under load that is half as many commits.
            constexpr int many = 8;
            if (perform() >= many) (void)perform();
            timers_.run_due(now());
            for (auto& call : std::exchange(turn_end_, {})) call();
        }
    }

private:
    struct Active {
        std::unique_ptr<Transfer> transfer;
        Timer timer = 0;
        core::Moment started{};
        core::Moment not_before{};  // it is not ended
    };

    void wait() {
        auto limit = milliseconds(std::chrono::hours(1));
        if (auto next = timers_.next()) limit = std::clamp(std::chrono::ceil<milliseconds>(*next - now()), milliseconds(0), limit);
        if (!turn_end_.empty() || (!waiting_.empty() && active_.size() < most_)) limit = milliseconds(0);
        curl_waitfd bell{bell_.descriptor(), CURL_WAIT_POLLIN, 0};
        curl_multi_poll(multi_.get(), &bell, 1, int(limit.count()), nullptr);
        if (bell.revents) bell_.quiet();
    }

    void start_waiting() {
        while (!waiting_.empty() && active_.size() < most_) {
            auto transfer = std::move(waiting_.begin()->second);
            waiting_.erase(waiting_.begin());
            if (auto ready = transfer->prepare(handles_.take(transfer->origin), {options_, weakened_, trust_}); !ready) {
                transfer->done(ready.error());
                continue;
            }
            curl_multi_add_handle(multi_.get(), transfer->handle());
            auto& request = transfer->request;
            const auto limit = std::min(request.idle_timeout, request.timeout.value_or(request.idle_timeout));
            auto ticket = transfer->ticket;
            auto& active = active_[ticket];
            active.transfer = std::move(transfer);
            active.started = now();
            look_at(active, active.started + limit);
        }
    }

    void look_at(Active& active, core::Moment when) {
        active.timer = timers_.add(when, [this, ticket = active.transfer->ticket] { judge(ticket); });
    }

    // Ends a transfer at which no byte moved for its idle time-out (before the request leaves its connect time-out rules instead), or that
    // took longer than it may in all. By the clock of the last look at the sockets: what had come by then was read. Whoever comes late to
    // judge has stood still (stopped, asleep, or long in a call): more may be on its way than one look reads, so a short while is given.
    void judge(Ticket ticket) {
        auto& active = active_.at(ticket);
        auto& transfer = *active.transfer;
        const auto idle = transfer.last_byte().value_or(looked_) + transfer.request.idle_timeout;
        const auto total = transfer.request.timeout ? active.started + *transfer.request.timeout : core::Moment::max();
        const auto due = std::max(std::min(idle, total), active.not_before);
        if (due > looked_) return look_at(active, due);
        if (looked_ - due >= late) {
            active.not_before = looked_ + grace;
            return look_at(active, active.not_before);
        }
        if (idle < total) transfer.stop(Stop::idle);
        end(ticket, CURLE_OPERATION_TIMEDOUT);
    }

    // How many transfers have ended.
    int perform() {
        auto running = 0, ended = 0;
        looked_ = now();
        inside_libcurl_ = true;
        curl_multi_perform(multi_.get(), &running);
        inside_libcurl_ = false;
        auto left = 0;
        while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
            if (message->msg != CURLMSG_DONE) continue;
            Transfer* transfer = nullptr;
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &transfer);
            end(transfer->ticket, message->data.result);
            ++ended;
        }
        return ended;
    }

    // Takes it from libcurl; its handle waits for the next request to the same origin.
    std::unique_ptr<Transfer> take(Ticket ticket) {
        auto node = active_.extract(ticket);
        auto transfer = std::move(node.mapped().transfer);
        timers_.remove(node.mapped().timer);
        curl_multi_remove_handle(multi_.get(), transfer->handle());
        return transfer;
    }

    void end(Ticket ticket, CURLcode code) {
        auto transfer = take(ticket);
        if (transfer->cancelled()) return;
        if (code != CURLE_OK && transfer->ran_out_of_descriptors() && !active_.empty()) {
            most_ = active_.size();
            waiting_.emplace(ticket, std::move(transfer));
            return;
        }
        auto result = transfer->finish(code);
        handles_.give_back(transfer->origin, transfer->release());
        transfer->done(std::move(result));
    }

    static constexpr milliseconds late{500}, grace{2000};

    Global global_;
    const CurlOptions options_;
    const Weakened weakened_;
    Trust trust_;
    Bell bell_;
    Multi multi_;
    Handles handles_;
    std::size_t most_ = 1;
    std::map<Ticket, std::unique_ptr<Transfer>> waiting_;  // in order
    std::map<Ticket, Active> active_;
    core::Moment looked_{};            // just before the sockets were last read
    Timers timers_;
    std::vector<std::function<void()>> turn_end_;
    Ticket last_ticket_ = 0;
    bool inside_libcurl_ = false;
};

}  // namespace

std::unique_ptr<CurlClient> make_curl_client(CurlOptions options) { return make_curl_client(std::move(options), Weakened{}); }

std::unique_ptr<CurlClient> make_curl_client(CurlOptions options, Weakened weakened) {
    return std::make_unique<Multiplexed>(std::move(options), weakened);
}

}  // namespace shotwire::http
