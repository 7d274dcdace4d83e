#pragma once
#include <catch2/catch.hpp>
#include <optional>
#include <string>
#include <vector>

#include "http/weakened.hpp"
#include "support/raw_server.hpp"

namespace shotwire::test {

// A client of production and a folder for what it trusts.
class Exchange {
public:
    explicit Exchange(http::CurlOptions options = {}, http::Weakened weakened = {})
        : client(http::make_curl_client(std::move(options), weakened)) {}

    void trust(const RawServer& server, const std::string& host = "127.0.0.1") {
        auto path = folder.path() / (std::to_string(server.port()) + ".pem");
        server.certificate().save(path);
        client->trust(server.origin(host), path);
    }
    Result<http::Response> operator()(http::Request request) {
        std::optional<Result<http::Response>> result;
        client->send(std::move(request), [&](Result<http::Response> response) { result = std::move(response); });
        client->run([&] { return result.has_value(); });
        REQUIRE(result.has_value());
        return *result;
    }

    core::TemporaryFolder folder;
    std::unique_ptr<http::CurlClient> client;
};

inline http::Request get(std::string url) { return {.url = std::move(url)}; }
inline http::Request paid_post(std::string url, std::string body = R"({"prompt":"x"})") {
    return {
        .method = "POST", .url = std::move(url), .headers = {{"Content-Type", "application/json"}}, .body = std::move(body), .paid = true};
}

}  // namespace shotwire::test
