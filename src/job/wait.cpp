#include <spdlog/fmt/fmt.h>

#include "core/text.hpp"
#include "job/drive.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

// Another process works on it: its row tells how it goes, and its death gives it to us.
void Runner::Impl::watch(Charge& charge) {
    auto row = deps.ledger.find(charge.row.id.text);
    if (!row) return rest(charge, row.error());
    if (!*row) return rest(charge, Error{ErrorKind::local, fmt::format("job {} is no longer in the ledger", charge.row.id.text)});
    const bool changed = (*row)->stage != charge.row.stage;
    charge.row = **row;
    if (changed) tell(charge);
    if (is_final(charge.row.stage)) return finish(charge);
    if (leaving) return rest(charge, why_left(charge));
    auto claimed = deps.ledger.claim(charge.row.id);
    at_turn_end();
    if (!claimed) return rest(charge, claimed.error());
    if (*claimed) {
        charge.ours = true;
        return advance(charge);
    }
    charge.progress.word = "another process works on it";
    later(charge, 500ms, &Impl::watch);
}

void Runner::Impl::poll(Charge& charge) {
    if (charge.busy) return;
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());
    if (!charge.row.handle) return rest(charge, Error{ErrorKind::local, fmt::format("job {} has no id of the provider in the ledger", charge.row.id.text)});
    if (charge.cancel) return cancel_remotely(charge);
    if (charge.accepted == core::Moment{})
        charge.accepted = deps.loop.now() - std::max(system_clock::duration(0), deps.clock.wall() - charge.row.accepted.value_or(charge.row.created));
    charge.busy = true;
    charge.polled_at = deps.loop.now();
    carry<backend::JobState>(charge.row.id, charge.connection->backend->poll(*charge.row.handle),
                             [this](Charge& job, Result<backend::JobState> state) { polled(job, std::move(state)); });
}

void Runner::Impl::polled(Charge& charge, Result<backend::JobState> state) {
    if (charge.rests) return;
    if (state) {
        charge.answered = true;
        charge.failures = 0;
        charge.last_failure.reset();
        return heard(charge, *state);
    }
    const auto& error = state.error();
    // Works again with a new key, another name, or trust. A host that answered before is another matter: its network will come back.
    if (error.kind == ErrorKind::auth || (error.lasting && !charge.answered)) return rest(charge, error);
    // Free to ask again: the job lives at the provider whatever became of this answer.
    charge.last_failure = error;
    charge.progress.word = error.message;
    tell(charge);
    const auto wait = std::max(http::backoff(charge.failures++, dice(), charge.connection->least_poll), error.retry_after.value_or(0ms));
    later(charge, wait, &Impl::poll);
}

void Runner::Impl::heard(Charge& charge, const backend::JobState& state) {
    const auto elapsed = duration_cast<milliseconds>(deps.loop.now() - charge.accepted);
    if (const auto* rendering = std::get_if<backend::Rendering>(&state)) {
        charge.progress.done = rendering->progress;
        charge.progress.queue = rendering->queue;
        charge.progress.word = rendering->word;
        charge.followed = true;
        tell(charge);
        return later(charge, charge.schedule->next(elapsed, rendering->progress, rendering->not_before, dice()), &Impl::poll);
    }
    if (const auto* ready = std::get_if<backend::Ready>(&state)) {
        if (ready->clips.empty()) return polled(charge, Error{ErrorKind::provider, "the provider calls it done but names no clip"});
        if (charge.row.stage == Stage::rendering) {
            charge.row.ready = deps.clock.wall();
            // Collected a day later it did not take a day.
            if (charge.followed) charge.row.took = elapsed;
        }
        charge.row.expires = ready->expires;
        if (ready->billed) charge.row.settled = ready->billed;
        charge.sources = ready->clips;
        charge.progress.word.clear();
        if (charge.row.stage == Stage::rendering ? !move(charge, Stage::ready) : !save(charge)) return;
        return charge.first ? look_for_first(charge) : fetch(charge);
    }
    if (const auto* failed = std::get_if<backend::Failed>(&state)) {
        charge.row.settled = failed->billed;
        charge.row.error = failed->reason;
        const auto end = charge.row.stage != Stage::rendering              ? Stage::expired  // it was ready before
                         : failed->reason.kind == ErrorKind::rejected ? Stage::rejected
                                                                      : Stage::failed;
        if (move(charge, end, failed->reason.message)) rest(charge, failed->reason);
        return;
    }
    // Gone. Right after the submit it may not be visible yet; an answer that took long tells of the time when it was asked for.
    if (charge.row.stage == Stage::rendering && charge.polled_at - charge.accepted < settings.settle_time)
        return later(charge, std::max<milliseconds>(charge.connection->least_poll, 1s), &Impl::poll);
    const auto paid = charge.row.price && charge.row.price->micros ? fmt::format("; USD {} may have been billed", to_string(*charge.row.price)) : "";
    charge.row.error = Error{ErrorKind::provider, charge.row.ready ? fmt::format("the clip was rendered, but the provider no longer has it{}", paid)
                                                                   : fmt::format("the provider no longer knows the job{}", paid)};
    auto stage = charge.row.ready ? Stage::expired : Stage::failed;
    if (move(charge, stage, charge.row.error->message)) rest(charge, charge.row.error);
}

void Runner::Impl::cancel_remotely(Charge& charge) {
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());
    charge.busy = true;
    carry<Ok>(charge.row.id, charge.connection->backend->cancel(*charge.row.handle), [this](Charge& job, Result<Ok> done) {
        if (job.rests) return;
        if (!done) return rest(job, leaving ? why_left(job) : done.error());
        if (move(job, Stage::cancelled, "by the user")) rest(job, error_of(job.row));
    });
}

}  // namespace shotwire::job
