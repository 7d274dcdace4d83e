#include "http/message.hpp"

#include "core/hash.hpp"
#include "core/text.hpp"

namespace shotwire::http {
namespace {

// Each text with its length before it: no two lists of fields give the same bytes.
void add(core::Sha256& hash, std::string_view text) {
    hash.add(std::to_string(text.size()) + ":");
    hash.add(text);
}

}  // namespace

std::string_view Response::header(std::string_view name) const {
    for (auto& each : headers) {
        if (core::equal_fold(each.name, name)) return each.value;
    }
    return {};
}

std::string body_digest(const Request& request) {
    core::Sha256 hash;
    if (auto* text = std::get_if<std::string>(&request.body)) hash.add(*text);
    if (auto* parts = std::get_if<Multipart>(&request.body)) {
        for (auto& part : *parts) {
            for (auto* text : {&part.name, &part.file_name, &part.content_type}) add(hash, *text);
            add(hash, part.bytes ? std::string_view(*part.bytes) : std::string_view());
        }
    }
    return hash.hex();
}

}  // namespace shotwire::http
