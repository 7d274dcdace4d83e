#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "catalog/model.hpp"
#include "catalog/plan.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/image.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::catalog {
namespace {

constexpr std::size_t largest_image = 64 << 20;

json to_json(const Image& image) {
    json out{{"role", to_string(image.role)}, {"source", image.source}};
    if (!image.media_type.empty()) out["media_type"] = image.media_type;
    if (!image.sha256.empty()) out["sha256"] = image.sha256;
    if (image.pixels.width > 0) out["size"] = to_string(image.pixels);
    return out;
}

// Everything of an order but its price and the words it was made from.
json measures_of(const Order& order) {
    json out = json::object();  // by its keys: a list in braces copies each of them twice, for each row of a batch
    out["model"] = order.model;
    out["route"] = order.route;
    out["remote_model"] = order.remote_model;
    out["operation"] = to_string(order.operation);
    out["prompt"] = order.prompt;
    out["seconds"] = order.seconds;
    if (!order.source_clip.empty()) out["source_clip"] = order.source_clip;
    if (!order.negative_prompt.empty()) out["negative_prompt"] = order.negative_prompt;
    if (order.size) out["size"] = to_string(*order.size);
    if (!order.resolution.empty()) out["resolution"] = order.resolution;
    if (order.ratio) out["ratio"] = to_string(*order.ratio);
    if (order.fps) out["fps"] = *order.fps;
    if (order.seed) out["seed"] = *order.seed;
    if (order.audio) out["audio"] = *order.audio;
    if (!order.camera_motion.empty()) out["camera_motion"] = order.camera_motion;
    if (!order.params.empty()) {
        out["params"] = json::array();
        for (const auto& [name, value] : order.params) out["params"].push_back(json::array({name, value}));
    }
    return out;
}

json to_json(const Price& price) {
    json out = json::object();
    if (price.amount) out["usd"] = double(price.amount->micros) / 1e6;
    if (price.upper_bound) out["upper_bound"] = true;
    if (!price.as_of.empty()) out["as_of"] = price.as_of;
    return out;
}

Price price_from(const json& document) {
    Price price;
    if (const double usd = core::number_or(document, "/usd", NAN); std::isfinite(usd) && std::abs(usd) < 1e12)
        price.amount = Money{std::llround(usd * 1e6)};
    price.upper_bound = document.value("upper_bound", false);
    price.as_of = core::field_or(document, "/as_of", {});
    return price;
}

Error unreadable(const std::string& key, const json& value) {
    return {ErrorKind::usage, fmt::format("the order's \"{}\" cannot be read: {}", key, core::printable(core::dump(value)))};
}

Result<Image> image_from(const json& document) {
    Image image;
    const auto role = role_from(core::field_or(document, "/role", {}));
    if (!role) return unreadable("images", document);
    image.role = *role;
    image.source = core::field_or(document, "/source", {});
    image.media_type = core::field_or(document, "/media_type", {});
    image.sha256 = core::field_or(document, "/sha256", {});
    if (const auto size = parse_size(core::field_or(document, "/size", {}))) image.pixels = *size;
    return image;
}

// Reads keys one by one. nlohmann throws where one is missing or of another type: `key` says which, for order_from_json.
class OrderReader {
public:
    OrderReader(const json& document, std::string& key) : document_(document), key_(key) {}
    template <class T>
    T needed(const char* key) {
        key_ = key;
        return document_.at(key).get<T>();
    }
    template <class T>
    T value(const char* key, T otherwise) {
        return has(key) ? document_[key].get<T>() : otherwise;
    }
    bool has(const char* key) {
        key_ = key;
        return document_.contains(key);
    }
    json list(const char* key) {
        if (!has(key)) return json::array();
        if (!document_[key].is_array()) throw json::type_error::create(302, "no list", &document_);
        return document_[key];
    }

private:
    const json& document_;
    std::string& key_;
};

Result<Order> read_keys(const json& document, std::string& key) {
    OrderReader read(document, key);
    Order order;
    order.model = read.needed<std::string>("model");
    order.route = read.needed<std::string>("route");
    order.remote_model = read.needed<std::string>("remote_model");
    const auto operation = operation_from(read.value<std::string>("operation", "create"));
    if (!operation) return unreadable("operation", document["operation"]);
    order.operation = *operation;
    order.source_clip = read.value<std::string>("source_clip", "");
    order.prompt = read.needed<std::string>("prompt");
    order.negative_prompt = read.value<std::string>("negative_prompt", "");
    if (read.has("size")) {
        const auto size = parse_size(read.needed<std::string>("size"));
        if (!size) return unreadable("size", document["size"]);
        order.size = *size;
    }
    order.resolution = read.value<std::string>("resolution", "");
    if (read.has("ratio")) {
        const auto ratio = parse_ratio(read.needed<std::string>("ratio"));
        if (!ratio) return unreadable("ratio", document["ratio"]);
        order.ratio = *ratio;
    }
    order.seconds = read.needed<double>("seconds");
    if (read.has("fps")) order.fps = read.needed<int>("fps");
    if (read.has("seed")) order.seed = read.needed<std::uint64_t>("seed");
    if (read.has("audio")) order.audio = read.needed<bool>("audio");
    order.camera_motion = read.value<std::string>("camera_motion", "");
    for (const auto& param : read.list("params")) order.params.emplace_back(param.at(0).get<std::string>(), param.at(1).get<std::string>());
    for (const auto& one : read.list("images")) {
        auto image = image_from(one);
        if (!image) return image.error();
        order.images.push_back(*std::move(image));
    }
    order.freely = read.value("freely", false);
    if (read.has("wished")) order.wished = read.needed<std::vector<std::string>>("wished");
    if (read.has("form")) order.form = core::dump(document["form"]);
    auto shot = shot::from_json(read.value("shot", json::object()));
    if (!shot) return shot.error();
    order.shot = *std::move(shot);
    order.price = price_from(read.value("price", json::object()));
    return order;
}

bool is_url(std::string_view source) {
    const auto start = core::lower(source.substr(0, 8));
    return start.starts_with("https://") || start.starts_with("http://");
}

// A picture in a bucket is told by its name alone.
std::string type_by_name(const std::string& source) {
    const auto name = core::lower(source);
    if (name.ends_with(".png")) return "image/png";
    if (name.ends_with(".webp")) return "image/webp";
    return name.ends_with(".jpg") || name.ends_with(".jpeg") ? "image/jpeg" : "";
}

}  // namespace

