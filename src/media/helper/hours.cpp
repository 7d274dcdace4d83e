#include "media/helper/hours.hpp"

#include <algorithm>

namespace shotwire::media::helper {
namespace {

// How surely words tell the hour: they name it; they name what shines by night; they hint at it; they hint at it in the field for light.
enum class Telling { names, shines, hints, lit };
struct HourWords {
    Hour hour;
    Telling telling;
    std::initializer_list<std::string_view> words;
};
// The surer first, and of several hours the one that makes the picture.
const HourWords hours[] = {
    {Hour::blue, Telling::names, {"blue hour", "blue dusk", "blue twilight", "blue dawn", "blue evening"}},
    {Hour::dusk, Telling::names, {"after sunset", "after sundown", "before sunrise", "before dawn", "sun has set", "sun has gone down", "sun is down",
                                  "predawn", "pre dawn"}},
    {Hour::golden, Telling::names, {"golden hour", "magic hour", "sunset*", "sunrise*", "sundown", "dawn", "daybreak", "alpenglow", "late afternoon",
                                    "evening sun*", "golden light", "golden sun*", "golden glow", "golden rays", "golden backlight", "golden morning",
                                    "golden evening", "golden afternoon", "low golden", "low sun*", "low warm sun*", "low winter sun*", "low evening sun*",
                                    "low morning sun*", "low orange sun*", "low red sun*", "sun low", "sun is low", "sun hangs low", "setting sun",
                                    "sun setting", "sun sets", "sun is setting", "sun about to set", "sun goes down", "sun going down", "sun is going down",
                                    "sinking sun", "rising sun", "sun rising", "sun rises", "sun is rising", "sun comes up", "sun coming up", "last light",
                                    "first light", "last rays", "first rays", "last sun*"}},
    {Hour::dusk, Telling::names, {"dusk", "twilight", "evening", "gloaming", "nightfall", "fading light"}},
    {Hour::night, Telling::names, {"night", "nights", "nighttime", "midnight", "nocturnal", "moonlight", "moonlit", "moonrise", "moonbeam*", "full moon",
                                   "half moon", "crescent moon", "bright moon", "under the moon", "under a moon", "moon above", "moon over", "moon rises",
                                   "moon shines", "moon hangs", "starlight", "starlit", "starry", "stars above", "under the stars", "milky way",
                                   "night sky", "black sky", "after dark", "in the dark", "in darkness", "darkness", "pitch black", "pitch dark",
                                   "dark street*", "dark alley*", "dark road*", "lamplight", "lamplit", "candlelight", "candlelit", "firelight", "firelit",
                                   "torchlight", "torchlit", "torch light"}},
    {Hour::night, Telling::shines, {"neon", "streetlight*", "street light*", "street lamp*", "streetlamp*", "candle*", "campfire*", "bonfire*", "torches",
                                    "fireworks", "stars"}},
    {Hour::overcast, Telling::names, {"overcast", "grey sky", "gray sky", "cloudy", "dark clouds", "storm clouds", "heavy clouds", "diffuse*",
                                      "soft daylight"}},
    {Hour::day, Telling::names, {"noon", "midday", "daylight", "daytime", "high sun"}},
    {Hour::golden, Telling::hints, {"warm backlight", "warm back light", "warm rim light"}},
    {Hour::overcast, Telling::hints, {"storm*", "fog*", "mist*", "rain", "drizzle"}},
    {Hour::day, Telling::hints, {"day*", "sun*", "bright", "morning"}},
    {Hour::night, Telling::lit, {"dark", "moon", "stars", "torch*", "lamp", "lamps", "lantern*", "headlight*", "flashlight*", "fire", "flames", "embers"}}};

std::optional<Hour> hour_in(const Words& text, std::initializer_list<Telling> tellings) {
    for (const auto& row : hours)
        if (std::find(tellings.begin(), tellings.end(), row.telling) != tellings.end() && text.has(row.words)) return row.hour;
    return {};
}

}  // namespace

Hour hour_of(const Shot& shot, const Words& light, const Words& all) {
    using enum Telling;
    if (auto hour = hour_in(light, {names, shines})) return *hour;
    if (auto hour = hour_in(Words(shot.environment), {names})) return *hour;
    if (auto hour = hour_in(light, {hints})) return *hour;
    if (auto hour = hour_in(Words(shot.lighting), {lit})) return *hour;
    if (auto hour = hour_in(all, {names, shines})) return *hour;
    return hour_in(all, {hints}).value_or(Hour::day);
}

}  // namespace shotwire::media::helper
