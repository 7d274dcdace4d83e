#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "shot/compose.hpp"
#include "shotwire/measure.hpp"
#include "shotwire/order.hpp"

namespace shotwire::catalog {

// A range of lengths or a list of them, in seconds.
struct Lengths {
    std::vector<double> list;
    double least = 0;
    double most = 0;
    double step = 0;  // 0 with least and most set: any
    bool allows(double seconds) const;
    double nearest(double seconds) const;
    std::string print() const;  // "4, 8, 12" or "3 to 15"
};

struct OutputSize {
    Size size;
    std::string resolution;  // "720p"
    AspectRatio ratio;
};

// Where one wish narrows another: "1080p only with 8 s".
struct Rule {
    std::map<std::string, std::vector<std::string>> when;  // resolution, ratio, seconds, fps, audio, image, operation
    std::map<std::string, std::vector<std::string>> only;
    std::string why;
};

enum class Audio { never, optional, always };

struct ImageLimits {
    int most = 0;                          // how many
    std::vector<std::string> media_types;  // image/png, ...
    std::size_t most_bytes = 0;            // 0: not told
    bool exact_size = false;               // pixels must equal the clip's
    bool file = true;
    bool url = false;
};

struct Rate {
    std::string resolution;     // empty: any
    std::optional<bool> audio;  // none: either
    std::optional<bool> image;  // with an image given
    Money per_second;
};

struct Prices {
    std::vector<Rate> rates;    // the first that fits
    std::optional<Money> per_thousand_tokens;  // tokens = width x height x fps x seconds / 1024
    std::map<std::string, Money> token_rates;  // by resolution, where they differ
    std::string as_of;          // ISO date of the list
    std::string source;
    bool free = false;
};

struct Life {
    std::string since;    // ISO dates; empty: not told
    std::string retired;
    std::vector<std::string> successors;
    std::string note;
};

struct ModelRoute {
    std::string route;
    std::string id;  // of the model there
    json more = json::object();  // limits that differ on this route, in the form of the row
};

struct Model {
    std::string id;
    std::vector<std::string> aliases;
    std::string title;
    std::string maker;
    std::vector<ModelRoute> routes;  // in order of preference
    Life life;
    Lengths lengths;
    std::vector<OutputSize> sizes;         // may be empty where pixels are not told
    bool any_size = false;                 // within least_side and most_side, even
    int least_side = 0, most_side = 0;
    std::vector<std::string> ratios;
    std::vector<std::string> resolutions;
    std::vector<int> fps;
    int least_fps = 0, most_fps = 0;       // where any is taken
    std::vector<Rule> rules;
    // What is ordered where nothing is wished.
    double default_seconds = 0;
    std::string default_ratio, default_resolution;
    int default_fps = 0;
    bool default_audio = true;
    Audio audio = Audio::never;
    std::map<ImageRole, ImageLimits> images;
    std::optional<std::uint64_t> most_seed;  // none: takes no seed
    std::vector<Operation> operations;       // beside create
    shot::PromptStyle prompt;
    std::map<std::string, std::string> camera;  // move id to the model's own word
    Prices prices;
    double expected_seconds = 0;             // to render a clip of the default length
    double expected_per_second = 0;          // more for each further second
    std::vector<std::string> strengths;
    std::string note;
};

// A named entry of the configuration: backend, base URL, key, dialect.
struct Route {
    std::string name;
    std::string backend;
    std::string title;
    std::string base_url;                  // no slash at the end; empty: the user must name it
    std::vector<std::string> key_env;      // the provider's usual variables, in order
    std::string key_header = "Authorization";
    std::string key_prefix = "Bearer ";
    bool key_needed = true;
    json dialect = json::object();
    std::string key_command, key_file;     // the user's
    bool allow_private = false;
    bool moved = false;                    // the base URL is the user's
    int most_submits_per_minute = 0;       // 0: not told
};

}  // namespace shotwire::catalog
