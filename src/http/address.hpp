#pragma once
#include <sys/socket.h>

namespace shotwire::http {

// Not on the public internet: loopback, RFC 1918, link-local, unique local, carrier NAT, "this network", multicast and what
// is reserved; also where it is wrapped in an IPv6 address (v4-mapped, NAT64, 6to4).
bool is_private(const sockaddr& address);

}  // namespace shotwire::http
