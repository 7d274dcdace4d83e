#pragma once
#include "media/helper/camera.hpp"
#include "media/helper/words.hpp"

namespace shotwire::media::helper {

// The first that is named: a camera that moves begins with it. Of a story only what is surely said of the camera counts.
Framing framing_of(const Words& said, bool story);

}  // namespace shotwire::media::helper
