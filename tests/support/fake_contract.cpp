#include "support/fake_contract.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include "core/files.hpp"
#include "core/text.hpp"
#include "support/places.hpp"

namespace shotwire::test {
namespace {

using Names = std::vector<std::string>;

// What may stand in a contract; tests/fakes/README.md says what it means.
const Names top_keys = {"provider", "checked", "sources", "note", "base", "dialect", "order", "orders", "others", "auth", "endpoints", "schemas", "job",
                        "forms", "list", "states", "errors", "refusals", "stories", "id", "find", "adopts", "blocks", "no_link"};
const Names endpoint_keys = {"name", "method", "path", "root", "auth", "paid", "poll", "query", "bodies", "whole", "wants", "id_at", "states", "form",
                             "status", "headers", "answer", "needs", "of", "while", "becomes", "list", "match", "note"};
const Names state_keys = {"name", "job", "forms", "status", "statuses", "headers", "means", "progress", "queue", "not_before_ms", "kind", "billed_micros", "note"};
const Names error_keys = {"name", "status", "headers", "body", "submit", "poll", "retry_after_ms", "lasting", "note"};

struct Reader {
    const json& document;
    std::string where;

    [[noreturn]] void fail(const std::string& why) const { throw std::runtime_error(fmt::format("{}: {}", where, why)); }
    void known(const json& row, const Names& keys, const std::string& what) const {
        for (const auto& [key, value] : row.items())
            if (std::find(keys.begin(), keys.end(), key) == keys.end() && !key.starts_with("$")) fail(fmt::format("{} has an unknown key \"{}\"", what, key));
    }
    bool has(const char* list, const std::string& name) const {
        const auto& rows = document.at(list);
        return std::any_of(rows.begin(), rows.end(), [&](const json& row) { return row.at("name") == name; });
    }
    void schema(const std::string& name, const std::string& what) const {
        if (name != "bytes" && !document.at("schemas").contains(name)) fail(fmt::format("{} names the schema \"{}\", which is not there", what, name));
    }
    void form(const json& name, const std::string& what) const {
        if (!name.is_string() || (name != "job" && !document.value("forms", json::object()).contains(name.get<std::string>())))
            fail(fmt::format("{} names the form {}, which is not there", what, name.dump()));
    }
    void state(const json& name, const std::string& what) const {
        if (!name.is_string() || !has("states", name)) fail(fmt::format("{} names the state {}, which is not there", what, name.dump()));
    }
    void endpoint(const json& row) const {
        const auto what = fmt::format("endpoint \"{}\"", row.value("name", ""));
        known(row, endpoint_keys, what);
        for (const auto* key : {"name", "method", "path"})
            if (!row.contains(key)) fail(fmt::format("{} has no \"{}\"", what, key));
        if (row.contains("query")) schema(row["query"], what);
        if (row.contains("whole")) schema(row["whole"], what);
        const json bodies = row.value("bodies", json::object());
        for (const auto& [type, body] : bodies.items()) {
            if (body.is_string()) schema(body, what);
            else
                for (const auto& [value, name] : body.at("schemas").items()) schema(name, what);
        }
        if (row.contains("form")) form(row["form"], what);
        if (row.contains("list") && row["list"].contains("form")) form(row["list"]["form"], what);
        for (const auto* key : {"states", "becomes"})
            if (row.contains(key)) state(row[key], what);
        for (const auto& name : row.value("while", json::array())) state(name, what);
        for (const std::string name : row.value("of", json::array()))
            if (!has("endpoints", name)) fail(fmt::format("{} names the endpoint \"{}\", which is not there", what, name));
        if (!row.contains("states") && !row.contains("answer")) fail(what + " has neither \"states\" nor \"answer\"");
    }
    void contract() const {
        for (const auto* key : {"base", "order", "auth", "endpoints", "schemas", "job", "states", "errors", "refusals", "stories"})
            if (!document.contains(key)) fail(fmt::format("no \"{}\"", key));
        known(document, top_keys, "the contract");
        for (const auto& row : document["endpoints"]) endpoint(row);
        for (const auto& row : document["states"]) {
            known(row, state_keys, "state " + row.value("name", ""));
            const auto& means = row.at("means");
            if (means != "rendering" && means != "ready" && means != "failed" && means != "gone")
                fail("a state means rendering, ready, failed or gone, not " + means.dump());
            const json forms = row.value("forms", json::object());
            for (const auto& [name, over] : forms.items()) form(name, "state " + row.value("name", ""));
        }
        for (const auto& row : document["errors"]) known(row, error_keys, "error " + row.value("name", ""));
        for (const auto& [reason, name] : document["refusals"].items())
            if (!has("errors", name)) fail(fmt::format("the refusal \"{}\" names the error {}, which is not there", reason, name.dump()));
        for (const auto& [story, told] : document["stories"].items())
            for (const auto& [name, words] : told.items()) {
                if (!has("endpoints", name)) fail(fmt::format("the story \"{}\" names the endpoint \"{}\", which is not there", story, name));
                for (const std::string word : words)
                    if (word != "accept" && word != "accept and drop" && word != "drop" && !has("states", word) && !has("errors", word))
                        fail(fmt::format("the story \"{}\" has the word \"{}\", which is neither a state nor an error", story, word));
            }
    }
};

const json* named(const json& rows, const std::string& name) {
    for (const auto& row : rows)
        if (row.at("name") == name) return &row;
    return nullptr;
}

}  // namespace

json value_at(const Call& call, const std::string& place) {
    const auto colon = place.find(':');
    const auto kind = place.front() == '/' ? "body" : place.substr(0, colon);
    const auto name = place.front() == '/' ? place : place.substr(colon + 1);
    if (kind == "body") {
        const json::json_pointer pointer(name);
        return call.body.contains(pointer) ? call.body.at(pointer) : json();
    }
    const auto& part = kind == "query" ? call.query : kind == "header" ? call.headers : call.path;
    return part.value(name, json());
}

json fill(const json& form, const json& values, const Call& call) {
    if (form.is_structured()) {
        json out = form;
        for (auto& item : out) item = fill(item, values, call);
        return out;
    }
    if (!form.is_string()) return form;
    auto text = form.get<std::string>();
    for (auto at = text.find("${"); at != std::string::npos; at = text.find("${", at)) {
        const auto end = text.find('}', at);
        const auto name = text.substr(at + 2, end - at - 2);
        const bool place = name.front() == '/' || name.find(':') != std::string::npos;
        const json value = place ? value_at(call, name) : values.value(name, json());
        if (at == 0 && end + 1 == text.size()) return value;
        const auto shown = value.is_string() ? value.get<std::string>() : value.dump();
        text.replace(at, end + 1 - at, shown);
        at += shown.size();
    }
    return text;
}

bool match_path(std::string_view pattern, std::string_view path, json& found) {
    const auto brace = pattern.find('{');
    if (brace == std::string_view::npos) return pattern == path;
    if (path.substr(0, brace) != pattern.substr(0, brace)) return false;
    pattern.remove_prefix(brace);
    path.remove_prefix(brace);
    const auto close = pattern.find('}');
    auto name = pattern.substr(1, close - 1);
    const bool slashes = name.ends_with('+');
    if (slashes) name.remove_suffix(1);
    for (auto length = slashes ? path.size() : std::min(path.find('/'), path.size()); length > 0; --length) {
        if (!match_path(pattern.substr(close + 1), path.substr(length), found)) continue;
        found[std::string(name)] = url_decode(path.substr(0, length));
        return true;
    }
    return false;
}

struct Contract::Schemas {
    std::map<std::string, valijson::Schema> compiled;
};

Contract::Contract(json document, const std::string& where) : document_(std::move(document)), schemas_(std::make_unique<Schemas>()) {
    Reader{document_, where}.contract();
}
Contract::~Contract() = default;

const json* Contract::state(const std::string& name) const { return named(document_.at("states"), name); }
const json* Contract::error(const std::string& name) const { return named(document_.at("errors"), name); }
const json* Contract::endpoint(const std::string& name) const { return named(document_.at("endpoints"), name); }

std::string Contract::body_schema(const Call& call, const std::string& content_type) const {
    const auto& bodies = call.endpoint.at("bodies");
    const json body = bodies.value(content_type, bodies.value("*", json()));
    if (body.is_string()) return body;
    if (!body.is_object()) return {};
    const auto value = value_at(call, body.at("by"));
    return value.is_string() ? body.at("schemas").value(value.get<std::string>(), "") : "";
}

std::string Contract::fault(const std::string& schema, const json& value) const {
    if (value.is_discarded()) return "the body is no JSON";
    if (schema == "bytes") return value.value("bytes", 0) > 0 ? "" : "no bytes";
    auto [at, made] = schemas_->compiled.try_emplace(schema);
    if (made) {
        const json document{{"definitions", document_.at("schemas")}, {"$ref", "#/definitions/" + schema}};
        valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(document), at->second);
    }
    valijson::ValidationResults results;
    if (valijson::Validator().validate(at->second, valijson::adapters::NlohmannJsonAdapter(value), &results)) return {};
    Names faults;
    for (valijson::ValidationResults::Error fault; results.popError(fault);) faults.push_back(core::join(fault.context, "") + ": " + fault.description);
    return core::join(faults, "; ") + " in " + value.dump(-1, ' ', false, json::error_handler_t::replace).substr(0, 400);
}

Contract read_contract(const std::string& name) {
    const auto file = std::filesystem::path(places::source) / "tests/fakes" / (name + ".json");
    auto text = core::read_file(file);
    if (!text) throw std::runtime_error(text.error().message);
    auto document = core::parse_json(*text, file.string());
    if (!document) throw std::runtime_error(document.error().message);
    return Contract(std::move(*document), file.string());
}

}  // namespace shotwire::test
