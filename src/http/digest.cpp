#include "http/digest.hpp"

#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "core/text.hpp"

namespace shotwire::http {
namespace {

using Named = std::vector<std::pair<std::string, std::string>>;  // algorithm in lower case, sum in hex

// Base64 of a sum of that algorithm; empty: it is none. Unknown algorithms have no sum.
std::string sum(const std::string& algorithm, std::string_view text) {
    const std::size_t length = algorithm == "sha-256" ? 32 : algorithm == "md5" ? 16 : 0;
    const auto bytes = core::from_base64(text);
    return bytes && length && bytes->size() == length && text.size() == (length + 2) / 3 * 4 ? core::hex(*bytes) : "";
}

bool is_known(const std::string& algorithm) { return algorithm == "sha-256" || algorithm == "md5"; }

// "sha-256=BASE64, md5=BASE64", or as a structured dictionary "sha-256=:BASE64:;parameter". None where a sum that we know is broken.
std::optional<Named> read(std::string_view text, bool structured) {
    Named named;
    for (const auto& part : core::split(std::string(text), ',')) {
        const auto member = core::trim(part);
        const auto equals = member.find('=');
        const auto algorithm = std::string(member.substr(0, equals));
        const auto name = structured ? algorithm : core::lower(algorithm);
        if (equals == std::string_view::npos || !is_known(name)) continue;
        auto value = member.substr(equals + 1);
        if (structured) {
            value = core::trim(value.substr(0, value.find(';')));
            if (value.size() < 2 || !value.starts_with(':') || !value.ends_with(':')) return {};
            value = value.substr(1, value.size() - 2);
        }
        auto hex = sum(name, value);
        if (hex.empty()) return {};
        named.emplace_back(name, std::move(hex));
    }
    return named;
}

}  // namespace

Digests digests_of(const Response& head) {
    Digests found;
    std::set<std::string> contradicted;
    const bool whole = head.status == 200;
    // The sum of a file that is kept packed, and comes unpacked.
    const auto stored = head.header("x-goog-stored-content-encoding");
    const bool as_stored = stored.empty() || core::equal_fold(stored, "identity");
    const auto take = [&](const std::string& algorithm, const std::string& hex) {
        auto& place = algorithm == "md5" ? found.md5 : found.sha256;
        if (!place.empty() && place != hex) contradicted.insert(algorithm);
        place = hex;
    };
    for (const auto& [name, value] : head.headers) {
        const bool repr = core::equal_fold(name, "Repr-Digest"), content = whole && core::equal_fold(name, "Content-Digest");
        const bool listed = core::equal_fold(name, "Digest") || (as_stored && core::equal_fold(name, "x-goog-hash"));
        if (whole && core::equal_fold(name, "Content-MD5")) {
            if (const auto hex = sum("md5", core::trim(value)); !hex.empty()) take("md5", hex);
        } else if (repr || content || listed) {
            const auto named = read(value, !listed);
            if (!named) continue;
            for (const auto& [algorithm, hex] : *named) take(algorithm, hex);
        }
    }
    if (contradicted.contains("sha-256")) found.sha256.clear();
    if (contradicted.contains("md5")) found.md5.clear();
    return found;
}

}  // namespace shotwire::http
