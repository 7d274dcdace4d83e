#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "backend/complaint.hpp"
#include "backend/token.hpp"

namespace shotwire::backend {

// How to read the answers to one request.
template <class T>
struct Reading {
    // A 2xx with a JSON body; null where the body is empty.
    std::function<Step<T>(const json& reply, const http::Response& response)> success;
    // Any other answer, before the common table looks at it; the body is null where it is no JSON. None: the table decides.
    std::function<std::optional<Step<T>>(const json& reply, const http::Response& response)> refusal = {};
    std::function<json()> sample = {};  // a plausible success, for --dry-run; none: {}
};

// Builds the Asks of a provider that answers in JSON: adds the credential, and turns what is no success into an Error by the
// table of `refusal`. What fails after a paid request went out is `unknown` unless the answer says that nothing was created.
// Copies share their state; the Asks hold it, so they outlive the backend that made them.
class JsonApi {
public:
    // What one of the provider's own words means, where the common table does not know it.
    struct Verdict {
        int status = 0;         // 0: any
        std::string code = {};  // of the complaint, in any case; "Output*" by its beginning; empty: any
        ErrorKind kind = ErrorKind::provider;
        bool lasting = false;  // rate_limited: the purse is empty
    };
    struct Rules {
        std::vector<int> unsent = {};  // statuses, 503 say, by which this provider promises that nothing was created
        std::string query = {};        // on every URL: "api-version=preview"
        std::vector<Verdict> verdicts = {};         // the first that fits, before the common table
        std::optional<TokenSource> tokens = {};     // where the key itself is not what requests carry
        std::vector<core::Key> secrets = {};        // parts of the key that alone must not be told either
        // {pointer, value}: a 2xx is a success only with that value there ("/code", 0); where nothing stands there it is one.
        std::optional<std::pair<std::string, json>> success = {};
    };
    explicit JsonApi(const Deps& deps) : JsonApi(deps, Rules{}) {}
    JsonApi(const Deps& deps, Rules rules);

    // A request to a path below the base URL, credential included.
    http::Request request(std::string method, const std::string& path) const;
    http::Request request(std::string method, const std::string& path, const json& body) const;
    http::Request request(std::string method, const std::string& path, http::Multipart body) const;
    // A GET of a URL that the provider gave (relative ones too); the credential goes along only to the base URL's own origin.
    // Its URL is empty where that is no http(s) URL.
    http::Request fetch(const std::string& url) const;

    template <class T>
    Step<T> ask(http::Request request, Reading<T> reading) const;

    // What a complete answer that is no success means; `body` is null where it is no JSON.
    Error refusal(const http::Response& response, const json& body, bool paid) const;
    // What a job that ended under that word says of its error: rejected (also by a verdict without a status) or provider.
    Error failure(const std::string& word, const json& error) const;

    // A clip in the answer: Base64 text, or the spool's mark of one. Errors: provider.
    Result<Source> clip(const std::string& text, const http::Response& response, const std::string& media_type) const;

    // The models that a GET of `path` lists: rows by id, of which `row` (none: nothing) makes what the item at `items` tells.
    // Errors: provider, for an answer without that list.
    using ListedRow = std::function<json(const json& item)>;
    Step<json> listed(const std::string& path, const std::string& items, const std::string& id, const ListedRow& row = {}) const;

    const std::string& name() const;  // of the provider, for sentences: "openai (api.openai.com)"
    std::string shown(std::string_view text, std::size_t longest = 300) const;  // masked, then cleaned

private:
    template <class T>
    using Kept = std::shared_ptr<const Reading<T>>;  // by all that a conversation consists of
    template <class T>
    using Refused = std::function<std::optional<Step<T>>()>;
    template <class T>
    Step<T> send(http::Request request, Kept<T> reading, Refused<T> key_refused) const;
    template <class T>
    Step<T> send_with_token(http::Request request, Kept<T> reading, int tokens_refused) const;
    const TokenSource* tokens() const;
    bool succeeded(const http::Response& response, const Result<json>& body) const;
    Result<json> parse(const http::Response& response) const;
    Error lost(const Error& why, const http::Response& response) const;
    static http::Response sample(const http::Request& request, const json& body);

    struct State;
    std::shared_ptr<const State> state_;
};

template <class T>
Step<T> JsonApi::ask(http::Request request, Reading<T> reading) const {
    auto kept = std::make_shared<const Reading<T>>(std::move(reading));
    if (tokens() && request.credential) return send_with_token<T>(std::move(request), std::move(kept), 0);
    return send<T>(std::move(request), std::move(kept), {});
}

// `key_refused` is told of each 401, and may begin anew.
template <class T>
Step<T> JsonApi::send(http::Request request, Kept<T> reading, Refused<T> key_refused) const {
    auto then = [api = *this, paid = request.paid, reading, key_refused = std::move(key_refused)](const http::Response& response) -> Step<T> {
        if (key_refused && response.status == 401)
            if (auto step = key_refused()) return std::move(*step);
        auto body = api.parse(response);
        if (!api.succeeded(response, body)) {
            const json reply = body ? std::move(*body) : json();
            if (reading->refusal)
                if (auto step = reading->refusal(reply, response)) return std::move(*step);
            return api.refusal(response, reply, paid);
        }
        if (!body) return paid ? api.lost(body.error(), response) : body.error();
        auto step = reading->success(*body, response);
        const auto* error = std::get_if<Error>(&step);
        if (error && paid) return api.lost(*error, response);
        return step;
    };
    auto answer = [reading](const http::Request& asked) { return sample(asked, reading->sample ? reading->sample() : json::object()); };
    return http::Ask<T>{std::move(request), std::move(then), std::move(answer)};
}

template <class T>
Step<T> JsonApi::send_with_token(http::Request request, Kept<T> reading, int tokens_refused) const {
    auto send_with = [api = *this, request = std::move(request), reading = std::move(reading), tokens_refused](const core::Key& token) -> Step<T> {
        // It may have been taken back before its time. Nothing was created, but what is paid is sent once.
        auto key_refused = [api, request, reading, tokens_refused]() -> std::optional<Step<T>> {
            api.tokens()->drop();
            if (request.paid || tokens_refused > 0) return std::nullopt;
            return api.send_with_token<T>(request, reading, tokens_refused + 1);
        };
        auto sent = request;
        sent.credential->key = token;
        return api.send<T>(std::move(sent), reading, std::move(key_refused));
    };
    return http::and_then<T, core::Key>(tokens()->token(), std::move(send_with));
}

}  // namespace shotwire::backend
