#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::core {

std::string_view trim(std::string_view text);
inline char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }
std::string lower(std::string_view text);  // ASCII only; other letters stay
bool equal_fold(std::string_view a, std::string_view b);
std::vector<std::string> split(std::string_view text, char separator);  // parts trimmed, empty ones dropped
std::string join(const std::vector<std::string>& parts, std::string_view between);

bool is_utf8(std::string_view text);
std::size_t count_characters(std::string_view utf8);  // code points
// For a terminal or a log: control characters (also C1 and bidirectional overrides) become spaces, broken UTF-8 U+FFFD.
std::string printable(std::string_view text);
// A file name's part: lower-case ASCII letters, digits and hyphens, at most `longest`; never empty ("clip").
std::string slug(std::string_view text, std::size_t longest = 48);

// The candidate that was probably meant, within two slips (a third of the word); none otherwise.
std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates);

// A template with its {names} replaced by what `value` has for them; {{ and }} stand for braces. Errors: usage: "the unknown placeholder
// '{it}'; allowed: ...", where `names` are told.
Result<std::string> fill(std::string_view text, const std::vector<std::string>& names, const std::function<std::optional<std::string>(const std::string&)>& value);

std::string base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);  // padded or not; none where it is not Base64
std::string hex(std::string_view bytes);
std::string url_encode(std::string_view text);  // all but unreserved characters

// "90", "90s", "5m", "1h30m", "250ms" to a length; `what` names it in the error (usage).
Result<std::chrono::milliseconds> parse_length(std::string_view text, std::string_view what);
std::string print_length(std::chrono::milliseconds length);  // "6m05s", "42s", "0.3s"
// Without a needless fraction: "8", "2.5".
std::string print_number(double number);

std::string iso_time(std::chrono::system_clock::time_point time);  // 2026-11-22T10:00:00.000Z
std::string iso_day(std::chrono::system_clock::time_point time);   // 2026-11-22
std::optional<std::chrono::system_clock::time_point> parse_iso_time(std::string_view text);  // and a bare date
std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text);

}  // namespace shotwire::core
