#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "backend/described.hpp"
#include "backend/input.hpp"
#include "backend/input_schema.hpp"
#include "backend/json_api.hpp"
#include "backend/remote_id.hpp"
#include "backend/replicate/prediction.hpp"
#include "backend/upload.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace replicate {

// "owner/name", and the version behind a colon where a model must be named with one.
struct Name {
    std::string model;
    std::string version;
};

namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr std::size_t most_inline = 256 << 10;  // characters of pictures in a request, by the provider's advice; more are uploaded
constexpr int most_pages = 5;
constexpr auto earliest = minutes(-2);  // a job that was created outside of these, seen from its submit, is not surely ours
constexpr auto latest = minutes(15);

Result<Name> name_of(const std::string& id) {
    const auto colon = std::min(id.find(':'), id.size());
    const Name name{id.substr(0, colon), colon == id.size() ? "" : id.substr(colon + 1)};
    const auto plain = [](const std::string& word) {
        return !word.empty() && word.front() != '.' && std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; });
    };
    const auto slash = std::min(name.model.find('/'), name.model.size());
    const bool good = plain(name.model.substr(0, slash)) && slash < name.model.size() && plain(name.model.substr(slash + 1)) && (colon == id.size() || plain(name.version));
    if (!good) return Error{ErrorKind::usage, fmt::format("{} is no id of a model at Replicate: they are OWNER/NAME or OWNER/NAME:VERSION", core::printable(id))};
    return name;
}

// How long a job may take before the service ends it: what is forgotten costs no more than that. "none": for ever.
Result<std::string> cancel_after(const json& dialect) {
    if (!dialect.is_object()) return Error{ErrorKind::usage, "a route's dialect is a table of keys"};
    std::string length = "2h";
    for (const auto& [key, value] : dialect.items()) {
        if (key != "cancel_after") return Error{ErrorKind::usage, fmt::format("the dialect has no key \"{}\"; allowed: cancel_after", core::printable(key))};
        length = value.is_string() ? value.get<std::string>() : "";
        const auto parsed = core::parse_length(length, "cancel_after");
        if (length != "none" && (!parsed || *parsed < std::chrono::seconds(5) || length.find("ms") != std::string::npos))
            return Error{ErrorKind::usage, fmt::format("the dialect's \"cancel_after\" is {}; allowed: a length of 5s and more such as 90s, 5m or 2h30m, and none",
                                                       core::printable(core::dump(value)))};
    }
    return length == "none" ? "" : length;
}

json sample_job(const char* status) {
    return {{"id", "PREDICTION-ID"}, {"status", status}, {"output", "https://replicate.delivery/clip.mp4"}};
}

}  // namespace

