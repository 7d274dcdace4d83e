#include "core/text.hpp"

#include <openssl/evp.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <ctime>

namespace shotwire::core {
namespace {

constexpr std::string_view blanks = " \t\r\n\f\v";

// The code point at `at` and its length; {0xFFFD, 1} where the bytes are no UTF-8.
struct Point {
    char32_t value = 0xFFFD;
    std::size_t length = 1;
    bool valid = false;
};
Point point_at(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) { return i < text.size() ? (unsigned char)(text[i]) : 0u; };
    const unsigned first = byte(at);
    if (first < 0x80) return {first, 1, true};
    const int more = first >= 0xC2 && first < 0xE0 ? 1 : first >= 0xE0 && first < 0xF0 ? 2 : first >= 0xF0 && first < 0xF5 ? 3 : 0;
    if (!more) return {};
    char32_t value = first & (0x3Fu >> more);
    for (int i = 1; i <= more; ++i) {
        const unsigned next = byte(at + std::size_t(i));
        if ((next & 0xC0) != 0x80) return {};
        value = value << 6 | (next & 0x3F);
    }
    const bool overlong = (more == 2 && value < 0x800) || (more == 3 && value < 0x10000);
    if (overlong || (value >= 0xD800 && value < 0xE000) || value > 0x10FFFF) return {};
    return {value, std::size_t(more) + 1, true};
}

bool unprintable(char32_t c) {
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x200B && c <= 0x200F) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202A && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF;
}

// The Latin letter that a letter with marks, a bar or a hook is drawn on: a character for each point from the first one on.
struct LatinBlock {
    char32_t first;
    std::string_view letters;
};
constexpr LatinBlock latin[] = {
    {0x00C0, "aaaaaaaceeeeiiiidnooooo.ouuuuytsaaaaaaaceeeeiiiidnooooo.ouuuuytyaaaaaaccccccccddddeeeeeeeeeegggg"
             "gggghhhhiiiiiiiiiiiijjkkkllllllllllnnnnnnnnnoooooooorrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs"
             "bb....occdd...eeeffg...ikkl..nnooo..pp.....ttttuu.vyyzz.............dddlllnnnaaiioouuuuuuuuuu.aa"
             "aaaaggggkkoooo..jdddgg..nnaaaaooaaaaeeeeiiiioooorrrruuuusstt..hhn...zzaaeeooooooooyy......acclts"
             "z..bu.eejj..rryy"},
    {0x1E00, "aabbbbbbccddddddddddeeeeeeeeeeffgghhhhhhhhhhiiiikkkkkkllllllllmmmmmmnnnnnnnnoooooooopppprrrrrrrr"
             "ssssssssssttttttttuuuuuuuuuuvvvvwwwwwwwwwwxxxxyyzzzzzzhtwyas..s.aaaaaaaaaaaaaaaaaaaaaaaaeeeeeeee"
             "eeeeeeeeiiiioooooooooooooooooooooooouuuuuuuuuuuuuuyyyyyyyy......"},
};

// Letters with which a name can be written: "ss" for a sharp s; nothing for a mark above the letter before; "-" for all else.
std::string plain_letters(char32_t c) {
    switch (c) {
        case 0xDF: case 0x1E9E: return "ss";
        case 0xC6: case 0xE6: case 0x1FC: case 0x1FD: case 0x1E2: case 0x1E3: return "ae";
        case 0x152: case 0x153: return "oe";
        case 0xDE: case 0xFE: return "th";
        case 0x132: case 0x133: return "ij";
        case 0x2018: case 0x2019: case '\'': return "";
        default: break;
    }
    if (c < 0x80) {
        const char letter = lower(char(c));
        return std::string(1, (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') ? letter : '-');
    }
    if (c >= 0x300 && c < 0x370) return "";
    for (const auto& [first, letters] : latin)
        if (c >= first && c < first + letters.size()) return std::string(1, letters[c - first] == '.' ? '-' : letters[c - first]);
    return "-";
}

std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), older;
    for (std::size_t j = 0; j <= b.size(); ++j) before[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            row[j] = std::min({before[j] + 1, row[j - 1] + 1, before[j - 1] + (a[i - 1] != b[j - 1])});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = std::min(row[j], older[j - 2] + 1);
        }
        older = std::exchange(before, row);
    }
    return before[b.size()];
}

}  // namespace

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (auto& c : out) c = lower(c);
    return out;
}

