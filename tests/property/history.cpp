#include "history.hpp"

#include <algorithm>
#include <utility>

#include "job/lease.hpp"
#include "job/sqlite.hpp"

namespace shotwire::test {

using namespace std::chrono;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

constexpr int most_events_at_once = 1000;  // of one process at one moment: more is a loop that never pauses

// A loop whose pauses are none.
class HastyLoop final : public http::Loop {
public:
    HastyLoop(FakeLoop& loop, bool hasty) : loop_(loop), hasty_(hasty) {}
    core::Moment now() const override { return loop_.now(); }
    Timer after(milliseconds delay, std::function<void()> call) override { return loop_.after(hasty_ && delay < 8s ? 0ms : delay, std::move(call)); }
    void cancel_timer(Timer timer) override { loop_.cancel_timer(timer); }
    void at_turn_end(std::function<void()> call) override { loop_.at_turn_end(std::move(call)); }
    void run(const std::function<bool()>& done) override { loop_.run(done); }
    void wake() noexcept override { loop_.wake(); }

private:
    FakeLoop& loop_;
    bool hasty_;
};

// What the backend promises of its provider; the host keeps it.
std::shared_ptr<Provider> some_provider(Dice& dice) {
    auto provider = std::make_shared<FlakyProvider>();
    provider->can_find = dice.percent(75);
    provider->whole_list = dice.percent(70);
    provider->same_key_same_job = dice.percent(40);
    return provider;
}

std::string in_seconds(milliseconds time) { return std::to_string(time.count() / 1000) + "s"; }

}  // namespace

// The network between one process and the provider.
class History::Wire final : public http::Client {
public:
    Wire(History& history, FakeLoop& loop, Fate& fate, core::Moment start) : history_(history), loop_(loop), fate_(fate), start_(start) {}
    ~Wire() override {
        for (const auto& [ticket, timer] : under_way_) loop_.cancel_timer(timer);
    }

    Ticket send(http::Request request, Done done) override {
        fate_.event();
        ++requests_;
        history_.judge_request(request);
        auto heard = history_.host_.hear(request, history_.now_ + duration_cast<Time>(loop_.now() - start_));
        if (history_.tells_)
            history_.tell("    " + request.method + " " + request.url + " -> " + (heard.response ? std::to_string(heard.response->status) + " " + heard.response->body.substr(0, 20) : heard.response.error().message) +
                          (heard.cut ? " cut" : "") + " after " + std::to_string(heard.delay.count()) + "ms");
        const auto ticket = ++last_;
        under_way_[ticket] = loop_.after(heard.delay, [this, ticket, request = std::move(request), heard = std::move(heard), done = std::move(done)] {
            under_way_.erase(ticket);
            fate_.event();
            done(ScriptedClient::deliver(request, heard.response, heard.cut));
        });
        return ticket;
    }
    void cancel(Ticket ticket) override {
        const auto found = under_way_.find(ticket);
        if (found == under_way_.end()) return;
        loop_.cancel_timer(found->second);
        under_way_.erase(found);
    }
    int requests() const { return requests_; }

private:
    History& history_;
    FakeLoop& loop_;
    Fate& fate_;
    core::Moment start_;
    std::map<Ticket, http::Loop::Timer> under_way_;
    Ticket last_ = 0;
    int requests_ = 0;
};

History::History(std::uint64_t seed, Bug bug, bool tells)
    : dice_(seed), bug_(bug), tells_(tells), folder_("shotwire-life"), provider_(some_provider(dice_)), host_(dice_, provider_->whole_list, provider_->same_key_same_job) {
    const std::vector<std::string> prompts{"a paper boat", "a kite", "a lighthouse"};
    const auto orders = 1 + dice_.below(3);
    for (std::uint64_t i = 0; i < orders; ++i) {
        const bool equal = i > 0 && dice_.percent(40);
        asked_.push_back({equal ? prompts[0] : prompts[i], equal ? int(i) : 0, "o" + std::to_string(i) + ".mp4", !equal && i == 2});
    }
    on_disk_ = open(onlooker_);
}

