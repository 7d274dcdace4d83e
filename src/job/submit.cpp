#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

constexpr milliseconds lasting_patience = 10s;  // with what will hardly get better: a host's name that does not resolve
constexpr auto longest_submit = 3min;  // an answer is waited for that long, as a rule: the request of a run that was killed may still be under way
constexpr auto key_life = 23h;  // providers forget idempotency keys after a day

// What the user can do about an unknown job: one sentence, two commands.
std::string ways_out(const Row& row) {
    return fmt::format("; it may be rendering and billed: `shotwire jobs resend {0}` sends it again (and may pay twice), "
                       "`shotwire jobs adopt {0} REMOTE_ID` takes over the provider's job",
                       row.id.text);
}

// Whether the same key still stands for the first sending of it.
bool key_counts(const Row& row, core::Wall now) {
    const auto age = now - row.submitted.value_or(row.created);
    return age < key_life && age > -key_life;
}

// Of the provider.
bool same_host(const Row& one, const Row& other) {
    const bool same_url = !one.base_url.empty() && one.base_url == other.base_url;
    const bool elsewhere = one.moved && other.moved && one.base_url != other.base_url;  // hosts of the user's own
    return one.backend == other.backend && ((one.route == other.route && !elsewhere) || same_url);
}

}  // namespace

bool is_here(const backend::JobState& state) {
    const auto* ready = std::get_if<backend::Ready>(&state);
    return ready && !ready->clips.empty() && !std::holds_alternative<http::Request>(ready->clips.front());
}

