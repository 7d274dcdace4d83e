#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/secrets.hpp"

namespace shotwire::http {

struct Header {
    std::string name = {};
    std::string value = {};
    friend bool operator==(const Header&, const Header&) = default;
};

// A header with a secret. It is kept apart from the others so that nobody prints it: --dry-run shows `shown`.
struct Credential {
    std::string header = "Authorization";
    std::string prefix = "Bearer ";
    core::Key key = {};
    std::string shown = {};  // "$OPENAI_API_KEY"
};

// One field of a multipart body. A file is a part with a file name.
struct Part {
    std::string name = {};
    std::shared_ptr<const std::string> bytes = {};
    std::string file_name = {};
    std::string content_type = {};
};
using Multipart = std::vector<Part>;

struct Response;
class Spool;

struct Request {
    std::string method = "GET";
    std::string url = {};
    std::vector<Header> headers = {};
    std::optional<Credential> credential = {};                       // goes to the origin of `url` alone, over https (or http on loopback)
    std::variant<std::monostate, std::string, Multipart> body = {};  // a string bears its own Content-Type header

    bool public_only = false;  // refused where the name leads to a private address: for URLs that a provider gave

    bool paid = false;           // at most one sending: HTTP/1.1, guarded against libcurl's own repetition
    std::size_t most = 8 << 20;  // bytes of the answer's body held in memory; more is an Error (provider)
    bool spool = false;          // JSON with a clip in it: long texts go to a temporary file, see spool.hpp; `most` counts them

    std::chrono::milliseconds connect_timeout = std::chrono::seconds(20);
    std::chrono::milliseconds idle_timeout = std::chrono::seconds(60);  // no byte in either direction for that long
    std::optional<std::chrono::milliseconds> timeout = {};              // the whole attempt; none for downloads

    // A download: the body goes here instead of into Response::body, each piece as it comes, and only where the
    // status is 200 or 206 (`headers` is called first, once). Returning false ends the transfer (local).
    struct Sink {
        std::function<bool(const Response& head)> headers;
        std::function<bool(std::string_view piece)> piece;
    };
    std::shared_ptr<Sink> sink = {};
};

struct Response {
    int status = 0;
    std::vector<Header> headers = {};  // of the final answer; 1xx are skipped
    std::string body = {};             // decoded; empty where a sink took it
    std::string url = {};              // that was asked
    std::shared_ptr<const Spool> spool = {};  // the long texts of the body, where the request wished it

    // The first header of that name, in any case; empty where there is none.
    std::string_view header(std::string_view name) const;
    // Retry-After (seconds or date), retry-after-ms, openai-poll-after-ms... are read in retry.hpp.
};

// SHA-256 in hex of the body as it will leave, whatever the boundary of a multipart one: equal for equal fields, files and types.
std::string body_digest(const Request& request);

// "https://host:port" in lower case, the default port left out; empty for what is no http(s) URL.
// User and password in the URL are not part of it.
std::string origin_of(std::string_view url);
std::string host_of(std::string_view url);
bool is_loopback(std::string_view host);         // localhost, 127.0.0.0/8, ::1
bool is_private_address(std::string_view host);  // a literal of RFC 1918, link-local, unique local, carrier NAT, 0.0.0.0
// `reference` resolved against `base` (RFC 3986); empty where it does not parse.
std::string resolve_url(std::string_view base, std::string_view reference);
std::string without_userinfo(std::string_view url);  // for people to read: no user:password, no query values that look secret

}  // namespace shotwire::http
