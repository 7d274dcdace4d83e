#pragma once
#include <optional>

#include "media/helper/camera.hpp"
#include "media/helper/geometry.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::media::helper {

enum class Hour { day, golden, dusk, blue, night, overcast };
inline bool is_dark(Hour hour) { return hour == Hour::dusk || hour == Hour::blue || hour == Hour::night; }
enum class Place { open, street, room };
enum class Gait { still, walk, run };
enum class Kind { person, animal, vehicle, object, structure, bird };
enum class Silhouette { lighthouse, tower, house, castle, bridge, statue, tree };  // of a structure

enum class Flight { none, lifts_off, flies, lands };  // of a bird
enum class Plumage { short_neck, wader, swimmer };
enum class Course { any, left, right, nearer, farther };  // where the subject goes, or faces
enum class Ground { meadow, desert, sand, snow, forest, mountain, field, rock, lava };  // of the open country

// A four-legged animal: what it has of its own, the rest is a dog's. Lengths are in metres of a dog.
enum class Ears { hanging, pricked, round, tall, large };
enum class Tail { raised, drawn_out, bushy, hanging, none };
struct Beast {
    double size = 1, legs = 1, fat = 1;
    double up = 0, out = 0;  // how much farther from the shoulders the head is
    double snout = 0.19;
    Ears ears = Ears::hanging;
    Tail tail = Tail::raised;
    bool trunk = false, hump = false, mane = false, antlers = false;
    double rise() const { return 0.48 * (legs - 1); }
    double tall() const { return (1 + rise() + up + (ears == Ears::pricked ? 0.07 : ears == Ears::tall ? 0.26 : 0)) * size; }  // metres, to the tips of its ears
    bool large() const { return tall() > 1.5; }
    double ahead() const { return (0.6 + out) * size; }       // from the middle to the head
};

// A vehicle with the walls of a box; a car has none.
struct Coach {
    double tall = 0, length = 0;  // metres
    bool windows = false;         // all along its side
    bool cab = false;             // the driver sits apart
    bool is_long() const { return length > 5.5; }
};

// What the words of a shot say about its picture and its sound. Nothing said leaves a plain day in the open.
struct Mood {
    Hour hour = Hour::day;
    Place place = Place::open;
    std::optional<Ground> ground;
    std::optional<Color> earth;  // a colour that is said of the ground: "a red desert"
    bool water = false;
    double shore = 11;    // metres from the subject to the water
    bool afloat = false;  // water all around
    bool trees = true;
    bool rain = false;
    bool snow = false;
    bool fog = false;
    bool neon = false;
    bool lamps = false;     // what can be lit is: windows, street lamps
    bool lanterns = false;  // a lamp is named
    bool fire = false;
    bool moon = false;

    Kind kind = Kind::person;
    bool stands_in = false;  // the figure is not what the words name: none is drawn for it, or one for several, or in another pose
    Silhouette form = Silhouette::tower;
    Flight flight = Flight::none;
    Plumage plumage = Plumage::short_neck;
    Beast beast;
    Coach coach;
    Course course = Course::any;
    bool sits = false;
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

// What a shot is about, for a title: its subject, else the first words of what it says that are not of the camera.
std::string title(const Shot& shot);

}  // namespace shotwire::media::helper
