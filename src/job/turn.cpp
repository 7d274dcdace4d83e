#include <spdlog/fmt/fmt.h>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {
constexpr auto patience_at_leaving = 10s;  // with paid requests that are under way
}

Runner::Impl::Impl(Deps d, Settings s) : deps(std::move(d)), settings(std::move(s)), random(settings.seed ? settings.seed : std::random_device{}()) {}

Runner::Impl::~Impl() {
    for (auto& [id, charge] : charges) drop_requests(charge);
    // The command ended before it began: nobody asked for what it had put down so far, and a later resume must not pay for it.
    if (!ran)
        for (const auto& id : fresh) (void)deps.ledger.forget(id);
}

Charge* Runner::Impl::find(const JobId& id) {
    const auto found = charges.find(id);
    return found == charges.end() ? nullptr : &found->second;
}

Order& Charge::order() {
    if (!open->order) {
        auto read = catalog::read_order(open->row.order);
        open->order = read ? std::move(*read) : Order{};
    }
    return *open->order;
}

Charge& Runner::Impl::take(Row row, bool ours) {
    auto& charge = charges[row.id];
    charge.id = row.id;
    charge.stage = row.stage;
    charge.handle = row.handle;
    charge.number = row.number;
    charge.counted = charge.before = row.unsent ? Money{} : cost_of(row);  // what surely did not arrive is paid by this run, if at all
    charge.ours = ours;
    charge.retries = settings.retries;
    charge.place = asked.size();
    asked.push_back(row.id);
    auto& lane = lanes[row.route + "\n" + row.model];
    lane.route = row.route;
    lane.model = row.model;
    charge.lane = &lane;
    charge.traffic = &traffic[row.route];
    for (const auto* path : {&row.output, &row.clip})
        if (!path->empty()) places.emplace(*path, row.id);
    charge.open = std::make_unique<Charge::Open>(std::move(row));
    opened.push_back(charge.id);
    ++active;
    return charge;
}

Result<bool> Runner::Impl::claim(Charge& charge) {
    auto claimed = deps.ledger.claim(charge.id);
    at_turn_end();
    if (!claimed || !*claimed) return claimed;
    charge.ours = true;
    charge.open.reset();
    if (!open_up(charge)) return *charge.why_rests;
    charge.counted = charge.before = charge.row().unsent ? Money{} : cost_of(charge.row());
    return true;
}

bool Runner::Impl::open_up(Charge& charge) {
    if (charge.open) return true;
    auto row = deps.ledger.find(charge.id.text);
    if (!row || !*row) {
        rest(charge, row ? Error{ErrorKind::local, fmt::format("job {} is no longer in the ledger", charge.id.text)} : row.error());
        return false;
    }
    charge.open = std::make_unique<Charge::Open>(std::move(**row));
    charge.stage = charge.row().stage;
    charge.handle = charge.row().handle;
    opened.push_back(charge.id);
    at_turn_end();
    return true;
}

// What only waits and is on disk as it stands. A few jobs stay open: they are what progress lines show. So do those whose turn or
// answer comes at once, as far as they are not many: to read them again costs more than the request. What a conversation about a
// submit or a lost one has learnt is in no row yet.
void Runner::Impl::put_away(Charge& charge) {
    constexpr std::size_t few = 64, several = 256;
    const bool polled = charge.ticket && charge.stage == Stage::rendering;
    const bool waits = charge.rests || charge.timer || charge.queued || polled || (charge.stage == Stage::planned && !charge.busy);
    if (charges.size() <= few || !waits || charge.unsaved || charge.paid_under_way || charge.part || charge.conversion || !charge.sources.empty()) return;
    if (charge.busy && !polled) return;
    const bool soon = polled || (charge.timer && charge.due < deps.loop.now() + 250ms);
    if (soon && opened.size() < several) return;
    charge.open.reset();
}

