#include "media/helper/slate.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "core/text.hpp"
#include "media/helper/lexicon.hpp"
#include "media/helper/script.hpp"
#include "shot/sentences.hpp"

namespace shotwire::media::helper {
namespace {

constexpr std::size_t most_shown = 1000;  // characters of one text: no picture has room for as many
constexpr int smallest_side = 120;  // below it no word can be read
constexpr Color white{1, 1, 1, 0.96}, pale{0.86, 0.88, 0.9, 0.92}, amber{1, 0.76, 0.42, 0.95};

void choose(cairo_t* c, bool bold, double size) {
    cairo_select_font_face(c, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL, bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(c, size);
}

double width_of(cairo_t* c, const std::string& text) {
    cairo_text_extents_t extents;
    cairo_text_extents(c, text.c_str(), &extents);
    return std::max(extents.x_advance, extents.width + std::max(0.0, extents.x_bearing));
}

std::size_t next_character(const std::string& text, std::size_t at) {
    do ++at;
    while (at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80);
    return at;
}

std::vector<std::string> wrap(cairo_t* c, const std::string& text, double width) {
    std::vector<std::string> lines;
    std::string line;
    for (std::string word : core::split(text, ' ')) {
        std::string longer = line.empty() ? word : line + " " + word;
        if (width_of(c, longer) <= width) {
            line = longer;
            continue;
        }
        if (!line.empty()) lines.push_back(line);
        while (width_of(c, word) > width) {
            std::size_t cut = next_character(word, 0);
            while (next_character(word, cut) < word.size() && width_of(c, word.substr(0, next_character(word, cut))) <= width) cut = next_character(word, cut);
            if (cut >= word.size()) break;
            lines.push_back(word.substr(0, cut));
            word.erase(0, cut);
        }
        line = word;
    }
    if (!line.empty()) lines.push_back(line);
    return lines;
}

void shorten(cairo_t* c, std::string& line, double width) {
    while (!line.empty() && width_of(c, line + "…") > width) {
        do line.pop_back();
        while (!line.empty() && (static_cast<unsigned char>(line.back()) & 0xc0) == 0x80);
        if (!line.empty() && static_cast<unsigned char>(line.back()) >= 0xc0) line.pop_back();
    }
    line += "…";
}

struct Paragraph {
    std::vector<std::string> parts;
    std::string_view between;
    bool bold;
    double scale;
    Color color;
    std::size_t most = 99;  // lines
};

std::string cut(const std::string& part, std::size_t characters) {
    std::size_t end = 0;
    while (characters-- > 0 && end < part.size()) end = next_character(part, end);
    return end >= part.size() ? part : std::string(core::trim(part.substr(0, end))) + "…";
}

bool has_glyph(cairo_t* c, const std::string& character) {
    cairo_glyph_t* glyphs = nullptr;
    int count = 0;
    const auto status = cairo_scaled_font_text_to_glyphs(cairo_get_scaled_font(c), 0, 0, character.data(), int(character.size()), &glyphs, &count, nullptr, nullptr, nullptr);
    const bool all = status == CAIRO_STATUS_SUCCESS && std::none_of(glyphs, glyphs + count, [](const cairo_glyph_t& glyph) { return glyph.index == 0; });
    cairo_glyph_free(glyphs);
    return all;
}

// What the font has no letters for (Chinese, emoji) is left out, and seen to be: empty boxes say less.
std::string legible(const std::string& text) {
    constexpr std::string_view left_out = "[…]";
    const Canvas scratch({1, 1});
    choose(scratch.cairo(), false, 20);
    std::string all;
    for (std::size_t at = 0, next = 0; at < text.size(); at = next) {
        next = next_character(text, at);
        const auto character = text.substr(at, next - at);
        if (has_glyph(scratch.cairo(), character)) all += character;
        else if (!all.ends_with(left_out)) all += left_out;
    }
    return all;
}

std::string shown(const std::string& text) { return with_joined_letters(legible(cut(std::string(core::trim(core::printable(text))), most_shown))); }

// "a woman walks slowly" reads as one; "a lighthouse, its lamp turns once" wants a mark.
std::string_view between(const std::string& subject, const std::string& action) {
    const bool ended = !subject.empty() && std::ispunct(static_cast<unsigned char>(subject.back()));
    return ended || shot::read_as_one(subject, action) ? " " : ", ";
}

std::vector<Paragraph> paragraphs_of(const Shot& shot) {
    auto given = [](std::vector<std::string> parts) {
        for (auto& part : parts) part = shown(part);
        std::erase_if(parts, [](const std::string& part) { return part.empty(); });
        return parts;
    };
    const bool bare = shot.subject.empty() && shot.action.empty();
    std::vector<Paragraph> all{{given({shot.subject, shot.action}), between(shot.subject, shot.action), true, 1, white},
                               {given({shot.prompt}), " ", false, 1, white},
                               {given({shot.environment, shot.lighting}), " · ", false, 0.82, pale},
                               {given(shot.camera), ", ", false, 0.82, amber}};
    std::erase_if(all, [](const Paragraph& p) { return p.parts.empty(); });
    if (bare && !all.empty()) all.front().most = all.size() > 1 ? 2 : 3;
    return all;
}

// The paragraph in at most so many lines: its long parts are cut, all to one length, so that none is lost.
std::vector<std::string> lines_of(cairo_t* c, const Paragraph& paragraph, double width, std::size_t most) {
    auto lines = wrap(c, core::join(paragraph.parts, paragraph.between), width);
    if (lines.size() <= most) return lines;
    auto cut_to = [&](std::size_t characters) {
        std::vector<std::string> parts;
        for (const auto& part : paragraph.parts) parts.push_back(cut(part, characters));
        return wrap(c, core::join(parts, paragraph.between), width);
    };
    std::size_t fits = 1, too_long = most_shown;
    while (too_long - fits > 1) {
        auto middle = (fits + too_long) / 2;
        (cut_to(middle).size() <= most ? fits : too_long) = middle;
    }
    lines = cut_to(fits);
    if (lines.size() > most) lines.resize(most), shorten(c, lines.back(), width);
    return lines;
}

void put(cairo_t* c, const TextLine& line) {
    const auto text = as_seen(line.text);
    choose(c, line.bold, line.size);
    double shadow = std::max(1.0, line.size * 0.05);
    cairo_move_to(c, line.x + shadow, line.y + shadow);
    cairo_set_source_rgba(c, 0, 0, 0, 0.55 * line.color.a);
    cairo_show_text(c, text.c_str());
    cairo_move_to(c, line.x, line.y);
    cairo_set_source_rgba(c, line.color.r, line.color.g, line.color.b, line.color.a);
    cairo_show_text(c, text.c_str());
}

}  // namespace

std::vector<TextLine> lay_out_caption(const Shot& shot, Size size) {
    int side = std::min(size.width, size.height);
    if (side < smallest_side) return {};
    Canvas scratch({1, 1});
    cairo_t* c = scratch.cairo();
    double margin_x = size.width * 0.05, bottom = size.height * 0.955, room = size.height * 0.2, width = size.width - 2 * margin_x;
    const auto paragraphs = paragraphs_of(shot);
    for (double type = std::max(10.0, side * 0.037);; type *= 0.92) {
        bool last_try = type < std::max(8.5, side * 0.022);
        std::vector<std::size_t> counts;
        for (const auto& paragraph : paragraphs) {
            choose(c, paragraph.bold, type * paragraph.scale);
            counts.push_back(std::min(paragraph.most, wrap(c, core::join(paragraph.parts, paragraph.between), width).size()));
        }
        auto height = [&] {
            double sum = counts.empty() ? 0 : type * 0.18 * double(counts.size() - 1);
            for (std::size_t i = 0; i < counts.size(); ++i) sum += double(counts[i]) * type * paragraphs[i].scale * 1.28;
            return sum;
        };
        if (height() > room && !last_try) continue;
        // Whoever has most lines gives one up; each keeps one.
        while (height() > room) {
            auto longest = std::max_element(counts.begin(), counts.end());
            if (*longest <= 1) break;
            --*longest;
        }
        std::vector<TextLine> lines;
        double y = 0;
        for (std::size_t i = 0; i < paragraphs.size(); ++i) {
            const auto& paragraph = paragraphs[i];
            double line_size = type * paragraph.scale;
            choose(c, paragraph.bold, line_size);
            if (!lines.empty()) y += type * 0.18;
            for (auto& text : lines_of(c, paragraph, width, counts[i])) {
                y += line_size * 1.28;
                lines.push_back({text, margin_x, y, width_of(c, text), line_size, paragraph.bold, paragraph.color});
            }
        }
        double drop = bottom - (lines.empty() ? 0 : lines.back().y) - type * 0.1;
        for (auto& line : lines) line.y += drop;
        return lines;
    }
}

double caption_top(const Shot& shot, Size size) {
    auto lines = lay_out_caption(shot, size);
    return lines.empty() ? size.height : lines.front().y - lines.front().size * 1.15;
}

Slate::Slate(const Shot& shot, Size size, double seconds, double fps, bool stands_in)
    : size_(size), fps_(fps), seconds_(seconds), stands_in_(stands_in), title_(shown(title(shot))),
      facts_(fmt::format("{}×{} · {} fps · {} s", size.width, size.height, core::print_number(fps), core::print_number(seconds))), caption_(size) {
    caption_.clear();
    auto lines = lay_out_caption(shot, size);
    caption_top_ = size.height;
    if (lines.empty()) return;
    double top = lines.front().y - lines.front().size * 2.6;
    caption_top_ = std::clamp(int(top), 0, size.height);
    {
        const Pixels pixels(caption_);
        for (int y = caption_top_; y < size.height; ++y) {
            double dark = 0.62 * smoothstep(0, 1, (y - top) / (size.height - top) * 1.7);
            std::fill_n(pixels.row(y), size.width, std::uint32_t(dark * 255) << 24);
        }
    }
    for (const auto& line : lines) put(caption_.cairo(), line);
    cairo_surface_flush(caption_.surface());
}

void Slate::draw(Canvas& canvas, int frame) const {
    double side = std::min(size_.width, size_.height);
    if (side < smallest_side) return;
    cairo_t* c = canvas.cairo();
    cairo_set_source_surface(c, caption_.surface(), 0, 0);
    cairo_rectangle(c, 0, caption_top_, size_.width, size_.height - caption_top_);
    cairo_fill(c);

    double x = size_.width * 0.05, type = std::max(8.0, side * 0.024), y = size_.height * 0.045 + type, now = frame / fps_;
    choose(c, true, type);
    double wide = width_of(c, "ANIMATIC");
    cairo_rectangle(c, x - type * 0.45, y - type * 1.1, wide + type * 0.9, type * 1.5);
    cairo_set_source_rgba(c, 0, 0, 0, 0.42);
    cairo_fill(c);
    put(c, {"ANIMATIC", x, y, wide, type, true, amber});
    if (stands_in_) put(c, {"figure stands in", x, y + type * 1.7, 0, type, false, pale});
    auto clock = fmt::format("{:02}:{:02}:{:02}", int(now) / 60, int(now) % 60, frame - int(std::ceil(int(now) * fps_ - 1e-9)));
    choose(c, false, type);
    double clock_wide = width_of(c, "00:00:00");
    put(c, {clock, size_.width * 0.95 - clock_wide, y, clock_wide, type, false, pale});

    double hold = std::min(0.7, seconds_ * 0.12), fade = hold * 0.5, alpha = 1 - smoothstep(hold, hold + fade, now);
    if (alpha <= 0) return;
    double card = side * 0.062, middle = size_.height * 0.36;
    choose(c, true, card);
    auto lines = wrap(c, title_, size_.width * 0.8);
    if (lines.size() > 3) lines.resize(3), shorten(c, lines.back(), size_.width * 0.8);
    double tall = card * 1.25 * double(lines.size()) + card * 2.1;
    cairo_rectangle(c, 0, middle - tall / 2, size_.width, tall);
    cairo_set_source_rgba(c, 0.03, 0.035, 0.05, 0.62 * alpha);
    cairo_fill(c);
    cairo_rectangle(c, size_.width * 0.1, middle - tall / 2 + card * 0.55, card * 0.9, std::max(2.0, card * 0.09));
    cairo_set_source_rgba(c, amber.r, amber.g, amber.b, alpha);
    cairo_fill(c);
    double line_y = middle - tall / 2 + card * 0.5;
    for (const auto& line : lines) put(c, {line, size_.width * 0.1, line_y += card * 1.25, 0, card, true, white.with_alpha(alpha)});
    put(c, {facts_, size_.width * 0.1, line_y + card * 0.95, 0, card * 0.46, false, pale.with_alpha(alpha)});
}

}  // namespace shotwire::media::helper
