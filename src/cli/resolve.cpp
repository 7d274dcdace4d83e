#include "cli/resolve.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>

#include "batch/keys.hpp"
#include "cli/routes.hpp"
#include "core/files.hpp"
#include "core/text.hpp"
#include "shot/shot_file.hpp"

namespace shotwire::cli {
namespace {

constexpr std::size_t longest_text = 1 << 20;

// A file's name in the place of the prompt would be rendered, and paid for, as a text.
Result<> refuse_file_name(const std::string& prompt) {
    const auto name = core::lower(prompt);
    const auto ends = [&](std::initializer_list<const char*> endings) {
        return std::any_of(endings.begin(), endings.end(), [&](const char* ending) { return name.ends_with(ending); });
    };
    const bool shot = ends({".yaml", ".yml", ".json"}), sidecar = ends({".mp4", ".mp4.json"});
    std::error_code failed;
    if (!shot && !sidecar && !std::filesystem::is_regular_file(prompt, failed)) return Ok{};
    const auto* flag = sidecar ? "--from" : ends({".png", ".jpg", ".jpeg", ".webp"}) ? "--first-frame" : "--shot";
    return Error{ErrorKind::usage, fmt::format("PROMPT {} is a file's name, not a text; did you mean {} {}? (A text is also read from stdin: -)",
                                               core::printable(prompt), flag, core::printable(prompt))};
}

// The flags and keys of a shot that hold no UTF-8.
Result<> refuse_broken_text(const Shot& shot) {
    const auto key = shot::broken_key(shot);
    return key.empty() ? Result<>(Ok{}) : Error{ErrorKind::usage, fmt::format("{} is not valid UTF-8", key)};
}

// The keys that flags took back, and are given nothing else.
Result<Shot> without(Shot shot, const std::vector<std::string>& cleared) {
    if (cleared.empty()) return shot;
    auto fields = shot::to_json(shot);
    for (const auto& key : cleared) fields.erase(key);
    return shot::from_json(fields);
}

json with_underscores(const json& document) {
    json plain = json::object();
    for (const auto& [key, value] : document.items()) {
        auto name = key;
        std::replace(name.begin(), name.end(), '-', '_');
        plain[name] = value;
    }
    return plain;
}

// Pixels replace what was said of resolution and ratio before, and the other way round.
json over(json base, const json& later) {
    if (later.contains("size"))
        for (const char* key : {"resolution", "aspect_ratio"}) base.erase(key);
    if (later.contains("resolution") || later.contains("aspect_ratio")) base.erase("size");
    base.update(later);
    return base;
}

// The keys of a shot and an order: the shot's are taken out of the document, the rest is known to be wishes.
const std::vector<std::string>& keys_of_file() {
    static const std::vector<std::string> all = [] {
        auto keys = shot::shot_keys();
        keys.insert(keys.end(), catalog::wish_keys().begin(), catalog::wish_keys().end());
        return keys;
    }();
    return all;
}

Result<json> take_document(json document, const std::string& name, const std::filesystem::path& folder, const std::vector<std::string>& known, Shot& shot) {
    auto taken = shot::take_shot(document, name, folder);
    if (!taken) return taken.error();
    shot = shot::merge(std::move(shot), *taken);
    if (document.empty()) return document;
    auto left = document;
    if (auto wishes = catalog::take_wishes(left, name); !wishes) return wishes.error();
    if (auto refused = shot::refuse_leftovers(left, name, known); !refused) return refused.error();
    return with_underscores(document);
}

Result<json> read_shot_file(const std::string& path, Shot& shot, std::istream& in) {
    const bool piped = path == "-";
    auto text = piped ? core::read_stream(in, "the text on stdin", longest_text) : core::read_file(path, longest_text);
    std::error_code failed;
    if (!text && !std::filesystem::exists(path, failed) && path.find(' ') != std::string::npos)
        return Error{ErrorKind::usage, fmt::format("{}; this is the place of a shot file, words of a prompt go to --prompt", text.error().message)};
    if (!text) return Error{ErrorKind::usage, text.error().message};
    const std::string file = piped ? "stdin" : path;
    auto document = shot::read_document(*text, file);
    if (!document) return document.error();
    if (document->contains("shots"))
        return Error{ErrorKind::usage, fmt::format("{} holds many shots; shotwire batch '{}' --dry-run looks through, plans and prices them all", file, path)};
    return take_document(std::move(*document), file, piped ? "" : std::filesystem::path(file).parent_path(), keys_of_file(), shot);
}

// The shot file that a row names, as --shot would.
Result<json> read_shot_of_row(const json& name, Shot& shot, std::istream& in) {
    if (!name.is_string() || name == "-") return Error{ErrorKind::usage, fmt::format("shot is {}; allowed: the name of a shot file", core::printable(core::dump(name)))};
    auto document = read_shot_file(name.get<std::string>(), shot, in);
    if (!document) return Error{document.error().kind, "shot: " + document.error().message};
    return document;
}

// A text of a flag, parsed into its wish.
template <class Parse, class T>
Result<> take_text(const Text& text, Parse parse, T& wish) {
    if (!text) return Ok{};
    auto value = parse(*text);
    if (!value) return value.error();
    wish = *value;
    return Ok{};
}

Result<std::uint64_t> seed_in(const std::string& text) {
    auto seed = catalog::parse_seed(text);
    if (!seed) return Error{ErrorKind::usage, "--seed " + seed.error().message};
    return seed;
}

Result<> take_flags(const OrderFlags& flags, catalog::Wishes& wishes) {
    if (flags.model) wishes.model = *flags.model;
    if (flags.model && !flags.via) wishes.via.clear();  // a route that went with another model
    if (flags.via) wishes.via = *flags.via;
    if (flags.size) {
        wishes.resolution.clear();
        wishes.ratio.reset();
    }
    if (flags.resolution || flags.aspect_ratio) wishes.size.reset();
    if (flags.resolution) wishes.resolution = *flags.resolution;
    if (flags.audio) wishes.audio = flags.audio;
    if (flags.seed) wishes.seed_drawn = *flags.seed == "random";
    wishes.fit = wishes.fit || flags.fit;
    for (const auto& taken : {take_text(flags.size, catalog::parse_size, wishes.size), take_text(flags.aspect_ratio, catalog::parse_ratio, wishes.ratio),
                              take_text(flags.duration, catalog::parse_seconds, wishes.seconds), take_text(flags.seed, seed_in, wishes.seed),
                              take_text(flags.fps, [](const auto& text) { return parse_whole("--fps", text, 1, 240); }, wishes.fps)})
        if (!taken) return taken.error();
    for (const auto& param : flags.params) {
        const auto at = param.find('=');
        if (at == std::string::npos || at == 0)
            return Error{ErrorKind::usage, fmt::format("--param {} is not of the form name=value", core::printable(param))};
        if (!core::is_utf8(param)) return Error{ErrorKind::usage, fmt::format("--param {} is not valid UTF-8", core::printable(param))};
        const auto name = param.substr(0, at);
        std::erase_if(wishes.params, [&](const auto& known) { return known.first == name; });
        wishes.params.emplace_back(name, param.substr(at + 1));
    }
    return Ok{};
}

// The one route that the user named: --base-url moves no other.
Result<> move_route(const std::string& base_url, const catalog::Wishes& wishes, catalog::Catalog& catalog) {
    const auto colon = wishes.model.find(':');
    const auto name = !wishes.via.empty() ? wishes.via : colon != std::string::npos ? wishes.model.substr(0, colon) : "";
    if (name.empty())
        return Error{ErrorKind::usage, "--base-url needs the route that it moves: name it by --via ROUTE or -m ROUTE:MODEL"};
    const auto* route = catalog.find_route(name);
    if (!route) {
        std::vector<std::string> names;
        for (const auto& known : catalog.routes()) names.push_back(known.name);
        return Error{ErrorKind::usage, fmt::format("--base-url moves the route {}, which does not exist; there are {}",
                                                   core::printable(name), core::join(names, ", "))};
    }
    if (route->moved && route->base_url == base_url) return Ok{};  // for the row before
    auto there = moved(*route, base_url, "--base-url");
    if (!there) return there.error();
    catalog.add_route(*there);
    return Ok{};
}

// The flags of an order, over what was asked before them.
Result<> lay_over(const OrderFlags& order, Asked& asked, Context& context) {
    if (auto text = refuse_broken_text(asked.shot); !text) return text;
    if (auto taken = take_flags(order, asked.wishes); !taken) return taken;
    if (!order.base_url) return Ok{};
    auto catalog = context.catalog();
    if (!catalog) return catalog.error();
    return move_route(*order.base_url, asked.wishes, **catalog);
}

}  // namespace

Result<Defaults> read_defaults(Context& context) {
    auto config = context.config();
    if (!config) return config.error();
    auto defaults = (*config)->defaults;
    for (const auto& [key, variable] : (*config)->variables) {
        json one{{key, defaults[key]}};
        if (auto said = shot::take_shot(one, "$" + variable); !said) return said.error();
        if (auto wish = catalog::take_wishes(one, "$" + variable); !wish) return wish.error();
    }
    auto said = shot::take_shot(defaults, "the configuration");
    if (!said) return said.error();
    json wishes = defaults;
    if (auto checked = catalog::take_wishes(defaults, "the configuration"); !checked) return checked.error();
    for (const auto& [key, value] : defaults.items()) wishes.erase(key);  // flags of a job: others read them
    return Defaults{std::move(*said), std::move(wishes)};
}

Result<Asked> resolve(const ShotFlags& shot, const OrderFlags& order, Context& context) {
    if (shot.prompt == "-" && shot.file == "-") return Error{ErrorKind::usage, "PROMPT and --shot are both -, but stdin can be read once"};
    auto below = read_defaults(context);
    if (!below) return below.error();
    if (shot.file) {
        auto document = read_shot_file(*shot.file, below->shot, context.world.in);
        if (!document) return document.error();
        below->wishes = over(std::move(below->wishes), *document);
    }
    auto wishes = catalog::take_wishes(below->wishes, shot.file.value_or("the configuration"));
    if (!wishes) return wishes.error();
    return resolve({shot.shot, shot.prompt, {}, shot.cleared}, order, context, {std::move(below->shot), std::move(*wishes)});
}

Result<Asked> resolve(const Defaults& defaults, std::initializer_list<const json*> layers, const std::string& name, const std::filesystem::path& folder,
                      const OrderFlags& order, Context& context) {
    Asked asked{defaults.shot, {}};
    json said = json::object();
    for (const auto* given : layers) {
        if (given->empty()) continue;
        auto layer = *given;
        if (const auto shot = layer.find("shot"); shot != layer.end()) {
            auto file = read_shot_of_row(*shot, asked.shot, context.world.in);
            if (!file) return file.error();
            said = over(std::move(said), *file);
            layer.erase(shot);
        }
        auto document = take_document(std::move(layer), name, folder, batch::row_keys(), asked.shot);
        if (!document) return document.error();
        said = over(std::move(said), *document);
    }
    said = over(defaults.wishes, said);
    auto wishes = catalog::take_wishes(said, name);
    if (!wishes) return wishes.error();
    asked.wishes = std::move(*wishes);
    if (auto laid = lay_over(order, asked, context); !laid) return laid.error();
    return asked;
}

Result<Asked> resolve(const ShotFlags& shot, const OrderFlags& order, Context& context, Asked before) {
    auto given = shot.shot;
    std::erase(given.camera, "");
    if (shot.prompt == "-") {
        auto text = core::read_stream(context.world.in, "the text on stdin", longest_text);
        if (!text) return text.error();
        const std::string_view words = *text;
        given.prompt = core::trim(words.starts_with("\xEF\xBB\xBF") ? words.substr(3) : words);
    } else if (shot.prompt) {
        if (auto words = refuse_file_name(*shot.prompt); !words) return words.error();
        given.prompt = *shot.prompt;
    }
    auto kept = without(std::move(before.shot), shot.cleared);
    if (!kept) return kept.error();
    before.shot = shot::merge(std::move(*kept), given);
    if (shot.file) {
        // Over a sidecar: the file's fields win, the flags win over the file.
        Shot file;
        auto document = read_shot_file(*shot.file, file, context.world.in);
        if (!document) return document.error();
        if (!document->empty())
            return Error{ErrorKind::usage, fmt::format("{}: beside --from a shot file holds the fields of a shot alone", *shot.file)};
        kept = without(shot::merge(std::move(before.shot), file), shot.cleared);
        if (!kept) return kept.error();
        before.shot = shot::merge(std::move(*kept), given);
    }
    if (auto laid = lay_over(order, before, context); !laid) return laid.error();
    return before;
}

Result<long> parse_whole(std::string_view flag, std::string_view text, long least, long most) {
    long value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed != std::errc() || end != text.data() + text.size() || value < least || value > most)
        return Error{ErrorKind::usage, fmt::format("{} {} is not a whole number from {} to {}", flag, core::printable(text), least, most)};
    return value;
}

Result<Money> parse_money(std::string_view flag, std::string_view text) {
    // Digits by hand: a float would lose millionths.
    const auto point = std::min(text.find('.'), text.size());
    const auto whole = text.substr(0, point);
    std::string fraction(text.substr(std::min(point + 1, text.size())));
    const auto digits = [](std::string_view part) { return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; }); };
    if (text.empty() || text == "." || !digits(whole) || !digits(fraction) || whole.size() > 9 || fraction.size() > 6)
        return Error{ErrorKind::usage, fmt::format("{} {} is not an amount in US dollars such as 0.50", flag, core::printable(text))};
    fraction.resize(6, '0');
    std::int64_t micros = 0;
    for (const char digit : std::string(whole) + fraction) micros = micros * 10 + (digit - '0');
    return Money{micros};
}

Result<> check_word(std::string_view flag, const std::string& text, const std::vector<std::string>& allowed) {
    if (std::find(allowed.begin(), allowed.end(), text) != allowed.end()) return Ok{};
    return Error{ErrorKind::usage, fmt::format("{} {} is not one of {}", flag, core::printable(text), core::join(allowed, ", "))};
}

}  // namespace shotwire::cli
