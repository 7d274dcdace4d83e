#pragma once
#include <functional>
#include <string>
#include <vector>

#include "backend/json_api.hpp"
#include "http/retry.hpp"

namespace shotwire::backend {

// Images of an order on their way to a provider, before the paid request.

// The texts that stand for them, in their order: a URL as it is, a file as a data URI while all of these together stay within
// `most_inline` characters, any other by `upload`, one after the other.
using Upload = std::function<Step<std::string>(const Image&)>;
using Texts = std::vector<std::string>;
Step<Texts> image_texts(const std::vector<Image>& images, std::size_t most_inline, const Upload& upload);

// Sends a file to where the provider says: to its own origin or over https to a public host, without its credential; what that
// place says beside its status does not count. Errors: provider; rate_limited where it may pass.
Step<Ok> send_file(const JsonApi& api, http::Request request);

// For a Reading: an upload that is refused for the moment is worth waiting for, since nothing was created.
template <class T>
std::optional<Step<T>> wait_if_busy(const JsonApi& api, const json& reply, const http::Response& response) {
    if (!http::worth_repeating(response)) return std::nullopt;
    auto error = api.refusal(response, reply, false);
    error.kind = ErrorKind::rate_limited;
    return Step<T>(std::move(error));
}

// What a file is called there: nothing of the user's own name for it.
std::string upload_name(const Image& image);

}  // namespace shotwire::backend
