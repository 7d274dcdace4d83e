#pragma once
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "catalog/plan.hpp"
#include "core/clock.hpp"
#include "http/client.hpp"
#include "http/redirect.hpp"
#include "job/ledger.hpp"
#include "job/money.hpp"

namespace shotwire::job {

inline constexpr const char* default_output = "{slug}-{id}.mp4";

// An order on its way to the ledger. Its output is a template of the final path: {slug} {model} {index} {take} {seed} {id} {date} {row}.
struct Wanted : Asked {
    Wanted() { output = default_output; }
    Wanted(const Order& order, const catalog::Route& route);
    void send_over(const catalog::Route& route);  // all that a row keeps of it

    Operation operation = Operation::create;  // of the order
    bool again = false;            // a new one even where an equal one exists
    bool named_by_row = false;     // the template is the batch's own: where an earlier clip of this row has the name, this one stands beside it
    bool asks_for_place = true;  // false: where an equal clip is, it may stay; the default output never asks for one
    int index = 0, take = 1;
    int number = 0;         // {index} in the template, where it differs from `index`
};

// What is known of a job while it runs; for progress lines and events.
struct Progress {
    std::optional<double> done;  // 0 to 1, the provider's
    std::optional<int> queue;
    std::chrono::milliseconds elapsed{};    // since the provider took it; before that, since it was put down
    std::chrono::milliseconds in_all{};     // since it was put down
    std::optional<std::chrono::milliseconds> expected;
    std::uint64_t bytes = 0, bytes_total = 0;  // of the download
    std::string word;                          // the provider's word for the state, or why we wait
};

// How a job stands when nothing more happens to it in this run.
struct Outcome {
    Row row;
    std::optional<Error> error;          // none: done
    std::optional<std::string> shown = {};  // where this command has the clip, in place of row.clip
    int index = 0;                       // Wanted::index
    bool extra = false;                  // made by the provider beside the one of that index
};

// How a run stands as a whole.
struct Tally {
    struct Lane {
        std::string route, model;
        std::size_t queued = 0, under_way = 0, most = 0;  // most: at once, where it is limited
        std::chrono::milliseconds rests{};                // it asked us to slow down
        bool down = false;                                // its host is not reached
    };
    std::vector<Lane> lanes;  // with work
    std::size_t queued = 0, under_way = 0, fetching = 0;
    Money spent, reserved;    // by this run: of jobs that have ended, and of the others
};

class Observer {
public:
    virtual ~Observer() = default;
    virtual void changed(const Row& row, const Progress& progress) = 0;  // stage or progress
    virtual void warned(const JobId& job, const std::string& sentence) = 0;
    // Once for each job, when its end is on disk; only where it is wanted, since it costs a look into the ledger.
    virtual bool wants_ends() const { return false; }
    virtual void ended(const Outcome&) {}
};

struct Settings {
    std::chrono::milliseconds timeout = std::chrono::minutes(60);  // of waiting, not of the job
    bool wait = true;                // false: leave once all are submitted
    std::optional<std::chrono::milliseconds> timeout_each = {};  // of waiting for one job since it was accepted; the others go on
    int most_jobs = 16;              // submitted at once; each lane (route and model) has its share
    int retries = 0;                 // of a job that failed at the provider: its order is placed anew
    bool keep_unsent = false;        // what could not be sent stays planned, for the next run
    Limits limits;
    std::function<Limits(const std::string& profile)> limits_of = {};  // of a row that another profile pays for; null: `limits`
    int submits_per_minute = 0;      // 0: the route's
    bool cancel_on_interrupt = false;
    std::chrono::milliseconds connect_patience = std::chrono::minutes(2);
    std::chrono::milliseconds settle_time = std::chrono::seconds(30);  // how long a lost job may take to show up in a list
    std::uint64_t seed = 0;          // of the jitter; 0: random
};

// Where a backend comes from: key and all. Asked once per route and base URL, before the first request to it.
struct Connection {
    std::shared_ptr<const backend::Backend> backend;
    http::FetchRules fetch;
    int submits_per_minute = 0, most_at_once = 0;  // 0: no word
    std::optional<core::Wall> ends;  // the model does, there; nothing is sent from then on
    std::optional<std::chrono::milliseconds> expected;  // the catalogue's word on the render time of a clip
    std::chrono::milliseconds least_poll = std::chrono::seconds(2);  // never more often, unless the provider's hint allows it
};
using Connect = std::function<Result<Connection>(const Row& row)>;

// Drives jobs to their end. One thread, one loop; each turn asks every due row what its stage calls for, commits what changed,
// then lets the requests leave. A crash at any point is resumed by `resume` on the same row: it is the ordinary case.
class Runner {
public:
    struct Deps {
        Ledger& ledger;
        http::Client& client;
        http::Loop& loop;
        const core::Clock& clock;
        Connect connect;
        Observer* observer = nullptr;
        // Makes an MP4 of an AVI or a WebM, on another thread; none: such a clip is told as what it is.
        // `keep_going` turns false when the run ends.
        std::function<Result<>(const std::filesystem::path& from, const std::filesystem::path& to, const std::function<bool()>& keep_going)> to_mp4 = {};
        std::function<bool()> more_to_come = {};  // jobs may be added while it runs: it does not end while this says yes
    };
    Runner(Deps deps, Settings settings);
    ~Runner();
    Runner(Runner&&) noexcept;

