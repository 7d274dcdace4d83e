#include <spdlog/fmt/fmt.h>

#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/paths.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

Runner::Impl::Impl(Deps d, Settings s) : deps(std::move(d)), settings(s), random(s.seed ? s.seed : std::random_device{}()) {}

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

Charge& Runner::Impl::take(Row row, bool ours) {
    auto& charge = charges[row.id];
    charge.row = std::move(row);
    charge.ours = ours;
    if (auto order = catalog::order_from_json(charge.row.order)) charge.order = std::move(*order);
    return charge;
}

void Runner::Impl::advance(Charge& charge) {
    if (charge.rests || charge.busy) return;
    if (!charge.ours) return watch(charge);
    switch (charge.row.stage) {
        case Stage::planned: return submit(charge);
        case Stage::submitting:
            if (charge.row.unsent) return submit(charge);
            return lost(charge, "the run that sent it ended before the answer was noted");
        case Stage::unknown: return look_for(charge);
        case Stage::rendering: return poll(charge);
        case Stage::ready:
        case Stage::downloading: return fetch(charge);
        default: return rest(charge);
    }
}

void Runner::Impl::later(Charge& charge, milliseconds delay, void (Impl::*next)(Charge&)) {
    if (charge.timer) deps.loop.cancel_timer(*charge.timer);
    charge.timer = deps.loop.after(delay, [this, id = charge.row.id, next] {
        auto* charge = find(id);
        if (!charge || charge->rests) return;
        charge->timer.reset();
        (this->*next)(*charge);
    });
}

void Runner::Impl::send(Charge& charge, http::Request request, http::Client::Done done) {
    at_turn_end();
    after_commit.push_back([this, id = charge.row.id, request = std::move(request), done = std::move(done)]() mutable {
        auto* charge = find(id);
        if (!charge || charge->rests) return;
        charge->ticket = deps.client.send(std::move(request), [this, id, done](Result<http::Response> answer) {
            auto* charge = find(id);
            if (!charge) return;
            charge->ticket.reset();
            done(std::move(answer));
        });
    });
}

bool Runner::Impl::save(Charge& charge, const std::string& note) {
    at_turn_end();
    if (auto saved = deps.ledger.save(charge.row, note); !saved) {
        if (!charge.rests) rest(charge, saved.error());
        return false;
    }
    charge.unsaved = true;
    return true;
}

bool Runner::Impl::move(Charge& charge, Stage stage, const std::string& note) {
    charge.row.stage = stage;
    if (is_final(stage)) charge.row.ended = deps.clock.wall();
    if (!save(charge, note)) return false;
    tell(charge);
    return true;
}

void Runner::Impl::rest(Charge& charge, std::optional<Error> why) {
    if (charge.rests) return;
    charge.rests = true;
    charge.busy = charge.paid_under_way = false;
    charge.why_rests = std::move(why);
    drop_requests(charge);
    charge.part.reset();
    if (charge.ours) {
        at_turn_end();
        (void)deps.ledger.release(charge.row.id);  // a failed one is noticed at the commit
        charge.ours = false;
    }
    tell(charge);
    at_turn_end();
    after_commit.push_back([this] { start_queued(); });
}

void Runner::Impl::finish(Charge& charge) {
    auto why = error_of(charge.row);
    const bool there = charge.row.stage == Stage::done || charge.row.stage == Stage::mismatch;
    if (charge.also && there && charge.also->path != charge.row.clip) {
        if (auto copied = copy_clip(charge.row, charge.also->path, charge.also->force)) charge.row.clip = charge.also->path.string();
        else why = copied.error();
    }
    rest(charge, why);
}

void Runner::Impl::drop_requests(Charge& charge) {
    if (charge.ticket) deps.client.cancel(*charge.ticket);
    if (charge.timer) deps.loop.cancel_timer(*charge.timer);
    charge.ticket.reset();
    charge.timer.reset();
}

void Runner::Impl::tell(Charge& charge, bool now) {
    if (!deps.observer) return;
    // A fast download would tell ten thousand times.
    if (!now && deps.loop.now() - charge.told < 200ms) return;
    charge.told = deps.loop.now();
    const auto start = charge.row.accepted ? *charge.row.accepted : charge.row.created;
    charge.progress.elapsed = std::max(0ms, duration_cast<milliseconds>(deps.clock.wall() - start));
    if (charge.schedule) charge.progress.expected = charge.schedule->expected();
    deps.observer->changed(charge.row, charge.progress);
}

void Runner::Impl::at_turn_end() {
    if (turn_end_asked) return;
    turn_end_asked = true;
    deps.loop.at_turn_end([this, alive = std::weak_ptr(alive)] {
        if (!alive.expired()) commit();
    });
}

