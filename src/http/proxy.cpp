#include "http/proxy.hpp"

#include <cstdlib>

#include "core/text.hpp"

namespace shotwire::http {
namespace {

std::string environment(const std::string& name) {
    auto* value = std::getenv(name.c_str());
    return value ? value : "";
}

std::string either_case(const std::string& name, const std::string& upper) {
    auto value = environment(name);
    return value.empty() ? environment(upper) : value;
}

// HTTP_PROXY in capitals is not read: a CGI's client could set it by a header.
std::string proxy_of_environment(bool https) {
    auto proxy = https ? either_case("https_proxy", "HTTPS_PROXY") : environment("http_proxy");
    return proxy.empty() ? either_case("all_proxy", "ALL_PROXY") : proxy;
}

bool is_excepted(const std::string& host) {
    auto list = either_case("no_proxy", "NO_PROXY");
    for (auto& c : list) {
        if (c == ' ') c = ',';
    }
    for (auto& entry : core::split(list, ',')) {
        if (entry == "*") return true;
        auto name = core::lower(entry.starts_with('.') ? entry.substr(1) : entry);
        if (host == name || host.ends_with("." + name)) return true;
    }
    return false;
}

}  // namespace

Way way_of(const Request& request, const std::string& proxy_option) {
    auto host = host_of(request.url);
    auto https = origin_of(request.url).starts_with("https:");
    if (is_loopback(host) && (proxy_option.empty() || !https)) return {Way::direct};
    if (!request.public_only) return proxy_option.empty() ? Way{Way::environment} : Way{Way::proxied, proxy_option};
    auto proxy = proxy_option.empty() ? proxy_of_environment(https) : proxy_option;
    if (proxy.empty() || is_excepted(host)) return {Way::direct};
    return {Way::proxied, proxy};
}

std::string proxy_between(const Request& request, const std::string& proxy_option) {
    const auto proxy = proxy_option.empty() ? proxy_of_environment(origin_of(request.url).starts_with("https:")) : proxy_option;
    return proxy.empty() || is_excepted(host_of(request.url)) ? "" : without_userinfo(proxy);
}

}  // namespace shotwire::http
