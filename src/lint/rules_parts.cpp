#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {
namespace {

bool names_camera(const Reading& subject) {
    static const Phrases words{"camera",    "shot",           "close up",   "closeup",   "lens",    "angle",         "viewpoint",
                               "eye level", "frame",          "framed",     "framing",   "wide",    "macro",         "overhead",
                               "bokeh",     "depth of field", "foreground", "telephoto", "fisheye", "point of view", "extreme close up",
                               "view from"};
    return std::any_of(subject.described.begin(), subject.described.end(), [](const Text& text) { return words.stand_in(text.words) || !text.moves().empty(); });
}

Finding missing(const std::string& part, std::string_view what, std::string_view suggestion) {
    return {"missing-part", part, ("no " + part + ": ").append(what), std::string(suggestion)};
}

}  // namespace

Findings missing_part(const Reading& subject) {
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
        if (!names_light(subject) && flat_light(subject).empty())
            found.push_back(missing("lighting", "where the light comes from stays open", "name a source, its colour and its direction"));
    }
    if (shot.camera.empty() && !names_camera(subject))
        found.push_back(missing("camera", "how it is filmed stays open",
                                "name a framing and one move, such as 'slow dolly in at eye level', or 'static'"));
    return found;
}

Findings sound_without_audio(const Reading& subject) {
    if (subject.shot.sound.empty() || subject.audio.value_or(true)) return {};
    return {{"sound-without-audio", "sound", "it is described, but the clip is to have no audio", "leave out --no-audio, or the sound"}};
}

Findings over_long(const Reading& subject) {
    constexpr std::size_t many_words = 300;
    const auto& prompt = subject.prompt();
    const auto limit = subject.model ? subject.model->prompt.limit : 0, count = core::count_characters(prompt);
    if (limit > 0 && count > limit)
        return {{"over-long", "", fmt::format("the prompt has {} characters, {} takes at most {}", count, subject.model->id, limit),
                 fmt::format("shorten it by {} characters", count - limit)}};
    const auto words = prompt.size() < 2 * many_words ? 0 : shot::words_of(prompt).size();  // two bytes each at least, with what parts them
    if (words <= many_words) return {};
    return {{"over-long", "", fmt::format("the prompt has {} words; beyond about {} details get lost", words, many_words),
             "keep what can be seen in these seconds, and split the rest into further shots"}};
}

}  // namespace shotwire::lint
