#pragma once
#include <filesystem>
#include <string>

#include "shotwire/result.hpp"

namespace shotwire::serve {

struct Certificate {
    std::filesystem::path certificate;  // cert.pem
    std::filesystem::path key;          // key.pem, 0600
};

// The certificate in this folder, made (EC P-256, ten years, localhost, loopback and `host`) where there is none, it has
// expired or it does not name `host`. Several processes may ask at once: all end with the same one. Errors: local.
Result<Certificate> ensure_certificate(const std::filesystem::path& folder, const std::string& host);

}  // namespace shotwire::serve