    // Puts the order into the ledger and takes charge of it, or joins the equal job that is there: live, done (its clip still
    // on disk, by SHA-256), or unknown. Errors: local; usage (output path); pending where another process works on it is none:
    // then it is watched.
    Result<JobId> add(const Wanted& wanted);
    Result<JobId> resume(const JobId& id_or_prefix);  // with what the provider made beside it
    // Settles an unknown job by the user's word: send again, or take the provider's job as its own. Errors: usage (stage).
    Result<> resend(const JobId& id);
    Result<> adopt(const JobId& id, const std::string& remote_id);
    Result<> cancel(const JobId& id);

    void run();                  // until all jobs rest, the time-out, or an interrupt
    void interrupt() noexcept;   // from a signal handler: once leaves cleanly, twice leaves now

    // How each job that was added or resumed stands, in that order. The error of a job that is not done carries its exit code:
    // pending at a time-out, cancelled at an interrupt, unknown, ...
    using Outcome = job::Outcome;
    std::vector<Outcome> outcomes() const;
    Tally tally() const;

private:
    struct Impl;
    Result<JobId> take_up(const JobId& id_or_prefix);
    JobId with_extras(const JobId& id, const std::vector<Row>& equal);

    std::unique_ptr<Impl> impl_;
};

// What a command says of a row that it did not run: the error by its stage, none where it is done or still under way. That of a job which
// was cancelled is `lasting`, that of one which an interrupt left is not.
std::optional<Error> error_of(const Row& row);

// Which of the rows of one fingerprint stands for that ordinal: what lives or has its clip; else what the provider may have made
// beside one that ended without; else the latest of those. Null: none.
const Row* standing_for(const std::vector<Row>& equal, int ordinal);

// Whose order it is: the same words at another host of the user's are another order.
std::string identity_of(const Order& order, const catalog::Route& route);

// The output template filled; the order is asked for where a placeholder is made of it. Errors: usage: unknown placeholder.
Result<std::string> fill_template(const std::string& text, const std::function<const Order&()>& order, const JobId& id, int index, int take, core::Wall day,
                                  const std::string& batch_row = {});

// What is wrong where another row of the batch has that output already; `named_by_row` as above.
Error output_taken(const std::filesystem::path& output, const std::string& row, bool named_by_row);

// Whether a new file could be made there, without making one; a folder may be asked once for many. Errors: local.
Result<> check_folder(const std::filesystem::path& output);

// Beside each clip: what reproduces and proves it (schema "shotwire.clip/1").
json sidecar_of(const Row& row);
void write_clip(core::ObjectWriter& out, const Row& row);  // all of it but the schema, the job's id, its stage and where the clip is
json order_document(const Row& row);  // an empty object where the ledger's text is none

}  // namespace shotwire::job
