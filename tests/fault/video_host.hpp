#pragma once
#include <atomic>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "fault/invariants.hpp"
#include "support/raw_server.hpp"

namespace shotwire::test {

// A host of the OpenAI Videos protocol that fails as it is told, request by request, and keeps the book of what it took. Written
// apart from the client: nothing of src/backend is in it.
class VideoHost {
public:
    enum Place { create, poll, list, content, other };

    struct Options {
        bool tls = true;
        std::optional<Certificate> certificate = {};
        std::string key = "canary-key-0123456789";
        std::function<bool(Peer&)> on_connect = {};
        std::vector<std::shared_ptr<Gate>> gates = {};
        Money price = {};
        std::filesystem::path ledger = {};  // copied as the first byte of a POST comes
        std::chrono::seconds clock_is_off = {};  // its Date and created_at
    };

    VideoHost() : VideoHost(Options()) {}
    explicit VideoHost(Options options);
    ~VideoHost();

    std::string url() const { return server_->url("/v1"); }
    std::string origin() const { return server_->origin(); }
    int port() const { return server_->port(); }
    const RawServer& server() const { return *server_; }
    bool wait_for_requests(std::size_t count) { return server_->wait_for_requests(count); }

    // What the next requests meet, in order; then it is well again. `always` for as long as it lives.
    VideoHost& next(Place place, Act act, int times = 1);
    VideoHost& always(Place place, Act act);
    VideoHost& heal();  // forgets what it was told

    // Acts for `create`: the job is sold, and the client is not told so properly.
    Act sold_then(Act act);
    Act also_for_another(Act act);  // a stranger orders the same words at that moment
    // The ordinary answer of a place.
    Act ordinary(Place place);
    // 429, 503: `headers` ask for that pause, and the book says so.
    Act ask_to_wait(int status, std::string body, std::vector<std::string> headers, std::chrono::milliseconds length = {});

    void never_done();                       // jobs render for ever
    void done_after(int polls);              // jobs are done at that poll of theirs; 1 from the start
    void end_badly(const json& error);       // jobs fail with it
    void drop_jobs();                        // they are gone: 404
    void tell_jobs(std::function<void(json&)> change);  // each job object before it leaves
    void revoke(const std::string& new_key); // from now on that is the key
    std::string clip_of(const std::string& id) const;

    Book book() const;
    std::size_t sold() const { return book().sales.size(); }
    void heard_elsewhere(const RawServer& other);  // adds what it heard to the book

private:
    struct Job {
        std::string id, prompt, model;
        std::int64_t created = 0;
        int polls = 0;
    };
    bool handle(Peer& peer, const Heard& heard);
    static Place place_of(const Heard& heard);
    Job& sell(const Heard& heard);
    json told(Job& job);
    Job* find(const Heard& heard);
    std::string reply_of(int status, const json& body, std::vector<std::string> headers = {}) const;
    std::int64_t now() const;

    Options options_;
    mutable std::mutex mutex_;
    std::map<Place, std::deque<Act>> script_;
    std::map<Place, Act> always_;
    std::deque<Job> jobs_;
    Book book_;
    std::string last_ledger_;
    std::list<core::TemporaryFolder> copies_;
    int done_after_ = 1, downloads_ = 0;
    std::optional<json> bad_end_;
    std::function<void(json&)> change_;
    std::unique_ptr<RawServer> server_;
};

}  // namespace shotwire::test
