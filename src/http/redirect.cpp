#include "http/redirect.hpp"

#include <algorithm>
#include <array>

#include "core/text.hpp"

namespace shotwire::http {
namespace {
constexpr int most_hops = 10;

Error refused(const std::string& url, std::string_view why) {
    return {ErrorKind::provider, "the result at " + without_userinfo(url) + " is not fetched: " + std::string(why)};
}

bool has_userinfo(std::string_view url) {
    auto start = url.find("://");
    if (start == std::string_view::npos) return false;
    auto authority = url.substr(start + 3, std::min(url.find_first_of("/?#", start + 3), url.size()) - start - 3);
    return authority.find('@') != std::string_view::npos;
}

// What may be said at any host: how to answer, and which part of the clip.
bool is_harmless(const Header& header) {
    constexpr std::array names = {"accept", "accept-language", "range", "if-range", "if-match", "if-none-match", "if-modified-since"};
    return std::find(names.begin(), names.end(), core::lower(header.name)) != names.end();
}

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

}  // namespace

bool climbs(std::string_view url) {
    const auto scheme = url.find("://");
    auto path = url.substr(scheme == std::string_view::npos ? 0 : std::min(url.find('/', scheme + 3), url.size()));
    path = path.substr(0, path.find_first_of("?#"));
    while (!path.empty()) {
        auto segment = core::lower(path.substr(0, path.find('/')));
        path.remove_prefix(std::min(segment.size() + 1, path.size()));
        for (auto at = segment.find("%2e"); at != std::string::npos; at = segment.find("%2e")) segment.replace(at, 3, ".");
        if (segment == "..") return true;
    }
    return false;
}

Result<> may_fetch(const std::string& url, const FetchRules& rules) {
    auto origin = origin_of(url);
    if (origin.empty()) return refused(url, "it is no https: URL");
    if (climbs(url)) return refused(url, "its path climbs by ..");
    if (origin == rules.base_origin) return Ok{};
    if (has_userinfo(url)) return refused(url, "it holds a user name or password");
    auto host = host_of(url);
    auto inside = is_loopback(host) || is_private_address(host);
    if (inside && !rules.allow_private) return refused(url, "it is a private address (the route's allow_private would allow it)");
    if (!origin.starts_with("https:") && !inside) return refused(url, "it is not https:");
    return Ok{};
}

Result<Request> follow(const Request& request, const Response& redirect, const FetchRules& rules, int hops) {
    auto from = host_of(request.url);
    auto fail = [](std::string sentence) { return Error{ErrorKind::provider, std::move(sentence)}; };
    if (!is_redirect(redirect.status))
        return fail(from + " answered " + std::to_string(redirect.status) + ", a redirect that is not followed");
    auto place = redirect.header("Location");
    auto target = place.empty() ? std::string() : resolve_url(request.url, place);
    if (target.empty()) return fail(from + " redirects without saying where");
    if (place.find("://") != std::string::npos && climbs(place)) return refused(std::string(place), "its path climbs by ..");
    if (request.paid || request.method != "GET") {
        return fail(from + " redirects the request to " + without_userinfo(target) +
                    ", which is not followed; a base URL there must be configured");
    }
    if (hops >= most_hops)
        return fail(from + " redirects to " + without_userinfo(target) + " after " + std::to_string(hops) + " others: too many");
    auto from_https = origin_of(request.url).starts_with("https:");
    if (from_https && !origin_of(target).starts_with("https:")) return refused(target, "it leaves https:");
    if (auto allowed = may_fetch(target, rules); !allowed) return allowed.error();

    auto next = request;
    next.url = target;
    if (origin_of(target) != origin_of(request.url)) {
        next.credential.reset();
        std::erase_if(next.headers, [](const Header& header) { return !is_harmless(header); });
    }
    next.public_only = !rules.allow_private && origin_of(target) != rules.base_origin;
    return next;
}

}  // namespace shotwire::http
