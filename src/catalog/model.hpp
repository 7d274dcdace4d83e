#pragma once
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"
#include "shot/compose.hpp"
#include "shotwire/measure.hpp"
#include "shotwire/order.hpp"

namespace shotwire::catalog {

// The words of models.json, flags and messages.
std::string_view to_string(ImageRole role);  // "first_frame"
std::string flag_of(ImageRole role);         // "--first-frame"
std::string_view to_string(Operation operation);
std::optional<ImageRole> role_from(std::string_view word);
std::optional<Operation> operation_from(std::string_view word);

// A range of lengths or a list of them, in seconds.
struct Lengths {
    std::vector<double> list;
    double least = 0;
    double most = 0;
    double step = 0;  // 0 with least and most set: any
    std::vector<double> doubtful;  // some of these: taken by the service, but not documented
    bool allows(double seconds) const;
    double nearest(double seconds) const;
    bool known() const { return !list.empty() || most > 0; }  // false: not told, and none can be asked for
    std::string print() const;  // "4, 8, 12" or "3 to 15"; empty where it is not known
};

struct OutputSize {
    Size size;
    std::string resolution;  // "720p"
    AspectRatio ratio;
};

// What must hold for a rule, an id or a rate to count: per axis the values of which one is met. Axes are resolution, ratio,
// seconds, fps, audio (on, off), image (the roles given, or none) and operation.
using Condition = std::map<std::string, std::vector<std::string>>;

// Where one wish narrows another: "1080p only with 8 s". For images, `only` must name every role that is given.
struct Rule {
    Condition when;
    Condition only;
    std::string why;
};

enum class Audio { never, optional, always, untold };  // untold: neither is known, and none can be asked for

struct ImageLimits {
    int most = 0;                          // how many
    std::vector<std::string> media_types;  // image/png, ...; empty: not told
    std::size_t most_bytes = 0;            // 0: not told
    bool exact_size = false;               // pixels must equal the clip's
    bool alpha = true;                     // a PNG may have transparent pixels
    bool file = true;
    bool url = false;
    bool bucket = false;                   // gs:// addresses
    int least_side = 0, most_side = 0;       // of the picture in pixels; 0: not told
    double least_ratio = 0, most_ratio = 0;  // width by height; 0: not told
    bool sets_ratio = false;                 // the clip takes the picture's ratio; none can be asked for
    std::optional<ImageRole> needs;          // another image that must be given too
};

struct Rate {
    std::string resolution;         // empty: any
    std::optional<bool> audio;      // none: either
    std::optional<bool> image;      // with an image given
    std::optional<double> seconds;  // for this length only
    Operation operation = Operation::create;
    Money per_second;
    std::optional<Money> per_clip;  // in place of per_second
};

struct Prices {
    std::vector<Rate> rates;                   // the first that fits
    std::optional<Money> per_thousand_tokens;  // tokens = width x height x frames / 1024
    std::map<std::string, Money> token_rates;  // by resolution, where they differ
    std::string as_of;                         // ISO date of the list
    std::string source;
    bool at_most = false;                 // the list is told as a range or roughly: these are its upper ends
    bool free = false;
    bool users = false;  // named in the user's models.d: counts on a host of their own too
};

struct Life {
    std::string since;  // ISO dates; empty: not told
    std::string retired;
    std::string earliest;                 // it may end from this day on
    std::vector<std::string> successors;  // they need not have a row
    std::string note;
};

// What a model's guide asks of a prompt, for lint.
struct Advice {
    std::size_t words = 0;       // at most; 0: not told
    std::size_t characters = 0;  // likewise
    std::size_t chinese = 0;     // likewise, of Chinese characters
    bool dialogue_in_quotes = false;
    bool present_tense = false;
};

struct Model;

struct ModelRoute {
    // Another id that the route has for the same model in some cases: fal's "/image-to-video".
    struct Variant {
        Condition when;
        std::string id;
        json form = json::object();  // its parts replace those of the entry's form
        std::vector<std::string> aliases = {}, snapshots = {};  // as those of the entry
    };
    std::string route;
    std::string id;                          // of the model there
    std::vector<Variant> variants;           // the first whose condition holds is sent in place of `id`
    std::vector<std::string> aliases;        // names of `id` alone: who asks by one gets no variant
    std::vector<std::string> snapshots;      // dated ids of it: likewise, and the id is sent as it was given
    json form = json::object();              // how the route writes the model's input; empty: the backend knows
    json more = json::object();              // limits that differ on this route, in the form of the row
    std::shared_ptr<const Model> differing;  // the row with `more` over it, without routes of its own; null: no difference
};

// Which of an entry's ids a name pins: `mode` that of the entry or of a variant, `sent` the same or a snapshot of it. Empty: none.
struct Pinned {
    std::string mode;
    std::string sent;
};
Pinned pinned_by(const ModelRoute& there, const std::string& name);

struct Model {
    std::string id;
    std::vector<std::string> aliases;
    std::string title;
    std::string maker;
    std::vector<ModelRoute> routes;  // in order of preference
    Life life;
    Lengths lengths;
    std::vector<OutputSize> sizes;  // may be empty where pixels are not told
    bool any_size = false;          // within least_side and most_side, even
    int least_side = 0, most_side = 0;
    std::vector<std::string> ratios;       // with sizes: those of the sizes
    std::vector<std::string> resolutions;  // the same; smallest first
    std::vector<int> fps;
    int least_fps = 0, most_fps = 0;  // where any is taken
    std::vector<Rule> rules;
    // What is ordered where nothing is wished.
    double default_seconds = 0;
    std::string default_ratio, default_resolution;
    int default_fps = 0;  // 0: not told
    bool default_audio = true;
    Audio audio = Audio::never;
    std::map<ImageRole, ImageLimits> images;
    std::optional<std::uint64_t> most_seed;  // none: takes no seed
    std::vector<Operation> operations;       // beside create
    // The wishes that such an operation takes ("seconds"); all else comes from the clip it starts from.
    std::map<Operation, std::vector<std::string>> operation_wishes;
    shot::PromptStyle prompt;
    Advice advice;
    std::map<std::string, std::string> camera;  // move id to the model's own word
    Prices prices;
    double expected_seconds = 0;     // to render a clip of the default length
    double expected_per_second = 0;  // more for each further second
    std::vector<std::string> strengths;
    std::string note;
};

// What differs from user to user on a route and is no secret: a project, a region, a resource's name.
struct RouteSetting {
    std::vector<std::string> env;  // the provider's usual variables, in order
    std::string fallback;          // empty: none
    bool needed = false;
    std::string in_key;            // where a service account's JSON tells it
    bool url_only = false;         // stands in the base URL or a model's id alone; the backend's dialect does not know it
    std::string with;              // another setting, without which no value but the fallback counts
    std::map<std::string, std::string> base_urls;  // of single values, in place of the route's
    std::vector<std::string> offered;              // the values that the rows and prices hold for; empty: all
    std::vector<Condition> needed_for, advised_for;  // orders that cannot do without it, and those that had better not
    std::string why;                               // of these
};

// What hosts of one kind do differently from the rest of their backend, by the name that `dialect` of a route may give.
struct Dialect {
    std::string name;
    std::string backend;
    std::string title;
    json keys = json::object();
};

// A named entry of the configuration: backend, base URL, key, dialect.
struct Route {
    std::string name;
    std::string backend;
    std::string title;
    std::string base_url;              // no slash at the end; empty: the user must name it; {name} stands for a setting
    std::vector<std::string> base_urls;  // the first whose settings are all known counts; empty: base_url
    std::vector<std::string> key_env;  // the provider's usual variables, in order
    std::vector<std::pair<std::string, std::string>> key_pair_env;  // both variables: the key is "ACCESS:SECRET"
    std::vector<std::string> key_file_env;                          // the variable names a file that holds the key
    std::map<std::string, RouteSetting> settings;
    std::map<std::string, std::string> values;  // of the settings, where known
    std::string key_header = "Authorization";
    std::string key_prefix = "Bearer ";
    bool key_needed = true;
    json dialect = json::object();      // the backend's own: opaque here
    std::string key_command, key_file;  // the user's
    bool allow_private = false;
    bool moved = false;               // the base URL is the user's
    bool at_home = false;             // on this machine or in its network: nobody sends a bill
    bool named = false;               // the user named the base URL, and it is a host of their account alone
    bool ready = true;                // a key is set where one is needed, and all that is, as far as can be told without asking for it
    int most_submits_per_minute = 0;  // 0: not told
    int most_at_once = 0;             // jobs of one model under way; 0: not told
    bool any_model = false;           // serves models that have no row, by their own ids
    bool in_pixels = false;           // a size is asked as WIDTHxHEIGHT: no words for resolution and ratio
};

}  // namespace shotwire::catalog
