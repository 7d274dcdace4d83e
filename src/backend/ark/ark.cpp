#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "backend/ark/dialect.hpp"
#include "backend/form.hpp"
#include "backend/json_api.hpp"
#include "backend/remote_id.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace ark {
namespace {

using std::chrono::seconds;

constexpr const char* tasks_path = "/contents/generations/tasks";
// When a task was created by a request of that moment, by the server's clock: pictures are long under way, a paid request up to 3 minutes.
constexpr auto earliest = seconds(-60);
constexpr auto latest = seconds(240);
constexpr auto doubt = std::chrono::hours(24);
constexpr std::size_t page_size = 500;
constexpr int most_pages = 4;

JsonApi::Rules rules() {
    using enum ErrorKind;
    JsonApi::Rules rules;
    rules.verdicts = {{429, "QuotaExceeded*", rate_limited, true},
                      {429, "SetLimitExceeded*", rate_limited, true},
                      {403, "AccountOverdue*", rate_limited, true},
                      {403, "ServiceOverdue*", rate_limited, true}};
    return rules;
}

// A field that the model does not know is a 400.
json form_of(const Order& order, const Dialect& dialect) {
    const json content{{"name", "/content"}, {"list", true}};
    json form{{"model", "model"},
              {"prompt", "/content/0/text"},
              {"seconds", {{"name", "duration"}, {"as", "integer"}}},
              {"ratio", "ratio"},
              {"resolution", "resolution"},
              {"fps", nullptr},
              {"seed", "seed"},
              {"audio", "generate_audio"},
              {"first_frame", content},
              {"last_frame", content},
              {"reference", content},
              {"fixed", {{"content", json::array({{{"type", "text"}}})}, {"watermark", false}, {"generate_audio", true}}}};
    if (order.remote_model.find("seedance-1-0") != std::string::npos) {  // from before it had sound
        form["audio"] = nullptr;
        form["fixed"].erase("generate_audio");
    }
    if (!dialect.safety_identifier.empty()) form["fixed"]["safety_identifier"] = dialect.safety_identifier;
    return form;
}

json content_of(const Image& image) {
    const auto* role = image.role == ImageRole::first_frame ? "first_frame" : image.role == ImageRole::last_frame ? "last_frame" : "reference_image";
    return {{"type", "image_url"}, {"image_url", {{"url", image_text(image)}}}, {"role", role}};
}

std::optional<core::Wall> time_at(const json& task, const std::string& pointer) {
    const auto time = core::number_or(task, pointer, 0);
    if (time < 1 || time > 4e9) return std::nullopt;
    return core::Wall(seconds(std::llround(time)));
}

// Whether the task may be of that order. Neither Get nor List tells the prompt; what is missing speaks for it.
bool may_be(const json& task, const json& sent) {
    const auto differs = [&](const char* pointer, const char* any = "") {
        const auto told = core::lower(core::field_or(task, pointer, "")), ours = core::lower(core::field_or(sent, pointer, ""));
        return !told.empty() && !ours.empty() && told != any && told != ours;
    };
    const auto model = core::field_or(sent, "/model", "");
    if (!model.starts_with("ep-") && differs("/model")) return false;  // an endpoint's tasks bear the name of its model
    if (differs("/resolution") || differs("/ratio", "adaptive") || differs("/safety_identifier")) return false;
    const auto length = core::number_or(task, "/duration", 0), wished = core::number_or(sent, "/duration", 0);
    if (length > 0 && wished > 0 && std::abs(length - wished) > 0.01) return false;
    const auto sound = core::field<bool>(task, "/generate_audio"), ordered = core::field<bool>(sent, "/generate_audio");
    return !sound || !ordered || *sound == *ordered;
}

json sample_task(const char* status) { return {{"id", "cgt-20261122-abcd"}, {"status", status}, {"content", {{"video_url", "https://cdn.example/out.mp4"}}}}; }

}  // namespace

// Seedance on Ark: BytePlus ModelArk and Volcengine; ark.md has its quirks.
class Ark final : public Backend {
public:
    explicit Ark(const Deps& deps) : now_(deps.now), dialect_(read_dialect(deps.dialect)), api_(deps, rules()) {}

    Step<Accepted> submit(const Order& order, const Intent& intent) const override {
        auto body = body_of(order);
        if (!body) return body.error();
        auto request = api_.request("POST", tasks_path, *body);
        request.paid = true;
        request.headers.push_back({"X-Client-Request-Id", intent.key});  // for their support; it keeps nobody from creating twice
        return api_.ask<Accepted>(std::move(request), {.success = [](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/id");
                                                           if (!id) return id.error();
                                                           return Accepted{Handle{json{{"id", *id}}}, JobState{Rendering{}}};
                                                       },
                                                       .sample = [] { return json{{"id", "cgt-20261122-abcd"}}; }});
    }

    Step<JobState> poll(const Handle& job) const override {
        if (!dialect_) return dialect_.error();
        auto read = [self = *this](const json& task, const http::Response&) { return self.state_of(task); };
        auto refusal = [](const json&, const http::Response& response) -> std::optional<Step<JobState>> {
            if (response.status == 404) return Step<JobState>(JobState{Gone{}});
            return std::nullopt;
        };
        return api_.ask<JobState>(api_.request("GET", path_of(job)), {.success = std::move(read), .refusal = std::move(refusal), .sample = [] { return sample_task("succeeded"); }});
    }

    Step<Found> find(const Order& order, const Intent& intent) const override {
        auto body = body_of(order);
        if (!body) return body.error();
        // All that is compared, without the pictures' bytes.
        body->erase("content");
        return look(*body, intent.at, Found{true}, 1);
    }

