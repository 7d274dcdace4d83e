#include "http/callbacks.hpp"

#include <fcntl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>

#include "http/address.hpp"

namespace shotwire::http {
namespace {

Transfer& self(void* transfer) { return *static_cast<Transfer*>(transfer); }

}  // namespace

// Called each time libcurl is about to send the request: the only place to see it repeat a POST, as it does by itself when
// a reused connection ends before the first byte of the answer.
int Callbacks::before_sending(void* data, char* primary_ip, char*, int, int) noexcept {
    auto& transfer = self(data);
    if (transfer.request.paid && transfer.sendings_ > 0 && transfer.guarded_) {
        transfer.stop(Stop::repeated);
        return CURL_PREREQFUNC_ABORT;
    }
    if (transfer.request.public_only && transfer.direct_ && primary_ip && is_private_address(primary_ip)) {
        transfer.stop(Stop::private_address);
        return CURL_PREREQFUNC_ABORT;
    }
    ++transfer.sendings_;
    transfer.last_byte_ = std::chrono::steady_clock::now();
    return CURL_PREREQFUNC_OK;
}

std::size_t Callbacks::header(char* line, std::size_t, std::size_t length, void* data) noexcept {
    auto& transfer = self(data);
    transfer.last_byte_ = std::chrono::steady_clock::now();
    transfer.take_header({line, length});
    return transfer.stop_ == Stop::none ? length : 0;
}

std::size_t Callbacks::body(char* bytes, std::size_t, std::size_t length, void* data) noexcept {
    auto& transfer = self(data);
    transfer.last_byte_ = std::chrono::steady_clock::now();
    try {
        if (transfer.spool_) {
            if (!transfer.spool_->piece({bytes, length})) transfer.stop(transfer.spool_->error()->kind == ErrorKind::local ? Stop::sink : Stop::body_too_large);
        } else if (!transfer.takes_body()) {
            if (length > transfer.request.most - std::min(transfer.request.most, transfer.response_.body.size()))
                transfer.stop(Stop::body_too_large);
            else
                transfer.response_.body.append(bytes, length);
        } else {
            if (!transfer.body_began_ && !transfer.request.sink->headers(transfer.response_)) transfer.stop(Stop::sink);
            transfer.body_began_ = true;
            if (transfer.stop_ == Stop::none && !transfer.request.sink->piece({bytes, length})) transfer.stop(Stop::sink);
        }
    } catch (...) {
        transfer.thrown_ = std::current_exception();
        transfer.stop(Stop::sink);
    }
    transfer.body_began_ = true;
    transfer.body_bytes_ += length;
    return transfer.stop_ == Stop::none ? length : 0;
}

int Callbacks::progress(void* data, curl_off_t, curl_off_t down, curl_off_t, curl_off_t up) noexcept {
    auto& transfer = self(data);
    if (down + up != transfer.moved_) {
        transfer.moved_ = down + up;
        transfer.last_byte_ = std::chrono::steady_clock::now();
    }
    return transfer.stop_ == Stop::none ? 0 : 1;
}

curl_socket_t Callbacks::open_socket(void* data, curlsocktype, curl_sockaddr* address) noexcept {
    auto& transfer = self(data);
    if (transfer.request.public_only && transfer.direct_ && is_private(address->addr)) {
        transfer.stop(Stop::private_address);
        return CURL_SOCKET_BAD;
    }
    auto opened = ::socket(address->family, address->socktype, address->protocol);
    if (opened < 0) {
        transfer.out_of_descriptors_ = errno == EMFILE || errno == ENFILE;
        return CURL_SOCKET_BAD;
    }
    ::fcntl(opened, F_SETFD, FD_CLOEXEC);
    return opened;
}

CURLcode Callbacks::tls_context(CURL*, void* context, void* data) noexcept {
    auto* tls = static_cast<SSL_CTX*>(context);
    auto* store = self(data).store_;
    if (!store) return CURLE_SSL_CACERT_BADFILE;
    SSL_CTX_set1_cert_store(tls, store);
    SSL_CTX_clear_mode(tls, SSL_MODE_RELEASE_BUFFERS);  // 32 KB that would be given back and taken anew with each request of a busy connection
    SSL_CTX_set_keylog_callback(tls, nullptr);  // $SSLKEYLOGFILE would hand the session, and the key in it, to a file
    return CURLE_OK;
}

}  // namespace shotwire::http
