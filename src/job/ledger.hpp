#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/backend.hpp"
#include "core/clock.hpp"
#include "core/json.hpp"
#include "shotwire/job.hpp"
#include "shotwire/order.hpp"

namespace shotwire::job {

// Ended without a clip, so that its order may be placed anew.
inline bool is_over(Stage stage) { return stage == Stage::failed || stage == Stage::rejected || stage == Stage::cancelled; }

// Rows that nobody asked for have ordinals from here on: --takes and --retake end below.
inline constexpr int first_extra_ordinal = 2'000'000;

// What a job is made of. It stays as it is: a later job of the same order starts from it.
struct Asked {
    std::string fingerprint;  // of the order
    int ordinal = 0;          // among equal orders
    std::string order;     // catalog::write_order
    std::string route;
    std::string backend;
    std::string base_url;  // where it went; empty for the local route, whose port changes
    std::string model;
    double seconds = 0;    // of the clip
    std::string resolution;
    std::string profile;   // of the configuration: whose budget it counts against
    std::string batch;     // the batch it was made for, and its row there; empty: none
    std::string batch_row;
    bool moved = false;    // the base URL was the user's
    json dialect = json::object();
    std::optional<Money> price;  // reserved before the submit; none: unknown
    std::string output;  // final path
    bool force = false;  // may replace an existing file
};

// A job is its row. All that is needed to go on with it after a crash, and never a secret.
struct Row : Asked {
    JobId id;
    Stage stage = Stage::planned;

    std::string key;          // idempotency key of the current attempt
    std::string body_sha256;  // of the paid request, committed before it leaves
    int attempt = 0;          // paid requests sent or about to be
    bool unsent = false;      // submitting, but the last sending surely did not arrive: it goes again after a pause
    std::optional<backend::Handle> handle;  // the provider's
    std::string beside;       // the job with which the provider made it, unasked
    int number = 0;           // which clip of the provider's job it is, where that made several

    core::Wall created = {}, updated = {};
    std::optional<core::Wall> submitted, accepted, ready, ended, expires;

    std::optional<std::chrono::milliseconds> took;  // from acceptance to ready, where we were there to see it

    std::optional<Money> settled;  // what the provider says it billed
    Money doubtful;                // what earlier sendings, whose outcome stayed unknown, may have cost
    struct Sending {
        std::string key;
        core::Wall at;
    };
    std::optional<Sending> first;  // sent before this one, by the user's word, and what it made has not shown up yet

    json part = json::object();  // the download under way: file, validator, total
    std::string clip;    // where it was saved: `output`, once done
    std::string sha256;
    json measures = json::object();
    json request = json::object();  // the paid one, for the sidecar: method, url, body; known once the clip is there

    std::optional<Error> error;   // why it failed, or what is wrong with the clip
    std::string note;             // for people: hints about an unknown outcome
    bool cancel_wanted = false;
};

struct HistoryLine {
    core::Wall at;
    std::string from, to;
    std::string note;
};

struct Filter {
    std::vector<Stage> stages;  // empty: all
    std::string route, model;
    std::string batch = {};
    int most = 0;               // newest first; 0: all
};

// What was spent, of one job or of forgotten ones: for `shotwire spend`.
struct Spent {
    std::string day, profile, route, model, batch;  // day: UTC, of the submit
    int jobs = 0;
    Money estimated, settled;  // by the catalogue; as the provider said
};

// SQLite in WAL mode. Changes of one turn stand in one transaction, which the first of them opens and which is on disk
// (synchronous=FULL) when `commit` returned Ok. Only how far a download is may stand in one before it, without a sync: it survives our
// end, not a power loss. After a failed write nothing more is taken (`broken`).
// Every change of stage is checked against the graph and written to the job's history. Errors: local, naming the file.
class Ledger {
public:
    // Creates the folder (0700) and the file where they are missing; waits up to `patience` for other processes; refuses a
    // damaged file, a newer schema and a file that is no ledger, and never writes over them.
    static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& file, const core::Clock& clock,
                                                std::chrono::milliseconds patience = std::chrono::seconds(15));
    virtual ~Ledger() = default;

    virtual Result<std::optional<Row>> find(const std::string& id_or_prefix) = 0;  // usage: ambiguous prefix
    virtual Result<std::vector<Row>> list(const Filter& filter) = 0;
    virtual Result<std::vector<Row>> by_fingerprint(const std::string& fingerprint) = 0;  // by ordinal
    virtual Result<std::vector<HistoryLine>> history(const JobId& id) = 0;
    // What was ordered for a batch, in the order of its making, without the weight of whole rows and what was made beside.
    struct BatchRow {
        std::string row;
        JobId id;
        Stage stage = Stage::planned;
        std::string fingerprint;
        int ordinal = 0;
        std::optional<std::uint64_t> seed;
    };
    virtual Result<std::vector<BatchRow>> batch_rows(const std::string& batch) = 0;
    // Handles of the other jobs at the host of that one: what it must not adopt.
    virtual Result<std::vector<backend::Handle>> other_handles(const Row& row) = 0;

    // A new row, planned and (`claimed`) ours; or the row that has this fingerprint and ordinal already (failed, rejected and
    // cancelled ones do not count: their order may be placed again).
    virtual Result<Row> insert(Row row, bool claimed = true) = 0;
    virtual Result<> save(Row& row, const std::string& note = {}) = 0;  // sets `updated`
    virtual Result<> commit() = 0;
    virtual bool broken() const = 0;
    virtual std::filesystem::path file() const = 0;

    // A lease: one process works on a job. It ends by itself unless it is renewed, and a holder that slept past its end finds `save`
    // refused. False: somebody else holds it.
    virtual Result<bool> claim(const JobId& id) = 0;
    // A look without the write lock, and without the weight of the row.
    struct Look {
        Stage stage = Stage::planned;
        bool claimable = false;
    };
    virtual Result<std::optional<Look>> look(const JobId& id) = 0;  // none: it is not there
    virtual Result<> renew() = 0;  // all of ours
    virtual Result<> release(const JobId& id) = 0;

    // What it cost stays in the accounts.
    virtual Result<> forget(const JobId& id) = 0;

    // What a profile has spent or reserved, on one day or (empty) in all; with what this turn has changed. Within one turn no other
    // process can add to it, so that what is checked against it and saved in the same turn holds over processes.
    virtual Result<Money> account(const std::string& profile, const std::string& day) = 0;
    virtual Result<std::vector<Spent>> spending() = 0;  // by day, profile, route, model and batch; newest day first

    // How long past jobs of that route, model and resolution took from acceptance to ready, newest first, at most 50.
    struct Past {
        double clip_seconds = 0;
        std::chrono::milliseconds took{};
    };
    virtual Result<std::vector<Past>> past(const std::string& route, const std::string& model, const std::string& resolution) = 0;
};

// All of them or none, committed: where another process works on one, none is forgotten. Errors: local.
Result<> forget_together(Ledger& ledger, const std::vector<JobId>& ids);

}  // namespace shotwire::job
