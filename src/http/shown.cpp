#include "http/shown.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/hash.hpp"
#include "core/text.hpp"

namespace shotwire::http {
namespace {

// A picture inside of JSON, a data URI or bare Base64, is told by its size and hash, as a part of a multipart body is.
json without_pictures(const json& value) {
    if (value.is_string()) {
        const auto& text = value.get_ref<const std::string&>();
        const bool uri = text.starts_with("data:");
        if (text.size() < 512 || !(uri || core::from_base64(text))) return value;
        return fmt::format("{}... ({} characters, sha256 {})", uri ? text.substr(0, text.find(',') + 1) : "", text.size(), core::sha256_hex(text));
    }
    json copy = value;
    if (copy.is_structured())
        for (auto& child : copy) child = without_pictures(child);
    return copy;
}

json shown(const Part& part) {
    json document{{"name", part.name}};
    const std::string bytes = part.bytes ? *part.bytes : "";
    if (part.file_name.empty()) {
        document["value"] = bytes;
    } else {
        document["file_name"] = part.file_name;
        document["content_type"] = part.content_type;
        document["bytes"] = bytes.size();
        document["sha256"] = core::sha256_hex(bytes);
    }
    return document;
}

}  // namespace

json shown(const Request& request) {
    json headers = json::array();
    if (request.credential && !request.credential->key.empty())
        headers.push_back({{"name", request.credential->header}, {"value", request.credential->prefix + request.credential->shown}});
    for (const auto& header : request.headers) headers.push_back({{"name", header.name}, {"value", header.value}});
    json document{{"method", request.method}, {"url", without_userinfo(request.url)}, {"paid", request.paid}, {"headers", headers}};
    if (const auto* text = std::get_if<std::string>(&request.body)) {
        auto body = core::parse_json(*text, "the body");
        const auto as_it_is = [&] { return core::is_utf8(*text) ? *text : fmt::format("{} bytes, sha256 {}", text->size(), core::sha256_hex(*text)); };
        document["body"] = body ? without_pictures(*body) : json(as_it_is());
    }
    if (const auto* parts = std::get_if<Multipart>(&request.body)) {
        document["multipart"] = json::array();
        for (const auto& part : *parts) document["multipart"].push_back(shown(part));
    }
    return document;
}

}  // namespace shotwire::http
