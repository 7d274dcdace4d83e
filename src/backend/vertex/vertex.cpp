#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "backend/google/account.hpp"
#include "backend/google/answer.hpp"
#include "backend/google/order_parts.hpp"
#include "backend/json_api.hpp"
#include "catalog/plan.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace vertex {
namespace {

constexpr std::size_t most_answer = 256 << 20;  // a clip of 4K as Base64, in a file
constexpr const char* sample_operation = "projects/p/locations/us-central1/publishers/google/models/veo/operations/0f1e";

// "projects/P/locations/L/publishers/google/models/M/operations/ID": half of it is a path of later requests.
bool is_operation(const std::string& name) {
    const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '/'; };
    return name.starts_with("projects/") && name.size() <= 1024 && std::all_of(name.begin(), name.end(), plain) &&
           name.find("..") == std::string::npos && name.find("/operations/") != std::string::npos && !name.ends_with('/');
}

Result<json> image_of(const Image& image) {
    if (catalog::in_bucket(image)) return json{{"gcsUri", image.source}, {"mimeType", image.media_type}};
    auto bytes = google::base64_of(image, {"image/png", "image/jpeg"});
    if (!bytes) return bytes.error();
    return json{{"bytesBase64Encoded", *bytes}, {"mimeType", image.media_type}};
}

Result<json> instance_of(const Order& order) {
    json instance{{"prompt", order.prompt}};
    for (const auto& image : order.images) {
        auto written = image_of(image);
        if (!written) return written.error();
        switch (image.role) {
            case ImageRole::first_frame: instance["image"] = *written; break;
            case ImageRole::last_frame: instance["lastFrame"] = *written; break;
            case ImageRole::reference: instance["referenceImages"].push_back({{"image", *written}, {"referenceType", "asset"}}); break;
        }
    }
    return instance;
}

Result<json> body_of(const Order& order, const google::Account& account) {
    if (auto sane = google::check(order, "Veo"); !sane) return sane.error();
    if (order.fps && *order.fps != 24) return Error{ErrorKind::usage, fmt::format("Veo renders 24 frames a second, not {}", *order.fps)};
    auto instance = instance_of(order);
    if (!instance) return instance.error();
    // Each clip is billed, and so is its sound: neither is left to a default.
    json parameters{{"sampleCount", 1}, {"generateAudio", order.audio.value_or(true)}};
    if (order.ratio) parameters["aspectRatio"] = to_string(*order.ratio);
    if (order.seconds > 0) parameters["durationSeconds"] = google::number(order.seconds);
    if (!order.resolution.empty()) parameters["resolution"] = order.resolution;
    if (order.seed) parameters["seed"] = *order.seed;
    if (!order.negative_prompt.empty()) parameters["negativePrompt"] = order.negative_prompt;
    if (!account.storage_uri.empty()) parameters["storageUri"] = account.storage_uri;
    if (auto added = google::add_params(parameters, order); !added) return added.error();
    return json{{"instances", {*instance}}, {"parameters", parameters}};
}

}  // namespace

