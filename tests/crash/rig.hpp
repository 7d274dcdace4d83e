#pragma once
#include <spdlog/fmt/fmt.h>

#include <ctime>
#include <mutex>
#include <thread>
#include <utility>

#include "cli/harness.hpp"
#include "core/clock.hpp"
#include "core/hash.hpp"
#include "fault/invariants.hpp"
#include "job/ledger.hpp"
#include "support/boxes.hpp"
#include "support/raw_server.hpp"

namespace shotwire::test {

// A host that speaks the Videos protocol over plain HTTP on loopback, without rendering, and keeps a book of what it accepted.
class VideosHost {
public:
    struct Habits {
        int queued = 0;            // polls that find the job unfinished
        std::size_t padding = 0;   // bytes by which the clip is larger than its boxes
        bool lists = false;        // whether jobs can be looked for
        // Called before any answer; false: it has answered itself, or let the connection end.
        std::function<bool(Peer&, const Heard&, VideosHost&)> first = {};
        std::string clip = {};     // another file in place of the clip
        bool tls = false;
    };
    VideosHost() : VideosHost(Habits{}) {}
    explicit VideosHost(Habits habits) : habits_(std::move(habits)), server_({[this](Peer& peer, const Heard& heard) { return answer(peer, heard); }}, {.tls = habits_.tls}) {}

    static constexpr Money price{100'000};  // of each job, by the Rig's catalogue

    std::string url() const { return server_.url("/v1"); }
    RawServer& server() { return server_; }
    std::vector<Sale> book() const {
        const std::lock_guard lock(mutex_);
        return book_;
    }
    // A clip of one second in 128x128, of its own for each job.
    std::string clip_of(const std::string& id) const {
        if (!habits_.clip.empty()) return habits_.clip;
        auto track = boxes::picture(24);
        track.width = track.height = 128;
        return boxes::mp4({.tracks = {track, boxes::sound()}}) + boxes::box("free", id + std::string(habits_.padding, '.'));
    }
    std::string sum_of(const std::string& id) const { return core::sha256_hex(clip_of(id)); }
    // The id that a body was accepted under; empty: it never came.
    std::string sold(const std::string& body_sha256) const {
        for (const auto& sale : book())
            if (core::sha256_hex(sale.body) == body_sha256) return sale.id;
        return "";
    }
    std::size_t asked(const std::string& method, const std::string& part) const {
        std::size_t count = 0;
        for (const auto& heard : server_.book()) count += heard.method == method && heard.target.find(part) != std::string::npos;
        return count;
    }

    // What it says of a job, for `first`.
    json job(const Sale& sale, const std::string& status) const {
        return {{"id", sale.id}, {"object", "video"}, {"model", "animatic"}, {"prompt", sale.prompt}, {"status", status}, {"created_at", created_}, {"seconds", "1"}, {"size", "128x128"}};
    }
    Sale sell(const Heard& heard) {
        const std::lock_guard lock(mutex_);
        Sale sale;
        sale.id = "video_" + std::to_string(book_.size() + 1);
        sale.body = heard.body;
        sale.prompt = core::field_or(json::parse(heard.body, nullptr, false), "/prompt", "");
        sale.price = price;
        sale.clip_sha256 = sum_of(sale.id);
        if (book_.empty() && !ledger.empty()) {
            sale.ledger_then = folder_.path();
            std::error_code gone;
            for (const char* tail : {"", "-wal"}) std::filesystem::copy_file(ledger.string() + tail, folder_.path() / (std::string("ledger.db") + tail), gone);
        }
        book_.push_back(sale);
        return sale;
    }

    // Requests of a job in peace: create, polls, download.
    int requests_of_a_job() const { return 3 + habits_.queued; }

    void fail(const std::string& id) {
        const std::lock_guard lock(mutex_);
        for (auto& sale : book_)
            if (sale.id == id) sale.failed = true;
    }

    std::filesystem::path ledger;  // copied as the first paid request comes

private:
    static bool send(Peer& peer, const json& body, int status = 200) {
        return peer.send(http_reply(status, core::dump(body), {"Content-Type: application/json", "openai-poll-after-ms: 1", "Date: " + now_}));
    }

    bool answer(Peer& peer, const Heard& heard) {
        if (habits_.first && !habits_.first(peer, heard, *this)) return false;
        if (heard.method == "POST") {
            const auto sale = sell(heard);
            return send(peer, job(sale, habits_.queued ? "queued" : "completed"));
        }
        if (heard.target.find("/videos?") != std::string::npos) {
            if (!habits_.lists) return send(peer, {{"error", {{"message", "there is no list"}}}}, 404);
            json data = json::array();
            for (const auto& sale : book()) data.insert(data.begin(), job(sale, "completed"));
            return send(peer, {{"object", "list"}, {"data", data}, {"has_more", false}});
        }
        for (const auto& sale : book()) {
            const auto name = "/videos/" + sale.id;
            if (!heard.target.ends_with(name) && heard.target.find(name + "/") == std::string::npos) continue;
            if (heard.target.ends_with("/content")) return send_clip(peer, heard, sale);
            if (!heard.target.ends_with(sale.id)) continue;
            const std::lock_guard lock(mutex_);
            return send(peer, job(sale, polls_[sale.id]++ < habits_.queued ? "in_progress" : "completed"));
        }
        return send(peer, {{"error", {{"message", "there is no such video"}}}}, 404);
    }

    bool send_clip(Peer& peer, const Heard& heard, const Sale& sale) const {
        const auto clip = clip_of(sale.id);
        const std::vector<std::string> headers{"Content-Type: video/mp4", "ETag: \"" + sale.id + "\""};
        const auto range = heard.header("Range");
        if (!range.starts_with("bytes=")) return peer.send(http_reply(200, clip, headers));
        const auto from = std::stoul(range.substr(6));
        if (from >= clip.size()) return peer.send(http_reply(416, "", headers));
        auto ranged = headers;
        ranged.push_back(fmt::format("Content-Range: bytes {}-{}/{}", from, clip.size() - 1, clip.size()));
        return peer.send(http_reply(206, clip.substr(from), ranged));
    }

    static std::string http_now() {
        const auto time = std::time(nullptr);
        char text[100];
        std::tm parts{};
        gmtime_r(&time, &parts);
        std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        return text;
    }
    inline static const std::string now_ = http_now();

    Habits habits_;
    core::TemporaryFolder folder_;
    std::int64_t created_ = std::time(nullptr);
    mutable std::mutex mutex_;
    std::vector<Sale> book_;
    std::map<std::string, int> polls_;
    RawServer server_;  // last: its threads end first
};

// The part of `a.mp4` in a folder, whatever its job's id; a name of no file where there is none.
inline std::filesystem::path part_in(const std::filesystem::path& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        const auto name = entry.path().filename().string();
        if (name.starts_with("a.mp4.") && name.ends_with(".part")) return entry.path();
    }
    return folder / "no part";
}
inline std::size_t size_of_part_in(const std::filesystem::path& folder) {
    std::error_code none;
    const auto size = std::filesystem::file_size(part_in(folder), none);
    return none ? 0 : size;
}

// The built program with its calls failing as a rule of the shim says, against that host, and what must hold afterwards.
class Rig {
public:
    static constexpr const char* key = "canary-key/0123+456789";

