#include "media/helper/lexicon.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <initializer_list>

#include "core/text.hpp"
#include "media/helper/beasts.hpp"
#include "media/helper/framings.hpp"
#include "media/helper/hours.hpp"
#include "shot/camera.hpp"
#include "shot/words.hpp"

namespace shotwire::media::helper {
namespace {

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

// Where the ground is named.
std::size_t read_ground(const Words& place, Mood& mood) {
    auto first = std::string::npos;
    for (const auto& row : grounds)
        if (auto at = place.find(row.words); at < first) first = at, mood.ground = row.ground;
    for (const auto& tint : tints)
        for (std::string_view noun : {"desert", "dunes", "sand", "sands", "beach", "canyon", "rock", "rocks", "earth", "plain", "field", "fields", "grass",
                                      "meadow", "cliffs", "soil"}) {
            const auto said = fmt::format("{} {}", tint.word, noun);
            if (mood.earth || !place.has({said})) continue;
            const auto cloth = rgb(tint.color);
            mood.earth = cloth.r > 2 * cloth.g ? rgb(0xa8502c) : cloth;  // red earth is no red cloth
        }
    return first;
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

const BirdWords* bird_of(const Words& subject) {
    const BirdWords* found = first_bird(subject);
    const auto first = found ? subject.find(found->words) : std::string::npos;
    // "a boy feeds the birds", "a lighthouse with gulls": whoever is named first is the subject.
    if (found && subject.find({"woman", "man", "girl", "boy", "child", "children", "person", "people", "lady", "couple", "he", "she", "dog", "cat", "fox",
                               "car", "truck", "boat", "ship", "statue", "sculpture"}) < first)
        return nullptr;
    const auto* form = form_of(subject);
    return form && subject.find(form->words) < first ? nullptr : found;
}

struct CoachWords {
    Coach coach;
    std::initializer_list<std::string_view> words;
};
const CoachWords coaches[] = {{{}, {"car", "taxi", "cab", "vehicle", "sedan", "pickup", "convertible", "jeep"}},
                              {{.tall = 3, .length = 9.5, .windows = true}, {"bus"}},
                              {{.tall = 2.2, .length = 5}, {"van"}},
                              {{.tall = 2.9, .length = 7, .cab = true}, {"truck"}}};

// How much lower somebody's head is who sits.
double sunk(const Mood& mood) { return mood.sits ? (mood.small ? 0.34 : 0.46) : 0; }

// A picture that is too tight for the whole subject begins at its head.
void look_at_head(const Mood& mood, Framing& framing) {
    static constexpr double birds_tall[] = {0.75, 1.16, 1};  // in the order of Plumage
    framing.wide = 0;
    switch (mood.kind) {
        case Kind::person: framing.tall = (mood.small ? 1.29 : 1.74) - sunk(mood); break;
        case Kind::animal:
            framing.tall = mood.beast.tall(), framing.ahead = mood.beast.ahead();
            if (mood.beast.large()) framing.share = std::min(framing.share, 1.6);
            break;
        case Kind::vehicle: framing.tall = std::max(1.4, mood.coach.tall), framing.ahead = 1, framing.share = std::min(framing.share, 1.3); break;  // its side lets a camera no nearer
        case Kind::object: framing.tall = 1.64; break;
        case Kind::bird: framing.tall = birds_tall[std::size_t(mood.plumage)], framing.ahead = 0.3; break;
        case Kind::structure: break;
    }
}

// What the words name, where a figure is drawn for it.
std::optional<Kind> known_kind(const Words& subject) {
    if (bird_of(subject)) return Kind::bird;
    if (beast_of(subject) && !subject.has({"woman", "man", "girl", "boy", "child", "rider"}))
        return Kind::animal;
    if (named(coaches, subject) && !subject.has({"driver", "woman", "man", "girl", "boy", "person"}))
        return Kind::vehicle;
    if (subject.has({"woman", "man", "girl", "boy", "child", "children", "person", "people", "figure", "dancer", "chef", "worker", "lady", "gentleman",
                     "kid", "player", "runner", "hiker", "traveler", "traveller", "detective", "astronaut", "soldier", "musician", "cyclist", "barista",
                     "farmer", "fisherman", "sailor", "skater", "surfer", "couple", "friends", "grandmother", "grandfather", "mother", "father", "nurse",
                     "doctor", "artist", "pianist", "monk", "knight", "queen", "king", "robot", "she", "he", "they", "photographer", "teacher", "student",
                     "scientist", "explorer", "boxer", "baker", "potter", "climber", "courier", "stranger", "women", "men", "girls", "boys", "kids",
                     "ladies", "dancers", "chefs", "workers", "players", "runners", "hikers", "travelers", "travellers", "astronauts", "soldiers",
                     "musicians", "cyclists", "farmers", "sailors", "skaters", "surfers", "knights", "monks", "students", "scientists", "somebody",
                     "someone", "teenager", "teenagers", "twins", "bride", "groom", "waiter", "waitress", "crowd", "family"}))
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
    return subject.find({"two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "several", "many", "some", "both", "children", "people",
                         "friends", "men", "women", "a couple", "a pair", "a dozen", "a group", "a crowd", "a flock", "a herd", "the children", "the people",
                         "the friends"}) == 0;
}

// What somebody does, without what the camera does: "pans to the left".
std::string without_moves(std::string text) {
    const auto moves = shot::find_moves(text);
    for (auto move = moves.rbegin(); move != moves.rend(); ++move) text.replace(move->begin, move->end - move->begin, 1, ',');
    return text;
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

struct WaterWords {
    double shore;  // metres from the subject
    std::initializer_list<std::string_view> words;
};

// The parts of a mood, each from the words that tell of it.
void read_set(const Words& place, const Words& all, Mood& mood) {
    if (place.has({"street*", "city", "alley*", "road", "town", "avenue", "downtown", "market", "plaza", "square", "sidewalk", "pavement", "cobble*",
                   "urban", "boulevard", "tokyo", "paris", "london", "venice", "crossing", "village"}))
        mood.place = Place::street;
    else if (place.has({"room", "kitchen", "office", "studio", "interior", "indoors", "cafe", "café", "bar", "library", "workshop", "bedroom",
                        "hallway", "corridor", "restaurant", "gallery", "warehouse", "theatre", "theater", "bakery", "hall", "apartment"}))
        mood.place = Place::room;
    static constexpr double beside = 11, before = 3.5;
    static const WaterWords waters[] = {
        {beside, {"beach", "coast", "shore", "seashore", "harbour", "harbor", "river", "bay", "fjord", "cliff*", "island", "marsh", "swamp", "wetland*",
                  "stream", "estuary", "waves", "lakeside", "seaside"}},
        {before, {"sea", "ocean", "lake", "pond", "lagoon", "water"}}};
    const auto ground = mood.place == Place::open ? read_ground(place, mood) : std::string::npos;
    const bool open_sea = place.has({"sea", "ocean"});
    for (const auto& row : waters)  // "a meadow by a lake", "a lake between hills": what is named first is in front
        if (auto at = place.find(row.words); !mood.water && at != std::string::npos) mood.water = true, mood.shore = ground < at ? beside : row.shore;
    mood.afloat = mood.place == Place::open && place.has({"middle of the ocean", "middle of the sea", "middle of a lake", "middle of the lake",
                                                          "middle of an ocean", "open sea", "open ocean", "open water", "high seas", "at sea", "mid ocean",
                                                          "out on the lake", "surface of the sea", "surface of the ocean", "endless sea", "endless ocean"});
    if (mood.afloat) mood.water = true;
    if (open_sea && !mood.afloat && !mood.ground && mood.shore == before) mood.ground = Ground::sand;
    mood.trees = !place.has({"desert", "dune*", "beach", "ocean", "sea", "salt flat*", "ice", "glacier", "arctic", "moon", "mars", "canyon", "tundra",
                             "wasteland", "volcano", "volcanic", "lava", "lunar", "snowfield", "badlands", "sand", "savanna*", "steppe", "prairie"});
    if (mood.afloat) mood.trees = false;
    mood.rain = all.has({"rain", "rains", "rainy", "raining", "drizzle*", "downpour", "rainstorm", "thunderstorm", "raindrop*"});
    mood.snow = all.has({"snow", "snows", "snowy", "snowing", "snowfall", "blizzard", "snowflakes"});
    mood.fog = all.has({"fog", "foggy", "mist", "misty", "haze", "hazy"});
    mood.neon = all.has({"neon", "cyberpunk"});
    mood.lanterns = all.has({"lamplight", "lamp*", "lantern*", "streetlight*", "street light*", "streetlamp*", "candle*"});
    mood.lamps = is_dark(mood.hour) || mood.lanterns;
    mood.fire = all.has({"campfire*", "camp fire", "bonfire*", "firelight", "firelit", "a fire", "the fire", "open fire", "torchlight", "torchlit", "torches"});
    mood.moon = mood.hour == Hour::night && all.has({"moon", "moonlight", "moonlit", "moonrise", "moonbeam*"});
}

// What the body does that no figure is drawn for.
bool poses_otherwise(const Words& action, Kind kind) {
    if (kind != Kind::person && kind != Kind::animal) return false;
    if (kind == Kind::animal && action.has({"sit", "sits", "sitting", "seated", "sat", "curl*"})) return true;
    return action.has({"lie", "lies", "lying", "jump*", "leap*", "swim*", "kneel*", "crouch*", "crawl*", "climb*", "squat*", "dive", "dives", "diving",
                       "reclin*", "sleep", "sleeps", "sleeping", "asleep", "somersault*", "cartwheel*"});
}

// Which way it goes, or looks where it stands still.
Course course_of(const Words& action, bool still) {
    static const shot::WordSet heads{"walk", "walks", "walking", "run", "runs", "running", "fly", "flies", "flying", "move", "moves", "moving", "go", "goes",
                                     "going", "drive", "drives", "driving", "ride", "rides", "riding", "swim", "swims", "swimming", "drift", "drifts",
                                     "drifting", "jog", "jogs", "jogging", "gallop", "gallops", "galloping", "stroll", "strolls", "strolling", "head",
                                     "heads", "heading", "turn", "turns", "turning", "face", "faces", "facing", "look", "looks", "looking", "glide",
                                     "glides", "gliding", "roll", "rolls", "rolling", "cross", "crosses", "step", "steps", "stepping", "sprint", "sprints",
                                     "sprinting", "soars", "soaring", "sails", "sailing", "trots", "trotting", "frame", "screen", "exits", "marches",
                                     "marching", "dashes", "races"};
    if (still ? action.has({"facing away", "faces away", "back to the camera", "back to us", "back turned", "turned away"})
              : action.has({"away from the camera", "away from us", "away from camera", "away from the viewer", "away from the lens", "into the distance",
                            "walks away", "walking away", "runs away", "running away", "drives away", "driving away", "rides away", "walks off into",
                            "recedes"}))
        return Course::farther;
    if (still ? action.has({"faces the camera", "facing the camera", "faces us", "facing us"})
              : action.has({"towards the camera", "toward the camera", "towards camera", "toward camera", "to the camera", "towards us", "toward us",
                            "towards the viewer", "toward the viewer", "towards the lens", "toward the lens", "approaches the camera", "approaches us",
                            "at the camera"}))
        return Course::nearer;
    if (action.has({"leftward*"})) return Course::left;
    if (action.has({"rightward*"})) return Course::right;
    const auto words = action.list();
    auto word = [&](std::size_t i) { return i < words.size() ? std::string_view(words[i]) : std::string_view(); };  // what stands before the first wraps round to none
    for (std::size_t i = 0; i < words.size(); ++i) {
        const bool left = word(i) == "left";
        if ((!left && word(i) != "right") || word(i + 1) == "of" || (word(i + 1) == "to" && (word(i + 2) == "left" || word(i + 2) == "right"))) continue;
        const auto before = word(i - 1) == "the" || word(i - 1) == "her" || word(i - 1) == "his" || word(i - 1) == "its" ? word(i - 2) : word(i - 1);
        if (before == "from") return left ? Course::right : Course::left;
        if (before == "to" || before == "towards" || before == "toward" || heads.has(before) || (before.ends_with("ly") && heads.has(word(i - 2)))) return left ? Course::left : Course::right;
    }
    return Course::any;
}

void read_movement(const Words& action, Mood& mood) {
    if (action.has({"run", "runs", "running", "sprint*", "jog*", "gallop*", "chase*", "race", "races", "dash*", "hurr*"}))
        mood.gait = Gait::run, mood.pace = 2.6;
    else if (action.has({"walk*", "stroll*", "wander*", "step", "steps", "stepping", "march*", "pace*", "strides", "trudge*", "drift*", "drives",
                         "driving", "drive", "rolls", "crosses", "passes", "trot*", "cycles", "rides", "hikes", "approach*", "skate*"}))
        mood.gait = Gait::walk, mood.pace = 1.25;
    mood.sits = mood.kind == Kind::person && action.has({"sit", "sits", "sitting", "seated", "sat"});
    if (mood.kind == Kind::structure || mood.sits) mood.gait = Gait::still, mood.pace = 0;
    mood.stands_in |= poses_otherwise(action, mood.kind);
    if (mood.kind == Kind::bird) {
        if (action.has({"lifts off", "lift off", "lifting off", "takes off", "take off", "taking off", "takes flight", "taking flight", "takes wing",
                        "takes to the air", "flies up", "flies off", "flies away", "rises", "launches", "flaps up"}))
            mood.flight = Flight::lifts_off;
        else if (action.has({"lands", "landing", "alights", "touches down", "settles", "swoops down"}))
            mood.flight = Flight::lands;
        else if (action.has({"fly", "flies", "flying", "soars", "soaring", "glides", "gliding", "hovers", "hovering", "circles", "flaps", "swoops", "dives",
                             "in flight"}))
            mood.flight = Flight::flies;
        if (mood.flight != Flight::none) mood.gait = Gait::walk, mood.pace = 1.7;
    }
    if (mood.gait != Gait::still && action.has({"slow", "slowly", "gently", "leisurely", "calmly"})) mood.pace *= 0.72;
    if (mood.gait != Gait::still && mood.kind == Kind::vehicle) mood.pace *= 3;
    if (mood.kind != Kind::structure) mood.course = course_of(action, mood.gait == Gait::still);
}

void read_looks(const Words& subject, Mood& mood) {
    auto first = std::string::npos;
    for (const auto& tint : tints)
        if (auto at = subject.find({tint.word}); at < first) first = at, mood.garment = rgb(tint.color);
    const bool plain = first == std::string::npos;
    if (const auto* bird = mood.kind == Kind::bird ? bird_of(subject) : nullptr) {
        mood.plumage = bird->plumage;
        if (plain) mood.garment = rgb(bird->color);
    }
    if (const auto* row = mood.kind == Kind::animal ? beast_of(subject) : nullptr) {
        mood.beast = row->beast;
        if (plain) mood.garment = rgb(row->color);
    }
    if (const auto* row = mood.kind == Kind::vehicle ? named(coaches, subject) : nullptr) mood.coach = row->coach;
    if (const auto* form = mood.kind == Kind::structure ? form_of(subject) : nullptr) {
        mood.form = form->form;
        if (plain) mood.garment = form->form == Silhouette::tree ? rgb(0x4f7440) : form->form == Silhouette::lighthouse ? rgb(0xe4e2da) : rgb(0xb9a88e);
    }
    mood.coat = subject.has({"coat", "dress", "robe", "raincoat", "gown", "kimono", "trench", "cloak", "overcoat", "skirt", "parka"});
    mood.long_hair = subject.has({"woman", "girl", "lady", "she", "queen", "grandmother", "mother", "waitress", "actress"});
    mood.small = subject.has({"child", "girl", "boy", "kid", "children"});
}

void read_framing(const Words& subject, const Framing& framing, Mood& mood) {
    mood.framing = framing;
    mood.framing.tall -= sunk(mood);
    if (mood.kind == Kind::animal && (mood.beast.size < 1 || mood.beast.large())) {
        mood.framing.tall = std::max(0.9, (mood.beast.large() ? 1.1 : 1.72) * mood.beast.tall());
        mood.framing.wide = mood.beast.large() ? 1.5 * mood.beast.size : 0;
        if (mood.framing.eye == Framing{}.eye) mood.framing.eye *= std::clamp(mood.framing.tall / 1.72, 0.6, 1.0);
    }
    if (mood.kind == Kind::vehicle && mood.coach.tall > 0) {
        mood.framing.tall = mood.coach.tall * (mood.place == Place::street && mood.coach.is_long() ? 1.5 : 1);
        mood.framing.wide = mood.coach.length;
    }
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
    const Words all(everything(shot)), subject(said(shot.subject)), action(without_moves(said(shot.action)));
    const Words place(said(shot.environment)), light(said(shot.lighting));
    const bool told_of_camera = !shot.camera.empty();
    const Words camera(told_of_camera ? core::join(shot.camera, " , ") : told);

    Mood mood;
    mood.hour = hour_of(shot, light, all);
    const auto known = known_kind(subject);
    mood.kind = known ? *known : guessed_kind(subject, action);
    mood.stands_in = !known || names_several(subject);
    read_set(place, all, mood);
    read_movement(action, mood);
    read_looks(subject, mood);
    read_framing(subject, framing_of(camera, !told_of_camera), mood);
    return mood;
}

std::string everything(const Shot& shot) {
    return joined({&shot.prompt, &shot.subject, &shot.action, &shot.environment, &shot.lighting, &shot.style, &shot.sound, &shot.opening, &shot.ending});
}

std::string title(const Shot& shot) {
    if (!shot.subject.empty()) return shot.subject;
    // "Wide shot. A heron lifts off", "Subject: a heron".
    static const shot::WordSet of_the_camera{"shot", "wide", "medium", "close", "up", "closeup", "extreme", "full", "long", "mid", "establishing", "low",
                                             "high", "angle", "eye", "level", "height", "view", "camera", "lens", "aerial", "drone", "tracking", "handheld",
                                             "hand", "held", "static", "slow", "slowly", "fast", "dolly", "pan", "tilt", "zoom", "push", "pull", "orbit",
                                             "crane", "truck", "in", "out", "left", "right", "down", "pov", "overhead", "macro", "top", "the", "a", "an",
                                             "and", "at", "with", "steadicam", "locked", "off", "fixed", "tripod", "shoulder", "waist", "ground", "rack",
                                             "focus", "whip", "subject", "scene", "prompt", "style", "cinematic", "cinematography", "action", "video",
                                             "opening"};
    const auto told = story(shot);
    constexpr std::string_view marks = ",.;:\n";
    for (std::size_t from = 0; from < told.size();) {
        const auto end = std::min(told.find_first_of(marks, from), told.size());
        const auto words = shot::words_of(std::string_view(told).substr(from, end - from));
        if (!std::all_of(words.begin(), words.end(), [](const shot::Word& word) { return of_the_camera.has(word.text); })) return std::string(core::trim(told.substr(from, end - from)));
        from = end + 1;
    }
    return told.substr(0, told.find_first_of(marks));
}

}  // namespace shotwire::media::helper
