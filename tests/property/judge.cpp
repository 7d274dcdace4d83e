#include <algorithm>

#include "core/hash.hpp"
#include "fault/invariants.hpp"
#include "history.hpp"
#include "job/sqlite.hpp"

// The invariants of a ledger, an output folder and a provider's book. Each is told by its number: I1 paid once, I2 intent first,
// I3 no clip lost, I4 whole or absent, I7 ledger sound, I8 truthful, I9 bounded load, I11 it ends, I12 again is free.
namespace shotwire::test {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string key_of(const http::Request& request) {
    for (const auto& header : request.headers)
        if (header.name == "Idempotency-Key") return header.value;
    return {};
}

// The graph of a job's life as it is drawn for people, not as the code has it.
bool drawn(const std::string& from, const std::string& to) {
    static const std::map<std::string, std::set<std::string>> arrows{
        {"", {"planned"}},
        {"planned", {"submitting", "failed", "cancelled"}},
        {"submitting", {"planned", "unknown", "rendering", "failed", "rejected"}},
        {"unknown", {"rendering", "submitting", "failed"}},
        {"rendering", {"ready", "failed", "rejected", "cancelled", "expired"}},
        {"ready", {"downloading", "expired", "failed"}},
        {"downloading", {"done", "mismatch", "ready", "expired", "failed"}},
        {"done", {"ready"}},  // its file was removed: fetched again
        {"mismatch", {"ready"}},
    };
    const auto row = arrows.find(from);
    return row != arrows.end() && row->second.contains(to);
}

[[noreturn]] void broken(const char* which, const job::Row& row, const std::string& what) {
    throw Violation{which, "job " + row.id.text + " (" + std::string(to_string(row.stage)) + "): " + what};
}

}  // namespace

// Before the first byte of a paid request leaves, another process could read in the ledger all that is needed to find its job.
void History::judge_request(const http::Request& request) {
    if (!request.paid) return;
    const auto key = key_of(request);
    const auto there = rows();
    const auto row = std::find_if(there.begin(), there.end(), [&](const job::Row& each) { return each.key == key; });
    if (key.empty() || row == there.end()) throw Violation{"I2", "a paid request leaves whose key is in no row of the ledger"};
    if (row->stage != Stage::submitting) broken("I2", *row, "its paid request leaves");
    if (row->unsent) broken("I2", *row, "its paid request leaves while its row says that it was not sent");
    if (row->body_sha256 != http::body_digest(request)) broken("I2", *row, "its row has the digest of another body");
    if (row->attempt < 1 || !row->submitted || !row->price || core::field_or(job::order_document(*row), "/prompt", "").empty()) broken("I2", *row, "its row lacks the attempt, its time, its price or its order");
    const auto [known, fresh] = job_of_key_.emplace(key, row->id.text);
    if (!fresh && known->second != row->id.text) broken("I2", *row, "the key was that of job " + known->second);
}

void History::judge_end(const Process& how, Time took, int requests, std::size_t jobs) const {
    // A submit under way is awaited for ten seconds, by the design.
    if (took > how.settings.timeout + 15s) throw Violation{"I11", "a process with a time-out of " + std::to_string(how.settings.timeout.count() / 1000) + " s took " + std::to_string(took.count() / 1000) + " s"};
    if (requests > 60 + int(jobs) * int(took / 1s)) throw Violation{"I9", std::to_string(requests) + " requests in " + std::to_string(took.count() / 1000) + " s"};
}

