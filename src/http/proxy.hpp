#pragma once
#include <string>

#include "http/message.hpp"

namespace shotwire::http {

// Which way a request goes. Mostly libcurl reads http_proxy, https_proxy, all_proxy and no_proxy itself; where it matters who
// resolves the name, the decision is ours.
struct Way {
    enum { environment, direct, proxied } kind = environment;
    std::string proxy = {};  // where kind is `proxied`
};

// Loopback is reached directly: the environment's proxy has another loopback than we. A --proxy is obeyed there over https:
// only, since a plain request would show it the key.
Way way_of(const Request& request, const std::string& proxy_option);

// The proxy that a request goes through, as a sentence may name it; empty: none.
std::string proxy_between(const Request& request, const std::string& proxy_option);

}  // namespace shotwire::http