    // On a task that has ended the same DELETE erases the record that leads to the clip: it is asked before.
    Step<Ok> cancel(const Handle& job) const override {
        auto read = [self = *this, job](const json& task, const http::Response&) -> Step<Ok> {
            const auto status = core::field<std::string>(task, "/status");
            if (!status) return status.error();
            const auto word = core::lower(core::trim(*status));
            if (word == "cancelled") return Ok{};
            if (word == "queued") return self.erase(job);
            auto sentence = fmt::format("{} cancels what is queued only; the task is {}", self.api_.name(), self.api_.shown(*status, 40));
            return word == "running" ? renders_on(std::move(sentence)) : Error{ErrorKind::usage, std::move(sentence)};
        };
        return api_.ask<Ok>(api_.request("GET", path_of(job)), {.success = std::move(read), .sample = [] { return sample_task("queued"); }});
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    std::string path_of(const Handle& job) const { return fmt::format("{}/{}", tasks_path, core::url_encode(remote_id(job))); }

    Result<json> body_of(const Order& order) const {
        if (!dialect_) return dialect_.error();
        if (order.operation != Operation::create) return Error{ErrorKind::usage, api_.name() + " makes new clips only: no remix, edit or extension"};
        return write_form(form_of(order, *dialect_), order, order.remote_model, content_of);
    }

    Step<JobState> state_of(const json& task) const {
        const auto status = core::field<std::string>(task, "/status");
        if (!status) return status.error();
        const auto word = core::lower(core::trim(*status));
        if (word == "failed" || word == "expired" || word == "cancelled") {
            constexpr Money nothing{};  // only clips are charged
            const auto* place = task.contains("error") && task["error"].is_object() ? "error" : "failure_reason";
            return JobState{Failed{api_.failure(*status, task.value(place, json())), nothing}};
        }
        if (word != "succeeded") return JobState{Rendering{.word = api_.shown(*status, 40)}};
        const auto url = core::field_or(task, "/content/video_url", "");
        auto download = api_.fetch(url);
        if (url.empty() || download.url.empty()) return Error{ErrorKind::provider, api_.name() + " calls the task done but gives no link to its clip"};
        download.credential.reset();
        Ready ready{{std::move(download)}, billed_for(task)};
        if (const auto ended = time_at(task, "/updated_at")) ready.expires = *ended + std::chrono::hours(24);
        return JobState{std::move(ready)};
    }

    std::optional<Money> billed_for(const json& task) const {
        const auto tokens = core::number_or(task, "/usage/completion_tokens", NAN);
        const auto price = dialect_->price(core::field_or(task, "/model", ""), core::field_or(task, "/resolution", ""));
        if (!price || !(tokens >= 0 && tokens < 1e10)) return std::nullopt;
        return Money{std::llround(tokens * *price)};
    }

    Step<Ok> erase(const Handle& job) const {
        auto refusal = [api = api_](const json& reply, const http::Response& response) -> std::optional<Step<Ok>> {
            if (response.status != 409) return std::nullopt;
            return Step<Ok>(renders_on(fmt::format("{} cancels what is queued only; the task has begun to render since ({})", api.name(), api.refusal(response, reply, false).message)));
        };
        return api_.ask<Ok>(api_.request("DELETE", path_of(job)),
                            {.success = [](const json&, const http::Response&) -> Step<Ok> { return Ok{}; }, .refusal = std::move(refusal)});
    }

    // `sent`: the body of the lost request; `found`: on the pages before this one.
    Step<Found> look(const json& sent, core::Wall at, const Found& found, int page) const {
        auto path = fmt::format("{}?page_num={}&page_size={}", tasks_path, page, page_size);
        if (const auto tier = core::field_or(sent, "/service_tier", ""); !tier.empty()) path += "&filter.service_tier=" + core::url_encode(tier);
        auto read = [=, self = *this](const json& reply, const http::Response& response) -> Step<Found> {
            if (!reply.is_object() || !reply.contains("items")) return Error{ErrorKind::provider, "the list of " + self.api_.name() + " has no /items"};
            // When it was sent by the server's clock, which its Date shows. Without one, what is not listed proves nothing.
            const auto date = core::parse_http_date(response.header("Date"));
            const auto there = date ? at + (*date - self.now_()) : at;
            auto next = found;
            next.complete = found.complete && date;
            auto last = core::Wall::max();
            bool falling = true;  // newest first, as it is seen to be, but not documented
            for (const auto& task : reply["items"]) {
                const auto id = id_at(task, "/id");
                const auto created = time_at(task, "/created_at");
                falling = falling && created && *created <= last;
                if (created) last = *created;
                if (!id || core::field_or(task, "/status", "") == "cancelled" || !may_be(task, sent)) continue;
                const bool in_time = !created || (*created >= there + earliest && *created <= there + latest);
                if (in_time) next.candidates.push_back(Handle{json{{"id", *id}}});
                else if (*created > there - doubt && *created < there + doubt) next.doubtful.push_back(Handle{json{{"id", *id}}});
            }
            const auto total = core::number_or(reply, "/total", double(reply["items"].size()));
            const bool older = falling && last < there + earliest;
            if (total <= double(page) * page_size || reply["items"].empty() || older) return next;
            if (page < most_pages) return self.look(sent, at, next, page + 1);
            next.complete = false;
            return next;
        };
        return api_.ask<Found>(api_.request("GET", path), {.success = std::move(read), .sample = [] { return json{{"items", json::array()}, {"total", 0}}; }});
    }

    std::function<core::Wall()> now_;
    Result<Dialect> dialect_;
    JsonApi api_;
};

}  // namespace ark

std::unique_ptr<Backend> make_ark(const Deps& deps) { return std::make_unique<ark::Ark>(deps); }

}  // namespace shotwire::backend
