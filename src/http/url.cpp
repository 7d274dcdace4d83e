#include <algorithm>
#include <array>
#include <map>
#include <string>

#include "core/text.hpp"
#include "http/curl.hpp"
#include "http/message.hpp"

// URLs are read by libcurl's own parser: what a check understood is what the request then connects to.
namespace shotwire::http {
namespace {

std::string host_in(const Url& url) {
    char* host = nullptr;
    return curl_url_get(url.get(), CURLUPART_HOST, &host, 0) == CURLUE_OK ? Text(host).get() : "";
}

Url parse(std::string_view url) {
    Url parsed(curl_url());
    // One that cannot be shown as it is (control characters, broken UTF-8) is not one that a person could check.
    if (!parsed || core::printable(url) != url) return nullptr;
    auto flags = unsigned(CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE);
    if (curl_url_set(parsed.get(), CURLUPART_URL, std::string(url).c_str(), flags) != CURLUE_OK) return nullptr;
    // Of a host's name libcurl takes what %-escapes stand for: that must be a name as it may stand in a URL, and the same one there.
    // An address in disguise would be looked at as a name and connected to as an address.
    if (const auto host = host_in(parsed); !host.empty()) {
        Url again(curl_url());
        const bool same = again && core::printable(host) == host && curl_url_set(again.get(), CURLUPART_URL, ("https://" + host).c_str(), flags) == CURLUE_OK && host_in(again) == host;
        if (!same) return nullptr;
    }
    return parsed;
}

std::string part(const Url& url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, flags) != CURLUE_OK) return {};
    return Text(text).get();
}

bool looks_secret(std::string_view name) {
    constexpr std::array words = {"key", "token", "sig", "secret", "pass", "auth", "credential", "policy", "session"};
    auto low = core::lower(name);
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return low.find(word) != std::string::npos; });
}

struct Whereabouts {
    std::string origin, host;
};

Whereabouts read_whereabouts(std::string_view url) {
    auto parsed = parse(url);
    if (!parsed) return {};
    Whereabouts found;
    found.host = core::lower(part(parsed, CURLUPART_HOST));
    const auto scheme = core::lower(part(parsed, CURLUPART_SCHEME));
    if ((scheme == "https" || scheme == "http") && !found.host.empty()) {
        const auto port = part(parsed, CURLUPART_PORT, CURLU_NO_DEFAULT_PORT);
        found.origin = scheme + "://" + found.host + (port.empty() ? "" : ":" + port);
    }
    if (found.host.starts_with('[') && found.host.ends_with(']')) found.host = found.host.substr(1, found.host.size() - 2);
    return found;
}

// Where the path of a URL begins that says all with plain characters; npos: it is one for the parser.
std::size_t path_of_plain(std::string_view url) {
    const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':'; };
    const auto scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : std::string_view::npos;
    if (scheme == std::string_view::npos) return scheme;
    const auto path = std::find_if_not(url.begin() + scheme, url.end(), plain);
    if (path == url.begin() + std::ptrdiff_t(scheme)) return std::string_view::npos;  // libcurl takes more slashes, and a host behind them
    const bool rest_is_plain = std::all_of(path, url.end(), [&](char c) { return plain(c) || (c >= 'A' && c <= 'Z') || c == '/' || c == '_'; });
    return rest_is_plain && path != url.end() && *path == '/' ? std::size_t(path - url.begin()) : std::string_view::npos;
}

// The same few hosts are asked thousands of times: where nothing but a plain path follows, what the parser said of a host holds.
const Whereabouts& whereabouts(std::string_view url) {
    thread_local std::map<std::string, Whereabouts, std::less<>> known;
    thread_local Whereabouts other;
    const auto path = path_of_plain(url);
    if (path == std::string_view::npos) return other = read_whereabouts(url);
    const auto before = url.substr(0, path);
    const auto found = known.find(before);
    if (found != known.end()) return found->second;
    if (known.size() >= 64) known.clear();
    return known.emplace(before, read_whereabouts(url)).first->second;
}

}  // namespace

std::string origin_of(std::string_view url) { return whereabouts(url).origin; }

std::string host_of(std::string_view url) { return whereabouts(url).host; }

std::string resolve_url(std::string_view base, std::string_view reference) {
    auto url = parse(base);
    if (!url || reference.find('\0') != std::string_view::npos) return {};
    auto flags = unsigned(CURLU_NON_SUPPORT_SCHEME | CURLU_URLENCODE);
    if (!reference.empty() && curl_url_set(url.get(), CURLUPART_URL, std::string(reference).c_str(), flags) != CURLUE_OK) return {};
    curl_url_set(url.get(), CURLUPART_FRAGMENT, nullptr, 0);
    return part(url, CURLUPART_URL);
}

std::string without_userinfo(std::string_view url) {
    auto scheme = url.find("://");
    auto start = scheme == std::string_view::npos ? 0 : scheme + 3;
    auto end = std::min(url.find_first_of("/?#", start), url.size());
    auto at = url.substr(0, end).rfind('@');
    std::string shown(url.substr(0, start));
    auto host = at == std::string_view::npos || at < start ? start : at + 1;
    auto query = std::min(url.find('?', end), url.size());
    shown += url.substr(host, query - host);
    // Joined by hand: a query is shown as it is, apart from the secrets in it.
    for (auto rest = url.substr(query); !rest.empty();) {
        auto next = std::min(rest.find('&', 1), rest.size());
        auto pair = rest.substr(0, next);
        auto equals = pair.find('=');
        auto secret = equals != std::string_view::npos && looks_secret(pair.substr(1, equals - 1));
        shown += secret ? std::string(pair.substr(0, equals + 1)) + "***" : std::string(pair);
        rest = rest.substr(next);
    }
    return core::printable(shown);
}

}  // namespace shotwire::http