bool equal_fold(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return lower(x) == lower(y); });
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (true) {
        const auto at = text.find(separator);
        const auto part = trim(text.substr(0, at));
        if (!part.empty()) parts.emplace_back(part);
        if (at == std::string_view::npos) return parts;
        text.remove_prefix(at + 1);
    }
}

std::string join(const std::vector<std::string>& parts, std::string_view between) {
    std::string out;
    for (const auto& part : parts) {
        if (!out.empty()) out += between;
        out += part;
    }
    return out;
}

bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        if (std::uint64_t eight = 0; text.size() - i >= sizeof eight) {
            std::memcpy(&eight, text.data() + i, sizeof eight);
            if (!(eight & 0x8080808080808080)) {
                i += sizeof eight;
                continue;
            }
        }
        if (!(text[i] & 0x80)) {
            ++i;
            continue;
        }
        const auto point = point_at(text, i);
        if (!point.valid) return false;
        i += point.length;
    }
    return true;
}

std::size_t count_characters(std::string_view utf8) {
    return std::size_t(std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; true;) {
        const auto plain = i;
        while (i < text.size() && text[i] >= ' ' && text[i] <= '~') ++i;
        out += text.substr(plain, i - plain);
        if (i == text.size()) return out;
        const auto point = point_at(text, i);
        if (!point.valid)
            out += "\xEF\xBF\xBD";
        else if (unprintable(point.value))
            out += ' ';
        else
            out += text.substr(i, point.length);
        i += point.length;
    }
}

std::string slug(std::string_view text, std::size_t longest) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto point = point_at(text, i);
        i += point.length;
        const auto letters = point.valid ? plain_letters(point.value) : "-";
        if (letters != "-")
            out += letters;
        else if (!out.empty() && out.back() != '-')
            out += '-';
    }
    if (out.size() > longest) {
        const auto word_end = out.rfind('-', longest);
        out.resize(word_end != std::string::npos && word_end > longest / 2 ? word_end : longest);
    }
    while (!out.empty() && out.back() == '-') out.pop_back();
    return out.empty() ? "clip" : out;
}

Result<std::string> fill(std::string_view text, const std::vector<std::string>& names, const std::function<std::optional<std::string>(const std::string&)>& value) {
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto brace = text.find_first_of("{}", at);
        out += text.substr(at, brace - at);
        if (brace == text.npos) break;
        const bool twice = brace + 1 < text.size() && text[brace + 1] == text[brace];
        if (twice || text[brace] == '}') {
            out += text[brace];
            at = brace + (twice ? 2 : 1);
            continue;
        }
        const auto close = text.find('}', brace);
        const std::string name(text.substr(brace + 1, close == text.npos ? close : close - brace - 1));
        const auto filled = close == text.npos ? std::nullopt : value(name);
        if (!filled)
            return Error{ErrorKind::usage, fmt::format("the unknown placeholder '{{{}}}'; allowed: {{{}}}, and {{{{ }}}} for braces", printable(name), join(names, "} {"))};
        out += *filled;
        at = close + 1;
    }
    return out;
}

std::optional<std::string> nearest(std::string_view word, const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    std::size_t least = std::min<std::size_t>(2, std::max<std::size_t>(1, word.size() / 3)) + 1;
    for (const auto& candidate : candidates)
        if (const auto far = distance(lower(word), lower(candidate)); far < least) {
            least = far;
            best = candidate;
        }
    return best;
}

std::string base64(std::string_view bytes) {
    std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int length = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()), int(bytes.size()));
    out.resize(std::size_t(length));
    return out;
}

std::optional<std::string> from_base64(std::string_view text) {
    std::string padded;
    for (char c : text)
        if (blanks.find(c) == std::string_view::npos) padded += c;
    while (!padded.empty() && padded.back() == '=') padded.pop_back();
    const std::size_t bytes = padded.size() * 3 / 4;
    if (padded.size() % 4 == 1) return {};
    padded.append((4 - padded.size() % 4) % 4, '=');
    std::string out(padded.size() / 4 * 3 + 1, '\0');
    const int length = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                       reinterpret_cast<const unsigned char*>(padded.data()), int(padded.size()));
    if (length < 0) return {};
    out.resize(bytes);
    return out;
}

std::string hex(std::string_view bytes) {
    std::string out(2 * bytes.size(), ' ');
    auto at = out.begin();
    for (unsigned char byte : bytes) {
        *at++ = "0123456789abcdef"[byte >> 4];
        *at++ = "0123456789abcdef"[byte & 15];
    }
    return out;
}