    explicit Rig(VideosHost::Habits habits = {}) : host(std::move(habits)) {
        home.env["OPENAI_API_KEY"] = key;
        host.ledger = ledger();
        home.write("config/shotwire/models.d/rig.json", R"({"models": [{"id": "animatic", "price": {"rates": [{"per_second": 0.10}], "as_of": "2026-11-22"}}]})");
    }

    std::vector<std::string> make(const std::vector<std::string>& more = {}) const {
        std::vector<std::string> args{"make", "a heron lifts off", "-m", "openai:animatic", "--base-url", host.url(), "-d", "1", "--size", "128x128", "-o", "a.mp4", "--json"};
        if (std::find(more.begin(), more.end(), "--timeout") == more.end()) args.insert(args.end(), {"--timeout", "20s"});
        args.insert(args.end(), more.begin(), more.end());
        return args;
    }

    Ran run(const std::vector<std::string>& args, const std::string& fault = {}, const Home::OnLine& on_line = {}) {
        home.env["LD_PRELOAD"] = places::fault_shim;
        home.env["SHOTWIRE_TEST_FAULT"] = fault;
        std::filesystem::remove(hits_file());
        home.env["SHOTWIRE_TEST_HITS"] = hits_file().string();
        const auto heard = host.server().book().size();
        auto ran = home.program(args, on_line);
        home.env.erase("LD_PRELOAD");
        home.env.erase("SHOTWIRE_TEST_FAULT");
        home.env.erase("SHOTWIRE_TEST_HITS");
        if (args.front() == "make") judge(ran, args, heard);
        return ran;
    }

