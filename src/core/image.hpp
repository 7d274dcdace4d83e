#pragma once
#include <string>
#include <string_view>

#include "shotwire/measure.hpp"

namespace shotwire::core {

// What the first bytes of a picture say. Pixels are 0x0 where they cannot be read.
struct ImageInfo {
    std::string media_type;  // image/png, image/jpeg, image/webp; empty: none of them
    Size pixels;
    bool alpha = false;  // of a PNG: it may have transparent pixels
};
ImageInfo inspect_image(std::string_view bytes);

}  // namespace shotwire::core
