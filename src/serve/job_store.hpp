#pragma once
#include <chrono>
#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "core/json.hpp"
#include "serve/creation.hpp"
#include "shotwire/result.hpp"

namespace shotwire::serve {

// How a fault ends a job before it begins.
struct Fate {
    bool stuck = false;
    std::string code, message;  // not empty: it fails with them
};

// A job as it stands in its folder.
struct Job {
    std::string id;
    std::filesystem::path folder;
    Creation creation;  // images: types only, their bytes are the files in `images`
    std::vector<std::filesystem::path> images;
    Fate fate;
    std::string key;  // hash of its idempotency key
    enum class Status { queued, in_progress, completed, failed } status = Status::queued;
    int progress = 0;
    std::int64_t completed_at = 0;
    std::string sha256;                     // of the clip, once completed
    std::string error_code, error_message;  // once failed

    std::int64_t created_at() const;
    bool ended() const { return status == Status::completed || status == Status::failed; }
    std::filesystem::path clip() const { return folder / "video.mp4"; }
};

struct IdempotencyKey {
    std::string text;         // as the client sent it
    std::string fingerprint;  // of what it asked
};
struct Created {
    std::string id;
    bool replayed = false;
};
struct KeyConflict {
    bool deleted = false;  // else: the key belongs to another request
};

// The jobs of a state folder: jobs/ID/ with job.json (never changed), progress, video.mp4 and end.json (last), keys/ with the
// idempotency keys. All state is on disk, so that several servers can share it and any of them may die. Errors: local.
class JobStore {
public:
    JobStore(std::filesystem::path state, std::chrono::hours keep) : state_(std::move(state)), keep_(keep) {}
    Result<> open();

    // On disk when it returns. With a key that was seen: the job that it made.
    Result<std::variant<Created, KeyConflict>> create(const Creation& creation, const Fate& fate, const std::optional<IdempotencyKey>& key);
    std::optional<Job> find(const std::string& id) const;  // none: unknown, deleted or expired
    std::vector<std::string> ids() const;                  // oldest first
    std::vector<std::string> unfinished();                 // oldest first
    Result<> remove(const Job& job);
    void remove_expired();

    // For whoever holds the job's lock.
    Result<> complete(const Job& job, const std::filesystem::path& rendered);
    Result<> fail(const Job& job, const std::string& code, const std::string& message);

    std::int64_t expires_at(const Job& job) const { return job.completed_at + std::chrono::seconds(keep_).count(); }
    static bool is_id(const std::string& text);

private:
    std::filesystem::path jobs() const { return state_ / "jobs"; }
    std::filesystem::path key_record(const std::string& hash) const { return state_ / "keys" / (hash + ".json"); }
    std::string next_id();
    Result<> write(const std::string& id, const Creation& creation, const Fate& fate, const std::string& key) const;
    Result<> end(const Job& job, const json& how);

    std::filesystem::path state_;
    std::chrono::hours keep_;
    std::mutex mutex_;
    std::int64_t last_ = 0;           // microseconds in the newest id
    std::set<std::string> finished_;  // seen ended: no need to look again
};

// The video job object of the protocol.
json to_json(const Job& job, std::int64_t expires_at);

}  // namespace shotwire::serve
