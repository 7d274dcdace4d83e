#pragma once
#include <string>

#include "media/helper/av.hpp"

namespace shotwire::media::helper {

// Writes a BGRA picture as "png", "jpeg" or "webp", whole or not at all, over whatever is there. Errors: usage for another
// format, local.
Result<> write_image(const AVFrame& picture, const std::string& path, const std::string& format);

}  // namespace shotwire::media::helper
