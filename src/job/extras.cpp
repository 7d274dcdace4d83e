#include <spdlog/fmt/fmt.h>

#include "core/hash.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"

// What a provider made beside the clip that was asked for: a second job of one order, further clips of one job. All of it is paid, so each
// is a job of its own, with its own state and file, beside the one that it came with.
namespace shotwire::job {

namespace {
constexpr std::size_t most_clips = 16;  // of one job: what a sane provider makes, whatever it lists
}

// A row of the same order, ours, with an ordinal that no command asks for. `sent`: when, and by which key.
Result<Charge*> Runner::Impl::put_beside(Charge& charge, int number, const Row::Sending& sent, const std::string& note) {
    auto equal = deps.ledger.by_fingerprint(charge.row().fingerprint);
    if (!equal) return equal.error();
    Row row;
    static_cast<Asked&>(row) = charge.row();
    row.id = {core::random_id("", 8)};
    row.force = false;
    row.beside = charge.id.text;
    row.number = number;
    if (number > 0) row.price = Money{};  // the first one's price is that of all of them
    row.ordinal = first_extra_ordinal;
    for (const auto& other : *equal) row.ordinal = std::max(row.ordinal, other.ordinal + 1);
    const std::filesystem::path output = charge.row().output;
    row.output = (output.parent_path() / fmt::format("{}-{}{}", output.stem().string(), row.id.text, output.extension().string())).string();
    auto inserted = deps.ledger.insert(row);
    if (!inserted) return inserted.error();
    if (inserted->id != row.id) return Error{ErrorKind::local, "another process notes the same job; run it again"};
    auto& extra = take(std::move(*inserted), true);
    extra.index = charge.index;
    extra.extra = true;
    extra.retries = 0;
    extra.row().attempt = 1;
    extra.row().key = sent.key;
    extra.row().submitted = sent.at;
    if (number > 0) extra.row().body_sha256 = charge.row().body_sha256;  // of an earlier sending it is not kept
    if (!move(extra, Stage::submitting, note)) return *extra.why_rests;
    return &extra;
}

// The row was sent again by the user's word, and the second sending has a job. Where nobody can be asked what the first one made, the doubt
// stays in the accounts, as the user knew; else it is looked for from here on, and no other lost job takes it for its own.
bool Runner::Impl::settle_first(Charge& charge) {
    const auto& first = charge.row().first;
    if (!first) return true;
    if (http::ask(charge.link->connection.backend->find(charge.order(), {charge.id, first->key, first->at}))) return part_with_first(charge);
    charge.row().first.reset();
    return save(charge);
}

// What became of the first sending is as open as before: it is a job of its own from here on, which is looked for, found or left to the
// user as any other. False: the ledger failed, and the job rests.
bool Runner::Impl::part_with_first(Charge& charge) {
    if (!charge.row().first) return true;
    auto put = put_beside(charge, 0, *charge.row().first, "the first sending of " + charge.id.text);
    if (!put) return rest(charge, put.error()), false;
    auto* extra = *put;
    charge.row().doubtful.micros -= std::min(charge.row().doubtful.micros, extra->row().price.value_or(Money{}).micros);  // it counts by itself
    charge.row().first.reset();
    if (!save(charge)) return false;
    lost(*extra, "the answer to the first sending was lost");
    return !charge.rests;
}

// The second sending surely made nothing: the row stands for the first one again.
bool Runner::Impl::back_to_first(Charge& charge, const std::string& why, bool reserved) {
    auto& row = charge.row();
    if (reserved) row.doubtful.micros -= std::min(row.doubtful.micros, row.price.value_or(Money{}).micros);  // `reserve` put it there
    const auto first = std::exchange(row.first, {});
    row.key = first->key;
    row.submitted = first->at;
    return row.stage == Stage::unknown ? save(charge, why) : move(charge, Stage::unknown, why);
}

// Nobody can be asked what became of the first sending. Beside a second one that lives that was the user's risk: its doubt stays in the
// accounts. Where the second came to nothing, or another process has it, the first one stays as it is, for the user to settle.
void Runner::Impl::doubt_stays(Charge& charge) {
    auto* second = find({charge.row().beside});
    const bool has_clip = second && second->rests && (second->stage == Stage::done || second->stage == Stage::mismatch);  // it was quicker than the answer
    const bool lives = second && second->ours && !second->rests && !second->ending && open_up(*second);
    const auto mine = has_clip ? claim(*second) : Result<bool>(lives);
    if (!mine || !*mine) return rest(charge, charge.row().error);
    second->row().doubtful = second->row().doubtful + charge.row().price.value_or(Money{});
    const bool saved = save(*second);
    if (has_clip) {
        ended_cost.micros += charge.row().price.value_or(Money{}).micros;
        (void)deps.ledger.release(second->id);  // a failed one is noticed at the commit
        second->ours = false;
    }
    if (saved) vanish(charge, "nobody can be asked for it");
}

// It never came to be, or nothing can be learnt of it. Nobody asked for it, so nothing is left of it.
void Runner::Impl::vanish(Charge& charge, const std::string& why) {
    const auto id = charge.id;
    if (!move(charge, Stage::failed, why)) return;
    rest(charge);
    (void)deps.ledger.forget(id);  // a failed one is noticed at the commit
    for (auto& [other, one] : charges)
        if (one.place > charge.place) --one.place;
    asked.erase(asked.begin() + std::ptrdiff_t(charge.place));
    charges.erase(id);
}

// One job that is ready with several clips. In the turn that makes it ready, so that a crash leaves all of them or none.
void Runner::Impl::keep_others(Charge& charge, const backend::Ready& ready) {
    const auto count = std::min(ready.clips.size(), most_clips);
    for (std::size_t number = 1; number < count; ++number) {
        auto put = put_beside(charge, int(number), {charge.row().key, charge.row().submitted.value_or(charge.row().created)}, fmt::format("clip {} of {}, made by job {}", number + 1, count, charge.id.text));
        if (!put) return rest(charge, put.error());
        auto* extra = *put;
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

const Row* standing_for(const std::vector<Row>& equal, int ordinal) {
    const Row* there = nullptr;
    for (const auto& row : equal)
        if (row.ordinal == ordinal && (!there || is_over(there->stage))) there = &row;
    if (!there || !is_over(there->stage)) return there;
    for (const auto& row : equal) {
        const bool of_ours = std::any_of(equal.begin(), equal.end(), [&](const Row& other) { return other.ordinal == ordinal && other.id.text == row.beside; });
        if (of_ours && !is_over(row.stage)) return &row;
    }
    return there;
}

// What the provider made beside it is gone on with. Where that has come to its end, however, it is no business of this command's.
JobId Runner::with_extras(const JobId& id, const std::vector<Row>& equal) {
    for (const auto& extra : equal) {
        if (extra.beside != id.text || is_final(extra.stage) || impl_->charges.contains(extra.id)) continue;
        auto resumed = take_up(extra.id);
        if (!resumed) continue;  // the ledger's word is heard at the commit
        auto& charge = impl_->charges.at(*resumed);
        charge.extra = true;
        charge.index = impl_->charges.at(id).index;
        if (impl_->running) impl_->advance(charge);
    }
    return id;
}

}  // namespace shotwire::job
