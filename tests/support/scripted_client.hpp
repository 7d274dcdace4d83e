#pragma once
#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <exception>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "http/client.hpp"
#include "support/fake_loop.hpp"

namespace shotwire::test {

// An answer of a scripted server.
inline http::Response answer(int status, std::string body = {}, std::vector<http::Header> headers = {}) {
    return {.status = status, .headers = std::move(headers), .body = std::move(body), .url = {}};
}
inline http::Response json_answer(std::string body, int status = 200, std::vector<http::Header> headers = {}) {
    headers.push_back({"Content-Type", "application/json"});
    return answer(status, std::move(body), std::move(headers));
}
// What the client of production says when the answer to a request was lost: `unknown` for a paid one.
inline Error lost(const http::Request& request) {
    return {request.paid ? ErrorKind::unknown : ErrorKind::network, "no answer came from " + http::host_of(request.url)};
}
inline Result<http::Response> no_answer(const http::Request& request) { return lost(request); }
inline Error refused(const http::Request& request) { return {ErrorKind::network, http::host_of(request.url) + " refused the connection"}; }

// Replies from a script, no sockets. A request takes the first reply that fits it and is not used up; one without a reply and a
// reply without a request both fail the test.
//
//     FakeLoop loop;
//     ScriptedClient client(loop);
//     client.on("POST", "/v1/videos", json_answer(R"({"id":"v1"})"));
//     client.on("GET", "/v1/videos/v1", json_answer(R"({"status":"queued"})")).times(3);
//     client.on("GET", "/v1/videos/v1", lost).later(std::chrono::seconds(60));
//     client.on("GET", "/content", answer(200, bytes)).cut(100);   // a download that ends after 100 bytes
class ScriptedClient final : public http::Client {
public:
    using Fits = std::function<bool(const http::Request&)>;
    using Make = std::function<Result<http::Response>(const http::Request&)>;

    class Reply {
    public:
        Reply(Fits fits, Make make, std::string name) : fits_(std::move(fits)), make_(std::move(make)), name_(std::move(name)) {}
        Reply& times(int count) { return left_ = count, *this; }
        Reply& always() { return left_ = -1, *this; }  // any number of times, none too
        Reply& later(std::chrono::milliseconds delay) { return delay_ = delay, *this; }
        Reply& cut(std::size_t bytes) { return cut_ = bytes, *this; }  // the sink gets that much, then the answer is lost
        Reply& never() { return silent_ = true, *this; }               // no answer ever

    private:
        friend ScriptedClient;
        Fits fits_;
        Make make_;
        std::string name_;
        int left_ = 1;
        std::chrono::milliseconds delay_{1};
        std::optional<std::size_t> cut_;
        bool silent_ = false;
    };

    explicit ScriptedClient(FakeLoop& loop) : loop_(loop) {}
    ScriptedClient(const ScriptedClient&) = delete;
    ScriptedClient& operator=(const ScriptedClient&) = delete;

    ~ScriptedClient() override {
        for (auto& [ticket, timer] : under_way_) loop_.cancel_timer(timer);
        if (std::uncaught_exceptions() > 0) return;
        for (auto& reply : replies_) {
            if (reply.left_ > 0) FAIL_CHECK("unused reply: " << reply.name_);
        }
    }

    // `path` is what the URL holds somewhere behind its host, up to its end or its query.
    Reply& on(std::string method, std::string path, Make make) {
        auto name = method + " " + path;
        auto fits = [method, path](const http::Request& request) {
            auto url = request.url.substr(0, request.url.find('?'));
            return request.method == method && url.ends_with(path);
        };
        return on(std::move(fits), std::move(make), std::move(name));
    }
    Reply& on(std::string method, std::string path, http::Response response) {
        return on(std::move(method), std::move(path), [response](const http::Request&) -> Result<http::Response> { return response; });
    }
    Reply& on(std::string method, std::string path, Error error) {
        return on(std::move(method), std::move(path), [error](const http::Request&) -> Result<http::Response> { return error; });
    }
    Reply& on(Fits fits, Make make, std::string name = "a reply") {
        return replies_.emplace_back(std::move(fits), std::move(make), std::move(name));
    }

