// Reading is RapidJSON's, since nlohmann's own parser took an eighth of a batch, character by character; it stays the judge of what is no
// JSON, or rare.
#if defined(__SSE2__)
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/reader.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

#include "core/members.hpp"
#include "core/text.hpp"

namespace shotwire::core {
namespace {

constexpr int deepest_at_once = 256;  // RapidJSON calls itself for each level

template <class T, class Take>
bool take_number_as(std::string_view text, const Take& take) {
    T number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() && take(number);
}

// Of the type that nlohmann gives it; false where that has no room for it.
template <class Take>
bool take_number(std::string_view text, const Take& take) {
    if (text.find_first_of(".eE") != std::string_view::npos) return take_number_as<double>(text, take);
    return text.front() == '-' ? take_number_as<std::int64_t>(text, take) : take_number_as<std::uint64_t>(text, take);
}

// The events of a text to a document. Where it says false, the text is left to nlohmann.
class Builder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Builder> {
public:
    // The root's own members, where it is an object and they are asked for, go to the list instead.
    Builder(json& root, int deepest, Members* members = nullptr) : deepest_(std::size_t(deepest)), place_(&root), members_(members) { open_.reserve(8); }

    bool Default() { return false; }
    bool Null() { return put(nullptr); }
    bool Bool(bool value) { return put(value); }
    bool String(const char* text, rapidjson::SizeType length, bool) { return put(std::string(text, length)); }
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
        return take_number({text, length}, [&](auto number) { return put(number); });
    }
    bool StartObject() { return open(json::object()); }
    bool Key(const char* text, rapidjson::SizeType length, bool) {
        if (members_ && open_.size() == 1) place_ = &members_->emplace_back(std::string(text, length), nullptr).second;
        else place_ = &open_.back()->get_ref<json::object_t&>()[std::string(text, length)];
        return true;
    }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool StartArray() { return open(json::array()); }
    bool EndArray(rapidjson::SizeType) { return close(); }

private:
    template <class T>
    json& put_at(T&& value) {
        if (place_) return *std::exchange(place_, nullptr) = std::forward<T>(value);
        return open_.back()->get_ref<json::array_t&>().emplace_back(std::forward<T>(value));
    }
    template <class T>
    bool put(T&& value) {
        put_at(std::forward<T>(value));
        return true;
    }
    bool open(json container) {
        if (open_.size() == deepest_) return false;
        open_.push_back(&put_at(std::move(container)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }

    std::size_t deepest_;
    std::vector<json*> open_;  // lists and objects that are not at their end
    json* place_;              // of the next value; null: behind the others of the open list
    Members* members_;
};

// Makes nothing of them.
struct Levels : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Levels> {
    int open = 0;
    bool RawNumber(const char* text, rapidjson::SizeType length, bool) {
        return take_number({text, length}, [](auto) { return true; });
    }
    bool StartObject() { return ++open <= deepest_at_once; }
    bool StartArray() { return ++open <= deepest_at_once; }
    bool EndObject(rapidjson::SizeType) { return open-- > 0; }
    bool EndArray(rapidjson::SizeType) { return open-- > 0; }
};

// False where it is no JSON, is rare, or the handler says so.
template <class Handler>
bool read_at_once(std::string_view text, Handler& handler) {
    constexpr std::size_t reads_ahead = 16, most_kept = 64 << 10;  // RapidJSON looks at so many bytes at a time, also behind the end
    const bool has_surrogates = text.find("\\ud") != text.npos || text.find("\\uD") != text.npos;  // it takes one without its other half
    if (has_surrogates || !is_utf8(text)) return false;
    thread_local std::string copy;  // it stays, as far as an answer needs it: to make one anew costs more than to read what is in it
    copy.assign(text).append(reads_ahead, '\0');
    rapidjson::InsituStringStream stream(copy.data());
    rapidjson::Reader reader;
    const bool read = !reader.Parse<rapidjson::kParseInsituFlag | rapidjson::kParseNumbersAsStringsFlag>(stream, handler).IsError() && stream.Tell() == text.size();
    if (copy.size() > most_kept) {
        copy.clear();
        copy.shrink_to_fit();
    }
    return read;
}

json document_at_once(std::string_view text, int deepest) {
    json value;
    Builder builder(value, deepest);
    if (!read_at_once(text, builder)) value = json(json::value_t::discarded);
    return value;
}

bool nests_deeper(std::string_view text, int deepest) {
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            if (c == '\\') ++i;
            if (c == '"') quoted = false;
        } else if (c == '"') {
            quoted = true;
        } else if (c == '[' || c == '{') {
            if (++depth > deepest) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

}  // namespace

Result<json> parse_json(std::string_view text, std::string_view what, int deepest) {
    auto value = document_at_once(text, std::min(deepest, deepest_at_once));
    if (!value.is_discarded()) return value;
    // Depth is counted before parsing: nlohmann's values are destroyed recursively.
    if (nests_deeper(text, deepest)) return Error{ErrorKind::provider, fmt::format("{} nests deeper than {} levels", what, deepest)};
    value = json::parse(text, nullptr, false);
    if (value.is_discarded()) return Error{ErrorKind::provider, fmt::format("{} is not valid JSON", what)};
    return value;
}

json json_of(std::string_view text) {
    auto value = document_at_once(text, deepest_at_once);
    if (value.is_discarded()) value = json::parse(text, nullptr, false);
    return value;
}

std::optional<Members> read_members(std::string_view text) {
    json root;
    Members members;
    members.reserve(16);
    Builder builder(root, deepest_at_once, &members);
    if (!read_at_once(text, builder)) return members_of(json::parse(text, nullptr, false));
    return root.is_object() ? std::optional(std::move(members)) : std::nullopt;
}

std::optional<Members> members_of(const json& document) {
    if (!document.is_object()) return {};
    const auto& object = document.get_ref<const json::object_t&>();
    return Members(object.begin(), object.end());
}

json* find(Members& members, std::string_view key) {
    const auto found = std::find_if(members.rbegin(), members.rend(), [&](const auto& member) { return member.first == key; });
    return found == members.rend() ? nullptr : &found->second;
}

bool is_object_line(std::string_view text) {
    Levels levels;
    return text.starts_with('{') && text.find('\n') == text.npos && read_at_once(text, levels);
}

}  // namespace shotwire::core
