#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "backend/form.hpp"
#include "backend/json_api.hpp"
#include "backend/remote_id.hpp"
#include "backend/upload.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace ltx {
namespace {

constexpr std::size_t most_inline = 7'000'000;    // characters of a data URI
constexpr auto kept_for = std::chrono::hours(24);  // a job and its link, after its end

constexpr const char* from_text = "text-to-video";
constexpr const char* from_image = "image-to-video";

const json& form() {
    static const json parts = {{"model", "model"},          {"prompt", "prompt"},       {"seconds", "duration"},     {"size", "resolution"},
                               {"fps", "fps"},              {"audio", "generate_audio"}, {"camera", "camera_motion"}, {"first_frame", "image_uri"},
                               {"last_frame", "last_frame_uri"}};
    return parts;
}

bool has(const Order& order, ImageRole role) {
    return std::any_of(order.images.begin(), order.images.end(), [&](const Image& image) { return image.role == role; });
}

// It fetches pictures from host names over https, and from nowhere else.
bool fetchable(const std::string& url) {
    const auto host = http::host_of(url);
    const bool address = host.find_first_not_of("0123456789.") == std::string::npos || host.find(':') != std::string::npos;
    return core::lower(url).starts_with("https://") && !address;
}

Result<> check(const Order& order, const std::string& name) {
    const auto refuse = [&](std::string_view why) { return Error{ErrorKind::usage, fmt::format("{} {}", name, why)}; };
    if (order.operation != Operation::create) return refuse("makes new clips only: no remix, edit or extension");
    if (!order.size) return refuse("needs the clip's size in pixels: give --resolution and --aspect-ratio, or --size");
    if (order.seconds <= 0) return refuse("needs the clip's length: give --duration");
    if (has(order, ImageRole::last_frame) && !has(order, ImageRole::first_frame)) return refuse("takes a last frame together with a first frame only");
    for (const auto& image : order.images)
        if (!image.bytes && image.sha256.empty() && !fetchable(image.source))
            return refuse(fmt::format("fetches pictures from https addresses with a host name, not from {}", core::printable(image.source)));
    return Ok{};
}

// The first URL of the result, which is a map of labels; the clip's label is video_url.
std::string clip_url(const json& result) {
    auto url = core::field_or(result, "/video_url", "");
    for (auto entry = result.begin(); url.empty() && result.is_object() && entry != result.end(); ++entry)
        if (entry->is_string()) url = entry->get<std::string>();
    return url;
}

}  // namespace