    // Every request that was sent, in order.
    const std::vector<http::Request>& sent() const { return sent_; }
    std::size_t count(const std::string& method, const std::string& path = {}) const {
        return std::size_t(std::count_if(sent_.begin(), sent_.end(), [&](const http::Request& request) {
            return request.method == method && request.url.find(path) != std::string::npos;
        }));
    }
    std::size_t paid() const {
        return std::size_t(std::count_if(sent_.begin(), sent_.end(), [](const http::Request& request) { return request.paid; }));
    }
    std::size_t under_way() const { return under_way_.size(); }
    std::size_t most_under_way() const { return most_under_way_; }
    // Sees each request as it leaves: the place to look at the ledger before the server reads a byte.
    void before_sending(std::function<void(const http::Request&)> look) { look_ = std::move(look); }

    Ticket send(http::Request request, Done done) override {
        auto ticket = ++last_ticket_;
        if (look_) look_(request);
        sent_.push_back(request);
        auto reply = std::find_if(replies_.begin(), replies_.end(), [&](Reply& each) { return each.left_ != 0 && each.fits_(request); });
        if (reply == replies_.end()) {
            FAIL_CHECK("no reply is scripted for " << request.method << " " << request.url);
            answer_later(ticket, std::chrono::milliseconds(0), [done] { done(Error{ErrorKind::bug, "no reply is scripted"}); });
            return ticket;
        }
        if (reply->left_ > 0) --reply->left_;
        if (reply->silent_) {
            answer_later(ticket, std::chrono::hours(24 * 365), [] {});
            return ticket;
        }
        answer_later(ticket, reply->delay_, [make = reply->make_, cut = reply->cut_, request = std::move(request), done = std::move(done)] {
            done(deliver(request, make(request), cut));
        });
        return ticket;
    }

    void cancel(Ticket ticket) override {
        auto found = under_way_.find(ticket);
        if (found == under_way_.end()) return;
        loop_.cancel_timer(found->second);
        under_way_.erase(found);
    }

    // What the client of production makes of an answer: a download goes to its sink, `cut` bytes of it before it is lost.
    static Result<http::Response> deliver(const http::Request& request, Result<http::Response> result, std::optional<std::size_t> cut) {
        if (!result) return result;
        auto response = *result;
        response.url = request.url;
        if (request.sink && (response.status == 200 || response.status == 206)) {
            auto body = std::exchange(response.body, {});
            auto whole = cut.value_or(body.size()) >= body.size();
            if (!request.sink->headers(response)) return Error{ErrorKind::local, "the download was stopped"};
            body.resize(std::min(body.size(), cut.value_or(body.size())));
            for (std::size_t at = 0; at < body.size(); at += 16384) {
                if (!request.sink->piece(std::string_view(body).substr(at, 16384)))
                    return Error{ErrorKind::local, "the download was stopped"};
            }
            if (!whole) return lost(request);
        } else if (cut) {
            return lost(request);
        }
        return response;
    }

private:
    void answer_later(Ticket ticket, std::chrono::milliseconds delay, std::function<void()> call) {
        under_way_[ticket] = loop_.after(delay, [this, ticket, call = std::move(call)] {
            under_way_.erase(ticket);
            call();
        });
        most_under_way_ = std::max(most_under_way_, under_way_.size());
    }

    FakeLoop& loop_;
    std::deque<Reply> replies_;
    std::vector<http::Request> sent_;
    std::unordered_map<Ticket, http::Loop::Timer> under_way_;
    std::size_t most_under_way_ = 0;
    std::function<void(const http::Request&)> look_;
    Ticket last_ticket_ = 0;
};

}  // namespace shotwire::test
