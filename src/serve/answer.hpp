#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "core/files.hpp"
#include "core/json.hpp"

namespace shotwire::serve {

// What goes back to the client, as a value: made by the API, spoiled by a fault, sent by the server.
struct Answer {
    int status = 200;
    std::map<std::string, std::string> headers;
    std::string type = "application/json";
    std::string body;
    // Instead of `body`: a part of a file.
    std::shared_ptr<const core::Fd> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;

    std::uint64_t size() const { return file ? length : body.size(); }
    // Up to `most` bytes from `position` of the body; empty: it cannot be read.
    std::string part(std::uint64_t position, std::uint64_t most) const;
};

Answer answer(const json& body, int status = 200);

// The official envelope: {"error": {message, type, param, code}}.
struct ApiError {
    int status = 400;
    std::string message;
    std::string param = {};  // empty: null
    std::string code = {};   // empty: null
    std::string type = "invalid_request_error";
};
Answer answer(const ApiError& error);

}  // namespace shotwire::serve
