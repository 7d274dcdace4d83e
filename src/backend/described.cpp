#include "backend/described.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <map>
#include <set>

#include "catalog/measures.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace {

constexpr double most_seed = 9007199254740991;
constexpr double longest_clip = 60;  // seconds, where a length has no bound
const std::vector<std::string> usual_ratios = {"16:9", "9:16", "1:1", "4:3", "3:4", "21:9"};
const std::vector<std::string> usual_resolutions = {"360p", "480p", "720p", "1080p", "1440p", "4k"};

json plain_number(double value) { return value == std::floor(value) ? json(std::int64_t(value)) : json(value); }

std::string text_of(const json& value) { return value.is_string() ? value.get<std::string>() : value.is_number() ? core::dump(value) : std::string(); }

// "8s" is 8 and "s"; none where no positive number stands in front.
struct Length {
    double seconds = 0;
    std::string suffix;
};
std::optional<Length> length_of(const json& value) {
    const auto text = text_of(value);
    const auto end = std::min(text.find_first_not_of("0123456789."), text.size());
    const double seconds = core::number_or(json(text.substr(0, end)), "", 0);
    if (seconds <= 0 || seconds > 3600) return std::nullopt;
    return Length{seconds, text.substr(end)};
}

// "16:9", "landscape_16_9", "portrait" in the catalogue's writing; empty: none of them.
std::string ratio_of(const std::string& value) {
    static const std::map<std::string, std::string> words = {{"square", "1:1"}, {"square_hd", "1:1"}, {"landscape", "16:9"}, {"portrait", "9:16"}};
    const auto word = core::lower(value);
    if (const auto known = words.find(word); known != words.end()) return known->second;
    auto sides = core::split(word, ':');
    if (const auto parts = core::split(word, '_'); parts.size() == 3 && words.contains(parts[0])) {
        sides = {parts[1], parts[2]};
        if (parts[0] == "portrait") std::swap(sides[0], sides[1]);
    }
    if (sides.size() != 2) return {};
    const auto ratio = catalog::parse_ratio(sides[0] + ":" + sides[1]);
    return ratio ? to_string(*ratio) : "";
}

// "720p", "768P", "4K", 720; empty: no such name.
std::string resolution_of(const json& value) {
    auto name = core::lower(text_of(value));
    if (!name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; })) name += 'p';
    return catalog::lines_of(name) > 0 ? name : "";
}

class Describer {
public:
    Describer(const InputSchema& input, const std::string& model, const std::string& route) : input_(input) {
        row_ = {{"id", route + ":" + model}, {"title", model}};
    }

    bool prompt() {
        const auto* field = take({"prompt", "text_prompt", "prompt_text", "text"}, {"string"});
        if (!field) return false;
        form_["prompt"] = field->name;
        if (field->longest) row_["prompt"]["limit"] = field->longest;
        if (const auto* negative = take({"negative_prompt"}, {"string"})) {
            form_["negative_prompt"] = negative->name;
            row_["prompt"]["negative"] = json::object();
            if (negative->longest) row_["prompt"]["negative"]["limit"] = negative->longest;
        }
        return true;
    }

    void fps() {
        const auto* field = take({"fps", "frames_per_second", "frame_rate"}, {"integer", "number", "string"});
        if (!field) return;
        std::vector<int> rates;
        for (const auto& value : field->values)
            if (const double rate = core::number_or(value, "", 0); rate >= 1 && rate <= 240) rates.push_back(int(rate));
        const double least = std::clamp(field->least.value_or(1), 1.0, 240.0), most = std::clamp(field->most.value_or(60), least, 240.0);
        if (!rates.empty()) row_["fps"]["list"] = rates;
        else row_["fps"] = {{"least", int(least)}, {"most", int(most)}};
        if (const double usual = core::number_or(field->fallback, "", 0); usual >= 1 && usual <= 240) row_["fps"]["default"] = int(usual);
        form_["fps"] = part(*field);
    }

    void length() {
        if (const auto* field = take({"duration", "seconds", "duration_seconds", "video_duration", "video_length", "num_seconds", "clip_duration"},
                                     {"integer", "number", "string"}))
            return seconds(*field);
        if (const auto* field = take({"num_frames", "frame_num", "number_of_frames"}, {"integer"})) frames(*field);
    }

    void shape() {
        if (const auto* field = take({"aspect_ratio", "ratio", "aspect", "image_size", "video_size", "orientation"}, {"string"})) ratio(*field);
        if (const auto* field = take({"resolution", "video_quality", "quality"}, {"string", "integer"})) resolution(*field);
        if (const auto* field = take({"size"}, {"string"})) sizes(*field);
        const auto* width = look({"width"}, {"integer"});
        const auto* height = look({"height"}, {"integer"});
        if (width && height && !form_.contains("ratio") && !form_.contains("size")) pixels(*width, *height);
    }

    void sound() {
        const auto* field = take({"generate_audio", "enable_audio", "with_audio", "generate_audio_switch", "audio", "sound"}, {"boolean"});
        row_["audio"] = field ? "optional" : "untold";
        form_["audio"] = field ? json(field->name) : json();
        if (field && field->fallback.is_boolean()) row_["default"]["audio"] = field->fallback;
    }

