#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"

namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {

// What the user can do about an unknown job: one sentence, two commands.
std::string ways_out(const Row& row) {
    return fmt::format("; it may be rendering and billed: `shotwire jobs resend {0}` sends it again (and may pay twice), "
                       "`shotwire jobs adopt {0} REMOTE_ID` takes over the provider's job",
                       row.id.text);
}

}  // namespace

void Runner::Impl::start_queued() {
    if (!running) return;
    for (const auto& id : asked)
        if (auto* charge = find(id); charge && !charge->rests && !charge->busy && !charge->timer && charge->ours && charge->row.stage == Stage::planned)
            submit(*charge);
}

void Runner::Impl::submit(Charge& charge) {
    if (leaving) return rest(charge, why_left(charge));
    if (charge.cancel) {
        if (move(charge, Stage::cancelled, "by the user, before it was sent")) rest(charge);
        return;
    }
    if (const auto shut = closed.find(charge.row.route); shut != closed.end()) return rest(charge, shut->second);
    const auto under_way = std::count_if(charges.begin(), charges.end(), [](const auto& entry) {
        const auto& other = entry.second;
        return other.ours && !other.rests && (other.busy || other.row.stage != Stage::planned);
    });
    // One that was sent before is under way already.
    if (charge.row.stage == Stage::planned && under_way >= settings.most_jobs) return;  // start_queued comes back to it
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());

    const int rpm = settings.submits_per_minute ? settings.submits_per_minute : charge.connection->submits_per_minute;
    if (rpm > 0) {
        auto& next = next_submit[charge.row.route];
        if (deps.loop.now() < next) return later(charge, ceil<milliseconds>(next - deps.loop.now()), &Impl::advance);
        next = deps.loop.now() + milliseconds(60'000 / rpm);
    }
    if (auto loaded = catalog::reload(charge.order); !loaded) return rest(charge, loaded.error());
    if (charge.row.key.empty()) charge.row.key = core::random_id("shotwire-", 24);
    if (!charge.trying_since) charge.trying_since = deps.loop.now();
    charge.busy = true;
    const backend::Intent intent{charge.row.id, charge.row.key, deps.clock.wall()};
    carry<backend::Accepted>(charge.row.id, charge.connection->backend->submit(charge.order, intent),
                             [this](Charge& job, Result<backend::Accepted> answer) { submitted(job, std::move(answer)); });
}

void Runner::Impl::submitted(Charge& charge, Result<backend::Accepted> answer) {
    if (charge.rests) return;
    if (!answer) return refuse(charge, answer.error());
    accept(charge, answer->handle, "accepted as " + core::printable(charge.connection->backend->remote_id(answer->handle)));
    if (!charge.rests && answer->already) heard(charge, *answer->already);
}

void Runner::Impl::accept(Charge& charge, const backend::Handle& handle, const std::string& note) {
    charge.row.handle = handle;
    charge.row.accepted = deps.clock.wall();
    charge.row.error.reset();
    charge.accepted = deps.loop.now();
    charge.failures = 0;
    charge.last_failure.reset();
    charge.followed = true;
    if (!move(charge, Stage::rendering, note)) return write_rescue(*charge.why_rests);  // the ledger has not got the id
    if (leaving) return rest(charge, why_left(charge));
    if (!settings.wait) return rest(charge);
    later(charge, charge.schedule->next(0ms, {}, {}, dice()), &Impl::poll);
}

// A submit that was not accepted. What it means follows from the error's kind: see ErrorKind and http::Client.
void Runner::Impl::refuse(Charge& charge, const Error& error) {
    const bool was_sent = charge.row.stage == Stage::submitting;
    charge.last_failure = error;
    const auto back_to_planned = [&] { return !was_sent || move(charge, Stage::planned, error.message); };
    // What became of the first sending is as open as before, unless the request itself is refused.
    if (charge.repeats && error.kind != ErrorKind::rejected && error.kind != ErrorKind::usage) {
        const bool again = error.kind == ErrorKind::unknown || error.kind == ErrorKind::network || error.retry_after;
        if (charge.row.stage != Stage::unknown && !move(charge, Stage::unknown, error.message)) return;
        if (!again || leaving) return rest(charge, charge.row.error);
        const auto pause = std::max(error.retry_after.value_or(0ms), http::backoff(charge.failures++, dice()));
        return later(charge, pause, &Impl::advance);
    }
    const auto again_in = [&](milliseconds delay) {
        charge.progress.word = error.message;
        tell(charge);
        later(charge, delay, &Impl::advance);
    };
    switch (error.kind) {
        case ErrorKind::network: {
            if (!back_to_planned()) return;
            if (leaving || error.lasting || deps.loop.now() - *charge.trying_since > settings.connect_patience) return rest(charge, error);
            return again_in(http::backoff(charge.failures++, dice()));
        }
        case ErrorKind::rate_limited:
            if (!back_to_planned()) return;
            if (error.retry_after && !leaving) {
                // A whole minute's jobs must not come back in the same millisecond.
                const auto wait = std::max(*error.retry_after, http::backoff(charge.failures++, dice()));
                return again_in(wait + milliseconds(std::int64_t(250 * dice())));
            }
            if (!error.retry_after) closed[charge.row.route] = error;
            return rest(charge, error);
        case ErrorKind::auth:
            if (!back_to_planned()) return;
            closed[charge.row.route] = error;
            return rest(charge, error);
        case ErrorKind::local:
        case ErrorKind::cancelled:
            if (back_to_planned()) rest(charge, error);
            return;
        case ErrorKind::unknown: return lost(charge, error.message);
        default: {
            charge.row.error = error;
            if (move(charge, error.kind == ErrorKind::rejected ? Stage::rejected : Stage::failed, error.message)) rest(charge, error);
        }
    }
}

