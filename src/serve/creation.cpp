#include "serve/creation.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>

#include "core/hash.hpp"
#include "core/image.hpp"
#include "core/text.hpp"

namespace shotwire::serve {
namespace {

constexpr auto animatic = "animatic";
constexpr std::size_t longest_text = 32000;               // characters
constexpr std::uint64_t largest_seed = 9007199254740991;  // what a JSON number holds exactly
constexpr int smallest_side = 64, largest_side = 3840;
constexpr int most_fps = 60;
constexpr double least_seconds = 1, default_seconds = 4, most_seconds = 60;
constexpr std::size_t most_moves = 64;  // of a camera
constexpr std::size_t most_pictures = 5;

const std::vector<std::string> sora_seconds{"4", "8", "12", "16", "20"};
const std::vector<std::string> sora_sizes{"720x1280", "1280x720"};
const std::vector<std::string> sora_pro_sizes{"720x1280", "1280x720", "1024x1792", "1792x1024", "1080x1920", "1920x1080"};

std::string quoted(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i)
        text += (i == 0 ? "" : i + 1 < words.size() ? ", " : words.size() == 2 ? " and " : ", and ") + ("'" + words[i] + "'");
    return text;
}

const char* kind_of(const json& value) {
    if (value.is_number_integer()) return "an integer";
    if (value.is_number()) return "a decimal";
    if (value.is_boolean()) return "a boolean";
    if (value.is_array()) return "an array";
    if (value.is_object()) return "an object";
    return value.is_null() ? "null" : "a string";
}

// Takes the known fields out of a form, one after the other, and remembers the first thing that is wrong. What is left at the
// end is unknown.
class Fields {
public:
    Fields(json fields, bool all_text, std::string prefix = {}) : fields_(std::move(fields)), all_text_(all_text), prefix_(std::move(prefix)) {}

    std::optional<std::string> text(const std::string& name) {
        const auto value = take(name);
        if (value.is_null()) return std::nullopt;
        if (!value.is_string()) {
            wrong_type(name, "a string", value);
            return std::nullopt;
        }
        check_length(name, value.get_ref<const std::string&>());
        return value.get<std::string>();
    }
    std::optional<double> number(const std::string& name, double least, double most, bool whole) {
        auto value = take(name);
        if (value.is_null()) return std::nullopt;
        if (all_text_ && value.is_string()) {
            const auto written = value.get<std::string>();
            double parsed = 0;
            const auto [end, failed] = std::from_chars(written.data(), written.data() + written.size(), parsed);
            if (failed == std::errc() && end == written.data() + written.size()) value = parsed;
        }
        if (!value.is_number()) {
            wrong_type(name, whole ? "an integer" : "a number", value);
            return std::nullopt;
        }
        const auto number = value.get<double>();
        if (number < least || number > most || (whole && number != std::floor(number))) {
            fail(name, fmt::format("Invalid value: {}. Expected {} from {} to {}.", core::print_number(number), whole ? "an integer" : "a number",
                                   core::print_number(least), core::print_number(most)));
            return std::nullopt;
        }
        return number;
    }
    std::optional<bool> truth(const std::string& name) {
        const auto value = take(name);
        if (value.is_null()) return std::nullopt;
        if (value.is_boolean()) return value.get<bool>();
        wrong_type(name, "a boolean", value);
        return std::nullopt;
    }
    json object(const std::string& name) {
        auto value = take(name);
        if (all_text_ && value.is_string())
            if (auto parsed = core::parse_json(value.get<std::string>(), name)) value = std::move(*parsed);
        if (value.is_null() || value.is_object()) return value;
        wrong_type(name, "an object", value);
        return nullptr;
    }
    // A text alone is a list of one.
    void list(const std::string& name, std::size_t most) {
        auto value = take(name);
        if (value.is_null()) return;
        if (value.is_string()) value = json::array({value});
        if (!value.is_array()) return wrong_type(name, "an array of strings", value);
        if (value.size() > most) return fail(name, fmt::format("Invalid '{}': array too long. Expected at most {} strings, but got {} instead.", prefix_ + name, most, value.size()));
        for (const auto& one : value)
            if (!one.is_string()) return wrong_type(name, "an array of strings", one);
            else check_length(name, one.get_ref<const std::string&>());
    }
    void ignore(const std::string& name) { take(name); }

    void fail(const std::string& name, std::string message, std::string code = "invalid_value") {
        if (!wrong) wrong = ApiError{.message = std::move(message), .param = prefix_ + name, .code = std::move(code)};
    }
    void refuse_the_rest() {
        if (wrong || fields_.empty()) return;
        const auto name = prefix_ + core::printable(fields_.begin().key());
        wrong = ApiError{.message = fmt::format("Unknown parameter: '{}'.", name), .param = name, .code = "unknown_parameter"};
    }

