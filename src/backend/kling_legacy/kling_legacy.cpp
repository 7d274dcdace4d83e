#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "backend/form.hpp"
#include "backend/json_api.hpp"
#include "backend/kling/envelope.hpp"
#include "backend/remote_id.hpp"
#include "core/jwt.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace kling_legacy {
namespace {

using std::chrono::seconds;

const std::array<std::string, 3> kinds = {"text2video", "image2video", "omni-video"};
constexpr int page_size = 100;
constexpr int most_pages = 5;

std::string kind_of(const Order& order) {
    if (order.remote_model.find("omni") != std::string::npos) return kinds[2];
    return order.images.empty() ? kinds[0] : kinds[1];
}

// Tokens of our own making, where the key is a pair "ACCESS:SECRET"; the API takes a plain key too.
std::optional<TokenSource> tokens_of(const Deps& deps) {
    const auto& pair = deps.credential.key.expose();
    const auto colon = pair.find(':');
    if (colon == std::string::npos) return std::nullopt;
    auto make = [access = pair.substr(0, colon), secret = core::Key(pair.substr(colon + 1))](core::Wall now) -> Step<TokenSource::Token> {
        const auto time = std::chrono::duration_cast<seconds>(now.time_since_epoch()).count();
        const json claims{{"iss", access}, {"exp", time + 1800}, {"nbf", time - 5}};
        return TokenSource::Token{core::Key(core::hs256(claims, secret.expose())), now + seconds(1800)};
    };
    return TokenSource(std::move(make), deps.now);
}

JsonApi::Rules rules(const Deps& deps) {
    auto rules = kling::rules();
    rules.tokens = tokens_of(deps);
    const auto& pair = deps.credential.key.expose();
    if (const auto colon = pair.find(':'); colon != std::string::npos) rules.secrets = {core::Key(pair.substr(0, colon)), core::Key(pair.substr(colon + 1))};
    return rules;
}

// "down_back" and its like are moves by themselves; "zoom=5" is one axis of a simple one, from -10 to 10.
Result<json> camera_of(const std::string& word) {
    constexpr std::array<std::string_view, 4> whole = {"down_back", "forward_up", "right_turn_forward", "left_turn_forward"};
    constexpr std::array<std::string_view, 6> axes = {"horizontal", "vertical", "pan", "tilt", "roll", "zoom"};
    if (std::find(whole.begin(), whole.end(), word) != whole.end()) return json{{"type", word}};
    const auto equals = std::min(word.find('='), word.size());
    const auto axis = word.substr(0, equals);
    const double amount = core::number_or(json{{"n", word.substr(std::min(equals + 1, word.size()))}}, "/n", NAN);
    if (std::find(axes.begin(), axes.end(), axis) == axes.end() || !(std::abs(amount) <= 10))
        return Error{ErrorKind::usage, fmt::format("the camera move {} is none of Kling's; it has {}, and AXIS=-10 to 10 with {}", core::printable(word),
                                                   fmt::join(whole, ", "), fmt::join(axes, ", "))};
    return json{{"type", "simple"}, {"config", {{axis, amount}}}};
}

// Sound came with 2.6: what is older does not know the field.
bool has_sound(const std::string& model) {
    constexpr std::array<std::string_view, 4> silent = {"kling-v1", "kling-v2-1", "kling-v2-5", "kling-v2-master"};
    return std::none_of(silent.begin(), silent.end(), [&](std::string_view older) { return model.starts_with(older); });
}

Result<json> form_of(const Order& order, const std::string& kind, const std::string& task_id) {
    json form{{"model", "model_name"},
              {"prompt", "prompt"},
              {"negative_prompt", "negative_prompt"},
              {"seconds", {{"name", "duration"}, {"as", "string"}}},
              {"resolution", {{"name", "mode"}, {"words", {{"720p", "std"}, {"1080p", "pro"}}}}},
              {"fps", nullptr},
              {"audio", nullptr},
              {"fixed", {{"external_task_id", task_id}}}};
    if (has_sound(order.remote_model)) form["audio"] = {{"name", "sound"}, {"words", {{"true", "on"}, {"false", "off"}}}};
    if (kind != kinds[1]) form["ratio"] = "aspect_ratio";
    if (kind == kinds[1]) form.update({{"first_frame", "image"}, {"last_frame", "image_tail"}});
    if (order.camera_motion.empty() || kind == kinds[2]) return form;
    auto camera = camera_of(order.camera_motion);
    if (!camera) return camera.error();
    form["camera"] = {{"name", "camera_control"}, {"words", {{order.camera_motion, *camera}}}};
    return form;
}

Handle handle_of(const std::string& kind, const std::string& id) { return Handle{json{{"id", id}, {"kind", kind}}}; }

std::string own_id_of(const json& task) { return core::field_or(task, "/task_info/external_task_id", ""); }

json sample_answer(json data) { return {{"code", 0}, {"message", "SUCCEED"}, {"request_id", "r1"}, {"data", std::move(data)}}; }

}  // namespace

// Kling, the generation whose body bears the model's name, kept for what only it has: keys of two parts, camera control, a negative
// prompt. A task lives under the kind of its creation; an adopted one is looked for under each.
class KlingLegacy final : public Backend {
public:
    explicit KlingLegacy(const Deps& deps) : api_(deps, rules(deps)) {}

