#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "backend/custom/listing.hpp"
#include "backend/custom/protocol.hpp"
#include "backend/form.hpp"
#include "backend/remote_id.hpp"
#include "catalog/model.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace custom {
namespace {

constexpr std::size_t most_answer = 512 << 20;

bool is_one_of(const std::string& word, const std::vector<std::string>& words) {
    return std::any_of(words.begin(), words.end(), [&](const std::string& one) { return core::equal_fold(one, word); });
}

json at(const json& document, const std::string& pointer) {
    if (pointer.empty()) return {};
    const json::json_pointer place(pointer);
    return document.contains(place) ? document.at(place) : json();
}

// A word, whether it stands there as text, number or boolean.
std::string word_at(const json& document, const std::string& pointer) {
    const auto value = at(document, pointer);
    return value.is_string() ? value.get<std::string>() : value.is_null() || value.is_structured() ? "" : core::dump(value);
}

// Text within the item that a form asks for in place of the bare image: {"type": "image_url", "url": "{image}"}.
json put_image(json item, const std::string& image) {
    if (item.is_string() && item == "{image}") return image;
    if (item.is_structured())
        for (auto& inner : item) inner = put_image(inner, image);
    return item;
}

}  // namespace

// A provider that its user described in data: the route's dialect is its protocol; see custom.md.
class Custom final : public Backend {
public:
    explicit Custom(const Deps& deps) : route_(deps.route), protocol_(read_protocol(deps.dialect)), api_(deps, protocol_ ? protocol_->rules : JsonApi::Rules{}) {}

    Step<Accepted> submit(const Order& order, const Intent&) const override {
        if (!protocol_) return protocol_.error();
        if (order.operation != Operation::create) return Error{ErrorKind::usage, api_.name() + " makes new clips only: no remix, edit or extension"};
        auto body = body_of(order);
        if (!body) return body.error();
        const bool other = !order.images.empty() && !protocol_->submit_path_with_image.empty();
        auto request = with_headers(api_.request("POST", other ? protocol_->submit_path_with_image : protocol_->submit_path, *body));
        request.paid = true;
        return api_.ask<Accepted>(std::move(request), {.success = [self = *this](const json& reply, const http::Response&) -> Step<Accepted> {
                                                           auto id = id_at(reply, self.protocol_->id);
                                                           if (!id) return id.error();
                                                           json handle{{"id", *id}};
                                                           if (const auto link = word_at(reply, self.protocol_->poll_link); !link.empty()) handle["poll"] = link;
                                                           return Accepted{Handle{handle}};
                                                       },
                                                       .refusal = refusal<Accepted>(true),
                                                       .sample = [id = protocol_->id, link = protocol_->poll_link] { return sample_of({{id, "job-1"}, {link, "/jobs/job-1"}}); }});
    }

    Step<JobState> poll(const Handle& job) const override {
        if (!protocol_) return protocol_.error();
        const auto id = remote_id(job);
        const auto link = core::field_or(job.value, "/poll", "");
        auto request = api_.fetch(link);
        if (link.empty() || request.url.empty()) {
            auto path = fill(protocol_->poll.path, id, json());
            if (!path) return path.error();
            request = api_.request(protocol_->poll.method, *path);
        }
        request = with_headers(std::move(request));
        if (!protocol_->clip_base64.empty()) {
            request.spool = true;
            request.most = most_answer;
        }
        return api_.ask<JobState>(std::move(request), {.success = [self = *this, id](const json& reply, const http::Response& response) -> Step<JobState> {
                                                           return self.read(id, reply, response);
                                                       },
                                                       .refusal = refusal<JobState>(false),
                                                       .sample = [self = *this] { return self.ready_sample(); }});
    }

    Step<Ok> cancel(const Handle& job) const override {
        if (!protocol_) return protocol_.error();
        if (!protocol_->cancel) return renders_on(api_.name() + " cannot cancel a job: it renders to its end");
        auto path = fill(protocol_->cancel->path, remote_id(job), json());
        if (!path) return path.error();
        return api_.ask<Ok>(with_headers(api_.request(protocol_->cancel->method, *path)),
                            {.success = [](const json&, const http::Response&) -> Step<Ok> { return Ok{}; }, .refusal = refusal<Ok>(false)});
    }