void Runner::Impl::advance(Charge& charge) {
    if (charge.rests || charge.busy || charge.queued) return;
    if (!charge.ours && charge.stage != Stage::planned) return watch(charge);
    if (charge.stage == Stage::planned) return charge.slot ? submit(charge) : enqueue(charge);
    if (!open_up(charge)) return;
    take_slot(charge);
    switch (charge.stage) {
        case Stage::submitting:
            if (charge.row().unsent && charge.adopt && !back_to_first(charge, "the second sending did not leave", true)) return;
            if (charge.stage == Stage::unknown) return look_for(charge);
            if (charge.row().unsent) return submit(charge);
            return lost(charge, "the run that sent it ended before the answer was noted");
        case Stage::unknown: return look_for(charge);
        case Stage::rendering: return poll(charge);
        case Stage::ready:
        case Stage::downloading: free_slot(charge); return fetch(charge);
        default: return finish(charge);  // another process ended it, well or not, before its turn came here
    }
}

void Runner::Impl::later(Charge& charge, milliseconds delay, void (Impl::*next)(Charge&)) {
    if (charge.timer) deps.loop.cancel_timer(*charge.timer);
    charge.due = deps.loop.now() + delay;
    charge.timer = deps.loop.after(delay, [this, id = charge.id, next] {
        auto* charge = find(id);
        if (!charge || charge->rests) return;
        charge->timer.reset();
        // A poll and a look at another process's job need nothing of the row.
        if (next != &Impl::poll && next != &Impl::watch && !open_up(*charge)) return;
        (this->*next)(*charge);
    });
}

void Runner::Impl::send(Charge& charge, http::Request request, http::Client::Done done) {
    at_turn_end();
    if (charge.flight != Charge::Flight::download) take_off(charge, Charge::Flight::request);
    if (charge.traffic->down()) charge.traffic->probe = charge.id;
    const auto number = ++charge.request;
    after_commit.push_back([this, id = charge.id, number, request = std::move(request), done = std::move(done)]() mutable {
        auto* charge = find(id);
        if (!charge || charge->rests || charge->request != number) return;  // dropped, or another one took its place
        charge->ticket = deps.client.send(std::move(request), [this, id, done = std::move(done)](Result<http::Response> answer) {
            auto* charge = find(id);
            if (!charge) return;
            charge->ticket.reset();
            land_flight(*charge);
            done(std::move(answer));
        });
    });
}

bool Runner::Impl::save(Charge& charge, const std::string& note) {
    at_turn_end();
    charge.stage = charge.row().stage;
    charge.handle = charge.row().handle;
    if (auto saved = deps.ledger.save(charge.row(), note); !saved) {
        if (!charge.rests) rest(charge, saved.error());
        return false;
    }
    spent.micros -= charge.of_this_run().micros;
    charge.counted = cost_of(charge.row());
    spent.micros += charge.of_this_run().micros;
    charge.unsaved = true;
    return true;
}

bool Runner::Impl::move(Charge& charge, Stage stage, const std::string& note) {
    charge.row().stage = stage;
    if (is_final(stage)) charge.row().ended = deps.clock.wall();
    if (!save(charge, note)) return false;
    tell(charge);
    return true;
}

void Runner::Impl::drop_requests(Charge& charge) {
    if (charge.ticket) deps.client.cancel(*charge.ticket);
    if (charge.timer) deps.loop.cancel_timer(*charge.timer);
    charge.ticket.reset();
    charge.timer.reset();
    ++charge.request;  // what waits for the commit does not leave
    land_flight(charge);
}

void Runner::Impl::tell(Charge& charge, bool now) {
    if (!deps.observer || !charge.open) return;
    // A fast download would tell ten thousand times.
    if (!now && deps.loop.now() - charge.told < 200ms) return;
    charge.told = deps.loop.now();
    const auto since = [&](core::Wall start) { return std::max(0ms, duration_cast<milliseconds>(deps.clock.wall() - start)); };
    charge.progress.in_all = since(charge.row().created);
    charge.progress.elapsed = charge.row().accepted ? since(*charge.row().accepted) : charge.progress.in_all;
    if (charge.link) charge.progress.expected = charge.link->schedule.expected();
    deps.observer->changed(charge.row(), charge.progress);
}

