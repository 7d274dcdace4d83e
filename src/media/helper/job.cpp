#include "media/helper/job.hpp"

#include <spdlog/fmt/fmt.h>

#include <cmath>
#include <limits>

#include "core/text.hpp"
#include "media/helper/lexicon.hpp"
#include "media/helper/negation.hpp"

namespace shotwire::media::helper {
namespace {

constexpr int most_frames = 60 * 120;
constexpr std::size_t longest_text = 4 * 32000;  // bytes: the characters that the server lets through

Error wrong(std::string_view field, const json& value, std::string_view allowed) {
    std::string shown = core::dump(value);
    if (shown.size() > 60) shown = core::printable(shown.substr(0, 57)) + "...";
    return {ErrorKind::usage, fmt::format("\"{}\" is {}: {}", field, shown, allowed)};
}

Result<> read(const json& document, const char* field, double low, double high, double& value) {
    auto found = document.find(field);
    if (found == document.end() || found->is_null()) return Ok{};
    if (!found->is_number() || !(found->get<double>() >= low && found->get<double>() <= high))
        return wrong(field, *found, fmt::format("a number from {} to {} is needed", core::print_number(low), core::print_number(high)));
    value = found->get<double>();
    return Ok{};
}

Result<> read(const json& document, const char* field, bool& value) {
    auto found = document.find(field);
    if (found == document.end() || found->is_null()) return Ok{};
    if (!found->is_boolean()) return wrong(field, *found, "true or false is needed");
    value = found->get<bool>();
    return Ok{};
}

Result<> read(const json& document, const char* field, std::string& value) {
    auto found = document.find(field);
    if (found == document.end() || found->is_null()) return Ok{};
    if (!found->is_string()) return wrong(field, *found, "text is needed");
    value = found->get<std::string>();
    if (value.size() > longest_text || !core::is_utf8(value)) return wrong(field, "...", fmt::format("UTF-8 text of at most {} bytes is needed", longest_text));
    return Ok{};
}

Result<> read_camera(const json& shot, std::vector<std::string>& camera) {
    auto found = shot.find("camera");
    if (found == shot.end() || found->is_null()) return Ok{};
    if (found->is_string()) {
        camera = {found->get<std::string>()};
        return Ok{};
    }
    if (!found->is_array() || found->size() > 64) return wrong("shot.camera", *found, "a list of texts is needed");
    for (const auto& words : *found) {
        if (!words.is_string() || words.get_ref<const std::string&>().size() > longest_text) return wrong("shot.camera", words, "a list of texts is needed");
        camera.push_back(words.get<std::string>());
    }
    return Ok{};
}

Result<> read_side(const json& document, const char* field, int& side) {
    double value = side;
    if (auto done = read(document, field, 16, 4096, value); !done) return done;
    if (value != std::floor(value) || int(value) % 2 != 0) return wrong(field, document.at(field), "an even number from 16 to 4096 is needed");
    side = int(value);
    return Ok{};
}

// 23.976 and 23.98 are what people write for 24000/1001. No other rate has such a twin.
double exact_rate(double fps) {
    for (const double whole : {24, 30, 48, 60, 120})
        if (const double nominal = whole * 1000 / 1001; std::abs(fps / nominal - 1) < 2e-4) return nominal;
    return fps;
}

}  // namespace

Result<AnimaticJob> parse_animatic(const json& document) {
    if (!document.is_object()) return wrong("job", document, "an object is needed");
    AnimaticJob job;
    std::string sent;
    double frames = 0, seconds = 4, seed = 0;
    json shot = document.contains("shot") && !document["shot"].is_null() ? document["shot"] : json::object();
    if (!shot.is_object()) return wrong("shot", shot, "an object is needed");

    Result<> steps[] = {read(document, "output", job.output), read_side(document, "width", job.size.width), read_side(document, "height", job.size.height),
                        read(document, "fps", 1, 120, job.fps), read(document, "frames", 1, most_frames, frames),
                        read(document, "seconds", 0.001, most_frames, seconds), read(document, "audio", job.audio),
                        read(document, "overlay", job.overlay), read(document, "plate", job.plate), read(document, "prompt", sent),
                        read(shot, "prompt", job.shot.prompt), read(shot, "subject", job.shot.subject), read(shot, "action", job.shot.action), read(shot, "environment", job.shot.environment),
                        read(shot, "lighting", job.shot.lighting), read(shot, "style", job.shot.style), read(shot, "sound", job.shot.sound),
                        read(shot, "opening", job.shot.opening), read(shot, "ending", job.shot.ending), read_camera(shot, job.shot.camera),
                        read(document, "seed", -9.3e18, 1.85e19, seed)};
    for (const auto& step : steps)
        if (!step) return step.error();
    if (job.output.empty()) return Error{ErrorKind::usage, "\"output\" is missing: the path of the clip is needed"};
    if (auto found = document.find("seed"); found != document.end() && found->is_number_integer()) job.seed = found->get<std::uint64_t>();

    job.fps = exact_rate(job.fps);
    if (frames != std::floor(frames)) return wrong("frames", document.at("frames"), "a whole number is needed");
    double wished = frames > 0 ? frames : std::max(1.0, std::round(seconds * job.fps));
    if (wished > most_frames) return wrong("seconds", seconds, fmt::format("at most {} frames are rendered", most_frames));
    job.frames = int(wished);
    // Our own client sends the shot beside the prompt that it composed of it, and the user's words are the shot's. Others send a prompt alone.
    if (everything(job.shot).empty()) job.shot.prompt = sent;
    auto camera = job.shot.camera.empty() ? std::vector{everything(job.shot)} : job.shot.camera;
    for (auto& words : camera) words = affirmed(words);
    job.motion = shot::combine(camera);
    return job;
}

}  // namespace shotwire::media::helper
