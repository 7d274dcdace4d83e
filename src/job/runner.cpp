#include "job/runner.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/hash.hpp"
#include "core/text.hpp"
#include "job/drive.hpp"

namespace shotwire::job {

using namespace std::chrono_literals;

namespace {

Row new_row(const Wanted& wanted, int ordinal) {
    Row row;
    static_cast<Asked&>(row) = wanted;
    row.id = {core::random_id("", 8)};
    row.ordinal = ordinal;
    return row;
}

bool holds(const json& value, const std::string& text) {
    if (value.is_string()) return value == text;
    return value.is_structured() && std::any_of(value.begin(), value.end(), [&](const json& part) { return holds(part, text); });
}

// A clip to start from lies at the host that made it: an id of one host means nothing, or something else, at another.
Result<> check_source(Ledger& ledger, const Wanted& wanted, const std::function<const Order&()>& order) {
    if (wanted.operation == Operation::create) return Ok{};
    auto rows = ledger.list({.stages = {}, .route = wanted.route, .model = {}});
    if (!rows) return rows.error();
    const Row* elsewhere = nullptr;
    for (const auto& row : *rows) {
        if (!row.handle || !holds(row.handle->value, order().source_clip)) continue;
        if (row.base_url == wanted.base_url) return Ok{};
        elsewhere = &row;
    }
    if (!elsewhere) return Ok{};
    const auto named = [](const std::string& url) { return url.empty() ? std::string("the embedded server") : http::without_userinfo(url); };
    return Error{ErrorKind::usage, fmt::format("the clip of job {} is at {}, but route {} leads to {} now, which does not have it", elsewhere->id.text,
                                               named(elsewhere->base_url), wanted.route, named(wanted.base_url))};
}

// Who sends a row pays for it, not who wrote it first, and sends it as things stand now: at today's price, in the dialect that the route
// speaks by now. Where something is booked on it, or another process works on it, it stays as it is.
bool is_as_wanted(const Row& row, const Wanted& wanted) {
    return row.profile == wanted.profile && row.price == wanted.price && row.dialect == wanted.dialect;
}
Result<> bring_up_to_date(Ledger& ledger, const JobId& id, const Wanted& wanted) {
    auto claimed = ledger.claim(id);
    if (!claimed) return claimed.error();
    if (!*claimed) return Ok{};
    auto row = ledger.find(id.text);
    if (!row) return row.error();
    if (!*row || (*row)->stage != Stage::planned || cost_of(**row).micros != 0 || (*row)->first) return ledger.release(id);
    (*row)->profile = wanted.profile;
    (*row)->price = wanted.price;
    if ((*row)->dialect != wanted.dialect) (*row)->key.clear();  // it stands for other bytes
    (*row)->dialect = wanted.dialect;
    if (auto saved = ledger.save(**row); !saved) return saved;
    return ledger.release(id);
}

// A timer that does not outlive its scope.
class Alarm {
public:
    explicit Alarm(http::Loop& loop) : loop_(loop) {}
    ~Alarm() { drop(); }
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;
    void set(std::chrono::milliseconds delay, std::function<void()> call) {
        drop();
        timer_ = loop_.after(delay, std::move(call));
    }

private:
    void drop() {
        if (timer_) loop_.cancel_timer(*timer_);
        timer_.reset();
    }
    http::Loop& loop_;
    std::optional<http::Loop::Timer> timer_;
};

}  // namespace

std::string identity_of(const Order& order, const catalog::Route& route) {
    const auto fingerprint = catalog::fingerprint(order);
    return route.moved ? core::sha256_hex(fingerprint + " " + route.base_url) : fingerprint;
}

Wanted::Wanted(const Order& given, const catalog::Route& over) : Wanted() {
    const auto lasting = catalog::with_absolute_pictures(given);  // whoever goes on with it may stand in another folder
    fingerprint = identity_of(lasting, over);
    order = catalog::write_order(lasting);
    operation = lasting.operation;
    model = lasting.model;
    seconds = lasting.seconds;
    resolution = catalog::resolution_of(lasting);
    price = lasting.price.amount;
    send_over(over);
}

void Wanted::send_over(const catalog::Route& over) {
    route = over.name;
    backend = over.backend;
    base_url = over.base_url;
    moved = over.moved;
    dialect = over.dialect;
}

Runner::Runner(Deps deps, Settings settings) : impl_(std::make_unique<Impl>(std::move(deps), std::move(settings))) {}
Runner::~Runner() = default;
Runner::Runner(Runner&&) noexcept = default;

Result<JobId> Runner::add(const Wanted& wanted) {
    auto& ledger = impl_->deps.ledger;
    std::optional<Order> read;
    const auto order = [&]() -> const Order& {
        if (!read) {
            auto found = catalog::read_order(wanted.order);
            read = found ? std::move(*found) : Order{};
        }
        return *read;
    };
    if (auto there = check_source(ledger, wanted, order); !there) return there.error();
    auto equal = ledger.by_fingerprint(wanted.fingerprint);
    if (!equal) return equal.error();
    int ordinal = wanted.ordinal;
    if (wanted.again)
        for (const auto& row : *equal)
            if (row.beside.empty()) ordinal = std::max(ordinal, row.ordinal + 1);
    const Row* there = wanted.again ? nullptr : standing_for(*equal, ordinal);
    if (there && is_over(there->stage)) there = nullptr;
    auto row = there ? *there : new_row(wanted, ordinal);
    auto output = fill_template(wanted.output, order, row.id, wanted.number ? wanted.number : wanted.index, wanted.take, impl_->deps.clock.wall(), wanted.batch_row);
    if (!output) return output.error();
    if (output->empty()) return Error{ErrorKind::usage, "the output is empty; name a file, or leave the flag out"};
    auto path = std::filesystem::absolute(*output).lexically_normal();
    if (!core::is_utf8(path.string())) return Error{ErrorKind::usage, fmt::format("output {} is not valid UTF-8, as a clip's name has to be", core::printable(path.string()))};
    const bool is_done = there && (row.stage == Stage::done || row.stage == Stage::mismatch);
    // A clip is read and a folder tried without the write lock: other processes want to note what they were told. Many rows are not
    // one turn's work either.
    if ((there && (!row.sha256.empty())) || impl_->fresh.size() % 256 == 255)
        if (auto committed = ledger.commit(); !committed) return committed.error();
    const bool here = is_done && clip_is_there(row);
    // A row that was edited and ordered anew, or whose clip somebody changed, is no reason to stop: its clips stand side by side.
    const bool moves = !wanted.force && is_of_same_row(ledger, path, wanted, row, here);
    if (moves) {
        const auto beside = path.parent_path() / fmt::format("{}-{}{}", path.stem().string(), row.id.text, path.extension().string());
        path = is_done && !row.clip.empty() && row.clip != path && row.batch_row == wanted.batch_row ? std::filesystem::path(row.clip) : beside;
    }
    if (const auto taken = impl_->places.find(path.string()); taken != impl_->places.end() && taken->second != row.id) {
        const auto other = ledger.find(taken->second.text);
        if (wanted.batch_row.empty() || !other || !*other || (*other)->batch_row.empty())
            return Error{ErrorKind::usage, fmt::format("output {} is that of another clip of this command; add {{take}} or {{id}}", path.string())};
        return output_taken(path, (*other)->batch_row, wanted.named_by_row);
    }

    const bool asks = moves || (wanted.asks_for_place && wanted.output != default_output);
    if (here) {
        // Paid and here: the clip is the answer, copied where it is wanted now. The default name asks for no place.
        const bool elsewhere = path != row.clip && asks;
        if (elsewhere)
            if (auto copied = copy_clip(row, path, wanted.force); !copied) return copied.error();
        auto& charge = impl_->take(row, false);
        if (elsewhere) charge.shown = path.string();
        if (elsewhere) impl_->places.emplace(path.string(), row.id);
        charge.index = wanted.index;
        impl_->rest_at_once(charge, row.error);
        return with_extras(row.id, *equal);
    }
    // A run that ended behind the rename left the clip in its place: it is no stranger's file.
    const auto there_already = row.sha256.empty() ? Result<std::string>("") : core::sha256_of_file(path);
    const bool landed = there && !row.sha256.empty() && there_already && *there_already == row.sha256;
    if (!landed && !impl_->folders.contains(path.parent_path())) {
        if (auto takes = check_folder(path); !takes) return takes.error();
        impl_->folders.insert(path.parent_path());
    }
    if (auto free = landed ? Result<>(Ok{}) : check_output(path, wanted.force); !free) {
        // The process that works on it may have put it there since we looked.
        const auto now = there ? ledger.find(row.id.text) : Result<std::optional<Row>>(std::optional<Row>());
        if (!now || !*now || (*now)->sha256.empty()) return free.error();
        if (const auto sum = core::sha256_of_file(path); !sum || *sum != (*now)->sha256) return free.error();
    }
    if (!there) {
        row.output = path.string();
        // Not claimed before its turn comes: where several processes have the same batch, they share its rows.
        const auto id = row.id;
        auto inserted = ledger.insert(std::move(row), false);
        if (!inserted) return inserted.error();
        row = std::move(*inserted);
        if (row.id == id) {
            impl_->fresh.push_back(id);
            auto& charge = impl_->take(std::move(row), false);
            charge.index = wanted.index;
            charge.made = true;
            impl_->at_turn_end();
            if (impl_->running) impl_->advance(charge);
            else impl_->put_away(charge);
            return id;
        }
    }
    if (row.stage == Stage::planned && !is_as_wanted(row, wanted))
        if (auto changed = bring_up_to_date(ledger, row.id, wanted); !changed) return changed.error();
    auto joined = take_up(row.id);
    if (!joined) return joined.error();
    auto& charge = impl_->charges.at(row.id);
    charge.index = wanted.index;
    charge.made = charge.ours || charge.stage == Stage::planned;
    // The word to replace what is there is this command's, whoever ordered the clip first.
    if (charge.open && asks && (charge.row().output != path.string() || (wanted.force && !charge.row().force))) {
        impl_->places.emplace(path.string(), row.id);
        auto claimed = charge.stage == Stage::planned && !charge.ours && !charge.rests ? impl_->claim(charge) : Result<bool>(charge.ours);
        if (!claimed) return claimed.error();
        if (charge.ours && !is_final(charge.stage) && charge.stage != Stage::downloading) {
            // Its earlier place is free for the row that comes to it now.
            const auto before = impl_->places.find(charge.row().output);
            if (before != impl_->places.end() && before->first != path.string() && before->second == row.id) impl_->places.erase(before);
            charge.row().output = path.string();
            charge.row().force = wanted.force;
            (void)impl_->save(charge);  // a failed one lets the job rest with the reason
        } else {
            charge.also = Charge::Place{path, wanted.force};
        }
    }
    if (impl_->running) impl_->advance(charge);
    return with_extras(row.id, *equal);
}

Result<JobId> Runner::resume(const JobId& id) {
    auto resumed = take_up(id);
    if (!resumed) return resumed;
    auto row = impl_->deps.ledger.find(resumed->text);
    if (!row) return row.error();
    auto equal = *row ? impl_->deps.ledger.by_fingerprint((*row)->fingerprint) : Result<std::vector<Row>>(std::vector<Row>());
    if (!equal) return equal.error();
    return with_extras(*resumed, *equal);
}

Result<JobId> Runner::take_up(const JobId& id) {
    auto row = impl_->deps.ledger.find(id.text);
    if (!row) return row.error();
    if (!*row) return Error{ErrorKind::usage, fmt::format("there is no job '{}'; `shotwire jobs ls` lists them", core::printable(id.text))};
    if (impl_->charges.contains((*row)->id)) return (*row)->id;
    auto& charge = impl_->take(std::move(**row), false);
    const bool lost_file = (charge.row().stage == Stage::done || charge.row().stage == Stage::mismatch) && !clip_is_there(charge.row());
    if (is_final(charge.stage) && !lost_file) {
        impl_->rest_at_once(charge, error_of(charge.row()));
        return charge.id;
    }
    if (charge.stage == Stage::planned) return charge.id;  // claimed when its turn comes
    auto claimed = impl_->claim(charge);
    if (!claimed) return claimed.error();
    if (charge.ours && is_final(charge.stage) && !lost_file) {
        (void)impl_->deps.ledger.release(charge.id);  // it ended between our look and our claim
        charge.ours = false;
        impl_->rest_at_once(charge, error_of(charge.row()));
        return charge.id;
    }
    if (lost_file && charge.ours) {
        // It was paid: fetched again, as long as the provider keeps it.
        charge.row().sha256.clear();
        charge.row().clip.clear();
        charge.row().note.clear();
        (void)impl_->move(charge, Stage::ready, "its file is gone or was changed: fetched again");
    }
    return charge.id;
}

Result<> Runner::resend(const JobId& id) {
    auto resumed = take_up(id);
    if (!resumed) return resumed.error();
    auto& charge = impl_->charges.at(*resumed);
    if (charge.row().stage != Stage::unknown && charge.row().stage != Stage::submitting)
        return Error{ErrorKind::usage, fmt::format("job {} is {}; only an unknown one can be sent again", charge.id.text, to_string(charge.row().stage))};
    charge.resend = !charge.row().unsent || charge.row().stage != Stage::submitting;  // else it is still to be sent for the first time
    return Ok{};
}

Result<> Runner::adopt(const JobId& id, const std::string& remote_id) {
    auto resumed = take_up(id);
    if (!resumed) return resumed.error();
    auto& charge = impl_->charges.at(*resumed);
    if (charge.row().stage != Stage::unknown && charge.row().stage != Stage::submitting)
        return Error{ErrorKind::usage, fmt::format("job {} is {}; only an unknown one can adopt a provider's job", charge.id.text, to_string(charge.row().stage))};
    if (charge.row().stage == Stage::submitting && charge.row().unsent && !charge.row().first)
        return Error{ErrorKind::usage, fmt::format("job {} was surely not sent, so that the provider has nothing of it; `shotwire jobs wait {}` sends it", charge.id.text, charge.id.text)};
    charge.adopt = remote_id;
    return Ok{};
}

Result<> Runner::cancel(const JobId& id) {
    auto resumed = take_up(id);
    if (!resumed) return resumed.error();
    auto& charge = impl_->charges.at(*resumed);
    if (charge.stage == Stage::planned) {
        auto claimed = impl_->claim(charge);
        if (!claimed) return claimed.error();
    }
    if (!charge.ours && !is_final(charge.row().stage))
        return Error{ErrorKind::local, fmt::format("another process works on job {}; end it first", charge.id.text)};
    if (charge.row().stage != Stage::planned && charge.row().stage != Stage::rendering)
        return Error{ErrorKind::usage, fmt::format("job {} is {}; only a planned or rendering one can be cancelled", charge.id.text, to_string(charge.row().stage))};
    charge.cancel = true;
    return Ok{};
}

void Runner::run() {
    auto& impl = *impl_;
    impl.running = impl.ran = true;
    impl.started = impl.deps.loop.now();
    impl.at_turn_end();
    impl.fresh = {};
    if (!impl.deps.more_to_come) impl.places = {};  // all have their place
    Alarm deadline(impl.deps.loop), renewal(impl.deps.loop);
    deadline.set(impl.settings.timeout, [&impl] {
        if (!impl.leaving) impl.leave(ErrorKind::pending);
    });
    const std::function<void()> renew = [&] {
        (void)impl.deps.ledger.renew();  // a failure shows at the commit
        impl.at_turn_end();
        renewal.set(10s, renew);
    };
    renewal.set(10s, renew);
    for (std::size_t i = 0; i < impl.asked.size(); ++i) impl.advance(impl.charges.at(impl.asked[i]));
    impl.deps.loop.run([&impl] { return impl.over(); });
    if (impl.interrupts >= 2) impl.leaving = ErrorKind::cancelled;
    for (auto& [id, charge] : impl.charges)
        if (!charge.rests) {
            impl.leaving = ErrorKind::cancelled;
            impl.cut(charge);
        }
    do impl.commit();
    while (!impl.ends.empty());
    impl.running = false;
}

void Runner::interrupt() noexcept {
    impl_->interrupts++;
    impl_->deps.loop.wake();
}

std::vector<Runner::Outcome> Runner::outcomes() const {
    std::vector<Outcome> all;
    for (const auto& id : impl_->asked) {
        auto& charge = impl_->charges.at(id);
        Outcome outcome{{}, charge.why_rests.get(), charge.shown.get(), charge.index, charge.extra};
        if (impl_->open_up(charge)) outcome.row = charge.row();
        else outcome.row.id = id;
        if (charge.shown) outcome.row.clip = *charge.shown;
        all.push_back(std::move(outcome));
    }
    return all;
}

Tally Runner::tally() const {
    Tally tally;
    const auto now = impl_->deps.loop.now();
    for (const auto& [name, lane] : impl_->lanes) {
        if (lane.queue.empty() && lane.under_way == 0) continue;
        const auto& road = impl_->traffic.at(lane.route);
        tally.lanes.push_back({lane.route, lane.model, lane.queue.size(), std::size_t(lane.under_way), std::size_t(lane.most),
                               std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(lane.closed_until - now)), road.down()});
        tally.queued += lane.queue.size();
    }
    tally.under_way = std::size_t(impl_->under_way);
    tally.fetching = impl_->active - std::min(impl_->active, tally.queued + tally.under_way + impl_->watched);
    tally.spent = impl_->ended_cost;
    tally.reserved = Money{std::max<std::int64_t>(0, impl_->spent.micros - impl_->ended_cost.micros)};
    return tally;
}

std::optional<Error> error_of(const Row& row) {
    switch (row.stage) {
        case Stage::done: return {};
        case Stage::cancelled: return Error{ErrorKind::cancelled, fmt::format("job {} was cancelled", row.id.text), {}, true};
        case Stage::unknown:
        case Stage::failed:
        case Stage::rejected:
        case Stage::expired:
        case Stage::mismatch: break;
        default: return {};
    }
    if (row.error) return row.error;
    return Error{row.stage == Stage::unknown    ? ErrorKind::unknown
                 : row.stage == Stage::rejected ? ErrorKind::rejected
                 : row.stage == Stage::mismatch ? ErrorKind::mismatch
                                                : ErrorKind::provider,
                 fmt::format("job {} is {}", row.id.text, to_string(row.stage))};
}

}  // namespace shotwire::job
