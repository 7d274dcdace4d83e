#pragma once
#include <string>
#include <string_view>

#include "core/json.hpp"
#include "core/secrets.hpp"

namespace shotwire::core {

// JSON Web Tokens (RFC 7519), signed: header, claims and signature in base64url.
std::string hs256(const json& claims, std::string_view secret);
// `pem`: a private RSA key (PKCS #1 or #8). Errors: auth, without a word of the key.
Result<Key> rs256(const json& claims, const Key& pem, const std::string& key_id = "");

std::string base64url(std::string_view bytes);  // RFC 4648 section 5, without padding

}  // namespace shotwire::core
