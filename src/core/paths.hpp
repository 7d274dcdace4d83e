#pragma once
#include <filesystem>

namespace shotwire::core {
namespace fs = std::filesystem;

// $XDG_CONFIG_HOME/shotwire and its like, or their defaults under $HOME. Not created.
fs::path config_home();
fs::path state_home();
fs::path cache_home();  // what can be had again
fs::path executable();  // of this process
// A file that belongs to this program: what `variable` says, else beside the program (a build folder), else in ../libexec/shotwire.
fs::path companion(const char* variable, const char* name);

}  // namespace shotwire::core
