#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "backend/json_api.hpp"
#include "backend/openai/dialect.hpp"
#include "backend/openai/job_object.hpp"
#include "backend/openai/request_body.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace openai {
namespace {

using std::chrono::seconds;

json sample_job(const std::string& status) {
    return {{"id", "video_123"}, {"object", "video"}, {"status", status}, {"progress", status == "completed" ? 100 : 0}};
}

Handle handle_of(std::string id) {
    Handle handle{json::object()};  // by its key: a list in braces costs several times that, for each job
    handle.value["id"] = std::move(id);
    return handle;
}

// Jobs are listed newest first; what is older than this cannot be the one that was lost. All times by the host's clock.
constexpr auto earliest = seconds(-120);
constexpr auto latest = seconds(15 * 60);
// A job that is it by all but the time: our clock was set right since, or theirs is wrong.
constexpr auto doubt = std::chrono::hours(24);
constexpr int most_pages = 5;
constexpr std::size_t page_size = 100;

// An alias may be echoed as its snapshot: sora-2 as sora-2-2025-12-08.
bool same_model(const std::string& echoed, const std::string& ours) {
    if (echoed == ours || ours.empty()) return true;
    const auto dated = echoed.size() == ours.size() + 11 && echoed.starts_with(ours + "-");
    return dated && core::parse_iso_time(echoed.substr(ours.size() + 1)).has_value();
}

// Whether the job may be that order. Hosts leave keys out: what is missing speaks for it.
bool may_be(const json& job, const Order& order) {
    const auto text = [&](const char* pointer) { return core::field_or(job, pointer, ""); };
    if (const auto model = text("/model"); !model.empty() && !same_model(model, order.remote_model)) return false;
    if (const auto prompt = text("/prompt"); !prompt.empty() && prompt != order.prompt) return false;
    const bool created = order.operation == Operation::create;
    if (const auto size = text("/size"); created && order.size && !size.empty() && size != to_string(*order.size)) return false;
    const auto length = core::number_or(job, "/seconds", NAN);
    if (created && order.seconds > 0 && std::isfinite(length) && std::abs(length - order.seconds) > 0.01) return false;
    if (const auto from = text("/remixed_from_video_id"); !from.empty() && from != order.source_clip) return false;
    return true;
}

}  // namespace

// The OpenAI Videos protocol and the family that speaks it; openai.md has its quirks.
class OpenAi final : public Backend {
public:
    explicit OpenAi(const Deps& deps)
        : now_(deps.now), dialect_(shared(read_dialect(deps.dialect, deps.moved))), api_(deps, dialect_ ? rules(**dialect_) : JsonApi::Rules{}) {}

    Step<Accepted> submit(const Order& order, const Intent& intent) const override {
        if (!dialect_) return dialect_.error();
        auto request = paid_request(order, intent, api_, **dialect_);
        if (!request) return request.error();
        allow_inline(*request);
        return api_.ask<Accepted>(std::move(*request),
                                  {.success = [api = api_, dialect = *dialect_](const json& job, const http::Response& response) -> Step<Accepted> {
                                       auto id = id_of(job);
                                       if (!id) return id.error();
                                       Accepted accepted{handle_of(std::move(*id))};
                                       // The id is what counts: what else is unreadable here is asked for by polling.
                                       auto state = state_of(job, response, api, *dialect);
                                       if (state) accepted.already = std::move(*state);
                                       return accepted;
                                   },
                                   .sample = [] { return sample_job("queued"); }});
    }

    Step<JobState> poll(const Handle& job) const override {
        if (!dialect_) return dialect_.error();
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        auto request = api_.request("GET", path_of(*id));
        allow_inline(request);
        const auto read = [api = api_, dialect = *dialect_](const json& reply, const http::Response& response) -> Step<JobState> {
            auto state = state_of(reply, response, api, *dialect);
            if (!state) return state.error();
            return std::move(*state);
        };
        const auto read_refusal = [read, id = *id](const json& reply, const http::Response& response) -> std::optional<Step<JobState>> {
            // vLLM-Omni answers for a failed job with its error's status and the job as body. An error that has a status of its
            // own is no job: the id tells.
            if (core::field_or(reply, "/id", "") == id && reply.contains("status")) return read(reply, response);
            if (response.status == 404 || response.status == 410) return Step<JobState>(JobState{Gone{}});
            return std::nullopt;
        };
        return api_.ask<JobState>(std::move(request), {.success = read, .refusal = read_refusal, .sample = [] { return sample_job("completed"); }});
    }

