#include "support/seen.hpp"

#include "core/text.hpp"

namespace shotwire::test {
namespace {

// A second value of the same name makes a list of both.
void put(json& object, const std::string& name, json value) {
    if (!object.contains(name)) object[name] = std::move(value);
    else if (object[name].is_array()) object[name].push_back(std::move(value));
    else object[name] = json::array({object[name], std::move(value)});
}

json pairs_of(std::string_view text, bool plus_is_space) {
    json out = json::object();
    for (auto pair : core::split(text, '&')) {
        if (plus_is_space)
            for (auto& letter : pair)
                if (letter == '+') letter = ' ';
        const auto equals = pair.find('=');
        put(out, url_decode(pair.substr(0, equals)), equals == std::string::npos ? "" : url_decode(pair.substr(equals + 1)));
    }
    return out;
}

json multipart_fields(const Seen& seen) {
    json out = json::object();
    for (const auto& field : seen.fields) {
        const json value = field.file_name.empty() ? json(field.value)
                                                   : json{{"file_name", field.file_name},
                                                          {"content_type", field.content_type},
                                                          {"bytes", field.value.size()}};
        const auto bracket = field.name.find('[');
        const auto name = field.name.substr(0, bracket);
        if (bracket == std::string::npos) {
            put(out, name, value);
        } else if (field.name.ends_with("[]")) {
            out[name].push_back(value);
        } else {
            out[name][field.name.substr(bracket + 1, field.name.size() - bracket - 2)] = value;
        }
    }
    return out;
}

}  // namespace

std::string url_decode(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && i + 2 < text.size()) {
            out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
            i += 2;
        } else {
            out += text[i];
        }
    }
    return out;
}

std::string Seen::header(const std::string& name) const {
    for (const auto& header : headers)
        if (core::equal_fold(header.name, name)) return header.value;
    return {};
}

std::string Seen::text() const {
    auto all = method + " " + path + " " + core::dump(query) + "\n";
    for (const auto& header : headers) all += header.name + ": " + header.value + "\n";
    all += body;
    for (const auto& field : fields) all += field.name + "=" + field.value + "\n";
    return all;
}

void see_target(Seen& seen, const std::string& target) {
    const auto question = target.find('?');
    seen.path = target.substr(0, question);
    seen.query = question == std::string::npos ? json::object() : pairs_of(target.substr(question + 1), false);
}

Seen see(const http::Request& request) {
    Seen seen;
    seen.method = request.method;
    seen.origin = http::origin_of(request.url);
    const auto path = request.url.find('/', request.url.find("://") + 3);
    see_target(seen, path == std::string::npos ? "/" : request.url.substr(path));
    seen.headers = request.headers;
    if (request.credential) seen.headers.push_back({request.credential->header, request.credential->prefix + request.credential->key.expose()});
    if (const auto* text = std::get_if<std::string>(&request.body)) {
        seen.body = *text;
        const auto type = seen.header("Content-Type");
        seen.content_type = core::lower(core::trim(type.substr(0, type.find(';'))));
    } else if (const auto* parts = std::get_if<http::Multipart>(&request.body)) {
        seen.content_type = "multipart/form-data";
        for (const auto& part : *parts) seen.fields.push_back({part.name, *part.bytes, part.file_name, part.content_type});
    }
    return seen;
}

json fields_of(const Seen& seen) {
    if (seen.content_type == "multipart/form-data") return multipart_fields(seen);
    if (seen.content_type == "application/x-www-form-urlencoded") return pairs_of(seen.body, true);
    if (seen.content_type == "application/json" || seen.content_type.ends_with("+json")) return json::parse(seen.body, nullptr, false);
    return {{"content_type", seen.content_type}, {"bytes", seen.body.size()}};
}

}  // namespace shotwire::test
