#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"
#include "shot/camera.hpp"

namespace shotwire::lint {
namespace {
using shot::Field;

struct Named {
    const shot::Move* move;
    std::size_t text;  // which text
    shot::Match match;
    std::string words;
};

std::vector<Named> moves_of(const Texts& texts) {
    std::vector<Named> all;
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (const auto& match : texts[i].get().moves())
            all.push_back({match.move, i, match, texts[i].get().text.substr(match.begin, match.end - match.begin)});
    return all;
}

// "pan left, then pan right", or "pan left" and an entry "then pan right": one after the other.
bool follow_each_other(const Named& a, const Named& b, const Texts& texts) {
    static const Phrases sequence{"then", "before", "after", "afterwards", "followed by", "finally",
                                  "until", "ends", "ending", "and back", "halfway", "next"};
    const bool in_one_text = a.text == b.text;
    if (!in_one_text && texts[b.text].get().field != Field::camera) return false;
    const auto begin = in_one_text ? a.match.begin : 0, end = in_one_text ? std::max(a.match.end, b.match.end) : b.match.end;
    const auto& text = texts[b.text].get().text;
    return sequence.stand_in(shot::words_of(std::string_view(text).substr(begin, end - begin)));
}

// A tripod turns and zooms; it does not travel.
bool turns_on_tripod(const Named& a, const Named& b) {
    const auto& tripod = a.move->id == "static" ? a : b;
    const auto& other = a.move->id == "static" ? b : a;
    return tripod.words.find("ripod") != std::string::npos &&
           (other.move->motion.pan != 0 || (other.move->motion.tilt != 0 && other.move->motion.pedestal == 0));
}

}  // namespace

Findings conflicting_moves(const Reading& subject) {
    const auto all_texts = subject.texts({Field::camera, Field::prompt});
    const auto moves = moves_of(all_texts);
    Findings found;
    for (std::size_t i = 0; i < moves.size(); ++i)
        for (std::size_t k = i + 1; k < moves.size(); ++k) {
            const auto& excludes = moves[i].move->excludes;
            if (std::find(excludes.begin(), excludes.end(), moves[k].move->id) == excludes.end()) continue;
            if (follow_each_other(moves[i], moves[k], all_texts) || turns_on_tripod(moves[i], moves[k])) continue;
            found.push_back({"conflicting-moves", all_texts[moves[k].text].get().name(),
                             fmt::format("'{}' and '{}' exclude each other", moves[i].words, moves[k].words),
                             "keep one of them, or say which comes first with 'then'"});
        }
    return found;
}

// A camera text that names no move, and is within a slip or two of one that does.
Findings misspelt_move(const Reading& subject) {
    static const std::vector<std::string> names = [] {
        std::vector<std::string> all;
        for (const auto& move : shot::vocabulary()) {
            all.emplace_back(move.name);
            for (auto word : move.synonyms)
                if (word.find_first_of("=*") == word.npos) all.emplace_back(word);
        }
        return all;
    }();
    Findings found;
    for (const Text& text : subject.texts({Field::camera})) {
        if (!text.moves().empty()) continue;
        if (const auto meant = core::nearest(core::lower(core::trim(text.text)), names))
            found.push_back({"misspelt-move", "camera", fmt::format("'{}' names no camera move", text.text), fmt::format("did you mean '{}'?", *meant),
                             with_text(subject.shot, text, *meant)});
    }
    return found;
}

Findings too_many_moves(const Reading& subject) {
    constexpr std::size_t most = 3;
    std::vector<std::string> names;
    for (const auto& named : moves_of(subject.texts({Field::camera, Field::prompt})))
        if (std::find(names.begin(), names.end(), named.move->name) == names.end()) names.emplace_back(named.move->name);
    if (names.size() <= most) return {};
    return {{"too-many-moves", "camera", fmt::format("{} camera moves in one shot: {}", names.size(), fmt::join(names, ", ")),
             "keep the one that tells the story, and how it is held"}};
}

}  // namespace shotwire::lint
