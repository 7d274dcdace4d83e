#pragma once
#include <string>

#include "backend/backend.hpp"
#include "backend/token.hpp"

namespace shotwire::backend::google {

// The JSON key file of a service account.
struct ServiceAccount {
    std::string email;
    std::string project;
    std::string token_uri;
    std::string key_id;
    core::Key pem;
    std::string shown;  // where it was found, for sentences
};

// From the credential's key. The token's address may only be Google's, this machine's or the base URL's own. Errors: auth.
Result<ServiceAccount> read_service_account(const Deps& deps);

// An OAuth token of an hour in exchange for an assertion that the account's key signed (RFC 7523). Errors: auth, rate_limited, network.
Step<TokenSource::Token> exchange(const ServiceAccount& account, core::Wall now);

}  // namespace shotwire::backend::google
