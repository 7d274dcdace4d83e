#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "backend/google/account.hpp"
#include "backend/google/answer.hpp"
#include "backend/google/order_parts.hpp"
#include "backend/json_api.hpp"
#include "backend/remote_id.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace gemini {
namespace {

constexpr std::size_t most_answer = 256 << 20;  // with the clip, or the images of the input, as Base64, in a file
constexpr std::size_t most_echo = 64 << 20;     // a create's answer may repeat its images

json sample(const std::string& status) {
    return {{"id", "v1_abc"},
            {"status", status},
            {"steps", {{{"type", "model_output"}, {"content", {{{"type", "video"}, {"mime_type", "video/mp4"}, {"data", "AAAA"}}}}}}}};
}

bool has(const Order& order, ImageRole role) {
    return std::any_of(order.images.begin(), order.images.end(), [&](const Image& image) { return image.role == role; });
}

Result<json> input_of(const Order& order) {
    if (order.images.empty()) return json(order.prompt);
    json blocks{{{"type", "text"}, {"text", order.prompt}}};
    for (const auto& image : order.images) {
        auto bytes = google::base64_of(image, {"image/png", "image/jpeg", "image/webp"});
        if (!bytes) return bytes.error();
        blocks.push_back({{"type", "image"}, {"data", *bytes}, {"mime_type", image.media_type}});
    }
    return blocks;
}

Result<> check(const Order& order) {
    const auto refuse = [](const char* why) { return Error{ErrorKind::usage, std::string("Gemini Omni ") + why}; };
    if (auto sane = google::check(order, "Gemini Omni"); !sane) return sane;
    if (has(order, ImageRole::last_frame)) return refuse("takes no --last-frame");
    if (has(order, ImageRole::first_frame) && has(order, ImageRole::reference)) return refuse("takes a --first-frame or --reference pictures, not both");
    if (!order.negative_prompt.empty()) return refuse("has no field for a negative prompt");
    if (order.audio && !*order.audio) return refuse("always makes sound");
    if (order.fps && *order.fps != 24) return refuse("has no field for a frame rate");
    if (order.seconds != double(int(order.seconds))) return refuse("takes whole seconds");
    return Ok{};
}

const json& member(const json& object, const char* name) {
    static const json nothing;
    const auto at = object.is_object() ? object.find(name) : object.end();
    return at == object.end() ? nothing : *at;
}

// The content of the last output: its video, and what the model said instead of one.
struct Output {
    json video;
    std::string text;
};
Output output_of(const json& interaction) {
    Output output;
    const auto& steps = member(interaction, "steps");
    if (!steps.is_array()) return output;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        if (core::field_or(*step, "/type", "") != "model_output") continue;
        for (const auto& block : member(*step, "content")) {
            const auto type = core::field_or(block, "/type", "");
            if (type == "video" && output.video.is_null()) output.video = block;
            if (type == "text") output.text += (output.text.empty() ? "" : " ") + core::field_or(block, "/text", "");
        }
        if (!output.video.is_null()) break;
    }
    return output;
}

// Why it ended: {code, message} of the interaction or of one of its steps.
json error_of(const json& interaction) {
    for (const auto& error : member(interaction, "errors"))
        if (error.is_object()) return error;
    if (const auto& error = member(interaction, "error"); !error.is_null()) return error;
    for (const auto& step : member(interaction, "steps"))
        if (const auto& error = member(step, "error"); !error.is_null()) return error;
    return {};
}

// ".../files/abc", of ".../files/abc:download?alt=media" as well; empty where it is no file of the Files API.
std::string file_of(const std::string& uri) {
    const auto path = uri.substr(0, uri.find('?'));
    const auto name = path.rfind("/files/");
    return name == std::string::npos ? "" : path.substr(0, path.find(':', name));
}

}  // namespace