// LTX by Lightricks, the asynchronous surface; ltx.md has its quirks.
class Ltx final : public Backend {
public:
    explicit Ltx(const Deps& deps)
        : api_(deps, {.verdicts = {{503, "service_unavailable", ErrorKind::rate_limited}, {529, "overloaded_error", ErrorKind::rate_limited}}}) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (auto fit = check(order, api_.name()); !fit) return fit.error();
        auto upload = [self = *this](const Image& image) { return self.upload(image); };
        return http::and_then<Accepted, Texts>(image_texts(order.images, most_inline, upload),
                                               [self = *this, order](const Texts& images) { return self.create(order, images); });
    }

    Step<JobState> poll(const Handle& job) const override {
        auto id = core::field<std::string>(job.value, "/id");
        if (!id) return id.error();
        const auto kind = core::field_or(job.value, "/kind", "");
        if (!kind.empty()) return look(*id, {kind});
        return look(*id, {from_text, from_image});
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    // An id does not tell under which path its job lives: poll looks under both.
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    Step<Accepted> create(Order order, const Texts& images) const {
        order.audio = order.audio.value_or(true);
        const auto text_of = [&](const Image& image) { return images[std::size_t(&image - order.images.data())]; };
        auto body = write_form(form(), order, api_.name(), text_of);
        if (!body) return body.error();
        const std::string kind = images.empty() ? from_text : from_image;
        auto request = api_.request("POST", "/v2/" + kind, *body);
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [kind](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, "/id");
                                                           if (!id) return id.error();
                                                           return Accepted{Handle{json{{"id", *id}, {"kind", kind}}}};
                                                       },
                                                       .sample = [] { return json{{"id", "job_123"}, {"created_at", "2026-11-22T10:00:00Z"}}; }});
    }

    Step<std::string> upload(const Image& image) const {
        auto success = [self = *this, image](const json& reply, const http::Response&) -> Step<std::string> {
            auto url = core::field<std::string>(reply, "/upload_url");
            auto uri = core::field<std::string>(reply, "/storage_uri");
            if (!url) return url.error();
            if (!uri) return uri.error();
            http::Request put{.method = "PUT", .url = *url, .headers = {{"Content-Type", image.media_type}}, .body = *image.bytes};
            const json required = reply.value("required_headers", json::object());
            for (const auto& [name, value] : required.items())
                if (value.is_string() && !core::equal_fold(name, "content-type")) put.headers.push_back({name, value.get<std::string>()});
                else if (value.is_string()) put.headers.front().value = value.get<std::string>();
            return http::and_then<std::string, Ok>(send_file(self.api_, std::move(put)), [uri = *uri](const Ok&) -> Step<std::string> { return uri; });
        };
        auto refusal = [api = api_](const json& reply, const http::Response& response) { return wait_if_busy<std::string>(api, reply, response); };
        return api_.ask<std::string>(api_.request("POST", "/v1/upload"), {.success = std::move(success),
                                                                          .refusal = std::move(refusal),
                                                                          .sample = [name = upload_name(image)] {
                                                                              return json{{"upload_url", "https://storage.example/upload"},
                                                                                          {"storage_uri", "ltx://uploads/" + name},
                                                                                          {"expires_at", "2026-11-22T11:00:00Z"},
                                                                                          {"required_headers", json::object()}};
                                                                          }});
    }

    Step<JobState> look(const std::string& id, std::vector<std::string> kinds) const {
        const auto kind = kinds.front();
        kinds.erase(kinds.begin());
        auto refusal = [self = *this, id, kinds](const json&, const http::Response& response) -> std::optional<Step<JobState>> {
            if (response.status != 404) return std::nullopt;
            return kinds.empty() ? Step<JobState>(JobState{Gone{}}) : self.look(id, kinds);
        };
        return api_.ask<JobState>(api_.request("GET", fmt::format("/v2/{}/{}", kind, core::url_encode(id))),
                                  {.success = [self = *this](const json& reply, const http::Response&) { return self.state_of(reply); },
                                   .refusal = std::move(refusal),
                                   .sample = [] { return json{{"id", "job_123"}, {"status", "processing"}}; }});
    }

    Step<JobState> state_of(const json& reply) const {
        auto status = core::field<std::string>(reply, "/status");
        if (!status) return status.error();
        if (*status == "failed") return JobState{Failed{api_.failure(*status, reply.value("error", json())), Money{}}};
        if (*status != "completed") return JobState{Rendering{.word = api_.shown(*status, 40)}};
        const auto url = clip_url(reply.value("result", json::object()));
        if (url.empty()) return Error{ErrorKind::provider, api_.name() + " calls the job completed but its result has no URL"};
        auto clip = api_.fetch(url);
        if (clip.url.empty()) return Error{ErrorKind::provider, api_.name() + " gave a clip's address that is no http(s) URL"};
        clip.credential.reset();
        Ready ready{{std::move(clip)}};
        if (const auto end = core::parse_iso_time(core::field_or(reply, "/completed_at", ""))) ready.expires = *end + kept_for;
        return JobState{std::move(ready)};
    }

    JsonApi api_;
};

}  // namespace ltx

std::unique_ptr<Backend> make_ltx(const Deps& deps) { return std::make_unique<ltx::Ltx>(deps); }

}  // namespace shotwire::backend