// Replicate's predictions: the models of many makers, each with an input of its own; replicate.md has its quirks.
class Replicate final : public Backend {
public:
    explicit Replicate(const Deps& deps) : cancel_after_(cancel_after(deps.dialect)), route_(deps.route), api_(deps) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (!cancel_after_) return cancel_after_.error();
        if (order.operation != Operation::create)
            return Error{ErrorKind::usage, api_.name() + " makes new clips only: it does not remix, edit or extend a job"};
        const auto name = name_of(order.remote_model);
        if (!name) return name.error();
        // What cannot be written is refused before a picture is uploaded for it.
        if (auto writable = input_to_compare(order); !writable) return writable.error();
        auto texts = image_texts(order.images, most_inline, [self = *this](const Image& image) { return self.upload(image); });
        return http::and_then<Accepted, Texts>(std::move(texts), [self = *this, order, name = *name](const Texts& images) -> Step<Accepted> {
            auto input = input_of(order, images);
            if (!input) return input.error();
            return self.create(name, *input);
        });
    }

    Step<JobState> poll(const Handle& job) const override {
        auto path = path_of(job);
        if (!path) return path.error();
        const auto success = [self = *this](const json& reply, const http::Response&) -> Step<JobState> {
            auto state = state_of(reply, self.api_);
            if (!state) return state.error();
            return std::move(*state);
        };
        const auto refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<JobState>> {
            if (response.status == 404 || response.status == 410) return Step<JobState>(JobState{Gone{}});
            return self.too_fast<JobState>(reply, response);
        };
        return api_.ask<JobState>(api_.request("GET", *path), {.success = success, .refusal = refusal, .sample = [] { return sample_job("succeeded"); }});
    }

    Step<Found> find(const Order& order, const Intent& intent) const override {
        const auto name = name_of(order.remote_model);
        if (!name) return name.error();
        auto input = input_to_compare(order);
        if (!input) return input.error();
        const auto after = core::url_encode(core::iso_time(intent.at - hours(1)));
        return look(*name, *input, intent, {.possible = true}, api_.request("GET", "/predictions?created_after=" + after), 1);
    }

    Step<Ok> cancel(const Handle& job) const override {
        auto path = path_of(job);
        if (!path) return path.error();
        const auto success = [self = *this](const json& reply, const http::Response&) -> Step<Ok> {
            const auto status = core::field_or(reply, "/status", "");
            if (status != "succeeded" && status != "failed") return Ok{};
            return Error{ErrorKind::usage, self.api_.name() + " has ended it already: there is nothing to cancel"};
        };
        const auto refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<Ok>> {
            if (response.status == 404 || response.status == 410) return Step<Ok>(Ok{});
            return self.too_fast<Ok>(reply, response);
        };
        return api_.ask<Ok>(api_.request("POST", *path + "/cancel"), {.success = success, .refusal = refusal, .sample = [] { return sample_job("canceled"); }});
    }

    bool describes() const override { return true; }
    Step<json> describe(const std::string& model) const override {
        const auto name = name_of(model);
        if (!name) return name.error();
        const bool versioned = !name->version.empty();
        const auto path = "/models/" + name->model + (versioned ? "/versions/" + name->version : "");
        const auto success = [self = *this, model, versioned](const json& reply, const http::Response&) -> Step<json> {
            const auto& version = versioned ? reply : member(reply, "latest_version");
            const auto schema = input_named(member(version, "openapi_schema"), "Input");
            if (!schema) return schema.error();
            auto row = described_row(*schema, model, self.route_);
            if (!row) return row.error();
            // Only official models can be asked for by their name alone.
            const auto id = core::field_or(version, "/id", "");
            if (!versioned && member(reply, "is_official") == false && !id.empty()) (*row)["routes"][0]["id"] = model + ":" + id;
            return std::move(*row);
        };
        const auto refusal = [self = *this, model](const json& reply, const http::Response& response) -> std::optional<Step<json>> {
            if (response.status == 404) return Step<json>(Error{ErrorKind::usage, fmt::format("{} has no model {}", self.api_.name(), core::printable(model))});
            return self.too_fast<json>(reply, response);
        };
        return api_.ask<json>(api_.request("GET", path), {.success = success, .refusal = refusal});
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    static Result<std::string> path_of(const Handle& job) {
        auto id = id_at(job.value, "/id");
        if (!id) return id.error();
        return "/predictions/" + core::url_encode(*id);
    }

    // How long to wait is told in words where the header is missing.
    template <class T>
    std::optional<Step<T>> too_fast(const json& reply, const http::Response& response, bool paid = false) const {
        if (response.status != 429) return std::nullopt;
        auto error = api_.refusal(response, reply, paid);
        if (!error.lasting && !error.retry_after) error.retry_after = wait_in(core::field_or(reply, "/detail", ""));
        return Step<T>(std::move(error));
    }

    Step<Accepted> create(const Name& name, const json& input) const {
        json body{{"input", input}};
        if (!name.version.empty()) body["version"] = name.version;
        auto request = api_.request("POST", name.version.empty() ? "/models/" + name.model + "/predictions" : "/predictions", body);
        if (!cancel_after_->empty()) request.headers.push_back({"Cancel-After", *cancel_after_});
        request.paid = true;
        const auto success = [self = *this](const json& reply, const http::Response&) -> Step<Accepted> {
            auto id = id_at(reply, "/id");
            if (!id) return id.error();
            Accepted accepted{self.adopt(*id)};
            // The id is what counts: what else is unreadable here is asked for by polling.
            if (auto state = state_of(reply, self.api_)) accepted.already = std::move(*state);
            return accepted;
        };
        const auto refusal = [self = *this](const json& reply, const http::Response& response) { return self.too_fast<Accepted>(reply, response, true); };
        return api_.ask<Accepted>(std::move(request), {.success = success, .refusal = refusal, .sample = [] { return sample_job("starting"); }});
    }

    Step<std::string> upload(const Image& image) const {
        auto request = api_.request("POST", "/files", http::Multipart{{"content", image.bytes, upload_name(image), image.media_type}});
        const auto success = [self = *this](const json& reply, const http::Response&) -> Step<std::string> {
            auto url = core::field<std::string>(reply, "/urls/get");
            if (!url) return url.error();
            if (!url->starts_with("https://")) return Error{ErrorKind::provider, self.api_.name() + " gives the uploaded picture no https address"};
            return std::move(*url);
        };
        const auto refusal = [self = *this](const json& reply, const http::Response& response) -> std::optional<Step<std::string>> {
            if (auto step = self.too_fast<std::string>(reply, response)) return step;
            if (response.status == 413) return Step<std::string>(Error{ErrorKind::usage, self.api_.name() + " takes pictures of at most 100 MB"});
            return wait_if_busy<std::string>(self.api_, reply, response);
        };
        return api_.ask<std::string>(std::move(request), {.success = success,
                                                          .refusal = refusal,
                                                          .sample = [] { return json{{"id", "FILE-ID"}, {"urls", {{"get", "https://api.replicate.com/v1/files/FILE-ID"}}}}; }});
    }

    Step<Found> look(const Name& name, const json& input, const Intent& intent, const Found& before, const http::Request& page, int number) const {
        auto success = [=, self = *this](const json& reply, const http::Response&) -> Step<Found> {
            const auto& items = member(reply, "results");
            if (!items.is_array()) return Error{ErrorKind::provider, "the list of predictions at " + self.api_.name() + " has no /results"};
            auto found = before;
            for (const auto& item : items) {
                const auto id = id_at(item, "/id");
                const bool other_model = core::field_or(item, "/model", name.model) != name.model;
                const bool other_version = !name.version.empty() && core::field_or(item, "/version", name.version) != name.version;
                if (!id || other_model || other_version) continue;
                const auto created = core::parse_iso_time(core::field_or(item, "/created_at", ""));
                const bool in_time = !created || (*created >= intent.at + earliest && *created <= intent.at + latest);
                // An hour after its end nothing tells what was asked of it.
                if (in_time && member(item, "data_removed") == true) found.complete = false;
                if (!may_be(member(item, "input"), input)) continue;
                (in_time ? found.candidates : found.doubtful).push_back(self.adopt(*id));
            }
            const auto next = self.api_.fetch(core::field_or(reply, "/next", ""));
            const bool more = !core::field_or(reply, "/next", "").empty() && !items.empty();
            const bool ours = http::origin_of(next.url) == http::origin_of(page.url) && next.url != page.url;
            if (more && (!ours || number == most_pages)) found.complete = false;
            if (!more || !ours || number == most_pages) return found;
            return self.look(name, input, intent, found, next, number + 1);
        };
        auto refusal = [self = *this](const json& reply, const http::Response& response) { return self.too_fast<Found>(reply, response); };
        return api_.ask<Found>(page, {.success = std::move(success), .refusal = std::move(refusal), .sample = [] { return json{{"next", nullptr}, {"results", json::array()}}; }});
    }

    Result<std::string> cancel_after_;
    std::string route_;
    JsonApi api_;
};

}  // namespace replicate

std::unique_ptr<Backend> make_replicate(const Deps& deps) { return std::make_unique<replicate::Replicate>(deps); }

}  // namespace shotwire::backend
