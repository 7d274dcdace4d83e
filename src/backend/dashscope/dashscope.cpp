#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "backend/dashscope/task.hpp"
#include "backend/form.hpp"
#include "backend/remote_id.hpp"
#include "backend/upload.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace dashscope {
namespace {

constexpr std::size_t most_inline = 10'000'000;  // characters of data URIs in one request
constexpr int page_size = 100, most_pages = 5;
constexpr std::size_t most_suspects = 30;
constexpr auto doubt = std::chrono::hours(2);  // a clock may be wrong by that

constexpr const char* tasks = "/api/v1/tasks/";

// What the order may ask for: a part that is null is what the model does anyway, one that is not there cannot be asked for.
json form_of(const Order& order) {
    const json media{{"name", "/input/media"}, {"list", true}};
    json form{{"model", "model"},
              {"prompt", "/input/prompt"},
              {"negative_prompt", "/input/negative_prompt"},
              {"seconds", "/parameters/duration"},
              {"resolution", {{"name", "/parameters/resolution"}, {"words", {{"720p", "720P"}, {"1080p", "1080P"}}}}},
              {"seed", "/parameters/seed"},
              {"first_frame", media},
              {"last_frame", media},
              {"reference", media},
              // The prompt is composed already, and what is told back is compared with it.
              {"fixed", {{"parameters", {{"prompt_extend", false}, {"watermark", false}}}}}};
    const auto is_reference = [](const Image& image) { return image.role == ImageRole::reference; };
    const bool follows_picture = !order.images.empty() && std::none_of(order.images.begin(), order.images.end(), is_reference);
    if (!follows_picture) form["ratio"] = "/parameters/ratio";
    if (order.audio.value_or(true)) form["audio"] = nullptr;
    if (order.fps.value_or(30) == 30) form["fps"] = nullptr;
    return form;
}

const char* type_of(ImageRole role) {
    switch (role) {
        case ImageRole::first_frame: return "first_frame";
        case ImageRole::last_frame: return "last_frame";
        case ImageRole::reference: break;
    }
    return "reference_image";
}

http::Part text_part(std::string name, std::string text) { return {std::move(name), std::make_shared<const std::string>(std::move(text)), {}, {}}; }

// A task of the list that may be the lost one.
struct Suspect {
    std::string id;
    bool in_time = false;
};

std::vector<JsonApi::Verdict> verdicts() {
    return {{0, "DataInspectionFailed*", ErrorKind::rejected},
            {0, "IPInfringement*", ErrorKind::rejected},
            {0, "Arrearage*", ErrorKind::rate_limited, true},
            {0, "AllocationQuota.FreeTierOnly", ErrorKind::rate_limited, true}};
}

}  // namespace

