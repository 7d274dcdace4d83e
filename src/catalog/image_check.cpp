#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "catalog/draft.hpp"
#include "catalog/plan.hpp"
#include "core/image.hpp"
#include "core/text.hpp"

namespace shotwire::catalog {
namespace {

std::string megabytes(std::size_t bytes) { return fmt::format("{:.1f} MB", double(bytes) / 1e6); }

void check_kind(const Image& image, const ImageLimits& limits, Draft& draft, const std::string& field) {
    const auto flag = flag_of(image.role);
    const bool is_file = !image.sha256.empty();
    if (is_file && !limits.file)
        draft.refuse(field, image.source, fmt::format("{} of {} must be a URL, not a file", flag, draft.name), {"a URL"});
    const bool stored = in_bucket(image);
    if (stored && !limits.bucket)
        draft.refuse(field, image.source, fmt::format("{} of {} cannot be a gs:// address", flag, draft.name), {limits.file ? "a file" : "a URL"});
    if (!is_file && !stored && !limits.url)
        draft.refuse(field, image.source, fmt::format("{} of {} must be a file, not a URL", flag, draft.name), {"a file"});
    if (!is_file && !(stored && limits.bucket)) return;
    const auto& types = limits.media_types;
    if (!types.empty() && std::find(types.begin(), types.end(), image.media_type) == types.end())
        draft.refuse(
            field, image.source,
            fmt::format("{} {} is {}; {} takes {}", flag, image.source,
                        image.media_type.empty() ? "no picture that we know" : image.media_type, draft.name, core::join(types, ", ")),
            types);
    if (!limits.alpha && image.bytes && core::inspect_image(*image.bytes).alpha)
        draft.refuse(field, image.source, fmt::format("{} {} has transparency, which {} does not take in a PNG: save it without", flag, image.source, draft.name));
    if (image.bytes && limits.most_bytes && image.bytes->size() > limits.most_bytes)
        draft.refuse(field, image.source,
                     fmt::format("{} {} has {}; {} takes at most {}", flag, image.source, megabytes(image.bytes->size()), draft.name,
                                 megabytes(limits.most_bytes)),
                     {"at most " + megabytes(limits.most_bytes)});
}

void check_pixels(const Model& model, const Image& image, const ImageLimits& limits, Draft& draft, const std::string& field) {
    const auto pixels = image.pixels;
    if (pixels.width == 0) return;
    const auto flag = flag_of(image.role);
    const auto& size = draft.choice.size;
    if (limits.exact_size && size && !(*size == pixels)) {
        const bool possible = std::any_of(model.sizes.begin(), model.sizes.end(), [&](const auto& row) { return row.size == pixels; });
        draft.refuse(field, to_string(pixels),
                     fmt::format("{} {} is {}, but the clip is {}: {} needs them equal; {}", flag, image.source, to_string(pixels),
                                 to_string(*size), draft.name, possible ? "ask for --size " + to_string(pixels) : "scale the picture"),
                     {to_string(*size)});
    }
    const auto [least, most] = std::minmax(pixels.width, pixels.height);
    if ((limits.least_side && least < limits.least_side) || (limits.most_side && most > limits.most_side))
        draft.refuse(field, to_string(pixels),
                     fmt::format("{} {} is {}; {} takes sides from {} to {} pixels", flag, image.source, to_string(pixels), draft.name,
                                 limits.least_side, limits.most_side ? std::to_string(limits.most_side) : "any number of"));
    const double ratio = double(pixels.width) / pixels.height;
    if ((limits.least_ratio > 0 && ratio < limits.least_ratio) || (limits.most_ratio > 0 && ratio > limits.most_ratio))
        draft.refuse(field, to_string(pixels),
                     fmt::format("{} {} is {}, a ratio of {:.2f}; {} takes {:.2f} to {:.2f}", flag, image.source, to_string(pixels), ratio,
                                 draft.name, limits.least_ratio, limits.most_ratio));
}

std::ptrdiff_t count(const std::vector<Image>& images, ImageRole role) {
    return std::count_if(images.begin(), images.end(), [&](const Image& image) { return image.role == role; });
}

}  // namespace

void check_images(const Model& model, Draft& draft) {
    for (const auto role : {ImageRole::first_frame, ImageRole::last_frame, ImageRole::reference}) {
        const auto given = count(draft.images, role);
        if (given == 0) continue;
        const std::string field(to_string(role));
        const auto found = model.images.find(role);
        if (found == model.images.end() || found->second.most == 0) {
            std::vector<std::string> roles;
            for (const auto& [other, limits] : model.images) roles.push_back(flag_of(other));
            draft.refuse(field, std::to_string(given),
                         fmt::format("{} takes no {}; it takes {}", draft.name, flag_of(role),
                                     roles.empty() ? "no pictures" : core::join(roles, ", ")),
                         roles);
            continue;
        }
        const auto& limits = found->second;
        if (given > limits.most)
            draft.refuse(field, std::to_string(given),
                         fmt::format("{} takes at most {} {}, not {}", draft.name, limits.most, flag_of(role), given),
                         {"at most " + std::to_string(limits.most)});
        if (limits.needs && count(draft.images, *limits.needs) == 0)
            draft.refuse(field, std::to_string(given),
                         fmt::format("{} of {} needs {} too", flag_of(role), draft.name, flag_of(*limits.needs)), {flag_of(*limits.needs)});
        for (const auto& image : draft.images) {
            if (image.role != role) continue;
            check_kind(image, limits, draft, field);
            check_pixels(model, image, limits, draft, field);
        }
    }
}

}  // namespace shotwire::catalog
