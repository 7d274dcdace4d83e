#pragma once
#include <string>

#include "media/helper/av.hpp"

namespace shotwire::media::helper {

// The picture of a PNG, JPEG or WebP file, which its first bytes tell apart, whatever its name. Errors: usage.
Result<Frame> read_image(const std::string& path);

// Writes a BGRA picture as "png", "jpeg" or "webp", whole or not at all, over whatever is there. Errors: usage for another
// format, local.
Result<> write_image(const AVFrame& picture, const std::string& path, const std::string& format);

}  // namespace shotwire::media::helper
