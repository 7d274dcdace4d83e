#pragma once
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "shot/words.hpp"

namespace shotwire::shot {

// What a move does between the first and the last frame, for whoever renders it or has native controls for it. Moves add up.
// Lengths are in units of the distance from camera to subject at the start; angles in degrees.
struct Motion {
    double dolly = 0;     // along the view, forward positive
    double truck = 0;     // sideways, right positive
    double pedestal = 0;  // up positive
    double pan = 0;       // turn to the right positive
    double tilt = 0;      // turn up positive
    double orbit = 0;     // around the subject, camera travels to its right positive
    double zoom = 1;      // focal length at the end, in units of that at the start
    double height = 0;    // where the camera starts above eye level
    double pitch = 0;     // how it looks at the start, up positive (an aerial view looks down)
    double shake = 0;     // 0 none ... 1 a running operator
    double focus = 0;     // rack focus: 0 none, 1 from foreground to subject
    bool follow = false;  // travels with the subject
    bool whip = false;    // all of the turn within a quarter of the time
    bool first_person = false;
};

// A row of the vocabulary.
struct Move {
    std::string_view id;                       // "dolly_in": for native controls and the animatic
    std::string_view name;                     // "slow dolly in": canonical
    std::vector<std::string_view> synonyms;    // lower case; matched on word borders; "=" and "*" in them: see camera.cpp
    std::string_view words;                    // for prompts: "the camera slowly dollies in"
    Motion motion;
    std::vector<std::string_view> excludes;    // ids that contradict it
    std::string_view open_words = {};          // the words where a synonym leaves the side open: "orbit"
};
std::span<const Move> vocabulary();

// The moves named in free text, longest names first, each once, in the order in which they stand.
struct Match {
    const Move* move = nullptr;
    std::size_t begin = 0;  // bytes of the text
    std::size_t end = 0;
};
std::vector<Match> find_moves(std::string_view text);
std::vector<Match> find_moves(const std::vector<Word>& words);  // of that text

// All moves of the texts added up; speed words ("slow", "fast") scale them.
Motion combine(const std::vector<std::string>& camera);

}  // namespace shotwire::shot
