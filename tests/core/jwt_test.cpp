#include "core/jwt.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>

#include "core/text.hpp"

using namespace shotwire;
using core::Key;

namespace {

std::string plain(std::string text) {
    std::replace(text.begin(), text.end(), '-', '+');
    std::replace(text.begin(), text.end(), '_', '/');
    return core::from_base64(text).value();
}

struct RsaPair {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_RSA_gen(2048), EVP_PKEY_free};
    std::string pem() const {
        const std::unique_ptr<BIO, decltype(&BIO_free_all)> out(BIO_new(BIO_s_mem()), BIO_free_all);
        PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
        char* bytes = nullptr;
        const auto length = BIO_get_mem_data(out.get(), &bytes);
        return {bytes, std::size_t(length)};
    }
};

}  // namespace

TEST_CASE("an HS256 token is the one that another implementation makes") {
    // Python: hmac.new(secret, header + b"." + claims, hashlib.sha256)
    CHECK(core::hs256({{"iss", "joe"}}, "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ") ==
          "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJqb2UifQ.Vb8pQNh6BxeNUidEDDRNgOXSE7_yewbHikgPT_WjyWs");
}

TEST_CASE("an RS256 token is verified by the public half of the key") {
    const RsaPair pair;
    const auto token = core::rs256({{"iss", "robot@example"}}, Key(pair.pem()), "kid-1");
    REQUIRE(token);
    const auto text = token->expose();
    const auto last = text.rfind('.');
    const auto signature = plain(text.substr(last + 1));
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    REQUIRE(EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, pair.key.get()) == 1);
    CHECK(EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                           reinterpret_cast<const unsigned char*>(text.data()), last) == 1);
    CHECK(json::parse(plain(core::split(text, '.')[0])) == json{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", "kid-1"}});
}

TEST_CASE("what is no RSA key in PEM form is told without a word of it") {
    for (const char* text : {"", "sekret", "-----BEGIN PRIVATE KEY-----\nc2VrcmV0\n-----END PRIVATE KEY-----\n"}) {
        const auto token = core::rs256(json::object(), Key(text));
        REQUIRE_FALSE(token);
        CHECK(token.error().kind == ErrorKind::auth);
        CHECK(token.error().message.find("sekret") == std::string::npos);
    }
}
