#pragma once
#include <optional>
#include <string>

#include "core/secrets.hpp"
#include "serve/answer.hpp"
#include "serve/fault.hpp"
#include "serve/job_store.hpp"
#include "serve/renderer.hpp"

namespace httplib {
struct Request;
}

namespace shotwire::serve {

// An answer and the fault with which it is to be sent.
struct Reply {
    Answer answer;
    std::optional<Fault> fault;
};

// The OpenAI Videos protocol: a request to its answer. Safe to call from many threads.
class Api {
public:
    Api(JobStore& store, Renderer& renderer, FaultPlan& faults, core::Key key)
        : store_(store), renderer_(renderer), faults_(faults), key_(std::move(key)) {}
    Reply handle(const httplib::Request& request);

private:
    struct Target {
        std::string endpoint;  // as in Fault::endpoint
        std::string id;
    };
    std::variant<Target, ApiError> target_of(const httplib::Request& request) const;
    std::optional<ApiError> check_key(const httplib::Request& request) const;
    Answer act(const Target& target, const httplib::Request& request, const std::optional<Fault>& fault);

    Answer create(const httplib::Request& request, const std::optional<Fault>& fault);
    Answer remix(const std::string& id, const httplib::Request& request, const std::optional<Fault>& fault);
    Answer make(const Creation& creation, const std::string& fingerprint, const httplib::Request& request, const std::optional<Fault>& fault);
    Answer retrieve(const std::string& id) const;
    Answer list(const httplib::Request& request) const;
    Answer content(const std::string& id, const httplib::Request& request) const;
    Answer remove(const std::string& id);
    Answer models(const std::string& id) const;

    JobStore& store_;
    Renderer& renderer_;
    FaultPlan& faults_;
    core::Key key_;
};

}  // namespace shotwire::serve
