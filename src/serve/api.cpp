#include "serve/api.hpp"

#include <httplib.h>
#include <openssl/crypto.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

#include "core/files.hpp"
#include "core/text.hpp"
#include "serve/content.hpp"

namespace shotwire::serve {
namespace {

constexpr auto poll_after_ms = "250";
constexpr int default_page = 20, largest_page = 100;
constexpr std::size_t longest_key = 255;

Answer unknown_video(const std::string& id) {
    return answer(ApiError{.status = 404, .message = fmt::format("Video with id '{}' not found.", core::printable(id)), .param = "video_id", .code = "video_not_found"});
}

Answer broken(const Error& error) { return answer(ApiError{.status = 500, .message = error.message, .code = "server_error", .type = "server_error"}); }

// `when` it could be done: a clause.
Answer not_yet(const Job& job, const std::string& when) {
    const auto state = job.status == Job::Status::queued ? "queued" : "in progress";
    return answer(ApiError{.message = fmt::format("Video is {}: {}. Use GET /v1/videos/{} to check its status.", state, when, job.id),
                           .param = "video_id",
                           .code = "video_not_ready"});
}

// None: it is completed.
std::optional<Answer> not_completed(const Job& job, const std::string& wish) {
    if (!job.ended()) return not_yet(job, fmt::format("it can be {} when it is completed", wish));
    if (job.status == Job::Status::completed) return std::nullopt;
    return answer(ApiError{.message = fmt::format("Video failed and cannot be {}: {}", wish, job.error_message), .param = "video_id", .code = "video_failed"});
}

// Faults that take the place of an action.
std::optional<Answer> spoiled(const Fault& fault) {
    const auto& kind = fault.kind;
    if (kind == "429") {
        auto refused = answer(ApiError{.status = 429, .message = "Rate limit reached for requests.", .code = "rate_limit_exceeded", .type = "requests"});
        refused.headers["Retry-After"] = core::print_number(fault.number(1));
        return refused;
    }
    if (kind.size() == 3 && kind[0] == '5') {
        auto refused = answer(ApiError{.status = std::stoi(kind), .message = "The server had an error while processing your request.", .code = "server_error", .type = "server_error"});
        if (!fault.value.empty()) refused.headers["Retry-After"] = core::print_number(fault.number(1));
        return refused;
    }
    if (kind == "expired")
        return answer(ApiError{.status = int(fault.number(404)), .message = "The content of this video has expired.", .param = "video_id", .code = "video_expired"});
    if (kind == "moderation" && fault.value != "job")
        return answer(ApiError{.message = "Your request was blocked by our moderation system.", .param = "prompt", .code = "moderation_blocked"});
    Answer made;
    if (kind == "malformed") made.body = R"({"id": "video_, "object": [video})";
    if (kind == "huge") {
        const std::string head = R"({"id":"video_0","object":"video","padding":")", tail = R"("})";
        const auto bytes = std::size_t(fault.number(100e6));
        made.body = head + std::string(bytes - std::min(bytes, head.size() + tail.size()), 'x') + tail;
    }
    if (made.body.empty() && kind != "reset-before") return std::nullopt;
    return made;
}

Fate fate_of(const std::optional<Fault>& fault) {
    if (!fault) return {};
    if (fault->kind == "stuck") return {.stuck = true, .code = {}, .message = {}};
    if (fault->kind == "failed") return {.stuck = false, .code = fault->value.empty() ? "server_error" : fault->value, .message = "The video could not be generated."};
    if (fault->kind == "moderation") return {.stuck = false, .code = "moderation_blocked", .message = "Your request was blocked by our moderation system."};
    return {};
}

}  // namespace

std::variant<Api::Target, ApiError> Api::target_of(const httplib::Request& request) const {
    const auto parts = core::split(request.path, '/');
    const auto method = request.method == "HEAD" ? "GET" : request.method;
    const auto at = [&](std::size_t i) { return i < parts.size() ? parts[i] : std::string(); };
    const ApiError nowhere{.status = 404, .message = fmt::format("Invalid URL ({} {})", request.method, core::printable(request.path)), .code = "unknown_url"};
    const auto only = [&](std::initializer_list<std::pair<const char*, const char*>> methods) -> std::variant<Target, ApiError> {
        for (const auto& [name, endpoint] : methods)
            if (method == name) return Target{endpoint, at(2)};
        return ApiError{.status = 405, .message = fmt::format("Not allowed to {} on {}.", request.method, core::printable(request.path)), .code = "method_not_supported"};
    };
    if (at(0) != "v1" || parts.size() < 2 || parts.size() > 4) return nowhere;
    if (at(1) == "models" && parts.size() <= 3) return only({{"GET", "models"}});
    if (at(1) != "videos") return nowhere;
    if (parts.size() == 2) return only({{"POST", "create"}, {"GET", "list"}});
    if (parts.size() == 3) return only({{"GET", "retrieve"}, {"DELETE", "delete"}});
    if (at(3) == "content") return only({{"GET", "content"}});
    if (at(3) == "remix") return only({{"POST", "remix"}});
    return nowhere;
}