    void seed() {
        const auto* field = take({"seed"}, {"integer", "number"});
        if (!field) return;
        row_["seed"]["most"] = std::int64_t(std::clamp(field->most.value_or(2147483647), 1.0, most_seed));
        form_["seed"] = field->name;
    }

    // Names that say which picture they want, then those that leave it open.
    void images() {
        image("last_frame", {"end_image_url", "last_frame_url", "last_frame_image_url", "last_frame", "last_frame_image", "end_image", "tail_image_url", "end_frame",
                             "end_frame_image", "last_image"});
        image("reference", {"reference_image_urls", "reference_images", "reference_image_url", "reference_image", "ref_image_urls", "subject_reference", "image_urls",
                            "images", "input_images"});
        image("first_frame", {"first_frame_url", "first_frame_image_url", "first_frame", "first_frame_image", "start_image_url", "start_image", "start_frame", "image_url",
                              "image", "input_image", "input_image_url", "img"});
        if (needs_picture_.empty()) return;
        std::vector<std::string> roles;
        for (const auto& [role, unused] : row_["images"].items()) roles.push_back(role);
        row_["rules"].push_back({{"when", json::object()}, {"only", {{"image", roles}}}, {"why", "its schema asks for " + core::join(needs_picture_, ", ")}});
    }

    json row(const std::string& model, const std::string& route) {
        for (const auto* part : {"seconds", "ratio", "resolution", "fps"})
            if (!form_.contains(part) && !(std::string(part) == "seconds" && form_.contains("frames"))) form_[part] = nullptr;
        std::vector<std::string> missing;
        for (const auto& field : input_.fields)
            if (field.required && field.fallback.is_null() && !taken_.contains(field.name)) missing.push_back(core::printable(field.name));
        row_["note"] = "Read from the schema that is published for it." +
                       (missing.empty() ? "" : " It also needs what an order has no word for: " + core::join(missing, ", ") + " (--param NAME=VALUE).");
        row_["routes"] = json::array({{{"route", route}, {"id", model}, {"form", form_}}});
        return row_;
    }

private:
    using Names = std::initializer_list<const char*>;

    const InputField* look(Names names, Names types) const {
        for (const auto* name : names)
            for (const auto& field : input_.fields)
                if (field.name == name && std::any_of(types.begin(), types.end(), [&](const char* type) { return field.type == type; })) return &field;
        return nullptr;
    }
    const InputField* take(Names names, Names types) {
        const auto* field = look(names, types);
        if (field) taken_.insert(field->name);
        return field;
    }

    static json part(const InputField& field, const std::string& suffix = {}, const json& words = json::object()) {
        json part{{"name", field.name}};
        if (field.type == "string") part["as"] = "string";
        if (!suffix.empty()) part["suffix"] = suffix;
        if (!words.empty()) part["words"] = words;
        return part.size() == 1 ? json(field.name) : part;
    }

    void seconds(const InputField& field) {
        std::vector<double> list;
        std::set<std::string> suffixes;
        for (const auto& value : field.values)
            if (const auto length = length_of(value)) {
                list.push_back(length->seconds);
                suffixes.insert(length->suffix);
            }
        // Of words that are no lengths, or written in several ways, nothing is known: as if there were no such field.
        if (suffixes.size() > 1 || (list.empty() && !field.values.empty())) return;
        const auto usual = length_of(field.fallback);
        json& seconds = row_["seconds"];
        if (!list.empty()) {
            for (const double one : list) seconds["list"].push_back(plain_number(one));
        } else {
            const double step = field.type == "number" ? 0 : 1, least = std::max(field.least.value_or(1), step == 0 ? 0.1 : 1.0);
            seconds = {{"least", plain_number(least)}, {"most", plain_number(std::max(least, field.most.value_or(longest_clip)))}};
            if (step > 0) seconds["step"] = 1;
            if (usual) suffixes.insert(usual->suffix);
        }
        const bool allowed = usual && (list.empty() ? usual->seconds >= seconds["least"] && usual->seconds <= seconds["most"]
                                                    : std::find(list.begin(), list.end(), usual->seconds) != list.end());
        if (allowed) seconds["default"] = plain_number(usual->seconds);
        form_["seconds"] = part(field, suffixes.empty() ? "" : *suffixes.begin());
    }

    // Frames are seconds by the rate, which is 24 where it is not told.
    void frames(const InputField& field) {
        if (!row_.contains("fps") || !row_["fps"].contains("default")) row_["fps"]["default"] = 24;
        const double rate = row_["fps"]["default"];
        const auto in_seconds = [&](double frames) { return std::round(frames / rate * 10000) / 10000; };
        const double least = in_seconds(std::max(field.least.value_or(1), 1.0));
        row_["seconds"] = {{"least", least}, {"most", std::max(least, in_seconds(field.most.value_or(longest_clip * rate)))}};
        if (const double usual = in_seconds(core::number_or(field.fallback, "", 0)); usual >= least && usual <= row_["seconds"]["most"]) row_["seconds"]["default"] = usual;
        form_["frames"] = field.name;
    }

