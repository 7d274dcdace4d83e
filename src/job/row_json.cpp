#include "job/row_json.hpp"

#include <algorithm>
#include <variant>

#include "core/members.hpp"

namespace shotwire::job {
namespace {

using Time = std::optional<core::Wall>;
using Place = std::variant<std::string Row::*, bool Row::*, int Row::*, json Row::*, Time Row::*>;
constexpr std::pair<std::string_view, Place> places[] = {
    {"backend", &Row::backend}, {"base_url", &Row::base_url}, {"moved", &Row::moved}, {"dialect", &Row::dialect}, {"key", &Row::key},
    {"body_sha256", &Row::body_sha256}, {"unsent", &Row::unsent}, {"beside", &Row::beside}, {"number", &Row::number},
    {"submitted", &Row::submitted}, {"ready", &Row::ready}, {"ended", &Row::ended}, {"expires", &Row::expires}, {"output", &Row::output},
    {"force", &Row::force}, {"part", &Row::part}, {"clip", &Row::clip}, {"sha256", &Row::sha256}, {"measures", &Row::measures},
    {"request", &Row::request}, {"note", &Row::note}, {"cancel_wanted", &Row::cancel_wanted},
};

// What is as in a new row is left out: most of it is, for most of a job's life.
class Writer : public core::ObjectWriter {
public:
    void write(std::string_view key, const std::string& value) {
        if (!value.empty()) text(key, value);
    }
    void write(std::string_view key, bool set) {
        if (set) flag(key, true);
    }
    void write(std::string_view key, int count) {
        if (count) number(key, count);
    }
    void write(std::string_view key, const json& object) {
        if (!object.empty()) value(key, object);
    }
    void write(std::string_view key, const Time& time) {
        if (time) number(key, to_ms(*time));
    }
};

// What stands there in another type than ours is not said.
void read(json& value, std::string& text) {
    if (value.is_string()) text = std::move(value.get_ref<std::string&>());
}
void read(const json& value, bool& set) { set = value == true; }
void read(const json& value, int& count) { count = int(std::clamp(core::number_or(value, "", 0), 0.0, 1000.0)); }
void read(json& value, json& object) {
    if (value.is_object()) object = std::move(value);
}
void read(const json& value, Time& time) {
    if (value.is_number_integer()) time = from_ms(value.get<std::int64_t>());
}
void read(const json& value, Money& money) {
    if (value.is_number_integer()) money.micros = value.get<std::int64_t>();
}
void read(const json& value, std::optional<Row::Sending>& first) {
    if (!value.is_object() || value.empty()) return;
    Time at;
    if (const auto* found = core::find(value, "/at")) read(*found, at);
    first = Row::Sending{core::field_or(value, "/key", ""), at.value_or(core::Wall{})};
}
void read(const json& value, std::optional<Error>& error) {
    if (!value.is_object() || value.empty()) return;
    const auto* lasting = core::find(value, "/lasting");
    error = Error{ErrorKind(int(core::number_or(value, "/kind", 70))), core::field_or(value, "/message", ""), {}, lasting && *lasting == true};
}

}  // namespace

std::int64_t to_ms(core::Wall time) { return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count(); }
// Within what the clock can count, whatever stands in the file.
core::Wall from_ms(std::int64_t ms) { return core::Wall(std::chrono::milliseconds(std::clamp<std::int64_t>(ms, -9'000'000'000'000, 9'000'000'000'000))); }

std::string detail_of(const Row& row) {
    Writer detail;
    for (const auto& [key, place] : places) std::visit([&, key = key](auto member) { detail.write(key, row.*member); }, place);
    if (row.doubtful.micros) detail.number("doubtful", row.doubtful.micros);
    if (row.first) detail.written("first", std::move(core::ObjectWriter().number("at", to_ms(row.first->at)).text("key", row.first->key)).take());
    if (row.error) {
        core::ObjectWriter error;
        error.number("kind", int(row.error->kind));
        if (row.error->lasting) error.flag("lasting", true);
        error.text("message", row.error->message);
        detail.written("error", std::move(error).take());
    }
    return std::move(detail).take();
}

void read_detail(Row& row, std::string_view detail) {
    auto members = core::read_members(detail);
    if (!members) return;
    for (auto& [key, value] : *members) {
        const auto* known = std::find_if(std::begin(places), std::end(places), [&, &key = key](const auto& place) { return place.first == key; });
        if (known != std::end(places)) std::visit([&, &value = value](auto member) { read(value, row.*member); }, known->second);
        else if (key == "doubtful") read(value, row.doubtful);
        else if (key == "first") read(value, row.first);
        else if (key == "error") read(value, row.error);
    }
}

}  // namespace shotwire::job
