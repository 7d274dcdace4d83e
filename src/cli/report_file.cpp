#include "cli/report_file.hpp"

#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <unistd.h>

#include "core/files.hpp"
#include "core/text.hpp"
#include "job/runner.hpp"

namespace shotwire::cli {
namespace {
namespace fs = std::filesystem;

constexpr std::size_t longest_report = 256 << 20;

bool is_same(const fs::path& a, const fs::path& b) {
    std::error_code failed;
    return fs::equivalent(a, b, failed) || fs::weakly_canonical(fs::absolute(a, failed), failed) == fs::weakly_canonical(fs::absolute(b, failed), failed);
}

}  // namespace

Result<> check_report(const ReportFile& report, const Taken& taken) {
    const auto& path = report.path;
    const auto wrong = [&](const std::string& why) { return Error{ErrorKind::usage, fmt::format("{} {}: {}", report.flag, core::printable(path.string()), why)}; };
    if (path == "-") return wrong("stdout is the result; name a file");
    std::error_code failed;
    const auto there = fs::status(path, failed);
    if (fs::is_directory(there)) return wrong("it is a folder");
    if (fs::exists(there) && !fs::is_regular_file(there)) {  // not opened: whoever reads a pipe would see its end
        if (::access(path.c_str(), W_OK) != 0) return core::system_error("write to", path);
        return Ok{};
    }
    for (const auto& [what, other] : taken)
        if (is_same(path, other)) return wrong(fmt::format("that is {}; name another file", what));
    if (core::lower(path.extension().string()) == ".mp4") return wrong("that is the name of a clip");
    if (fs::exists(there)) {
        if (!core::Fd(::open(path.c_str(), O_WRONLY | O_CLOEXEC))) return core::system_error("write to", path);
        const auto text = core::read_file(path, longest_report);
        if (text && (text->empty() || text->find(report.mark) != text->npos)) return Ok{};
        return wrong("it exists and is no earlier report; name another file");
    }
    const auto folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    if (!fs::is_directory(folder, failed)) return wrong("its folder does not exist");
    return job::check_folder(path);
}

Result<> write_report(const ReportFile& report, std::string_view text) {
    if (auto good = check_report(report); !good) return Error{ErrorKind::local, good.error().message};
    std::error_code failed;
    const auto there = fs::status(report.path, failed);
    if (!fs::exists(there) || fs::is_regular_file(there)) return core::write_file(core::behind_links(report.path), text, core::Existing::replace);
    const core::Fd file(::open(report.path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
    if (!file) return core::system_error("open", report.path);
    return core::write_all(file.get(), text, report.path);
}

}  // namespace shotwire::cli
