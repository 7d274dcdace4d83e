#pragma once
#include "http/transfer.hpp"

namespace shotwire::http {

// What libcurl calls during a transfer, which is their `data`. Nothing may throw through C: each is noexcept, and what a sink
// throws is kept for the loop.
struct Callbacks {
    static int before_sending(void* data, char* primary_ip, char* local_ip, int primary_port, int local_port) noexcept;
    static std::size_t header(char* line, std::size_t one, std::size_t length, void* data) noexcept;
    static std::size_t body(char* bytes, std::size_t one, std::size_t length, void* data) noexcept;
    static int progress(void* data, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up) noexcept;
    static curl_socket_t open_socket(void* data, curlsocktype purpose, curl_sockaddr* address) noexcept;
    static CURLcode tls_context(CURL* easy, void* context, void* data) noexcept;
};

}  // namespace shotwire::http
