#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <catch2/catch.hpp>

#include "running.hpp"

using namespace running;

namespace {

// A connection on which bytes are sent as they stand.
class Raw {
public:
    explicit Raw(const Running& running) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const auto url = running.server->url();
        const timeval patience{5, 0};
        ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(std::uint16_t(std::stoi(url.substr(url.rfind(':') + 1))));
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
        SSL_set_fd(ssl_.get(), fd_.get());
        REQUIRE(SSL_connect(ssl_.get()) == 1);
    }
    void send(const std::string& bytes) { REQUIRE(SSL_write(ssl_.get(), bytes.data(), int(bytes.size())) == int(bytes.size())); }
    // Up to the end of the first body, which is a line of JSON.
    std::string answer() {
        std::string got;
        while (!got.ends_with("}") && read(got)) continue;
        return got;
    }
    std::string all() {
        std::string got;
        while (read(got)) continue;
        return got;
    }

private:
    bool read(std::string& got) {
        char buffer[4096];
        const int count = SSL_read(ssl_.get(), buffer, sizeof buffer);
        if (count > 0) got.append(buffer, std::size_t(count));
        return count > 0;
    }

    core::Fd fd_;
    std::unique_ptr<SSL_CTX, void (*)(SSL_CTX*)> context_{SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
    std::unique_ptr<SSL, void (*)(SSL*)> ssl_{SSL_new(context_.get()), SSL_free};
};

std::string answer_to(const Running& running, const std::string& bytes) {
    Raw raw(running);
    raw.send(bytes);
    return raw.answer();
}

int count(const std::string& text, const std::string& words) {
    int found = 0;
    for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
    return found;
}

}  // namespace

TEST_CASE("a request that announces no body has none, and is answered at once") {
    Running running;
    struct Row {
        std::string method, path, headers, status, says;
    };
    const auto row = GENERATE(values<Row>({{"POST", "/v1/videos", "", "400", "'prompt'"},
                                           {"POST", "/v1/videos", "Content-Type: application/json\r\n", "400", "'prompt'"},
                                           {"POST", "/v1/videos", "Content-Length: 0\r\n", "400", "'prompt'"},
                                           {"PUT", "/v1/videos", "", "405", "method_not_supported"},
                                           {"PATCH", "/v1/videos/video_1", "", "405", "method_not_supported"},
                                           {"POST", "/v1/videos/video_1/remix", "", "404", "video_not_found"},
                                           {"POST", "/v1/nothing", "", "404", "unknown_url"},
                                           {"POST", "/other", "", "404", "Invalid URL"},
                                           {"POST", "/v1/videos", "Transfer-Encoding: gzip\r\n", "501", "Transfer-Encoding"}}));
    CAPTURE(row.method, row.path, row.headers);
    const auto told = answer_to(running, row.method + " " + row.path + " HTTP/1.1\r\nHost: localhost\r\n" + row.headers + "\r\n");
    CAPTURE(told);
    CHECK(told.starts_with("HTTP/1.1 " + row.status));
    CHECK(told.find(row.says) != std::string::npos);
    CHECK((told.find("Connection: close") != std::string::npos) == (row.status == "501" || row.path == "/other"));
    const auto body = json::parse(told.substr(std::min(told.size(), told.find("\r\n\r\n"))), nullptr, false);
    REQUIRE(body.is_object());
    CHECK(body["error"]["type"] == "invalid_request_error");
}

TEST_CASE("requests that were read to their end share a connection") {
    Running running;
    Raw raw(running);
    raw.send(
        "GET /v1/models/animatic HTTP/1.1\r\n\r\n"
        "DELETE /v1/videos/video_1 HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
        "POST /v1/videos HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
        "GET /v1/models/animatic HTTP/1.1\r\nConnection: close\r\n\r\n");
    const auto told = raw.all();
    CAPTURE(told);
    CHECK(count(told, "HTTP/1.1 200 ") == 2);
    CHECK(count(told, "HTTP/1.1 404 ") == 1);
    CHECK(count(told, "HTTP/1.1 400 ") == 1);
    CHECK(count(told, "Connection: close") == 1);
}

TEST_CASE("a connection ends with the answer to a request that was not read to its end") {
    Running running;
    const auto request = GENERATE(values<std::string>({"GET /v1/models HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
                                                       "DELETE /v1/videos/video_1 HTTP/1.1\r\nContent-Length: 7\r\n\r\n{\"a\":1}",
                                                       "GET /v1/models HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
                                                       "POST /v1/videos HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 13\r\n\r\n--x\r\nno field",
                                                       "POST /v1/videos HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nno chunk\r\n",
                                                       "no request\r\n\r\n", "Range: bytes=0-1\r\n\r\n", "Range: a\r\nRange: b\r\n\r\n", "\r\n\r\n"}));
    CAPTURE(request);
    Raw raw(running);
    raw.send(request + "GET /v1/models/animatic HTTP/1.1\r\n\r\n");
    const auto told = raw.all();
    CAPTURE(told);
    CHECK(count(told, "HTTP/1.1 ") == 1);
    CHECK(count(told, "Connection: close\r\n") == 1);
    CHECK(count(told, "Date: ") == 1);
    CHECK(count(told, "x-request-id: req_") == 1);
}

TEST_CASE("a body on a DELETE does not spoil the next request of a client") {
    Running running;
    auto client = running.client();
    CHECK(code_of(client->Delete("/v1/videos/video_1", R"({"a":1})", json_type), 404) == "video_not_found");
    CHECK(body_of(client->Get("/v1/models/animatic"))["id"] == "animatic");
}

TEST_CASE("a range that arrives in pieces is a range") {
    Running running;
    const std::string path = "/v1/videos/" + running.finished_job()["id"].get<std::string>() + "/content";
    Raw raw(running);
    for (const auto* piece : {"GET ", path.c_str(), " HTTP/1.1\r\nHost: localhost\r\nRa", "NGE:bytes", "=3-5 \r\nConnection: close\r", "\n\r", "\n"}) raw.send(piece);
    const auto told = raw.all();
    CAPTURE(told);
    CHECK(told.starts_with("HTTP/1.1 206 "));
    CHECK(count(told, "Content-Range: bytes 3-5/") == 1);
}
