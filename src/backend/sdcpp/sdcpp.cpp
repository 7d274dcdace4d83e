#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "backend/form.hpp"
#include "backend/json_api.hpp"
#include "backend/remote_id.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace sdcpp {
namespace {

constexpr std::size_t most_answer = 512 << 20;  // the clip as Base64, in a file
constexpr int rendered_fps = 24;                // what is asked for where nobody says it

const json& form() {
    static const json parts = {{"prompt", "prompt"},
                               {"negative_prompt", "negative_prompt"},
                               {"frames", "video_frames"},
                               {"width", "width"},
                               {"height", "height"},
                               {"fps", "fps"},
                               {"seed", "seed"},
                               {"audio", nullptr},
                               {"first_frame", "init_image"},
                               {"last_frame", "end_image"}};
    return parts;
}

Result<json> body_of(Order order, const std::string& name, const std::string& format) {
    if (order.operation != Operation::create) return Error{ErrorKind::usage, name + " makes new clips only: no remix, edit or extension"};
    if (!order.size) return Error{ErrorKind::usage, name + " needs the clip's size in pixels: give --size, or --resolution and --aspect-ratio"};
    if (order.seconds <= 0) return Error{ErrorKind::usage, name + " needs the clip's length: give --duration"};
    for (const auto& image : order.images)
        if (!image.bytes && image.sha256.empty())
            return Error{ErrorKind::usage, fmt::format("{} fetches no pictures: give {} as a file", name, core::printable(image.source))};
    if (!order.fps) order.fps = rendered_fps;
    auto body = write_form(form(), order, name, image_text);
    if (!body) return body.error();
    // It cuts the count down to 4n+1, and a clip that is cut is not what was ordered.
    auto& frames = (*body)["video_frames"];
    if (frames.is_number_integer()) frames = (frames.get<std::int64_t>() + 2) / 4 * 4 + 1;
    if (!body->contains("output_format")) (*body)["output_format"] = format;
    return body;
}

json sample_job(const char* status) {
    return {{"id", "job_1"}, {"kind", "vid_gen"}, {"status", status}, {"poll_url", "/sdcpp/v1/jobs/job_1"},
            {"result", {{"mime_type", "video/x-msvideo"}, {"b64_json", "AAAA"}}}};
}

}  // namespace

// sd-server of stable-diffusion.cpp: its own job API for clips; sdcpp.md has its quirks.
class SdCpp final : public Backend {
public:
    explicit SdCpp(const Deps& deps)
        : api_(deps), format_(core::field_or(deps.dialect, "/output_format", "avi")) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        auto body = body_of(order, api_.name(), format_);
        if (!body) return body.error();
        auto request = api_.request("POST", "/sdcpp/v1/vid_gen", *body);
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/id");
                                                           if (!id) return id.error();
                                                           return Accepted{Handle{json{{"id", *id}}}};
                                                       },
                                                       .sample = [] { return sample_job("queued"); }});
    }

    Step<JobState> poll(const Handle& job) const override {
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        auto request = api_.request("GET", "/sdcpp/v1/jobs/" + core::url_encode(*id));
        request.spool = true;
        request.most = most_answer;
        return api_.ask<JobState>(std::move(request),
                                  {.success = [api = api_](const json& reply, const http::Response& response) { return read(api, reply, response); },
                                   .refusal = [](const json&, const http::Response& response) -> std::optional<Step<JobState>> {
                                       if (response.status != 404 && response.status != 410) return std::nullopt;
                                       return Step<JobState>(JobState{Gone{}});  // kept for ten minutes after the end
                                   },
                                   .sample = [] { return sample_job("completed"); }});
    }

    Step<Ok> cancel(const Handle& job) const override {
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        const auto renders = [name = api_.name()](const json&, const http::Response& response) -> std::optional<Step<Ok>> {
            if (response.status != 409) return std::nullopt;
            return Step<Ok>(renders_on(name + " is rendering the clip and cannot stop it"));
        };
        return api_.ask<Ok>(api_.request("POST", "/sdcpp/v1/jobs/" + core::url_encode(*id) + "/cancel"),
                            {.success = [](const json&, const http::Response&) -> Step<Ok> { return Ok{}; }, .refusal = renders, .sample = [] { return sample_job("cancelled"); }});
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    static Step<JobState> read(const JsonApi& api, const json& job, const http::Response& response) {
        auto status = core::field<std::string>(job, "/status");
        if (!status) return status.error();
        if (*status == "failed" || *status == "cancelled") return JobState{Failed{api.failure(*status, job.value("error", json()))}};
        if (*status != "completed") {
            Rendering rendering{.word = api.shown(*status, 40)};
            if (const auto place = core::number_or(job, "/queue_position", NAN); place > 0 && place < 1e6) rendering.queue = int(place);
            return JobState{std::move(rendering)};
        }
        auto clip = api.clip(core::field_or(job, "/result/b64_json", ""), response, core::field_or(job, "/result/mime_type", ""));
        if (!clip) return clip.error();
        Ready ready;
        ready.clips.push_back(std::move(*clip));
        return JobState{std::move(ready)};
    }

    JsonApi api_;
    std::string format_;
};

}  // namespace sdcpp

std::unique_ptr<Backend> make_sdcpp(const Deps& deps) { return std::make_unique<sdcpp::SdCpp>(deps); }

}  // namespace shotwire::backend
