#include "media/helper/lexicon.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "core/text.hpp"

namespace shotwire::media::helper {
namespace {

// Lower case, every run of other characters one space, so that " rain " finds a word and not a part of "train".
class Words {
public:
    explicit Words(std::string_view text) {
        for (char c : core::lower(text)) {
            bool letter = std::isalnum(static_cast<unsigned char>(c)) || static_cast<unsigned char>(c) >= 0x80;
            if (letter) text_ += c;
            else if (text_.back() != ' ') text_ += ' ';
        }
        text_ += ' ';
    }
    // Where the first of the words stands, npos where none does; one that ends in '*' also as the beginning of a word.
    std::size_t find(std::initializer_list<std::string_view> words) const {
        std::size_t first = std::string::npos;
        for (auto word : words) {
            bool open = word.ends_with('*');
            if (open) word.remove_suffix(1);
            first = std::min(first, text_.find(fmt::format(" {}{}", word, open ? "" : " ")));
        }
        return first;
    }
    bool has(std::initializer_list<std::string_view> words) const { return find(words) != std::string::npos; }

private:
    std::string text_ = std::string(1, ' ');  // a literal here trips GCC 12's -Wrestrict
};

struct Tint {
    std::string_view word;
    unsigned color;
};
constexpr Tint tints[] = {{"red", 0xc3202f}, {"crimson", 0xa8152b}, {"scarlet", 0xcf2424}, {"orange", 0xd9772b}, {"yellow", 0xe0b02f},
                          {"gold", 0xcfa23a}, {"golden", 0xcfa23a}, {"green", 0x3c7a4b}, {"olive", 0x6b6f3a}, {"teal", 0x2a7f80},
                          {"turquoise", 0x35a5a5}, {"blue", 0x2f5fb0}, {"navy", 0x243a66}, {"purple", 0x6a3f91}, {"violet", 0x6a3f91},
                          {"pink", 0xd86f95}, {"white", 0xdcdcd6}, {"ivory", 0xe3dcc8}, {"grey", 0x7c8288}, {"gray", 0x7c8288},
                          {"silver", 0xa9b1b8}, {"brown", 0x6e4a30}, {"tan", 0xb48a5c}, {"beige", 0xc7b28c}, {"black", 0x23262b}};

struct GroundWords {
    Ground ground;
    std::initializer_list<std::string_view> words;
};
const GroundWords grounds[] = {
    {Ground::snow, {"snow", "snowy", "snowfield", "glacier", "ice", "icy", "arctic", "antarctic", "tundra", "iceberg*", "frozen lake"}},
    {Ground::lava, {"lava", "volcano", "volcanic"}},
    {Ground::desert, {"desert", "dune*", "sahara", "canyon", "mesa", "mars", "badlands", "wasteland", "outback", "salt flat*"}},
    {Ground::sand, {"beach", "sand", "sandy", "seashore", "sandbank"}},
    {Ground::forest, {"forest", "woods", "woodland", "jungle", "rainforest", "grove", "taiga"}},
    {Ground::field, {"wheat", "cornfield", "wheatfield", "barley", "stubble", "savanna", "savannah", "prairie", "steppe", "hayfield"}},
    {Ground::mountain, {"mountain*", "alps", "alpine", "summit", "peak", "peaks", "ridge"}},
    {Ground::rock, {"rock", "rocks", "rocky", "cliff*", "quarry", "headland", "lunar"}},
    {Ground::meadow, {"meadow*", "grass*", "pasture", "lawn", "field", "fields", "park", "garden", "hill*", "valley", "countryside"}}};

void read_ground(const Words& place, Mood& mood) {
    auto first = std::string::npos;
    for (const auto& row : grounds)
        if (auto at = place.find(row.words); at < first) first = at, mood.ground = row.ground;
    for (const auto& tint : tints)
        for (std::string_view noun : {"desert", "dunes", "sand", "sands", "beach", "canyon", "rock", "rocks", "earth", "plain", "field", "fields", "grass", "meadow", "cliffs", "soil"}) {
            const auto said = fmt::format("{} {}", tint.word, noun);
            if (mood.earth || !place.has({said})) continue;
            const auto cloth = rgb(tint.color);
            mood.earth = cloth.r > 2 * cloth.g ? rgb(0xa8502c) : cloth;  // red earth is no red cloth
        }
}

Hour hour_of(const Words& light, const Words& all) {
    for (const Words* text : {&light, &all}) {
        if (text->has({"golden hour", "sunset", "sunrise", "dawn", "low sun", "late afternoon", "warm evening sun", "golden light"})) return Hour::golden;
        if (text->has({"dusk", "twilight", "blue hour", "evening", "gloaming"})) return Hour::dusk;
        if (text->has({"night", "midnight", "moonlight", "moonlit", "neon", "lamplight", "streetlight*", "candle*", "starlight", "nocturnal", "lamplit"}))
            return Hour::night;
        if (text->has({"overcast", "grey sky", "gray sky", "cloudy", "diffuse*", "soft daylight", "storm*", "fog*", "mist*", "rain", "drizzle"}))
            return Hour::overcast;
        if (text->has({"day*", "noon", "sun*", "bright", "morning"})) return Hour::day;
    }
    return Hour::day;
}

struct FramingWords {
    double share;
    std::initializer_list<std::string_view> words;
};
// The longer words first: "medium close up" begins like "medium". What is seen is the face, to the chest, to the knees, ...
const FramingWords framings[] = {
    {3.7, {"extreme close up", "extreme closeup", "macro"}},
    {2.0, {"medium close up", "medium closeup", "bust"}},
    {0.9, {"medium wide", "medium long", "medium full", "three quarter", "american shot"}},
    {0.16, {"extreme wide", "establishing", "vista", "extreme long"}},
    {2.8, {"close up", "closeup", "close", "head and shoulders"}},
    {1.2, {"cowboy"}},
    {1.45, {"medium", "waist", "mid shot"}},
    {0.6, {"full shot", "full body", "full figure", "full length", "head to toe"}},
    {0.3, {"wide", "long shot"}}};

// The first that is named: a camera that moves begins with it.
Framing framing_of(const Words& camera) {
    Framing framing;
    auto first = std::string::npos;
    for (const auto& row : framings)
        if (auto at = camera.find(row.words); at < first) first = at, framing.share = row.share;
    if (camera.has({"shoulder height", "shoulder level"})) framing.eye = 1.42;
    if (camera.has({"low angle", "worm s eye", "ground level", "knee height", "from below"})) framing.eye = 0.55, framing.pitch = 7;
    if (camera.has({"high angle", "from above"})) framing.eye = 3.2, framing.pitch = -16;
    if (camera.has({"overhead", "top down", "bird s eye", "birds eye"})) framing.eye = 5.5, framing.pitch = -42;
    return framing;
}

struct FormWords {
    Silhouette form;
    double tall, wide;  // metres
    std::initializer_list<std::string_view> words;
};
const FormWords* form_of(const Words& subject) {
    static const FormWords forms[] = {
        {Silhouette::lighthouse, 9.8, 7, {"lighthouse", "lighthouses"}},
        {Silhouette::castle, 9, 9.5, {"castle", "palace", "fortress", "citadel"}},
        {Silhouette::bridge, 6, 15, {"bridge", "aqueduct", "viaduct"}},
        {Silhouette::house, 5.4, 6.5, {"house", "cottage", "cabin", "barn", "hut", "farmhouse", "mansion", "villa", "chapel"}},
        {Silhouette::tower, 12, 5, {"tower", "skyscraper", "building", "church", "cathedral", "temple", "pagoda", "windmill", "minaret", "obelisk"}},
        {Silhouette::statue, 3.2, 1.6, {"statue", "monument", "sculpture"}},
        {Silhouette::tree, 7, 5.5, {"tree", "oak", "pine", "willow", "birch", "maple", "cypress", "baobab", "cherry tree"}}};
    for (const auto& row : forms)
        if (subject.has(row.words)) return &row;
    return nullptr;
}

struct BirdWords {
    Plumage plumage;
    unsigned color;
    std::initializer_list<std::string_view> words;
};
const BirdWords birds[] = {
    {Plumage::wader, 0x8b929b, {"heron", "herons", "stork", "storks", "ibis"}},
    {Plumage::wader, 0xe6e6e0, {"egret", "egrets", "spoonbill"}},
    {Plumage::wader, 0xd8849a, {"flamingo", "flamingos"}},
    {Plumage::swimmer, 0xe9e8e2, {"swan", "swans", "pelican", "pelicans"}},
    {Plumage::swimmer, 0x8a7a66, {"goose", "geese", "duck", "ducks", "mallard", "cormorant"}},
    {Plumage::short_neck, 0xe2e3e0, {"gull", "gulls", "seagull", "seagulls", "dove", "doves", "tern", "terns", "albatross", "cockatoo"}},
    {Plumage::short_neck, 0x2a2c33, {"raven", "ravens", "crow", "crows", "blackbird", "magpie", "starling", "starlings"}},
    {Plumage::short_neck, 0x3f9a55, {"parrot", "parrots", "macaw", "hummingbird", "parakeet"}},
    {Plumage::short_neck, 0x3d76b0, {"kingfisher", "bluebird", "peacock"}},
    {Plumage::short_neck, 0x6b5138, {"eagle", "eagles", "hawk", "hawks", "falcon", "falcons", "buzzard", "vulture", "condor", "osprey", "owl", "owls"}},
    {Plumage::short_neck, 0x8b6f52, {"bird", "birds", "songbird", "seabird", "sparrow", "sparrows", "robin", "finch", "wren", "swallow", "swallows", "pigeon", "pigeons", "thrush",
                                     "woodpecker", "chicken", "hen", "rooster", "penguin", "penguins", "puffin"}}};
const BirdWords* bird_of(const Words& subject) {
    const BirdWords* found = nullptr;
    auto first = std::string::npos;
    for (const auto& row : birds)
        if (auto at = subject.find(row.words); at < first) first = at, found = &row;
    // "a boy feeds the birds", "a lighthouse with gulls": whoever is named first is the subject.
    if (found && subject.find({"woman", "man", "girl", "boy", "child", "children", "person", "people", "lady", "couple", "he", "she", "dog", "cat", "fox", "car", "truck", "boat",
                               "ship", "statue", "sculpture"}) < first)
        return nullptr;
    const auto* form = form_of(subject);
    return form && subject.find(form->words) < first ? nullptr : found;
}

// A picture that is too tight for the whole subject begins at its head.
void look_at_head(const Mood& mood, Framing& framing) {
    static constexpr double birds_tall[] = {0.75, 1.16, 1};  // in the order of Plumage
    framing.wide = 0;
    switch (mood.kind) {
        case Kind::person: framing.tall = mood.small ? 1.29 : 1.74; break;
        case Kind::animal: framing.tall = 1, framing.ahead = 0.6; break;
        case Kind::vehicle: framing.tall = 1.4, framing.ahead = 1, framing.share = std::min(framing.share, 1.3); break;  // its side lets a camera no nearer
        case Kind::object: framing.tall = 1.64; break;
        case Kind::bird: framing.tall = birds_tall[std::size_t(mood.plumage)], framing.ahead = 0.3; break;
        case Kind::structure: break;
    }
}

// What the words name, where a figure is drawn for it.
std::optional<Kind> known_kind(const Words& subject) {
    if (bird_of(subject)) return Kind::bird;
    if (subject.has({"dog", "cat", "horse", "fox", "wolf", "deer", "bear", "lion", "tiger", "puppy", "kitten", "cow", "sheep", "goat", "elephant",
                     "corgi", "retriever", "animal", "stag", "rabbit", "panda", "leopard", "cheetah", "camel", "pony"}) &&
        !subject.has({"woman", "man", "girl", "boy", "child", "rider"}))
        return Kind::animal;
    if (subject.has({"car", "truck", "van", "bus", "taxi", "cab", "vehicle", "sedan", "pickup", "convertible", "jeep"}) &&
        !subject.has({"driver", "woman", "man", "girl", "boy", "person"}))
        return Kind::vehicle;
    if (subject.has({"woman", "man", "girl", "boy", "child", "children", "person", "people", "figure", "dancer", "chef", "worker", "lady", "gentleman",
                     "kid", "player", "runner", "hiker", "traveler", "traveller", "detective", "astronaut", "soldier", "musician", "cyclist",
                     "barista", "farmer", "fisherman", "sailor", "skater", "surfer", "couple", "friends", "grandmother", "grandfather", "mother",
                     "father", "nurse", "doctor", "artist", "pianist", "monk", "knight", "queen", "king", "robot", "she", "he", "they", "photographer",
                     "teacher", "student", "scientist", "explorer", "boxer", "baker", "potter", "climber", "courier", "stranger",
                     "women", "men", "girls", "boys", "kids", "ladies", "dancers", "chefs", "workers", "players", "runners", "hikers", "travelers", "travellers",
                     "astronauts", "soldiers", "musicians", "cyclists", "farmers", "sailors", "skaters", "surfers", "knights", "monks", "students", "scientists",
                     "somebody", "someone", "teenager", "teenagers", "twins", "bride", "groom", "waiter", "waitress", "crowd", "family"}))
        return Kind::person;
    if (form_of(subject)) return Kind::structure;
    return {};
}

Kind guessed_kind(const Words& subject, const Words& action) {
    bool human_action = action.has({"walk*", "run*", "jog*", "stand*", "sit*", "smile*", "look*", "dance*", "turn*", "talk*", "say*", "wait*", "stroll*"});
    bool a_thing = subject.has({"a", "an", "the", "two", "three", "several", "some"});
    return human_action || !a_thing ? Kind::person : Kind::object;
}

// "three women", "a couple": one of them is drawn.
bool names_several(const Words& subject) {
    return subject.find({"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "several", "many", "some", "both", "children", "people", "friends", "men", "women",
                         "a couple", "a pair", "a dozen", "a group", "a crowd", "a flock", "a herd", "the children", "the people", "the friends"}) == 0;
}

std::string joined(std::initializer_list<const std::string*> fields) {
    std::string all;
    for (const auto* field : fields)
        if (!field->empty()) all.append(all.empty() ? "" : ". ").append(*field);
    return all;
}

// What happens; of a shot that does not say so, all that it says.
std::string story(const Shot& shot) {
    auto told = joined({&shot.prompt, &shot.subject, &shot.action, &shot.opening, &shot.ending});
    return told.empty() ? everything(shot) : told;
}

// The parts of a mood, each from the words that tell of it.
void read_set(const Words& place, const Words& all, Mood& mood) {
    if (place.has({"street*", "city", "alley*", "road", "town", "avenue", "downtown", "market", "plaza", "square", "sidewalk", "pavement", "cobble*",
                   "urban", "boulevard", "tokyo", "paris", "london", "venice", "crossing", "village"}))
        mood.place = Place::street;
    else if (place.has({"room", "kitchen", "office", "studio", "interior", "indoors", "cafe", "café", "bar", "library", "workshop", "bedroom",
                        "hallway", "corridor", "restaurant", "gallery", "warehouse", "theatre", "theater", "bakery", "hall", "apartment"}))
        mood.place = Place::room;
    mood.water = place.has({"sea", "ocean", "beach", "lake", "coast", "shore", "harbour", "harbor", "river", "bay", "fjord", "cliff*", "island",
                            "water", "waves", "pond", "lagoon", "marsh", "swamp", "wetland*", "stream", "estuary", "seashore"});
    mood.trees = !place.has({"desert", "dune*", "beach", "ocean", "sea", "salt flat*", "ice", "glacier", "arctic", "moon", "mars", "canyon", "tundra",
                             "wasteland", "volcano", "volcanic", "lava", "lunar", "snowfield", "badlands", "sand", "savanna*", "steppe", "prairie"});
    if (mood.place == Place::open) read_ground(place, mood);
    mood.rain = all.has({"rain", "rains", "rainy", "raining", "drizzle*", "downpour", "rainstorm", "thunderstorm", "raindrop*"});
    mood.snow = all.has({"snow", "snows", "snowy", "snowing", "snowfall", "blizzard", "snowflakes"});
    mood.fog = all.has({"fog", "foggy", "mist", "misty", "haze", "hazy"});
    mood.neon = all.has({"neon", "cyberpunk"});
    mood.lamps = mood.hour == Hour::night || mood.hour == Hour::dusk || all.has({"lamplight", "lamp*", "lantern*", "streetlight*"});
}

void read_movement(const Words& action, Mood& mood) {
    if (action.has({"run", "runs", "running", "sprint*", "jog*", "gallop*", "chase*", "race", "races", "dash*", "hurr*"})) mood.gait = Gait::run, mood.pace = 2.6;
    else if (action.has({"walk*", "stroll*", "wander*", "step", "steps", "stepping", "march*", "pace*", "strides", "trudge*", "drift*", "drives",
                         "driving", "drive", "rolls", "crosses", "passes", "trot*", "cycles", "rides", "hikes", "approach*", "skate*"}))
        mood.gait = Gait::walk, mood.pace = 1.25;
    if (mood.kind == Kind::structure) mood.gait = Gait::still, mood.pace = 0;
    if (mood.kind == Kind::bird) {
        if (action.has({"lifts off", "lift off", "lifting off", "takes off", "take off", "taking off", "takes flight", "taking flight", "takes wing", "takes to the air", "flies up", "flies off",
                        "flies away", "rises", "launches", "flaps up"}))
            mood.flight = Flight::lifts_off;
        else if (action.has({"lands", "landing", "alights", "touches down", "settles", "swoops down"}))
            mood.flight = Flight::lands;
        else if (action.has({"fly", "flies", "flying", "soars", "soaring", "glides", "gliding", "hovers", "hovering", "circles", "flaps", "swoops", "dives", "in flight"}))
            mood.flight = Flight::flies;
        if (mood.flight != Flight::none) mood.gait = Gait::walk, mood.pace = 1.7;
    }
    if (mood.gait != Gait::still && action.has({"slow", "slowly", "gently", "leisurely", "calmly"})) mood.pace *= 0.72;
    if (mood.gait != Gait::still && mood.kind == Kind::vehicle) mood.pace *= 3;
}

void read_looks(const Words& subject, const std::string& words, Mood& mood) {
    auto first = std::string::npos;
    auto worn = fmt::format(" {} ", core::lower(words));
    for (const auto& tint : tints)
        for (std::string_view after : {" ", ",", "-"}) {
            auto at = worn.find(fmt::format(" {}{}", tint.word, after));
            if (at < first) first = at, mood.garment = rgb(tint.color);
        }
    const bool plain = first == std::string::npos;
    if (const auto* bird = mood.kind == Kind::bird ? bird_of(subject) : nullptr) {
        mood.plumage = bird->plumage;
        if (plain) mood.garment = rgb(bird->color);
    }
    if (plain && mood.kind == Kind::animal) mood.garment = rgb(0x8a5a34);
    if (const auto* form = mood.kind == Kind::structure ? form_of(subject) : nullptr) {
        mood.form = form->form;
        if (plain) mood.garment = form->form == Silhouette::tree ? rgb(0x4f7440) : form->form == Silhouette::lighthouse ? rgb(0xe4e2da) : rgb(0xb9a88e);
    }
    mood.coat = subject.has({"coat", "dress", "robe", "raincoat", "gown", "kimono", "trench", "cloak", "overcoat", "skirt", "parka"});
    mood.long_hair = subject.has({"woman", "girl", "lady", "she", "queen", "grandmother", "mother", "waitress", "actress"});
    mood.small = subject.has({"child", "girl", "boy", "kid", "children"});
}

void read_framing(const Words& subject, const Words& camera, Mood& mood) {
    mood.framing = framing_of(camera);
    if (mood.kind == Kind::bird) {
        const bool air = mood.flight != Flight::none;
        mood.framing.tall = air ? 2.1 : 1.15;
        if (air && (mood.framing.share == Framing{}.share || mood.framing.tight())) mood.framing.share = mood.framing.tight() ? 0.6 : 0.5;  // room to fly
        if (mood.framing.eye == Framing{}.eye) mood.framing.eye = 1.15;
    }
    if (mood.kind == Kind::structure) {
        const FormWords& row = *form_of(subject);
        double scale = mood.place == Place::room ? std::min(1.0, 2.6 / row.tall) : 1;
        mood.framing.tall = row.tall * scale, mood.framing.wide = row.wide * scale;
        if (mood.framing.share == Framing{}.share) mood.framing.share = 0.54;
    }
    if (mood.framing.tight()) look_at_head(mood, mood.framing);
}

}  // namespace

Mood read_words(const Shot& shot) {
    const auto told = story(shot);
    auto said = [&](const std::string& field) { return field.empty() ? told : field; };
    const Words all(everything(shot)), subject(said(shot.subject)), action(said(shot.action)), place(said(shot.environment)), light(said(shot.lighting));
    const Words camera(shot.camera.empty() ? told : core::join(shot.camera, " , "));

    Mood mood;
    mood.hour = hour_of(light, all);
    const auto known = known_kind(subject);
    mood.kind = known ? *known : guessed_kind(subject, action);
    mood.stands_in = !known || names_several(subject);
    read_set(place, all, mood);
    read_movement(action, mood);
    read_looks(subject, said(shot.subject), mood);
    read_framing(subject, camera, mood);
    return mood;
}

std::string everything(const Shot& shot) {
    return joined({&shot.prompt, &shot.subject, &shot.action, &shot.environment, &shot.lighting, &shot.style, &shot.sound, &shot.opening, &shot.ending});
}

std::string title(const Shot& shot) {
    if (!shot.subject.empty()) return shot.subject;
    const auto told = story(shot);
    return told.substr(0, told.find_first_of(",.;:\n"));
}

}  // namespace shotwire::media::helper
