#pragma once
#include <filesystem>
#include <string>

#include "config/config.hpp"

namespace shotwire::config {

// A TOML file put over `config`; the table [profiles.NAME] over the rest of the file where a profile is named (`found_profile`
// becomes true where the file has it). Errors: usage, with file, line and key.
struct FileReader {
    bool trusted = false;
    std::string profile;
    bool found_profile = false;
    Result<> read(const std::filesystem::path& path, Config& config);
};

}  // namespace shotwire::config
