#pragma once
#include <atomic>
#include <deque>
#include <future>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <unordered_map>

#include "http/retry.hpp"
#include "job/download.hpp"
#include "job/runner.hpp"
#include "job/schedule.hpp"

namespace shotwire::job {

// What few jobs have: a pointer in each of ten thousand, the rest where it is.
template <class T>
class Rare {
public:
    Rare() = default;
    Rare(T value) : there_(std::make_unique<T>(std::move(value))) {}
    Rare(std::optional<T> value) : there_(value ? std::make_unique<T>(std::move(*value)) : nullptr) {}
    explicit operator bool() const { return bool(there_); }
    T& operator*() const { return *there_; }
    T* operator->() const { return there_.get(); }
    void reset() { there_.reset(); }
    std::optional<T> get() const { return there_ ? std::optional(*there_) : std::nullopt; }

private:
    std::unique_ptr<T> there_;
};

// An MP4 in the making, on another thread that does not outlive it.
struct Conversion {
    std::atomic<bool> left = false;
    std::future<Result<>> made;  // its end is waited for, soon after `left`
    ~Conversion() { left = true; }
};

// A connection, and what is known of how long its jobs take.
struct Link {
    Connection connection;
    Schedule schedule;
};

// What is sent over one route to one model.
struct Lane {
    std::string route, model;
    std::deque<JobId> queue;       // planned, in the order asked
    int under_way = 0;             // submitted and not ready yet
    int most = 0;                  // of them at once: the route's word, then what its refusals taught; 0: no word
    int ceiling = 0;               // `most` never grows beyond it; 0: nothing limits it
    int good = 0;                  // accepted in a row
    core::Moment closed_until{};   // it asked us to slow down
    core::Moment taught{};         // by a refusal of what was sent before then nothing more is learnt
    core::Moment counted_since{};  // `counted` submits were accepted since then; of the last minute or so
    int counted = 0;
    std::chrono::milliseconds pace{};  // between two submits, as a refusal taught it; 0: no word
    core::Moment next_submit{};
};

// What all jobs of one route share: requests under way, and whether its host can be reached.
struct Traffic {
    int requests = 0, downloads = 0;   // under way
    std::deque<JobId> polls, fetches;  // due, waiting for their turn
    int most_downloads = job::most_downloads();  // at once: fewer where they fall silent, more again where they end well
    core::Moment fewer_since{};        // the last time that it became less
    int submits_per_minute = 0;
    core::Moment next_submit{};
    std::optional<Error> closed;       // takes no more submits: key refused, purse empty, not reached for too long
    int failures = 0;                  // in a row, of any job
    core::Moment failing_since{};      // the first of them
    core::Moment next_probe{};         // while it is down one request at a time is let through
    std::optional<JobId> probe;        // under way

    static constexpr int down_after = 8;
    bool down() const { return failures >= down_after; }
    bool lets_through(core::Moment now) const { return !down() || (!probe && now >= next_probe); }
};

// A job in this process's charge. Its row and its order are open while something is done with it; where there are many jobs they are
// put away between, and read again from the ledger: ten thousand that wait are ten thousand small structs.
struct Charge {
    struct Open {
        explicit Open(Row&& read) : row(std::move(read)) {}
        Row row;
        std::optional<Order> order;  // read when it is first asked for
    };
    std::unique_ptr<Open> open;
    Row& row() { return open->row; }
    const Row& row() const { return open->row; }
    Order& order();

    JobId id;
    Stage stage = Stage::planned;  // of the row
    std::optional<backend::Handle> handle;
    Lane* lane = nullptr;
    Traffic* traffic = nullptr;
    std::shared_ptr<const Link> link;
    Progress progress;

    std::size_t place = 0;  // in Impl::asked
    int index = 0;          // Wanted::index
    int number = 0;         // of the row
    int retries = 0;        // that are left
    bool ours = false;      // we hold the lease
    bool watching = false;  // another process works on it
    bool ending = false;    // without a clip: what it is told of its end is being put down
    bool extra = false;     // nobody asked for it: the provider made it beside another one
    bool made = false;      // this command asked for it: refused for more than its key, it leaves nothing that a later run would pay for
    bool unsaved = false;   // changed in this turn
    bool rests = false;     // nothing more happens in this run
    Rare<Error> why_rests;
    bool busy = false;      // a request of it is under way
    bool paid_under_way = false;
    bool queued = false;    // in its lane, or among the polls or fetches that are due
    bool slot = false;      // counts among the lane's jobs under way
    enum class Flight { none, request, download } flight = Flight::none;  // counts among the route's requests under way
    Money counted, before;  // what it costs now, and what it did before this run
    // Of it, what this run pays. An earlier one's money that comes back is nothing that this one could spend.
    Money of_this_run() const { return Money{std::max<std::int64_t>(0, counted.micros - before.micros)}; }

