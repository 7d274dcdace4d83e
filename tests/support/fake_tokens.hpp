#pragma once
#include <string>
#include <vector>

#include "core/json.hpp"

namespace shotwire::test {

// Credentials as a provider checks them, by the "scheme" of a contract's "auth": "key" (the default), "pair-jwt", "service-account", "none".
inline constexpr const char* plain_key = "sekret-key-0123456789";
inline constexpr const char* access_key = "access-key-0123456789";  // pair-jwt: "ACCESS:SECRET"

// What the user of such a provider has in the variable of his key.
std::string credential_text(const json& auth, const std::string& origin);
// Parts of it that nobody but the provider may see.
std::vector<std::string> secrets_of(const json& auth);

// Why the provider refuses; empty: it does not.
std::string fault_of_pair_jwt(const std::string& token);
// The form that asks for a token in exchange for an assertion, signed by the key of the service account.
std::string fault_of_assertion(const json& form, const json& auth, const std::string& origin);

}  // namespace shotwire::test
