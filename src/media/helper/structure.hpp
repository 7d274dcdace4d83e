#pragma once
#include "media/helper/pen.hpp"

namespace shotwire::media::helper {

// A box, with a gable where it has a roof.
struct Block {
    Vec3 low, high;
    Color color;
    double roof = 0;  // metres that a gable rises above it
};
void draw_blocks(Pen& pen, std::vector<Block> blocks, Color tile);  // far ones first

// What stands and is taller than a person: a lighthouse, a tower, a house, a castle, a bridge, a statue, a tree.
void structure(Pen& pen, const Mood& mood, const Palette& palette, const Pose& pose);

}  // namespace shotwire::media::helper
