#include "backend/fal/answers.hpp"

#include "backend/input.hpp"

namespace shotwire::backend::fal {
namespace {

// {"url": ...}, the address alone, or a list of either.
void collect(const json& value, std::vector<std::string>& urls) {
    if (value.is_array())
        for (const auto& item : value) collect(item, urls);
    else if (value.is_string()) urls.push_back(value.get<std::string>());
    else if (const auto& url = member(value, "url"); url.is_string()) urls.push_back(url.get<std::string>());
}

}  // namespace

Rendering rendering_of(const json& status, const JsonApi& api) {
    const auto word = core::field_or(status, "/status", "");
    Rendering rendering{.word = api.shown(word, 40)};
    const auto queue = core::number_or(status, "/queue_position", -1);
    if (word == "IN_QUEUE" && queue >= 0 && queue < 1e9) rendering.queue = int(queue);
    const auto& logs = member(status, "logs");
    if (!logs.is_array()) return rendering;
    for (auto line = logs.rbegin(); line != logs.rend() && !rendering.progress; ++line) rendering.progress = progress_in(core::field_or(*line, "/message", ""));
    return rendering;
}

Result<std::vector<Source>> clips_of(const json& result, const http::Response& response, const JsonApi& api) {
    std::vector<std::string> urls;
    for (const auto* name : {"video", "videos", "output", "video_url"})
        if (urls.empty()) collect(member(result, name), urls);
    std::vector<Source> clips;
    for (const auto& url : urls) {
        if (url.starts_with("data:")) {
            auto clip = api.clip(url, response, url.substr(5, url.find_first_of(";,") - 5));
            if (!clip) return clip.error();
            clips.push_back(std::move(*clip));
            continue;
        }
        auto request = api.fetch(url);
        if (request.url.empty()) return Error{ErrorKind::provider, api.name() + " gave a clip's address that is no http(s) URL"};
        request.credential.reset();
        clips.push_back(std::move(request));
    }
    if (clips.empty()) return Error{ErrorKind::provider, api.name() + " calls it done, but its result has no video"};
    return clips;
}

bool tells_of_a_failed_job(const json& reply, const http::Response& response) {
    if (response.status == 400 || response.status == 422) return true;
    const bool typed = !response.header("X-Fal-Error-Type").empty() || member(reply, "error_type").is_string() || member(reply, "detail").is_array();
    return response.status >= 500 && typed;
}

std::optional<Money> billed_for(const std::string& error_type) {
    if (error_type.starts_with("runner_") || error_type.ends_with("_timeout")) return Money{};
    return std::nullopt;
}

}  // namespace shotwire::backend::fal