    std::optional<ApiError> wrong;

private:
    json take(const std::string& name) {
        const auto found = fields_.find(name);
        if (found == fields_.end()) return nullptr;
        json value = std::move(*found);
        fields_.erase(found);
        return value;
    }
    void check_length(const std::string& name, const std::string& text) {
        if (const auto length = core::count_characters(text); length > longest_text)
            fail(name, fmt::format("Invalid '{}': string too long. Expected a string with maximum length {}, but got a string with length {} instead.", prefix_ + name,
                                   longest_text, length), "string_above_max_length");
    }
    void wrong_type(const std::string& name, const char* expected, const json& value) {
        fail(name, fmt::format("Invalid type for '{}': expected {}, but got {} instead.", prefix_ + name, expected, kind_of(value)), "invalid_type");
    }

    json fields_;
    bool all_text_;
    std::string prefix_;
};

std::string read_prompt(Fields& fields) {
    const auto prompt = fields.text("prompt");
    if (!prompt) fields.fail("prompt", "Missing required parameter: 'prompt'.", "missing_required_parameter");
    const auto text = prompt.value_or("");
    if (text.empty())
        fields.fail("prompt", "Invalid 'prompt': empty string. Expected a string with minimum length 1, but got an empty string instead.", "empty_string");
    return text;
}

std::optional<int> whole(std::string_view text) {
    int value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

void read_size(Fields& fields, Creation& creation, const std::vector<std::string>& allowed) {
    const bool any = allowed.empty();
    const auto text = fields.text("size").value_or(any ? "1280x720" : "720x1280");
    const auto cross = text.find('x');
    const auto width = whole(text.substr(0, cross));
    const auto height = cross == std::string::npos ? std::nullopt : whole(std::string_view(text).substr(cross + 1));
    const auto fits = [](std::optional<int> side) { return side && *side >= smallest_side && *side <= largest_side && *side % 2 == 0; };
    if (any && !(fits(width) && fits(height)))
        return fields.fail("size", fmt::format("Invalid value: '{}'. Supported are WIDTHxHEIGHT with even numbers from {} to {}.", core::printable(text), smallest_side,
                                               largest_side));
    if (!any && std::find(allowed.begin(), allowed.end(), text) == allowed.end())
        return fields.fail("size", fmt::format("Invalid value: '{}'. Supported values are: {}.", core::printable(text), quoted(allowed)));
    creation.width = *width;
    creation.height = *height;
}

void read_seconds(Fields& fields, Creation& creation, bool any) {
    const auto text = fields.text("seconds");
    if (!text) return;
    double value = 0;
    const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), value);
    const bool number = failed == std::errc() && end == text->data() + text->size();
    if (any && !(number && value >= least_seconds && value <= most_seconds))
        return fields.fail("seconds", fmt::format("Invalid value: '{}'. Supported are '1' to '{}'.", core::printable(*text), core::print_number(most_seconds)));
    if (!any && std::find(sora_seconds.begin(), sora_seconds.end(), *text) == sora_seconds.end())
        return fields.fail("seconds", fmt::format("Invalid value: '{}'. Supported values are: {}.", core::printable(*text), quoted(sora_seconds)));
    creation.seconds = value;
}

// The length, where it is counted in frames: beside "seconds", or in their place.
void settle_length(Fields& fields, Creation& creation, std::optional<double> frames) {
    if (frames && creation.seconds > 0 && double(std::llround(creation.seconds * creation.fps)) != *frames)
        fields.fail("num_frames", fmt::format("Invalid value: {} frames, but {} seconds of {} frames are asked for, too.", core::print_number(*frames),
                                              core::print_number(creation.seconds), creation.fps));
    if (creation.seconds > 0) return;
    creation.seconds = frames ? *frames / creation.fps : default_seconds;
    if (creation.seconds < least_seconds || creation.seconds > most_seconds)
        fields.fail("num_frames", fmt::format("Invalid value: {} frames, {} a second, last {} seconds. Supported are {} to {}.", core::print_number(*frames), creation.fps,
                                              core::print_number(creation.seconds), core::print_number(least_seconds), core::print_number(most_seconds)));
}

void read_numbers(Fields& fields, Creation& creation, bool seconds) {
    if (const auto fps = fields.number("fps", 1, most_fps, true)) creation.fps = int(*fps);
    if (const auto seed = fields.number("seed", 0, double(largest_seed), true)) creation.seed = std::uint64_t(*seed);
    if (!seconds) return;
    if (const auto exact = fields.number("seconds", least_seconds, most_seconds, false)) creation.seconds = *exact;
}

