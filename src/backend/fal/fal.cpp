#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "backend/described.hpp"
#include "backend/fal/answers.hpp"
#include "backend/fal/dialect.hpp"
#include "backend/input.hpp"
#include "backend/input_schema.hpp"
#include "backend/json_api.hpp"
#include "backend/remote_id.hpp"
#include "backend/upload.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace fal {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t most_inline = 2 << 20;  // characters of pictures in a request; more are uploaded
constexpr int most_pages = 5;

constexpr auto earliest = minutes(-2);  // a job that was sent outside of these, seen from its submit, is not surely ours
constexpr auto latest = minutes(15);

Deps at(Deps deps, const std::string& base_url) {
    deps.base_url = base_url;
    return deps;
}

// Ids are paths of plain words: nothing that could lead elsewhere.
Result<std::string> path_of(const std::string& model) {
    const auto words = core::split(model, '/');
    const bool plain = std::all_of(model.begin(), model.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '/'; });
    const bool leads_elsewhere = std::any_of(words.begin(), words.end(), [](const auto& word) { return word == "." || word == ".."; });
    if (words.size() < 2 || !plain || leads_elsewhere || core::join(words, "/") != model)
        return Error{ErrorKind::usage, fmt::format("{} is no id of a model at fal: they are OWNER/MODEL, or with further words behind slashes", core::printable(model))};
    return "/" + model;
}

// Where a job of that model is asked for when no address is known: its first two words, as the provider's own clients do it.
std::string app_of(const std::string& model) {
    auto words = core::split(model, '/');
    const bool with_namespace = model.starts_with("workflows/") || model.starts_with("comfy/");
    words.resize(std::min<std::size_t>(words.size(), with_namespace ? 3 : 2));
    return "/" + core::join(words, "/");
}

json sample_job() {
    return {{"status", "IN_QUEUE"}, {"request_id", "REQUEST-ID"}, {"queue_position", 0}};
}

}  // namespace

// The queue of fal.ai, which serves the models of many makers, each with an input of its own; fal.md has its quirks.
class Fal final : public Backend {
public:
    explicit Fal(const Deps& deps)
        : dialect_(read_dialect(deps.dialect, deps.moved)), route_(deps.route), now_(deps.now), api_(deps),
          platform_(at(deps, dialect_ ? dialect_->platform_url : "")), storage_(at(deps, dialect_ ? dialect_->upload_url : "")) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (!dialect_) return dialect_.error();
        if (order.operation != Operation::create)
            return Error{ErrorKind::usage, api_.name() + " makes new clips only: it does not remix, edit or extend a job"};
        const auto path = path_of(order.remote_model);
        if (!path) return path.error();
        // What cannot be written is refused before a picture is uploaded for it.
        if (auto writable = input_to_compare(order); !writable) return writable.error();
        const auto most = dialect_->upload_url.empty() ? std::size_t(-1) : most_inline;
        auto texts = image_texts(order.images, most, [self = *this](const Image& image) { return self.upload(image); });
        return http::and_then<Accepted, Texts>(std::move(texts), [self = *this, order, path = *path](const Texts& images) -> Step<Accepted> {
            auto input = input_of(order, images);
            if (!input) return input.error();
            return self.create(path, *input, order.remote_model);
        });
    }

    Step<JobState> poll(const Handle& job) const override {
        if (!dialect_) return dialect_.error();
        auto request = address_of(job, "status_url", "/status");
        if (!request) return request.error();
        request->url += request->url.find('?') == std::string::npos ? "?logs=1" : "&logs=1";
        const auto success = [self = *this, job](const json& reply, const http::Response&) -> Step<JobState> {
            const auto status = core::field<std::string>(reply, "/status");
            if (!status) return status.error();
            if (*status != "COMPLETED") return JobState{rendering_of(reply, self.api_)};
            if (const auto& error = member(reply, "error"); error.is_null() || error == "") return self.result(job);
            return JobState{Failed{self.api_.failure("failed", reply), billed_for(core::field_or(reply, "/error_type", ""))}};
        };
        return api_.ask<JobState>(std::move(*request), {.success = success, .refusal = gone, .sample = [] { return json{{"status", "COMPLETED"}}; }});
    }

    Step<Found> find(const Order& order, const Intent& intent) const override {
        if (!dialect_) return dialect_.error();
        if (dialect_->platform_url.empty()) return Found{};
        auto input = input_to_compare(order);
        if (!input) return input.error();
        return look(order.remote_model, *input, intent, {.possible = true}, "", 1);
    }

    Step<Ok> cancel(const Handle& job) const override {
        if (!dialect_) return dialect_.error();
        auto request = address_of(job, "cancel_url", "/cancel");
        if (!request) return request.error();
        request->method = "PUT";
        // Only what was taken out of the queue has surely ended.
        const auto asked = [self = *this] {
            return Step<Ok>(Error{ErrorKind::pending, self.api_.name() + " was asked to cancel the job, which may still render to its end and be billed"});
        };
        const auto refusal = [self = *this, asked](const json& reply, const http::Response& response) -> std::optional<Step<Ok>> {
            if (response.status == 404) return asked();
            if (response.status == 400 && core::dump(reply).find("ALREADY_COMPLETED") != std::string::npos)
                return Step<Ok>(Error{ErrorKind::usage, self.api_.name() + " has rendered it already: there is nothing to cancel"});
            return std::nullopt;
        };
        return api_.ask<Ok>(std::move(*request), {.success = [asked](const json&, const http::Response& response) { return response.status == 200 ? Step<Ok>(Ok{}) : asked(); },
                                                  .refusal = refusal,
                                                  .sample = [] { return json{{"status", "CANCELLED"}}; }});
    }

    bool describes() const override { return dialect_ && !dialect_->schema_url.empty(); }
    Step<json> describe(const std::string& model) const override {
        if (!dialect_) return dialect_.error();
        if (auto path = path_of(model); !path) return path.error();
        if (dialect_->schema_url.empty())
            return Error{ErrorKind::usage, fmt::format("where the host of the route {0} publishes the schemas of its models is not known: set schema_url "
                                                       "under [routes.{0}.dialect] of the configuration", route_)};
        http::Request request{.url = dialect_->schema_url + "?endpoint_id=" + core::url_encode(model), .headers = {{"Accept", "application/json"}}};
        const auto refusal = [self = *this, model](const json&, const http::Response& response) -> std::optional<Step<json>> {
            if (response.status != 404 && response.status != 422) return std::nullopt;
            return Step<json>(Error{ErrorKind::usage, fmt::format("{} has no model {}", self.api_.name(), core::printable(model))});
        };
        const auto success = [route = route_, model](const json& reply, const http::Response&) -> Step<json> {
            auto schema = input_of_endpoint(reply, "/" + model);
            if (!schema) return schema.error();
            auto row = described_row(*schema, model, route);
            if (!row) return row.error();
            return std::move(*row);
        };
        return api_.ask<json>(std::move(request), {.success = success, .refusal = refusal});
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/request_id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"request_id", remote_id}}}; }
    Handle adopt(const std::string& remote_id, const Order& order) const override { return known_as(remote_id, order.remote_model); }

