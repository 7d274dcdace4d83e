#pragma once
#include <filesystem>
#include <string>

#include "serve/answer.hpp"

namespace httplib {
struct Request;
}

namespace shotwire::serve {

// A file as an answer: 200, 206 for one range, 304 or 416, as `Range`, `If-Range` and `If-None-Match` ask for.
Answer answer_file(const httplib::Request& request, const std::filesystem::path& path, const std::string& type, const std::string& etag);

}  // namespace shotwire::serve