void Runner::Impl::commit() {
    turn_end_asked = false;
    const auto calls = std::exchange(after_commit, {});
    if (auto committed = deps.ledger.commit(); !committed) {
        // Nothing of this turn is on disk: none of its requests may leave, and what was learnt must not be lost.
        write_rescue(committed.error());
        for (auto& [id, charge] : charges) {
            if (!charge.rests) rest(charge, committed.error());
            else if (charge.unsaved && !charge.why_rests) charge.why_rests = committed.error();
        }
        after_commit.clear();
        turn_end_asked = false;
        return;
    }
    for (auto& [id, charge] : charges) charge.unsaved = false;
    for (const auto& call : calls) call();
}

void Runner::Impl::write_rescue(const Error& why) {
    json lost = json::array();
    for (auto& [id, charge] : charges)
        if (charge.row.handle && !is_final(charge.row.stage))
            lost.push_back({{"job", id.text}, {"route", charge.row.route}, {"base_url", charge.row.base_url}, {"model", charge.row.model}, {"handle", charge.row.handle->value}});
    if (lost.empty()) return;
    const json document{{"schema", "shotwire.rescue/1"}, {"why", why.message}, {"jobs", lost}};
    for (const auto& folder : {deps.ledger.file().parent_path(), core::state_home(), std::filesystem::temp_directory_path()}) {
        const auto file = folder / ("rescue-" + core::random_id("", 8) + ".json");
        if (!core::write_file(file, core::dump(document, 2), core::Existing::keep, 0600)) continue;
        if (deps.observer)
            deps.observer->warned({}, fmt::format("the ledger could not be written; the providers' ids of the jobs under way are in {}", file.string()));
        return;
    }
    if (deps.observer) deps.observer->warned({}, "neither the ledger nor a rescue file could be written; jobs under way: " + core::dump(lost));
}

Result<> Runner::Impl::connect(Charge& charge) {
    if (charge.connection) return Ok{};
    const auto key = fmt::format("{} {} {} {}", charge.row.route, charge.row.base_url, charge.row.model, charge.row.seconds);  // the expected time differs
    if (const auto known = connections.find(key); known != connections.end()) {
        charge.connection = known->second;
    } else {
        auto made = deps.connect(charge.row);
        if (!made) return made.error();
        charge.connection = connections.emplace(key, *made).first->second;
    }
    auto past = deps.ledger.past(charge.row.route, charge.row.model);
    if (!past) return past.error();
    charge.schedule.emplace(*past, charge.connection->expected, charge.row.seconds, Schedule::Bounds{charge.connection->least_poll, 30s});
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
            if (!charge.last_failure) charge.last_failure = Error{ErrorKind::network, http::host_of(charge.row.base_url) + " was not connected to"};
            not_sent(charge, {});
            continue;
        }
        charge.busy = false;
        if (why == ErrorKind::cancelled && settings.cancel_on_interrupt && charge.ours && charge.row.stage == Stage::rendering)
            cancel_remotely(charge);
        else if (charge.ours && charge.row.stage == Stage::submitting && charge.row.unsent)
            not_sent(charge, {});
        else
            rest(charge, why_left(charge));
    }
    // What is under way has this long to come to its end; a paid answer that comes later is looked for by the next run. A time-out
    // that a script has set holds within 5 s.
    deps.loop.after(why == ErrorKind::cancelled ? 10s : 4s, [this, alive = std::weak_ptr(alive)] {
        if (alive.expired()) return;
        for (auto& [id, charge] : charges)
            if (!charge.rests) cut(charge);
    });
}

Error Runner::Impl::why_left(const Charge& charge) const {
    const auto go_on = fmt::format("`shotwire jobs wait {}` goes on", charge.row.id.text);
    if (leaving == ErrorKind::cancelled)
        return {ErrorKind::cancelled, charge.row.stage == Stage::planned ? "interrupted before anything was sent" : "interrupted; " + go_on};
    // Whatever kept us from finding it: that it may have been paid is what counts.
    if (charge.row.stage == Stage::unknown && charge.row.error) return *charge.row.error;
    const auto waited = core::print_length(settings.timeout);
    if (charge.last_failure)
        return {charge.last_failure->kind, fmt::format("{}; tried for {}. {}", charge.last_failure->message, waited, go_on)};
    return {ErrorKind::pending, fmt::format("still {} after {}; {}", to_string(charge.row.stage), waited, go_on)};
}

bool Runner::Impl::over() {
    const int asked_to_leave = interrupts.load();
    if (asked_to_leave >= 2) return true;
    if (asked_to_leave == 1 && leaving != ErrorKind::cancelled) leave(ErrorKind::cancelled);
    return !turn_end_asked && std::all_of(charges.begin(), charges.end(), [](const auto& entry) { return entry.second.rests; });
}

}  // namespace shotwire::job
