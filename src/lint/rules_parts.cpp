#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"
#include "shot/camera.hpp"

namespace shotwire::lint {
namespace {

bool names_camera(const Shot& shot) {
    static const Phrases words{"camera",    "shot",           "close up",   "closeup",   "lens",    "angle",         "viewpoint",
                               "eye level", "frame",          "framed",     "framing",   "wide",    "macro",         "overhead",
                               "bokeh",     "depth of field", "foreground", "telephoto", "fisheye", "point of view", "extreme close up",
                               "view from"};
    const auto all = described(shot);
    return std::any_of(all.begin(), all.end(),
                       [](const Text& text) { return words.stand_in(text.words) || !shot::find_moves(text.text).empty(); });
}

Finding missing(std::string part, std::string what, std::string suggestion) {
    return {"missing-part", part, fmt::format("no {}: {}", part, what), std::move(suggestion)};
}

}  // namespace

Findings missing_part(const Subject& subject) {
    const auto& shot = subject.shot;
    const bool ready = !shot.prompt.empty();                // tells subject, action and place in its own way
    const bool shown = ready || !shot.first_frame.empty();  // as a picture does, but for the action
    Findings found;
    if (shot.subject.empty() && !shown)
        found.push_back(missing("subject", "who or what is on screen stays open", "name one subject with two details that can be seen"));
    if (shot.action.empty() && !ready)
        found.push_back(missing("action", "what happens stays open", "give the subject one verb and a pace, such as 'walks slowly'"));
    if (shot.environment.empty() && !shown)
        found.push_back(missing("environment", "where it happens stays open", "name a place and what is near and far in it"));
    if (shot.lighting.empty() && shot.first_frame.empty()) {
        // A time of day alone is flat-light's business.
        if (!names_light(shot) && flat_light(subject).empty())
            found.push_back(missing("lighting", "where the light comes from stays open", "name a source, its colour and its direction"));
    }
    if (shot.camera.empty() && !names_camera(shot))
        found.push_back(missing("camera", "how it is filmed stays open",
                                "name a framing and one move, such as 'slow dolly in at eye level', or 'static'"));
    return found;
}

Findings sound_without_audio(const Subject& subject) {
    if (subject.shot.sound.empty() || subject.audio.value_or(true)) return {};
    return {{"sound-without-audio", "sound", "it is described, but the clip is to have no audio", "leave out --no-audio, or the sound"}};
}

Findings over_long(const Subject& subject) {
    constexpr std::size_t many_words = 300;
    auto style = subject.model ? subject.model->prompt : shot::PromptStyle{};
    const auto limit = std::exchange(style.limit, 0);
    style.negative_limit = 0;
    const auto composed = shot::compose(subject.shot, style);
    if (!composed) return {};
    const auto count = core::count_characters(composed->prompt);
    if (limit > 0 && count > limit)
        return {{"over-long", "", fmt::format("the prompt has {} characters, {} takes at most {}", count, subject.model->id, limit),
                 fmt::format("shorten it by {} characters", count - limit)}};
    const auto words = shot::words_of(composed->prompt).size();
    if (words <= many_words) return {};
    return {{"over-long", "", fmt::format("the prompt has {} words; beyond about {} details get lost", words, many_words),
             "keep what can be seen in these seconds, and split the rest into further shots"}};
}

}  // namespace shotwire::lint