// Wan on Alibaba Cloud Model Studio; dashscope.md has its quirks.
class DashScope final : public Backend {
public:
    explicit DashScope(const Deps& deps) : api_(deps, {.verdicts = verdicts()}), now_(deps.now) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (order.operation != Operation::create)
            return Error{ErrorKind::usage, api_.name() + " makes new clips only: no remix, edit or extension"};
        auto upload = [self = *this, model = order.remote_model](const Image& image) { return self.upload(image, model); };
        return http::and_then<Accepted, Texts>(image_texts(order.images, most_inline, upload),
                                               [self = *this, order](const Texts& images) { return self.create(order, images); });
    }

    Step<JobState> poll(const Handle& job) const override {
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        return api_.ask<JobState>(task(*id), {.success = [api = api_](const json& reply, const http::Response&) -> Step<JobState> {
                                                  auto state = state_of(reply, api);
                                                  if (!state) return state.error();
                                                  return std::move(*state);
                                              },
                                              .sample = [] { return json{{"request_id", "r-2"}, {"output", {{"task_id", "task-123"}, {"task_status", "RUNNING"}}}}; }});
    }

    Step<Found> find(const Order& order, const Intent& intent) const override { return pages(order, intent, {}, 1); }

    // Only a task that waits can be cancelled, and what the answer says of one that runs already is not documented: the task tells.
    Step<Ok> cancel(const Handle& job) const override {
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        const auto late = renders_on(api_.name() + " cancels waiting jobs only: this one renders to its end");
        auto check = [self = *this, id = *id, late](const json&, const http::Response&) -> Step<Ok> {
            return http::and_then<Ok, JobState>(self.poll(Handle{json{{"id", id}}}), [late](const JobState& state) -> Step<Ok> {
                const auto* rendering = std::get_if<Rendering>(&state);
                if (std::holds_alternative<Ready>(state) || (rendering && rendering->word == "RUNNING")) return late;
                return Ok{};
            });
        };
        return api_.ask<Ok>(api_.request("POST", tasks + core::url_encode(*id) + "/cancel"),
                            {.success = std::move(check), .refusal = [late](const json&, const http::Response& response) -> std::optional<Step<Ok>> {
                                 if (response.status != 400 && response.status != 409) return std::nullopt;
                                 return Step<Ok>(late);
                             }});
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    http::Request task(const std::string& id) const { return api_.request("GET", tasks + core::url_encode(id)); }

    Step<Accepted> create(Order order, const Texts& images) const {
        for (auto& [name, value] : order.params)
            if (!name.starts_with('/')) name = "/parameters/" + name;
        const auto medium_of = [&](const Image& image) -> json {
            return {{"type", type_of(image.role)}, {"url", images[std::size_t(&image - order.images.data())]}};
        };
        auto body = write_form(form_of(order), order, api_.name(), medium_of);
        if (!body) return body.error();
        auto request = api_.request("POST", "/api/v1/services/aigc/video-generation/video-synthesis", *body);
        request.headers.push_back({"X-DashScope-Async", "enable"});
        if (std::any_of(images.begin(), images.end(), [](const std::string& url) { return url.starts_with("oss://"); }))
            request.headers.push_back({"X-DashScope-OssResourceResolve", "enable"});
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/output/task_id");
                                                           if (!id) return id.error();
                                                           return Accepted{Handle{json{{"id", *id}}}};
                                                       },
                                                       .sample = [] { return json{{"request_id", "r-1"}, {"output", {{"task_id", "task-123"}, {"task_status", "PENDING"}}}}; }});
    }

    // To the temporary store: 48 hours, for this account and model alone.
    Step<std::string> upload(const Image& image, const std::string& model) const {
        auto success = [self = *this, image](const json& reply, const http::Response&) -> Step<std::string> {
            const json policy = reply.is_object() ? reply.value("data", json()) : json();
            http::Request request{.method = "POST"};
            http::Multipart parts;
            for (const auto& [name, field] : {std::pair("OSSAccessKeyId", "/oss_access_key_id"), {"Signature", "/signature"}, {"policy", "/policy"}}) {
                auto text = core::field<std::string>(policy, field);
                if (!text) return text.error();
                parts.push_back(text_part(name, *text));
            }
            auto host = core::field<std::string>(policy, "/upload_host");
            auto folder = core::field<std::string>(policy, "/upload_dir");
            if (!host) return host.error();
            if (!folder) return folder.error();
            const auto name = upload_name(image), key = *folder + "/" + name;
            parts.push_back(text_part("x-oss-object-acl", core::field_or(policy, "/x_oss_object_acl", "private")));
            parts.push_back(text_part("x-oss-forbid-overwrite", core::field_or(policy, "/x_oss_forbid_overwrite", "true")));
            parts.push_back(text_part("key", key));
            parts.push_back(text_part("success_action_status", "200"));
            parts.push_back({"file", image.bytes, name, image.media_type});
            request.url = *host;
            request.body = std::move(parts);
            return http::and_then<std::string, Ok>(send_file(self.api_, std::move(request)), [key](const Ok&) -> Step<std::string> { return "oss://" + key; });
        };
        auto refusal = [api = api_](const json& reply, const http::Response& response) { return wait_if_busy<std::string>(api, reply, response); };
        return api_.ask<std::string>(api_.request("GET", "/api/v1/uploads?action=getPolicy&model=" + core::url_encode(model)),
                                     {.success = std::move(success),
                                      .refusal = std::move(refusal),
                                      .sample = [] {
                                          return json{{"data",
                                                       {{"upload_host", "https://storage.example"},
                                                        {"upload_dir", "dashscope-instant/123"},
                                                        {"oss_access_key_id", "OSS_ACCESS_KEY_ID"},
                                                        {"signature", "SIGNATURE"},
                                                        {"policy", "POLICY"}}}};
                                      }});
    }

    Step<Found> pages(const Order& order, const Intent& intent, const std::vector<Suspect>& suspects, int page) const {
        auto success = [=, self = *this](const json& reply, const http::Response& response) -> Step<Found> {
            if (!reply.is_object() || !reply.contains("data") || !reply["data"].is_array())
                return Error{ErrorKind::provider, "the task list of " + self.api_.name() + " has no /data"};
            const auto window = Window::around(intent.at, self.now_(), response);
            const auto& rows = reply["data"];
            auto known = suspects;
            for (const auto& row : rows) {
                const auto id = id_at(row, "/task_id");
                if (!id || !same_model(row, order)) continue;
                const auto made = row.value("gmt_create", json());
                if (window.holds(made)) known.insert(known.begin(), {*id, true});
                else if (window.holds(made, doubt)) known.push_back({*id, false});
            }
            const auto pages = core::number_or(reply, "/total_page", rows.size() < page_size ? page : page + 1);
            if (page < pages && !rows.empty() && page < most_pages) return self.pages(order, intent, known, page + 1);
            // What is not listed proves nothing where the list was not read to its end, or by a clock that nobody knows.
            return self.confirm(order, window, std::move(known), Found{.possible = true, .complete = page >= pages && window.sure});
        };
        auto refusal = [](const json&, const http::Response& response) -> std::optional<Step<Found>> {
            if (response.status != 400 && response.status != 404 && response.status != 405) return std::nullopt;
            return Step<Found>(Found{});  // the names of its parameters are not documented
        };
        return api_.ask<Found>(api_.request("GET", fmt::format("{}?page_no={}&page_size={}", tasks, page, page_size)),
                               {.success = std::move(success), .refusal = std::move(refusal), .sample = [] { return json{{"data", json::array()}, {"total", 0}}; }});
    }

    // Asks for each task that may be it, those of its time first. One that does not tell its prompt yet may be it later.
    Step<Found> confirm(const Order& order, const Window& window, std::vector<Suspect> suspects, Found found) const {
        if (suspects.size() > most_suspects) {
            suspects.resize(most_suspects);
            found.complete = false;
        }
        if (suspects.empty()) return found;
        const auto suspect = suspects.front();
        suspects.erase(suspects.begin());
        auto success = [=, self = *this](const json& reply, const http::Response&) -> Step<Found> {
            auto more = found;
            const auto it_is = matches(reply, order);
            const bool in_time = suspect.in_time && window.holds(core::field_or(reply, "/output/submit_time", ""));
            if (!it_is && in_time) more.complete = false;
            if (it_is && *it_is) (in_time ? more.candidates : more.doubtful).push_back(self.adopt(suspect.id));
            return self.confirm(order, window, suspects, std::move(more));
        };
        return api_.ask<Found>(task(suspect.id), {.success = std::move(success)});
    }

    JsonApi api_;
    std::function<core::Wall()> now_;
};

}  // namespace dashscope

std::unique_ptr<Backend> make_dashscope(const Deps& deps) { return std::make_unique<dashscope::DashScope>(deps); }

}  // namespace shotwire::backend
