#include "backend/google/order_parts.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "catalog/model.hpp"
#include "core/text.hpp"

namespace shotwire::backend::google {

Result<> check(const Order& order, const std::string& who) {
    const auto refuse = [&](const std::string& why) { return Error{ErrorKind::usage, fmt::format("{} {}", who, why)}; };
    if (order.operation != Operation::create) return refuse(fmt::format("makes new clips only; --{} is not offered here", catalog::to_string(order.operation)));
    if (order.size && !order.ratio) return refuse("takes an aspect ratio and a resolution in place of a size in pixels");
    if (order.freely && order.fps) return refuse("has no field for a frame rate");
    if (!order.camera_motion.empty()) return refuse("has no field for a camera move; it reads it in the prompt");
    return Ok{};
}

Result<std::string> base64_of(const Image& image, const std::vector<std::string>& types) {
    const auto source = core::printable(image.source);
    if (!image.bytes && !image.sha256.empty()) return Error{ErrorKind::bug, "the image was not loaded: " + source};
    if (!image.bytes)
        return Error{ErrorKind::usage, fmt::format("{} {} is a URL, which Google does not fetch: give a file", catalog::flag_of(image.role), source)};
    if (std::find(types.begin(), types.end(), image.media_type) == types.end())
        return Error{ErrorKind::usage, fmt::format("{} {} is {}; allowed: {}", catalog::flag_of(image.role), source,
                                                   image.media_type.empty() ? "no picture that we know" : image.media_type, core::join(types, ", "))};
    return core::base64(*image.bytes);
}

Result<> add_params(json& object, const Order& order) {
    for (const auto& [name, text] : order.params) {
        if (object.contains(name))
            return Error{ErrorKind::usage, fmt::format("--param {}: this field is sent already, from a flag of its own or with the value that is paid for", core::printable(name))};
        const auto value = core::json_of(text);
        object[name] = value.is_discarded() ? json(text) : value;
    }
    return Ok{};
}

json number(double value) { return value == std::floor(value) ? json(std::int64_t(value)) : json(value); }

}  // namespace shotwire::backend::google
