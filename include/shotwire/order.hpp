#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "shotwire/measure.hpp"
#include "shotwire/shot.hpp"

namespace shotwire {

enum class ImageRole { first_frame, last_frame, reference };

struct Image {
    ImageRole role = ImageRole::first_frame;
    std::string source;      // as the user gave it: a path or an http(s) URL
    std::string media_type;  // image/png, image/jpeg, image/webp; empty for a URL
    std::string sha256;      // hex, of the bytes; empty for a URL
    Size pixels;             // 0x0 where unknown (a URL)
    std::shared_ptr<const std::string> bytes;  // null for a URL
};

// What is asked of the provider: a new clip, or one made from a clip that it still has.
enum class Operation { create, remix, edit, extend };

struct Price {
    std::optional<Money> amount;  // none: unknown
    bool upper_bound = false;     // it may turn out cheaper
    std::string as_of;            // the day of the price list, ISO 8601; empty for a host of the user's own
};

// A shot resolved for one model and one route. Pure data: it can be printed, priced and sent again.
struct Order {
    std::string model;         // id of the catalogue row, or the provider's own id where there is no row
    std::string route;         // name of the route
    std::string remote_model;  // the id under which the route knows the model
    Operation operation = Operation::create;
    std::string source_clip;  // remix, edit, extend: the provider's id of the clip it starts from

    std::string prompt;           // composed, exactly as sent
    std::string negative_prompt;  // where the model has a field for it
    std::optional<Size> size;     // pixels, where the model is asked in pixels
    std::string resolution;       // "720p", where known
    std::optional<AspectRatio> ratio;
    double seconds = 0;
    std::optional<int> fps;
    std::optional<std::uint64_t> seed;
    std::optional<bool> audio;    // none: the model's own way
    std::string camera_motion;    // the model's native word for the move; empty: none
    std::vector<Image> images;
    std::vector<std::pair<std::string, std::string>> params;  // --param: raw to the provider

    Shot shot;  // the words it was made from
    std::optional<std::vector<std::string>> wished;  // measures that were asked for ("duration"): the others are the model's own way. None: not known
    Price price;
    bool freely = false;  // no row of the catalogue: each measure is a wish, and the backend refuses what it has no field for
    std::string form;  // how the route writes this model's input, as JSON text; empty: the backend knows
};

}  // namespace shotwire
