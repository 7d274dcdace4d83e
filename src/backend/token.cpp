#include "backend/token.hpp"

namespace shotwire::backend {

struct TokenSource::State {
    Maker make;
    std::function<core::Wall()> now;
    Token kept;
};

TokenSource::TokenSource(Maker make, std::function<core::Wall()> now)
    : state_(std::make_shared<State>(State{std::move(make), std::move(now), {}})) {}

Step<core::Key> TokenSource::token() const {
    const auto now = state_->now();
    if (!state_->kept.key.empty() && now + std::chrono::minutes(5) < state_->kept.ends) return state_->kept.key;
    return http::and_then<core::Key, Token>(state_->make(now), [state = state_](const Token& made) -> Step<core::Key> {
        state->kept = made;
        return made.key;
    });
}

void TokenSource::drop() const { state_->kept = {}; }

}  // namespace shotwire::backend
