#include "job/accounts.hpp"

namespace shotwire::job {

Result<> Accounts::replace(const Entry& before, const Entry& after) {
    if (before == after) return Ok{};
    if (auto taken = add({before.profile, before.day, -before.micros}); !taken) return taken;
    return add(after);
}

Result<> Accounts::add(const Entry& entry) {
    if (entry.micros == 0) return Ok{};
    auto statement = db_.prepare(
        "INSERT INTO accounts (profile, day, micros) VALUES (?,?,?) ON CONFLICT (profile, day) DO UPDATE SET micros = micros + excluded.micros");
    if (!statement) return statement.error();
    statement->bind(entry.profile).bind(entry.day).bind(entry.micros);
    if (auto done = statement->step(); !done) return done.error();
    return Ok{};
}

Result<> Accounts::keep_forgotten(std::int64_t job) {
    auto statement = db_.prepare(
        "INSERT INTO forgotten SELECT day, profile, route, model, batch, cost, settled IS NOT NULL FROM jobs WHERE number = ? AND cost <> 0");
    if (!statement) return statement.error();
    statement->bind(job);
    if (auto done = statement->step(); !done) return done.error();
    return Ok{};
}

Result<Money> Accounts::sum(const std::string& profile, const std::string& day) {
    auto statement = db_.prepare(day.empty() ? "SELECT sum(micros) FROM accounts WHERE profile = ?" : "SELECT sum(micros) FROM accounts WHERE profile = ? AND day = ?");
    if (!statement) return statement.error();
    statement->bind(profile);
    if (!day.empty()) statement->bind(day);
    if (auto done = statement->step(); !done) return done.error();
    return Money{statement->integer(0)};
}

Result<std::vector<Spent>> Accounts::spending() {
    auto statement = db_.prepare(
        "SELECT day, profile, route, model, batch, count(*), sum(CASE WHEN settled THEN 0 ELSE cost END), sum(CASE WHEN settled THEN cost ELSE 0 END) FROM "
        "(SELECT day, profile, route, model, batch, cost, settled IS NOT NULL AS settled FROM jobs WHERE cost <> 0 OR (day <> '' AND handle <> '') "
        "UNION ALL SELECT day, profile, route, model, batch, cost, settled FROM forgotten) "
        "GROUP BY day, profile, route, model, batch ORDER BY day DESC, profile, route, model, batch");
    if (!statement) return statement.error();
    return statement->all([](const Statement& sum) {
        return Spent{sum.text(0), sum.text(1), sum.text(2), sum.text(3), sum.text(4), int(sum.integer(5)), Money{sum.integer(6)}, Money{sum.integer(7)}};
    });
}

}  // namespace shotwire::job
