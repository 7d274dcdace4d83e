#include "backend/json_api.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "http/redirect.hpp"
#include "http/retry.hpp"

namespace shotwire::backend {

struct JsonApi::State {
    std::string base_url, origin;
    std::string name;
    http::Credential credential;
    core::Mask mask;
    Rules rules;
    std::function<core::Wall()> now;
};

namespace {

// The id in a body that cannot be read as a whole: worth telling, never trusted.
std::string id_hint(std::string_view body) {
    auto at = body.find("\"id\"");
    if (at == std::string_view::npos) return {};
    at = body.find_first_not_of(" \t\r\n", at + 4);
    if (at == std::string_view::npos || body[at] != ':') return {};
    at = body.find_first_not_of(" \t\r\n", at + 1);
    if (at == std::string_view::npos || body[at] != '"') return {};
    const auto end = body.find('"', at + 1);
    if (end == std::string_view::npos) return {};  // cut off: the rest of it is not known
    std::string id(body.substr(at + 1, end - at - 1));
    const bool sane = std::all_of(id.begin(), id.end(), [](unsigned char c) { return std::isalnum(c) || std::string_view("-_.:/").find(char(c)) != std::string_view::npos; });
    return sane ? id : std::string();
}

bool surely_refused(int status) {
    switch (status) {
        case 400: case 401: case 402: case 403: case 404: case 405: case 413: case 415: case 422: case 429: return true;
        default: return status >= 300 && status < 400;
    }
}

const JsonApi::Verdict* verdict_of(const std::vector<JsonApi::Verdict>& verdicts, int status, const std::string& code) {
    const auto lower = core::lower(code);
    for (const auto& verdict : verdicts) {
        if (verdict.status && verdict.status != status) continue;
        const auto wanted = core::lower(verdict.code);
        if (wanted.empty() || wanted == lower || (wanted.ends_with('*') && lower.starts_with(wanted.substr(0, wanted.size() - 1)))) return &verdict;
    }
    return nullptr;
}

const char* sentence(const JsonApi::Verdict& verdict) {
    switch (verdict.kind) {
        case ErrorKind::auth: return "{} refuses the key";
        case ErrorKind::rejected: return "{} refuses this content";
        case ErrorKind::rate_limited: return verdict.lasting ? "the balance or quota at {} is used up" : "{} asks to slow down";
        case ErrorKind::usage: return "{} refuses the request";
        case ErrorKind::unknown: return "{} says neither yes nor no to the paid request; it may have been accepted";
        default: return "{} has failed";
    }
}

}  // namespace

JsonApi::JsonApi(const Deps& deps, Rules rules) {
    auto state = std::make_shared<State>();
    state->base_url = deps.base_url;
    state->origin = http::origin_of(deps.base_url);
    const auto host = http::host_of(deps.base_url);
    state->name = deps.route.empty() ? host : fmt::format("{} ({})", core::printable(deps.route), host);
    state->credential = deps.credential;
    state->mask.add(deps.credential.key);
    for (const auto& secret : rules.secrets) state->mask.add(secret);
    state->rules = std::move(rules);
    state->now = deps.now;
    state_ = std::move(state);
}

http::Request JsonApi::request(std::string method, const std::string& path) const {
    http::Request request;
    request.method = std::move(method);
    request.url = state_->base_url + path;
    if (!state_->rules.query.empty()) request.url += (path.find('?') == std::string::npos ? "?" : "&") + state_->rules.query;
    request.headers = {{"Accept", "application/json"}};
    if (!state_->credential.key.empty()) request.credential = state_->credential;
    return request;
}

http::Request JsonApi::request(std::string method, const std::string& path, const json& body) const {
    auto made = request(std::move(method), path);
    made.headers.push_back({"Content-Type", "application/json"});
    made.body = core::dump(body);
    return made;
}

http::Request JsonApi::request(std::string method, const std::string& path, http::Multipart body) const {
    auto made = request(std::move(method), path);
    made.body = std::move(body);
    return made;
}

http::Request JsonApi::fetch(const std::string& url) const {
    http::Request request;
    request.url = http::climbs(url) ? url : http::resolve_url(state_->base_url + "/", url);  // resolved it would climb no more, and be fetched
    const auto origin = http::origin_of(request.url);
    if (origin.empty()) request.url.clear();
    const bool ours = !origin.empty() && origin == state_->origin;
    if (ours && !state_->credential.key.empty()) request.credential = state_->credential;
    return request;
}

const TokenSource* JsonApi::tokens() const { return state_->rules.tokens ? &*state_->rules.tokens : nullptr; }

bool JsonApi::succeeded(const http::Response& response, const Result<json>& body) const {
    if (response.status < 200 || response.status > 299) return false;
    const auto& rule = state_->rules.success;
    if (!rule || !body) return true;
    const auto* value = core::find(*body, rule->first);
    return !value || *value == rule->second;
}

Result<Source> JsonApi::clip(const std::string& text, const http::Response& response, const std::string& media_type) const {
    if (response.spool && response.spool->holds(text)) return Source(Spooled{response.spool, text, media_type});
    const auto comma = text.starts_with("data:") ? text.find(',') : std::string::npos;
    auto bytes = core::from_base64(comma == std::string::npos ? text : text.substr(comma + 1));
    if (!bytes || bytes->empty()) return Error{ErrorKind::provider, "the clip in the answer of " + state_->name + " is not Base64"};
    return Source(Inline{std::move(*bytes), media_type});
}

Error JsonApi::refusal(const http::Response& response, const json& body, bool paid) const {
    const int status = response.status;
    const auto complaint = read_complaint(body, state_->mask);
    const auto said = quote(complaint);
    const auto wait = http::retry_after(response, state_->now());
    const auto& name = state_->name;
    const auto& unsent = state_->rules.unsent;
    const bool promised = std::find(unsent.begin(), unsent.end(), status) != unsent.end();

    if (const auto* verdict = verdict_of(state_->rules.verdicts, status, complaint.code)) {
        Error error{verdict->kind, {}, {}, verdict->lasting};
        if (!verdict->lasting) error.retry_after = wait;
        error.message = fmt::format(fmt::runtime(sentence(*verdict)), name) + (said.empty() ? fmt::format(" ({})", status) : said);
        return error;
    }
    if (paid && !promised && !surely_refused(status)) {
        // The provider keeps a request for each idempotency key: another body under the same key is a mistake of ours.
        const auto code = core::lower(complaint.code);
        if (status == 409 && code.find("idempotency") != std::string::npos && code.find("gone") == std::string::npos)
            return {ErrorKind::bug, fmt::format("{} knows this attempt with another body{}", name, said)};
        return {ErrorKind::unknown, fmt::format("{} answered {} to the paid request; it may have been accepted{}", name, status, said), wait};
    }
    if (promised) return {ErrorKind::rate_limited, fmt::format("{} is busy and created nothing ({}){}", name, status, said), wait};
    if (status >= 300 && status < 400) {
        const auto place = shown(http::without_userinfo(http::resolve_url(response.url, response.header("Location"))));
        return {ErrorKind::provider, fmt::format("{} redirects to {}; requests to an API are not sent elsewhere: set the route's base_url "
                                                 "to the right place", name, place.empty() ? "an unreadable place" : place)};
    }
    if (status >= 400 && status < 500 && status != 401 && refuses_content(complaint))
        return {ErrorKind::rejected, fmt::format("{} refuses this content{}", name, said)};
    if (status == 402 || (status == 429 && purse_is_empty(complaint)))
        return {ErrorKind::rate_limited, fmt::format("the balance or quota at {} is used up{}", name, said), {}, true};
    if (status == 401 || status == 403) {
        const auto& shown = state_->credential.shown;
        const auto key = state_->credential.key.empty() ? "a request without a key" : shown.empty() ? "the key" : "the key in " + shown;
        return {ErrorKind::auth, fmt::format("{} refuses {} ({}){}", name, key, status, said)};
    }
    if (status == 429) return {ErrorKind::rate_limited, fmt::format("{} asks to slow down{}", name, said), wait};
    if (status >= 400 && status < 500 && paid) return {ErrorKind::usage, fmt::format("{} refuses the request ({}){}", name, status, said)};
    return {ErrorKind::provider, fmt::format("{} answered {}{}", name, status, said), wait};
}

Error JsonApi::failure(const std::string& word, const json& error) const {
    const auto complaint = read_complaint(error, state_->mask);
    const auto said = quote(complaint);
    const auto* verdict = verdict_of(state_->rules.verdicts, 0, complaint.code);
    if (refuses_content(complaint) || (verdict && verdict->kind == ErrorKind::rejected))
        return {ErrorKind::rejected, fmt::format("{} refuses this content{}", state_->name, said)};
    return {ErrorKind::provider,
            fmt::format("the job at {} ended as \"{}\"{}", state_->name, shown(word, 40), said.empty() ? ": no reason given" : said)};
}

Step<json> JsonApi::listed(const std::string& path, const std::string& items, const std::string& id, const ListedRow& row) const {
    auto read = [api = *this, items, id, row](const json& reply, const http::Response&) -> Step<json> {
        const auto* list = core::find(reply, items);
        if (!list || !list->is_array())
            return Error{ErrorKind::provider, fmt::format("the list of models of {} has no {}", api.name(), items)};
        json rows = json::object();
        for (const auto& item : *list)
            if (auto name = core::field_or(item, id, ""); !name.empty()) rows[name] = row ? row(item) : json::object();
        return rows;
    };
    auto sample = [items] {
        json made = json::object();
        try {
            made[json::json_pointer(items)] = json::array();
        } catch (const json::exception&) {  // no place of its own: only a dry run is the poorer
        }
        return made;
    };
    return ask<json>(request("GET", path), {.success = std::move(read), .sample = std::move(sample)});
}

const std::string& JsonApi::name() const { return state_->name; }
std::string JsonApi::shown(std::string_view text, std::size_t longest) const { return clean(state_->mask(text), longest); }

Result<json> JsonApi::parse(const http::Response& response) const {
    if (response.body.empty()) return json();
    return core::parse_json(response.body, "the answer of " + state_->name);
}

Error JsonApi::lost(const Error& why, const http::Response& response) const {
    const auto hint = shown(id_hint(std::string_view(response.body).substr(0, 64 << 10)), 100);
    auto message = fmt::format("{} took the paid request ({}) but cannot be understood: {}", state_->name, response.status, why.message);
    if (!hint.empty()) message += fmt::format("; it may be the job {}", hint);
    return {ErrorKind::unknown, std::move(message)};
}

http::Response JsonApi::sample(const http::Request& request, const json& body) {
    return {200, {{"Content-Type", "application/json"}}, core::dump(body), request.url};
}

}  // namespace shotwire::backend