void Runner::Impl::submit(Charge& charge) {
    if (leaving) return not_sent(charge, {});
    if (charge.cancel) {
        if (move(charge, Stage::cancelled, "by the user, before it was sent")) rest(charge);
        return;
    }
    auto& road = *charge.traffic;
    if (road.closed) return not_sent(charge, road.closed);
    if (auto connected = connect(charge); !connected) return not_sent(charge, connected.error());
    if (const auto& ends = charge.link->connection.ends; ends && deps.clock.wall() >= *ends)
        return not_sent(charge, Error{ErrorKind::usage, fmt::format("{} ended on {}; nothing was sent", charge.row().model, core::iso_day(*ends))});
    if (charge.stage == Stage::planned && !charge.made && !charge.trying_since && deps.observer)
        deps.observer->warned(charge.id, fmt::format("was never sent; it is sent now{}", price_words(charge.row())));

    for (const auto& folder : {deps.ledger.file().parent_path(), std::filesystem::path(charge.row().output).parent_path()})
        if (!roomy.contains(folder)) {
            if (auto room = room_for_a_submit(folder); !room) return not_sent(charge, room.error());
            roomy.insert(folder);
        }
    if (!road.lets_through(deps.loop.now()) && charges.size() > 1) {
        if (out_of_time(charge)) return not_sent(charge, charge.last_failure ? *charge.last_failure : why_left(charge));
        return later(charge, until_probe(charge), &Impl::submit);
    }
    if (const auto wait = until_submit(charge); wait > 0ms) return later(charge, wait, &Impl::submit);
    const auto now = deps.loop.now();
    if (const int rpm = settings.submits_per_minute ? settings.submits_per_minute : road.submits_per_minute; rpm > 0) road.next_submit = now + milliseconds(60'000 / rpm);
    charge.lane->next_submit = now + charge.lane->pace;
    charge.sent_at = now;
    if (auto loaded = catalog::reload(charge.order()); !loaded) return not_sent(charge, loaded.error());
    if (charge.row().key.empty()) charge.row().key = core::random_id("shotwire-", 24);
    if (!charge.trying_since) charge.trying_since = deps.loop.now();
    charge.busy = true;
    const backend::Intent intent{charge.id, charge.row().key, deps.clock.wall()};
    carry<backend::Accepted>(charge.id, charge.link->connection.backend->submit(charge.order(), intent),
                             [this](Charge& job, Result<backend::Accepted> answer) { submitted(job, std::move(answer)); });
}

void Runner::Impl::submitted(Charge& charge, Result<backend::Accepted> answer) {
    if (charge.rests) return;
    if (!answer) return refuse(charge, answer.error());
    reached(charge);
    // What it bears, it may be asked for more of.
    auto& lane = *charge.lane;
    if (charge.sent_at >= lane.taught) {
        const bool a_minute_went_well = lane.counted > 0 && deps.loop.now() - lane.counted_since > 1min;
        if (a_minute_went_well) lane.pace = lane.pace * 9 / 10;
        if (a_minute_went_well || lane.counted == 0) lane.counted_since = deps.loop.now(), lane.counted = 0;
        ++lane.counted;
    }
    if (lane.most > 0 && lane.most < lane.ceiling && ++lane.good >= lane.most) lane.good = 0, ++lane.most;
    // Its answer to the first sending was lost, and somebody took what that made for another one's.
    if (charge.repeats && deps.observer)
        if (auto free = not_others(charge, {answer->handle}); free && free->empty())
            deps.observer->warned(charge.id, fmt::format("the provider's job for it, {}, is that of another job here: one paid job has two rows (`shotwire jobs ls` lists them)",
                                                         core::printable(charge.link->connection.backend->remote_id(answer->handle))));
    // Over already: nobody can be asked for it later, or nothing is left to wait for.
    const bool ended = answer->already && (is_here(*answer->already) || std::holds_alternative<backend::Failed>(*answer->already));
    accept(charge, answer->handle, "accepted as " + core::printable(charge.link->connection.backend->remote_id(answer->handle)), ended);
    if (charge.rests || charge.busy) return;
    if (answer->already) return heard(charge, *answer->already);
    first_poll(charge);
}

void Runner::Impl::accept(Charge& charge, const backend::Handle& handle, const std::string& note, bool ended) {
    charge.row().handle = charge.handle = handle;
    charge.row().accepted = deps.clock.wall();
    charge.row().error.reset();
    charge.resent = false;
    charge.accepted = deps.loop.now();
    charge.failures = 0;
    charge.last_failure.reset();
    charge.progress.word.clear();
    charge.unready = charge.accepted;
    charge.answered = true;
    if (!move(charge, Stage::rendering, note)) return write_rescue(*charge.why_rests);  // the ledger has not got the id
    if (!settle_first(charge)) return;
    if (ended) return;
    if (leaving == ErrorKind::cancelled && settings.cancel_on_interrupt) return cancel_remotely(charge);
    if (leaving) return rest(charge, why_left(charge));
    if (!settings.wait) rest(charge);
}

void Runner::Impl::first_poll(Charge& charge) { later(charge, charge.link->schedule.next(0ms, {}, {}, dice()), &Impl::poll); }

// A submit that was not accepted. What it means follows from the error's kind: see ErrorKind and http::Client.
void Runner::Impl::refuse(Charge& charge, const Error& error) {
    charge.last_failure = error;
    // What became of the first sending is as open as before, unless the request itself is refused.
    if (charge.repeats && error.kind != ErrorKind::rejected && error.kind != ErrorKind::usage) {
        const bool again = error.kind == ErrorKind::unknown || error.kind == ErrorKind::network || error.retry_after ||
                           (error.kind == ErrorKind::rate_limited && !error.lasting);
        if (charge.row().stage != Stage::unknown && !move(charge, Stage::unknown, error.message)) return;
        if (error.kind == ErrorKind::bug) return rest(charge, error);  // our bytes were not the same: no other key makes that good
        if (!again || leaving) return rest(charge, charge.row().error);
        const auto pause = std::max(error.retry_after.value_or(0ms), http::backoff(charge.failures++, dice()));
        return later(charge, pause, &Impl::advance);
    }
    const auto again_in = [&](milliseconds delay) {
        charge.row().unsent = charge.row().stage == Stage::submitting;
        if (!save(charge)) return;
        charge.progress.word = error.message;
        tell(charge);
        later(charge, delay, &Impl::advance);
    };
    switch (error.kind) {
        case ErrorKind::network: {
            not_reached(charge);
            const auto patience = !error.lasting ? settings.connect_patience : error.retry_after ? std::min(lasting_patience, settings.connect_patience) : 0ms;
            const auto pause = std::max(error.retry_after.value_or(0ms), http::backoff(charge.failures++, dice()));
            if (leaving || out_of_time(charge) || deps.loop.now() + pause - *charge.trying_since > patience) return not_sent(charge, error);
            return again_in(pause);
        }
        case ErrorKind::rate_limited:
            if (!error.lasting && !leaving && !out_of_time(charge)) {
                // Most providers do not say how long. A whole minute's jobs must not come back in the same millisecond.
                const auto wait = std::max(error.retry_after.value_or(0ms), http::backoff(charge.failures++, dice()));
                slow_down(charge, wait, bool(error.retry_after));
                return again_in(wait + milliseconds(std::int64_t(250 * dice())));
            }
            if (error.lasting) charge.traffic->closed = error;
            return not_sent(charge, error);
        case ErrorKind::auth: charge.traffic->closed = error; return not_sent(charge, error);
        case ErrorKind::local:
        case ErrorKind::cancelled: return not_sent(charge, error);
        case ErrorKind::unknown:
            charge.open_since = deps.loop.now();  // a host that was slow to answer may have created it just now
            return lost(charge, error.message);
        default: {
            if (charge.row().first) {  // the second sending made nothing; the first may have
                charge.resent = true;
                return not_sent(charge, error);
            }
            charge.row().error = error;
            if (move(charge, error.kind == ErrorKind::rejected ? Stage::rejected : Stage::failed, error.message)) rest(charge, error);
        }
    }
}

// How long the lane has to wait: by the route's submits a minute, and by what refusals of its own said and taught.
milliseconds Runner::Impl::until_submit(const Charge& charge) const {
    const auto& lane = *charge.lane;
    return std::max(0ms, ceil<milliseconds>(std::max({charge.traffic->next_submit, lane.next_submit, lane.closed_until}) - deps.loop.now()));
}

// It refused one more: half of what is under way was too much, too, and the lane rests as long as this job does. A host that says when
// to come again counts submits by the minute: as many as it took until then it will take again, spread evenly.
void Runner::Impl::slow_down(Charge& charge, milliseconds wait, bool by_its_word) {
    auto& lane = *charge.lane;
    const auto now = deps.loop.now(), until = now + wait;
    if (by_its_word && lane.counted > 0 && charge.sent_at >= lane.taught) {  // once for all that were under way together
        const auto measured = ceil<milliseconds>(until - lane.counted_since) / lane.counted;
        lane.pace = std::min<milliseconds>(lane.pace > 0ms ? lane.pace * 5 / 4 : measured, 1min);
        lane.taught = until;
        lane.counted = 0;
    }
    if (until > lane.closed_until) lane.closed_until = until;
    if (lane.ceiling == 0) lane.ceiling = settings.most_jobs;
    if (lane.good > 0 || lane.most == 0 || lane.most >= lane.under_way) lane.most = std::max(1, lane.under_way / 2);
    lane.good = 0;
}

// Nothing of it was sent, and it is not tried any longer. Left by the user (Ctrl-C, the time-out, --no-wait), it is planned, and a later
// run sends it. So it is where a key is missing or refused, but with that error: it goes where it is asked for by itself. Refused for
// another reason it has failed: nobody expects to pay later for what a command said it could not do.
void Runner::Impl::not_sent(Charge& charge, const std::optional<Error>& why) {
    const bool submitting = charge.row().stage == Stage::submitting;
    charge.row().unsent = false;
    charge.reserved = false;
    // Sent again by the user's word, and that did not arrive: what is open is the first sending.
    if (charge.row().first && (std::exchange(charge.resent, false) || (submitting && !charge.repeats))) {
        if (!back_to_first(charge, why ? why->message : "not sent again", submitting)) return;
    } else if (charge.row().stage == Stage::planned || submitting) {
        const bool refused = charge.made && !settings.keep_unsent && settings.wait && !leaving && why && why->kind != ErrorKind::cancelled && why->kind != ErrorKind::auth;
        const bool keyless = why && why->kind == ErrorKind::auth;
        if (refused || keyless) charge.row().error = why;
        if (refused ? !move(charge, Stage::failed, why->message) : submitting ? !move(charge, Stage::planned, why ? why->message : "not sent") : keyless && !save(charge)) return;
    }
    // Asked for again by its key and not sent: what became of the first sending is as open as before, and that is what counts.
    const bool open = charge.repeats && charge.row().stage == Stage::unknown && why;
    rest(charge, open ? error_of(charge.row()) : why ? why : why_left(charge));
}

// The end of the run has come, whatever is under way.
void Runner::Impl::cut(Charge& charge) {
    if (!charge.paid_under_way) {
        if (charge.ours && charge.stage == Stage::submitting && open_up(charge) && charge.row().unsent) return not_sent(charge, {});
        return rest(charge, why_left(charge));
    }
    const std::string why = "it was left before the provider's answer came";
    charge.row().error = Error{ErrorKind::unknown, why + ways_out(charge.row())};
    if (charge.row().stage != Stage::unknown && !move(charge, Stage::unknown, why)) return;
    rest(charge, leaving == ErrorKind::cancelled ? why_left(charge) : *charge.row().error);
}

void Runner::Impl::lost(Charge& charge, const std::string& why) {
    charge.resent = false;
    charge.row().error = Error{ErrorKind::unknown, why + ways_out(charge.row())};
    if (charge.row().stage != Stage::unknown && !move(charge, Stage::unknown, why)) return;
    const bool later = charge.extra && !settings.wait;  // nobody waits for what nobody asked for: a later run looks for it
    if (leaving || later) return rest(charge, charge.row().error);
    look_for(charge);
}

void Runner::Impl::look_for(Charge& charge) {
    take_slot(charge);
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());
    const auto& backend = *charge.link->connection.backend;
    if (charge.adopt) return adopt(charge);
    if (charge.resend) {
        charge.resend = charge.repeats = false;
        if (!part_with_first(charge)) return;  // of an earlier resend
        charge.resent = true;
        charge.row().first = Row::Sending{charge.row().key, charge.row().submitted.value_or(charge.row().created)};
        charge.row().key.clear();  // a new attempt: the old key may stand for the old job
        return submit(charge);
    }
    // The same key again yields the same job there, never a second one. Of what nobody asked for any more it might yield the first.
    if (backend.idempotent() && charge.row().beside.empty() && key_counts(charge.row(), deps.clock.wall())) {
        charge.repeats = true;
        return submit(charge);
    }
    const backend::Intent intent{charge.id, charge.row().key, charge.row().submitted.value_or(charge.row().created)};
    // Sent by an earlier run, it may be under way yet, whatever became of that run; and how long ago that was is the date's word, which may
    // have jumped since. Where it costs nothing, nobody waits for that.
    const bool free = charge.row().price && charge.row().price->micros == 0;
    if (!charge.open_since) {
        const auto since = deps.loop.now() + (free ? 0min : longest_submit) - std::max<system_clock::duration>(0s, deps.clock.wall() - intent.at);
        charge.open_since = free ? since : std::max(since, deps.loop.now());
    }
    if (!may_ask(charge)) return;
    // What a list tells is as old as the question: its answer may take longer than a job takes to show up.
    const auto age = duration_cast<milliseconds>(deps.loop.now() - *charge.open_since);
    charge.busy = true;
    carry<backend::Found>(charge.id, backend.find(charge.order(), intent),
                          [this, age](Charge& job, Result<backend::Found> found) { looked(job, std::move(found), age); });
}

