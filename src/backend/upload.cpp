#include "backend/upload.hpp"

#include <spdlog/fmt/fmt.h>

#include "backend/form.hpp"
#include "catalog/model.hpp"
#include "core/text.hpp"
#include "http/redirect.hpp"
#include "http/retry.hpp"

namespace shotwire::backend {
namespace {

std::size_t inline_length(const Image& image) { return 13 + image.media_type.size() + (image.bytes->size() + 2) / 3 * 4; }

Step<Texts> texts_from(const std::vector<Image>& images, std::size_t most_inline, const Upload& upload, Texts texts) {
    while (texts.size() < images.size()) {
        const auto& image = images[texts.size()];
        if (!image.bytes && !image.sha256.empty()) return Error{ErrorKind::bug, "the image was not loaded: " + core::printable(image.source)};
        const auto length = image.bytes ? inline_length(image) : 0;
        if (length > most_inline)
            return http::and_then<Texts, std::string>(upload(image), [=](const std::string& text) -> Step<Texts> {
                auto more = texts;
                more.push_back(text);
                return texts_from(images, most_inline, upload, std::move(more));
            });
        most_inline -= length;
        texts.push_back(image_text(image));
    }
    return texts;
}

}  // namespace

Step<Texts> image_texts(const std::vector<Image>& images, std::size_t most_inline, const Upload& upload) {
    return texts_from(images, most_inline, upload, {});
}

Step<Ok> send_file(const JsonApi& api, http::Request request) {
    const auto home = http::origin_of(api.request("GET", "").url);
    if (!http::may_fetch(request.url, {.base_origin = home}))
        return Error{ErrorKind::provider, fmt::format("{} wants the file at {}: only a public https address is used", api.name(),
                                                      api.shown(http::without_userinfo(request.url)))};
    for (const auto& header : request.headers)
        if (core::printable(header.name + header.value) != header.name + header.value)
            return Error{ErrorKind::provider, api.name() + " wants a header with the file that is no plain text"};
    request.credential.reset();
    request.public_only = http::origin_of(request.url) != home;
    auto then = [host = http::host_of(request.url)](const http::Response& response) -> Step<Ok> {
        if (response.status >= 200 && response.status < 300) return Ok{};
        const auto kind = http::worth_repeating(response) ? ErrorKind::rate_limited : ErrorKind::provider;
        return Error{kind, fmt::format("{} answered {} to the upload of an image; nothing was ordered", host, response.status)};
    };
    return http::Ask<Ok>{std::move(request), std::move(then), [](const http::Request&) { return http::Response{.status = 200}; }};
}

std::string upload_name(const Image& image) {
    const auto type = image.media_type.substr(image.media_type.find('/') + 1);
    return fmt::format("{}-{}.{}", catalog::to_string(image.role), image.sha256.substr(0, 12), type);
}

}  // namespace shotwire::backend
