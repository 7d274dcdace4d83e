#pragma once
#include <optional>

#include "media/helper/camera.hpp"
#include "media/helper/geometry.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::media::helper {

enum class Hour { day, golden, dusk, night, overcast };
enum class Place { open, street, room };
enum class Gait { still, walk, run };
enum class Kind { person, animal, vehicle, object, structure, bird };
enum class Silhouette { lighthouse, tower, house, castle, bridge, statue, tree };  // of a structure

enum class Flight { none, lifts_off, flies, lands };  // of a bird
enum class Plumage { short_neck, wader, swimmer };
enum class Ground { meadow, desert, sand, snow, forest, mountain, field, rock, lava };  // of the open country

// What the words of a shot say about its picture and its sound. Nothing said leaves a plain day in the open.
struct Mood {
    Hour hour = Hour::day;
    Place place = Place::open;
    std::optional<Ground> ground;
    std::optional<Color> earth;  // a colour that is said of the ground: "a red desert"
    bool water = false;
    bool trees = true;
    bool rain = false;
    bool snow = false;
    bool fog = false;
    bool neon = false;
    bool lamps = false;

    Kind kind = Kind::person;
    bool stands_in = false;  // the figure is not what the words name: none is drawn for it, or one for several
    Silhouette form = Silhouette::tower;
    Flight flight = Flight::none;
    Plumage plumage = Plumage::short_neck;
    Gait gait = Gait::still;
    double pace = 0;  // metres a second
    Color garment = rgb(0x2f5d73);
    bool coat = true;
    bool long_hair = false;
    bool small = false;

    Framing framing;
};

// What is told of the whole shot stands in for whatever field is missing.
Mood read_words(const Shot& shot);

// All that a shot says but of its camera. Empty where it says nothing.
std::string everything(const Shot& shot);

// What a shot is about, for a title: its subject, else the first words of what it says.
std::string title(const Shot& shot);

}  // namespace shotwire::media::helper
