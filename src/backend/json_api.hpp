#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "backend/backend.hpp"
#include "backend/complaint.hpp"

namespace shotwire::backend {

// How to read the answers to one request.
template <class T>
struct Reading {
    // A 2xx with a JSON body.
    std::function<Step<T>(const json& reply, const http::Response& response)> success;
    // Any other answer, before the common table looks at it; the body is null where it is no JSON. None: the table decides.
    std::function<std::optional<Step<T>>(const json& reply, const http::Response& response)> refusal = {};
    json sample = json::object();  // for --dry-run
};

// Builds the Asks of a provider that answers in JSON: adds the credential, and turns what is no success into an Error by the
// table of `refusal`. What fails after a paid request went out is `unknown` unless the answer says that nothing was created.
// Copies share their state; the Asks hold it, so they outlive the backend that made them.
class JsonApi {
public:
    struct Rules {
        std::vector<int> unsent = {};  // statuses, 503 say, by which this provider promises that nothing was created
        std::string query = {};        // on every URL: "api-version=preview"
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
    // What a job that ended under that word says of its error: rejected or provider.
    Error failure(const std::string& word, const json& error) const;

    const std::string& name() const;  // of the provider, for sentences: "openai (api.openai.com)"
    std::string shown(std::string_view text, std::size_t longest = 300) const;  // masked, then cleaned

private:
    Result<json> parse(const http::Response& response) const;
    Error lost(const Error& why, const http::Response& response) const;
    http::Response sample(const http::Request& request, const json& body) const;

    struct State;
    std::shared_ptr<const State> state_;
};

template <class T>
Step<T> JsonApi::ask(http::Request request, Reading<T> reading) const {
    auto answer = sample(request, reading.sample);
    auto then = [api = *this, paid = request.paid, reading = std::move(reading)](const http::Response& response) -> Step<T> {
        auto body = api.parse(response);
        if (response.status < 200 || response.status > 299) {
            const json reply = body ? std::move(*body) : json();
            if (reading.refusal)
                if (auto step = reading.refusal(reply, response)) return std::move(*step);
            return api.refusal(response, reply, paid);
        }
        if (!body) return paid ? api.lost(body.error(), response) : body.error();
        auto step = reading.success(*body, response);
        const auto* error = std::get_if<Error>(&step);
        if (error && paid) return api.lost(*error, response);
        return step;
    };
    return http::Ask<T>{std::move(request), std::move(then), std::move(answer)};
}

}  // namespace shotwire::backend
