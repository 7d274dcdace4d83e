#pragma once
#include <chrono>
#include <filesystem>
#include <functional>

#include "core/json.hpp"
#include "shotwire/result.hpp"

namespace shotwire::media {

// `shotwire-media` runs as a process of its own: libav is slow to load, and a hostile file must crash a helper, not us.
// Its command line is a verb; the job stands on standard input as JSON; progress comes as lines "progress 0.42" on standard
// error; the result is one JSON document on standard output; exit 0, or 9/2/70 with one line on standard error.
class Helper {
public:
    explicit Helper(std::filesystem::path program) : program_(std::move(program)) {}
    // $SHOTWIRE_MEDIA, then beside this executable, then ../libexec/shotwire.
    static Helper locate();
    const std::filesystem::path& program() const { return program_; }

    // 0 to 1, never falling; also called every 50 ms while nothing changes. False stops the helper.
    using Progress = std::function<bool(double)>;
    // Errors: local (cannot be started, crashed, still running at its limit), usage (what it says of the job).
    Result<json> run(const std::string& verb, const json& job, const Progress& progress = {}, std::chrono::milliseconds limit = std::chrono::hours(1)) const;

private:
    std::filesystem::path program_;
};

}  // namespace shotwire::media
