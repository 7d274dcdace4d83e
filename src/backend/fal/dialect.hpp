#pragma once
#include <string>

#include "core/json.hpp"

namespace shotwire::backend::fal {

// Where the rest of the provider is, beside its queue: other hosts, and the first two get the key. On a host of the user's own there are
// none unless the dialect names them. Empty: no looking for lost jobs, no uploads, no descriptions.
struct Dialect {
    std::string platform_url = "https://api.fal.ai/v1";
    std::string upload_url = "https://rest.fal.ai";
    std::string schema_url = "https://fal.ai/api/openapi/queue/openapi.json";
};

// Errors: usage, naming the key, its value and what is allowed.
Result<Dialect> read_dialect(const json& given, bool moved);

}  // namespace shotwire::backend::fal
