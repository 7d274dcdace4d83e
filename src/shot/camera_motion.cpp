#include <algorithm>

#include "shot/camera.hpp"
#include "shot/words.hpp"

namespace shotwire::shot {
namespace {

// How much quicker or slower the words in and beside a match make it.
double speed(const Match& match, const std::vector<Word>& words) {
    static const WordSet slow{"slow",    "slowly",    "gentle", "gently",   "subtle",   "subtly",
                              "gradual", "gradually", "slight", "slightly", "creeping", "languid"};
    static const WordSet fast{"fast", "quick", "quickly", "rapid", "rapidly", "swift", "swiftly", "sudden", "suddenly", "crash", "snap"};
    std::size_t first = words.size(), last = 0;
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i].begin >= match.begin && words[i].end <= match.end) first = std::min(first, i), last = i;
    if (first == words.size()) return 1;
    for (int i = 0; i < 2 && first > 0 && !words[first].starts_clause(); ++i) --first;
    for (int i = 0; i < 2 && last + 1 < words.size() && !words[last + 1].starts_clause() && words[last + 1].text != "and"; ++i) ++last;
    for (auto i = first; i <= last; ++i) {
        if (slow.has(words[i].text)) return 0.85;
        if (fast.has(words[i].text)) return 1.3;
    }
    return 1;
}

void add(Motion& sum, Motion one, double scale) {
    if (one.whip) scale = 1;
    sum.dolly += one.dolly * scale;
    sum.truck += one.truck * scale;
    sum.pedestal += one.pedestal * scale;
    sum.pan += one.pan * scale;
    sum.tilt += one.tilt * scale;
    sum.orbit += one.orbit * scale;
    sum.zoom *= 1 + (one.zoom - 1) * scale;
    sum.height += one.height;
    sum.pitch += one.pitch;
    sum.shake = std::max(sum.shake, one.shake);
    sum.focus = std::max(sum.focus, one.focus);
    sum.follow = sum.follow || one.follow;
    sum.whip = sum.whip || one.whip;
    sum.first_person = sum.first_person || one.first_person;
}

// Where the camera stands, as far as common words tell it.
struct Angle {
    std::string_view words;
    double height;
    double pitch;
};
constexpr Angle angles[] = {{"low angle", -0.25, 12},  {"worm's eye", -0.35, 20}, {"ground level", -0.3, 6}, {"knee height", -0.2, 4},
                            {"waist height", -0.1, 0}, {"hip height", -0.1, 0},   {"high angle", 0.6, -26},  {"overhead", 1.4, -62},
                            {"top down", 1.5, -66},    {"bird's eye", 1.5, -60},  {"birds eye", 1.5, -60}};

}  // namespace

Motion combine(const std::vector<std::string>& camera) {
    Motion sum;
    std::vector<const Move*> seen;
    for (const auto& text : camera) {
        const auto words = words_of(text);
        for (const auto& match : find_moves(words)) {
            if (std::find(seen.begin(), seen.end(), match.move) != seen.end()) continue;
            seen.push_back(match.move);
            auto motion = match.move->motion;
            const auto whips_left = [&](const Word& word) {
                return word.text == "left" && word.begin + 24 > match.begin && word.begin < match.end + 16;
            };
            if (motion.whip && std::any_of(words.begin(), words.end(), whips_left)) motion.pan = -motion.pan;
            add(sum, motion, speed(match, words));
        }
    }
    for (const auto& text : camera) {
        if (sum.height != 0 || sum.pitch != 0) break;
        std::string plain = " ";
        for (const auto& word : words_of(text)) plain += word.text + ' ';
        for (const auto& angle : angles)
            if (plain.find(' ' + std::string(angle.words) + ' ') != std::string::npos) {
                sum.height = angle.height;
                sum.pitch = angle.pitch;
                break;
            }
    }
    sum.dolly = std::clamp(sum.dolly, -1.5, 0.7);  // never through the subject
    sum.zoom = std::clamp(sum.zoom, 0.3, 3.0);
    return sum;
}

}  // namespace shotwire::shot
