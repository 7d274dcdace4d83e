#pragma once
#include "http/curl_client.hpp"

namespace shotwire::http {

// What the client would be without its guards. Tests set these to prove that each guard is needed; nothing else does.
struct Weakened {
    bool unguarded = false;        // libcurl may send a paid request twice
    bool paid_over_http2 = false;  // and speak HTTP/2 for it
};
std::unique_ptr<CurlClient> make_curl_client(CurlOptions options, Weakened weakened);

}  // namespace shotwire::http
