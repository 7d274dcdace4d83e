#include "backend/form.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "catalog/model.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace {

json number(double value) { return value == std::floor(value) ? json(std::int64_t(value)) : json(value); }

// A value in the JSON type that the field wants.
json typed(const json& value, const std::string& type, const std::string& suffix) {
    const auto text = value.is_string() ? value.get<std::string>() : value.is_number_float() ? core::print_number(value.get<double>()) : value.dump();
    if (type == "string") return text + suffix;
    if (type == "integer" && value.is_number()) return std::int64_t(std::llround(value.get<double>()));
    if (type == "number" && value.is_number()) return value.get<double>();
    return value;
}

std::string flag_of(std::string_view part) {
    if (part == "seconds" || part == "frames") return "--duration";
    if (part == "ratio") return "--aspect-ratio";
    if (part == "width" || part == "height") return "--size";
    if (part == "audio") return "--audio or --no-audio";
    if (part == "prompt") return "the prompt";
    std::string flag(part);
    std::replace(flag.begin(), flag.end(), '_', '-');
    return "--" + flag;
}

class Writer {
public:
    Writer(const json& form, const std::string& who, bool freely) : form_(form), who_(who), freely_(freely), body_(form.value("fixed", json::object())) {}

    bool has(const char* part) const { return form_.contains(part); }

    void put(const char* part, const json& value, const std::string& named) {
        const auto row = form_.find(part);
        if (row == form_.end()) return missing(named);
        if (row->is_null()) return freely_ ? missing(named) : void();
        const json field = row->is_string() ? json{{"name", *row}} : *row;
        try {
            write(part, field, value);
        } catch (const json::exception&) {  // within a text, or no pointer at all
            if (!error_) error_ = Error{ErrorKind::usage, fmt::format("the form of {} puts {} where a request has no such place: {}", who_, named, core::printable(core::dump(*row)))};
        }
    }

    void missing(const std::string& named) {
        if (!error_) error_ = Error{ErrorKind::usage, fmt::format("{} has no field for {}", who_, named)};
    }

    json& at(const std::string& name) { return body_[json::json_pointer(pointer_of(name))]; }

    // What stands there was planned, and priced: only a switch that the form sets by itself may be turned.
    void add(const std::string& name, const json& value) {
        try {
            const json::json_pointer place(pointer_of(name));
            if (body_.contains(place) && !is_switch(place)) return taken(name, place.to_string());
            body_[place] = value;
        } catch (const json::exception&) {  // within a text, or no pointer at all
            if (!error_) error_ = Error{ErrorKind::usage, fmt::format("--param {}: the request to {} has no such place", core::printable(name), who_)};
        }
    }

    Result<json> end() {
        if (error_) return *error_;
        return std::move(body_);
    }

private:
    void write(const char* part, const json& field, json value) {
        if (const auto words = field.find("words"); words != field.end())
            if (const auto word = words->find(value.is_string() ? value.get<std::string>() : value.dump()); word != words->end()) value = *word;
        value = typed(value, core::field_or(field, "/as", ""), core::field_or(field, "/suffix", ""));
        const auto name = field.at("name").get<std::string>();
        written_.emplace_back(pointer_of(name), flag_of(part));
        auto& place = at(name);
        if (field.value("list", false)) place.push_back(value);
        else if (field.contains("append") && place.is_string()) place = place.get<std::string>() + field["append"].get<std::string>() + value.get<std::string>();
        else place = value;
    }

    static std::string pointer_of(const std::string& name) { return name.starts_with('/') ? name : "/" + name; }

    bool is_switch(const json::json_pointer& place) const {
        const auto fixed = form_.find("fixed");
        return fixed != form_.end() && fixed->contains(place) && fixed->at(place).is_boolean() &&
               std::none_of(written_.begin(), written_.end(), [&](const auto& one) { return one.first == place.to_string(); });
    }

    void taken(const std::string& name, const std::string& place) {
        if (error_) return;
        std::string by;
        for (const auto& [written, flag] : written_)
            if (written == place || written.starts_with(place + "/") || place.starts_with(written + "/")) by = by.empty() ? flag : by + ", " + flag;
        error_ = Error{ErrorKind::usage, fmt::format("--param {}: this field is sent already, {}", core::printable(name),
                                                     by.empty() ? "and the route needs it as it is: " + core::printable(core::dump(body_.at(json::json_pointer(place))).substr(0, 80))
                                                                : "with the value that is paid for: set it by " + by)};
    }

    const json& form_;
    const std::string& who_;
    bool freely_;
    json body_;
    std::vector<std::pair<std::string, std::string>> written_;  // the places of the order's parts, and the flag of each
    std::optional<Error> error_;
};

// "7" is a number and "true" a boolean; what is no JSON is text.
json param_value(const std::string& text) {
    const auto value = core::json_of(text);
    return value.is_discarded() ? json(text) : value;
}

}  // namespace

std::string image_text(const Image& image) {
    return image.bytes ? "data:" + image.media_type + ";base64," + core::base64(*image.bytes) : image.source;
}

Result<json> write_form(const json& form, const Order& order, const std::string& who, const std::function<json(const Image&)>& image) {
    Writer writer(form, who, order.freely);
    if (writer.has("model")) writer.put("model", order.remote_model, "the model");
    writer.put("prompt", order.prompt, "the prompt");
    if (!order.negative_prompt.empty()) writer.put("negative_prompt", order.negative_prompt, "a negative prompt");
    if (order.seconds > 0) {
        if (writer.has("frames")) writer.put("frames", std::int64_t(std::llround(order.seconds * order.fps.value_or(24))), "the length");
        else writer.put("seconds", number(order.seconds), "the length");
    }
    if (order.size && (writer.has("size") || writer.has("width"))) {
        if (writer.has("size")) writer.put("size", to_string(*order.size), "the size");
        if (writer.has("width")) writer.put("width", order.size->width, "the width");
        if (writer.has("height")) writer.put("height", order.size->height, "the height");
    } else {
        if (order.ratio) writer.put("ratio", to_string(*order.ratio), "the aspect ratio");
        if (!order.resolution.empty()) writer.put("resolution", order.resolution, "the resolution");
        if (order.size && !order.ratio && order.resolution.empty()) writer.missing("a size in pixels");
    }
    if (order.fps) writer.put("fps", *order.fps, "the frame rate");
    if (order.seed) writer.put("seed", *order.seed, "the seed");
    if (order.audio) writer.put("audio", *order.audio, "the sound");
    if (!order.camera_motion.empty()) writer.put("camera", order.camera_motion, "a native camera move");
    for (const auto& one : order.images) {
        const std::string role(catalog::to_string(one.role));
        writer.put(role.c_str(), image(one), "an image as " + role);
    }
    for (const auto& [name, value] : order.params) writer.add(name, param_value(value));
    return writer.end();
}

}  // namespace shotwire::backend