    bool lists() const override { return protocol_ && !protocol_->models.path.empty(); }
    Step<json> list() const override {
        if (!protocol_) return protocol_.error();
        const auto& models = protocol_->models;
        return api_.listed(models.path, models.items, models.id, [models](const json& item) { return listed_row(models, item); });
    }

    // What the list tells of one of them.
    bool describes() const override { return lists(); }
    Step<json> describe(const std::string& model) const override {
        return http::and_then<json, json>(list(), [self = *this, model](const json& rows) -> Step<json> {
            const auto found = rows.find(model);
            if (found == rows.end()) return Error{ErrorKind::usage, fmt::format("{} lists no model {}", self.api_.name(), core::printable(model))};
            auto row = *found;
            row.update({{"id", self.route_ + ":" + model}, {"title", model}, {"routes", {{{"route", self.route_}, {"id", model}}}}});
            return row;
        });
    }

    std::string remote_id(const Handle& job) const override { return core::field_or(job.value, "/id", ""); }
    Handle adopt(const std::string& remote_id) const override { return Handle{json{{"id", remote_id}}}; }

private:
    Result<json> body_of(const Order& order) const {
        auto form = protocol_->form;
        if (!order.form.empty()) {
            auto own = core::parse_json(order.form, "the form of " + order.model);
            if (!own) return own.error();
            form = *own;
        }
        return write_form(form, order, api_.name(), [&](const Image& image) -> json {
            const auto item = at(form, fmt::format("/{}/item", catalog::to_string(image.role)));
            return item.is_null() ? json(image_text(image)) : put_image(item, image_text(image));
        });
    }

    http::Request with_headers(http::Request request) const {
        request.headers.insert(request.headers.end(), protocol_->headers.begin(), protocol_->headers.end());
        return request;
    }

    // An answer with the places filled that we read; places in lists stay out.
    static json sample_of(const std::vector<std::pair<std::string, std::string>>& values) {
        json sample = json::object();
        for (const auto& [pointer, value] : values)
            try {
                if (!pointer.empty()) sample[json::json_pointer(pointer)] = value;
            } catch (const json::exception&) {  // no place of its own here: only a dry run is the poorer
            }
        return sample;
    }

    // The provider's complaint where the common reader looks for it.
    json plain(const json& reply) const {
        if (protocol_->complaint_message.empty() || !reply.is_object()) return reply;
        return {{"error", {{"code", word_at(reply, protocol_->complaint_code)}, {"message", word_at(reply, protocol_->complaint_message)}}}};
    }

    template <class T>
    std::function<std::optional<Step<T>>(const json&, const http::Response&)> refusal(bool paid) const {
        return [self = *this, paid](const json& reply, const http::Response& response) -> std::optional<Step<T>> {
            if constexpr (std::is_same_v<T, JobState>)
                if (response.status == 404 || response.status == 410) return Step<T>(JobState{Gone{}});
            return Step<T>(self.api_.refusal(response, self.plain(reply), paid));
        };
    }