// Only what the provider knows: a slip of the pen must not end the job.
void Runner::Impl::adopt(Charge& charge) {
    const auto handle = charge.link->connection.backend->adopt(*charge.adopt, charge.order());
    const auto is_free = [this, handle](Charge& job) {
        auto free = not_others(job, {handle});
        if (free && !free->empty()) return true;
        rest(job, free ? Error{ErrorKind::usage, fmt::format("the provider's job {} is that of another job here; {} stays unknown (`shotwire jobs ls` lists them)",
                                                             core::printable(*job.adopt), job.id.text)}
                       : free.error());
        return false;
    };
    if (!is_free(charge)) return;
    charge.busy = true;
    carry<backend::JobState>(charge.id, charge.link->connection.backend->poll(handle), [this, handle, is_free](Charge& job, Result<backend::JobState> state) {
        if (job.rests) return;
        if (!state) return rest(job, state.error());
        if (std::holds_alternative<backend::Gone>(*state))
            return rest(job, Error{ErrorKind::usage, fmt::format("the provider has no job {}; {} stays unknown", core::printable(*job.adopt), job.row().id.text)});
        if (!is_free(job)) return;  // another process may have taken it meanwhile
        accept(job, handle, "adopted by the user");
        if (!job.rests) heard(job, *state);
    });
}

