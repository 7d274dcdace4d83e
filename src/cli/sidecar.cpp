#include "cli/sidecar.hpp"

#include <spdlog/fmt/fmt.h>

#include <filesystem>

#include "core/files.hpp"
#include "core/text.hpp"

namespace shotwire::cli {
namespace {
constexpr std::string_view family = "shotwire.clip/", ours = "shotwire.clip/1";
}

Result<json> read_sidecar(std::string file, const std::string& said_by) {
    std::error_code failed;
    if (core::lower(file).ends_with(".mp4")) {
        if (!std::filesystem::exists(file + ".json", failed))
            return Error{ErrorKind::usage, fmt::format("{} {}: its sidecar {}.json is not there", said_by, core::printable(file), core::printable(file))};
        file += ".json";
    }
    auto text = core::read_file(file, 16 << 20);
    if (!text) return Error{ErrorKind::usage, text.error().message};
    if (!core::is_utf8(*text)) return Error{ErrorKind::usage, fmt::format("{} {} is neither a clip (.mp4) nor its sidecar (.mp4.json)", said_by, core::printable(file))};
    auto document = core::parse_json(*text, file);
    if (!document) return Error{ErrorKind::usage, document.error().message};
    const auto schema = document->is_object() ? core::field_or(*document, "/schema", "") : "";
    if (schema.starts_with(family) && schema != ours)
        return Error{ErrorKind::usage, fmt::format("{} {} is a sidecar of the schema {}; this version reads {}", said_by, core::printable(file), core::printable(schema), ours)};
    return document;
}

std::string job_of_clip(const std::string& file) {
    const auto name = core::lower(file);
    if (!name.ends_with(".mp4") && !name.ends_with(".mp4.json")) return "";
    const auto document = read_sidecar(file, "");
    return document && document->is_object() && core::field_or(*document, "/schema", "") == ours ? core::field_or(*document, "/job", "") : "";
}

}  // namespace shotwire::cli
