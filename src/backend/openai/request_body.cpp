#include "backend/openai/request_body.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "backend/openai/job_object.hpp"
#include "catalog/plan.hpp"
#include "core/text.hpp"

namespace shotwire::backend::openai {
namespace {

std::string_view word_of(ImageRole role) {
    switch (role) {
        case ImageRole::first_frame: return "first_frame";
        case ImageRole::last_frame: return "last_frame";
        case ImageRole::reference: break;
    }
    return "reference";
}

json number(double value) {
    if (value == std::floor(value) && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
    return value;
}

// --param k=v: a number, a truth value, a list or an object where it reads as one, else text.
json raw_value(const std::string& text) {
    auto value = core::parse_json(text, "a parameter");
    return value && !value->is_string() && !value->is_null() ? std::move(*value) : json(text);
}

http::Part text_part(std::string name, std::string text, std::string type = {}) {
    return {std::move(name), std::make_shared<const std::string>(std::move(text)), {}, std::move(type)};
}

// In multipart, OpenAI's own objects are flattened with brackets, as its SDKs do; others travel as JSON text.
void add_parts(http::Multipart& parts, const std::string& name, const json& value) {
    const bool flat = name == "video" || name == "input_reference";
    if (value.is_object() && flat) {
        for (const auto& [key, inner] : value.items()) add_parts(parts, name + "[" + key + "]", inner);
    } else if (value.is_structured()) {
        parts.push_back(text_part(name, core::dump(value), "application/json"));
    } else {
        parts.push_back(text_part(name, value.is_string() ? value.get<std::string>() : core::dump(value)));
    }
}

// What the structured order says beside the fields of the protocol, so that nothing is lost in prose.
json shotwire_field(const Order& order) {
    json field{{"shot", catalog::to_json(order).value("shot", json::object())}, {"seconds", number(order.seconds)}};
    for (const char* path : {"first_frame", "last_frame", "references"}) field["shot"].erase(path);  // the pictures are sent; where they lie here is nobody's business
    if (order.ratio) field["ratio"] = to_string(*order.ratio);
    if (!order.resolution.empty()) field["resolution"] = order.resolution;
    if (order.fps) field["fps"] = *order.fps;
    if (order.seed) field["seed"] = *order.seed;
    if (order.audio) field["audio"] = *order.audio;
    if (!order.camera_motion.empty()) field["camera_motion"] = order.camera_motion;
    for (const auto& image : order.images) {
        json reference{{"role", word_of(image.role)}};
        if (image.bytes) reference["media_type"] = image.media_type;
        else reference["url"] = image.source;
        field["references"].push_back(std::move(reference));
    }
    return field;
}

struct Draft {
    std::string path;
    json fields = json::object();
    http::Multipart files;
};

Draft draft_of(const Order& order, const Dialect& dialect) {
    Draft draft;
    auto& fields = draft.fields;
    fields["prompt"] = order.prompt;
    const auto seconds = dialect.seconds == Dialect::Seconds::text ? json(seconds_text(order.seconds)) : number(order.seconds);
    switch (order.operation) {
        case Operation::create:
            draft.path = "/videos";
            if (!order.remote_model.empty()) fields["model"] = order.remote_model;
            if (order.seconds > 0) fields["seconds"] = seconds;
            if (order.size) fields["size"] = to_string(*order.size);
            break;
        case Operation::remix: draft.path = path_of(order.source_clip) + "/remix"; break;
        case Operation::edit:
            draft.path = "/videos/edits";
            fields["video"] = {{"id", order.source_clip}};
            break;
        case Operation::extend:
            draft.path = "/videos/extensions";
            fields["video"] = {{"id", order.source_clip}};
            fields["seconds"] = seconds;
            break;
    }
    return draft;
}

void add_extras(json& fields, const Order& order, const Dialect& dialect) {
    const auto& extras = dialect.extras;
    if (order.seed && extras.contains("seed")) fields["seed"] = *order.seed;
    if (order.fps && extras.contains("fps")) fields["fps"] = *order.fps;
    if (order.fps && order.seconds > 0 && extras.contains("num_frames")) fields["num_frames"] = std::llround(*order.fps * order.seconds);
    if (order.audio && (*order.audio || order.freely) && extras.contains("generate_sound")) fields["generate_sound"] = *order.audio;
    if (!order.negative_prompt.empty() && extras.contains("negative_prompt")) fields["negative_prompt"] = order.negative_prompt;
}

json image_field(const std::string& url, const Dialect& dialect) {
    switch (dialect.image_form) {
        case Dialect::ImageForm::text: return url;
        case Dialect::ImageForm::content: return {{"content", url}, {"format", "url"}};
        case Dialect::ImageForm::object: break;
    }
    return {{"image_url", url}};
}

Result<> check_length(const Order& order, const Dialect& dialect) {
    if (dialect.seconds == Dialect::Seconds::whole && order.seconds != std::floor(order.seconds))
        return Error{ErrorKind::usage, fmt::format("route {} takes whole seconds, not {}", order.route, seconds_text(order.seconds))};
    if (dialect.length_needed && order.operation == Operation::create && order.seconds <= 0)
        return Error{ErrorKind::usage, fmt::format("route {} makes a single frame where no length is asked for: give --duration", order.route)};
    return Ok{};
}

// A wish that no field carries would be lost without a word. Frame rate and sound are wishes where no row names what a model has.
Result<> check_fields(const Order& order, const Dialect& dialect) {
    if (order.operation != Operation::create) return Ok{};
    const auto missing = [&](const char* what, const char* extra) -> std::optional<Error> {
        if (dialect.extras.contains(extra)) return std::nullopt;
        return Error{ErrorKind::usage, fmt::format("route {} has no field for {}: its dialect's \"extras\" do not name {}", order.route, what, extra)};
    };
    std::optional<Error> error;
    if (order.seed) error = missing("a seed", "seed");
    if (!error && !order.negative_prompt.empty()) error = missing("a negative prompt", "negative_prompt");
    const bool counted = dialect.extras.contains("num_frames") && order.seconds > 0;
    if (!error && order.freely && order.fps && !counted) error = missing("a frame rate", "fps");
    if (!error && order.freely && order.audio && !dialect.shot) error = missing("sound", "generate_sound");
    if (error) return *error;
    return Ok{};
}

Result<> add_images(Draft& draft, const Order& order, const Dialect& dialect) {
    if (order.images.empty()) return Ok{};
    if (order.operation != Operation::create)
        return Error{ErrorKind::usage, "images go with a new clip only: leave them out of a remix, edit or extension"};
    const auto is_reference = [&](const Image& image) { return !dialect.references.empty() && image.role == ImageRole::reference; };
    const auto leading = std::find_if_not(order.images.begin(), order.images.end(), is_reference);
    for (const auto& image : order.images) {
        const bool reference = is_reference(image), first = leading != order.images.end() && &image == &*leading;
        if (!dialect.shot && !reference && (!first || image.role != ImageRole::first_frame))
            return Error{ErrorKind::usage, fmt::format("route {} takes one image, as the first frame{}: no {}", order.route,
                                                       dialect.references.empty() ? "" : ", and references", word_of(image.role))};
        if (reference && image.sha256.empty() && !image.bytes)
            return Error{ErrorKind::usage, fmt::format("route {} takes references as files, not by URL", order.route)};
        if (!image.bytes && !image.sha256.empty())
            return Error{ErrorKind::bug, "the image was not loaded: " + core::printable(image.source)};
        if (!image.bytes && first) draft.fields[dialect.image_url] = image_field(image.source, dialect);
        if (!image.bytes) continue;
        // Not the user's file name: it is nobody's business.
        const auto kind = image.media_type.substr(image.media_type.find('/') + 1);
        draft.files.push_back({first ? dialect.image_file : reference ? dialect.references : "input_references", image.bytes, fmt::format("{}.{}", word_of(image.role), kind),
                               image.media_type});
    }
    return Ok{};
}

Result<> add_params(json& fields, const Order& order) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 5> ours = {
        {{"model", "set by --model"},
         {"prompt", "the prompt itself: give its words as PROMPT or by the fields of the shot"},
         {"seconds", "set by --duration, which also knows its price"},
         {"size", "set by --size, or by --resolution and --aspect-ratio, which also know its price"},
         {"video", "the clip to start from: name it by --remix, --edit or --extend"}}};
    for (const auto& [name, value] : order.params) {
        for (const auto& [field, is] : ours)
            if (name == field) return Error{ErrorKind::usage, fmt::format("--param {}: this field is {}", field, is)};
        if (fields.contains(name))
            return Error{ErrorKind::usage, fmt::format("--param {}: this field is sent already, from a flag of its own", core::printable(name))};
        fields[name] = raw_value(value);
    }
    return Ok{};
}

}  // namespace

std::string seconds_text(double seconds) { return core::print_number(seconds); }

Result<http::Request> paid_request(const Order& order, const Intent& intent, const JsonApi& api, const Dialect& dialect) {
    if (order.operation != Operation::create && order.source_clip.empty())
        return Error{ErrorKind::usage, "a remix, edit or extension needs the id of the clip it starts from"};
    if (auto sane = check_length(order, dialect); !sane) return sane.error();
    if (auto sane = check_fields(order, dialect); !sane) return sane.error();
    auto draft = draft_of(order, dialect);
    if (order.operation == Operation::create) add_extras(draft.fields, order, dialect);
    if (dialect.shot) draft.fields["shotwire"] = shotwire_field(order);
    if (auto added = add_images(draft, order, dialect); !added) return added.error();
    if (auto added = add_params(draft.fields, order); !added) return added.error();

    const bool files = !draft.files.empty();
    if (files && dialect.body == Dialect::Body::json)
        return Error{ErrorKind::usage, fmt::format("route {} takes images by URL only", order.route)};
    const bool multipart = files || dialect.body == Dialect::Body::multipart;

    http::Request request;
    if (multipart) {
        http::Multipart parts;
        for (const auto& [name, value] : draft.fields.items()) add_parts(parts, name, value);
        parts.insert(parts.end(), draft.files.begin(), draft.files.end());
        request = api.request("POST", draft.path, std::move(parts));
    } else {
        request = api.request("POST", draft.path, draft.fields);
    }
    request.paid = true;
    if (!dialect.idempotency_header.empty()) request.headers.push_back({dialect.idempotency_header, intent.key});
    return request;
}

}  // namespace shotwire::backend::openai