void History::judge_outcomes(const Process& how, const Ran& ran) {
    for (const auto& outcome : ran.outcomes) {
        const auto& row = outcome.row;
        const auto& error = outcome.error;
        const auto kind = error ? error->kind : ErrorKind(0);
        const auto is = [&](std::initializer_list<ErrorKind> kinds) { return std::find(kinds.begin(), kinds.end(), kind) != kinds.end(); };
        const auto told = error ? "told as " + std::to_string(int(kind)) + ": " + error->message : std::string("told as a success");
        using enum ErrorKind;
        switch (row.stage) {
            case Stage::done:
                if (error && !is({usage, local, cancelled})) broken("I8", row, told);
                if (!error) judge_clip(row);
                break;
            case Stage::mismatch:
                if (!error) broken("I8", row, told);
                judge_clip(row);
                break;
            case Stage::submitting:
                if (is({pending})) break;  // another process seems to be at it
                [[fallthrough]];
            case Stage::unknown:
                // Where the user's own way out failed, that is the news.
                if (!error || (!is({ErrorKind::unknown, auth, cancelled, usage}) && !resends_.contains(row.id.text) && !adopted_.contains(row.id.text))) broken("I8", row, told);
                break;
            case Stage::rejected:
                if (!is({rejected})) broken("I8", row, told);
                break;
            case Stage::expired:
                if (!is({provider, rejected})) broken("I8", row, told);
                break;
            case Stage::cancelled:
                if (!error && !cancelled_.contains(row.id.text)) broken("I8", row, told);
                break;
            case Stage::failed:
                if (!error) broken("I8", row, told);
                break;
            default:
                if (!error && how.settings.wait) broken("I8", row, told);
                if (error && error->message.empty()) broken("I8", row, "no reason is given");
        }
    }
}

void History::judge_books() {
    const auto there = rows();
    std::map<std::string, const job::Row*> by_id;
    std::map<std::string, std::string> owner_of;  // of the provider's jobs
    for (const auto& row : there) {
        by_id[row.id.text] = &row;
        judge_history(row);
        if (!row.handle) continue;
        const auto [owner, fresh] = owner_of.emplace(provider_->remote_id(*row.handle), row.id.text);
        // Who is told to adopt another's job has it until that one asks for its own once more, by its key.
        const bool told = adopted_.contains(row.id.text) || adopted_.contains(owner->second);
        if (!fresh && !told) broken("I3", row, "it and job " + owner->second + " have the same job of the provider");
    }
    std::map<std::string, int> paid;
    for (const auto& made : host_.book())
        if (const auto sender = job_of_key_.find(made.key); sender != job_of_key_.end() && ++paid[sender->second] > 1 + resends_[sender->second])
            throw Violation{"I1", "job " + sender->second + " was paid " + std::to_string(paid[sender->second]) + " times, and sent again by the user " + std::to_string(resends_[sender->second]) + " times"};
    // Sendings whose outcome is open, of each job that was asked for: its own, an earlier one that it still keeps in mind, and those that
    // became jobs beside it.
    const auto root_of = [&](const job::Row& row) {
        const auto* one = &row;
        while (by_id.contains(one->beside)) one = by_id.at(one->beside);
        return one->id.text;
    };
    std::map<std::string, int> open;
    for (const auto& row : there) {
        const bool waits = (row.stage == Stage::submitting || row.stage == Stage::unknown) && !row.handle && !(row.stage == Stage::submitting && row.unsent);
        open[root_of(row)] += int(waits) + int(bool(row.first));
    }
    for (const auto& made : host_.book()) {
        const auto sender = job_of_key_.find(made.key);
        if (sender == job_of_key_.end()) throw Violation{"I1", "the provider accepted " + made.id + ", which no job asked for"};
        if (!by_id.contains(sender->second)) throw Violation{"I3", "the provider's " + made.id + " is of job " + sender->second + ", which is no longer in the ledger"};
        const auto& row = *by_id.at(sender->second);
        if (owner_of.contains(made.id)) {
            const auto& owner = *by_id.at(owner_of.at(made.id));
            if (owner.id != row.id && !adopted_.contains(owner.id.text) && !adopted_.contains(row.id.text) && root_of(owner) != root_of(row)) broken("I3", owner, "it has " + made.id + ", which job " + row.id.text + " asked for");
            if (owner.stage == Stage::expired && !made.gone && made.end == FlakyHost::End::clip) broken("I3", owner, "the provider still has its clip");
            if (owner.stage == Stage::failed && !made.gone && !made.cancelled && made.end != FlakyHost::End::broken) broken("I3", owner, "at the provider it did not fail");
            if (owner.stage == Stage::rejected && made.end != FlakyHost::End::refused) broken("I3", owner, "at the provider it was not refused");
            if (owner.stage == Stage::cancelled && !made.cancelled) broken("I3", owner, "at the provider it was not cancelled");
            continue;
        }
        // Nobody has it: then one sending that is open stands for it, or the user gave it up: for the provider's job of another, or for a
        // second sending where nobody can be asked for the first.
        const bool given_up = made.gone || adopted_.contains(row.id.text) || (resends_[row.id.text] && !provider_->can_find);
        if (--open[root_of(row)] < 0 && !given_up) broken("I3", row, "the provider accepted " + made.id + " for it, and the ledger does not know");
    }
}

