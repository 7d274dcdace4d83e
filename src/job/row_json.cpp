#include "job/row_json.hpp"

#include <algorithm>

#include "core/text.hpp"

namespace shotwire::job {
namespace {

std::optional<core::Wall> read_time(const json& detail, const char* key) {
    const auto found = detail.find(key);
    if (found == detail.end() || !found->is_number_integer()) return {};
    return from_ms(found->get<std::int64_t>());
}

}  // namespace

std::int64_t to_ms(core::Wall time) { return std::chrono::floor<std::chrono::milliseconds>(time).time_since_epoch().count(); }
// Within what the clock can count, whatever stands in the file.
core::Wall from_ms(std::int64_t ms) { return core::Wall(std::chrono::milliseconds(std::clamp<std::int64_t>(ms, -9'000'000'000'000, 9'000'000'000'000))); }

// What is as in a new row is left out: most of it is, for most of a job's life.
std::string detail_of(const Row& row) {
    core::ObjectWriter detail;
    const auto text = [&](const char* key, const std::string& value) {
        if (!value.empty()) detail.text(key, value);
    };
    const auto flag = [&](const char* key, bool value) {
        if (value) detail.flag(key, true);
    };
    const auto object = [&](const char* key, const json& value) {
        if (!value.empty()) detail.value(key, value);
    };
    const auto time = [&](const char* key, const std::optional<core::Wall>& value) {
        if (value) detail.number(key, to_ms(*value));
    };
    text("backend", row.backend);
    text("base_url", row.base_url);
    flag("moved", row.moved);
    object("dialect", row.dialect);
    text("key", row.key);
    text("body_sha256", row.body_sha256);
    flag("unsent", row.unsent);
    text("beside", row.beside);
    if (row.number) detail.number("number", row.number);
    time("submitted", row.submitted);
    time("ready", row.ready);
    time("ended", row.ended);
    time("expires", row.expires);
    text("output", row.output);
    flag("force", row.force);
    object("part", row.part);
    text("clip", row.clip);
    text("sha256", row.sha256);
    object("measures", row.measures);
    object("request", row.request);
    text("note", row.note);
    flag("cancel_wanted", row.cancel_wanted);
    if (row.doubtful.micros) detail.number("doubtful", row.doubtful.micros);
    if (row.first) detail.value("first", {{"key", row.first->key}, {"at", to_ms(row.first->at)}});
    if (row.error) {
        json error{{"kind", int(row.error->kind)}, {"message", row.error->message}};
        if (row.error->lasting) error["lasting"] = true;
        detail.value("error", error);
    }
    return std::move(detail).take();
}

void read_detail(Row& row, std::string_view text) {
    const auto detail = core::json_of(text);
    if (!detail.is_object()) return;
    const auto object = [&](const char* key) { return detail.contains(key) && detail[key].is_object() ? detail[key] : json::object(); };
    const auto flag = [&](const char* key) { return detail.contains(key) && detail[key] == true; };
    row.backend = core::field_or(detail, "/backend", "");
    row.base_url = core::field_or(detail, "/base_url", "");
    row.moved = flag("moved");
    row.dialect = object("dialect");
    row.key = core::field_or(detail, "/key", "");
    row.body_sha256 = core::field_or(detail, "/body_sha256", "");
    row.unsent = flag("unsent");
    row.beside = core::field_or(detail, "/beside", "");
    row.number = int(std::clamp(core::number_or(detail, "/number", 0), 0.0, 1000.0));
    row.submitted = read_time(detail, "submitted");
    row.ready = read_time(detail, "ready");
    row.ended = read_time(detail, "ended");
    row.expires = read_time(detail, "expires");
    row.output = core::field_or(detail, "/output", "");
    row.force = flag("force");
    row.part = object("part");
    row.clip = core::field_or(detail, "/clip", "");
    row.sha256 = core::field_or(detail, "/sha256", "");
    row.measures = object("measures");
    row.request = object("request");
    row.note = core::field_or(detail, "/note", "");
    row.cancel_wanted = flag("cancel_wanted");
    if (detail.contains("doubtful") && detail["doubtful"].is_number_integer()) row.doubtful.micros = detail["doubtful"].get<std::int64_t>();
    if (const auto first = object("first"); !first.empty())
        row.first = Row::Sending{core::field_or(first, "/key", ""), read_time(first, "at").value_or(core::Wall{})};
    if (const auto error = object("error"); !error.empty())
        row.error = Error{ErrorKind(int(core::number_or(error, "/kind", 70))), core::field_or(error, "/message", ""), {}, error.contains("lasting") && error["lasting"] == true};
}

}  // namespace shotwire::job