History::~History() = default;

void History::tell(const std::string& line) { told_.push_back(line); }

std::unique_ptr<job::Ledger> History::open(const core::Clock& clock) const {
    auto opened = job::Ledger::open(ledger_file(), clock);
    if (!opened) throw Violation{"I7", "the ledger does not open: " + opened.error().message};
    return std::move(*opened);
}

job::Wanted History::wanted(const Asked& asked) const {
    auto order = Bench::order(asked.prompt);
    if (asked.square) order.ratio = AspectRatio{1, 1};
    job::Wanted wanted(order, Bench::route());
    wanted.ordinal = asked.ordinal;
    wanted.output = place(asked.name).string();
    wanted.force = bug_ == Bug::overwrites;
    return wanted;
}

// What a process that dies at this moment leaves behind: the files as the system has them. An open transaction is not in them.
void History::save_disk() {
    disk_.clear();
    for (const char* tail : {"", "-wal"})
        if (auto bytes = core::read_file(ledger_file().string() + tail)) disk_[tail] = *bytes;
}

void History::put_disk_back() {
    on_disk_.reset();
    for (const char* tail : {"", "-wal", "-shm"}) fs::remove(ledger_file().string() + tail);
    for (const auto& [tail, bytes] : disk_) std::ofstream(ledger_file().string() + tail, std::ios::binary) << bytes;
    on_disk_ = open(onlooker_);
    if (dice_.percent(30) && date_is_off_by_ > -2h) return;  // a holder of leases of whom nothing is known, as one on another machine
    auto db = job::Sqlite::open(ledger_file(), false, 1s);
    const auto name = job::this_process();
    const auto dead = name.substr(0, name.find('/')) + "/4194305/1";  // one more than Linux gives to processes
    if (!db || !db->run(("UPDATE leases SET owner = '" + dead + "'").c_str())) throw Violation{"I7", "the ledger of the dead process cannot be written"};
}

