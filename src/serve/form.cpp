#include <httplib.h>
#include <spdlog/fmt/fmt.h>

#include <map>

#include "core/hash.hpp"
#include "core/image.hpp"
#include "core/text.hpp"
#include "serve/creation.hpp"

namespace shotwire::serve {
namespace {

using MaybeError = std::optional<ApiError>;

MaybeError take_image(Form& form, std::string bytes, const std::string& param) {
    auto info = core::inspect_image(bytes);
    if (info.media_type.empty())
        return ApiError{.message = fmt::format("Invalid file '{}': unsupported content. Supported are image/jpeg, image/png and image/webp.", param),
                        .param = param,
                        .code = "invalid_image"};
    if (info.pixels.width == 0)
        return ApiError{.message = fmt::format("Invalid file '{}': its width and height cannot be read. It may be cut off.", param), .param = param, .code = "invalid_image"};
    form.images.push_back({std::move(bytes), std::move(info.media_type)});
    return std::nullopt;
}

// {"image_url": "data:..."}: an address is not fetched, since this server asks nobody for anything.
MaybeError take_reference(Form& form, const json& reference) {
    const std::string param = "input_reference";
    if (!reference.is_object() || reference.size() != 1 || !(reference.contains("image_url") || reference.contains("file_id")))
        return ApiError{.message = "Invalid value for 'input_reference': expected exactly one of 'image_url' or 'file_id'.", .param = param, .code = "invalid_value"};
    if (reference.contains("file_id"))
        return ApiError{.message = "Invalid value for 'input_reference.file_id': this server keeps no files. Send the image itself or a data URL.",
                        .param = param + ".file_id",
                        .code = "invalid_value"};
    const auto& url = reference["image_url"];
    const std::string text = url.is_string() ? url.get<std::string>() : "";
    const auto comma = text.find(";base64,");
    std::optional<std::string> bytes;
    if (text.starts_with("data:") && comma != std::string::npos) bytes = core::from_base64(std::string_view(text).substr(comma + 8));
    if (!bytes)
        return ApiError{.message = "Invalid value for 'input_reference.image_url': expected a base64-encoded data URL. This server fetches nothing.",
                        .param = param + ".image_url",
                        .code = "invalid_value"};
    return take_image(form, std::move(*bytes), param);
}

ReadForm read_multipart(const httplib::Request& request) {
    Form form;
    form.all_text = true;
    json reference = json::object();
    for (const auto& [name, part] : request.files) {
        const bool image = name == "input_reference" || name == "input_references" || name == "input_references[]";
        if (image) {
            if (auto wrong = take_image(form, part.content, "input_reference")) return *wrong;
            continue;
        }
        if (!core::is_utf8(part.content))
            return ApiError{.message = fmt::format("Invalid value for '{}': it is not UTF-8.", core::printable(name)), .param = core::printable(name), .code = "invalid_value"};
        if (name.starts_with("input_reference[") && name.ends_with("]")) {
            reference[name.substr(16, name.size() - 17)] = part.content;
            continue;
        }
        if (form.fields.contains(name))
            return ApiError{.message = fmt::format("Duplicate parameter: '{}'.", core::printable(name)), .param = core::printable(name), .code = "duplicate_parameter"};
        form.fields[core::printable(name)] = part.content;
    }
    if (!reference.empty())
        if (auto wrong = take_reference(form, reference)) return *wrong;
    return form;
}

ReadForm read_json(const httplib::Request& request) {
    auto fields = core::parse_json(request.body, "the body");
    if (!fields || !fields->is_object())
        return ApiError{.message = fmt::format("We could not parse the JSON body of your request: {}.", fields ? "it is not an object" : fields.error().message)};
    Form form;
    form.fields = std::move(*fields);
    if (const auto reference = form.fields.find("input_reference"); reference != form.fields.end()) {
        const json value = *reference;
        form.fields.erase(reference);
        if (!value.is_null())
            if (auto wrong = take_reference(form, value)) return *wrong;
    }
    return form;
}

}  // namespace

ReadForm read_form(const httplib::Request& request) {
    if (request.body.empty() && request.files.empty()) return Form{};  // whose first missing field is told
    const auto header = request.get_header_value("Content-Type");
    const auto type = core::lower(core::trim(std::string_view(header).substr(0, header.find(';'))));
    if (type == "multipart/form-data") return read_multipart(request);
    if (type == "application/json") return read_json(request);
    return ApiError{.message = fmt::format("Unsupported content type: '{}'. This API method only accepts 'application/json' and 'multipart/form-data' "
                                           "requests, but you specified the header 'Content-Type: {}'.",
                                           core::printable(type), core::printable(type)),
                    .code = "unsupported_content_type"};
}

std::string Form::fingerprint() const {
    core::Sha256 hash;
    hash.add(core::dump(fields));
    for (const auto& image : images) hash.add(core::sha256_hex(image.bytes));
    return hash.hex();
}

}  // namespace shotwire::serve