    void ratio(const InputField& field) {
        json words = json::object();
        std::vector<std::string> ratios;
        for (const auto& value : field.values) {
            const auto word = text_of(value), ratio = ratio_of(word);
            if (ratio.empty() || std::find(ratios.begin(), ratios.end(), ratio) != ratios.end()) continue;
            ratios.push_back(ratio);
            if (ratio != word) words[ratio] = value;
        }
        if (field.values.empty()) ratios = usual_ratios;
        if (ratios.empty()) return;
        row_["ratios"] = ratios;
        if (const auto usual = ratio_of(text_of(field.fallback)); std::find(ratios.begin(), ratios.end(), usual) != ratios.end()) row_["default"]["ratio"] = usual;
        form_["ratio"] = part(field, "", words);
    }

    void resolution(const InputField& field) {
        json words = json::object();
        std::vector<std::string> names;
        for (const auto& value : field.values) {
            const auto name = resolution_of(value);
            if (name.empty() || std::find(names.begin(), names.end(), name) != names.end()) continue;
            names.push_back(name);
            if (json(name) != value) words[name] = value;
        }
        if (names.empty()) return;
        row_["resolutions"] = names;
        if (const auto usual = resolution_of(field.fallback); std::find(names.begin(), names.end(), usual) != names.end()) row_["default"]["resolution"] = usual;
        json written = part(field, "", words);
        if (written.is_object()) written.erase("as");
        form_["resolution"] = written;
    }

    // "1280x720", "1280*720"
    void sizes(const InputField& field) {
        json words = json::object();
        for (const auto& value : field.values) {
            auto text = text_of(value);
            std::replace(text.begin(), text.end(), '*', 'x');
            const auto size = catalog::parse_size(text);
            if (!size) continue;
            const auto ratio = catalog::ratio_of(*size, usual_ratios);
            row_["sizes"].push_back({{"size", to_string(*size)}, {"resolution", fmt::format("{}p", std::min(size->width, size->height))}, {"ratio", to_string(ratio)}});
            if (json(to_string(*size)) != value) words[to_string(*size)] = value;
            if (value == field.fallback) row_["default"].update({{"resolution", row_["sizes"].back()["resolution"]}, {"ratio", to_string(ratio)}});
        }
        if (row_.contains("sizes")) form_["size"] = part(field, "", words);
    }

    void pixels(const InputField& width, const InputField& height) {
        const double least = std::max({2.0, width.least.value_or(64), height.least.value_or(64)});
        const double most = std::max(least, std::min({16384.0, width.most.value_or(1920), height.most.value_or(1920)}));
        row_["any_size"] = {{"least", int(least)}, {"most", int(most)}};
        row_["ratios"] = usual_ratios;
        for (const auto& name : usual_resolutions)
            if (const int lines = catalog::lines_of(name); lines >= least && lines <= most) row_["resolutions"].push_back(name);
        if (!row_.contains("resolutions")) row_["resolutions"] = {fmt::format("{}p", int(most))};
        const double w = core::number_or(width.fallback, "", 0), h = core::number_or(height.fallback, "", 0);
        const auto lines = [&](const std::string& name) { return catalog::lines_of(name) == std::min(w, h); };
        if (const auto usual = std::find_if(usual_resolutions.begin(), usual_resolutions.end(), lines); usual != usual_resolutions.end()) row_["default"]["resolution"] = *usual;
        if (w >= 2 && h >= 2)
            if (const auto usual = to_string(catalog::ratio_of({int(w), int(h)}, usual_ratios)); std::find(usual_ratios.begin(), usual_ratios.end(), usual) != usual_ratios.end())
                row_["default"]["ratio"] = usual;
        form_["width"] = width.name;
        form_["height"] = height.name;
        taken_.insert({width.name, height.name});
    }

    void image(const char* role, Names names) {
        const auto* field = look(names, {"string", "array"});
        if (!field || (field->type == "array" && field->item_type != "string" && !field->item_type.empty())) return;
        taken_.insert(field->name);
        const bool list = field->type == "array";
        row_["images"][role] = {{"most", list ? std::max<std::size_t>(1, field->most_items ? field->most_items : 9) : 1}, {"file", true}, {"url", true}};
        form_[role] = list ? json{{"name", field->name}, {"list", true}} : json(field->name);
        if (field->required) needs_picture_.push_back(field->name);
    }

    const InputSchema& input_;
    json row_, form_ = json::object();
    std::set<std::string> taken_;
    std::vector<std::string> needs_picture_;
};

}  // namespace

Result<json> described_row(const InputSchema& input, const std::string& model, const std::string& route) {
    if (!input.makes_video) return Error{ErrorKind::usage, fmt::format("{} makes no video: its published schema tells of none", core::printable(model))};
    Describer describer(input, model, route);
    if (!describer.prompt()) return Error{ErrorKind::usage, fmt::format("{} takes no prompt: its published schema has no field for one", core::printable(model))};
    describer.fps();
    describer.length();
    describer.shape();
    describer.sound();
    describer.seed();
    describer.images();
    return describer.row(model, route);
}

}  // namespace shotwire::backend