std::string url_encode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (unsigned char c : text) {
        if (std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == '~')
            out += char(c);
        else
            out += fmt::format("%{:02X}", c);
    }
    return out;
}

Result<std::chrono::milliseconds> parse_length(std::string_view text, std::string_view what) {
    const auto wrong = [&] {
        return Error{ErrorKind::usage, fmt::format("{} '{}' is not a length of time; write 90, 90s, 5m or 1h30m", what, printable(text))};
    };
    static constexpr std::array<std::pair<std::string_view, double>, 4> units{{{"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}}};
    auto rest = trim(text);
    if (rest.empty()) return wrong();
    double total = 0;
    bool bare = false;
    while (!rest.empty()) {
        const auto digits = rest.find_first_not_of("0123456789.");
        const std::string number(rest.substr(0, digits));
        char* end = nullptr;
        const double amount = std::strtod(number.c_str(), &end);
        if (number.empty() || *end || bare) return wrong();
        rest.remove_prefix(number.size());
        double unit = 1000;
        bare = rest.empty();
        for (const auto& [name, length] : units)
            if (rest.starts_with(name)) {
                unit = length;
                rest.remove_prefix(name.size());
                break;
            } else if (name == "s" && !bare) {
                return wrong();
            }
        total += amount * unit;
        if (total > 1e12) return wrong();
    }
    return std::chrono::milliseconds(std::llround(total));
}

std::string print_length(std::chrono::milliseconds length) {
    const auto ms = length.count();
    if (ms < 10'000) return fmt::format("{:.1f}s", double(ms) / 1000);
    const auto seconds = ms / 1000;
    if (seconds < 60) return fmt::format("{}s", seconds);
    if (seconds < 3600) return fmt::format("{}m{:02}s", seconds / 60, seconds % 60);
    return fmt::format("{}h{:02}m", seconds / 3600, seconds % 3600 / 60);
}

std::string print_number(double number) { return fmt::format("{}", number); }

// Over the zeros that end there. By hand: fmt costs ten times that, and each job tells its times several times.
static void write_number(std::string& text, std::size_t end, unsigned number) {
    for (; number > 0; number /= 10) text[--end] = char('0' + number % 10);
}

std::string iso_day(std::chrono::system_clock::time_point time) {
    const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
    std::string text = "0000-00-00";
    write_number(text, 4, unsigned(int(day.year())));
    write_number(text, 7, unsigned(day.month()));
    write_number(text, 10, unsigned(day.day()));
    return text;
}

std::string iso_time(std::chrono::system_clock::time_point time) {
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time);
    const std::chrono::hh_mm_ss clock(ms - std::chrono::floor<std::chrono::days>(ms));
    auto text = iso_day(time) + "T00:00:00.000Z";
    write_number(text, 13, unsigned(clock.hours().count()));
    write_number(text, 16, unsigned(clock.minutes().count()));
    write_number(text, 19, unsigned(clock.seconds().count()));
    write_number(text, 23, unsigned(clock.subseconds().count()));
    return text;
}

// The clock counts nanoseconds in 64 bits: from 1678 to 2261.
static bool is_countable(const std::tm& parts) { return parts.tm_year >= 1678 - 1900 && parts.tm_year <= 2261 - 1900; }

std::optional<std::chrono::system_clock::time_point> parse_iso_time(std::string_view text) {
    std::tm parts{};
    const std::string copy(text);
    const char* rest = strptime(copy.c_str(), "%Y-%m-%d", &parts);
    if (!rest) return {};
    double fraction = 0;
    if (*rest) {
        rest = strptime(rest, "T%H:%M:%S", &parts);
        if (!rest) return {};
        if (*rest == '.') {
            char* end = nullptr;
            fraction = std::strtod(rest, &end);
            rest = end;
        }
        if (std::string_view(rest) != "Z") return {};
    }
    if (!is_countable(parts)) return {};
    return std::chrono::system_clock::from_time_t(timegm(&parts)) + std::chrono::milliseconds(std::llround(fraction * 1000));
}

std::optional<std::chrono::system_clock::time_point> parse_http_date(std::string_view text) {
    std::tm parts{};
    const std::string copy(trim(text));
    const char* rest = strptime(copy.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
    if (!rest || *rest || !is_countable(parts)) return {};
    return std::chrono::system_clock::from_time_t(timegm(&parts));
}

}  // namespace shotwire::core
