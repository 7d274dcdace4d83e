#include "backend/custom/protocol.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "core/text.hpp"

namespace shotwire::backend::custom {
namespace {

const std::map<std::string, std::pair<ErrorKind, bool>> meanings = {
    {"key", {ErrorKind::auth, false}},       {"content", {ErrorKind::rejected, false}}, {"busy", {ErrorKind::rate_limited, false}},
    {"purse", {ErrorKind::rate_limited, true}}, {"request", {ErrorKind::usage, false}},    {"provider", {ErrorKind::provider, false}},
    {"unknown", {ErrorKind::unknown, false}}};

// An object of the dialect, read key by key. The first fault is kept; what nobody asked for is one.
class Reader {
public:
    Reader(const json& object, std::string where, std::optional<Error>& fault) : object_(object), where_(std::move(where)), fault_(fault) {
        if (!object_.is_object()) fail("", "must be an object");
    }

    const json* find(const char* key) {
        asked_.push_back(key);
        if (!object_.is_object()) return nullptr;
        const auto at = object_.find(key);
        return at == object_.end() ? nullptr : &*at;
    }

    void text(const char* key, std::string& to, bool needed = false) {
        if (const auto* value = find(key)) {
            if (value->is_string() && !value->get_ref<const std::string&>().empty()) to = *value;
            else fail(key, "must be a text");
        } else if (needed) {
            fail(key, "is missing");
        }
    }
    void pointer(const char* key, std::string& to, bool needed = false) {
        text(key, to, needed);
        if (to.empty() || is_pointer(to)) return;
        fail(key, fmt::format("is \"{}\"; a JSON pointer begins with /", core::printable(to)));
        to.clear();
    }
    void path(const char* key, std::string& to, bool needed = false) {
        text(key, to, needed);
        if (!to.empty() && !to.starts_with('/')) fail(key, fmt::format("is \"{}\"; a path begins with /", core::printable(to)));
        bool braced = false;  // a pointer may have a space in it: what it leads to is encoded
        for (const unsigned char c : to) {
            braced = c == '{' || (braced && c != '}');
            if (!braced && (c <= ' ' || c == 0x7f)) return fail(key, fmt::format("is \"{}\"; a path has no spaces: %20 is one", core::printable(to)));
        }
    }
    void number(const char* key, double& to) {
        const auto* value = find(key);
        if (!value) return;
        if (value->is_number() && value->get<double>() > 0) to = value->get<double>();
        else fail(key, "must be a number above 0");
    }
    void flag(const char* key, bool& to) {
        const auto* value = find(key);
        if (!value) return;
        if (value->is_boolean()) to = value->get<bool>();
        else fail(key, "must be true or false");
    }
    template <class T>
    void list(const char* key, std::vector<T>& to) {
        const auto* value = find(key);
        if (!value) return;
        for (const auto& item : value->is_array() ? *value : json::array({*value})) {
            const bool fits = std::is_same_v<T, int> ? item.is_number_integer() : item.is_string();
            if (fits) to.push_back(item.get<T>());
            else return fail(key, std::is_same_v<T, int> ? "must be a list of numbers" : "must be a list of texts");
        }
    }
    void call(const char* key, std::optional<Call>& to, const char* method) {
        const auto* value = find(key);
        if (!value) return;
        Reader inner(*value, where_ + "/" + key, fault_);
        Call made{method, {}};
        inner.text("method", made.method);
        inner.path("path", made.path, true);
        inner.end();
        to = made;
    }

    void fail(const std::string& key, const std::string& why) {
        if (!fault_) fault_ = Error{ErrorKind::usage, fmt::format("the dialect's {}{}{} {}", where_, where_.empty() || key.empty() ? "" : "/", key, why)};
    }
    void end() {
        if (!object_.is_object()) return;
        for (const auto& [key, value] : object_.items())
            if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
                fail(core::printable(key), fmt::format("is unknown; allowed: {}", core::join(asked_, ", ")));
    }