    struct Place {
        std::filesystem::path path;
        bool force = false;
    };
    Rare<Place> also;   // where the finished clip shall stand too
    Rare<JobId> repeated;  // the failed job whose order this one is, placed anew unasked
    bool withdrawn = false;  // and this run has cancelled it unsent
    Rare<std::string> shown;  // where this command has it, in place of Row::clip

    int failures = 0;       // of requests, in a row
    Rare<Error> last_failure;
    std::optional<core::Moment> trying_since;  // to reach the provider for the submit
    core::Moment accepted{};                   // on the loop's clock
    core::Moment polled_at{};                  // the last time, likewise
    core::Moment unready{};                    // the last time that this run knew it not to be ready
    core::Moment sent_at{};                    // its paid request, likewise
    core::Moment told{};                       // when progress was last told

    bool cancel = false;                   // by the user's word, as the two below
    bool resend = false;
    bool resent = false;                   // and nothing is known of that sending yet
    bool reserved = false;                 // its price counts in this run
    bool repeats = false;                  // the paid request is asked for again by its key: the first one may have been accepted
    std::optional<core::Moment> open_since;  // the last moment at which a lost paid request may have arrived; on the loop's clock, as dates jump
    bool answered = false;                 // the host, in this run
    Rare<std::string> adopt;

    std::vector<backend::Source> sources;  // of the last poll; links expire, so they are not kept
    std::unique_ptr<PartFile> part;
    Rare<Error> fetch_error;      // what the sink refused
    bool converted = false;                // what came was no MP4; tried once
    std::shared_ptr<Conversion> conversion;
    int fresh_tries = 0;                   // downloads begun anew because what came was no clip
    int renewed = 0;                       // links asked for again
    std::optional<core::Moment> no_link_since;
    std::optional<core::Moment> gone_since;  // the provider does not know the job

    unsigned request = 0;  // the number of the last one
    std::optional<http::Client::Ticket> ticket;
    std::optional<http::Loop::Timer> timer;
    core::Moment due{};    // of the timer
};

struct HashOfId {
    std::size_t operator()(const JobId& id) const { return std::hash<std::string>()(id.text); }
};

// The runner's inside. One function per stage; each either sends a request whose answer calls the next, sets a timer, joins a queue,
// or lets the job rest. What they change is saved at once and committed at the end of the turn, before any request leaves.
struct Runner::Impl {
    Deps deps;
    Settings settings;
    std::unordered_map<JobId, Charge, HashOfId> charges;
    std::map<std::string, Lane> lanes;        // by route and model
    std::map<std::string, Traffic> traffic;   // by route
    std::vector<JobId> asked;  // in the order of add and resume
    std::vector<JobId> fresh;  // inserted by us
    std::unordered_map<std::string, JobId> places;  // outputs, and whose they are
    std::set<std::filesystem::path> folders;        // that take files
    std::set<std::string> strange_words;            // of providers, that were told
    std::set<std::filesystem::path> roomy;          // looked at in this turn
    std::mt19937_64 random;
    std::atomic<int> interrupts = 0;
    std::optional<ErrorKind> leaving;                  // cancelled: Ctrl-C; pending: the time-out; local: the ledger failed
    std::optional<Error> ledger_error;
    std::filesystem::path rescue;                      // where ids are that the ledger could not take
    bool running = false;
    bool ran = false;
    std::size_t active = 0;                            // charges that do not rest
    std::size_t watched = 0;                           // of them: watched
    int under_way = 0;                                 // jobs that hold a slot
    std::string last_lane;                             // that a job was taken from
    std::optional<http::Loop::Timer> pump_timer;
    Money spent;                                       // reserved and settled by this run
    Money ended_cost;                                  // of it: jobs that rest
    core::Moment started{};
    using LinkKey = std::tuple<std::string, std::string, std::string, double, std::string>;  // route, base URL, model, length, resolution
    std::map<LinkKey, std::shared_ptr<const Link>, std::less<>> links;
    std::vector<std::function<void()>> after_commit;
    std::vector<JobId> ends;                           // to be told of once they are on disk
    std::vector<JobId> opened;                         // in this turn
    bool turn_end_asked = false;
    std::shared_ptr<bool> alive = std::make_shared<bool>(true);  // for calls that the loop keeps longer than we live