    // How many calls of the last run a rule of its fault met; 0 is the first rule.
    std::size_t hits(int rule = 0) const {
        const auto all = core::read_file(hits_file());
        return all ? std::size_t(std::count(all->begin(), all->end(), char('a' + rule))) : 0;
    }

    // The promises, whatever the fault was. `heard`: what the host had been asked before this run, which is not its load.
    void judge(const Ran& ran, const std::vector<std::string>& args, std::size_t heard = 0) {
        Book book;
        book.sales = host.book();
        const auto calls = host.server().book();
        for (auto call = calls.begin() + std::ptrdiff_t(heard); call != calls.end(); ++call) book.calls.push_back({call->method, call->target, call->head, {}});
        book.most_connections = host.server().most_at_once();
        Output output;
        output.exit = ran.exit > 130 || any_exit ? 9 : ran.exit;  // killed: it says nothing
        output.out = ran.out;
        output.err = ran.err;
        output.json = true;
        output.took = ran.took;
        output.peak_memory = ran.peak_memory;
        Terms terms;
        terms.secrets = {key};
        terms.ledger_is_lost = ledger_is_lost;
        terms.untouched = untouched;
        terms.most_memory = most_memory;
        for (std::size_t i = 0; i + 1 < args.size(); ++i) {
            if (args[i] == "-n") terms.asked = std::stoi(args[i + 1]);
            if (args[i] == "--timeout") terms.time_limit = std::chrono::duration_cast<std::chrono::milliseconds>(*core::parse_length(args[i + 1], "a time-out")) + std::chrono::seconds(5);
        }
        terms.calls_without_fault = std::size_t(terms.asked * host.requests_of_a_job());
        if (std::find(args.begin(), args.end(), "--no-wait") != args.end()) terms.asked = 0;
        check_invariants(book, ledger(), home.work(), output, terms);
    }

    std::filesystem::path clip() const { return home.work() / "a.mp4"; }
    std::filesystem::path ledger() const { return home.state() / "ledger.db"; }
    std::filesystem::path hits_file() const { return home.work().parent_path() / "hits"; }
    std::vector<job::Row> rows() const {
        const core::Clock clock;
        if (!std::filesystem::exists(ledger())) return {};
        auto ledger_of = job::Ledger::open(ledger(), clock);
        INFO((ledger_of ? "" : ledger_of.error().message));
        REQUIRE(bool(ledger_of));
        auto all = (*ledger_of)->list({});
        REQUIRE(bool(all));
        return *all;
    }

    // The command in peace, until its work is done. Where only the host knows whether a request arrived, its book decides for the user.
    void finish(const std::vector<std::string>& args) {
        auto ran = run(args);
        for (int unknown = 0; ran.exit == 11 || ran.exit == 14; ran = run(args), ++unknown) {
            REQUIRE(unknown < 3);
            for (const auto& row : rows()) {
                if (row.stage != Stage::unknown && row.stage != Stage::submitting) continue;
                const auto sold = host.sold(row.body_sha256);
                const auto id = row.id.text;
                const auto settled = run(sold.empty() ? std::vector<std::string>{"jobs", "resend", id} : std::vector<std::string>{"jobs", "adopt", id, sold});
                CAPTURE(settled.err);
                REQUIRE(settled.exit == 0);
            }
        }
        CAPTURE(ran.err);
        REQUIRE(ran.exit == 0);
    }

    // The same command after the fault: it ends the work, and pays for nothing that was accepted before.
    void again(std::size_t paid = 1, const std::vector<std::string>& more = {}) {
        finish(make(more));
        REQUIRE(host.book().size() == paid);
        REQUIRE(*core::sha256_of_file(clip()) == host.sum_of(host.book().back().id));
        REQUIRE(strays() == "");
    }

    // Files that nobody ordered and a user would find.
    std::string strays() const {
        std::string found;
        for (const auto& entry : std::filesystem::directory_iterator(home.work())) {
            const auto name = entry.path().filename().string();
            if (!name.ends_with(".mp4") && !name.ends_with(".mp4.json")) found += " " + name;
        }
        return found;
    }

    Home home;
    VideosHost host;
    bool ledger_is_lost = false;                          // by the test's own doing
    bool any_exit = false;                                // of a run that cannot know better
    long most_memory = 60'000;                            // kB
    std::map<std::filesystem::path, std::string> untouched;  // files of others
};

}  // namespace shotwire::test
