#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "catalog/catalog.hpp"
#include "core/clock.hpp"
#include "shotwire/order.hpp"

namespace shotwire::catalog {

// What the user wants of the clip beside the shot. Empty means no wish.
struct Wishes {
    std::string model = "animatic";  // id, alias or ROUTE:MODEL
    std::string via;                 // route
    std::optional<AspectRatio> ratio;
    std::optional<Size> size;
    std::string resolution;
    std::optional<double> seconds;
    std::optional<int> fps;
    std::optional<std::uint64_t> seed;
    bool seed_drawn = false;  // it was not named: "random"
    long takes = 1;           // whose seeds follow each other
    std::optional<bool> audio;
    std::vector<std::pair<std::string, std::string>> params;
    bool fit = false;  // take the nearest that the model has
    Operation operation = Operation::create;
    std::string source_clip;
};

// One wish that cannot be fulfilled.
struct Problem {
    std::string field;    // "duration"
    std::string value;    // "7"
    std::string message;  // a whole sentence
    std::vector<std::string> allowed;
};

struct Plan {
    Order order;
    Route route;
    const Model* model = nullptr;      // as it is on that route; null: no row. Lives as long as the catalogue
    std::string choice;                // which of several routes was taken, and why, in a sentence; empty: it was named
    std::vector<std::string> changes;  // what --fit took instead, a sentence each
    std::vector<std::string> notes;    // what the user should know: negatives became words, audio cannot be switched off
    shot::Composition composition;
};

// The shot for that model, or all that is in the way of it, at once. Images must have been loaded into `images`. A wish for a model
// without a row is passed on as it is; seconds are 0 there where none are wished, and the size follows from the ratio where the
// route asks in pixels. `today` decides whether a model is retired; a moved route lifts that.
std::variant<Plan, std::vector<Problem>> plan(const Catalog& catalog, const Shot& shot, const Wishes& wishes, std::vector<Image> images,
                                              core::Wall today);

// The keys of an order in a shot file ("model", "aspect_ratio", "duration", ...), taken out of the document. Hyphens and underscores
// are the same; numbers may stand as text. Errors: usage, naming key, value and what is allowed.
const std::vector<std::string>& wish_keys();
Result<Wishes> take_wishes(json& document, const std::string& name);

Result<AspectRatio> parse_ratio(std::string_view text);
Result<Size> parse_size(std::string_view text);
Result<double> parse_seconds(std::string_view text);  // "8", "8s"
Result<std::uint64_t> parse_seed(const std::string& text);  // "7", "random"
inline constexpr std::uint64_t most_drawn_seed = 0x7fffffff;  // of those drawn: what every model with a seed takes

// By the row's list; unknown (no amount) where it does not tell. On a host of the user's own no list counts but that of their
// models.d: 0 on this machine and in its network, unknown elsewhere.
Price price_of(const Model& model, const Route& route, const Order& order);
Price price_on(const Route& route);  // of a model without a list

// "ends on 2026-09-24" from 60 days before, "may end from 2027-05-04 on" where no day is certain; empty: not soon.
std::string ends_soon(const Life& life, core::Wall today);

// How long the provider will probably take, by the catalogue alone.
std::chrono::milliseconds expected_time(const Model* model, double seconds);

json to_json(const Order& order);                     // for sidecars: no image bytes
Result<Order> order_from_json(const json& document);  // images come without bytes: see load_image
std::string write_order(const Order& order);          // the same as text, for the ledger: many carry it, few read it
Result<Order> read_order(std::string_view text);
bool in_bucket(const Image& image);  // gs://BUCKET/NAME
// A file or URL to an Image: reads, hashes, measures it; one in a bucket has its type by its name. Errors: usage, naming the flag.
Result<Image> load_image(ImageRole role, const std::string& source);
Result<std::vector<Image>> load_images(const Shot& shot);
std::string resolution_of(const Order& order);  // "720p", else its pixels; empty: not known
Order with_absolute_pictures(Order order);  // files by their absolute paths; the same fingerprint
Result<> reload(Order& order);  // bytes of file images, checked against their SHA-256. Errors: usage

// The order's identity: equal for equal orders on any machine. Not its price, not its paths; of the shot only what reaches the
// provider, which for the local route is all of it.
std::string fingerprint(const Order& order);

}  // namespace shotwire::catalog
