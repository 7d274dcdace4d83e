#include "core/paths.hpp"

#include <cstdlib>

namespace shotwire::core {
namespace {

fs::path under(const char* variable, const char* fallback) {
    const char* set = std::getenv(variable);
    if (set && *set == '/') return fs::path(set) / "shotwire";  // the XDG specification ignores relative paths
    const char* home = std::getenv("HOME");
    return fs::path(home && *home ? home : "/") / fallback / "shotwire";
}

}  // namespace

fs::path config_home() { return under("XDG_CONFIG_HOME", ".config"); }
fs::path cache_home() { return under("XDG_CACHE_HOME", ".cache"); }
fs::path state_home() { return under("XDG_STATE_HOME", ".local/state"); }

fs::path executable() {
    std::error_code failed;
    return fs::read_symlink("/proc/self/exe", failed);
}

fs::path companion(const char* variable, const char* name) {
    if (const char* set = std::getenv(variable); set && *set) return set;
    const auto folder = executable().parent_path();
    std::error_code failed;
    return fs::exists(folder / name, failed) ? folder / name : folder.parent_path() / "libexec" / "shotwire" / name;
}

}  // namespace shotwire::core