json to_json(const Order& order) {
    auto out = measures_of(order);
    for (const auto& image : order.images) out["images"].push_back(to_json(image));
    out["shot"] = shot::to_json(order.shot);
    if (order.wished) out["wished"] = *order.wished;
    out["price"] = to_json(order.price);
    if (order.freely) out["freely"] = true;
    if (!order.form.empty()) out["form"] = core::json_of(order.form);
    return out;
}

Result<Order> order_from_json(const json& document) {
    if (!document.is_object()) return Error{ErrorKind::usage, "the order is not a JSON object"};
    std::string key;
    try {
        return read_keys(document, key);
    } catch (const json::exception&) {
        if (!document.contains(key)) return Error{ErrorKind::usage, fmt::format("the order has no \"{}\"", key)};
        return unreadable(key, document[key]);
    }
}

std::string write_order(const Order& order) {
    auto text = core::dump(to_json(order));
    text.shrink_to_fit();  // ten thousand of them may wait
    return text;
}
Result<Order> read_order(std::string_view text) { return order_from_json(core::json_of(text)); }

Result<Image> load_image(ImageRole role, const std::string& source) {
    Image image;
    image.role = role;
    image.source = source;
    if (is_url(source)) return image;
    if (in_bucket(image)) {
        image.media_type = type_by_name(source);
        return image;
    }
    // It is read again when it is sent, perhaps by another process: what a pipe gave once is gone then.
    std::error_code failed;
    const auto kind = std::filesystem::status(source, failed).type();
    const auto plain = std::filesystem::path(source).lexically_normal().string();
    const bool is_stream = kind == std::filesystem::file_type::fifo || kind == std::filesystem::file_type::character || kind == std::filesystem::file_type::socket;
    if (is_stream || plain.starts_with("/dev/fd/") || plain == "/dev/stdin" || plain.starts_with("/proc/"))
        return Error{ErrorKind::usage, fmt::format("{} {} is no file but a stream, and a picture is read more than once: save it to a file and name that", flag_of(role), core::printable(source))};
    auto bytes = core::read_file(source, largest_image);
    if (!bytes) return Error{ErrorKind::usage, fmt::format("{}: {}", flag_of(role), bytes.error().message)};
    const auto info = core::inspect_image(*bytes);
    if (info.media_type.empty())
        return Error{ErrorKind::usage, fmt::format("{} {} is no PNG, JPEG or WebP picture", flag_of(role), core::printable(source))};
    image.media_type = info.media_type;
    image.pixels = info.pixels;
    image.sha256 = core::sha256_hex(*bytes);
    image.bytes = std::make_shared<const std::string>(*std::move(bytes));
    return image;
}