    static bool is_pointer(const std::string& text) {
        try {
            return text.starts_with('/') && !json::json_pointer(text).empty();
        } catch (const json::exception&) {
            return false;
        }
    }

private:
    const json& object_;
    std::string where_;
    std::optional<Error>& fault_;
    std::vector<std::string> asked_;
};

// {"at": "/code", "is": 0}
std::optional<std::pair<std::string, json>> read_value(Reader& reader, const char* key, const std::string& where, std::optional<Error>& fault) {
    const auto* value = reader.find(key);
    if (!value) return std::nullopt;
    Reader inner(*value, where, fault);
    std::string at;
    inner.pointer("at", at, true);
    const auto* is = inner.find("is");
    if (!is) inner.fail("is", "is missing");
    inner.end();
    if (!is || at.empty()) return std::nullopt;
    return std::pair(at, *is);
}

void read_submit(Reader& reader, Protocol& protocol, std::optional<Error>& fault) {
    const auto* value = reader.find("submit");
    if (!value) return reader.fail("submit", "is missing");
    Reader submit(*value, "submit", fault);
    submit.path("path", protocol.submit_path, true);
    submit.path("with_image", protocol.submit_path_with_image);
    submit.pointer("id", protocol.id);
    submit.pointer("poll_link", protocol.poll_link);
    if (const auto* form = submit.find("form")) {
        if (form->is_object()) protocol.form = *form;
        else submit.fail("form", "must be an object");
    }
    submit.end();
}

void read_poll(Reader& reader, Protocol& protocol, std::optional<Error>& fault) {
    const auto* value = reader.find("poll");
    if (!value) return reader.fail("poll", "is missing");
    Reader poll(*value, "poll", fault);
    protocol.poll.method = "GET";
    poll.text("method", protocol.poll.method);
    poll.path("path", protocol.poll.path, protocol.poll_link.empty());
    poll.pointer("state", protocol.state, true);
    poll.pointer("progress", protocol.progress);
    poll.number("progress_of", protocol.progress_of);
    poll.pointer("queue", protocol.queue);
    poll.pointer("error", protocol.error);
    poll.pointer("error_code", protocol.error_code);
    poll.list("ready", protocol.ready);
    poll.list("failed", protocol.failed);
    poll.list("rejected", protocol.rejected);
    poll.list("pending", protocol.pending);
    protocol.refused = read_value(poll, "refused", "poll/refused", fault);
    double every = 0;
    poll.number("every", every);
    protocol.every = std::chrono::milliseconds(std::llround(every * 1000));
    if (protocol.ready.empty()) poll.fail("ready", "is missing: the words that mean a finished clip");
    poll.end();
}

void read_clip(Reader& reader, Protocol& protocol, std::optional<Error>& fault) {
    const auto* value = reader.find("clip");
    if (!value) return reader.fail("clip", "is missing");
    Reader clip(*value, "clip", fault);
    clip.list("url", protocol.clip_url);
    for (const auto& url : protocol.clip_url)
        if (!Reader::is_pointer(url)) clip.fail("url", "must be a JSON pointer, or a list of them");
    clip.pointer("base64", protocol.clip_base64);
    clip.text("type", protocol.clip_type);
    clip.flag("key", protocol.clip_key);
    std::string path;
    clip.path("path", path);
    if (!path.empty()) protocol.clip_call = Call{"GET", path};
    if (int(!protocol.clip_url.empty()) + int(!protocol.clip_base64.empty()) + int(!path.empty()) != 1) clip.fail("", "must have one of url, base64, path");
    clip.end();
}

void read_models(Reader& reader, Protocol& protocol, std::optional<Error>& fault) {
    const auto* value = reader.find("models");
    if (!value) return;
    Reader models(*value, "models", fault);
    auto& listing = protocol.models;
    models.path("path", listing.path, true);
    models.pointer("items", listing.items);
    models.pointer("id", listing.id);
    models.pointer("seconds", listing.seconds);
    models.pointer("ratios", listing.ratios);
    models.pointer("resolutions", listing.resolutions);
    models.pointer("images", listing.images);
    models.pointer("audio", listing.audio);
    models.pointer("seed", listing.seed);
    models.end();
}

void read_errors(Reader& reader, Protocol& protocol, std::optional<Error>& fault) {
    const auto* rows = reader.find("errors");
    if (!rows) return;
    if (!rows->is_array()) return reader.fail("errors", "must be a list");
    for (std::size_t i = 0; i < rows->size(); ++i) {
        Reader row((*rows)[i], fmt::format("errors/{}", i), fault);
        double status = 0;
        std::string means;
        std::vector<std::string> codes;
        row.number("status", status);
        row.list("code", codes);
        row.text("means", means, true);
        row.end();
        const auto meaning = meanings.find(means);
        if (meaning == meanings.end()) {
            row.fail("means", fmt::format("is \"{}\"; allowed: busy, content, key, provider, purse, request, unknown", core::printable(means)));
            continue;
        }
        if (codes.empty()) codes.emplace_back();
        for (const auto& code : codes) protocol.rules.verdicts.push_back({int(status), code, meaning->second.first, meaning->second.second});
    }
}

}  // namespace

Result<Protocol> read_protocol(const json& dialect) {
    std::optional<Error> fault;
    Protocol protocol;
    Reader reader(dialect, "", fault);
    if (const auto* headers = reader.find("headers"))
        for (const auto& [name, value] : headers->items()) {
            if (value.is_string()) protocol.headers.push_back({name, value});
            else reader.fail("headers", "must be texts by name");
        }
    read_submit(reader, protocol, fault);
    read_poll(reader, protocol, fault);
    reader.call("result", protocol.result, "GET");
    read_clip(reader, protocol, fault);
    reader.call("cancel", protocol.cancel, "DELETE");
    read_models(reader, protocol, fault);
    protocol.rules.success = read_value(reader, "success", "success", fault);
    if (const auto* value = reader.find("complaint")) {
        Reader complaint(*value, "complaint", fault);
        complaint.pointer("code", protocol.complaint_code);
        complaint.pointer("message", protocol.complaint_message, true);
        complaint.end();
    }
    if (const auto* value = reader.find("billed")) {
        Reader billed(*value, "billed", fault);
        billed.pointer("at", protocol.billed, true);
        billed.number("per_dollar", protocol.per_dollar);
        billed.end();
    }
    read_errors(reader, protocol, fault);
    reader.end();
    if (fault) return *fault;
    return protocol;
}

Result<std::string> fill(const std::string& path, const std::string& id, const json& answer) {
    std::string out;
    for (std::size_t at = 0; at < path.size();) {
        const auto end = path[at] == '{' ? path.find('}', at) : std::string::npos;
        if (end == std::string::npos) {
            out += path[at++];
            continue;
        }
        const auto name = path.substr(at + 1, end - at - 1);
        std::string value = name == "id" ? id : "";
        if (Reader::is_pointer(name)) {
            const json::json_pointer place(name);
            if (answer.contains(place)) value = answer.at(place).is_string() ? answer.at(place).get<std::string>() : core::dump(answer.at(place));
        }
        if (value.empty() || value == "null" || value.size() > 4096) return Error{ErrorKind::provider, fmt::format("the answer has no {} for {}", name, path)};
        out += core::url_encode(value);
        at = end + 1;
    }
    return out;
}

std::vector<std::string> places_in(const std::string& path) {
    std::vector<std::string> places;
    for (auto at = path.find("{/"); at != std::string::npos; at = path.find("{/", at + 1))
        if (const auto end = path.find('}', at); end != std::string::npos) places.push_back(path.substr(at + 1, end - at - 1));
    return places;
}

}  // namespace shotwire::backend::custom
