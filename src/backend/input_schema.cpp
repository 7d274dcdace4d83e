#include "backend/input_schema.hpp"

#include <algorithm>
#include <cmath>

#include "backend/input.hpp"
#include "core/text.hpp"

namespace shotwire::backend {
namespace {

constexpr int deepest = 16;           // of references to references
constexpr int most_parts = 1000;      // of one field
constexpr std::size_t most_fields = 200;

bool is_plain(const json& schema) {
    const auto type = core::field_or(schema, "/type", "");
    return type != "object" && type != "array" && type != "null";
}

// One schema without references and choices, as far as fields of an order need it.
class Flat {
public:
    explicit Flat(const json& document) : document_(document) {}

    json of(const json& schema) const {
        left_ = most_parts;
        return flat(schema, 0);
    }

private:
    json flat(const json& schema, int depth) const {
        if (!schema.is_object() || depth > deepest || --left_ < 0) return json::object();
        json whole = json::object();
        if (const auto at = core::field_or(schema, "/$ref", ""); at.starts_with("#/")) whole.update(flat(target(at.substr(1)), depth + 1));
        if (const auto& all = member(schema, "allOf"); all.is_array())
            for (const auto& part : all) whole.update(flat(part, depth + 1));
        for (const auto* choice : {"anyOf", "oneOf"})
            if (const auto& parts = member(schema, choice); parts.is_array()) whole.update(chosen(parts, depth));
        for (const auto& [key, value] : schema.items())
            if (key != "$ref" && key != "allOf" && key != "anyOf" && key != "oneOf") whole[key] = value;
        if (whole.contains("const")) whole["enum"] = json::array({whole["const"]});
        if (const auto types = member(whole, "type"); types.is_array())  // OpenAPI 3.1: ["string", "null"]
            for (const auto& type : types)
                if (type != "null") whole["type"] = type;
        return whole;
    }

    const json& target(const std::string& pointer) const {
        static const json none;
        try {
            return document_.at(json::json_pointer(pointer));
        } catch (const json::exception&) {
            return none;
        }
    }

    // Of several that are possible: the plain ones, all their values together; a range counts more than single words beside it.
    json chosen(const json& parts, int depth) const {
        std::vector<json> plain;
        json other = json::object();
        for (const auto& part : parts) {
            auto one = flat(part, depth + 1);
            if (is_plain(one)) plain.push_back(std::move(one));
            else if (other.empty() && core::field_or(one, "/type", "") != "null") other = std::move(one);
        }
        if (plain.empty()) return other;
        json values = json::array();
        for (const auto& one : plain) {
            if (!member(one, "enum").is_array()) return one;
            for (const auto& value : one["enum"]) values.push_back(value);
        }
        auto joined = plain.front();
        joined["enum"] = std::move(values);
        return joined;
    }

    const json& document_;
    mutable int left_ = 0;  // parts of the document that may still be looked at: references may lead in circles
};

std::optional<double> number_at(const json& schema, const char* name) {
    const auto value = core::number_or(schema, std::string("/") + name, NAN);
    return std::isfinite(value) ? std::optional(value) : std::nullopt;
}

std::size_t count_at(const json& schema, const char* name) { return std::size_t(std::clamp(number_at(schema, name).value_or(0), 0.0, 1e9)); }

InputField field_of(const std::string& name, const json& schema, const Flat& flat) {
    InputField field;
    field.name = name;
    field.type = core::field_or(schema, "/type", "");
    field.item_type = core::field_or(flat.of(member(schema, "items")), "/type", "");
    if (const auto& values = member(schema, "enum"); values.is_array())
        for (const auto& value : values)
            if (!value.is_null()) field.values.push_back(value);
    field.least = number_at(schema, "minimum");
    field.most = number_at(schema, "maximum");
    // A bound that is itself excluded counts for whole numbers alone; elsewhere it is left to the provider.
    const double step = field.type == "integer" ? 1 : 0;
    if (const auto bound = number_at(schema, "exclusiveMinimum")) field.least = *bound + step;
    if (const auto bound = number_at(schema, "exclusiveMaximum")) field.most = *bound - step;
    field.longest = count_at(schema, "maxLength");
    field.most_items = count_at(schema, "maxItems");
    field.fallback = member(schema, "default");
    if (field.type.empty() && !field.values.empty())
        field.type = field.values.front().is_string() ? "string" : field.values.front().is_number_integer() ? "integer" : field.values.front().is_number() ? "number" : "";
    return field;
}

Result<InputSchema> read(const json& openapi, const json& schema) {
    const Flat flat(openapi);
    const auto whole = flat.of(schema);
    const auto& properties = member(whole, "properties");
    if (!properties.is_object() || properties.empty() || properties.size() > most_fields)
        return Error{ErrorKind::provider, "the published schema tells no fields of the model's input"};
    InputSchema input;
    const auto& required = member(whole, "required");
    for (const auto& [name, property] : properties.items()) {
        input.fields.push_back(field_of(name, flat.of(property), flat));
        input.fields.back().required = required.is_array() && std::find(required.begin(), required.end(), name) != required.end();
    }
    return input;
}

const json& json_schema_in(const json& content_of) { return member(member(member(content_of, "content"), "application/json"), "schema"); }

// Whether one of the answers that the document describes may be a video: by the names of its members.
bool tells_of_video(const json& openapi) {
    const Flat flat(openapi);
    bool told = false;
    for (const auto& path : member(openapi, "paths")) {
        const auto& answers = member(member(path, "get"), "responses");
        const auto output = flat.of(json_schema_in(member(answers, "200")));
        const auto& properties = member(output, "properties");
        if (!properties.is_object() || properties.contains("status")) continue;  // the state of the queue
        told = told || !properties.empty();
        for (const auto& [name, unused] : properties.items())
            if (name.find("video") != std::string::npos || name == "output" || name == "url") return true;
    }
    return !told;
}

}  // namespace

Result<InputSchema> input_of_endpoint(const json& openapi, const std::string& path) {
    const auto& paths = member(openapi, "paths");
    const json* body = nullptr;
    for (const auto& [at, operations] : paths.items()) {
        const auto& candidate = json_schema_in(member(member(operations, "post"), "requestBody"));
        if (candidate.is_object() && (!body || at == path)) body = &candidate;
    }
    if (!body) return Error{ErrorKind::provider, "the published document describes no request"};
    auto input = read(openapi, *body);
    if (input) input->makes_video = tells_of_video(openapi);
    return input;
}

Result<InputSchema> input_named(const json& openapi, const std::string& name) {
    return read(openapi, member(member(member(openapi, "components"), "schemas"), name.c_str()));
}

}  // namespace shotwire::backend
