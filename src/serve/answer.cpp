#include "serve/answer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace shotwire::serve {

std::string Answer::part(std::uint64_t position, std::uint64_t most) const {
    if (position >= size()) return {};
    const auto count = std::size_t(std::min(most, size() - position));
    if (!file) return body.substr(std::size_t(position), count);
    std::string bytes(count, '\0');
    ssize_t got;
    do got = ::pread(file->get(), bytes.data(), count, off_t(offset + position));
    while (got < 0 && errno == EINTR);
    bytes.resize(got > 0 ? std::size_t(got) : 0);
    return bytes;
}

Answer answer(const json& body, int status) {
    Answer made;
    made.status = status;
    made.body = core::dump(body);
    return made;
}

Answer answer(const ApiError& error) {
    const auto or_null = [](const std::string& text) { return text.empty() ? json() : json(text); };
    return answer(json{{"error", {{"message", error.message}, {"type", error.type}, {"param", or_null(error.param)}, {"code", or_null(error.code)}}}},
                  error.status);
}

}  // namespace shotwire::serve
