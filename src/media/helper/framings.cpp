#include "media/helper/framings.hpp"

#include <algorithm>

namespace shotwire::media::helper {
namespace {

struct FramingWords {
    double share;
    std::initializer_list<std::string_view> words;
    std::initializer_list<std::string_view> alone = {};  // of a camera, but not in a story: "a wide beach"
};
// The longer words first: "medium close up" begins like "medium". What is seen is the face, to the chest, to the knees, ...
const FramingWords framings[] = {
    {3.7, {"extreme close up", "extreme closeup", "macro"}},
    {2.0, {"medium close up", "medium closeup"}, {"bust"}},
    {0.9, {"medium wide", "medium long shot", "medium full", "three quarter shot", "american shot"}, {"medium long", "three quarter"}},
    {0.16, {"extreme wide", "establishing", "vista", "extreme long shot"}, {"extreme long"}},
    {2.8, {"close up", "closeup", "close shot", "head and shoulders"}, {"close"}},
    {1.2, {"cowboy shot"}, {"cowboy"}},
    {1.45, {"medium shot", "mid shot", "waist shot", "waist up"}, {"medium", "waist"}},
    {0.6, {"full shot", "full body", "full figure", "full length", "head to toe"}},
    {0.3, {"wide shot", "wide angle", "wide view", "long shot"}, {"wide"}}};

// Where a camera is, and what lens it has, is no framing.
Words without_places(const Words& camera) {
    return camera.without({"waist height", "waist level", "waist high", "close to", "close behind", "close beside", "close by", "close above",
                           "close in front", "wide lens", "wide angle lens", "wider lens", "medium lens", "medium format", "medium speed", "medium pace",
                           "wide open", "wide aperture", "close the", "close his", "close her"});
}

}  // namespace

Framing framing_of(const Words& said, bool story) {
    Framing framing;
    auto first = std::string::npos;
    const auto camera = without_places(said);
    for (const auto& row : framings)
        if (auto at = std::min(camera.find(row.words), story ? std::string::npos : camera.find(row.alone)); at < first) first = at, framing.share = row.share;
    if (said.has({"shoulder height", "shoulder level"})) framing.eye = 1.42;
    if (said.has({"low angle", "worm s eye", "ground level", "knee height", "from below"})) framing.eye = 0.55, framing.pitch = 7;
    if (said.has({"close to the ground", "near the ground", "low to the ground", "just above the ground", "ankle height", "close to the floor"}))
        framing.eye = 0.4, framing.pitch = 4;
    if (said.has({"high angle", "from above"})) framing.eye = 3.2, framing.pitch = -16;
    if (said.has({"overhead", "top down", "bird s eye", "birds eye"})) framing.eye = 5.5, framing.pitch = -42;
    return framing;
}

}  // namespace shotwire::media::helper