private:
    static Handle known_as(const std::string& id, const std::string& model) { return Handle{json{{"request_id", id}, {"model", model}}}; }

    Step<Accepted> create(const std::string& path, const json& input, const std::string& model) const {
        auto request = api_.request("POST", path, input);
        request.paid = true;
        const auto success = [self = *this, model](const json& reply, const http::Response&) -> Step<Accepted> {
            auto id = id_at(reply, "/request_id");
            if (!id) return id.error();
            auto handle = known_as(*id, model);
            for (const auto* name : {"status_url", "response_url", "cancel_url"})
                if (const auto url = core::field_or(reply, std::string("/") + name, ""); !url.empty() && url.size() <= 2048) handle.value[name] = url;
            return Accepted{std::move(handle), rendering_of(reply, self.api_)};
        };
        const auto refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<Accepted>> {
            // An account without money is locked, in the words of a refused key.
            const auto detail = core::field_or(reply, "/detail", "");
            if (response.status != 403 || core::lower(detail).find("balance") == std::string::npos) return std::nullopt;
            return Step<Accepted>(Error{ErrorKind::rate_limited, fmt::format("the balance at {} is used up: {}", self.api_.name(), self.api_.shown(detail)), {}, true});
        };
        return api_.ask<Accepted>(std::move(request), {.success = success, .refusal = refusal, .sample = [] { return sample_job(); }});
    }

    Step<std::string> upload(const Image& image) const {
        auto request = storage_.request("POST", "/storage/upload/initiate?storage_type=fal-cdn-v3",
                                        json{{"content_type", image.media_type}, {"file_name", upload_name(image)}});
        const auto success = [self = *this, image](const json& reply, const http::Response&) -> Step<std::string> {
            const auto to = core::field<std::string>(reply, "/upload_url"), file = core::field<std::string>(reply, "/file_url");
            if (!to) return to.error();
            if (!file) return file.error();
            if (!file->starts_with("https://")) return Error{ErrorKind::provider, self.storage_.name() + " gives the uploaded picture no https address"};
            http::Request put{.method = "PUT", .url = *to, .headers = {{"Content-Type", image.media_type}}, .body = *image.bytes};
            return http::and_then<std::string, Ok>(send_file(self.storage_, std::move(put)), [file = *file](const Ok&) -> Step<std::string> { return file; });
        };
        const auto busy = [storage = storage_](const json& reply, const http::Response& response) { return wait_if_busy<std::string>(storage, reply, response); };
        return storage_.ask<std::string>(std::move(request), {.success = success,
                                                              .refusal = busy,
                                                              .sample = [] {
                                                                  return json{{"upload_url", "https://storage.example/UPLOAD-URL"},
                                                                              {"file_url", "https://storage.example/FILE-URL"}};
                                                              }});
    }

    // The address that came with the receipt, where it is one of this API's; else the one that the provider's clients build.
    Result<http::Request> address_of(const Handle& job, const char* name, const char* ending) const {
        const auto given = core::field_or(job.value, std::string("/") + name, "");
        const auto home = http::origin_of(api_.request("GET", "").url);
        if (auto request = api_.fetch(given); !given.empty() && http::origin_of(request.url) == home) return request;
        const auto id = id_at(job.value, "/request_id");
        if (!id) return id.error();
        const auto model = path_of(core::field_or(job.value, "/model", ""));
        if (!model) return Error{ErrorKind::usage, fmt::format("of which model the request {} at {} is is not known", core::printable(*id), api_.name())};
        return api_.request("GET", app_of(model->substr(1)) + "/requests/" + core::url_encode(*id) + ending);
    }

    Step<JobState> result(const Handle& job) const {
        auto request = address_of(job, "response_url", "");
        if (!request) return request.error();
        const auto success = [self = *this](const json& reply, const http::Response& response) -> Step<JobState> {
            auto clips = clips_of(reply, response, self.api_);
            if (!clips) return clips.error();
            return JobState{Ready{std::move(*clips)}};
        };
        const auto refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<JobState>> {
            if (auto none = gone(reply, response)) return none;
            const auto text = core::field_or(reply, "/detail", "");
            if (response.status == 400 && core::lower(text).find("in progress") != std::string::npos) return Step<JobState>(JobState{rendering_of(reply, self.api_)});
            if (!tells_of_a_failed_job(reply, response)) return std::nullopt;
            return Step<JobState>(JobState{Failed{self.api_.failure("failed", reply), response.status >= 500 ? std::optional(Money{}) : std::nullopt}});
        };
        return api_.ask<JobState>(std::move(*request), {.success = success, .refusal = refusal,
                                                        .sample = [] { return json{{"video", {{"url", "https://v3.fal.media/files/clip.mp4"}, {"content_type", "video/mp4"}}}}; }});
    }

    static std::optional<Step<JobState>> gone(const json&, const http::Response& response) {
        if (response.status == 404 || response.status == 410) return Step<JobState>(JobState{Gone{}});
        return std::nullopt;
    }

    Step<Found> look(const std::string& model, const json& input, const Intent& intent, const Found& before, const std::string& cursor, int page) const {
        auto path = fmt::format("/models/requests/by-endpoint?endpoint_id={}&start={}&expand=payloads&limit=100", core::url_encode(model),
                                core::url_encode(core::iso_time(intent.at - hours(1))));
        if (!cursor.empty()) path += "&cursor=" + core::url_encode(cursor);
        auto success = [=, self = *this](const json& reply, const http::Response&) -> Step<Found> {
            const auto& items = member(reply, "items");
            if (!items.is_array()) return Error{ErrorKind::provider, "the list of requests at " + self.platform_.name() + " has no /items"};
            // It is said to list what has ended: what still renders may be missing.
            auto found = before;
            found.complete = found.complete && self.now_() > intent.at + hours(2);
            for (const auto& item : items) {
                const auto id = id_at(item, "/request_id");
                const auto sent = core::parse_iso_time(core::field_or(item, "/sent_at", ""));
                if (!id || core::field_or(item, "/endpoint_id", model) != model || !may_be(member(item, "json_input"), input)) continue;
                const bool in_time = !sent || (*sent >= intent.at + earliest && *sent <= intent.at + latest);
                (in_time ? found.candidates : found.doubtful).push_back(known_as(*id, model));
            }
            const auto next = core::field_or(reply, "/next_cursor", "");
            const bool more = member(reply, "has_more") == true && !next.empty();
            if (more && page == most_pages) found.complete = false;
            if (!more || next == cursor || page == most_pages) return found;
            return self.look(model, input, intent, found, next, page + 1);
        };
        return platform_.ask<Found>(platform_.request("GET", path), {.success = std::move(success), .sample = [] { return json{{"items", json::array()}, {"has_more", false}}; }});
    }

    Result<Dialect> dialect_;
    std::string route_;
    std::function<core::Wall()> now_;
    JsonApi api_, platform_, storage_;
};

}  // namespace fal

std::unique_ptr<Backend> make_fal(const Deps& deps) { return std::make_unique<fal::Fal>(deps); }

}  // namespace shotwire::backend
