#include "backend/dashscope/task.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/text.hpp"

namespace shotwire::backend::dashscope {
namespace {

using namespace std::chrono_literals;

constexpr auto kept_for = 24h;

const json& at(const json& object, const char* name) {
    static const json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

// The link is signed until then; where it does not say, a task is kept for a day.
std::optional<core::Wall> end_of(const std::string& url, const json& output) {
    if (const auto sign = url.find("Expires="); sign != std::string::npos) {
        std::int64_t seconds = 0;
        const auto* begin = url.data() + sign + 8;
        if (std::from_chars(begin, url.data() + url.size(), seconds).ec == std::errc() && seconds > 0 && seconds < 4'000'000'000)
            return core::Wall(std::chrono::seconds(seconds));
    }
    const auto ends = readings_of(at(output, "end_time"));
    if (ends.empty()) return std::nullopt;
    return ends.front() + kept_for;
}

// A number that is there and is another one.
bool differs(const json& object, const char* name, double wanted) {
    const auto told = core::number_or(object, fmt::format("/{}", name), NAN);
    return wanted > 0 && std::isfinite(told) && std::abs(told - wanted) > 0.5;
}

}  // namespace

std::vector<core::Wall> readings_of(const json& time) {
    if (time.is_number()) {
        const auto number = time.get<double>();
        if (!(number > 1e11 && number < 1e14)) return {};
        return {core::Wall(std::chrono::milliseconds(std::int64_t(number)))};
    }
    if (!time.is_string()) return {};
    auto text = time.get<std::string>();
    if (text.size() > 10) text[10] = 'T';
    if (!text.ends_with('Z')) text += 'Z';
    const auto as_utc = core::parse_iso_time(text);
    if (!as_utc) return {};
    return {*as_utc - 8h, *as_utc};
}

Window Window::around(core::Wall at, core::Wall now, const http::Response& response) {
    const auto there = core::parse_http_date(response.header("Date"));
    if (!there) return {at - 2min, at + 15min};
    return {at + (*there - now) - 30s, at + (*there - now) + 5min, true};
}

bool Window::holds(const json& time, std::chrono::seconds more) const {
    const auto readings = readings_of(time);
    return readings.empty() ||
           std::any_of(readings.begin(), readings.end(), [&](core::Wall reading) { return reading >= from - more && reading <= to + more; });
}

bool same_model(const json& row, const Order& order) {
    // An alias may be told as its snapshot: wan2.7-t2v as wan2.7-t2v-2026-06-12.
    const auto model = core::field_or(row, "/model_name", "");
    return model.empty() || model == order.remote_model || model.starts_with(order.remote_model + "-");
}

std::optional<bool> matches(const json& reply, const Order& order) {
    const auto& output = at(reply, "output");
    const auto& usage = at(reply, "usage");
    if (core::field_or(output, "/task_status", "") == "UNKNOWN") return false;
    const auto prompt = core::field_or(output, "/orig_prompt", "");
    if (prompt.empty()) return std::nullopt;
    if (core::trim(prompt) != core::trim(order.prompt)) return false;
    if (const auto ratio = core::field_or(usage, "/ratio", ""); order.ratio && !ratio.empty() && ratio != to_string(*order.ratio)) return false;
    return !differs(usage, "output_video_duration", order.seconds) && !differs(usage, "SR", std::atof(order.resolution.c_str()));
}

Result<JobState> state_of(const json& reply, const JsonApi& api) {
    const auto& output = at(reply, "output");
    auto status = core::field<std::string>(output, "/task_status");
    if (!status) return status.error();
    if (*status == "UNKNOWN") return JobState{Gone{}};
    if (*status == "FAILED" || *status == "CANCELED") return JobState{Failed{api.failure(*status, output), Money{}}};  // failed tasks are free
    if (*status != "SUCCEEDED") return JobState{Rendering{.word = api.shown(*status, 40)}};
    auto url = core::field<std::string>(output, "/video_url");
    if (!url) return url.error();
    auto clip = api.fetch(*url);
    if (clip.url.empty()) return Error{ErrorKind::provider, api.name() + " gave a clip's address that is no http(s) URL"};
    clip.credential.reset();
    return JobState{Ready{.clips = {std::move(clip)}, .expires = end_of(*url, output)}};
}

}  // namespace shotwire::backend::dashscope
