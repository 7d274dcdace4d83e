#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "config/config.hpp"
#include "core/files.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace shotwire::config {
namespace {

constexpr std::size_t longest_key_file = 64 * 1024;

Error auth(std::string message) { return {ErrorKind::auth, std::move(message)}; }

// Neither the command nor what it wrote is quoted in errors: either may hold the key.
Result<core::Key> from_command(const KeySource& source) {
    const auto where = fmt::format("key_command of route {}", source.route);
    core::Command command{{"/bin/sh", "-c", source.command}, {}};
    command.limit = std::chrono::seconds(30);
    command.most_output = longest_key_file;
    const auto finished = core::run_process(command);
    if (!finished) return auth(fmt::format("the {} did not end within 30 s, or could not be started", where));
    if (finished->exit != 0) return auth(fmt::format("the {} failed with exit code {}; run it by hand to see why", where, finished->exit));
    auto text = finished->out;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) return auth(fmt::format("the {} printed nothing", where));
    if (const auto lines = 1 + std::count(text.begin(), text.end(), '\n'); lines > 1)
        return auth(fmt::format("the {} printed {} lines; it must print the key alone (add `| head -n 1`)", where, lines));
    return core::parse_key(std::move(text), where);
}

// The file that is checked is the file that is read: one descriptor for both.
Result<core::Key> from_file(const KeySource& source) {
    const auto where = fmt::format("key_file of route {}, {}", source.route, core::printable(source.file.string()));
    const core::Fd fd(::open(source.file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return auth(core::system_error(fmt::format("open the key_file of route {},", source.route), source.file).message);
    struct stat state {};
    if (::fstat(fd.get(), &state) != 0 || !S_ISREG(state.st_mode)) return auth(fmt::format("the {} is not a regular file", where));
    if (state.st_mode & 077)
        return auth(fmt::format("the {} can be read or changed by others (mode {:04o}); run: chmod 600 {}", where,
                                unsigned(state.st_mode & 0777), core::printable(source.file.string())));
    if (std::size_t(state.st_size) > longest_key_file) return auth(fmt::format("the {} is too large for a key", where));
    std::string text(std::size_t(state.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto got = ::read(fd.get(), text.data() + have, text.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return auth(fmt::format("the {} cannot be read", where));
        have += std::size_t(got);
    }
    return core::parse_key(std::move(text), where);
}

}  // namespace

std::string KeySource::shown() const {
    if (!command.empty()) return "key_command of route " + route;
    if (!file.empty()) return "key_file of route " + route;
    std::vector<std::string> names;
    for (const auto& name : env) names.push_back("$" + name);
    return names.empty() ? "key of route " + route : core::join(names, " or ");
}

Result<core::Key> find_key(const KeySource& source, const std::function<std::optional<std::string>(const std::string&)>& env) {
    if (!source.command.empty()) return from_command(source);
    if (!source.file.empty()) return from_file(source);
    for (const auto& name : source.env)
        if (auto text = env(name); text && !text->empty()) return core::parse_key(*std::move(text), "$" + name);
    return auth(fmt::format("there is no key for the route {}: {}set key_command or key_file under [routes.{}] of the configuration",
                            source.route, source.env.empty() ? "" : fmt::format("set {}, or ", source.shown()), source.route));
}

}  // namespace shotwire::config
