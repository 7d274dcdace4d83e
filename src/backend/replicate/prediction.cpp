#include "backend/replicate/prediction.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "backend/input.hpp"
#include "core/text.hpp"

namespace shotwire::backend::replicate {
namespace {

using std::chrono::seconds;

constexpr auto kept_for = std::chrono::hours(1);  // input, output and files, after the end

// Models have no common code for it; these are the words of those that refuse most.
bool refuses(const std::string& error) {
    constexpr std::array<std::string_view, 4> words = {"flagged as sensitive", "(e005)", "nsfw", "safety filter"};
    const auto text = core::lower(error);
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

Failed failed(const json& prediction, const JsonApi& api) {
    const auto text = core::field_or(prediction, "/error", "");
    if (refuses(text)) return Failed{{ErrorKind::rejected, fmt::format("{} refuses this content: {}", api.name(), api.shown(text))}};
    return Failed{api.failure("failed", json{{"error", member(prediction, "error")}})};
}

Result<JobState> ready(const json& prediction, const JsonApi& api) {
    Ready ready;
    const auto& output = member(prediction, "output");
    for (const auto& item : output.is_array() ? output : json::array({output})) {
        const auto url = item.is_string() ? item.get<std::string>() : core::field_or(item, "/url", "");
        if (url.empty()) continue;
        auto request = api.fetch(url);
        if (request.url.empty()) return Error{ErrorKind::provider, api.name() + " gave a clip's address that is no http(s) URL"};
        ready.clips.push_back(std::move(request));
    }
    if (ready.clips.empty()) {
        const auto* why = member(prediction, "data_removed") == true ? "{} rendered it and has removed the clip: it keeps them for an hour" : "{} calls it done, but gave no clip";
        return JobState{Failed{{ErrorKind::provider, fmt::format(fmt::runtime(why), api.name())}}};
    }
    if (const auto end = core::parse_iso_time(core::field_or(prediction, "/completed_at", ""))) ready.expires = *end + kept_for;
    return JobState{std::move(ready)};
}

}  // namespace

Result<JobState> state_of(const json& prediction, const JsonApi& api) {
    const auto status = core::field<std::string>(prediction, "/status");
    if (!status) return status.error();
    if (*status == "succeeded") return ready(prediction, api);
    if (*status == "failed") return JobState{failed(prediction, api)};
    if (*status == "canceled") return JobState{Failed{{ErrorKind::provider, "the job at " + api.name() + " was cancelled"}}};
    if (*status == "aborted")
        return JobState{Failed{{ErrorKind::provider, "the job at " + api.name() + " was ended before it began, by its deadline perhaps"}, Money{}}};
    return JobState{Rendering{.progress = progress_in(core::field_or(prediction, "/logs", "")), .word = api.shown(*status, 40)}};
}

std::optional<std::chrono::milliseconds> wait_in(const std::string& detail) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (auto at = detail.begin(); (at = std::find_if(at, detail.end(), is_digit)) != detail.end();) {
        const auto end = std::find_if_not(at, detail.end(), is_digit);
        const auto unit = core::lower(core::trim(std::string_view(end, detail.end()).substr(0, 8)));
        const bool short_unit = unit == "s" || unit.starts_with("s ") || unit.starts_with("s.") || unit.starts_with("s,");
        const auto count = end - at < 6 ? std::stol(std::string(at, end)) : 0;
        if (count > 0 && (short_unit || unit.starts_with("sec"))) return seconds(count);
        if (count > 0 && unit.starts_with("min")) return std::chrono::minutes(count);
        at = end;
    }
    return std::nullopt;
}

}  // namespace shotwire::backend::replicate
