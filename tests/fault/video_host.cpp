#include "fault/video_host.hpp"

#include "core/hash.hpp"
#include "support/boxes.hpp"

namespace shotwire::test {
namespace {
namespace fs = std::filesystem;

std::string http_date(std::int64_t seconds) {
    std::time_t time = seconds;
    std::tm parts{};
    ::gmtime_r(&time, &parts);
    char text[64];
    std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    return text;
}

std::string field_of(const Heard& heard, const char* name) {
    const auto body = json::parse(heard.body, nullptr, false);
    return body.is_object() ? core::field_or(body, std::string("/") + name, "") : "";
}

}  // namespace

VideoHost::VideoHost(Options options) : options_(std::move(options)) {
    RawServer::Options raw{.tls = options_.tls, .certificate = options_.certificate, .gates = options_.gates, .on_connect = options_.on_connect};
    raw.on_first_bytes = [this](std::string_view bytes) {
        if (options_.ledger.empty() || !bytes.starts_with("POST")) return;
        std::lock_guard lock(mutex_);
        const auto& copy = copies_.emplace_back();
        for (const char* tail : {"", "-wal"}) {
            std::error_code missing;
            fs::copy_file(options_.ledger.string() + tail, copy.path() / (std::string("ledger.db") + tail), missing);
        }
        last_ledger_ = copy.path();
    };
    server_ = std::make_unique<RawServer>(std::vector<Act>{[this](Peer& peer, const Heard& heard) { return handle(peer, heard); }}, std::move(raw));
}

VideoHost::~VideoHost() = default;

VideoHost& VideoHost::next(Place place, Act act, int times) {
    std::lock_guard lock(mutex_);
    for (int i = 0; i < times; ++i) script_[place].push_back(act);
    return *this;
}
VideoHost& VideoHost::always(Place place, Act act) {
    std::lock_guard lock(mutex_);
    always_[place] = std::move(act);
    return *this;
}
VideoHost& VideoHost::heal() {
    std::lock_guard lock(mutex_);
    script_.clear();
    always_.clear();
    bad_end_.reset();
    change_ = {};
    done_after_ = 1;
    return *this;
}

VideoHost::Place VideoHost::place_of(const Heard& heard) {
    const auto path = heard.target.substr(0, heard.target.find('?'));
    if (path == "/v1/videos") return heard.method == "POST" ? create : list;
    if (!path.starts_with("/v1/videos/")) return other;
    if (path.ends_with("/content")) return content;
    return heard.method == "GET" ? poll : other;
}

bool VideoHost::handle(Peer& peer, const Heard& heard) {
    const auto place = place_of(heard);
    Act act;
    {
        std::lock_guard lock(mutex_);
        book_.calls.push_back({heard.method, heard.target, heard.head, std::chrono::steady_clock::now()});
        if (!options_.key.empty() && heard.header("Authorization") != "Bearer " + options_.key) {
            act = [this](Peer& to, const Heard&) { return to.send(reply_of(401, {{"error", {{"code", "invalid_api_key"}, {"message", "that key is not known"}}}})); };
        } else if (auto& told = script_[place]; !told.empty()) {
            act = told.front();
            told.pop_front();
        } else if (always_.contains(place)) {
            act = always_[place];
        }
        if (place == content) book_.most_downloads = std::max(book_.most_downloads, ++downloads_);
    }
    const bool goes_on = act ? act(peer, heard) : ordinary(place)(peer, heard);
    if (place == content) {
        std::lock_guard lock(mutex_);
        --downloads_;
    }
    return goes_on;
}

VideoHost::Job& VideoHost::sell(const Heard& heard) {
    auto& job = jobs_.emplace_back();
    job.id = "video_" + std::to_string(jobs_.size());
    job.prompt = field_of(heard, "prompt");
    job.model = field_of(heard, "model");
    job.created = now();
    book_.sales.push_back({.id = job.id, .prompt = job.prompt, .body = heard.body, .key = heard.header("Idempotency-Key"), .price = options_.price,
                           .clip_sha256 = core::sha256_hex(clip_of(job.id)), .ledger_then = last_ledger_});
    return job;
}

Act VideoHost::also_for_another(Act act) {
    return [this, act](Peer& peer, const Heard& heard) {
        {
            std::lock_guard lock(mutex_);
            sell(heard);
            book_.sales.pop_back();
        }
        return act(peer, heard);
    };
}

json VideoHost::told(Job& job) {
    const bool failed = bad_end_.has_value(), done = !failed && job.polls >= done_after_;
    json object{{"id", job.id},         {"object", "video"}, {"model", job.model}, {"prompt", job.prompt},
                {"created_at", job.created}, {"status", failed ? "failed" : done ? "completed" : "in_progress"}, {"progress", done ? 100 : 10}};
    if (failed) object["error"] = *bad_end_;
    if (change_) change_(object);
    for (auto& sale : book_.sales)
        if (sale.id == job.id && object["status"] == "failed") sale.failed = true;
    return object;
}

VideoHost::Job* VideoHost::find(const Heard& heard) {
    auto id = heard.target.substr(std::string("/v1/videos/").size());
    id = id.substr(0, id.find_first_of("/?"));
    for (auto& job : jobs_)
        if (job.id == id) return &job;
    return nullptr;
}

std::int64_t VideoHost::now() const {
    return std::chrono::duration_cast<std::chrono::seconds>((std::chrono::system_clock::now() + options_.clock_is_off).time_since_epoch()).count();
}

std::string VideoHost::reply_of(int status, const json& body, std::vector<std::string> headers) const {
    headers.insert(headers.end(), {"Content-Type: application/json", "Date: " + http_date(now()), "openai-poll-after-ms: 20"});
    return http_reply(status, body.dump(), headers);
}

Act VideoHost::sold_then(Act act) {
    return [this, act](Peer& peer, const Heard& heard) {
        {
            std::lock_guard lock(mutex_);
            sell(heard);
        }
        return act(peer, heard);
    };
}

Act VideoHost::ordinary(Place place) {
    return [this, place](Peer& peer, const Heard& heard) {
        std::unique_lock lock(mutex_);
        const auto say = [&](int status, const json& body) {
            const auto text = reply_of(status, body);
            lock.unlock();
            return peer.send(text);
        };
        const json nothing{{"error", {{"code", "not_found"}, {"message", "no such thing"}}}};
        if (place == create) {
            // A key that it knows is the job that it stands for.
            if (const auto key = heard.header("Idempotency-Key"); !key.empty())
                for (std::size_t i = 0; i < book_.sales.size(); ++i)
                    if (book_.sales[i].key == key) return say(200, told(jobs_[i]));
            return say(200, told(sell(heard)));
        }
        if (place == list) {
            json all{{"object", "list"}, {"data", json::array()}, {"has_more", false}};
            for (auto job = jobs_.rbegin(); job != jobs_.rend(); ++job) all["data"].push_back(told(*job));
            return say(200, all);
        }
        auto* job = place == other && heard.method != "DELETE" ? nullptr : find(heard);
        if (!job) return say(404, nothing);
        if (place == poll) {
            ++job->polls;
            return say(200, told(*job));
        }
        if (place == other) return say(200, {{"id", job->id}, {"deleted", true}});
        const auto clip = clip_of(job->id);
        const auto tag = "\"" + job->id + "\"";
        std::vector<std::string> headers{"ETag: " + tag, "Content-Type: video/mp4"};
        const auto range = heard.header("Range");
        auto text = http_reply(200, clip, headers);
        if (range.starts_with("bytes=") && heard.header("If-Range") == tag) {
            const auto from = std::min<std::size_t>(std::stoul(range.substr(6)), clip.size() - 1);
            headers.push_back("Content-Range: bytes " + std::to_string(from) + "-" + std::to_string(clip.size() - 1) + "/" + std::to_string(clip.size()));
            text = http_reply(206, clip.substr(from), headers);
        }
        lock.unlock();
        return peer.send(text);
    };
}

Act VideoHost::ask_to_wait(int status, std::string body, std::vector<std::string> headers, std::chrono::milliseconds length) {
    return [=, this](Peer& peer, const Heard& heard) {
        auto all = headers;
        std::unique_lock lock(mutex_);
        all.push_back("Date: " + http_date(now()));
        if (length.count() > 0) book_.waits.push_back({heard.method, heard.target, std::chrono::steady_clock::now(), length});
        lock.unlock();
        return peer.send(http_reply(status, body, all));
    };
}

void VideoHost::done_after(int polls) {
    std::lock_guard lock(mutex_);
    done_after_ = polls;
}
void VideoHost::never_done() { done_after(1 << 30); }
void VideoHost::end_badly(const json& error) {
    std::lock_guard lock(mutex_);
    bad_end_ = error;
}
void VideoHost::drop_jobs() {
    std::lock_guard lock(mutex_);
    jobs_.clear();
}
void VideoHost::tell_jobs(std::function<void(json&)> change) {
    std::lock_guard lock(mutex_);
    change_ = std::move(change);
}
void VideoHost::revoke(const std::string& new_key) {
    std::lock_guard lock(mutex_);
    options_.key = new_key;
}

std::string VideoHost::clip_of(const std::string& id) const {
    auto picture = boxes::picture(24);  // a second
    picture.width = picture.height = 128;
    return boxes::mp4({{picture}}) + boxes::box("free", id);
}

Book VideoHost::book() const {
    std::lock_guard lock(mutex_);
    auto book = book_;
    book.most_connections = server_->most_at_once();
    return book;
}

void VideoHost::heard_elsewhere(const RawServer& server) {
    std::lock_guard lock(mutex_);
    book_.elsewhere.clear();
    for (const auto& heard : server.book()) book_.elsewhere.push_back({heard.method, heard.target, heard.head, {}});
}

}  // namespace shotwire::test