    Impl(Deps d, Settings s);
    ~Impl();

    // turn.cpp: the machinery
    Charge& take(Row row, bool ours);
    Result<bool> claim(Charge& charge);  // and its row as it stands now: another process may have had it until this moment
    bool open_up(Charge& charge);    // false: it rests, with the reason
    void put_away(Charge& charge);   // where nothing is lost by it
    void advance(Charge& charge);
    void later(Charge& charge, std::chrono::milliseconds delay, void (Impl::*next)(Charge&));
    void send(Charge& charge, http::Request request, http::Client::Done done);  // leaves after the commit of this turn
    bool save(Charge& charge, const std::string& note = {});                    // false: the job rests, with the reason
    bool move(Charge& charge, Stage stage, const std::string& note = {});
    void drop_requests(Charge& charge);
    void tell(Charge& charge, bool now = true);
    void at_turn_end();
    void commit();
    void ledger_failed(const Error& why);
    void write_rescue(const Error& why);
    Result<> connect(Charge& charge);
    double dice() { return std::uniform_real_distribution<double>(0, 1)(random); }
    template <class T>
    void carry(JobId id, http::Step<T> step, std::function<void(Charge&, Result<T>)> done, int hops = 0);
    Charge* find(const JobId& id);

    void leave(ErrorKind why);
    Error why_left(Charge& charge);
    bool over();

    // ends.cpp: how a job ends in this run
    void rest(Charge& charge, std::optional<Error> why = {});
    void rest_at_once(Charge& charge, std::optional<Error> why);  // it ended before this run: nothing to tell of
    void announce(Charge& charge);
    void tell_end(const JobId& id);
    void finish(Charge& charge);  // rests at a final stage; its clip also stands where this command asked for it
    void place_again(const JobId& failed);
    Charge& put_in_place_of(Charge& charge, Row row);  // of what the command asked for; charge is gone
    void withdraw(Charge& charge);                     // a job placed anew that was never sent

    // traffic.cpp: whose turn it is
    void pump();
    bool pump_lane(Lane& lane, std::chrono::milliseconds& soonest);
    void pump_traffic(Traffic& road);
    void enqueue(Charge& charge);          // planned: waits in its lane
    void take_slot(Charge& charge);
    void free_slot(Charge& charge);
    void take_off(Charge& charge, Charge::Flight flight);
    void land_flight(Charge& charge);
    void reached(Charge& charge);
    void not_reached(Charge& charge);
    std::chrono::milliseconds until_probe(const Charge& charge);
    int share_of_jobs() const;
    int share_of_requests() const;
    Result<> reserve(Charge& charge);      // the price, in the budget
    Result<> may_spend(const Row& row, const Limits& limits);
    bool is_full(const Lane& lane) const;  // with all that is under way, the others' shares kept free

    // extras.cpp: what the provider made beside it
    Result<Charge*> put_beside(Charge& charge, int number, const Row::Sending& sent, const std::string& note);
    bool settle_first(Charge& charge);
    bool part_with_first(Charge& charge);
    bool back_to_first(Charge& charge, const std::string& why, bool reserved);
    void doubt_stays(Charge& charge);
    void vanish(Charge& charge, const std::string& why);
    void keep_others(Charge& charge, const backend::Ready& ready);

    // submit.cpp: planned, submitting, unknown
    void submit(Charge& charge);
    void submitted(Charge& charge, Result<backend::Accepted> answer);
    void lost(Charge& charge, const std::string& why);
    void look_for(Charge& charge);
    void adopt(Charge& charge);
    void looked(Charge& charge, Result<backend::Found> found, std::chrono::milliseconds age);
    bool may_ask(Charge& charge);          // false: it waits among the polls
    Result<std::vector<backend::Handle>> not_others(const Charge& charge, const std::vector<backend::Handle>& found);
    Result<std::optional<JobId>> rival_of(Charge& charge);
    void accept(Charge& charge, const backend::Handle& handle, const std::string& note, bool ended = false);
    void first_poll(Charge& charge);
    void refuse(Charge& charge, const Error& error);
    void slow_down(Charge& charge, std::chrono::milliseconds wait, bool by_its_word);
    std::chrono::milliseconds until_submit(const Charge& charge) const;
    void not_sent(Charge& charge, const std::optional<Error>& why);
    void cut(Charge& charge);