    Step<Accepted> submit(const Order& order, const Intent& intent) const override {
        if (order.operation != Operation::create) return Error{ErrorKind::usage, api_.name() + " makes new clips only: no remix, edit or extension"};
        const auto kind = kind_of(order);
        auto form = form_of(order, kind, intent.key);
        if (!form) return form.error();
        auto body = write_form(*form, order, order.remote_model, kling::image_text);
        if (!body) return body.error();
        if (core::field_or(*body, "/external_task_id", "") != intent.key)
            return Error{ErrorKind::usage, "--param external_task_id: this field is ours, a task whose answer is lost is found by it"};
        auto request = api_.request("POST", "/v1/videos/" + kind, *body);
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [kind](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/data/task_id");
                                                           if (!id) return id.error();
                                                           return Accepted{handle_of(kind, *id), JobState{Rendering{}}};
                                                       },
                                                       .sample = [] { return sample_answer({{"task_id", "8936"}, {"task_status", "submitted"}}); }});
    }

    Step<JobState> poll(const Handle& job) const override {
        const auto kind = core::field_or(job.value, "/kind", "");
        return kind.empty() ? poll_under(0, remote_id(job)) : poll_under(kind, remote_id(job), [] { return JobState{Gone{}}; });
    }

    Step<Found> find(const Order& order, const Intent& intent) const override {
        const auto kind = kind_of(order);
        auto read = [kind, key = intent.key](const json& reply, const http::Response&) -> Step<Found> {
            auto id = id_at(reply, "/data/task_id");
            if (!id) return id.error();
            const auto own = own_id_of(reply.at("data"));
            if (!own.empty() && own != key) return Error{ErrorKind::provider, "another task was told than the one that was asked for"};
            return Found{true, {handle_of(kind, *id)}};
        };
        // Asking by our own id is documented, what is said where there is none is not: the list decides.
        auto refusal = [self = *this, kind, key = intent.key](const json& reply, const http::Response&) -> std::optional<Step<Found>> {
            if (const auto code = core::number_or(reply, "/code", 0); code >= 1200 && code <= 1203) return self.look(kind, key, 1);
            return std::nullopt;
        };
        return api_.ask<Found>(api_.request("GET", fmt::format("/v1/videos/{}/{}", kind, core::url_encode(intent.key))),
                               {.success = std::move(read), .refusal = std::move(refusal), .sample = [] { return sample_answer({{"task_id", "8936"}}); }});
    }

    Step<Ok> cancel(const Handle&) const override {
        return renders_on(api_.name() + " cannot cancel a task: it renders to its end");
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }
    Handle adopt(const std::string& remote_id, const Order& order) const override { return handle_of(kind_of(order), remote_id); }

private:
    using Otherwise = std::function<Step<JobState>()>;

    Step<JobState> poll_under(std::size_t at, const std::string& id) const {
        if (at == kinds.size()) return JobState{Gone{}};
        return poll_under(kinds[at], id, [self = *this, at, id] { return self.poll_under(at + 1, id); });
    }

    Step<JobState> poll_under(const std::string& kind, const std::string& id, Otherwise unknown) const {
        auto read = [api = api_](const json& reply, const http::Response&) -> Step<JobState> {
            auto tasks = kling::tasks_in(reply, api);
            if (!tasks) return tasks.error();
            if (tasks->empty()) return JobState{Gone{}};
            return state_of(tasks->front(), api);
        };
        auto refusal = [unknown = std::move(unknown)](const json& reply, const http::Response&) -> std::optional<Step<JobState>> {
            if (core::number_or(reply, "/code", 0) == 1203) return unknown();
            return std::nullopt;
        };
        auto sample = [id] {
            return sample_answer({{"task_id", id}, {"task_status", "succeed"}, {"task_result", {{"videos", {{{"url", "https://cdn.example/v1.mp4"}}}}}}});
        };
        return api_.ask<JobState>(api_.request("GET", fmt::format("/v1/videos/{}/{}", kind, core::url_encode(id))),
                                  {.success = std::move(read), .refusal = std::move(refusal), .sample = std::move(sample)});
    }

    static Step<JobState> state_of(const json& task, const JsonApi& api) {
        const auto status = core::field<std::string>(task, "/task_status");
        if (!status) return status.error();
        const auto word = core::lower(core::trim(*status));
        const auto billed = kling::dollars(core::number_or(task, "/final_unit_deduction", NAN) * kling::unit_price);
        if (word == "failed") return JobState{kling::failure(core::field_or(task, "/task_status_msg", ""), billed, api)};
        if (word != "succeed" && word != "succeeded") return JobState{Rendering{.word = api.shown(*status, 40)}};
        auto state = kling::ready(core::field_or(task, "/task_result/videos/0/url", ""), core::number_or(task, "/updated_at", 0), billed, api);
        if (!state) return state.error();
        return std::move(*state);
    }

    Step<Found> look(const std::string& kind, const std::string& key, int page) const {
        auto read = [self = *this, kind, key, page](const json& reply, const http::Response&) -> Step<Found> {
            auto tasks = kling::tasks_in(reply, self.api_);
            if (!tasks) return tasks.error();
            for (const auto& task : *tasks)
                if (auto id = id_at(task, "/task_id"); id && own_id_of(task) == key) return Found{true, {handle_of(kind, *id)}};
            if (tasks->size() < page_size) return Found{true};
            // A list that was not read to its end says nothing about what it does not show.
            if (page == most_pages) return Found{.possible = true, .complete = false};
            return self.look(kind, key, page + 1);
        };
        return api_.ask<Found>(api_.request("GET", fmt::format("/v1/videos/{}?pageNum={}&pageSize={}", kind, page, page_size)),
                               {.success = std::move(read), .sample = [] { return sample_answer(json::array()); }});
    }

    JsonApi api_;
};

}  // namespace kling_legacy

std::unique_ptr<Backend> make_kling_legacy(const Deps& deps) { return std::make_unique<kling_legacy::KlingLegacy>(deps); }

}  // namespace shotwire::backend
