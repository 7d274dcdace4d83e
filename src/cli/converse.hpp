#pragma once
#include <atomic>
#include <chrono>
#include <optional>

#include "cli/interrupt.hpp"
#include "http/curl_client.hpp"
#include "http/step.hpp"

namespace shotwire::cli {

// A conversation that costs nothing, to its end; half a minute for each answer. Errors: what it ends with, network, and cancelled where
// the user interrupted it.
template <class T>
Result<T> carry_out(http::Step<T> step, http::CurlClient& client, Interrupt& interrupt) {
    struct Wake : Interrupt::Listener {
        explicit Wake(http::Loop& loop) : loop(loop) {}
        void interrupted() noexcept override {
            raised = true;
            loop.wake();
        }
        http::Loop& loop;
        std::atomic<bool> raised = false;
    };
    Wake wake(client);
    const Interrupt::Listening listening(interrupt, wake);
    while (const auto* ask = http::ask(step)) {
        auto request = ask->request;
        request.timeout = std::chrono::seconds(30);
        std::optional<Result<http::Response>> answer;
        const auto ticket = client.send(std::move(request), [&](Result<http::Response> came) { answer = std::move(came); });
        client.run([&] { return answer.has_value() || wake.raised; });
        if (!answer) {
            client.cancel(ticket);
            return Error{ErrorKind::cancelled, "interrupted while a provider was asked; nothing was ordered"};
        }
        if (!*answer) return answer->error();
        const auto then = ask->then;
        step = then(**answer);
    }
    return http::outcome(std::move(step));
}

}  // namespace shotwire::cli
