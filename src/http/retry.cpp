#include "http/retry.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "core/text.hpp"

namespace shotwire::http {
namespace {
using std::chrono::milliseconds;
constexpr milliseconds longest = std::chrono::hours(24);

std::optional<double> number(std::string_view text) {
    text = core::trim(text);
    double value = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
    return value;
}

std::optional<milliseconds> sensible(std::optional<double> count) {
    if (!count || *count < 0 || *count > double(longest.count())) return {};
    return milliseconds(std::int64_t(std::ceil(*count)));
}

}  // namespace

std::optional<milliseconds> retry_after(const Response& response, core::Wall now) {
    if (auto exact = sensible(number(response.header("retry-after-ms")))) return exact;
    auto text = response.header("Retry-After");
    if (auto seconds = number(text)) return sensible(*seconds * 1000);
    auto date = core::parse_http_date(text);
    if (!date) return {};
    // Their date against their clock: ours may be wrong.
    auto since = core::parse_http_date(response.header("Date")).value_or(now);
    // In milliseconds: in the clock's own unit a date of 1728 and ours are too far apart to be subtracted.
    auto in_ms = [](core::Wall time) { return std::chrono::floor<milliseconds>(time.time_since_epoch()); };
    auto wait = in_ms(*date) - in_ms(since);
    if (wait > longest || wait < -longest) return {};
    return std::max(wait, milliseconds(0));
}

milliseconds backoff(int attempt, double random, milliseconds first, milliseconds most) {
    auto whole = first;
    for (int step = 0; step < attempt && whole < most; ++step) whole *= 2;
    whole = std::min(whole, most);
    return milliseconds(std::int64_t(double(whole.count()) * (0.5 + random / 2)));
}

bool worth_repeating(const Error& error) { return error.kind == ErrorKind::network; }

bool worth_repeating(const Response& response) {
    return response.status == 408 || response.status == 425 || response.status == 429 || response.status >= 500;
}

}  // namespace shotwire::http