    Step<JobState> read(const std::string& id, const json& reply, const http::Response& response) const {
        const auto& protocol = *protocol_;
        const Rendering waits{.not_before = protocol.every.count() ? std::optional(protocol.every) : std::nullopt};
        if (std::find(protocol.pending.begin(), protocol.pending.end(), response.status) != protocol.pending.end()) return JobState{waits};
        const auto word = word_at(reply, protocol.state);
        if (word.empty()) return Error{ErrorKind::provider, fmt::format("the answer of {} has no {}", api_.name(), protocol.state)};
        if (is_one_of(word, protocol.rejected) || is_one_of(word, protocol.failed)) {
            auto reason = api_.failure(word, complaint_of(reply));
            if (is_one_of(word, protocol.rejected)) reason.kind = ErrorKind::rejected;
            return JobState{Failed{std::move(reason), billed(reply)}};
        }
        if (!is_one_of(word, protocol.ready)) {
            auto rendering = waits;
            rendering.word = api_.shown(word, 40);
            rendering.described = true;
            if (const auto part = core::number_or(reply, protocol.progress, NAN) / protocol.progress_of; part >= 0 && part <= 1) rendering.progress = part;
            if (const auto place = core::number_or(reply, protocol.queue, NAN); place >= 0 && place < 1e6) rendering.queue = int(place);
            return JobState{std::move(rendering)};
        }
        if (protocol.refused && at(reply, protocol.refused->first) == protocol.refused->second)
            return JobState{Failed{{ErrorKind::rejected, fmt::format("{} refuses this content: the clip was kept back", api_.name())}, billed(reply)}};
        if (!protocol.result) return ready(id, reply, response, billed(reply));
        auto path = fill(protocol.result->path, id, reply);
        if (!path) return path.error();
        return api_.ask<JobState>(with_headers(api_.request(protocol.result->method, *path)),
                                  {.success = [self = *this, id, paid = billed(reply)](const json& result, const http::Response& answer) -> Step<JobState> {
                                       return self.ready(id, result, answer, paid);
                                   },
                                   .refusal = refusal<JobState>(false),
                                   .sample = [self = *this] { return self.ready_sample(); }});
    }

    // All that is read of a finished job, and what the paths of later requests take from it.
    json ready_sample() const {
        std::vector<std::pair<std::string, std::string>> values{{protocol_->state, protocol_->ready.front()}, {protocol_->clip_base64, "AAAA"}};
        if (!protocol_->clip_url.empty()) values.emplace_back(protocol_->clip_url.front(), "https://clips.example/clip.mp4");
        for (const auto& call : {protocol_->result, protocol_->clip_call})
            for (const auto& place : call ? places_in(call->path) : std::vector<std::string>{}) values.emplace_back(place, "file-1");
        return sample_of(values);
    }

    json complaint_of(const json& reply) const {
        const auto error = at(reply, protocol_->error);
        const auto code = word_at(reply, protocol_->error_code);
        if (code.empty()) return error;
        return {{"code", code}, {"message", error.is_string() ? error.get<std::string>() : word_at(error, "/message")}};
    }

    std::optional<Money> billed(const json& reply) const {
        const auto value = core::number_or(reply, protocol_->billed, NAN) / protocol_->per_dollar;
        if (!(value >= 0 && value < 1e6)) return std::nullopt;
        return Money{std::int64_t(std::llround(value * 1e6))};
    }

    Step<JobState> ready(const std::string& id, const json& reply, const http::Response& response, std::optional<Money> paid) const {
        Ready done;
        done.billed = paid;
        if (!protocol_->clip_base64.empty()) {
            auto clip = api_.clip(word_at(reply, protocol_->clip_base64), response, protocol_->clip_type);
            if (!clip) return clip.error();
            done.clips.push_back(std::move(*clip));
            return JobState{std::move(done)};
        }
        http::Request download;
        if (protocol_->clip_call) {
            auto path = fill(protocol_->clip_call->path, id, reply);
            if (!path) return path.error();
            download = with_headers(api_.request("GET", *path));
        } else {
            std::string url;
            for (const auto& pointer : protocol_->clip_url)
                if (url.empty()) url = word_at(reply, pointer);
            download = api_.fetch(url);
            if (url.empty() || download.url.empty())
                return Error{ErrorKind::provider, fmt::format("{} calls the clip done but names no URL at {}", api_.name(), core::join(protocol_->clip_url, ", "))};
        }
        if (!protocol_->clip_key) download.credential.reset();
        done.clips.emplace_back(std::move(download));
        return JobState{std::move(done)};
    }

    std::string route_;
    Result<Protocol> protocol_;
    JsonApi api_;
};

}  // namespace custom

std::unique_ptr<Backend> make_custom(const Deps& deps) { return std::make_unique<custom::Custom>(deps); }

}  // namespace shotwire::backend
