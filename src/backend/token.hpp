#pragma once
#include <functional>
#include <memory>
#include <string>

#include "backend/backend.hpp"

namespace shotwire::backend {

// Credentials that live for a while and are made from a lasting secret. One for each backend; its copies share what is cached, in
// memory alone. A token is renewed five minutes before its end; of two requests that need one at once each gets one of its own.
class TokenSource {
public:
    struct Token {
        core::Key key;
        core::Wall ends{};
    };
    // Makes a new one: at once, or by a request of its own. Errors: auth, network.
    using Maker = std::function<Step<Token>(core::Wall now)>;
    TokenSource(Maker make, std::function<core::Wall()> now);

    Step<core::Key> token() const;
    void drop() const;  // it was refused: the next one is made anew

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace shotwire::backend