    Step<Found> find(const Order& order, const Intent& intent) const override {
        if (!dialect_) return dialect_.error();
        if (!(*dialect_)->find) return Found{};
        return look(order, intent.at, Found{true}, "", 1);
    }

    Step<Ok> cancel(const Handle& job) const override {
        if (!dialect_) return dialect_.error();
        if (!(*dialect_)->cancel)
            return renders_on(api_.name() + " cannot cancel a job: it renders to its end");
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        return api_.ask<Ok>(api_.request("DELETE", path_of(*id)),
                            {.success = [](const json&, const http::Response&) -> Step<Ok> { return Ok{}; },
                             .refusal = [](const json&, const http::Response& response) -> std::optional<Step<Ok>> {
                                 if (response.status == 404 || response.status == 410) return Step<Ok>(Ok{});
                                 return std::nullopt;
                             },
                             .sample = [] { return json{{"id", "video_123"}, {"object", "video.deleted"}, {"deleted", true}}; }});
    }

    bool lists() const override { return true; }
    Step<json> list() const override {
        if (!dialect_) return dialect_.error();
        return api_.listed("/models", "/data", "/id");
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return handle_of(remote_id); }
    bool idempotent() const override { return dialect_ && !(*dialect_)->idempotency_header.empty(); }

private:
    static Result<std::shared_ptr<const Dialect>> shared(Result<Dialect> read) {
        if (!read) return read.error();
        return std::shared_ptr<const Dialect>(std::make_shared<Dialect>(std::move(*read)));
    }
    static JsonApi::Rules rules(const Dialect& dialect) {
        return {.unsent = dialect.unsent, .query = dialect.api_version.empty() ? "" : "api-version=" + dialect.api_version};
    }

    // Such hosts answer when the clip is done, with the clip.
    void allow_inline(http::Request& request) const {
        if (!(*dialect_)->in_line) return;
        request.most = 192 << 20;
        if (request.paid) request.idle_timeout = std::chrono::hours(1);
    }

    // `found`: on the pages before this one.
    Step<Found> look(const Order& order, core::Wall sent, const Found& found, const std::string& after, int page) const {
        auto path = fmt::format("/videos?limit={}&order=desc", page_size);
        if (!after.empty()) path += "&after=" + core::url_encode(after);
        auto success = [=, self = *this](const json& reply, const http::Response& response) -> Step<Found> {
            if (!reply.is_object() || !reply.contains("data") || !reply["data"].is_array())
                return Error{ErrorKind::provider, "the job list of " + self.api_.name() + " has no /data"};
            // When it was sent by the host's clock, which its Date shows. Without one, what is not listed proves nothing.
            const auto date = core::parse_http_date(response.header("Date"));
            const auto there = date ? sent + (*date - self.now_()) : sent;
            auto next = found;
            next.complete = found.complete && date;
            std::string last;
            bool older = false;
            for (const auto& job : reply["data"]) {
                const auto id = id_of(job);
                if (!id) continue;
                last = *id;
                const auto at = time_at(job, "/created_at");
                older = at && *at < there + earliest;
                if (!may_be(job, order)) continue;
                const bool in_time = !at || (*at >= there + earliest && *at <= there + latest);
                if (in_time) next.candidates.push_back(handle_of(*id));
                else if (*at > there - doubt && *at < there + doubt) next.doubtful.push_back(handle_of(*id));
            }
            const auto has_more = core::field<bool>(reply, "/has_more");
            const bool more = has_more ? *has_more : reply["data"].size() >= page_size;
            last = core::field_or(reply, "/last_id", last);
            if (has_more && more && !older && !last.empty() && last != after && page < most_pages)
                return self.look(order, sent, next, last, page + 1);
            // A list that was not read back to the submit says nothing about what it does not show.
            if (more && !older) next.complete = false;
            return next;
        };
        auto refusal = [](const json&, const http::Response& response) -> std::optional<Step<Found>> {
            if (response.status == 404 || response.status == 405 || response.status == 501) return Step<Found>(Found{});
            return std::nullopt;
        };
        return api_.ask<Found>(api_.request("GET", path), {.success = std::move(success),
                                                           .refusal = std::move(refusal),
                                                           .sample = [] { return json{{"object", "list"}, {"data", json::array()}, {"has_more", false}}; }});
    }

    std::function<core::Wall()> now_;
    Result<std::shared_ptr<const Dialect>> dialect_;  // shared with the conversations under way
    JsonApi api_;
};

}  // namespace openai

std::unique_ptr<Backend> make_openai(const Deps& deps) { return std::make_unique<openai::OpenAi>(deps); }

}  // namespace shotwire::backend