void Runner::Impl::lost(Charge& charge, const std::string& why) {
    charge.row.error = Error{ErrorKind::unknown, why + ways_out(charge.row)};
    if (charge.row.stage != Stage::unknown && !move(charge, Stage::unknown, why)) return;
    if (leaving) return rest(charge, charge.row.error);
    look_for(charge);
}

void Runner::Impl::look_for(Charge& charge) {
    if (auto connected = connect(charge); !connected) return rest(charge, connected.error());
    const auto& backend = *charge.connection->backend;
    if (charge.adopt) return adopt(charge);
    if (charge.resend) {
        charge.resend = false;
        charge.row.key.clear();  // a new attempt: the old key may stand for the old job
        return submit(charge);
    }
    // The same key again yields the same job there, never a second one.
    if (backend.idempotent()) {
        charge.repeats = true;
        return submit(charge);
    }
    const backend::Intent intent{charge.row.id, charge.row.key, charge.row.submitted.value_or(charge.row.created)};
    charge.busy = true;
    carry<backend::Found>(charge.row.id, backend.find(charge.order, intent),
                          [this](Charge& job, Result<backend::Found> found) { looked(job, std::move(found)); });
}

// Only what the provider knows: a slip of the pen must not end the job.
void Runner::Impl::adopt(Charge& charge) {
    const auto handle = charge.connection->backend->adopt(*charge.adopt, charge.order);
    charge.busy = true;
    carry<backend::JobState>(charge.row.id, charge.connection->backend->poll(handle), [this, handle](Charge& job, Result<backend::JobState> state) {
        if (job.rests) return;
        if (!state) return rest(job, state.error());
        if (std::holds_alternative<backend::Gone>(*state))
            return rest(job, Error{ErrorKind::usage, fmt::format("the provider has no job {}; {} stays unknown", core::printable(*job.adopt), job.row.id.text)});
        accept(job, handle, "adopted by the user");
        if (!job.rests) heard(job, *state);
    });
}

void Runner::Impl::looked(Charge& charge, Result<backend::Found> found) {
    if (charge.rests) return;
    if (leaving) return rest(charge, charge.row.error);
    if (!found) {
        if (found.error().kind == ErrorKind::auth) return rest(charge, found.error());
        charge.last_failure = found.error();
        if (++charge.failures > 5) return rest(charge, charge.row.error);
        return later(charge, http::backoff(charge.failures, dice()), &Impl::look_for);
    }
    charge.failures = 0;
    if (!found->possible) return rest(charge, charge.row.error);
    auto known = deps.ledger.handles(charge.row.route, charge.row.id);
    if (!known) return rest(charge, known.error());
    const auto& backend = *charge.connection->backend;
    std::vector<backend::Handle> ours;
    for (const auto& candidate : found->candidates)
        if (std::none_of(known->begin(), known->end(), [&](const auto& other) { return backend.remote_id(other) == backend.remote_id(candidate); }))
            ours.push_back(candidate);
    if (ours.size() == 1) return accept(charge, ours.front(), "found at the provider as " + core::printable(backend.remote_id(ours.front())));
    if (ours.size() > 1) {
        std::vector<std::string> ids;
        for (const auto& one : ours) ids.push_back(core::printable(backend.remote_id(one)));
        charge.row.error->message = fmt::format("the answer to the submit was lost, and {} jobs of the provider may be it ({}); "
                                                "`shotwire jobs adopt {} REMOTE_ID` settles it", ours.size(), core::join(ids, ", "), charge.row.id.text);
        if (save(charge)) rest(charge, charge.row.error);
        return;
    }
    // A list may lag behind; what does not show up in the settle time was never created. One that leaves out what still renders is
    // asked until that would be over, and proves nothing then.
    const auto rendered = std::max<milliseconds>(settings.settle_time, 2 * charge.connection->expected.value_or(5min));
    if (deps.clock.wall() - charge.row.submitted.value_or(charge.row.created) < (found->complete ? settings.settle_time : rendered)) {
        charge.progress.word = "looking for it at the provider";
        tell(charge);
        return later(charge, found->complete ? 3s : 10s, &Impl::look_for);
    }
    if (!found->complete) return rest(charge, charge.row.error);
    charge.row.error = Error{ErrorKind::provider, fmt::format("the answer to the submit was lost and the provider's list does not have the job {} later: "
                                                              "it was not created. The same command tries again", core::print_length(settings.settle_time))};
    if (move(charge, Stage::failed, "not in the provider's list")) rest(charge, charge.row.error);
}

}  // namespace shotwire::job
