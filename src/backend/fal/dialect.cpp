#include "backend/fal/dialect.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/text.hpp"
#include "http/message.hpp"

namespace shotwire::backend::fal {

Result<Dialect> read_dialect(const json& given, bool moved) {
    if (!given.is_object()) return Error{ErrorKind::usage, "a route's dialect is a table of keys"};
    Dialect dialect;
    if (moved) dialect = {"", "", ""};
    for (const auto& [key, value] : given.items()) {
        auto* place = key == "platform_url" ? &dialect.platform_url : key == "upload_url" ? &dialect.upload_url : key == "schema_url" ? &dialect.schema_url : nullptr;
        if (!place)
            return Error{ErrorKind::usage, fmt::format("the dialect has no key \"{}\"; allowed: platform_url, upload_url, schema_url", core::printable(key))};
        const auto url = value.is_string() ? value.get<std::string>() : "";
        if (http::origin_of(url).empty() || http::without_userinfo(url) != url)
            return Error{ErrorKind::usage, fmt::format("the dialect's \"{}\" is {}; allowed: an http or https URL without a user or key", key,
                                                       core::printable(core::dump(value)))};
        *place = url.substr(0, url.find_last_not_of('/') + 1);
    }
    return dialect;
}

}  // namespace shotwire::backend::fal
