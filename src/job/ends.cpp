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
    if (charge.repeated) withdraw(charge);
    if (charge.rests) return;  // the ledger failed
    charge.rests = true;
    --active;
    ended_cost = ended_cost + charge.of_this_run();
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
    if (charge->repeated && charge->stage == Stage::cancelled && !charge->handle)  // nothing came of the second try: the first one is how it ended
        if (auto first = deps.ledger.find(charge->repeated->text); first && *first) {
            const int retries = charge->withdrawn ? 0 : charge->retries + 1;  // another process gave it up, which is no word about this run
            auto& old = put_in_place_of(*charge, std::move(**first));
            auto why = error_of(old.row());
            if (why && leaving == ErrorKind::cancelled) why = Error{ErrorKind::cancelled, "interrupted before it was tried again: " + why->message};
            rest_at_once(old, std::move(why));
            old.retries = retries;
            return;
        }
    if (!deps.observer || !deps.observer->wants_ends()) return;
    // A ledger that fails may not be read either.
    Outcome outcome{{}, charge->why_rests.get(), charge->shown.get(), charge->index, charge->extra};
    if (open_up(*charge)) outcome.row = charge->row();
    else outcome.row.id = id;
    deps.observer->ended(outcome);
}

// A failed job's order once more, as a job of its own: the row of the first one stays as it ended. Where another process has placed it
// anew, what becomes of that is the end of this one, too.
void Runner::Impl::place_again(const JobId& failed) {
    auto& old = charges.at(failed);
    const auto retries = std::exchange(old.retries, 0) - 1;
    if (!open_up(old)) return announce(old);
    const auto as_it_is = [&](const Error* why) {
        if (why) old.why_rests = *why;
        announce(old);
    };
    const auto equal = deps.ledger.by_fingerprint(old.row().fingerprint);
    if (!equal) return as_it_is(&equal.error());
    const auto* standing = standing_for(*equal, old.row().ordinal);
    if (!standing || charges.contains(standing->id) != (standing->id == failed)) return as_it_is(nullptr);  // what was made beside it may be its clip
    if (standing->id != failed) {
        auto& charge = put_in_place_of(old, *standing);
        charge.retries = retries;
        charge.repeated = failed;
        return is_final(charge.stage) ? rest_at_once(charge, error_of(charge.row())) : advance(charge);
    }
    if (auto may = may_spend(old.row(), settings.limits_of ? settings.limits_of(old.row().profile) : settings.limits); !may) {
        if (deps.observer) deps.observer->warned(failed, "not tried again: " + may.error().message);
        return as_it_is(nullptr);
    }
    Row row;
    static_cast<Asked&>(row) = old.row();
    row.id = {core::random_id("", 8)};
    const auto id = row.id;
    auto inserted = deps.ledger.insert(std::move(row), false);
    if (!inserted) return as_it_is(&inserted.error());
    auto& charge = put_in_place_of(old, std::move(*inserted));
    charge.retries = retries;
    charge.repeated = failed;
    charge.made = charge.id == id;
    if (charge.made) fresh.push_back(id);
    if (charge.made && deps.observer) deps.observer->warned(charge.id, fmt::format("job {} failed; tried again as {}", failed.text, charge.id.text));
    advance(charge);
}

Charge& Runner::Impl::put_in_place_of(Charge& charge, Row row) {
    const auto place = charge.place;
    const auto index = charge.index;
    auto also = std::move(charge.also);
    if (open_up(charge))
        for (const auto* path : {&charge.row().output, &charge.row().clip}) places.erase(*path);
    charges.erase(JobId(charge.id));
    auto& next = take(std::move(row), false);
    asked.pop_back();
    asked[place] = next.id;
    next.place = place;
    next.index = index;
    next.also = std::move(also);
    return next;
}

// Nobody who runs the batch again without a word of retries expects to pay for one that this run did not send.
void Runner::Impl::withdraw(Charge& charge) {
    if (charge.stage != Stage::planned || !std::exchange(charge.made, false) || deps.ledger.broken()) return;
    if (!charge.ours)
        if (auto claimed = claim(charge); !claimed || !*claimed) return;
    if (!open_up(charge) || charge.stage != Stage::planned) return;
    charge.row().error = Error{ErrorKind::cancelled, "never sent: a second try of a job that failed"};
    charge.withdrawn = move(charge, Stage::cancelled, charge.row().error->message);
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
