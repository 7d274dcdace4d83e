#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

#include "catalog/plan.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::catalog {
namespace {

std::string shown(const json& value) { return core::printable(value.is_string() ? value.get<std::string>() : core::dump(value)); }

// Takes wishes out of a document; the first wrong one is kept.
class Taker {
public:
    Taker(json& document, const std::string& name) : document_(document), name_(name) {}

    // A text, or a number or boolean in the words of one. Empty: not there.
    std::string text(const char* key) {
        auto value = take(key);
        if (value.is_string()) return std::move(value.get_ref<std::string&>());
        if (value.is_number_integer() || value.is_boolean()) return core::dump(value);
        if (value.is_number()) return core::print_number(value.get<double>());
        if (!value.is_null()) fail(key, value, "a text or a number");
        return {};
    }

    template <class T, class Parse>
    void parsed(const char* key, std::optional<T>& into, Parse parse) {
        const auto word = text(key);
        if (word.empty()) return;
        const auto value = parse(word);
        if (value)
            into = *value;
        else
            fail_with(fmt::format("{}: {}: {}", name_, key, value.error().message));
    }

    std::optional<bool> flag(const char* key) {
        const auto word = core::lower(text(key));
        if (word.empty()) return {};
        for (const char* yes : {"true", "yes", "on", "1"})
            if (word == yes) return true;
        for (const char* no : {"false", "no", "off", "0"})
            if (word == no) return false;
        fail(key, word, "true, false");
        return {};
    }

    std::vector<std::pair<std::string, std::string>> params() {
        std::vector<std::pair<std::string, std::string>> params;
        const auto value = take("params");
        if (!value.is_null() && !value.is_object()) fail("params", value, "a table of names and values");
        if (!value.is_object()) return params;
        for (const auto& [key, one] : value.items()) params.emplace_back(key, one.is_string() ? one.get<std::string>() : core::dump(one));
        return params;
    }

    void fail(const char* key, const json& value, std::string_view allowed) {
        fail_with(fmt::format("{}: {} is {}; allowed: {}", name_, key, shown(value), allowed));
    }
    const std::optional<Error>& error() const { return error_; }

private:
    json take(std::string_view key) {
        for (auto one = document_.begin(); one != document_.end(); ++one) {
            if (!shot::is_key(one.key(), key)) continue;
            auto value = std::move(*one);
            document_.erase(one);
            return value;
        }
        return nullptr;
    }
    void fail_with(std::string message) {
        if (!error_) error_ = Error{ErrorKind::usage, std::move(message)};
    }

    json& document_;
    const std::string& name_;
    std::optional<Error> error_;
};

template <class T>
Result<T> whole(const std::string& text, T least, T most, const char* allowed) {
    T value{};
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc() && end == text.data() + text.size() && value >= least && value <= most) return value;
    return Error{ErrorKind::usage, fmt::format("{} is not {}", core::printable(text), allowed)};
}

}  // namespace

Result<std::uint64_t> parse_seed(const std::string& text) {
    if (text != "random") return whole<std::uint64_t>(text, 0, UINT64_MAX, "a whole number from 0 to 18446744073709551615, nor random");
    std::uint64_t seed = 0;
    for (const unsigned char byte : core::random_bytes(4)) seed = seed << 8 | byte;
    return seed & most_drawn_seed;
}

const std::vector<std::string>& wish_keys() {
    static const std::vector<std::string> keys{"model", "via",  "aspect_ratio", "duration", "resolution", "size",
                                               "fps",   "seed", "audio",        "params",   "fit"};
    return keys;
}

Result<Wishes> take_wishes(json& document, const std::string& name) {
    Taker taker(document, name);
    Wishes wishes;
    if (auto model = taker.text("model"); !model.empty()) wishes.model = std::move(model);
    wishes.via = taker.text("via");
    taker.parsed("aspect_ratio", wishes.ratio, parse_ratio);
    taker.parsed("duration", wishes.seconds, parse_seconds);
    wishes.resolution = taker.text("resolution");
    taker.parsed("size", wishes.size, parse_size);
    taker.parsed("fps", wishes.fps, [](const std::string& text) { return whole<int>(text, 1, 240, "a whole number from 1 to 240"); });
    taker.parsed("seed", wishes.seed, [&](const std::string& text) {
        wishes.seed_drawn = text == "random";
        return parse_seed(text);
    });
    wishes.audio = taker.flag("audio");
    wishes.params = taker.params();
    wishes.fit = taker.flag("fit").value_or(false);
    if (taker.error()) return *taker.error();
    return wishes;
}

}  // namespace shotwire::catalog