// Without those that other jobs of this host have already.
Result<std::vector<backend::Handle>> Runner::Impl::not_others(const Charge& charge, const std::vector<backend::Handle>& found) {
    if (found.empty()) return found;
    auto known = deps.ledger.other_handles(charge.row());
    if (!known) return known.error();
    const auto& backend = *charge.link->connection.backend;
    std::vector<backend::Handle> ours;
    for (const auto& candidate : found)
        if (std::none_of(known->begin(), known->end(), [&](const auto& other) { return backend.remote_id(other) == backend.remote_id(candidate); }))
            ours.push_back(candidate);
    return ours;
}

// Another job whose paid request has no answer either and asked for the same words: what the provider lists may be its own.
Result<std::optional<JobId>> Runner::Impl::rival_of(Charge& charge) {
    auto open = deps.ledger.list({.stages = {Stage::submitting, Stage::unknown}, .route = {}, .model = {}});
    if (!open) return open.error();
    for (const auto& other : *open)
        if (other.id != charge.id && !other.unsent && same_host(other, charge.row()) && core::field_or(order_document(other), "/prompt", "") == charge.order().prompt)
            return std::optional(other.id);
    return std::optional<JobId>();
}

void Runner::Impl::looked(Charge& charge, Result<backend::Found> found, milliseconds age) {
    if (charge.rests) return;
    if (leaving) return rest(charge, charge.row().error);
    if (!found) {
        if (found.error().kind == ErrorKind::auth) return rest(charge, found.error());
        charge.last_failure = found.error();
        if (++charge.failures > 5) return rest(charge, charge.row().error);
        return later(charge, http::backoff(charge.failures, dice()), &Impl::look_for);
    }
    charge.failures = 0;
    // Rivals first: one that learns its id between these two looks is no rival any more, and its id is another's.
    auto rival = found->candidates.empty() ? Result<std::optional<JobId>>(std::optional<JobId>()) : rival_of(charge);
    if (!rival) return rest(charge, rival.error());
    auto ours = not_others(charge, found->candidates);
    if (!ours) return rest(charge, ours.error());
    const auto& backend = *charge.link->connection.backend;
    const auto names = [&](const std::vector<backend::Handle>& handles) {
        std::vector<std::string> ids;
        for (const auto& one : handles) ids.push_back(core::printable(backend.remote_id(one)));
        return core::join(ids, ", ");
    };
    const auto stays_open = [&](const std::string& why) {
        charge.row().error = Error{ErrorKind::unknown, fmt::format("the answer to the submit was lost, and {}; `shotwire jobs adopt {} REMOTE_ID` settles it, or `shotwire jobs resend {}` sends it again",
                                                                 why, charge.id.text, charge.id.text)};
        if (save(charge)) rest(charge, charge.row().error);
    };
    if (!ours->empty()) {
        if (*rival) {
            // Its answer may still come, and name its own.
            if (const auto* other = find(**rival); other && other->paid_under_way) return later(charge, 3s, &Impl::look_for);
            return stays_open(fmt::format("job {} is as open and asked for the same, so that {} of the provider may be of either", (*rival)->text, names(*ours)));
        }
        if (ours->size() > 1) return stays_open(fmt::format("{} jobs of the provider may be it ({})", ours->size(), names(*ours)));
        if (charge.extra && deps.observer)
            deps.observer->warned({charge.row().beside}, fmt::format("the first sending was accepted as well, as {}: it is job {} now, and paid too{}", names(*ours), charge.id.text, price_words(charge.row())));
        accept(charge, ours->front(), "found at the provider as " + names(*ours));
        if (!charge.rests && !charge.busy) first_poll(charge);
        return;
    }
    if (!found->possible) return charge.extra ? doubt_stays(charge) : rest(charge, charge.row().error);
    // A list may lag behind; what does not show up in the settle time was never created. One that leaves out what still renders is
    // asked until that would be over, and proves nothing then.
    const auto rendered = std::max<milliseconds>(settings.settle_time, 2 * charge.link->connection.expected.value_or(5min));
    if (age < (found->complete ? settings.settle_time : rendered)) {
        charge.progress.word = "looking for it at the provider";
        tell(charge);
        return later(charge, found->complete ? 3s : 10s, &Impl::look_for);
    }
    auto doubtful = not_others(charge, found->doubtful);
    if (!doubtful) return rest(charge, doubtful.error());
    if (!doubtful->empty())
        return stays_open(fmt::format("by its time no job of the provider is it, but by all else {} may be (is this machine's clock right?)", names(*doubtful)));
    if (!found->complete) return stays_open("the provider's list does not show it, but does not prove either that it is not there");
    if (charge.extra && charge.number == 0) return vanish(charge, "not in the provider's list");
    if (charge.row().first) {  // the second sending made nothing: the row stands for the first one again, which is looked for
        if (!back_to_first(charge, "the second sending is not in the provider's list", true)) return;
        charge.open_since.reset();
        return look_for(charge);
    }
    charge.row().error = Error{ErrorKind::provider, fmt::format("the answer to the submit was lost, and the provider's list does not have the job {} later: "
                                                              "it was not created. The same command tries again", core::print_length(settings.settle_time))};
    if (move(charge, Stage::failed, "not in the provider's list")) rest(charge, charge.row().error);
}

}  // namespace shotwire::job
