#include "media/helper/script.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

namespace shotwire::media::helper {
namespace {

using Text = std::u32string;

Text decoded(const std::string& text) {
    Text all;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i++]);
        char32_t c = lead < 0x80 ? lead : lead < 0xe0 ? lead & 0x1f
                                      : lead < 0xf0   ? lead & 0x0f
                                                      : lead & 0x07;
        while (lead >= 0xc0 && i < text.size() && (static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) c = c << 6 | (static_cast<unsigned char>(text[i++]) & 0x3f);
        all += c;
    }
    return all;
}

std::string encoded(const Text& text) {
    std::string all;
    for (char32_t c : text) {
        const int more = c < 0x80 ? 0 : c < 0x800 ? 1
                                    : c < 0x10000 ? 2
                                                  : 3;
        constexpr unsigned leads[] = {0, 0xc0, 0xe0, 0xf0};
        all += char(leads[more] | c >> 6 * more);
        for (int i = more; i-- > 0;) all += char(0x80 | (c >> 6 * i & 0x3f));
    }
    return all;
}

bool within(char32_t c, char32_t first, char32_t last) { return c >= first && c <= last; }
bool is_mark(char32_t c) { return within(c, 0x591, 0x5bd) || c == 0x5bf || within(c, 0x5c1, 0x5c7) || within(c, 0x64b, 0x65f) || c == 0x670; }

enum class Way { none,
                 left,
                 right,
                 number };  // where reading goes
Way way_of(char32_t c) {
    if (within(c, '0', '9') || within(c, 0x660, 0x669) || within(c, 0x6f0, 0x6f9)) return Way::number;
    if (within(c, 0x590, 0x8ff) || within(c, 0xfb1d, 0xfdff) || within(c, 0xfe70, 0xfefc)) return Way::left;
    return within(c, 'A', 'Z') || within(c, 'a', 'z') || (c >= 0xc0 && !within(c, 0x2000, 0x2bff)) ? Way::right : Way::none;
}

// The forms of the letters from U+0621 and from U+0641 on, as many as the digit says, stand one after the other: alone, last, first, inside.
struct Forms {
    char32_t letter, form;
    std::string_view counts;
};
constexpr Forms forms[] = {{0x621, 0xfe80, "12222424244444222244444444"}, {0x641, 0xfed1, "4444444224"}};
struct Letter {
    char32_t alone = 0;
    int count = 0;
};
Letter letter_of(char32_t c) {
    for (const auto& row : forms) {
        if (c < row.letter || c >= row.letter + row.counts.size()) continue;
        char32_t form = row.form;
        for (char32_t before = row.letter; before < c; ++before) form += char32_t(row.counts[before - row.letter] - '0');
        return {form, row.counts[c - row.letter] - '0'};
    }
    return {};
}
constexpr char32_t stroke = 0x640, lam = 0x644;
bool joins_behind(char32_t c) { return c == stroke || letter_of(c).count == 4; }  // to the letter that is read after it
bool joins_before(char32_t c) { return c == stroke || letter_of(c).count >= 2; }

constexpr std::u32string_view brackets = U"()[]{}<>\u00ab\u00bb";
char32_t mirrored(char32_t c) {
    const auto at = brackets.find(c);
    return at == brackets.npos ? c : brackets[at ^ 1];
}

}  // namespace

std::string with_joined_letters(const std::string& text) {
    Text all = decoded(text), shaped;
    if (std::none_of(all.begin(), all.end(), [](char32_t c) { return letter_of(c).count > 0; })) return text;
    char32_t before = 0;  // the letter that was read last, marks passed over
    for (std::size_t i = 0; i < all.size(); ++i) {
        if (is_mark(all[i])) {
            shaped += all[i];
            continue;
        }
        const auto letter = letter_of(all[i]);
        const bool last = joins_behind(before) && joins_before(all[i]);
        auto next = i + 1;
        while (next < all.size() && is_mark(all[next])) ++next;
        // Lam and alef are one letter.
        constexpr std::u32string_view alefs = U"\u0622\u0623\u0625\u0627";
        const auto alef = all[i] == lam && i + 1 < all.size() ? alefs.find(all[i + 1]) : alefs.npos;
        if (alef != alefs.npos) {
            shaped += char32_t(0xfef5 + 2 * alef + (last ? 1 : 0));
            before = all[++i];
            continue;
        }
        const bool first = letter.count == 4 && next < all.size() && joins_before(all[next]);
        shaped += letter.count ? letter.alone + char32_t(first ? (last ? 3 : 2) : last ? 1
                                                                                       : 0)
                               : all[i];
        before = all[i];
    }
    return encoded(shaped);
}

// The bidirectional algorithm as far as one line without control characters needs it.
std::string as_seen(const std::string& line) {
    const Text all = decoded(line);
    const auto first = std::find_if(all.begin(), all.end(), [](char32_t c) { return way_of(c) == Way::right || way_of(c) == Way::left; });
    if (std::none_of(all.begin(), all.end(), [](char32_t c) { return way_of(c) == Way::left; })) return line;
    const Way main = way_of(*first);
    std::vector<Way> ways;  // of the letters; a number goes with those before it
    for (Way before = main; char32_t c : all) {
        const auto way = way_of(c);
        if (way == Way::right || way == Way::left) before = way;
        ways.push_back(way == Way::number ? before : way);
    }
    // A mark between two words goes with them where they go one way, else with the line.
    for (std::size_t i = 0; i < ways.size(); ++i) {
        if (ways[i] != Way::none) continue;
        auto end = i;
        while (end < ways.size() && ways[end] == Way::none) ++end;
        const auto before = i > 0 ? ways[i - 1] : main, behind = end < ways.size() ? ways[end] : main;
        std::fill(ways.begin() + std::ptrdiff_t(i), ways.begin() + std::ptrdiff_t(end), before == behind ? before : main);
    }
    struct Sign {
        Text letter;  // with the marks that stand on it
        int level;    // odd: from right to left
    };
    std::vector<Sign> signs;
    for (std::size_t i = 0; i < all.size(); ++i) {
        const int level = ways[i] == Way::right ? (main == Way::left ? 2 : 0) : way_of(all[i]) == Way::number ? 2
                                                                                                              : 1;
        if (is_mark(all[i]) && !signs.empty()) signs.back().letter += all[i];
        else signs.push_back({Text(1, level == 1 ? mirrored(all[i]) : all[i]), level});
    }
    for (int level : {2, 1})
        for (auto from = signs.begin(); from != signs.end();) {
            const auto end = std::find_if(from, signs.end(), [level](const Sign& sign) { return sign.level < level; });
            std::reverse(from, end);
            from = std::find_if(end, signs.end(), [level](const Sign& sign) { return sign.level >= level; });
        }
    Text seen;
    for (const auto& sign : signs) seen += sign.letter;
    return encoded(seen);
}

}  // namespace shotwire::media::helper
