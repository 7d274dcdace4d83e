#include "support/fake_tokens.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <spdlog/fmt/fmt.h>

#include <chrono>
#include <memory>
#include <optional>

#include "core/text.hpp"

namespace shotwire::test {
namespace {

// One key pair for the whole process: making it takes longer than a test.
EVP_PKEY* service_key() {
    static const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(EVP_RSA_gen(2048), EVP_PKEY_free);
    return key.get();
}

std::string service_pem() {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    PEM_write_bio_PKCS8PrivateKey(out.get(), service_key(), nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const auto length = BIO_get_mem_data(out.get(), &data);
    return {data, std::size_t(length)};
}

constexpr const char* service_email = "robot@studio.iam.gserviceaccount.example";

struct Jwt {
    std::string signed_part, signature;
    json header, claims;
};

std::optional<std::string> from_base64url(std::string text) {
    for (auto& letter : text) {
        if (letter == '+' || letter == '/' || letter == '=') return std::nullopt;
        if (letter == '-') letter = '+';
        if (letter == '_') letter = '/';
    }
    return core::from_base64(text);
}

std::optional<Jwt> read_jwt(const std::string& token) {
    const auto parts = core::split(token, '.');
    if (parts.size() != 3) return std::nullopt;
    const auto header = from_base64url(parts[0]), claims = from_base64url(parts[1]), signature = from_base64url(parts[2]);
    if (!header || !claims || !signature) return std::nullopt;
    Jwt jwt{parts[0] + "." + parts[1], *signature, json::parse(*header, nullptr, false), json::parse(*claims, nullptr, false)};
    if (!jwt.header.is_object() || !jwt.claims.is_object()) return std::nullopt;
    return jwt;
}

// A time in seconds; 0 where it is none.
std::int64_t time_of(const Jwt& jwt, const char* claim) {
    const json value = jwt.claims.value(claim, json());
    return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool signed_by_service(const Jwt& jwt) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto bytes = [](const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); };
    return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, service_key()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(jwt.signature), jwt.signature.size(), bytes(jwt.signed_part), jwt.signed_part.size()) == 1;
}

}  // namespace

std::string credential_text(const json& auth, const std::string& origin) {
    const auto scheme = auth.value("scheme", "key");
    if (scheme == "none") return {};
    if (scheme == "pair-jwt") return fmt::format("{}:{}", access_key, plain_key);
    if (scheme != "service-account") return plain_key;
    return json{{"type", "service_account"},
                {"project_id", "studio"},
                {"private_key_id", "key-1"},
                {"private_key", service_pem()},
                {"client_email", service_email},
                {"token_uri", origin + auth.at("token_path").get<std::string>()}}
        .dump();
}

std::vector<std::string> secrets_of(const json& auth) {
    if (auth.value("scheme", "key") != "service-account") return {plain_key};
    const auto pem = service_pem();
    return {plain_key, pem.substr(pem.find('\n') + 1, 40)};
}

std::string fault_of_pair_jwt(const std::string& token) {
    const auto jwt = read_jwt(token);
    if (!jwt) return "the token is no JWT";
    if (jwt->header != json{{"alg", "HS256"}, {"typ", "JWT"}}) return "the JWT's header is " + jwt->header.dump();
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    const std::string secret = plain_key;
    HMAC(EVP_sha256(), secret.data(), int(secret.size()), reinterpret_cast<const unsigned char*>(jwt->signed_part.data()), jwt->signed_part.size(), digest,
         &length);
    if (jwt->signature != std::string(reinterpret_cast<char*>(digest), length)) return "the JWT is not signed with the secret key";
    if (jwt->claims.value("iss", json()) != access_key) return "iss is not the access key";
    const auto now = seconds_now();
    if (time_of(*jwt, "nbf") > now) return "the JWT is not valid yet";
    if (const auto end = time_of(*jwt, "exp"); end <= now || end > now + 1800 + 5) return "the JWT ends too early or too late";
    return {};
}

std::string fault_of_assertion(const json& form, const json& auth, const std::string& origin) {
    if (form.value("grant_type", json()) != "urn:ietf:params:oauth:grant-type:jwt-bearer") return "grant_type is not jwt-bearer";
    const json assertion = form.value("assertion", json());
    const auto jwt = assertion.is_string() ? read_jwt(assertion) : std::nullopt;
    if (!jwt) return "the assertion is no JWT";
    if (jwt->header.value("alg", json()) != "RS256" || jwt->header.value("typ", json("JWT")) != "JWT") return "the assertion's header is " + jwt->header.dump();
    if (!signed_by_service(*jwt)) return "the assertion is not signed with the service account's key";
    if (jwt->claims.value("iss", json()) != service_email) return "iss is not the account's client_email";
    if (jwt->claims.value("aud", json()) != origin + auth.at("token_path").get<std::string>()) return "aud is not the token_uri";
    if (jwt->claims.value("scope", json()) != auth.at("scope")) return "scope is not " + auth.at("scope").dump();
    const auto now = seconds_now(), start = time_of(*jwt, "iat"), end = time_of(*jwt, "exp");
    if (start > now + 5 || start < now - 300) return "iat is not now";
    if (end <= now || end > start + 3600) return "exp is not within an hour";
    return {};
}

}  // namespace shotwire::test