History::Ran History::process(const Process& how, const std::string& what, const std::function<void(job::Runner&)>& command) {
    tell(what + " (time-out " + in_seconds(how.settings.timeout) + ", " + std::to_string(how.settings.most_jobs) + " at once" + (how.settings.wait ? "" : ", no wait") + ")");
    FakeLoop loop;
    loop.jump_wall(now_ + date_is_off_by_);
    HastyLoop hasty(loop, bug_ == Bug::never_pauses);
    const auto start = loop.now();
    Fate fate;
    Ran ran;
    auto ledger = std::make_unique<WatchedLedger>(open(loop.clock()), fate, bug_);
    Wire wire(*this, loop, fate, start);
    fate.each([this, &loop, last = core::Moment{}, since = 0, &fate]() mutable {
        if (std::exchange(last, loop.now()) != loop.now()) since = fate.events();
        if (fate.events() - since > most_events_at_once) throw Violation{"I9", "the loop never pauses"};
    });

    std::optional<job::Runner> runner;
    auto settings = how.settings;
    settings.seed = 1 + dice_.below(1000);
    if (bug_ == Bug::waits_for_ever) settings.timeout *= 100;
    runner.emplace(job::Runner::Deps{*ledger, wire, hasty, loop.clock(),
                                     [this](const job::Row&) -> Result<job::Connection> {
                                         job::Connection connection;
                                         connection.backend = provider_;
                                         connection.fetch.base_origin = "https://provider.example";
                                         connection.expected = 60s;
                                         return connection;
                                     },
                                     nullptr, {}},
                   settings);
    if (!how.calm) {
        // Most runs are short: what is to happen in the middle has to happen early.
        const auto some_event = [&] { return int(1 + dice_.below(dice_.percent(70) ? 25 : 200)); };
        if (dice_.percent(40)) fate.at(some_event(), [&] {
            tell("  dies at event " + std::to_string(fate.events()));
            save_disk();
            ledger->die();
            throw Death{};
        });
        if (dice_.percent(15)) fate.at(some_event(), [&] { tell("  is interrupted"), runner->interrupt(); });
        if (dice_.percent(3)) fate.at(some_event(), [&] { tell("  is interrupted twice"), runner->interrupt(), runner->interrupt(); });
        if (dice_.percent(15)) {
            const auto by = dice_.percent(40) ? 1h : dice_.percent(50) && date_is_off_by_ >= 0h ? -1h : -date_is_off_by_;
            fate.at(some_event(), [&, by] { tell("  the date jumps by " + in_seconds(by)), date_is_off_by_ += by, loop.jump_wall(by); });
        }
        if (dice_.percent(6)) fate.at(some_event(), [&] {
            const auto there = place(dice_.one_of(asked_).name);
            if (fs::exists(there)) return;
            tell("  a stranger's file appears at " + there.filename().string());
            std::ofstream(there) << (strangers_[there] = "not ours " + std::to_string(dice_.below(1000)));
        });
        if (dice_.percent(4)) fate.at(some_event(), [&] { tell("  the provider no longer keeps a job"), host_.lose_one(now_ + duration_cast<Time>(loop.now() - start)); });
    }
    try {
        command(*runner);
        runner->run();
        ran.outcomes = runner->outcomes();
    } catch (const Death&) {
        ran.died = true;
    } catch (const std::exception& error) {
        throw Violation{"I7", std::string("a bug: ") + error.what()};
    }
    const auto took = duration_cast<Time>(loop.now() - start);
    const auto requests = wire.requests();
    runner.reset();
    ledger.reset();
    all_events_ += std::uint64_t(fate.events());
    if (ran.died) put_disk_back();
    now_ += took;
    if (bug_ == Bug::skips_a_stage) (void)job::Sqlite::open(ledger_file(), false, 1s)->run("DELETE FROM history WHERE after = 'submitting'");
    judge_end(how, took, requests, asked_.size());
    judge_books();
    judge_folder();
    if (!ran.died) judge_outcomes(how, ran);
    if (tells_)
        for (const auto& row : rows())
            tell("  = " + row.id.text + " " + std::string(to_string(row.stage)) + " '" + core::field_or(job::order_document(row), "/prompt", "") + "' #" + std::to_string(row.ordinal) + (row.handle ? " " + provider_->remote_id(*row.handle) : ""));
    return ran;
}

History::Process History::some_process() {
    static const std::vector<milliseconds> timeouts{10s, 2min, 10min, 60min};
    Process how;
    how.settings.timeout = dice_.one_of(timeouts);
    how.settings.wait = !dice_.percent(10);
    how.settings.most_jobs = dice_.percent(30) ? 1 : 16;
    how.settings.cancel_on_interrupt = dice_.percent(10);
    how.settings.submits_per_minute = dice_.percent(10) ? 30 : 0;
    return how;
}

std::vector<job::Row> History::rows() const {
    auto listed = on_disk_->list({});
    if (!listed) throw Violation{"I7", listed.error().message};
    return *listed;
}

void History::make(const std::vector<const Asked*>& orders, Process how) {
    std::string names;
    for (const auto* each : orders) names += " " + each->name;
    (void)process(how, "make" + names, [&](job::Runner& runner) {
        for (const auto* each : orders) {
            const auto added = runner.add(wanted(*each));
            // The command would end here; a batch goes on with the others.
            if (!added && added.error().kind != ErrorKind::usage) throw Violation{"I8", "an order is not taken: " + added.error().message};
            if (!added && !strangers_.contains(place(each->name))) throw Violation{"I12", "the same command again is refused: " + added.error().message};
        }
    });
}

void History::resume_all(const Process& how) {
    (void)process(how, "resume", [&](job::Runner& runner) {
        for (const auto& row : rows())
            if (!is_final(row.stage)) (void)runner.resume(row.id);
    });
}