void History::judge_history(const job::Row& row) const {
    const auto lines = on_disk_->history(row.id);
    if (!lines || lines->empty()) broken("I7", row, "it has no history");
    std::string at;
    for (const auto& line : *lines) {
        if (line.from != at) broken("I7", row, "its history goes from " + at + " on with " + line.from);
        if (line.from != line.to && !drawn(line.from, line.to)) broken("I7", row, "its history goes from " + line.from + " to " + line.to);
        at = line.to;
    }
    if (at != to_string(row.stage)) broken("I7", row, "its history ends at " + at);
}

void History::judge_clip(const job::Row& row) const {
    const auto bytes = core::read_file(row.clip);
    if (!bytes) broken("I8", row, "its clip is not at " + row.clip);
    if (core::sha256_hex(*bytes) != row.sha256) broken("I4", row, "its clip is not what its row says");
    const bool its_own = row.handle && *bytes == FlakyHost::clip_of(provider_->remote_id(*row.handle));
    if (!its_own && *bytes != clip_bytes()) broken("I4", row, "its clip is another job's");  // one that came with the answer is the bench's
    const auto sidecar = core::read_file(row.clip + ".json");
    const auto document = sidecar ? json::parse(*sidecar, nullptr, false) : json();
    if (core::field_or(document, "/sha256", "") != row.sha256) broken("I4", row, "its sidecar is missing or of another clip");
}

void History::judge_folder() const {
    std::set<std::string> whole{clip_bytes()};
    for (const auto& made : host_.book()) whole.insert(FlakyHost::clip_of(made.id));
    std::set<std::string> parts;
    for (const auto& row : rows()) {
        parts.insert(core::field_or(row.part, "/file", ""));
        if (row.stage == Stage::done && !removed_.contains(row.id.text)) judge_clip(row);
    }
    for (const auto& [path, text] : strangers_)
        if (const auto now = core::read_file(path); !now || *now != text) throw Violation{"I4", "a stranger's file was changed: " + path.filename().string()};
    for (const auto& entry : fs::directory_iterator(folder_.path())) {
        if (entry.is_directory() || strangers_.contains(entry.path())) continue;
        const auto name = entry.path().filename().string();
        const auto bytes = core::read_file(entry.path());
        if (entry.path().extension() == ".mp4" && !whole.contains(*bytes)) throw Violation{"I4", name + " is no whole clip"};
        if (entry.path().extension() == ".part" && !parts.contains(entry.path().string())) throw Violation{"I10", name + " belongs to no job"};
    }
}

// The judge of the fault tests must come to the same end, where the user did nothing that only this one knows of.
void History::judge_as_others_do() const {
    if (!resends_.empty() || !adopted_.empty() || !removed_.empty()) return;
    Book book;
    for (const auto& made : host_.book()) {
        Sale sale{.id = made.id, .prompt = made.prompt, .body = {}, .key = made.key};
        sale.failed = made.end != FlakyHost::End::clip || made.cancelled || made.gone;
        book.sales.push_back(sale);
    }
    Terms terms;
    for (const auto& [path, text] : strangers_) terms.untouched[path] = core::sha256_hex(text);
    const auto broken = broken_invariants(book, ledger_file(), folder_.path(), {.exit = 14}, terms);
    if (!broken.empty()) throw Violation{broken.front().substr(0, broken.front().find(':')), broken.front()};
}

}  // namespace shotwire::test
