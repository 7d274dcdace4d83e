#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "backend/form.hpp"
#include "backend/json_api.hpp"
#include "backend/kling/envelope.hpp"
#include "backend/remote_id.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace kling {
namespace {

constexpr const char* text_to_video = "text-to-video";
constexpr const char* image_to_video = "image-to-video";
constexpr const char* omni_video = "omni-video";

std::string kind_of(const Order& order) {
    const auto& model = order.remote_model;
    if (model.ends_with("-omni") || model.starts_with("kling-o")) return omni_video;
    return order.images.empty() ? text_to_video : image_to_video;
}

// What the model knows. A negative prompt, a seed or a camera move has no field with any.
json form_of(const std::string& kind, const std::string& model, const std::string& task_id) {
    const bool turbo = model.find("-turbo") != std::string::npos;
    const bool before_3 = model.starts_with("kling-2") || model.starts_with("kling-o1");
    json form{{"prompt", kind == text_to_video ? "/prompt" : "/contents/0/text"},
              {"seconds", {{"name", "/settings/duration"}, {"as", "integer"}}},
              {"resolution", "/settings/resolution"},
              {"fps", nullptr},
              {"audio", nullptr},
              {"fixed", {{"options", {{"external_task_id", task_id}}}}}};
    // Turbo has neither field: it always makes sound, and one shot.
    if (!turbo) form["audio"] = {{"name", "/settings/audio"}, {"words", {{"true", "native"}, {"false", "off"}}}};
    if (!turbo && !before_3) form["fixed"]["settings"]["multi_shot"] = false;  // true where it is left out
    if (kind != image_to_video) form["ratio"] = "/settings/aspect_ratio";
    if (kind == text_to_video) return form;

    form["fixed"]["contents"] = json::array({{{"type", "prompt"}}});
    const json contents{{"name", "/contents"}, {"list", true}};
    form["first_frame"] = contents;
    if (!turbo) form["last_frame"] = contents;
    if (kind == omni_video) form["reference"] = contents;
    return form;
}

json content_of(const Image& image) {
    const auto* type = image.role == ImageRole::first_frame ? "first_frame" : image.role == ImageRole::last_frame ? "last_frame" : "refer_image";
    return {{"type", type}, {"url", image_text(image)}};
}

// The task's bill; none where a part of it is no dollars.
std::optional<Money> billed_for(const json& task) {
    const auto& parts = object_at(task, "/billing");
    if (!parts.is_array() || parts.empty()) return std::nullopt;
    Money sum;
    for (const auto& part : parts) {
        const auto type = core::field_or(part, "/charge_type", "");
        const bool unit = type == "unit", cash = type == "cash" && core::equal_fold(core::field_or(part, "/currency", ""), "USD");
        const auto amount = dollars(core::number_or(part, "/amount", NAN) * (unit ? unit_price : 1));
        if (!amount || !(unit || cash)) return std::nullopt;
        sum = sum + *amount;
    }
    return sum;
}

json sample_answer(json data) { return {{"code", 0}, {"message", "SUCCEED"}, {"request_id", "r1"}, {"data", std::move(data)}}; }

}  // namespace

// Kling, the generation whose paths bear the model's name; kling.md has its quirks. Our id of the task goes along with the paid request: by
// it a task is found whose answer was lost.
class Kling final : public Backend {
public:
    explicit Kling(const Deps& deps) : api_(deps, rules()) {}

    Step<Accepted> submit(const Order& order, const Intent& intent) const override {
        if (order.operation != Operation::create) return Error{ErrorKind::usage, api_.name() + " makes new clips only: no remix, edit or extension"};
        const auto kind = kind_of(order);
        auto body = write_form(form_of(kind, order.remote_model, intent.key), order, order.remote_model, content_of);
        if (!body) return body.error();
        if (core::field_or(*body, "/options/external_task_id", "") != intent.key)
            return Error{ErrorKind::usage, "--param external_task_id: this field is ours, a task whose answer is lost is found by it"};
        auto request = api_.request("POST", fmt::format("/{}/{}", kind, core::url_encode(order.remote_model)), *body);
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/data/id");
                                                           if (!id) return id.error();
                                                           return Accepted{Handle{json{{"id", *id}}}, JobState{Rendering{}}};
                                                       },
                                                       .sample = [] { return sample_answer({{"id", "8936"}, {"status", "submitted"}}); }});
    }

    Step<JobState> poll(const Handle& job) const override {
        const auto id = remote_id(job);
        auto read = [id, api = api_](const json& reply, const http::Response&) -> Step<JobState> {
            auto tasks = tasks_in(reply, api);
            if (!tasks) return tasks.error();
            for (const auto& task : *tasks)
                if (core::field_or(task, "/id", id) == id) return state_of(task, api);
            return JobState{Gone{}};
        };
        auto refusal = [](const json& reply, const http::Response&) -> std::optional<Step<JobState>> {
            if (core::number_or(reply, "/code", 0) == 1203) return Step<JobState>(JobState{Gone{}});
            return std::nullopt;
        };
        auto sample = [id] {
            const json task{{"id", id}, {"status", "succeeded"}, {"outputs", {{{"type", "video"}, {"url", "https://cdn.example/v1.mp4"}}}}};
            return sample_answer(json::array({task}));
        };
        return api_.ask<JobState>(api_.request("GET", "/tasks?task_ids=" + core::url_encode(id)),
                                  {.success = std::move(read), .refusal = std::move(refusal), .sample = std::move(sample)});
    }

    Step<Found> find(const Order&, const Intent& intent) const override {
        auto read = [key = intent.key, api = api_](const json& reply, const http::Response&) -> Step<Found> {
            auto tasks = tasks_in(reply, api);
            if (!tasks) return tasks.error();
            Found found{true};
            for (const auto& task : *tasks) {
                auto id = id_at(task, "/id");
                if (id && core::field_or(task, "/external_id", key) == key) found.candidates.push_back(Handle{json{{"id", *id}}});
            }
            return found;
        };
        return api_.ask<Found>(api_.request("GET", "/tasks?external_task_ids=" + core::url_encode(intent.key)),
                               {.success = std::move(read), .sample = [] { return sample_answer(json::array()); }});
    }

    Step<Ok> cancel(const Handle&) const override {
        return renders_on(api_.name() + " cannot cancel a task: it renders to its end");
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    static Step<JobState> state_of(const json& task, const JsonApi& api) {
        const auto status = core::field<std::string>(task, "/status");
        if (!status) return status.error();
        const auto word = core::lower(core::trim(*status));
        if (word == "failed") return JobState{failure(core::field_or(task, "/message", ""), billed_for(task), api)};
        if (word != "succeeded" && word != "succeed") return JobState{Rendering{.word = api.shown(*status, 40)}};
        std::string url;
        for (const auto& output : object_at(task, "/outputs"))
            if (url.empty() && core::field_or(output, "/type", "video") == "video") url = core::field_or(output, "/url", "");
        auto state = ready(url, core::number_or(task, "/update_time", 0), billed_for(task), api);
        if (!state) return state.error();
        return std::move(*state);
    }

    JsonApi api_;
};

}  // namespace kling

std::unique_ptr<Backend> make_kling(const Deps& deps) { return std::make_unique<kling::Kling>(deps); }

}  // namespace shotwire::backend
