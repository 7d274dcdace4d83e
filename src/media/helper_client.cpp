#include "media/helper_client.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "core/paths.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace shotwire::media {
namespace {

// What the helper said about its failure: the last line that is no progress.
std::string last_words(const std::string& talk) {
    const auto lines = core::split(talk, '\n');
    const auto said = std::find_if(lines.rbegin(), lines.rend(), [](const std::string& line) { return !line.starts_with("progress "); });
    return said == lines.rend() ? std::string("it said nothing") : core::printable(std::string_view(*said).substr(0, 500));
}

}  // namespace

Helper Helper::locate() { return Helper(core::companion("SHOTWIRE_MEDIA", "shotwire-media")); }

Result<json> Helper::run(const std::string& verb, const json& job, const Progress& progress, std::chrono::milliseconds limit) const {
    double reached = 0;
    core::Command command{.words = {program_.string(), verb}, .input = core::dump(job)};
    command.limit = limit;
    command.without_secrets = true;
    if (progress) {
        command.on_line = [&](std::string_view line) {
            if (!line.starts_with("progress ")) return true;
            const auto told = std::strtod(std::string(line.substr(9)).c_str(), nullptr);
            if (std::isfinite(told)) reached = std::max(reached, std::min(told, 1.0));
            return true;
        };
        command.keep_going = [&] { return progress(reached); };
    }
    auto finished = core::run_process(command);
    if (!finished) return finished.error();
    const auto who = fmt::format("{} {}", program_.filename().string(), verb);
    if (finished->exit > 128 && finished->exit < 128 + 64)
        return Error{ErrorKind::local, fmt::format("{} crashed (signal {})", who, finished->exit - 128)};
    if (finished->exit != 0)
        return Error{finished->exit == int(ErrorKind::usage) ? ErrorKind::usage : ErrorKind::local,
                     fmt::format("{} failed with exit code {}: {}", who, finished->exit, last_words(finished->err))};
    auto result = core::parse_json(finished->out, fmt::format("the output of {}", who));
    if (!result) return Error{ErrorKind::local, result.error().message};
    return result;
}

}  // namespace shotwire::media
