#pragma once
#include "media/helper/pen.hpp"

namespace shotwire::media::helper {

// What stands and is taller than a person: a lighthouse, a tower, a house, a castle, a bridge, a statue, a tree.
void structure(Pen& pen, const Mood& mood, const Palette& palette, const Pose& pose);

}  // namespace shotwire::media::helper
