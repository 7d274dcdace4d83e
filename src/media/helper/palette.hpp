#pragma once
#include "media/helper/lexicon.hpp"

namespace shotwire::media::helper {

// The colours of a clip, all of them: sets and figures pick from here and never invent one.
struct Palette {
    Color zenith, horizon, air;    // air: what distance turns into
    Color ground, ground_far;
    Color mass, mass_warm;         // walls, hills, trees before the air takes them
    Color window_dark, window_lit;
    Color key, shade;              // the light that models figures, and its shadow side
    Color lamp, accent, accent_two;
    Color sun;                     // its halo, or the moon's; black where there is none
    double sun_height = 0.3;       // radians above the horizon
    double sun_right = 0.38, sun_ahead = 0.92;  // of where the camera first looks
    double visibility = 90;        // metres until the air has taken two thirds
    double ambient = 1;            // how bright a garment appears
    double gloss = 0;              // wet ground: how much it mirrors
};

Palette palette_of(const Mood& mood);

}  // namespace shotwire::media::helper