std::optional<ApiError> Api::check_key(const httplib::Request& request) const {
    if (key_.empty()) return std::nullopt;
    const auto given = request.get_header_value("Authorization");
    if (given.empty())
        return ApiError{.status = 401, .message = "You didn't provide an API key. You need to provide it in an Authorization header using Bearer auth "
                                                  "(i.e. Authorization: Bearer YOUR_KEY)."};
    const auto scheme = std::string_view(given).substr(0, given.find(' '));
    const auto key = core::trim(std::string_view(given).substr(scheme.size()));
    const auto& wanted = key_.expose();
    if (core::equal_fold(scheme, "Bearer") && key.size() == wanted.size() && CRYPTO_memcmp(key.data(), wanted.data(), wanted.size()) == 0) return std::nullopt;
    return ApiError{.status = 401, .message = "Incorrect API key provided.", .code = "invalid_api_key"};
}

Reply Api::handle(const httplib::Request& request) {
    if (auto refused = check_key(request)) return {answer(*refused), {}};
    const auto target = target_of(request);
    if (const auto* wrong = std::get_if<ApiError>(&target)) return {answer(*wrong), {}};
    const auto& known = std::get<Target>(target);
    auto fault = faults_.draw(known.endpoint);
    auto in_place = fault ? spoiled(*fault) : std::nullopt;
    auto made = in_place ? std::move(*in_place) : act(known, request, fault);
    return {std::move(made), std::move(fault)};
}

Answer Api::act(const Target& target, const httplib::Request& request, const std::optional<Fault>& fault) {
    if (target.endpoint == "create") return create(request, fault);
    if (target.endpoint == "remix") return remix(target.id, request, fault);
    if (target.endpoint == "retrieve") return retrieve(target.id);
    if (target.endpoint == "list") return list(request);
    if (target.endpoint == "content") return content(target.id, request);
    if (target.endpoint == "delete") return remove(target.id);
    return models(target.id);
}

Answer Api::create(const httplib::Request& request, const std::optional<Fault>& fault) {
    auto form = read_form(request);
    if (const auto* wrong = std::get_if<ApiError>(&form)) return answer(*wrong);
    const auto fingerprint = "create " + std::get<Form>(form).fingerprint();
    const auto creation = read_creation(std::move(std::get<Form>(form)));
    if (const auto* wrong = std::get_if<ApiError>(&creation)) return answer(*wrong);
    return make(std::get<Creation>(creation), fingerprint, request, fault);
}

Answer Api::remix(const std::string& id, const httplib::Request& request, const std::optional<Fault>& fault) {
    auto source = store_.find(id);
    if (!source) return unknown_video(id);
    if (auto refused = not_completed(*source, "remixed")) return *refused;
    for (std::size_t i = 0; i < source->images.size(); ++i) {
        auto bytes = core::read_file(source->images[i]);
        if (!bytes) return broken(bytes.error());
        source->creation.images[i].bytes = std::move(*bytes);
    }
    auto form = read_form(request);
    if (const auto* wrong = std::get_if<ApiError>(&form)) return answer(*wrong);
    const auto fingerprint = fmt::format("remix {} {}", id, std::get<Form>(form).fingerprint());
    source->creation.remixed_from = id;
    const auto creation = read_remix(std::move(std::get<Form>(form)), std::move(source->creation));
    if (const auto* wrong = std::get_if<ApiError>(&creation)) return answer(*wrong);
    return make(std::get<Creation>(creation), fingerprint, request, fault);
}

Answer Api::make(const Creation& creation, const std::string& fingerprint, const httplib::Request& request, const std::optional<Fault>& fault) {
    std::optional<IdempotencyKey> key;
    if (request.has_header("Idempotency-Key")) {
        key = IdempotencyKey{request.get_header_value("Idempotency-Key"), fingerprint};
        if (key->text.empty() || key->text.size() > longest_key)
            return answer(ApiError{.message = fmt::format("Invalid header 'Idempotency-Key': expected 1 to {} characters.", longest_key),
                                   .param = "Idempotency-Key",
                                   .code = "invalid_value"});
    }
    auto made = store_.create(creation, fate_of(fault), key);
    if (!made) return broken(made.error());
    if (const auto* conflict = std::get_if<KeyConflict>(&*made)) {
        auto refused = answer(ApiError{.status = 409,
                                       .message = conflict->deleted ? "The video that was made with this Idempotency-Key was deleted."
                                                                    : "This Idempotency-Key was used for another request.",
                                       .param = "Idempotency-Key",
                                       .code = conflict->deleted ? "idempotency_key_gone" : "idempotency_key_reused"});
        refused.headers["x-should-retry"] = "false";  // the official SDKs repeat a 409
        return refused;
    }
    const auto& created = std::get<Created>(*made);
    renderer_.wake();
    auto told = retrieve(created.id);
    if (created.replayed) told.headers["Idempotent-Replayed"] = "true";
    return told;
}

