#pragma once
#include <functional>
#include <variant>

#include "http/message.hpp"
#include "shotwire/result.hpp"

namespace shotwire::http {

// A conversation with a provider as a value: its outcome, or the next request and what to make of the answer.
// Whoever holds it decides how to carry it out: the runner over curl, a test from a script, --dry-run not at all.
template <class T>
struct Step;

template <class T>
struct Ask {
    Request request;  // at most one of a conversation is .paid
    std::function<Step<T>(const Response&)> then;
    std::function<Response(const Request&)> sample = {};  // makes a plausible answer; none: an empty one

    Response sampled() const { return sample ? sample(request) : Response{}; }  // with which --dry-run and golden tests walk on to the next request
};

template <class T>
struct Step : std::variant<T, Error, Ask<T>> {
    using std::variant<T, Error, Ask<T>>::variant;
};

template <class T>
const Ask<T>* ask(const Step<T>& step) {
    return std::get_if<Ask<T>>(&step);
}

// The outcome of a step that asks nothing more.
template <class T>
Result<T> outcome(Step<T> step) {
    if (auto* value = std::get_if<T>(&step)) return std::move(*value);
    if (auto* error = std::get_if<Error>(&step)) return std::move(*error);
    return Error{ErrorKind::bug, "the conversation is not over"};
}

// One conversation after another: `next` gets the outcome of the first and begins the second.
template <class B, class A>
Step<B> and_then(Step<A> first, std::function<Step<B>(const A&)> next) {
    if (auto* error = std::get_if<Error>(&first)) return std::move(*error);
    if (auto* value = std::get_if<A>(&first)) return next(*value);
    auto& asked = std::get<Ask<A>>(first);
    auto then = [then = std::move(asked.then), next = std::move(next)](const Response& response) -> Step<B> {
        return and_then<B, A>(then(response), next);
    };
    return Ask<B>{std::move(asked.request), std::move(then), std::move(asked.sample)};
}

}  // namespace shotwire::http
