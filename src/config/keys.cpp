#include <fcntl.h>
#include <spdlog/fmt/fmt.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "config/config.hpp"
#include "core/files.hpp"
#include "core/json.hpp"
#include "core/process.hpp"
#include "core/text.hpp"

namespace shotwire::config {
namespace {

constexpr std::size_t longest_key_file = 64 * 1024;

Error auth(std::string message) { return {ErrorKind::auth, std::move(message)}; }

bool is_set(const Environment& env, const std::string& name) {
    const auto text = env(name);
    return text && !text->empty();
}

// A key, or the JSON of a service account, which keeps its spaces but not its lines.
Result<core::Key> key_in(std::string text, const std::string& where) {
    if (!core::trim(text).starts_with('{')) return core::parse_key(std::move(text), where);
    const auto account = core::parse_json(text, where);
    if (!account || !account->is_object()) return auth(fmt::format("the {} begins like JSON, but is none", where));
    return core::Key(core::dump(*account));
}

// Neither the command nor what it wrote is quoted in errors: either may hold the key.
Result<core::Key> from_command(const KeySource& source) {
    const auto where = fmt::format("key_command of route {}", source.route);
    core::Command command{{"/bin/sh", "-c", source.command}, {}};
    command.limit = source.patience;
    command.most_output = longest_key_file;
    const auto finished = core::run_process(command);
    if (!finished) return auth(fmt::format("the {} did not end within {}, or could not be started", where, core::print_length(source.patience)));
    if (finished->exit != 0) return auth(fmt::format("the {} failed with exit code {}; run it by hand to see why", where, finished->exit));
    auto text = finished->out;
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
    if (text.empty()) return auth(fmt::format("the {} printed nothing", where));
    if (const auto lines = 1 + std::count(text.begin(), text.end(), '\n'); lines > 1 && !text.starts_with('{'))
        return auth(fmt::format("the {} printed {} lines; it must print the key alone (add `| head -n 1`)", where, lines));
    return key_in(std::move(text), where);
}

// The file that is checked is the file that is read: one descriptor for both. `named` says who named it.
Result<core::Key> from_file(const std::filesystem::path& file, const std::string& named) {
    const auto where = fmt::format("{}, {}", named, core::printable(file.string()));
    const core::Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) return auth(core::system_error(fmt::format("open the {},", named), file).message);
    struct stat state {};
    if (::fstat(fd.get(), &state) != 0 || !S_ISREG(state.st_mode)) return auth(fmt::format("the {} is not a regular file", where));
    if (state.st_mode & 077)
        return auth(fmt::format("the {} can be read or changed by others (mode {:04o}); run: chmod 600 {}", where,
                                unsigned(state.st_mode & 0777), core::printable(file.string())));
    if (std::size_t(state.st_size) > longest_key_file) return auth(fmt::format("the {} is too large for a key", where));
    std::string text(std::size_t(state.st_size), '\0');
    std::size_t have = 0;
    while (have < text.size()) {
        const auto got = ::read(fd.get(), text.data() + have, text.size() - have);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return auth(fmt::format("the {} cannot be read", where));
        have += std::size_t(got);
    }
    return key_in(std::move(text), where);
}

// One of two variables: the other was forgotten.
std::optional<Error> half_a_pair(const KeySource& source, const Environment& env) {
    for (const auto& [first, second] : source.pairs)
        if (is_set(env, first) != is_set(env, second))
            return auth(fmt::format("the route {} needs both ${} and ${}; ${} is not set", source.route, first, second,
                                    is_set(env, first) ? second : first));
    return {};
}

}  // namespace

std::string KeySource::shown() const {
    if (!command.empty()) return "key_command of route " + route;
    if (!file.empty()) return "key_file of route " + route;
    std::vector<std::string> names;
    for (const auto& name : env) names.push_back("$" + name);
    for (const auto& [first, second] : pairs) names.push_back(fmt::format("${} with ${}", first, second));
    for (const auto& name : file_env) names.push_back(fmt::format("the file ${}", name));
    return names.empty() ? "key of route " + route : core::join(names, " or ");
}

bool has_key(const KeySource& source, const Environment& env) {
    const auto set = [&](const std::string& name) { return is_set(env, name); };
    return !source.command.empty() || !source.file.empty() || std::any_of(source.env.begin(), source.env.end(), set) ||
           std::any_of(source.file_env.begin(), source.file_env.end(), set) ||
           std::any_of(source.pairs.begin(), source.pairs.end(), [&](const auto& pair) { return set(pair.first) && set(pair.second); });
}

Result<core::Key> find_key(const KeySource& source, const Environment& env) {
    if (!source.command.empty()) return from_command(source);
    if (!source.file.empty()) return from_file(source.file, "key_file of route " + source.route);
    for (const auto& name : source.env)
        if (is_set(env, name)) return core::parse_key(*env(name), "$" + name);
    for (const auto& [first, second] : source.pairs) {
        if (!is_set(env, first) || !is_set(env, second)) continue;
        const auto access = core::parse_key(*env(first), "$" + first), secret = core::parse_key(*env(second), "$" + second);
        if (!access) return access.error();
        if (!secret) return secret.error();
        return core::Key(access->expose() + ":" + secret->expose());
    }
    for (const auto& name : source.file_env)
        if (is_set(env, name)) return from_file(*env(name), fmt::format("file that ${} names", name));
    if (const auto half = half_a_pair(source, env)) return *half;
    const bool by_variable = !source.env.empty() || !source.pairs.empty() || !source.file_env.empty();
    return auth(fmt::format("there is no key for the route {}: {}set key_command or key_file under [routes.{}] of the configuration",
                            source.route, by_variable ? fmt::format("set {}, or ", source.shown()) : "", source.route));
}

}  // namespace shotwire::config