void Runner::Impl::at_turn_end() {
    if (turn_end_asked) return;
    turn_end_asked = true;
    deps.loop.at_turn_end([this, alive = std::weak_ptr(alive)] {
        if (!alive.expired()) commit();
    });
}

void Runner::Impl::commit() {
    pump();
    turn_end_asked = false;
    roomy.clear();
    const auto calls = std::exchange(after_commit, {});
    const auto changed = std::exchange(opened, {});
    opened.reserve(changed.size());
    auto over = std::exchange(ends, {});  // those that this commit puts on disk; what the calls below end is of the next one
    if (auto committed = deps.ledger.commit(); !committed) {
        ledger_failed(committed.error());
        over.insert(over.end(), ends.begin(), ends.end());
        ends.clear();
        for (const auto& id : over) tell_end(id);
        turn_end_asked = false;
        return;
    }
    for (const auto& id : changed)
        if (auto* charge = find(id)) charge->unsaved = false;
    for (const auto& call : calls) call();
    for (const auto& id : over) tell_end(id);
    for (const auto& id : changed)
        if (auto* charge = find(id); charge && charge->open) {
            put_away(*charge);
            if (charge->open) opened.push_back(id);
        }
}

// Of this turn at most downloads' progress is on disk: none of its requests may leave. A paid one that has left is waited for as at an
// interrupt: its answer names what was paid, and what was learnt must not be lost.
void Runner::Impl::ledger_failed(const Error& why) {
    const bool news = !ledger_error;
    if (news) ledger_error = why;
    leaving = ErrorKind::local;
    after_commit.clear();
    for (auto& [id, charge] : charges) {
        if (charge.paid_under_way && charge.ticket && deps.client.may_have_left(*charge.ticket)) continue;
        if (!charge.rests) rest(charge, why);
        else if (charge.unsaved && !charge.why_rests) charge.why_rests = why;
    }
    write_rescue(why);
    if (!news) return;
    deps.loop.after(patience_at_leaving, [this, alive = std::weak_ptr(alive)] {
        if (alive.expired()) return;
        for (auto& [id, charge] : charges)
            if (!charge.rests) rest(charge, *ledger_error);
    });
}

// The providers' ids that the ledger has not got: one file, written anew with each that comes.
void Runner::Impl::write_rescue(const Error& why) {
    json lost = json::array();
    for (auto& [id, charge] : charges)
        if (charge.handle && !is_final(charge.stage))
            lost.push_back({{"job", id.text}, {"route", charge.lane->route}, {"model", charge.lane->model}, {"handle", charge.handle->value},
                            {"base_url", charge.open ? json(charge.row().base_url) : json()}});
    if (lost.empty()) return;
    const auto text = core::dump(json{{"schema", "shotwire.rescue/1"}, {"why", why.message}, {"jobs", lost}}, 2);
    if (!rescue.empty() && core::write_file(rescue, text, core::Existing::replace, 0600)) return;
    for (const auto& folder : {deps.ledger.file().parent_path(), core::state_home(), std::filesystem::temp_directory_path()}) {
        const auto file = folder / ("rescue-" + core::random_id("", 8) + ".json");
        if (!core::write_file(file, text, core::Existing::keep, 0600)) continue;
        rescue = file;
        if (deps.observer)
            deps.observer->warned({}, fmt::format("the ledger could not be written; the providers' ids of the jobs under way are in {}", file.string()));
        return;
    }
    if (deps.observer) deps.observer->warned({}, "neither the ledger nor a rescue file could be written; jobs under way: " + core::dump(lost));
}

