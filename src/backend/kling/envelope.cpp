#include "backend/kling/envelope.hpp"

#include <cmath>

#include "core/text.hpp"

namespace shotwire::backend::kling {

JsonApi::Rules rules() {
    using enum ErrorKind;
    JsonApi::Rules rules;
    rules.success = {"/code", 0};
    rules.verdicts = {
        {0, "1101", rate_limited, true},  // in arrears
        {0, "1102", rate_limited, true},  // resource pack used up
        {0, "1302", rate_limited},
        {0, "1303", rate_limited},  // as many tasks under way as the pack allows
        {0, "1300", rejected},
        {0, "1301", rejected},
        {429, "1100", auth},  // account abnormal
        {429, "1304", auth},  // this machine's address is not on the account's list
        // The same codes may come with a 200; with a status of their own the common table knows them.
        {200, "1000", auth},
        {200, "1001", auth},
        {200, "1002", auth},
        {200, "1003", auth},
        {200, "1004", auth},
        {200, "1100", auth},
        {200, "1103", auth},
        {200, "1304", auth},
        {200, "1200", usage},
        {200, "1201", usage},
        {200, "1202", usage},
        {200, "1203", usage},
    };
    return rules;
}

const json& object_at(const json& reply, const std::string& pointer) {
    static const json nothing;
    const json::json_pointer place(pointer);
    return reply.contains(place) ? reply.at(place) : nothing;
}

Result<std::vector<json>> tasks_in(const json& reply, const JsonApi& api) {
    const auto& data = object_at(reply, "/data");
    if (data.is_object()) return std::vector<json>{data};
    if (data.is_array()) return data.get<std::vector<json>>();
    return Error{ErrorKind::provider, "the answer of " + api.name() + " has no /data"};
}

Failed failure(const std::string& words, std::optional<Money> billed, const JsonApi& api) {
    const auto lower = core::lower(words);
    const bool refused = lower.find("risk control") != std::string::npos || lower.find("sensitive") != std::string::npos;
    auto reason = api.failure("failed", json{{"message", words}});
    if (refused) reason = {ErrorKind::rejected, api.name() + " refuses this content: " + api.shown(words)};
    return {std::move(reason), billed};
}

Result<JobState> ready(const std::string& url, double ended_ms, std::optional<Money> billed, const JsonApi& api) {
    auto download = api.fetch(url);
    if (url.empty() || download.url.empty()) return Error{ErrorKind::provider, api.name() + " calls the task done but gives no link to its clip"};
    download.credential.reset();
    Ready ready{{std::move(download)}, billed};
    if (ended_ms > 0 && ended_ms < 4e12)
        ready.expires = core::Wall(std::chrono::milliseconds(std::llround(ended_ms))) + std::chrono::hours(30 * 24);
    return JobState{std::move(ready)};
}

std::optional<Money> dollars(double amount) {
    if (!std::isfinite(amount) || amount < 0 || amount > 1e6) return std::nullopt;
    return Money{std::llround(amount * 1e6)};
}

json image_text(const Image& image) { return image.bytes ? core::base64(*image.bytes) : image.source; }

}  // namespace shotwire::backend::kling
