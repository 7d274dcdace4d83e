#pragma once
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/json.hpp"
#include "http/digest.hpp"
#include "http/message.hpp"
#include "media/mp4.hpp"
#include "shotwire/order.hpp"

namespace shotwire::job {

// A clip on its way to disk: `clip.mp4.JOB.part`, which a later run goes on with where the server proves that it is the same file.
class PartFile {
public:
    // With the job's id, so that whatever has that name is the job's.
    static std::filesystem::path name(const std::filesystem::path& output, const std::string& job);
    // A file of that name was made: `known` (Row::part) was written by an open part.
    static bool was_open(const json& known) { return known.contains("boot"); }
    // Opens or makes the file that `known` names (and its validator, total, sums): a part of another boot of the machine, or
    // without a validator, starts over. Errors: local.
    static Result<PartFile> open(const json& known);

    // Range and If-Range for what is missing.
    void ask_for_rest(http::Request& request) const;
    // What the answer's head makes of the part: go on behind it (206, the right place), or start over (200). Errors: provider
    // (a range that was not asked for, too long), local (no room).
    Result<> begin(const http::Response& head, std::uint64_t most);
    bool write(std::string_view piece);  // false: see `error`
    // All that was announced has come. Errors: provider (short), local.
    Result<> finish();
    // The sums that the server named are those of all bytes. Errors: provider, local.
    Result<> check_sums();
    // That file, synced, in place of what is there. Errors: local.
    Result<> take(const std::filesystem::path& other);
    void restart();  // what is there is not to be trusted
    void discard();  // nor is anything of it to be left

    json known() const;  // for Row::part
    std::uint64_t bytes() const { return bytes_; }
    std::uint64_t total() const { return total_; }  // 0: not announced
    const std::filesystem::path& path() const { return path_; }
    std::string sha256();      // of all bytes, after finish
    bool is_in_place() const;  // its name still leads to what was written, all of it
    std::string head() const;  // its first bytes, to tell what it is
    const std::optional<Error>& error() const { return error_; }
    // Its file is gone, to be fetched anew: the disk lost some of it, and what it could not write it may have dropped; or it was no clip.
    bool is_discarded() const { return is_discarded_; }

private:
    Result<> read_all();
    void begin_writing();
    void forget();  // what is known of the bytes
    Result<std::string> md5();

    std::filesystem::path path_;
    core::Fd fd_;
    core::Sha256 hash_;
    std::string sum_;               // of it, once it has ended
    std::optional<core::Md5> md5_;  // from the first byte on, where the server named one
    http::Digests named_;           // by the server, of the whole file
    std::uint64_t bytes_ = 0, total_ = 0, most_ = 0;
    std::uint64_t begun_ = 0;  // the disk was told to write those before it
    std::string validator_;
    std::optional<Error> error_;
    bool is_discarded_ = false;
};

// Downloads of one route at once, as far as this process may open files: each has one beside its socket.
int most_downloads();

// Errors: local, where less is free than the ledger and a clip need at the least.
Result<> room_for_a_submit(const std::filesystem::path& folder);

// The most bytes a clip of that order may have: what no encoder for the web exceeds.
std::uint64_t most_bytes(const Order& order);

// Ordered against delivered: one sentence naming the first difference that matters, none where it is what was ordered.
std::optional<std::string> difference(const Order& order, const media::Measures& clip);

}  // namespace shotwire::job
