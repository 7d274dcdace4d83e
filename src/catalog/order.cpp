#include <spdlog/fmt/fmt.h>

#include <cmath>

#include "catalog/model.hpp"
#include "catalog/plan.hpp"
#include "core/files.hpp"
#include "core/hash.hpp"
#include "core/image.hpp"
#include "core/members.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::catalog {
namespace {

constexpr std::size_t largest_image = 64 << 20;

std::string write(const Price& price) {
    core::ObjectWriter out;
    if (!price.as_of.empty()) out.text("as_of", price.as_of);
    if (price.upper_bound) out.flag("upper_bound", true);
    if (price.amount) out.value("usd", double(price.amount->micros) / 1e6);
    return std::move(out).take();
}

json to_json(const Image& image) {
    json out{{"role", to_string(image.role)}, {"source", image.source}};
    if (!image.media_type.empty()) out["media_type"] = image.media_type;
    if (!image.sha256.empty()) out["sha256"] = image.sha256;
    if (image.pixels.width > 0) out["size"] = to_string(image.pixels);
    return out;
}

json identity_of(const Image& image) { return {{"role", to_string(image.role)}, {"of", image.sha256.empty() ? image.source : image.sha256}}; }

// What of its shot reaches the local route: all but where pictures lie.
Shot without_paths(Shot shot) {
    shot.first_frame.clear();
    shot.last_frame.clear();
    shot.references.clear();
    return shot;
}

// All of an order, or what it is told from others by: not our name for the model, since the provider knows route and remote_model. The
// fingerprint is the hash of that text, so its keys come in their alphabet, as they would from a document, and keep to it.
enum class Part { whole, identity };
std::string write(const Order& order, Part part) {
    const bool all = part == Part::whole;
    core::ObjectWriter out;
    if (order.audio) out.flag("audio", *order.audio);
    if (!order.camera_motion.empty()) out.text("camera_motion", order.camera_motion);
    if (all && !order.form.empty()) out.value("form", core::json_of(order.form));
    if (order.fps) out.number("fps", *order.fps);
    if (all && order.freely) out.flag("freely", true);
    if (!order.images.empty()) {
        auto images = json::array();
        for (const auto& image : order.images) images.push_back(all ? to_json(image) : identity_of(image));
        out.value("images", images);
    }
    if (all) out.text("model", order.model);
    if (!order.negative_prompt.empty()) out.text("negative_prompt", order.negative_prompt);
    out.text("operation", to_string(order.operation));
    if (!order.params.empty()) out.value("params", order.params);
    if (all) out.written("price", write(order.price));
    out.text("prompt", order.prompt);
    if (order.ratio) out.text("ratio", to_string(*order.ratio));
    out.text("remote_model", order.remote_model);
    if (!order.resolution.empty()) out.text("resolution", order.resolution);
    out.text("route", order.route);
    out.value("seconds", order.seconds);
    if (order.seed) out.written("seed", std::to_string(*order.seed));
    if (all) out.value("shot", shot::to_json(order.shot));
    else if (order.route == "local") out.value("shot", shot::to_json(without_paths(order.shot)));
    if (order.size) out.text("size", to_string(*order.size));
    if (!order.source_clip.empty()) out.text("source_clip", order.source_clip);
    if (all && order.wished) out.value("wished", *order.wished);
    return std::move(out).take();
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

// Takes keys one by one. nlohmann throws where one is missing or of another type: `key` says which, for order_from.
class OrderReader {
public:
    OrderReader(core::Members& members, const char*& key) : members_(members), key_(key) {}
    // Null: it is not there.
    json* find(const char* key) {
        key_ = key;
        return core::find(members_, key);
    }
    json& needed(const char* key) {
        if (auto* value = find(key)) return *value;
        throw json::out_of_range::create(403, key, nullptr);
    }
    std::string text(const char* key) { return std::move(needed(key).get_ref<std::string&>()); }
    std::string text_if_there(const char* key) { return find(key) ? text(key) : ""; }
    const json& list(const char* key) {
        static const auto none = json::array();
        const auto* value = find(key);
        if (value && !value->is_array()) throw json::type_error::create(302, "no list", nullptr);
        return value ? *value : none;
    }

private:
    core::Members& members_;
    const char*& key_;
};

Result<Order> read_keys(core::Members& members, const char*& key) {
    OrderReader read(members, key);
    Order order;
    order.model = read.text("model");
    order.route = read.text("route");
    order.remote_model = read.text("remote_model");
    if (const auto* value = read.find("operation")) {
        const auto operation = operation_from(value->get_ref<const std::string&>());
        if (!operation) return unreadable("operation", *value);
        order.operation = *operation;
    }
    order.source_clip = read.text_if_there("source_clip");
    order.prompt = read.text("prompt");
    order.negative_prompt = read.text_if_there("negative_prompt");
    if (const auto* value = read.find("size")) {
        const auto size = parse_size(value->get_ref<const std::string&>());
        if (!size) return unreadable("size", *value);
        order.size = *size;
    }
    order.resolution = read.text_if_there("resolution");
    if (const auto* value = read.find("ratio")) {
        const auto ratio = parse_ratio(value->get_ref<const std::string&>());
        if (!ratio) return unreadable("ratio", *value);
        order.ratio = *ratio;
    }
    order.seconds = read.needed("seconds").get<double>();
    if (const auto* value = read.find("fps")) order.fps = value->get<int>();
    if (const auto* value = read.find("seed")) order.seed = value->get<std::uint64_t>();
    if (const auto* value = read.find("audio")) order.audio = value->get<bool>();
    order.camera_motion = read.text_if_there("camera_motion");
    for (const auto& param : read.list("params")) order.params.emplace_back(param.at(0).get<std::string>(), param.at(1).get<std::string>());
    for (const auto& one : read.list("images")) {
        auto image = image_from(one);
        if (!image) return image.error();
        order.images.push_back(std::move(*image));
    }
    if (const auto* value = read.find("freely")) order.freely = value->get<bool>();
    if (const auto* value = read.find("wished")) order.wished = value->get<std::vector<std::string>>();
    if (const auto* value = read.find("form")) order.form = core::dump(*value);
    if (const auto* value = read.find("shot")) {
        auto shot = shot::from_json(*value);
        if (!shot) return shot.error();
        order.shot = std::move(*shot);
    }
    if (const auto* value = read.find("price")) order.price = price_from(*value);
    return order;
}

Result<Order> order_from(std::optional<core::Members> members) {
    if (!members) return Error{ErrorKind::usage, "the order is not a JSON object"};
    const char* key = "";
    try {
        return read_keys(*members, key);
    } catch (const json::exception&) {
        const auto* value = core::find(*members, key);
        return value ? unreadable(key, *value) : Error{ErrorKind::usage, fmt::format("the order has no \"{}\"", key)};
    }
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

json to_json(const Order& order) { return core::json_of(write(order, Part::whole)); }
Result<Order> order_from_json(const json& document) { return order_from(core::members_of(document)); }

std::string write_order(const Order& order) {
    auto text = write(order, Part::whole);
    text.shrink_to_fit();  // ten thousand of them may wait
    return text;
}
Result<Order> read_order(std::string_view text) { return order_from(core::read_members(text)); }

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

std::string fingerprint(const Order& order) { return core::sha256_hex(write(order, Part::identity)); }

}  // namespace shotwire::catalog
