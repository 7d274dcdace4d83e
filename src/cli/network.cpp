#include "cli/network.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/text.hpp"

namespace shotwire::cli {
namespace {

constexpr std::array<std::string_view, 6> schemes{"http", "https", "socks4", "socks4a", "socks5", "socks5h"};

bool is_port(std::string_view text) {
    unsigned port = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), port);
    return failed == std::errc() && end == text.data() + text.size() && port >= 1 && port <= 65535;
}

// HOST or HOST:PORT, as curl reads them.
bool is_place(std::string_view place) {
    const auto bracket = place.starts_with('[') ? place.find(']') : std::string_view::npos;
    if (place.starts_with('[') && bracket == std::string_view::npos) return false;
    const auto colon = place.find(':', bracket == std::string_view::npos ? 0 : bracket);
    const auto host = place.substr(0, colon);
    const auto good = [](unsigned char c) { return std::isalnum(c) || c >= 0x80 || std::string_view("-._[]:%").find(char(c)) != std::string_view::npos; };
    if (host.empty() || !std::all_of(host.begin(), host.end(), good)) return false;
    return colon == std::string_view::npos || is_port(place.substr(colon + 1));
}

Result<> check_proxy(const std::string& proxy, const std::string& said_by) {
    std::string_view rest = proxy;
    const auto mark = rest.find("://");
    const auto scheme = mark == std::string_view::npos ? "http" : core::lower(rest.substr(0, mark));
    if (mark != std::string_view::npos) rest.remove_prefix(mark + 3);
    const auto at = rest.rfind('@');
    if (at != std::string_view::npos) rest.remove_prefix(at + 1);  // a user and a password, which are not for people to read
    const auto path = rest.find('/');
    const bool bare = path == std::string_view::npos || path + 1 == rest.size();
    const auto place = rest.substr(0, path);
    if (bare && is_place(place) && std::find(schemes.begin(), schemes.end(), scheme) != schemes.end()) return Ok{};
    const auto shown = (mark == std::string_view::npos ? "" : proxy.substr(0, mark + 3)) + (at == std::string_view::npos ? "" : "...@") + std::string(rest);
    return Error{ErrorKind::usage, fmt::format("{} {} is no proxy; allowed: HOST:PORT or SCHEME://HOST:PORT, where SCHEME is {}", said_by,
                                               core::printable(shown), core::join(std::vector<std::string>(schemes.begin(), schemes.end()), ", "))};
}

Result<> check_authorities(const std::string& file, const std::string& said_by) {
    std::error_code failed;
    const bool there = std::filesystem::exists(file, failed);
    if (there && http::authorities(file)) return Ok{};
    return Error{ErrorKind::usage, fmt::format("{} {}: {}; allowed: a file of certificates in PEM", said_by, core::printable(file),
                                               there ? "no certificate can be read from it" : "there is no such file")};
}

// Beside the flag it may be a variable or a file that says it.
std::string said_by(const Text& flag, const std::string& name, const char* variable, Context& context) {
    if (flag) return "--" + name;
    return context.world.env(variable).value_or("").empty() ? name + " of the configuration" : std::string("$") + variable;
}

}  // namespace

Result<> check_network(const NetworkFlags& flags, Context& context) {
    auto config = context.config();
    if (!config) return config.error();
    if (const auto proxy = flags.proxy.value_or((*config)->proxy); !proxy.empty())
        if (auto good = check_proxy(proxy, said_by(flags.proxy, "proxy", "SHOTWIRE_PROXY", context)); !good) return good;
    if (const auto cacert = flags.cacert.value_or((*config)->cacert); !cacert.empty())
        if (auto good = check_authorities(cacert, said_by(flags.cacert, "cacert", "SHOTWIRE_CACERT", context)); !good) return good;
    return Ok{};
}

}  // namespace shotwire::cli
