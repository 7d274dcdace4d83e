#include "serve/job_store.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::serve {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono;

constexpr auto prefix = "video_";
constexpr std::size_t time_digits = 14, id_digits = 32;  // hexadecimal: microseconds first, so that names sort by age

std::int64_t now_seconds() { return duration_cast<seconds>(system_clock::now().time_since_epoch()).count(); }

std::optional<json> read_json_file(const fs::path& path) {
    const auto text = core::read_file(path, 1 << 20);
    if (!text) return std::nullopt;
    auto value = core::parse_json(*text, path.string());
    if (!value || !value->is_object()) return std::nullopt;
    return *value;
}

json spec_of(const Creation& creation, const Fate& fate, const std::string& key) {
    json types = json::array();
    for (const auto& image : creation.images) types.push_back(image.media_type);
    return {{"model", creation.model}, {"prompt", creation.prompt}, {"width", creation.width}, {"height", creation.height},
            {"seconds", creation.seconds}, {"fps", creation.fps}, {"seed", creation.seed}, {"audio", creation.audio},
            {"shot", creation.shot}, {"images", types}, {"remixed_from", creation.remixed_from}, {"key", key},
            {"stuck", fate.stuck}, {"fails_with", fate.code}, {"fails_because", fate.message}};
}

std::string image_name(std::size_t index, const std::string& type) { return fmt::format("image-{}.{}", index, type.substr(type.find('/') + 1)); }

void read_spec(Job& job, const json& spec) {
    auto& creation = job.creation;
    creation.model = spec.value("model", "");
    creation.prompt = spec.value("prompt", "");
    creation.width = spec.value("width", 0);
    creation.height = spec.value("height", 0);
    creation.seconds = spec.value("seconds", 0.0);
    creation.fps = spec.value("fps", 24);
    creation.seed = spec.value("seed", std::uint64_t(0));
    creation.audio = spec.value("audio", true);
    creation.shot = spec.value("shot", json());
    creation.remixed_from = spec.value("remixed_from", "");
    for (const auto& type : spec.value("images", json::array())) {
        creation.images.push_back({{}, type.get<std::string>()});
        job.images.push_back(job.folder / image_name(job.images.size(), type.get<std::string>()));
    }
    job.key = spec.value("key", "");
    job.fate = {spec.value("stuck", false), spec.value("fails_with", ""), spec.value("fails_because", "")};
}

void read_end(Job& job, const json& end) {
    job.completed_at = end.value("completed_at", std::int64_t(0));
    job.sha256 = end.value("sha256", "");
    job.error_code = end.value("error_code", "");
    job.error_message = end.value("error_message", "");
    job.status = job.sha256.empty() ? Job::Status::failed : Job::Status::completed;
    if (job.status == Job::Status::completed) job.progress = 100;
}

std::string_view word(Job::Status status) {
    switch (status) {
        case Job::Status::queued: return "queued";
        case Job::Status::in_progress: return "in_progress";
        case Job::Status::completed: return "completed";
        case Job::Status::failed: break;
    }
    return "failed";
}

// Out of sight at once, so that nobody sees half a job.
void remove_folder(const fs::path& folder) {
    const auto trash = folder.parent_path() / (".gone-" + core::random_id("", 12));
    std::error_code ignored;
    fs::rename(folder, trash, ignored);
    fs::remove_all(trash, ignored);
}

// What a server left when it died between two steps. Another one may be filling such a folder now: only old ones go.
void sweep(const fs::path& jobs) {
    std::error_code failed, ignored;
    const auto old = fs::file_time_type::clock::now() - 10min;
    std::vector<fs::path> left;
    for (fs::directory_iterator entry(jobs, failed), end; !failed && entry != end; entry.increment(failed)) {
        const auto name = entry->path().filename().string();
        const auto changed = fs::last_write_time(entry->path(), ignored);
        if ((name.starts_with(".new-") || name.starts_with(".gone-")) && !ignored && changed < old) left.push_back(entry->path());
    }
    for (const auto& folder : left) fs::remove_all(folder, ignored);
}

}  // namespace

