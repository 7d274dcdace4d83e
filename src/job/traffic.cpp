#include "core/text.hpp"
#include "job/drive.hpp"
#include "job/money.hpp"
#include "job/row_json.hpp"

// Whose turn it is. Jobs wait in lanes (a route and a model), due polls and downloads with their route; `pump` lets as many go as may be
// under way at once, each lane and each route its share, so that none that is slow or down holds up another.
namespace shotwire::job {

using namespace std::chrono;
using namespace std::chrono_literals;

namespace {
constexpr int most_requests = 64;        // under way at once, downloads beside them
constexpr std::size_t most_refusals = 256;  // a turn's worth of queued jobs that a closed route sends away
}  // namespace

void Runner::Impl::enqueue(Charge& charge) {
    if (charge.queued) return;
    charge.queued = true;
    charge.lane->queue.push_back(charge.id);
    at_turn_end();
}

void Runner::Impl::take_slot(Charge& charge) {
    if (std::exchange(charge.slot, true)) return;
    ++charge.lane->under_way;
    ++under_way;
}

void Runner::Impl::free_slot(Charge& charge) {
    if (!std::exchange(charge.slot, false)) return;
    --charge.lane->under_way;
    --under_way;
    at_turn_end();
}

void Runner::Impl::take_off(Charge& charge, Charge::Flight flight) {
    land_flight(charge);
    charge.flight = flight;
    if (flight == Charge::Flight::request) ++charge.traffic->requests;
    if (flight == Charge::Flight::download) ++charge.traffic->downloads;
}

void Runner::Impl::land_flight(Charge& charge) {
    const auto flight = std::exchange(charge.flight, Charge::Flight::none);
    if (flight == Charge::Flight::none) return;
    auto& road = *charge.traffic;
    if (flight == Charge::Flight::request) --road.requests;
    if (flight == Charge::Flight::download) --road.downloads;
    if (road.probe == charge.id) road.probe.reset();
    at_turn_end();
}

void Runner::Impl::reached(Charge& charge) { charge.traffic->failures = 0; }

// Its own pauses, whoever asks: a hundred jobs that each begin with a short one would be a storm.
void Runner::Impl::not_reached(Charge& charge) {
    auto& road = *charge.traffic;
    if (road.failures == 0) road.failing_since = deps.loop.now();
    if (++road.failures < Traffic::down_after) return;
    // Each job gives up after its own time. Those that were not even tried would take their turns for days.
    if (settings.timeout_each && deps.loop.now() - road.failing_since > *settings.timeout_each && charge.last_failure) road.closed = *charge.last_failure;
    road.next_probe = std::max(road.next_probe, deps.loop.now() + http::backoff(road.failures - Traffic::down_after, dice(), 1s, 60s));
}

// A free question that is asked often: in its turn, where the route has much to do.
bool Runner::Impl::may_ask(Charge& charge) {
    auto& road = *charge.traffic;
    if (road.requests < share_of_requests()) return true;
    charge.queued = true;
    road.polls.push_back(charge.id);
    return false;
}

// While a route's host is down one request at a time asks whether it is back; this is when the others may look again.
milliseconds Runner::Impl::until_probe(const Charge& charge) {
    return std::max(1000ms, ceil<milliseconds>(charge.traffic->next_probe - deps.loop.now())) + milliseconds(std::int64_t(2000 * dice()));
}

// Of `most_jobs`: what a lane may have while others have work, too.
int Runner::Impl::share_of_jobs() const {
    const auto busy = std::count_if(lanes.begin(), lanes.end(), [](const auto& entry) { return entry.second.under_way > 0 || !entry.second.queue.empty(); });
    return std::max(1, settings.most_jobs / std::max(1, int(busy)));
}

// Jobs of an earlier run may be more than their lane's share: what is beyond it takes nothing from the others.
bool Runner::Impl::is_full(const Lane& lane) const {
    const int share = share_of_jobs();
    if (lane.under_way >= (lane.most > 0 ? std::min(lane.most, share) : share)) return true;
    if (under_way < settings.most_jobs) return false;
    int counted = 0;
    for (const auto& [name, other] : lanes) counted += std::min(other.under_way, share);
    return counted >= settings.most_jobs;
}

int Runner::Impl::share_of_requests() const {
    const auto busy = std::count_if(traffic.begin(), traffic.end(), [](const auto& entry) { return entry.second.requests > 0 || !entry.second.polls.empty(); });
    return std::max(4, most_requests / std::max(1, int(busy)));
}

// One job of the lane, where it may go now; else how soon it is worth asking again.
bool Runner::Impl::pump_lane(Lane& lane, milliseconds& soonest) {
    if (lane.queue.empty()) return false;
    auto& road = traffic[lane.route];
    const auto now = deps.loop.now();
    const auto not_before = std::max({lane.closed_until, lane.next_submit, road.next_submit, road.down() && !road.probe ? road.next_probe : core::Moment{}});
    if (!road.closed && !leaving) {
        if (not_before > now) return soonest = std::min(soonest, ceil<milliseconds>(not_before - now)), false;
        if (!road.lets_through(now) || is_full(lane) || road.requests >= share_of_requests()) return false;
    }
    const auto id = lane.queue.front();
    lane.queue.pop_front();
    auto* charge = find(id);
    if (!charge || charge->rests) return true;
    charge->queued = false;
    if (!charge->ours) {
        auto claimed = claim(*charge);
        if (!claimed) return rest(*charge, claimed.error()), true;
        if (!charge->ours) return watch(*charge), true;
        if (charge->stage != Stage::planned) return advance(*charge), true;
    }
    if (!open_up(*charge)) return true;
    take_slot(*charge);
    submit(*charge);
    return true;
}

void Runner::Impl::pump_traffic(Traffic& road) {
    while (!road.polls.empty() && road.requests < share_of_requests()) {
        auto* charge = find(road.polls.front());
        road.polls.pop_front();
        if (!charge || !std::exchange(charge->queued, false) || charge->rests) continue;
        if (charge->stage == Stage::rendering) poll(*charge);
        else if (open_up(*charge)) charge->stage == Stage::unknown ? look_for(*charge) : poll(*charge);
    }
    while (!road.fetches.empty() && road.downloads < road.most_downloads) {
        auto* charge = find(road.fetches.front());
        road.fetches.pop_front();
        if (!charge || !std::exchange(charge->queued, false) || charge->rests || !open_up(*charge)) continue;
        fetch(*charge);
    }
}

void Runner::Impl::pump() {
    if (!running) return;
    for (auto& [name, road] : traffic) pump_traffic(road);
    auto soonest = milliseconds::max();
    std::size_t sent_away = 0;
    // In turn, from the lane behind the one that was last: none waits for the end of another.
    for (bool any = true; any && !lanes.empty();) {
        any = false;
        auto lane = lanes.upper_bound(last_lane);
        for (std::size_t i = 0; i < lanes.size(); ++i) {
            if (lane == lanes.end()) lane = lanes.begin();
            if (pump_lane(lane->second, soonest)) {
                any = true;
                last_lane = lane->first;
                ++sent_away;
            }
            ++lane;
        }
        if (sent_away >= most_refusals) {
            deps.loop.after(0ms, [this, alive = std::weak_ptr(alive)] {
                if (!alive.expired()) at_turn_end();
            });
            break;
        }
    }
    if (pump_timer) deps.loop.cancel_timer(*pump_timer);
    pump_timer.reset();
    if (soonest == milliseconds::max()) return;
    pump_timer = deps.loop.after(soonest, [this, alive = std::weak_ptr(alive)] {
        if (alive.expired()) return;
        pump_timer.reset();
        at_turn_end();
    });
}

Result<> Runner::Impl::may_spend(const Row& row, const Limits& limits) {
    Money day, total;
    if (limits.day || limits.total) {
        auto spent_today = deps.ledger.account(row.profile, core::iso_day(deps.clock.wall()));
        if (!spent_today) return spent_today.error();
        auto all = deps.ledger.account(row.profile, "");
        if (!all) return all.error();
        day = *spent_today;
        total = *all;
    }
    return within(limits, row.price, spent, day, total);
}

// Before the paid request of a job that does not count yet. What is reserved here and saved in the same turn holds over processes.
Result<> Runner::Impl::reserve(Charge& charge) {
    if (charge.repeats) return Ok{};
    auto& row = charge.row();
    const auto today = core::iso_day(deps.clock.wall());
    const bool booked = row.stage == Stage::submitting;  // by an earlier sending of it, perhaps of an earlier run
    const bool booked_today = booked && row.submitted && core::iso_day(*row.submitted) == today;
    if (charge.reserved && booked_today) return Ok{};
    auto limits = settings.limits_of ? settings.limits_of(row.profile) : settings.limits;
    if (charge.reserved) limits.run = {};
    if (booked) limits.total = {};
    if (booked_today) limits.day = {};
    if (auto may = may_spend(row, limits); !may) return may;
    charge.reserved = true;
    if (row.stage == Stage::unknown) row.doubtful = cost_of(row);  // sent again by the user's word: the first one may have been paid
    return Ok{};
}

}  // namespace shotwire::job
