#pragma once
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/clock.hpp"
#include "core/json.hpp"
#include "core/secrets.hpp"
#include "http/spool.hpp"
#include "http/step.hpp"
#include "shotwire/job.hpp"
#include "shotwire/order.hpp"

namespace shotwire::backend {
using http::Step;

// What it takes to go on with a job: an id, and the URLs that some providers forbid us to build. Kept in the ledger.
struct Handle {
    json value;
    friend bool operator==(const Handle&, const Handle&) = default;
};

// Where the bytes of a clip are: behind a request (the download's), or in the answer that was just read, which may have been
// too large for memory.
struct Inline {
    std::string bytes;
    std::string media_type;
};
struct Spooled {
    std::shared_ptr<const http::Spool> spool;
    std::string mark;
    std::string media_type;
};
using Source = std::variant<http::Request, Inline, Spooled>;

struct Rendering {
    std::optional<double> progress = {};  // 0 to 1
    std::optional<int> queue = {};        // places before ours
    std::optional<std::chrono::milliseconds> not_before = {};  // the provider's poll hint
    std::string word = {};                // its own word for the state
    bool described = false;               // and its description says that any word but those for an end is one of these
};
bool is_running_word(std::string_view word);  // one that providers are known to use for what still renders
struct Ready {
    std::vector<Source> clips;  // links expire: fetch now
    std::optional<Money> billed = {};
    std::optional<std::chrono::system_clock::time_point> expires = {};
};
struct Failed {
    Error reason;  // rejected or provider
    std::optional<Money> billed = {};
};
struct Gone {};  // the provider does not know the job (any more)
using JobState = std::variant<Rendering, Ready, Failed, Gone>;

struct Accepted {
    Handle handle;
    std::optional<JobState> already = {};  // its first state; some answer a create with the finished clip
};

// Why and when this paid request is made. The key is the same for every sending of one attempt.
struct Intent {
    JobId job;
    std::string key;  // idempotency key, or the client's own task id
    std::chrono::system_clock::time_point at = {};
};

// Jobs at the provider that may be the one whose answer was lost.
struct Found {
    bool possible = false;  // false: this API has no way to look
    std::vector<Handle> candidates = {};
    bool complete = true;   // false: one that still renders may be missing, so that none found proves nothing
    std::vector<Handle> doubtful = {};  // it by all but the time: a clock may be wrong
};

// An error of `cancel`: nothing stops the job any more, it renders to its end, and what it costs is due.
inline Error renders_on(std::string sentence) { return {ErrorKind::usage, std::move(sentence), {}, true}; }
inline bool says_it_renders_on(const Error& error) { return error.kind == ErrorKind::usage && error.lasting; }

// Translates an order into one provider's HTTP and back; knows nothing of waiting, disks or users.
class Backend {
public:
    virtual ~Backend() = default;
    virtual Step<Accepted> submit(const Order& order, const Intent& intent) const = 0;  // one paid request at most
    virtual Step<JobState> poll(const Handle& job) const = 0;                           // free, repeatable
    virtual Step<Found> find(const Order&, const Intent&) const { return Found{}; }     // after a lost answer
    // Ok: it ended. An error of kind pending: it was asked to, and may still render to its end and be billed; polls tell.
    // One made by renders_on(): it cannot be cancelled.
    virtual Step<Ok> cancel(const Handle&) const { return renders_on("this provider cannot cancel a job: it renders to its end"); }
    virtual std::string remote_id(const Handle& job) const = 0;             // for people and for `jobs adopt`
    virtual Handle adopt(const std::string& remote_id) const = 0;           // the other way round
    virtual Handle adopt(const std::string& remote_id, const Order&) const { return adopt(remote_id); }  // where the id alone is not enough
    virtual bool idempotent() const { return false; }  // the same key again yields the same job, never a second
    // Whether its host lists its models; {id: what the list tells of it, as a row of models.json without id and routes}. Free.
    virtual bool lists() const { return false; }
    virtual Step<json> list() const { return Error{ErrorKind::usage, "this provider publishes no list of its models"}; }
    // Whether the provider publishes the schemas of its models; a row of models.json for the model of that id, made from its schema. Free.
    virtual bool describes() const { return false; }
    virtual Step<json> describe(const std::string&) const { return Error{ErrorKind::usage, "this provider publishes no schema of its models"}; }
};

// What a backend is built from: the route, resolved.
struct Deps {
    std::string route;                     // its name, for messages
    std::string base_url;                  // no slash at the end
    http::Credential credential = {};      // key empty: none is sent
    json dialect = json::object();         // catalog: "routes"; what this host does differently
    bool moved = false;                    // the user named the host: explicit wishes are sent without a catalogue row
    std::function<core::Wall()> now = std::chrono::system_clock::now;
};

struct Entry {
    const char* name;
    std::unique_ptr<Backend> (*make)(const Deps& deps);
};
const std::vector<Entry>& registry();  // a list you can read, in alphabetical order
const Entry* find_entry(const std::string& name);

}  // namespace shotwire::backend
