#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <iostream>
#include <iterator>
#include <map>
#include <string_view>

#include "media/helper/av.hpp"
#include "media/helper/verbs.hpp"

namespace {

using namespace shotwire;
namespace helper = media::helper;

constexpr std::size_t longest_job = 1 << 20;

const std::map<std::string_view, Result<json> (*)(const json&, const helper::Progress&)> verbs{
    {"animatic", helper::animatic}, {"frames", helper::frames}, {"mp4", helper::mp4}, {"probe", helper::probe}};

// A line for each percent, not for each frame.
void report(double share) {
    static int last = -1;
    int percent = int(share * 100);
    if (percent == last) return;
    last = percent;
    fmt::print(stderr, "progress {:.2f}\n", share);
}

Result<json> run(std::string_view verb, const std::string& input) {
    auto found = verbs.find(verb);
    if (found == verbs.end()) {
        std::string known;
        for (const auto& [name, function] : verbs) known += (known.empty() ? "" : ", ") + std::string(name);
        return Error{ErrorKind::usage, fmt::format("unknown verb \"{}\"; known are {}", verb, known)};
    }
    if (input.size() > longest_job) return Error{ErrorKind::usage, "the job on standard input is larger than 1 MiB"};
    auto job = core::parse_json(input, "the job on standard input");
    if (!job) return Error{ErrorKind::usage, job.error().message};
    return found->second(*job, report);
}

}  // namespace

int main(int count, char** words) {
    try {
        std::signal(SIGPIPE, SIG_IGN);
        av_log_set_level(AV_LOG_QUIET);
        std::string input((std::istreambuf_iterator<char>(std::cin)), {});
        auto result = count == 2 ? run(words[1], input) : Error{ErrorKind::usage, "usage: shotwire-media VERB, with the job as JSON on standard input"};
        if (!result) {
            fmt::print(stderr, "{}\n", result.error().message);
            return result.error().kind == ErrorKind::usage ? 2 : result.error().kind == ErrorKind::local ? 9 : 70;
        }
        fmt::print("{}\n", core::dump(*result));
        return std::fflush(stdout) == 0 ? 0 : 9;
    } catch (const std::exception& problem) {
        fmt::print(stderr, "{}\n", problem.what());
        return 70;
    }
}
