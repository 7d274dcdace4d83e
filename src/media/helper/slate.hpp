#pragma once
#include <string>
#include <vector>

#include "media/helper/canvas.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::media::helper {

struct TextLine {
    std::string text;
    double x = 0;  // of its left end
    double y = 0;  // of its base line
    double width = 0;
    double size = 0;  // pixels of the type
    bool bold = false;
    Color color;
};

// The words under the picture: who and what, where and in which light, the camera. Wrapped on word borders (inside a word only
// where it is wider than the picture), set smaller when they are many, ended with an ellipsis when they are too many.
// All lines lie inside the safe area: 4 % from the edges. Empty for pictures too small to read.
std::vector<TextLine> lay_out_caption(const Shot& shot, Size size);

// Where the caption begins, pixels from the top: what the picture is about stands above. The lower edge where there is none.
double caption_top(const Shot& shot, Size size);

// What lies over every frame: the caption, the word ANIMATIC with a running time, and a card in the first moments. Where the figure
// stands in for what the words name, that is said.
class Slate {
public:
    Slate(const Shot& shot, Size size, double seconds, double fps, bool stands_in);
    void draw(Canvas& canvas, int frame) const;

private:
    Size size_;
    double fps_;
    double seconds_;
    bool stands_in_;
    std::string title_, facts_;
    Canvas caption_;
    int caption_top_ = 0;
};

}  // namespace shotwire::media::helper
