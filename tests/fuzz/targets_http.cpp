#include <algorithm>

#include "core/text.hpp"
#include "fuzz.hpp"
#include "http/message.hpp"
#include "http/redirect.hpp"
#include "http/retry.hpp"

namespace shotwire::fuzz {
namespace {

void holds_of_origin(const std::string& origin, std::string_view url) {
    if (origin.empty()) return;
    holds(origin.starts_with("http://") || origin.starts_with("https://"), "an origin is of http or https", origin);
    holds(http::origin_of(origin) == origin, "the origin of an origin is itself", origin);
    holds(origin == core::lower(origin), "an origin is in lower case", origin);
    const auto host = std::string_view(origin).substr(origin.find("//") + 2);
    holds(!host.empty() && host.find_first_of("/?#@\\ ") == std::string_view::npos, "an origin has a host and nothing behind it", origin);
    holds_of_text(origin, "an origin can be printed");
    holds(http::host_of(origin) == http::host_of(url), "URL and origin have the same host", origin);
}

}  // namespace

void run_url(std::string_view input) {
    const auto parts = split_at(input, part_end, 2);
    const auto& url = parts[0];
    const auto origin = http::origin_of(url);
    holds_of_origin(origin, url);
    const auto host = http::host_of(url);
    (void)http::is_loopback(host);
    (void)http::is_private_address(host);
    const auto shown = http::without_userinfo(url);
    holds(http::without_userinfo(shown) == shown, "what hides nothing more is not changed", shown);
    if (!origin.empty()) holds(http::origin_of(shown) == origin, "hiding the user changes no origin", shown);
    const auto may = http::may_fetch(url, {});
    if (!may) holds_of_error(may.error());
    else holds(origin.starts_with("https://"), "results come over https", url);
    if (parts.size() < 2) return;
    const auto resolved = http::resolve_url(url, parts[1]);
    if (resolved.empty()) return;
    if (!http::origin_of(resolved).empty()) holds_of_origin(http::origin_of(resolved), resolved);
    if (!origin.empty()) {
        const auto again = http::resolve_url(url, resolved);
        holds(again == resolved, "a whole URL stays what it is", resolved);
    }
}

std::vector<std::string> seeds_of_url() {
    return {"https://api.example.com/v1/videos?a=b#c", "http://127.0.0.1:8443/x", "https://user:pass@host.example:443/p?key=sekret", "HTTPS://EXAMPLE.com./%2e%2e/", "http://[::1]:80/", "https://[::ffff:10.0.0.1]/x",
            "https://a.example/b/c/d\x1e../e?f", "https://a.example\x1e//b.example/x", "https://a.example/x\x1ehttps://c.example", "file:///etc/passwd", "https://0x7f.1/", "http://2130706433/", "https://a.example:99999/", "https://m\xc3\xbcnchen.example/"};
}

// From where, to where, which status; a request with a key.
void run_redirect(std::string_view input) {
    const auto parts = split_at(input, part_end, 3);
    if (parts.size() < 3) return;
    http::Request request{.url = parts[0]};
    request.credential = http::Credential{.key = core::Key("sekret")};
    request.headers = {{"Accept", "*/*"}};
    http::Response answer{.status = 300 + (parts[2].empty() ? 2 : parts[2][0] % 10), .headers = {{"Location", parts[1]}}};
    answer.url = request.url;
    const http::FetchRules rules{.base_origin = http::origin_of("http://127.0.0.1:8443")};
    const auto next = http::follow(request, answer, rules, 1);
    if (!next) return holds_of_error(next.error());
    holds(next->method == "GET", "only a GET is followed");
    const auto origin = http::origin_of(next->url);
    holds(!origin.empty(), "a place that is followed is a URL", next->url);
    holds(next->url.find_first_of(std::string_view("\r\n\0 ", 4)) == std::string::npos, "a place that is followed is one line", next->url);
    holds(origin.starts_with("https://") || origin == rules.base_origin, "only the user's own host may be http", next->url);
    if (origin != http::origin_of(request.url)) holds(!next->credential, "a key does not go to another origin", next->url);
    holds(bool(http::may_fetch(next->url, rules)), "what is followed may be fetched", next->url);
    const auto host = http::host_of(next->url);
    if (origin != rules.base_origin) holds(!http::is_loopback(host) && !http::is_private_address(host), "nobody is led into a private network", next->url);
}

std::vector<std::string> seeds_of_redirect() {
    return {"https://a.example/x\x1ehttps://b.example/y\x1e" "2", "https://a.example/x\x1e/z\x1e" "7", "http://127.0.0.1:8443/x\x1ehttp://127.0.0.1:8443/y\x1e" "1", "https://a.example/x\x1ehttp://10.0.0.1/\x1e" "8",
            "https://a.example/x\x1ehttps://user@[fe80::1]/\x1e" "3", "https://a.example/x\x1e//a.example:443/\x1e" "2"};
}

// Retry-After, its two cousins and the Date of an answer.
void run_headers(std::string_view input) {
    const auto parts = split_at(input, part_end, 4);
    http::Response answer{.status = 429};
    const std::vector<std::string> names{"Retry-After", "Date", "retry-after-ms", "ETag"};
    for (std::size_t i = 0; i < parts.size(); ++i) answer.headers.push_back({names[i], parts[i]});
    const auto now = core::Wall(std::chrono::seconds(1795600800));
    const auto wait = http::retry_after(answer, now);
    if (wait) holds(wait->count() >= 0 && *wait <= std::chrono::hours(24), "a wait is of a day at most", std::to_string(wait->count()));
    holds(http::retry_after(answer, now) == wait, "the same answer asks for the same wait");
    holds(answer.header("rEtRy-aFtEr") == parts[0], "a header is found in any case");
    if (const auto date = core::parse_http_date(parts[0])) holds(core::parse_iso_time(core::iso_time(*date)) == *date, "a date is printed as what it is", parts[0]);
    if (const auto time = core::parse_iso_time(parts[0])) {
        const auto printed = core::iso_time(*time);
        const auto read = core::parse_iso_time(printed);
        holds(read && core::iso_time(*read) == printed, "a time is printed as what it is", printed);
    }
}

std::vector<std::string> seeds_of_headers() {
    return {"120", "1.5", "Wed, 25 Nov 2026 10:02:00 GMT\x1eWed, 25 Nov 2026 10:00:00 GMT", "-1", "99999999999999999999", "nan", "x\x1e\x1e" "250", "2026-11-22T10:00:00.000Z", "2026-11-22", "2026-11-22T10:00:00+02:00", "1e400", "0x10"};
}

}  // namespace shotwire::fuzz
