#pragma once
#include "core/json.hpp"
#include "http/message.hpp"

namespace shotwire::http {

// A request for people and for the record: method, url, paid, headers, and body or multipart. The variable's name stands in the place of
// a key; files and pictures are told by their size and hash.
json shown(const Request& request);

}  // namespace shotwire::http
