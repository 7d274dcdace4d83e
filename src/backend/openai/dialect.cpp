#include "backend/openai/dialect.hpp"

#include <spdlog/fmt/fmt.h>

#include "core/text.hpp"

namespace shotwire::backend::openai {
namespace {

const std::vector<std::string> keys = {"api_version", "body",       "cancel",    "content_variant", "extras",        "find",    "idempotency_header",
                                       "image_file",  "image_form", "image_url", "inline",          "length_needed", "references", "seconds",
                                       "shot",        "unsent"};
const std::vector<std::string> known_extras = {"seed", "fps", "num_frames", "negative_prompt", "guidance_scale", "generate_sound"};

Error wrong(const std::string& key, const json& value, std::string_view allowed) {
    return {ErrorKind::usage, fmt::format("the dialect's \"{}\" is {}; allowed: {}", key, core::printable(core::dump(value)), allowed)};
}

bool one_of(const std::string& word, const std::vector<std::string>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// A header's name or a word in a URL: nothing that could end either.
bool is_token(const std::string& text) {
    return !text.empty() && text.size() <= 100 && std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return std::isalnum(c) || c == '-' || c == '_' || c == '.';
    });
}

}  // namespace

Result<Dialect> read_dialect(const json& given, bool moved) {
    Dialect dialect;
    if (moved) dialect.extras.insert({"seed", "fps", "negative_prompt"});
    if (!given.is_object()) return Error{ErrorKind::usage, "a route's dialect is a table of keys"};

    for (const auto& [key, value] : given.items()) {
        const auto word = value.is_string() ? value.get<std::string>() : std::string();
        const auto flag = [&value = value](bool& into) -> bool {
            if (value.is_boolean()) into = value.get<bool>();
            return value.is_boolean();
        };
        const auto token = [&](std::string& into) {
            into = word;
            return is_token(word);
        };
        if (key == "body") {
            if (!one_of(word, {"auto", "json", "multipart"})) return wrong(key, value, "auto, json, multipart");
            using enum Dialect::Body;
            dialect.body = word == "json" ? json : word == "multipart" ? multipart : when_needed;
        } else if (key == "seconds") {
            if (!one_of(word, {"string", "number", "whole"})) return wrong(key, value, "string, number, whole");
            using enum Dialect::Seconds;
            dialect.seconds = word == "whole" ? whole : word == "number" ? number : text;
        } else if (key == "image_url") {
            if (!one_of(word, {"input_reference", "image_reference", "reference_url"}))
                return wrong(key, value, "input_reference, image_reference, reference_url");
            dialect.image_url = word;
            if (word == "reference_url" && !given.contains("image_form")) dialect.image_form = Dialect::ImageForm::text;
        } else if (key == "image_form") {
            if (!one_of(word, {"object", "text", "content"})) return wrong(key, value, "object, text, content");
            using enum Dialect::ImageForm;
            dialect.image_form = word == "content" ? content : word == "text" ? text : object;
        } else if (key == "image_file") {
            if (!one_of(word, {"input_reference", "image_reference"})) return wrong(key, value, "input_reference, image_reference");
            dialect.image_file = word;
        } else if (key == "references") {
            if (word != "input_references") return wrong(key, value, "input_references");
            dialect.references = word;
        } else if (key == "cancel") {
            if (!one_of(word, {"delete", "none"})) return wrong(key, value, "delete, none");
            dialect.cancel = word == "delete";
        } else if (key == "extras") {
            dialect.extras.clear();
            if (!value.is_array()) return wrong(key, value, "a list of " + core::join(known_extras, ", "));
            for (const auto& extra : value) {
                if (!extra.is_string() || !one_of(extra.get<std::string>(), known_extras))
                    return wrong(key, extra, core::join(known_extras, ", "));
                dialect.extras.insert(extra.get<std::string>());
            }
        } else if (key == "unsent") {
            if (!value.is_array()) return wrong(key, value, "a list of statuses such as 503");
            for (const auto& status : value) {
                if (!status.is_number_integer() || status < 400 || status > 599) return wrong(key, status, "400 to 599");
                dialect.unsent.push_back(status.get<int>());
            }
        } else if (key == "shot" || key == "find" || key == "inline" || key == "length_needed") {
            if (!flag(key == "shot" ? dialect.shot : key == "find" ? dialect.find : key == "inline" ? dialect.in_line : dialect.length_needed))
                return wrong(key, value, "true, false");
        } else if (key == "idempotency_header" || key == "content_variant" || key == "api_version") {
            auto& into = key == "idempotency_header" ? dialect.idempotency_header
                         : key == "content_variant"  ? dialect.content_variant
                                                     : dialect.api_version;
            if (!token(into)) return wrong(key, value, "letters, digits, hyphens, dots");
        } else {
            const auto meant = core::nearest(key, keys);
            return Error{ErrorKind::usage, fmt::format("the dialect has no key \"{}\"{}; allowed: {}", core::printable(key),
                                                       meant ? ", did you mean \"" + *meant + "\"?" : "", core::join(keys, ", "))};
        }
    }
    return dialect;
}

}  // namespace shotwire::backend::openai
