#include "backend/google/answer.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <vector>

#include "core/text.hpp"

namespace shotwire::backend::google {
namespace {

struct SupportCode {
    std::string_view code, meaning;
};
constexpr std::array<SupportCode, 25> support_codes = {{
    {"58061214", "a child"},
    {"17301594", "a child"},
    {"29310472", "a celebrity's likeness"},
    {"15236754", "a celebrity's likeness"},
    {"64151117", "general safety of videos"},
    {"42237218", "general safety of videos"},
    {"62263041", "dangerous content"},
    {"57734940", "hate"},
    {"22137204", "hate"},
    {"89371032", "prohibited content"},
    {"49114662", "prohibited content"},
    {"63429089", "prohibited content"},
    {"72817394", "prohibited content"},
    {"60599140", "prohibited content"},
    {"35561574", "content of a third party"},
    {"35561575", "content of a third party"},
    {"90789179", "sexual content"},
    {"43188360", "sexual content"},
    {"78610348", "toxic language"},
    {"61493863", "violence"},
    {"56562880", "violence"},
    {"32635315", "vulgar language"},
    {"74803281", "other safety reasons"},
    {"29578790", "other safety reasons"},
    {"42876398", "other safety reasons"},
}};

// The words of its sentences, in lower case.
constexpr std::array<std::string_view, 8> words = {"support code", "responsible ai",     "usage guidelines", "sensitive words",
                                                   "safety",       "prohibited content", "content policy",   "prohibited_content"};

std::vector<std::string> numbers_in(const std::string& text) {
    std::vector<std::string> numbers;
    for (auto at = text.begin(); at != text.end();) {
        at = std::find_if(at, text.end(), [](unsigned char c) { return std::isdigit(c); });
        const auto end = std::find_if_not(at, text.end(), [](unsigned char c) { return std::isdigit(c); });
        if (at != end) numbers.emplace_back(at, end);
        at = end;
    }
    return numbers;
}

// google.rpc.RetryInfo among the details: {"retryDelay": "37s"}.
std::optional<std::chrono::milliseconds> retry_delay(const json& reply) {
    const json::json_pointer place("/error/details");
    if (!reply.contains(place) || !reply.at(place).is_array()) return {};
    for (const auto& detail : reply.at(place)) {
        auto text = core::field_or(detail, "/retryDelay", "");
        if (!text.ends_with('s')) continue;
        const auto seconds = core::number_or({{"s", text.substr(0, text.size() - 1)}}, "/s", NAN);
        if (seconds >= 0 && seconds <= 86400) return std::chrono::milliseconds(std::int64_t(std::ceil(seconds * 1000)));
    }
    return {};
}

}  // namespace

bool says_unsafe(const std::string& text) {
    const auto low = core::lower(text);
    return std::any_of(words.begin(), words.end(), [&](std::string_view word) { return low.find(word) != std::string::npos; });
}

Error unsafe(const JsonApi& api, const std::string& text) {
    auto message = fmt::format("{} refuses this content: {}", api.name(), text.empty() ? "no reason given" : api.shown(text));
    for (const auto& number : numbers_in(text))
        for (const auto& known : support_codes)
            if (number == known.code) message += fmt::format(" (support code {}: {})", number, known.meaning);
    return {ErrorKind::rejected, std::move(message)};
}

Error refusal(const JsonApi& api, const json& reply, const http::Response& response, bool paid) {
    const auto said = core::field_or(reply, "/error/message", "");
    // A wrong key or a quota may be told with the same words.
    if (response.status == 400 && says_unsafe(said)) return unsafe(api, said);
    auto error = api.refusal(response, reply, paid);
    if (error.kind == ErrorKind::rate_limited && !error.retry_after) error.retry_after = retry_delay(reply);
    return error;
}

}  // namespace shotwire::backend::google