// Veo on Vertex AI: a long-running operation that is asked for by POST; vertex.md has its quirks.
class Vertex final : public Backend {
public:
    explicit Vertex(const Deps& deps)
        : account_(google::read_account(deps, "us-central1")), api_(deps, {.tokens = account_ ? account_->tokens : std::nullopt}) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (!account_) return account_.error();
        auto body = body_of(order, *account_);
        if (!body) return body.error();
        auto request = api_.request("POST", fmt::format("{}/publishers/google/models/{}:predictLongRunning", account_->path(), core::url_encode(order.remote_model)), *body);
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [api = api_](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto name = core::field<std::string>(reply, "/name");
                                                           if (!name) return name.error();
                                                           if (!is_operation(*name)) return Error{ErrorKind::provider, "/name of the answer is no operation"};
                                                           return Accepted{Handle{json{{"name", *name}}}, JobState{Rendering{}}};
                                                       },
                                                       .refusal = [api = api_](const json& reply, const http::Response& response) -> std::optional<Step<Accepted>> {
                                                           return Step<Accepted>(google::refusal(api, reply, response, true));
                                                       },
                                                       .sample = [] { return json{{"name", sample_operation}}; }});
    }

    Step<JobState> poll(const Handle& job) const override {
        if (!account_) return account_.error();
        const auto name = remote_id(job);
        if (!is_operation(name))
            return Error{ErrorKind::usage, fmt::format("{} is no operation of {}: projects/.../operations/ID is one", core::printable(name), api_.name()), {}, true};
        const auto model = name.substr(0, name.rfind("/operations/"));
        auto request = api_.request("POST", "/" + model + ":fetchPredictOperation", json{{"operationName", name}});
        request.spool = true;
        request.most = most_answer;
        return api_.ask<JobState>(
            std::move(request),
            {.success = [self = *this](const json& reply, const http::Response& response) { return self.read(reply, response); },
             .refusal = [api = api_](const json& reply, const http::Response& response) -> std::optional<Step<JobState>> {
                 if (response.status == 404) return Step<JobState>(JobState{Gone{}});
                 return Step<JobState>(google::refusal(api, reply, response, false));
             },
             .sample = [name] { return json{{"name", name}, {"done", true}, {"response", {{"videos", {{{"bytesBase64Encoded", "AAAA"}, {"mimeType", "video/mp4"}}}}}}}; }});
    }

    Step<Ok> cancel(const Handle&) const override {
        return renders_on(api_.name() + " cannot cancel a job: it renders to its end");
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/name", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"name", remote_id}}}; }

private:
    Step<JobState> read(const json& operation, const http::Response& response) const {
        if (!operation.is_object() || !(operation.contains("name") || operation.contains("done")))
            return Error{ErrorKind::provider, "the answer of " + api_.name() + " is no operation"};
        if (operation.value("done", json()) != true) {
            if (operation.value("name", json()).is_string()) return JobState{Rendering{}};
            return Error{ErrorKind::provider, "the answer of " + api_.name() + " does not say whether the operation is done"};
        }
        if (const auto error = operation.value("error", json()); !error.is_null()) {
            const auto said = core::field_or(error, "/message", "");
            if (google::says_unsafe(said)) return JobState{Failed{google::unsafe(api_, said), not_charged}};
            return JobState{Failed{api_.failure("error", error)}};
        }
        const auto done = operation.value("response", json::object());
        Ready ready;
        if (const auto videos = list_at(done, "videos"); true)
            for (const auto& video : videos) {
                auto clip = clip_of(video, response);
                if (!clip) return clip.error();
                ready.clips.push_back(std::move(*clip));
            }
        if (!ready.clips.empty()) return google::ready(*account_, std::move(ready));
        std::vector<std::string> reasons;
        for (const auto& reason : list_at(done, "raiMediaFilteredReasons"))
            if (reason.is_string()) reasons.push_back(reason);
        return JobState{Failed{google::unsafe(api_, core::join(reasons, "; ")), not_charged}};
    }

    Result<Source> clip_of(const json& video, const http::Response& response) const {
        if (const auto stored = core::field_or(video, "/gcsUri", ""); !stored.empty()) {
            auto download = google::bucket_download(stored);
            if (!download) return download.error();
            return Source(std::move(*download));
        }
        return api_.clip(core::field_or(video, "/bytesBase64Encoded", ""), response, core::field_or(video, "/mimeType", "video/mp4"));
    }

    static std::vector<json> list_at(const json& object, const char* name) {
        if (!object.is_object() || !object.contains(name) || !object[name].is_array()) return {};
        return object[name].get<std::vector<json>>();
    }

    static constexpr Money not_charged{0};  // what the filters kept back

    Result<google::Account> account_;
    JsonApi api_;
};

}  // namespace vertex

std::unique_ptr<Backend> make_vertex(const Deps& deps) { return std::make_unique<vertex::Vertex>(deps); }

}  // namespace shotwire::backend
