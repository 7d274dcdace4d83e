// The token endpoint of a fake checks an assertion as Google's does; signed here without the code under test.
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <catch2/catch.hpp>

#include "conformance/orders.hpp"
#include "core/text.hpp"

using namespace shotwire;
using namespace shotwire::test;

namespace {

json service_contract() {
    return json::parse(R"({
      "base": "/v1", "order": {"model": "m", "prompt": "a boat", "seconds": 5},
      "auth": {"header": "Authorization", "prefix": "Bearer ", "scheme": "service-account", "token_path": "/token", "scope": "https://scope.example/all",
               "seconds": 600},
      "endpoints": [
        {"name": "create", "method": "POST", "path": "/jobs", "paid": true, "states": "done", "bodies": {"application/json": "Job"}},
        {"name": "token", "method": "POST", "path": "/token", "root": true, "auth": "none", "bodies": {"application/x-www-form-urlencoded": "Assertion"},
         "answer": "token"}
      ],
      "schemas": {"Job": {"type": "object", "open": "a small one"},
                  "Assertion": {"type": "object", "required": ["grant_type", "assertion"], "additionalProperties": false,
                                "properties": {"grant_type": {"type": "string"}, "assertion": {"type": "string"}}}},
      "job": {"id": "${id}"}, "states": [{"name": "done", "means": "ready"}], "errors": [{"name": "no", "status": 401, "body": {}}],
      "refusals": {"key": "no", "method": "no", "type": "no", "body": "no", "query": "no", "id": "no", "early": "no"}, "stories": {}
    })");
}

std::string to_base64url(std::string_view bytes) {
    auto text = core::base64(bytes);
    while (text.ends_with('=')) text.pop_back();
    for (auto& letter : text) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
    return text;
}

std::string rs256_by_hand(const json& claims, const std::string& pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_mem_buf(pem.data(), int(pem.size())), BIO_free);
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr), EVP_PKEY_free);
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    const auto part = to_base64url(R"({"alg":"RS256","typ":"JWT"})") + "." + to_base64url(claims.dump());
    std::size_t length = 0;
    EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get());
    EVP_DigestSign(context.get(), nullptr, &length, reinterpret_cast<const unsigned char*>(part.data()), part.size());
    std::string signature(length, '\0');
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, reinterpret_cast<const unsigned char*>(part.data()), part.size());
    return part + "." + to_base64url(signature);
}

}  // namespace

TEST_CASE("a fake with service accounts hands a token out for a signed assertion, and wants it") {
    FakeProvider provider(service_contract(), "it");
    const auto account = json::parse(deps_of(provider.contract()).credential.key.expose());
    CHECK(account["token_uri"] == "https://api.studio.example/token");
    const auto now = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch()).count();
    const json claims{{"iss", account["client_email"]}, {"aud", account["token_uri"]}, {"scope", "https://scope.example/all"}, {"iat", now}, {"exp", now + 3600}};

    const auto exchange = [&](const json& over) {
        auto changed = claims;
        changed.merge_patch(over);
        http::Request request{.method = "POST", .url = account["token_uri"]};
        request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
        request.body = "grant_type=" + core::url_encode("urn:ietf:params:oauth:grant-type:jwt-bearer") + "&assertion=" + rs256_by_hand(changed, account["private_key"]);
        return provider.answer(see(request));
    };
    const auto create = [&](const std::string& token) {
        http::Request request{.method = "POST", .url = "https://api.studio.example/v1/jobs"};
        request.headers = {{"Content-Type", "application/json"}, {"Authorization", "Bearer " + token}};
        request.body = "{}";
        return provider.answer(see(request)).status;
    };
    for (const auto& wrong : {json{{"iss", "x"}}, json{{"aud", "https://elsewhere.example"}}, json{{"scope", ""}}, json{{"exp", now - 1}},
                              json{{"exp", now + 7200}}, json{{"iat", now - 4000}}, json{{"exp", nullptr}}}) {
        CAPTURE(wrong.dump());
        CHECK(exchange(wrong).status == 401);
    }
    const auto first = json::parse(exchange(json::object()).body);
    CHECK(first["expires_in"] == 600);
    CHECK(create(first["access_token"]) == 200);
    CHECK(create("another") == 401);
    CHECK(create(account["private_key_id"]) == 401);
    provider.revoke_tokens();
    CHECK(create(first["access_token"]) == 401);
    const auto second = json::parse(exchange(json::object()).body);
    CHECK(second["access_token"] != first["access_token"]);
    CHECK(create(second["access_token"]) == 200);
    CHECK(create(plain_key) == 200);
    CHECK(provider.leaks().empty());
}
