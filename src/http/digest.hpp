#pragma once
#include <string>

#include "http/message.hpp"

namespace shotwire::http {

// What an answer's head says of the whole file that it brings, or brings a part of: sums in lower-case hex, empty where it says nothing.
struct Digests {
    std::string sha256 = {}, md5 = {};
};

// Repr-Digest (RFC 9530), Digest (RFC 3230) and x-goog-hash are of the whole file whatever part of it comes; Content-Digest and
// Content-MD5 are of what comes, so they count where that is all of it (200). Other algorithms are passed over, and so is a header that is
// not written as it should be, or two that contradict each other.
Digests digests_of(const Response& head);

}  // namespace shotwire::http
