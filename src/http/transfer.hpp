#pragma once
#include <exception>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "http/client.hpp"
#include "http/curl.hpp"
#include "http/curl_client.hpp"
#include "http/proxy.hpp"
#include "http/spool.hpp"
#include "http/trust.hpp"
#include "http/weakened.hpp"

namespace shotwire::http {

// Why we ended a transfer ourselves.
enum class Stop { none, body_too_large, headers_too_large, bad_headers, sink, idle, private_address, repeated, cancelled };

// What is known at the end of an attempt; `failure.cpp` makes an Error of it.
struct Evidence {
    CURLcode code = CURLE_OK;
    Stop stop = Stop::none;
    int sendings = 0;         // times that libcurl was about to send the request: 0 is proof that nothing left
    long system_error = 0;    // errno
    long verify_result = 0;   // OpenSSL's
    long proxy_status = 0;    // of CONNECT
    std::string proxy = {};   // the one in between; empty: none
    std::string detail = {};  // libcurl's own words, for what has no sentence of ours
    std::string answer = {};  // what came of its body
};
Error failure(const Request& request, const Evidence& evidence, const core::Mask* mask);

// One attempt at a request: its options, what libcurl's callbacks gather, and its outcome.
class Transfer {
public:
    struct Setting {
        const CurlOptions& options;
        const Weakened& weakened;
        Trust& trust;
    };

    Transfer(Client::Ticket ticket, Request request, Client::Done done);
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    // Refuses what must not leave (a key over plain http, broken headers), else sets up the handle.
    Result<> prepare(Easy easy, const Setting& setting);
    Easy release();  // the handle, reset for the next request

    CURL* handle() const { return easy_.get(); }
    Result<Response> finish(CURLcode code);  // rethrows what a sink threw

    void stop(Stop why) {
        if (stop_ == Stop::none) stop_ = why;
    }
    bool cancelled() const { return stop_ == Stop::cancelled; }
    bool ran_out_of_descriptors() const { return out_of_descriptors_ && sendings_ == 0; }
    // When the last byte moved in either direction; none before the request was about to leave.
    bool may_have_left() const { return sendings_ > 0; }
    std::optional<core::Moment> last_byte() const { return sendings_ > 0 ? std::optional(last_byte_) : std::nullopt; }

    const Client::Ticket ticket;
    const Request request;
    const std::string origin;
    Client::Done done;

private:
    friend struct Callbacks;  // libcurl's side
    Result<> check() const;
    void set_constants(const Setting& setting);
    void set_method();
    void set_headers(const Setting& setting);
    void set_multipart(const Multipart& parts);
    void set_way(const Way& way);
    void take_header(std::string_view line);
    bool takes_body() const { return request.sink && (response_.status == 200 || response_.status == 206); }
    void log(const std::string& text) const;
    void log_end(CURLcode code) const;

    Easy easy_;
    List headers_;
    Mime mime_;
    X509_STORE* store_ = nullptr;
    const CurlOptions* options_ = nullptr;
    bool guarded_ = true;
    bool direct_ = false;
    char detail_[CURL_ERROR_SIZE] = {};

    Response response_;
    std::shared_ptr<Spool> spool_;
    Stop stop_ = Stop::none;
    int sendings_ = 0;
    bool out_of_descriptors_ = false;
    bool headers_complete_ = false;
    bool body_began_ = false;
    std::size_t header_bytes_ = 0;
    std::uint64_t body_bytes_ = 0;
    curl_off_t moved_ = 0;
    core::Moment last_byte_{};
    std::exception_ptr thrown_;
};

}  // namespace shotwire::http
