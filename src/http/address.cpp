#include "http/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string>

#include "core/text.hpp"
#include "http/message.hpp"

namespace shotwire::http {
namespace {

struct Block {
    std::uint32_t network;
    int bits;
};
constexpr Block private_blocks[] = {
    {0x00000000, 8},   // this network
    {0x0a000000, 8},   // RFC 1918
    {0x64400000, 10},  // carrier NAT
    {0x7f000000, 8},   // loopback
    {0xa9fe0000, 16},  // link-local: cloud metadata lives here
    {0xac100000, 12},  // RFC 1918
    {0xc0000000, 24},  // protocol assignments
    {0xc0a80000, 16},  // RFC 1918
    {0xc6120000, 15},  // benchmarks
    {0xe0000000, 4},   // multicast
    {0xf0000000, 4},   // reserved, broadcast
};

bool is_private_v4(std::uint32_t address) {
    return std::any_of(std::begin(private_blocks), std::end(private_blocks),
                       [&](Block block) { return (address >> (32 - block.bits)) == (block.network >> (32 - block.bits)); });
}

using V6 = std::array<unsigned char, 16>;

std::uint32_t v4_at(const V6& address, std::size_t at) {
    return std::uint32_t(address[at]) << 24 | std::uint32_t(address[at + 1]) << 16 | std::uint32_t(address[at + 2]) << 8 | address[at + 3];
}

// The IPv4 address that an IPv6 one stands for.
std::optional<std::uint32_t> wrapped_v4(const V6& address) {
    constexpr unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};
    if (std::memcmp(address.data(), mapped, 12) == 0 || std::memcmp(address.data(), nat64, 12) == 0) return v4_at(address, 12);
    if (address[0] == 0x20 && address[1] == 0x02) return v4_at(address, 2);
    return {};
}

bool is_private_v6(const V6& address) {
    if (auto inner = wrapped_v4(address)) return is_private_v4(*inner);
    auto lead = std::all_of(address.begin(), address.begin() + 12, [](unsigned char byte) { return byte == 0; });
    return lead                                                    // ::, ::1 and the old v4-compatible form
           || (address[0] & 0xfe) == 0xfc                          // unique local
           || (address[0] == 0xfe && (address[1] & 0x80) == 0x80)  // link-local, site-local
           || address[0] == 0xff;                                  // multicast
}

std::string_view bare(std::string_view host) {
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.ends_with('.')) host.remove_suffix(1);
    return host.substr(0, host.find('%'));  // without an IPv6 zone
}

// In all forms that resolvers read: 127.1, 0x7f000001, 017700000001, 2130706433.
std::optional<std::uint32_t> v4_of(std::string_view host) {
    in_addr address{};
    if (host.empty() || host.find_first_not_of("0123456789abcdefABCDEFxX.") != std::string_view::npos) return {};
    if (inet_aton(std::string(host).c_str(), &address) == 0) return {};
    return ntohl(address.s_addr);
}

std::optional<V6> v6_of(std::string_view host) {
    V6 address{};
    if (inet_pton(AF_INET6, std::string(host).c_str(), address.data()) != 1) return {};
    return address;
}

}  // namespace

bool is_private(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in v4{};
        std::memcpy(&v4, &address, sizeof v4);
        return is_private_v4(ntohl(v4.sin_addr.s_addr));
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 whole{};
        std::memcpy(&whole, &address, sizeof whole);
        V6 v6{};
        std::memcpy(v6.data(), &whole.sin6_addr, v6.size());
        return is_private_v6(v6);
    }
    return true;
}

bool is_private_address(std::string_view host) {
    host = bare(host);
    if (auto v4 = v4_of(host)) return is_private_v4(*v4);
    if (auto v6 = v6_of(host)) return is_private_v6(*v6);
    return false;
}

bool is_loopback(std::string_view host) {
    host = bare(host);
    if (core::equal_fold(host, "localhost")) return true;
    if (auto v4 = v4_of(host)) return *v4 >> 24 == 127;
    auto v6 = v6_of(host);
    if (!v6) return false;
    if (auto inner = wrapped_v4(*v6)) return *inner >> 24 == 127;
    constexpr V6 one = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
    return *v6 == one;
}

}  // namespace shotwire::http