Result<> Runner::Impl::connect(Charge& charge) {
    if (charge.link) return Ok{};
    if (!open_up(charge)) return *charge.why_rests;
    const auto& row = charge.row();
    // The expected time differs by length and resolution.
    const auto key = std::tie(row.route, row.base_url, row.model, row.seconds, row.resolution);
    if (const auto known = links.find(key); known != links.end()) {
        charge.link = known->second;
        return Ok{};
    }
    auto made = deps.connect(row);
    if (!made) return made.error();
    auto past = deps.ledger.past(row.route, row.model, row.resolution);
    if (!past) return past.error();
    Schedule schedule(*past, made->expected, row.seconds, Schedule::Bounds{made->least_poll, 30s});
    charge.traffic->submits_per_minute = made->submits_per_minute;
    if (charge.lane->ceiling == 0) charge.lane->ceiling = charge.lane->most = made->most_at_once;
    charge.link = links.emplace(key, std::make_shared<const Link>(Link{std::move(*made), std::move(schedule)})).first->second;
    return Ok{};
}

void Runner::Impl::leave(ErrorKind why) {
    leaving = why;
    for (auto& [id, charge] : charges) {
        const bool clip_here = !charge.sources.empty() && !std::holds_alternative<http::Request>(charge.sources.front());
        if (charge.rests || clip_here) continue;
        // Still on its way to a connection: surely not sent, and nothing to wait for. One that is repeated by its key is as open as before.
        const bool unsent = charge.paid_under_way && charge.ticket && !charge.repeats && !deps.client.may_have_left(*charge.ticket);
        if (charge.paid_under_way && !unsent) continue;
        drop_requests(charge);
        if (unsent) {
            charge.busy = charge.paid_under_way = false;
            if (!charge.last_failure) charge.last_failure = Error{ErrorKind::network, http::host_of(charge.row().base_url) + " was not connected to"};
            not_sent(charge, {});
            continue;
        }
        charge.busy = false;
        if (why == ErrorKind::cancelled && settings.cancel_on_interrupt && charge.ours && charge.stage == Stage::rendering)
            cancel_remotely(charge);
        else if (charge.ours && charge.stage == Stage::submitting && open_up(charge) && charge.row().unsent)
            not_sent(charge, {});
        else
            rest(charge, why_left(charge));
    }
    // What is under way has this long to come to its end; a paid answer that comes later is looked for by the next run. A time-out
    // that a script has set holds within 5 s.
    deps.loop.after(why == ErrorKind::cancelled ? patience_at_leaving : 4s, [this, alive = std::weak_ptr(alive)] {
        if (alive.expired()) return;
        for (auto& [id, charge] : charges)
            if (!charge.rests) cut(charge);
    });
}

Error Runner::Impl::why_left(Charge& charge) {
    if (ledger_error) return *ledger_error;
    const auto go_on = fmt::format("`shotwire jobs wait {}` goes on", charge.id.text);
    if (leaving == ErrorKind::cancelled)
        return {ErrorKind::cancelled, charge.stage == Stage::planned ? "interrupted before anything was sent" : "interrupted; " + go_on};
    // Whatever kept us from finding it: that it may have been paid is what counts.
    if (charge.stage == Stage::unknown && open_up(charge) && charge.row().error) return *charge.row().error;
    const auto waited = core::print_length(leaving ? settings.timeout : settings.timeout_each.value_or(settings.timeout));
    if (charge.last_failure)
        return {charge.last_failure->kind, fmt::format("{}; tried for {}. {}", charge.last_failure->message, waited, go_on)};
    return {ErrorKind::pending, fmt::format("still {} after {}; {}", to_string(charge.stage), waited, go_on)};
}

bool Runner::Impl::over() {
    const int asked_to_leave = interrupts.load();
    if (asked_to_leave >= 2) return true;
    if (asked_to_leave == 1 && leaving != ErrorKind::cancelled) leave(ErrorKind::cancelled);
    const bool more = deps.more_to_come && !leaving && deps.more_to_come();  // it may add some right now
    return !turn_end_asked && active == 0 && !more;
}

}  // namespace shotwire::job
