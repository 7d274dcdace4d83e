#include <spdlog/fmt/fmt.h>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"

// What a provider made beside the clip that was asked for: a second job of one order, further clips of one job. All of it is paid, so each
// is a job of its own, with its own state and file, beside the one that it came with.
namespace shotwire::job {

namespace {
constexpr std::size_t most_clips = 16;  // of one job: what a sane provider makes, whatever it lists
}

// A row of the same order, ours, with the next free ordinal: the same command with one take more finds it. None: the ledger failed.
Charge* Runner::Impl::put_beside(Charge& charge, int number, const std::string& note) {
    auto equal = deps.ledger.by_fingerprint(charge.row().fingerprint);
    if (!equal) return nullptr;
    Row row;
    static_cast<Asked&>(row) = charge.row();
    row.id = {core::random_id("", 8)};
    row.force = false;
    row.beside = charge.id.text;
    row.number = number;
    if (number > 0) row.price = Money{};  // the first one's price is that of all of them
    for (const auto& other : *equal) row.ordinal = std::max(row.ordinal, other.ordinal + 1);
    const std::filesystem::path output = charge.row().output;
    row.output = (output.parent_path() / fmt::format("{}-{}{}", output.stem().string(), row.id.text, output.extension().string())).string();
    auto inserted = deps.ledger.insert(row);
    if (!inserted || inserted->id != row.id) return nullptr;
    auto& extra = take(std::move(*inserted), true);
    extra.index = charge.index;
    extra.extra = true;
    extra.retries = 0;
    extra.row().attempt = 1;
    extra.row().submitted = charge.row().submitted;
    return move(extra, Stage::submitting, note) ? &extra : nullptr;
}

// The user had it sent again. By the time that the second job is ready a list shows what the first sending made, if it made any.
void Runner::Impl::look_for_first(Charge& charge) {
    const auto first = *std::exchange(charge.row().first, {});
    const backend::Intent intent{charge.id, first.key, first.at};
    charge.busy = true;
    carry<backend::Found>(charge.id, charge.link->connection.backend->find(charge.order(), intent), [this, first](Charge& job, Result<backend::Found> found) {
        if (job.rests || !open_up(job)) return;
        if (found) keep_first(job, found->candidates);
        else job.row().first = first;  // asked again by the next run
        if (!job.rests) fetch(job);
    });
}

// It is a job of its own from here on, with its price and its clip: nothing that was paid is dropped.
void Runner::Impl::keep_first(Charge& charge, const std::vector<backend::Handle>& candidates) {
    const auto& backend = *charge.link->connection.backend;
    auto free = not_others(charge, candidates);
    if (!free) return;
    std::erase_if(*free, [&](const auto& one) { return backend.remote_id(one) == backend.remote_id(*charge.row().handle); });
    auto rival = rival_of(charge);
    if (free->size() != 1 || !rival || *rival) return;
    auto* extra = put_beside(charge, 0, "the first sending of " + charge.id.text);
    if (!extra) return;
    const auto name = core::printable(backend.remote_id(free->front()));
    if (deps.observer)
        deps.observer->warned(charge.id, fmt::format("the first sending was accepted as well, as {}: it is job {} now, and paid too{}", name, extra->id.text, price_words(extra->row())));
    charge.row().doubtful = {};  // it counts by itself from here on
    if (!save(charge)) return;
    if (auto connected = connect(*extra); !connected) return rest(*extra, connected.error());
    accept(*extra, free->front(), "found at the provider as " + name);
    if (!extra->rests && !extra->busy) first_poll(*extra);
}

// One job that is ready with several clips. In the turn that makes it ready, so that a crash leaves all of them or none.
void Runner::Impl::keep_others(Charge& charge, const backend::Ready& ready) {
    const auto count = std::min(ready.clips.size(), most_clips);
    for (std::size_t number = 1; number < count; ++number) {
        auto* extra = put_beside(charge, int(number), fmt::format("clip {} of {}, made by job {}", number + 1, count, charge.id.text));
        if (!extra) return;
        extra->link = charge.link;
        accept(*extra, *charge.row().handle, "made together with " + charge.id.text, true);
        if (extra->rests) return;
        extra->row().ready = charge.row().ready;
        extra->row().expires = ready.expires;
        extra->sources = {ready.clips[number]};
        if (!move(*extra, Stage::ready)) return;
        if (deps.observer) deps.observer->warned(charge.id, fmt::format("the provider made {} clips of it; clip {} is job {}", count, number + 1, extra->id.text));
        fetch(*extra);
    }
}

}  // namespace shotwire::job