// The keys of a shot file. Its pictures are uploads: a path of the client's machine would say nothing here.
json read_shot(Fields& fields) {
    auto shot = fields.object("shot");
    if (shot.is_null()) return shot;
    Fields inner(shot, false, "shotwire.shot.");
    for (const auto* name : {"subject", "action", "environment", "lighting", "style", "sound", "opening", "ending", "negative_prompt", "prompt"}) inner.text(name);
    inner.list("camera", most_moves);
    inner.refuse_the_rest();
    if (inner.wrong && !fields.wrong) fields.wrong = inner.wrong;
    return shot;
}

// The structured shot that our own client sends beside the prompt.
void read_shotwire(Fields& fields, Creation& creation, bool lengths) {
    const auto object = fields.object("shotwire");
    if (object.is_null()) return;
    Fields inner(object, false, "shotwire.");
    if (auto shot = read_shot(inner); !shot.is_null()) creation.shot = std::move(shot);
    read_numbers(inner, creation, lengths);
    if (const auto audio = inner.truth("audio")) creation.audio = *audio;
    for (const auto* name : {"ratio", "resolution", "camera_motion"}) inner.text(name);
    inner.ignore("references");
    if (!lengths) inner.ignore("seconds");
    inner.refuse_the_rest();
    if (inner.wrong && !fields.wrong) fields.wrong = inner.wrong;
}

}  // namespace

const std::vector<std::string>& model_names() {
    static const std::vector<std::string> names{animatic, "sora-2", "sora-2-pro", "sora-2-2025-10-06", "sora-2-2025-12-08", "sora-2-pro-2025-10-06"};
    return names;
}

ApiError unknown_model(const std::string& name) {
    return {.status = 404,
            .message = fmt::format("The model '{}' does not exist or you do not have access to it. This server has: {}.", core::printable(name), quoted(model_names())),
            .param = "model",
            .code = "model_not_found"};
}

ReadCreation read_creation(Form form) {
    Creation creation;
    Fields fields(std::move(form.fields), form.all_text);
    creation.model = fields.text("model").value_or("sora-2");
    const auto& names = model_names();
    if (!fields.wrong && std::find(names.begin(), names.end(), creation.model) == names.end()) return unknown_model(creation.model);
    const bool ours = creation.model == animatic;
    creation.prompt = read_prompt(fields);
    read_seconds(fields, creation, ours);
    read_size(fields, creation, ours ? std::vector<std::string>() : creation.model.starts_with("sora-2-pro") ? sora_pro_sizes : sora_sizes);
    // The same words make the same clip again; a seed makes another.
    creation.seed = std::stoull(core::sha256_hex(creation.prompt).substr(0, 8), nullptr, 16);
    if (ours) read_numbers(fields, creation, false);
    const auto frames = ours ? fields.number("num_frames", 1, most_fps * most_seconds, true) : std::nullopt;
    const auto negative = ours ? fields.text("negative_prompt") : std::nullopt;
    read_shotwire(fields, creation, ours);
    settle_length(fields, creation, frames);
    if (negative && creation.shot.is_object() && !creation.shot.contains("negative_prompt")) creation.shot["negative_prompt"] = *negative;
    fields.refuse_the_rest();
    if (fields.wrong) return *fields.wrong;
    // An animatic draws the first one. References are taken, so that a shot can be tried here as it is.
    if (const auto most = ours ? most_pictures : 1; form.images.size() > most)
        return ApiError{.message = fmt::format("Invalid value for 'input_reference': {} images. The model '{}' takes at most {}.", form.images.size(), creation.model, most),
                        .param = "input_reference",
                        .code = "invalid_value"};
    for (const auto& image : form.images) {
        const auto pixels = core::inspect_image(image.bytes).pixels;
        if (!ours && pixels != Size{creation.width, creation.height})
            return ApiError{.message = fmt::format("Invalid image: {} pixels. The image must match the requested width and height, {}x{}.", to_string(pixels),
                                                   creation.width, creation.height),
                            .param = "input_reference",
                            .code = "invalid_image_size"};
    }
    creation.images = std::move(form.images);
    return creation;
}

ReadCreation read_remix(Form form, Creation source) {
    if (!form.images.empty())
        return ApiError{.message = "Unknown parameter: 'input_reference'.", .param = "input_reference", .code = "unknown_parameter"};
    Fields fields(std::move(form.fields), form.all_text);
    source.prompt = read_prompt(fields);
    source.shot = nullptr;
    read_shotwire(fields, source, false);
    fields.refuse_the_rest();
    if (fields.wrong) return *fields.wrong;
    return source;
}

}  // namespace shotwire::serve