Answer Api::retrieve(const std::string& id) const {
    const auto job = store_.find(id);
    if (!job) return unknown_video(id);
    auto told = answer(to_json(*job, store_.expires_at(*job)));
    if (!job->ended()) told.headers["openai-poll-after-ms"] = poll_after_ms;
    return told;
}

Answer Api::list(const httplib::Request& request) const {
    int limit = default_page;
    if (const auto text = request.get_param_value("limit"); request.has_param("limit")) {
        const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), limit);
        if (failed != std::errc() || end != text.data() + text.size() || limit < 0 || limit > largest_page)
            return answer(ApiError{.message = fmt::format("Invalid value for 'limit': '{}'. Expected an integer from 0 to {}.", core::printable(text), largest_page),
                                   .param = "limit",
                                   .code = "invalid_value"});
    }
    const auto order = request.has_param("order") ? request.get_param_value("order") : "desc";
    if (order != "asc" && order != "desc")
        return answer(ApiError{.message = fmt::format("Invalid value: '{}'. Supported values are: 'asc' and 'desc'.", core::printable(order)),
                               .param = "order",
                               .code = "invalid_value"});
    const auto after = request.get_param_value("after");
    if (!after.empty() && !JobStore::is_id(after))
        return answer(ApiError{.message = fmt::format("Invalid value for 'after': '{}' is no video id.", core::printable(after)), .param = "after", .code = "invalid_value"});

    auto ids = store_.ids();
    if (order == "desc") std::reverse(ids.begin(), ids.end());
    json data = json::array();
    bool more = false;
    for (const auto& id : ids) {
        // By order, not by place: the id may have been deleted since.
        if (!after.empty() && (order == "desc" ? id >= after : id <= after)) continue;
        const auto job = store_.find(id);
        if (!job) continue;
        if (int(data.size()) == limit) {
            more = limit > 0;  // an empty page has no last id to go on from
            break;
        }
        data.push_back(to_json(*job, store_.expires_at(*job)));
    }
    const json first = data.empty() ? json() : data.front()["id"], last = data.empty() ? json() : data.back()["id"];
    return answer(json{{"object", "list"}, {"data", std::move(data)}, {"first_id", first}, {"last_id", last}, {"has_more", more}});
}

Answer Api::content(const std::string& id, const httplib::Request& request) const {
    const auto variant = request.has_param("variant") ? request.get_param_value("variant") : "video";
    if (variant != "video" && variant != "thumbnail" && variant != "spritesheet")
        return answer(ApiError{.message = fmt::format("Invalid value: '{}'. Supported values are: 'video', 'thumbnail', and 'spritesheet'.", core::printable(variant)),
                               .param = "variant",
                               .code = "invalid_value"});
    const auto job = store_.find(id);
    if (!job) return unknown_video(id);
    if (auto refused = not_completed(*job, "downloaded")) return *refused;
    if (variant == "video") return answer_file(request, job->clip(), "video/mp4", fmt::format("\"{}\"", job->sha256));
    const auto picture = renderer_.derived(*job, variant);
    if (!picture) return broken(picture.error());
    return answer_file(request, *picture, variant == "thumbnail" ? "image/webp" : "image/jpeg", fmt::format("\"{}-{}\"", job->sha256, variant));
}

Answer Api::remove(const std::string& id) {
    const auto job = store_.find(id);
    if (!job) return unknown_video(id);
    if (!job->ended()) return not_yet(*job, "it can be deleted when it is completed or has failed");
    if (auto removed = store_.remove(*job); !removed) return broken(removed.error());
    return answer(json{{"id", id}, {"object", "video.deleted"}, {"deleted", true}});
}

Answer Api::models(const std::string& id) const {
    const auto describe = [](const std::string& name) { return json{{"id", name}, {"object", "model"}, {"created", 1'759'708'800}, {"owned_by", "shotwire"}}; };
    json data = json::array();
    for (const auto& name : model_names()) {
        if (name == id) return answer(describe(name));
        data.push_back(describe(name));
    }
    if (!id.empty()) return answer(unknown_model(id));
    return answer(json{{"object", "list"}, {"data", std::move(data)}});
}

}  // namespace shotwire::serve