    // wait.cpp: rendering, and jobs of other processes
    void watch(Charge& charge);
    void poll(Charge& charge);
    void polled(Charge& charge, Result<backend::JobState> state);
    void warn_of_word(const Charge& charge, const std::string& word);
    void heard(Charge& charge, const backend::JobState& state);
    void settle(Charge& charge, const std::optional<Money>& billed);
    bool out_of_time(const Charge& charge) const;
    void cancel_remotely(Charge& charge);

    // fetch.cpp: ready, downloading
    void fetch(Charge& charge);
    void take_from_answer(Charge& charge);
    void download(Charge& charge, http::Request request, int hops);
    void downloaded(Charge& charge, const http::Request& request, int hops, Result<http::Response> answer);
    void try_again(Charge& charge, const Error& error);
    void part_failed(Charge& charge, const Error& error);
    void link_expired(Charge& charge, const Error& error);
    void ended_downloading(Charge& charge, core::Moment begun, bool well, bool silent);
    void verify(Charge& charge);
    void no_clip(Charge& charge, const Error& error);
    void convert(Charge& charge);  // convert.cpp
    void converting(Charge& charge);
    void land(Charge& charge);
    void landed(Charge& charge, const std::filesystem::path& clip);
    json request_of(Charge& charge);
};

// Carries a conversation out to its end. Free GETs follow redirects by the rules; a paid request leaves once, as a submit does.
template <class T>
void Runner::Impl::carry(JobId id, http::Step<T> step, std::function<void(Charge&, Result<T>)> done, int hops) {
    auto* charge = find(id);
    if (!charge) return;
    auto* asking = std::get_if<http::Ask<T>>(&step);
    if (!asking) {
        charge->busy = charge->paid_under_way = false;
        return done(*charge, http::outcome(std::move(step)));
    }
    auto request = std::move(asking->request);
    if (request.paid) {
        if (auto may = reserve(*charge); !may) {
            charge->busy = false;
            return not_sent(*charge, may.error());
        }
        // The intent, on disk before the first byte: send() waits for the commit.
        charge->row().body_sha256 = http::body_digest(request);
        charge->row().attempt++;
        if (!charge->repeats) charge->row().submitted = deps.clock.wall();  // a key is as old as its first sending
        charge->row().unsent = false;
        charge->paid_under_way = true;
        // A host that answers with the finished clip is silent for long, and says so.
        if (!request.timeout) request.timeout = std::max<std::chrono::milliseconds>(std::chrono::minutes(3), request.idle_timeout);
        if (!move(*charge, Stage::submitting)) return;
    }
    charge->busy = true;
    const bool may_follow = !request.paid && request.method == "GET";
    auto plain = may_follow ? request : http::Request{};  // a body may be large: it is not kept twice
    auto read = [this, id, plain = std::move(plain), may_follow, then = std::move(asking->then), done = std::move(done), hops](Result<http::Response> answer) mutable {
        auto* charge = find(id);
        if (!charge) return;
        if (!answer) return carry<T>(id, answer.error(), std::move(done));
        const bool redirect = answer->status >= 301 && answer->status <= 308 && !answer->header("Location").empty();
        if (redirect && may_follow) {
            auto next = http::follow(plain, *answer, charge->link->connection.fetch, hops + 1);
            if (!next) return carry<T>(id, next.error(), std::move(done));
            return carry<T>(id, http::Ask<T>{*std::move(next), std::move(then), {}}, std::move(done), hops + 1);
        }
        carry<T>(id, then(*answer), std::move(done));
    };
    send(*charge, std::move(request), std::move(read));
}

// The clip came within an answer: it is in no other place.
bool is_here(const backend::JobState& state);

// output.cpp: checks of the place where a clip shall go, before money is spent.
Result<> check_output(const std::filesystem::path& output, bool force);
std::filesystem::path sidecar_path(const std::filesystem::path& clip);
bool sidecar_is_free(const std::filesystem::path& clip);  // nothing is there, or a sidecar of ours
// What stands in that place is this row's of the same batch: made for another order of it (where the batch chose the name), or its own
// clip, which somebody changed. `here`: the clip is where the row has it.
bool is_of_same_row(Ledger& ledger, const std::filesystem::path& place, const Wanted& wanted, const Row& own, bool here);
Result<> write_sidecar(const Row& row);
bool clip_is_there(const Row& row);  // the saved file, by its SHA-256
// Copies the saved clip to where it is wanted now, sidecar too; done where it is there already. Errors: local, usage (exists).
Result<> copy_clip(const Row& row, const std::filesystem::path& to, bool force);

}  // namespace shotwire::job
