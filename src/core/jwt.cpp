#include "core/jwt.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <memory>

#include "core/text.hpp"

namespace shotwire::core {
namespace {

template <auto F>
struct Release {
    void operator()(auto* pointer) const noexcept { F(pointer); }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Digest = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;

std::string unsigned_token(const char* algorithm, const json& claims, const std::string& key_id = "") {
    json header{{"alg", algorithm}, {"typ", "JWT"}};
    if (!key_id.empty()) header["kid"] = key_id;
    return base64url(dump(header)) + "." + base64url(dump(claims));
}

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string base64url(std::string_view bytes) {
    auto text = base64(bytes);
    while (text.ends_with('=')) text.pop_back();
    for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
    return text;
}

std::string hs256(const json& claims, std::string_view secret) {
    const auto token = unsigned_token("HS256", claims);
    unsigned char signature[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    HMAC(EVP_sha256(), secret.data(), int(secret.size()), bytes_of(token), token.size(), signature, &length);
    return token + "." + base64url({reinterpret_cast<const char*>(signature), length});
}

Result<Key> rs256(const json& claims, const Key& pem, const std::string& key_id) {
    const Bio text(BIO_new_mem_buf(pem.expose().data(), int(pem.expose().size())));
    const PrivateKey key(PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return Error{ErrorKind::auth, "the private key is no RSA key in PEM form"};
    const auto token = unsigned_token("RS256", claims, key_id);
    const Digest digest(EVP_MD_CTX_new());
    std::size_t length = 0;
    std::string signature;
    if (EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
        EVP_DigestSign(digest.get(), nullptr, &length, bytes_of(token), token.size()) == 1) {
        signature.resize(length);
        if (EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, bytes_of(token), token.size()) == 1)
            return Key(token + "." + base64url(std::string_view(signature).substr(0, length)));
    }
    return Error{ErrorKind::auth, "the private key cannot sign"};
}

}  // namespace shotwire::core
