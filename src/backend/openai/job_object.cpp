#include "backend/openai/job_object.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "backend/remote_id.hpp"
#include "core/clock.hpp"
#include "core/text.hpp"
#include "http/retry.hpp"

namespace shotwire::backend::openai {
namespace {

using std::chrono::milliseconds;

bool is_failure(const std::string& word) {
    constexpr std::array<std::string_view, 6> words = {"failed", "error", "cancelled", "canceled", "expired", "deleted"};
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_success(const std::string& word) { return word == "completed" || word == "succeeded"; }

std::optional<double> number_at(const json& job, const std::string& pointer) {
    const auto number = core::number_or(job, pointer, NAN);
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<milliseconds> poll_hint(const http::Response& response) {
    const auto text = core::trim(response.header("openai-poll-after-ms"));
    long long value = -1;
    const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = fault == std::errc() && end == text.data() + text.size();
    if (whole && value >= 0 && value <= 24 * 3600 * 1000) return milliseconds(value);
    return http::retry_after(response, core::Clock().wall());
}

std::string media_type_of(const json& item) {
    if (auto type = core::field_or(item, "/mime_type", ""); !type.empty()) return type;
    if (auto type = core::field_or(item, "/media_type", ""); !type.empty()) return type;
    const auto format = core::lower(core::field_or(item, "/output_format", core::field_or(item, "/format", "mp4")));
    if (format == "webm") return "video/webm";
    return format == "avi" ? "video/x-msvideo" : "video/mp4";
}

// A clip that lies in the answer itself, or behind a URL that the answer gives; none where it gives neither.
Result<std::optional<Source>> source_in(const json& item, const JsonApi& api) {
    auto text = core::field_or(item, "/b64_json", "");
    auto type = media_type_of(item);
    const auto url = core::field_or(item, "/url", "");
    if (text.empty() && url.starts_with("data:")) {
        const auto comma = url.find(',');
        if (comma == std::string::npos || url.substr(0, comma).find(";base64") == std::string::npos)
            return Error{ErrorKind::provider, api.name() + " gave a clip in a data URL that is not Base64"};
        type = url.substr(5, url.find_first_of(";,") - 5);
        text = url.substr(comma + 1);
    }
    if (!text.empty()) {
        auto bytes = core::from_base64(text);
        if (!bytes) return Error{ErrorKind::provider, api.name() + " gave a clip that is not Base64"};
        return std::optional<Source>(Inline{std::move(*bytes), std::move(type)});
    }
    if (url.empty()) return std::optional<Source>();
    auto request = api.fetch(url);
    if (request.url.empty()) return Error{ErrorKind::provider, api.name() + " gave a clip's address that is no http(s) URL"};
    return std::optional<Source>(std::move(request));
}

const json& at(const json& object, const char* name) {
    static const json nothing;
    if (!object.is_object()) return nothing;
    const auto found = object.find(name);
    return found == object.end() ? nothing : *found;
}

Result<std::vector<Source>> sources_of(const json& job, const JsonApi& api, const Dialect& dialect) {
    std::vector<const json*> items;
    if (const auto& list = at(job, "data"); list.is_array())
        for (const auto& item : list) items.push_back(&item);
    items.push_back(&at(job, "result"));
    items.push_back(&job);

    std::vector<Source> clips;
    for (const auto* item : items) {
        if (!item->is_object() || (item == &job && !clips.empty())) continue;
        auto source = source_in(*item, api);
        if (!source) return source.error();
        if (*source) clips.push_back(std::move(**source));
    }
    if (clips.empty() && at(job, "unsigned_urls").is_array())
        for (const auto& url : at(job, "unsigned_urls")) {
            auto source = source_in(json{{"url", url}}, api);
            if (!source) return source.error();
            if (*source) clips.push_back(std::move(**source));
        }
    if (clips.empty()) {
        auto id = id_of(job);
        if (!id) return id.error();
        clips.push_back(content_of(*id, api, dialect));
    }
    return clips;
}

std::optional<Money> billed_for(const json& job) {
    const auto cost = number_at(job, "/usage/cost");
    if (!cost || *cost < 0 || *cost > 1e6) return std::nullopt;
    return Money{std::llround(*cost * 1e6)};
}

}  // namespace

Result<std::string> id_of(const json& job) { return id_at(job, "/id"); }

std::string path_of(const std::string& id) { return "/videos/" + core::url_encode(id); }

http::Request content_of(const std::string& id, const JsonApi& api, const Dialect& dialect) {
    auto request = api.request("GET", path_of(id) + "/content" + (dialect.content_variant.empty() ? "" : "?variant=" + dialect.content_variant));
    request.headers.clear();
    return request;
}

std::optional<std::chrono::system_clock::time_point> time_at(const json& job, const std::string& pointer) {
    using std::chrono::system_clock;
    if (const auto text = core::field_or(job, pointer, ""); !text.empty())
        if (auto time = core::parse_iso_time(text)) return time;
    auto number = number_at(job, pointer);
    if (!number || *number < 1) return std::nullopt;
    if (*number > 1e11) *number /= 1000;  // milliseconds, as new-api was seen to write
    if (*number > 4e9) return std::nullopt;
    return system_clock::time_point(std::chrono::duration_cast<system_clock::duration>(milliseconds(std::llround(*number * 1000))));
}

Result<JobState> state_of(const json& job, const http::Response& response, const JsonApi& api, const Dialect& dialect) {
    const auto status = core::field<std::string>(job, "/status");
    if (!status) return status.error();
    const auto word = core::lower(core::trim(*status));

    if (is_failure(word)) return JobState{Failed{api.failure(word, at(job, "error")), billed_for(job)}};
    if (is_success(word)) {
        auto clips = sources_of(job, api, dialect);
        if (!clips) return clips.error();
        return JobState{Ready{std::move(*clips), billed_for(job), time_at(job, "/expires_at")}};
    }
    Rendering rendering;
    if (const auto progress = number_at(job, "/progress")) rendering.progress = std::clamp(*progress / 100, 0.0, 1.0);
    if (const auto queue = number_at(job, "/queue_position"); queue && *queue >= 0 && *queue < 1e9) rendering.queue = int(*queue);
    rendering.not_before = poll_hint(response);
    rendering.word = api.shown(*status, 40);
    return JobState{std::move(rendering)};
}

}  // namespace shotwire::backend::openai