Result<std::vector<Image>> load_images(const Shot& shot) {
    std::vector<std::pair<ImageRole, std::string>> wanted;
    if (!shot.first_frame.empty()) wanted.emplace_back(ImageRole::first_frame, shot.first_frame);
    if (!shot.last_frame.empty()) wanted.emplace_back(ImageRole::last_frame, shot.last_frame);
    for (const auto& reference : shot.references) wanted.emplace_back(ImageRole::reference, reference);
    std::vector<Image> images;
    std::vector<std::string> wrong;
    for (const auto& [role, source] : wanted) {
        auto image = load_image(role, source);
        if (image) images.push_back(*std::move(image));
        else wrong.push_back(image.error().message);
    }
    if (!wrong.empty()) return Error{ErrorKind::usage, core::join(wrong, "\n")};
    return images;
}

Result<> reload(Order& order) {
    for (auto& image : order.images) {
        if (image.bytes || image.sha256.empty()) continue;
        auto there = load_image(image.role, image.source);
        if (!there) return there.error();
        if (there->sha256 != image.sha256)
            return Error{ErrorKind::usage,
                         fmt::format("{} {} has changed since it was ordered", flag_of(image.role), core::printable(image.source))};
        image.bytes = there->bytes;
    }
    return Ok{};
}

std::string resolution_of(const Order& order) { return !order.resolution.empty() || !order.size ? order.resolution : to_string(*order.size); }

Order with_absolute_pictures(Order order) {
    const auto make_absolute = [](std::string& source) {
        Image place;
        place.source = source;
        if (source.empty() || is_url(source) || in_bucket(place)) return;
        source = std::filesystem::absolute(source).lexically_normal().string();
    };
    for (auto& image : order.images) make_absolute(image.source);
    for (auto* source : {&order.shot.first_frame, &order.shot.last_frame}) make_absolute(*source);
    for (auto& source : order.shot.references) make_absolute(source);
    return order;
}

bool in_bucket(const Image& image) { return core::lower(image.source.substr(0, 5)) == "gs://"; }

std::string fingerprint(const Order& order) {
    auto identity = measures_of(order);
    identity.erase("model");  // our name for it; the provider knows route and remote_model
    for (const auto& image : order.images)
        identity["images"].push_back({{"role", to_string(image.role)}, {"of", image.sha256.empty() ? image.source : image.sha256}});
    if (order.route == "local") {
        auto shot = order.shot;
        shot.first_frame.clear();
        shot.last_frame.clear();
        shot.references.clear();
        identity["shot"] = shot::to_json(shot);
    }
    return core::sha256_hex(core::dump(identity));
}

}  // namespace shotwire::catalog