// Gemini Omni by the Interactions API, at the Gemini API or, with "vertex": true, at Vertex AI; gemini.md has its quirks.
class Gemini final : public Backend {
public:
    explicit Gemini(const Deps& deps)
        : account_(google::read_account(deps, "global", {"vertex"})), api_(deps, {.tokens = account_ ? account_->tokens : std::nullopt}) {
        on_vertex_ = deps.dialect.value("vertex", json()) == true;
        if (account_) interactions_ = (on_vertex_ ? account_->path() : "") + "/interactions";
    }

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (!account_) return account_.error();
        auto body = body_of(order);
        if (!body) return body.error();
        auto request = api_.request("POST", interactions_, *body);
        pin(request);
        request.paid = true;
        request.most = most_echo;
        return api_.ask<Accepted>(std::move(request), {.success = [self = *this](const json& reply, const http::Response& response) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/id");
                                                           if (!id) return id.error();
                                                           Accepted accepted{Handle{json{{"id", *id}}}};
                                                           // What is asked for further requests is asked for by polling.
                                                           auto state = self.read(reply, response);
                                                           if (auto* known = std::get_if<JobState>(&state)) accepted.already = std::move(*known);
                                                           return accepted;
                                                       },
                                                       .refusal = refused<Accepted>(true),
                                                       .sample = [] { return sample("in_progress"); }});
    }

    Step<JobState> poll(const Handle& job) const override {
        if (!account_) return account_.error();
        auto request = api_.request("GET", path_of(job));
        pin(request);
        request.spool = true;
        request.most = most_answer;
        return api_.ask<JobState>(std::move(request),
                                  {.success = [self = *this, id = remote_id(job)](const json& reply, const http::Response& response) -> Step<JobState> {
                                       auto step = self.read(reply, response);
                                       const auto* state = std::get_if<JobState>(&step);
                                       // That there is no clip is believed of the job that was asked for alone.
                                       if (state && std::holds_alternative<Failed>(*state) && core::field_or(reply, "/id", "") != id)
                                           return Error{ErrorKind::provider, self.api_.name() + " answered about another job"};
                                       return step;
                                   },
                                   .refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<JobState>> {
                                       if (response.status == 404) return Step<JobState>(JobState{Gone{}});
                                       return self.refused<JobState>(false)(reply, response);
                                   },
                                   .sample = [] { return sample("completed"); }});
    }

    Step<Ok> cancel(const Handle& job) const override {
        if (!account_) return account_.error();
        auto request = api_.request("POST", path_of(job) + "/cancel");
        pin(request);
        request.spool = true;
        request.most = most_answer;
        return api_.ask<Ok>(std::move(request), {.success = [api = api_](const json& reply, const http::Response&) -> Step<Ok> {
                                                     if (core::field_or(reply, "/status", "") == "completed")
                                                         return Error{ErrorKind::usage, "the clip at " + api.name() + " is rendered already"};
                                                     return Ok{};
                                                 },
                                                 .refusal = refused<Ok>(false),
                                                 .sample = [] { return sample("cancelled"); }});
    }

    // Vertex AI publishes no such list.
    bool lists() const override { return !on_vertex_; }
    Step<json> list() const override {
        if (!account_) return account_.error();
        const auto named = api_.listed("/models?pageSize=1000", "/models", "/name");
        return http::and_then<json, json>(named, [](const json& named) -> Step<json> {
            json rows = json::object();
            for (const auto& [name, row] : named.items()) rows[name.starts_with("models/") ? name.substr(7) : name] = row;
            return rows;
        });
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    std::string path_of(const Handle& job) const { return interactions_ + "/" + core::url_encode(remote_id(job)); }

    static void pin(http::Request& request) { request.headers.push_back({"Api-Revision", "2026-05-20"}); }

    template <class T>
    std::function<std::optional<Step<T>>(const json&, const http::Response&)> refused(bool paid) const {
        return [api = api_, paid](const json& reply, const http::Response& response) { return Step<T>(google::refusal(api, reply, response, paid)); };
    }

    Result<json> body_of(const Order& order) const {
        if (auto sane = check(order); !sane) return sane.error();
        auto input = input_of(order);
        if (!input) return input.error();
        // A bucket of the user's own is the only place for a URI on Vertex AI; at the Gemini API there is none.
        const bool in_line = on_vertex_ && account_->storage_uri.empty();
        json format{{"type", "video"}, {"delivery", in_line ? "inline" : "uri"}};
        if (on_vertex_ && !in_line) format["gcs_uri"] = account_->storage_uri;
        if (order.ratio) format["aspect_ratio"] = to_string(*order.ratio);
        if (!order.resolution.empty()) format["resolution"] = order.resolution;
        if (order.seconds > 0) format["duration"] = fmt::format("{}s", core::print_number(order.seconds));
        if (order.remote_model.starts_with("veo-"))
            return Error{ErrorKind::usage, fmt::format("{} is not asked by the Interactions API, the only one spoken here", core::printable(order.remote_model))};
        json body{{"model", order.remote_model}, {"input", *input}, {"background", true}, {"response_format", format}};
        if (order.seed) body["generation_config"]["seed"] = *order.seed;
        // Without it a picture may be taken for the other.
        if (!order.images.empty())
            body["generation_config"]["video_config"] = {{"task", has(order, ImageRole::reference) ? "reference_to_video" : "image_to_video"}};
        if (auto added = google::add_params(body, order); !added) return added.error();
        return body;
    }

    Step<JobState> read(const json& reply, const http::Response& response) const {
        const auto status = core::field<std::string>(reply, "/status");
        if (!status) return status.error();
        if (*status == "queued" || *status == "in_progress") return JobState{Rendering{.word = *status}};
        if (*status == "completed") return delivered(output_of(reply), response);
        constexpr std::array ends = {"failed", "cancelled", "incomplete", "budget_exceeded", "requires_action", "requires_continuation"};
        // The contract takes a word that it does not know for an error; a job that may still render is not given up for it.
        if (std::find(ends.begin(), ends.end(), *status) == ends.end())
            return Error{ErrorKind::provider, fmt::format("{} says \"{}\" of the job, a word that we do not know", api_.name(), api_.shown(*status, 40))};
        const auto error = error_of(reply);
        const auto said = error.is_string() ? error.get<std::string>() : core::field_or(error, "/message", "");
        if (google::says_unsafe(said)) return JobState{Failed{google::unsafe(api_, said)}};
        return JobState{Failed{api_.failure(*status, error)}};
    }

    Step<JobState> delivered(const Output& output, const http::Response& response) const {
        const auto& video = output.video;
        if (video.is_null()) return JobState{Failed{google::unsafe(api_, output.text)}};
        const auto type = core::field_or(video, "/mime_type", "video/mp4");
        if (const auto data = core::field_or(video, "/data", ""); !data.empty()) {
            auto clip = api_.clip(data, response, type);
            if (!clip) return clip.error();
            return JobState{Ready{{std::move(*clip)}}};
        }
        const auto uri = core::field_or(video, "/uri", "");
        if (uri.starts_with("gs://")) {
            auto download = google::bucket_download(uri);
            if (!download) return download.error();
            return google::ready(*account_, {{std::move(*download)}});
        }
        auto download = api_.fetch(uri);
        if (uri.empty() || download.url.empty()) return Error{ErrorKind::provider, api_.name() + " gave a clip's address that is no http(s) URL"};
        const auto file = file_of(download.url);
        if (!download.credential || file.empty()) return google::ready(*account_, {{std::move(download)}});
        return when_active(file);
    }

    // A file of the Files API, which can be downloaded once it is ACTIVE.
    Step<JobState> when_active(const std::string& file) const {
        auto request = api_.fetch(file);
        request.headers = {{"Accept", "application/json"}};
        return api_.ask<JobState>(
            std::move(request),
            {.success = [self = *this, file](const json& reply, const http::Response&) -> Step<JobState> {
                 const auto state = core::field<std::string>(reply, "/state");
                 if (!state) return state.error();
                 if (*state == "FAILED") return JobState{Failed{self.api_.failure("file " + *state, member(reply, "error"))}};
                 if (*state != "ACTIVE") return JobState{Rendering{.word = "file " + self.api_.shown(*state, 40)}};
                 return google::ready(*self.account_, {{self.api_.fetch(file + ":download?alt=media")}, {}, core::parse_iso_time(core::field_or(reply, "/expirationTime", ""))});
             },
             .refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<JobState>> {
                 if (response.status == 404) return Step<JobState>(JobState{Gone{}});
                 return self.refused<JobState>(false)(reply, response);
             },
             .sample = [] { return json{{"name", "files/abc123"}, {"state", "ACTIVE"}}; }});
    }

    Result<google::Account> account_;
    JsonApi api_;
    bool on_vertex_ = false;
    std::string interactions_;
};

}  // namespace gemini

std::unique_ptr<Backend> make_gemini(const Deps& deps) { return std::make_unique<gemini::Gemini>(deps); }

}  // namespace shotwire::backend
