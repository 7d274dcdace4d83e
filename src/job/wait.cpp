#include <spdlog/fmt/fmt.h>

#include "core/text.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

// Another process works on it: its row tells how it goes, and its death gives it to us.
void Runner::Impl::watch(Charge& charge) {
    if (!std::exchange(charge.watching, true)) ++watched;
    const auto let_go = [&] { watched -= std::exchange(charge.watching, false); };
    const auto again = [&] {
        charge.progress.word = "another process works on it";
        later(charge, std::max<milliseconds>(500ms, 2ms * watched), &Impl::watch);
    };
    auto look = deps.ledger.look(charge.id);
    if (look && *look && (*look)->stage == charge.stage && !(*look)->claimable && !leaving && !is_final(charge.stage)) return again();
    auto row = deps.ledger.find(charge.id.text);
    if (!row) return let_go(), rest(charge, row.error());
    if (!*row) return let_go(), rest(charge, Error{ErrorKind::local, fmt::format("job {} is no longer in the ledger", charge.id.text)});
    const bool changed = (*row)->stage != charge.stage;
    charge.open = std::make_unique<Charge::Open>(std::move(**row));
    opened.push_back(charge.id);
    at_turn_end();
    charge.stage = charge.row().stage;
    charge.handle = charge.row().handle;
    if (changed) tell(charge);
    if (is_final(charge.stage)) return let_go(), finish(charge);
    if (leaving) return let_go(), rest(charge, why_left(charge));
    auto claimed = look && *look && (*look)->claimable ? claim(charge) : Result<bool>(false);
    if (!claimed) return let_go(), rest(charge, claimed.error());
    if (*claimed) {
        let_go();
        return is_final(charge.stage) ? finish(charge) : advance(charge);
    }
    again();
}

void Runner::Impl::poll(Charge& charge) {
    if (charge.busy || charge.queued) return;
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());
    if (!charge.handle) return rest(charge, Error{ErrorKind::local, fmt::format("job {} has no id of the provider in the ledger", charge.id.text)});
    if (charge.cancel) return cancel_remotely(charge);
    if (charge.accepted == core::Moment{}) {
        if (!open_up(charge)) return;
        charge.accepted = deps.loop.now() - std::max(system_clock::duration(0), deps.clock.wall() - charge.row().accepted.value_or(charge.row().created));
    }
    if (!charge.traffic->lets_through(deps.loop.now())) {
        if (out_of_time(charge)) return rest(charge, why_left(charge));
        return later(charge, until_probe(charge), &Impl::poll);
    }
    if (!may_ask(charge)) return;
    charge.busy = true;
    charge.polled_at = deps.loop.now();
    carry<backend::JobState>(charge.id, charge.link->connection.backend->poll(*charge.handle),
                             [this](Charge& job, Result<backend::JobState> state) { polled(job, std::move(state)); });
}

