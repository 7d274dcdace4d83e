#include "backend/remote_id.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace shotwire::backend {

Result<std::string> id_at(const json& reply, const std::string& pointer) {
    auto id = core::field<std::string>(reply, pointer);
    if (!id) return id;
    const bool strange = std::any_of(id->begin(), id->end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (id->empty() || id->size() > 1024 || strange || *id == "." || *id == "..")
        return Error{ErrorKind::provider, fmt::format("{} of the answer is not usable ({} bytes): 1 to 1024 printable ones are", pointer, id->size())};
    return id;
}

}  // namespace shotwire::backend