std::int64_t Job::created_at() const {
    return std::int64_t(std::stoull(id.substr(std::string_view(prefix).size(), time_digits), nullptr, 16)) / 1'000'000;
}

bool JobStore::is_id(const std::string& text) {
    const auto digits = std::string_view(text).substr(std::min(text.size(), std::string_view(prefix).size()));
    return text.starts_with(prefix) && digits.size() == id_digits && digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Result<> JobStore::open() {
    for (const auto& folder : {state_, jobs(), state_ / "keys"})
        if (auto made = core::make_private_folder(folder); !made) return made;
    sweep(jobs());
    return Ok{};
}

std::string JobStore::next_id() {
    const std::lock_guard lock(mutex_);
    const auto now = duration_cast<microseconds>(system_clock::now().time_since_epoch()).count();
    last_ = std::max<std::int64_t>(now, last_ + 1);
    return fmt::format("{}{:0{}x}{}", prefix, last_, time_digits, core::hex(core::random_bytes((id_digits - time_digits) / 2)));
}

Result<> JobStore::write(const std::string& id, const Creation& creation, const Fate& fate, const std::string& key) const {
    const auto folder = jobs() / (".new-" + core::random_id("", 12));
    if (auto made = core::make_private_folder(folder); !made) return made;
    const auto fill = [&]() -> Result<> {
        for (std::size_t i = 0; i < creation.images.size(); ++i) {
            const auto& image = creation.images[i];
            if (auto written = core::write_file(folder / image_name(i, image.media_type), image.bytes, core::Existing::keep, 0600); !written) return written;
        }
        if (auto written = core::write_file(folder / "job.json", core::dump(spec_of(creation, fate, key)), core::Existing::keep, 0600); !written) return written;
        return core::publish(folder, jobs() / id, core::Existing::replace);
    };
    auto filled = fill();
    std::error_code ignored;
    if (!filled) fs::remove_all(folder, ignored);
    return filled;
}

Result<std::variant<Created, KeyConflict>> JobStore::create(const Creation& creation, const Fate& fate, const std::optional<IdempotencyKey>& key) {
    using Outcome = std::variant<Created, KeyConflict>;
    if (!key) {
        const auto id = next_id();
        if (auto written = write(id, creation, fate, {}); !written) return written.error();
        return Outcome(Created{id});
    }
    const auto hash = core::sha256_hex(key->text);
    const auto lock = core::FileLock::lock(state_ / "keys" / (hash.substr(0, 2) + ".lock"));
    if (!lock) return lock.error();
    std::string id;
    if (const auto record = read_json_file(key_record(hash))) {
        id = record->value("id", "");
        if (record->value("fingerprint", "") != key->fingerprint) return Outcome(KeyConflict{});
        if (find(id)) return Outcome(Created{id, true});
        if (record->value("deleted", false)) return Outcome(KeyConflict{true});
        // The server died between the record and the job: the job is made now, under the id that was meant for it.
    } else {
        id = next_id();
        const json intent{{"id", id}, {"fingerprint", key->fingerprint}};
        if (auto written = core::write_file(key_record(hash), core::dump(intent), core::Existing::replace, 0600); !written) return written.error();
    }
    if (auto written = write(id, creation, fate, hash); !written) return written.error();
    return Outcome(Created{id});
}

std::optional<Job> JobStore::find(const std::string& id) const {
    if (!is_id(id)) return std::nullopt;
    Job job;
    job.id = id;
    job.folder = jobs() / id;
    const auto spec = read_json_file(job.folder / "job.json");
    const auto end = read_json_file(job.folder / "end.json");
    if (!spec) return std::nullopt;
    try {
        read_spec(job, *spec);
        if (end) read_end(job, *end);
    } catch (const json::exception&) {
        return std::nullopt;  // not written by us
    }
    if (job.ended()) return expires_at(job) > now_seconds() ? std::optional(std::move(job)) : std::nullopt;
    if (const auto progress = core::read_file(job.folder / "progress", 64)) {
        job.status = Job::Status::in_progress;
        job.progress = std::clamp(int(std::strtod(progress->c_str(), nullptr) * 100), 0, 99);
    }
    return job;
}

std::vector<std::string> JobStore::ids() const {
    std::vector<std::string> found;
    std::error_code failed;
    for (fs::directory_iterator entry(jobs(), failed), end; !failed && entry != end; entry.increment(failed))
        if (auto name = entry->path().filename().string(); is_id(name)) found.push_back(std::move(name));
    std::sort(found.begin(), found.end());
    return found;
}

std::vector<std::string> JobStore::unfinished() {
    auto found = ids();
    const std::lock_guard lock(mutex_);
    std::erase_if(found, [&](const std::string& id) {
        if (finished_.contains(id)) return true;
        const bool ended = ::access((jobs() / id / "end.json").c_str(), F_OK) == 0;
        if (ended) finished_.insert(id);
        return ended;
    });
    return found;
}

Result<> JobStore::remove(const Job& job) {
    if (!job.key.empty()) {
        // First: a repeated request must not bring it back.
        auto record = read_json_file(key_record(job.key)).value_or(json::object());
        record["deleted"] = true;
        if (auto written = core::write_file(key_record(job.key), core::dump(record), core::Existing::replace, 0600); !written) return written;
    }
    remove_folder(job.folder);
    const std::lock_guard lock(mutex_);
    finished_.erase(job.id);
    return Ok{};
}

void JobStore::remove_expired() {
    const auto now = now_seconds();
    std::error_code ignored;
    for (const auto& id : ids()) {
        const auto folder = jobs() / id;
        const auto end = read_json_file(folder / "end.json");
        if (!end || end->value("completed_at", now) + seconds(keep_).count() > now) continue;
        const auto spec = read_json_file(folder / "job.json");
        const auto key = spec ? spec->value("key", "") : "";
        if (!key.empty()) fs::remove(key_record(key), ignored);
        remove_folder(folder);
        const std::lock_guard lock(mutex_);
        finished_.erase(id);
    }
}

Result<> JobStore::end(const Job& job, const json& how) {
    auto written = core::write_file(job.folder / "end.json", core::dump(how), core::Existing::replace, 0600);
    if (!written) return written;
    const std::lock_guard lock(mutex_);
    finished_.insert(job.id);
    return Ok{};
}

Result<> JobStore::complete(const Job& job, const fs::path& rendered) {
    {
        const core::Fd fd(::open(rendered.c_str(), O_RDONLY | O_CLOEXEC));
        if (!fd || ::fsync(fd.get()) != 0) return core::system_error("sync", rendered);
    }
    const auto sha256 = core::sha256_of_file(rendered);
    if (!sha256) return sha256.error();
    if (auto published = core::publish(rendered, job.clip(), core::Existing::replace); !published) return published;
    return end(job, {{"completed_at", now_seconds()}, {"sha256", *sha256}});
}

Result<> JobStore::fail(const Job& job, const std::string& code, const std::string& message) {
    return end(job, {{"completed_at", now_seconds()}, {"error_code", code}, {"error_message", message}});
}

json to_json(const Job& job, std::int64_t expires_at) {
    const auto& creation = job.creation;
    json object{{"id", job.id},
                {"object", "video"},
                {"model", creation.model},
                {"status", word(job.status)},
                {"progress", job.progress},
                {"created_at", job.created_at()},
                {"completed_at", job.ended() ? json(job.completed_at) : json()},
                {"expires_at", job.status == Job::Status::completed ? json(expires_at) : json()},
                {"prompt", creation.prompt},
                {"size", to_string(Size{creation.width, creation.height})},
                {"seconds", core::print_number(creation.seconds)},
                {"remixed_from_video_id", creation.remixed_from.empty() ? json() : json(creation.remixed_from)},
                {"error", nullptr}};
    if (job.status == Job::Status::failed) object["error"] = {{"code", job.error_code}, {"message", job.error_message}};
    return object;
}

}  // namespace shotwire::serve