void Runner::Impl::polled(Charge& charge, Result<backend::JobState> state) {
    if (charge.rests) return;
    if (state) {
        charge.answered = true;
        reached(charge);
        if (const auto* ready = std::get_if<backend::Ready>(&*state); ready && ready->clips.size() <= std::size_t(charge.number)) state = Error{ErrorKind::provider, "the provider calls it done but names no clip"};
    }
    if (state) {
        if (!std::holds_alternative<backend::Gone>(*state)) charge.failures = 0, charge.gone_since.reset();
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
    if (out_of_time(charge)) return rest(charge, why_left(charge));
    const auto wait = std::max(http::backoff(charge.failures++, dice(), charge.link->connection.least_poll), error.retry_after.value_or(0ms));
    not_reached(charge);
    later(charge, wait, &Impl::poll);
}

// The time-out of each job, where there is one: it goes on at the provider, or in a later run, and frees its place here.
bool Runner::Impl::out_of_time(const Charge& charge) const {
    if (!settings.timeout_each) return false;
    const auto now = deps.loop.now();
    const auto since = charge.accepted != core::Moment{} ? charge.accepted : charge.trying_since.value_or(now);
    return now - std::max(since, started) > *settings.timeout_each;
}

// Once for each.
void Runner::Impl::warn_of_word(const Charge& charge, const std::string& word) {
    const bool news = strange_words.size() < 32 && strange_words.insert(word).second;
    if (news && deps.observer) deps.observer->warned(charge.id, fmt::format("its state is '{}' at the provider, a word that is not known here; it counts as still rendering", word));
}

void Runner::Impl::heard(Charge& charge, const backend::JobState& state) {
    const auto elapsed = duration_cast<milliseconds>(deps.loop.now() - charge.accepted);
    if (const auto* rendering = std::get_if<backend::Rendering>(&state)) {
        charge.progress.done = rendering->progress;
        charge.progress.queue = rendering->queue;
        charge.progress.word = rendering->word;
        charge.unready = deps.loop.now();
        tell(charge);
        if (!rendering->word.empty() && !rendering->described && !backend::is_running_word(rendering->word)) warn_of_word(charge, rendering->word);
        if (out_of_time(charge)) return rest(charge, why_left(charge));
        return later(charge, charge.link->schedule.next(elapsed, rendering->progress, rendering->not_before, dice()), &Impl::poll);
    }
    if (!open_up(charge)) return;
    if (const auto* ready = std::get_if<backend::Ready>(&state)) {
        const bool news = charge.row().stage == Stage::rendering;
        if (news) {
            charge.row().ready = deps.clock.wall();
            // Between the last two polls: to note when it was seen would make the past slower with each job. Collected a day later
            // it did not take a day.
            if (charge.unready != core::Moment{}) charge.row().took = elapsed - duration_cast<milliseconds>(deps.loop.now() - charge.unready) / 2;
        }
        charge.row().expires = ready->expires;
        free_slot(charge);
        if (charge.number == 0) settle(charge, ready->billed);  // for all clips of the job
        charge.sources.clear();
        if (const auto number = std::size_t(charge.number); number < ready->clips.size()) charge.sources = {ready->clips[number]};
        charge.progress.word.clear();
        if (news ? !move(charge, Stage::ready) : !save(charge)) return;
        if (news) keep_others(charge, *ready);
        if (charge.rests) return;
        return fetch(charge);
    }
    const bool gone = std::holds_alternative<backend::Gone>(state);
    // Right after the submit it may not be visible yet, and one answer of a host may be wrong: it is gone once it has been for a while.
    if (gone && !charge.gone_since) charge.gone_since = charge.polled_at;
    const bool free = charge.row().price && charge.row().price->micros == 0;  // and soon ordered again
    const bool fresh = charge.row().stage == Stage::rendering && charge.polled_at - charge.accepted < settings.settle_time;
    if (gone && (fresh || charge.polled_at - *charge.gone_since < (free ? 1s : settings.settle_time))) {
        if (leaving || out_of_time(charge)) return rest(charge, why_left(charge));
        return later(charge, std::max(http::backoff(charge.failures++, dice(), 1s, 10s), charge.link->connection.least_poll), &Impl::poll);
    }
    // It ends without a clip, and the first sending of it may have made one.
    charge.ending = true;
    if (!part_with_first(charge)) return;
    if (const auto* failed = std::get_if<backend::Failed>(&state)) {
        settle(charge, failed->billed);
        charge.row().error = failed->reason;
        const auto end = charge.row().stage != Stage::rendering              ? Stage::expired  // it was ready before
                         : failed->reason.kind == ErrorKind::rejected ? Stage::rejected
                                                                      : Stage::failed;
        if (move(charge, end, failed->reason.message)) rest(charge, failed->reason);
        return;
    }
    const auto paid = charge.row().price && charge.row().price->micros ? fmt::format("; USD {} may have been billed", to_string(*charge.row().price)) : "";
    charge.row().error = Error{ErrorKind::provider, charge.row().ready ? fmt::format("the clip was rendered, but the provider no longer has it{}; the same order with --again makes a new one", paid)
                                                                   : fmt::format("the provider no longer knows the job{}", paid)};
    charge.row().error->lasting = true;  // what may have been paid is not paid for again unasked
    auto stage = charge.row().ready ? Stage::expired : Stage::failed;
    if (move(charge, stage, charge.row().error->message)) rest(charge, charge.row().error);
}

// What it truly cost, where the provider tells.
void Runner::Impl::settle(Charge& charge, const std::optional<Money>& billed) {
    if (!billed) return;
    auto& row = charge.row();
    if (row.price && *billed > *row.price && row.settled != billed && deps.observer)
        deps.observer->warned(charge.id, fmt::format("the provider billed USD {}, not USD {}", to_string(*billed), to_string(*row.price)));
    row.settled = billed;
}

void Runner::Impl::cancel_remotely(Charge& charge) {
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());
    charge.busy = true;
    carry<Ok>(charge.id, charge.link->connection.backend->cancel(*charge.handle), [this](Charge& job, const Result<Ok>& done) {
        if (job.rests || !open_up(job)) return;
        if (!done && done.error().kind == ErrorKind::pending && !leaving) {
            job.cancel = false;
            job.row().cancel_wanted = true;
            if (deps.observer) deps.observer->warned(job.id, done.error().message);
            return later(job, 1s, &Impl::poll);
        }
        if (!done) {
            auto error = leaving ? why_left(job) : done.error();
            if (backend::says_it_renders_on(error) && job.row().price != Money{}) error.message += ", and is paid";
            return rest(job, std::move(error));
        }
        job.ending = true;
        if (!part_with_first(job)) return;
        if (!move(job, Stage::cancelled, "by the user")) return;
        auto why = error_of(job.row());
        if (leaving == ErrorKind::cancelled) why->lasting = false;  // by the interrupt of this run
        rest(job, why);
    });
}

}  // namespace shotwire::job
