#include <spdlog/fmt/fmt.h>

#include "core/hash.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"

// How a job ends in a run: it rests, whoever waits is told once that is on disk, or its order is placed anew.
namespace shotwire::job {

namespace {
// Worth paying for once more, unasked: what the provider broke, not what it refused or what is ours to mend.
bool worth_retrying(const Error& why) {
    return !why.lasting && (why.kind == ErrorKind::provider || why.kind == ErrorKind::network || why.kind == ErrorKind::rate_limited);
}
}  // namespace

void Runner::Impl::rest(Charge& charge, std::optional<Error> why) {
    if (charge.rests) return;
    charge.rests = true;
    --active;
    ended_cost.micros += charge.counted.micros - charge.before.micros;
    charge.busy = charge.paid_under_way = charge.queued = false;
    charge.why_rests = std::move(why);
    drop_requests(charge);
    free_slot(charge);
    charge.part.reset();
    charge.sources.clear();
    at_turn_end();
    if (charge.ours) {
        (void)deps.ledger.release(charge.id);  // a failed one is noticed at the commit
        charge.ours = false;
    }
    tell(charge);
    announce(charge);
}

void Runner::Impl::rest_at_once(Charge& charge, std::optional<Error> why) {
    charge.rests = true;
    charge.retries = 0;
    charge.why_rests = std::move(why);
    --active;
    announce(charge);
}

// To whoever waits for ends, when this one is on disk; or its order is placed anew.
void Runner::Impl::announce(Charge& charge) {
    at_turn_end();
    ends.push_back(charge.id);
}

void Runner::Impl::tell_end(const JobId& id) {
    auto* charge = find(id);
    if (!charge) return;
    const bool again = charge->retries > 0 && !leaving && charge->stage == Stage::failed && charge->why_rests && worth_retrying(*charge->why_rests);
    if (again && !deps.ledger.broken()) return place_again(id);
    if (!deps.observer || !deps.observer->wants_ends()) return;
    // A ledger that fails may not be read either.
    Outcome outcome{{}, charge->why_rests.get(), charge->shown.get(), charge->index, charge->extra};
    if (open_up(*charge)) outcome.row = charge->row();
    else outcome.row.id = id;
    deps.observer->ended(outcome);
}

// A failed job's order once more, as a job of its own: the row of the first one stays as it ended.
void Runner::Impl::place_again(const JobId& failed) {
    auto& old = charges.at(failed);
    if (!open_up(old)) return;
    const auto& was = old.row();
    const auto equal = deps.ledger.by_fingerprint(was.fingerprint);
    const auto* standing = equal ? standing_for(*equal, was.ordinal) : nullptr;
    if (!standing || standing->stage != Stage::failed) {  // what was made beside it may be its clip
        old.retries = 0;
        if (!equal) old.why_rests = equal.error();
        return announce(old);
    }
    Row row;
    static_cast<Asked&>(row) = was;
    row.id = {core::random_id("", 8)};
    auto inserted = deps.ledger.insert(row, false);
    if (!inserted) {
        old.retries = 0;
        old.why_rests = inserted.error();
        return announce(old);
    }
    const auto place = old.place;
    const auto index = old.index;
    const auto retries = old.retries - 1;
    for (const auto* path : {&was.output, &was.clip}) places.erase(*path);
    charges.erase(failed);
    auto& charge = take(std::move(*inserted), false);
    asked.pop_back();
    asked[place] = charge.id;
    charge.place = place;
    charge.index = index;
    charge.retries = retries;
    charge.made = true;
    fresh.push_back(charge.id);
    if (deps.observer) deps.observer->warned(charge.id, fmt::format("job {} failed; tried again as {}", failed.text, charge.id.text));
    advance(charge);
}

void Runner::Impl::finish(Charge& charge) {
    auto why = error_of(charge.row());
    const bool there = charge.stage == Stage::done || charge.stage == Stage::mismatch;
    if (charge.also && there && charge.also->path != charge.row().clip) {
        if (auto copied = copy_clip(charge.row(), charge.also->path, charge.also->force)) charge.shown = charge.also->path.string();
        else why = copied.error();
    }
    rest(charge, why);
}

}  // namespace shotwire::job