void History::step() {
    static const std::vector<Time> pauses{0ms, 0ms, 5s, 1min, 1h, 30h};
    now_ += dice_.one_of(pauses);
    const auto how = some_process();
    std::vector<job::Row> known = rows();
    std::vector<job::Row> open, live, finished;
    for (const auto& row : known) {
        if (row.stage == Stage::unknown || row.stage == Stage::submitting) open.push_back(row);
        if (row.stage == Stage::planned || row.stage == Stage::rendering) live.push_back(row);
        if (row.stage == Stage::done && fs::exists(row.clip) && !strangers_.contains(row.clip)) finished.push_back(row);
    }
    const auto dice = dice_.below(100);
    if (dice < 10 && !open.empty()) {
        const auto row = dice_.one_of(open);
        (void)process(how, "resend " + row.id.text, [&](job::Runner& runner) {
            ++resends_[row.id.text];
            (void)runner.resend(row.id);
        });
    } else if (dice < 18 && !open.empty() && !host_.book().empty()) {
        const auto row = dice_.one_of(open);
        const auto remote = dice_.percent(20) ? "p99" : dice_.one_of(host_.book()).id;
        (void)process(how, "adopt " + row.id.text + " " + remote, [&](job::Runner& runner) {
            adopted_.insert(row.id.text);
            (void)runner.adopt(row.id, remote);
        });
    } else if (dice < 24 && !live.empty()) {
        const auto row = dice_.one_of(live);
        (void)process(how, "cancel " + row.id.text, [&](job::Runner& runner) {
            cancelled_.insert(row.id.text);
            (void)runner.cancel(row.id);
        });
    } else if (dice < 30 && !finished.empty()) {
        const auto row = dice_.one_of(finished);
        tell("the user removes " + fs::path(row.clip).filename().string());
        removed_.insert(row.id.text);
        fs::remove(row.clip);
    } else if (dice < 60 && !known.empty()) {
        resume_all(how);
    } else {
        std::vector<const Asked*> orders;
        for (const auto& each : asked_)
            if (dice_.percent(70)) orders.push_back(&each);
        if (orders.empty()) orders.push_back(&asked_.front());
        make(orders, how);
    }
}

void History::recover() {
    tell("all is well again");
    now_ += 1min;
    host_.heal();
    Process how;
    how.calm = true;
    how.settings.timeout = 2h;
    resume_all(how);
    std::vector<const Asked*> all;
    for (const auto& each : asked_) all.push_back(&each);
    std::map<std::string, std::size_t> before;
    const auto count = [&] {
        std::map<std::string, std::size_t> jobs;  // that live or have ended well, of each order
        for (const auto& row : rows())
            if (row.stage != Stage::failed && row.stage != Stage::rejected && row.stage != Stage::cancelled) ++jobs[row.fingerprint + std::to_string(row.ordinal)];
        return jobs;
    };
    make(all, how);
    const auto booked = host_.book().size();
    const auto jobs = count();
    for (const auto& row : rows()) {
        const bool open = row.stage == Stage::unknown;
        if (!is_final(row.stage) && !open) throw Violation{"I12", "job " + row.id.text + " is still " + std::string(to_string(row.stage)) + " though all is well"};
    }
    for (const auto& each : asked_) {
        const auto refused_output = strangers_.contains(place(each.name));
        auto equal = rows();
        std::erase_if(equal, [&](const auto& row) { return row.fingerprint != wanted(each).fingerprint; });
        const auto* standing = job::standing_for(equal, each.ordinal);
        const bool there = standing && standing->stage != Stage::failed && standing->stage != Stage::rejected && standing->stage != Stage::cancelled;
        if (!there && !refused_output) throw Violation{"I12", "order " + each.name + " has come to nothing though all is well"};
    }
    make(all, how);
    if (host_.book().size() != booked) throw Violation{"I12", "the same commands again cost " + std::to_string(host_.book().size() - booked) + " more jobs"};
}

void History::live(int steps) {
    for (int i = 0; i < steps; ++i) step();
    recover();
    judge_as_others_do();
}

}  // namespace shotwire::test
