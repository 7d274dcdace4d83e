#include "golden/matrix.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

#include "cli/dry_run.hpp"
#include "conformance/orders.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"

namespace shotwire::test {
namespace {

constexpr const char* day = "2026-11-22";
const std::vector<std::string> wanted_ratios = {"16:9", "9:16", "1:1"};

// Variables that are set by name alone, so that --dry-run shows where a key would come from.
std::optional<std::string> key_is_set(const std::string& name) {
    return name.ends_with("_KEY") || name.ends_with("_TOKEN") ? std::optional<std::string>("its value is not read") : std::nullopt;
}

const catalog::Model& on_route(const catalog::Model& model, const catalog::Route& route) {
    for (const auto& there : model.routes)
        if (there.route == route.name && there.differing) return *there.differing;
    return model;
}

// Headers by name, and no list where there is one request: what is short is read.
json shortened(const json& requests) {
    json all = json::array();
    for (auto request : requests) {
        json headers = json::object();
        for (const auto& header : request["headers"]) headers[header["name"].get<std::string>()] = header["value"];
        request["headers"] = headers;
        if (request.value("paid", false)) request.erase("paid");
        all.push_back(request);
    }
    if (all.size() == 1) return all[0];
    json numbered = json::object();
    for (std::size_t i = 0; i < all.size(); ++i) numbered[fmt::format("request {}", i + 1)] = all[i];
    return numbered;
}

json difference(const json& before, const json& after) {
    json change = json::object();
    for (const auto& [key, value] : before.items())
        if (!after.contains(key)) change[key] = nullptr;
    for (const auto& [key, value] : after.items()) {
        if (!before.contains(key)) change[key] = value;
        else if (before[key].is_object() && value.is_object()) {
            if (auto inner = difference(before[key], value); !inner.empty()) change[key] = std::move(inner);
        } else if (before[key] != value) change[key] = value;
    }
    return change;
}

Size pixels_of(const std::string& ratio) {
    if (ratio == "9:16") return {720, 1280};
    if (ratio == "1:1") return {960, 960};
    return {1280, 720};
}

Image picture(ImageRole role, bool file, Size pixels, int number) {
    const auto name = fmt::format("{}-{}.png", catalog::to_string(role), number);
    if (!file) return {role, "https://pictures.example/" + name, "", "", {}, nullptr};
    const auto bytes = fmt::format("\x89PNG of {}", name);
    return {role, name, "image/png", core::sha256_hex(bytes), pixels, std::make_shared<const std::string>(bytes)};
}

std::string printed(const std::vector<std::pair<std::string, json>>& changes, const char* title) {
    std::string text;
    for (const auto& [name, change] : changes) text += fmt::format("{}\n      {}: {}", text.empty() ? "" : ",", json(name).dump(), core::dump(change));
    return text.empty() ? "" : fmt::format(",\n    \"{}\": {{{}\n    }}", title, text);
}

std::string indented(const std::string& text) {
    std::string out;
    for (const char letter : text) {
        out += letter;
        if (letter == '\n') out += "    ";
    }
    return out;
}

}  // namespace

json change_of(const json& before, const json& after) {
    auto change = before.is_object() && after.is_object() ? difference(before, after) : json{{"instead", after}};
    return changed(before, change) == after ? change : json{{"instead", after}};
}

json changed(const json& before, const json& change) {
    if (change.contains("instead")) return change["instead"];
    auto after = before;
    after.merge_patch(change);
    return after;
}

Matrix::Matrix(const catalog::Catalog& catalog, const catalog::Route& route, const catalog::Model& model, FakeProvider& provider)
    : catalog_(catalog), route_(route), model_(on_route(model, route)), provider_(provider) {
    for (const auto& kind : pictures()) families_.emplace_back(kind, family(kind));
}

std::vector<std::string> Matrix::pictures() const {
    std::vector<std::string> kinds = {"text"};
    for (const auto& [role, limits] : model_.images) {
        if (limits.most == 0) continue;
        auto name = std::string(catalog::to_string(role));
        std::replace(name.begin(), name.end(), '_', ' ');
        if (limits.file) kinds.push_back(name);
        if (limits.url) kinds.push_back(name + " by URL");
    }
    return kinds;
}

std::vector<std::string> Matrix::ratios() const {
    std::vector<std::string> known;
    for (const auto& ratio : wanted_ratios)
        if (std::find(model_.ratios.begin(), model_.ratios.end(), ratio) != model_.ratios.end()) known.push_back(ratio);
    if (known.empty()) known.push_back(model_.ratios.empty() ? "" : model_.ratios.front());
    return known;
}

std::vector<std::string> Matrix::options() const {
    std::vector<std::string> all;
    if (model_.audio == catalog::Audio::optional) all = {"audio off", "audio on"};
    if (model_.most_seed) all.push_back("seed");
    if (model_.prompt.negative_field) all.push_back("negative prompt");
    return all;
}

std::vector<std::string> Matrix::extras() const {
    std::vector<std::string> all;
    for (const auto& resolution : model_.resolutions)
        if (resolution != model_.default_resolution) all.push_back("resolution " + resolution);
    const auto& lengths = model_.lengths;
    auto seconds = lengths.list;
    if (seconds.empty() && lengths.most > 0) seconds = {lengths.least, lengths.most};
    for (const auto length : seconds)
        if (length != model_.default_seconds) all.push_back(core::print_number(length) + " seconds");
    for (const auto fps : model_.fps)
        if (fps != model_.default_fps) all.push_back(fmt::format("{} fps", fps));
    for (const auto& [move, word] : model_.camera) all.push_back("camera " + move);
    return all;
}

std::vector<Image> Matrix::images_of(const std::string& pictures, const std::string& ratio) const {
    if (pictures == "text") return {};
    const bool file = !pictures.ends_with(" by URL");
    auto word = pictures.substr(0, pictures.size() - (file ? 0 : 7));
    std::replace(word.begin(), word.end(), ' ', '_');
    const auto role = *catalog::role_from(word);
    const auto& limits = model_.images.at(role);
    // Pixels as the clip has them, for rows that insist on it.
    auto pixels = pixels_of(ratio);
    if (auto words = plan({"text", ratio, ""}); words && words->order.size) pixels = *words->order.size;
    std::vector<Image> images;
    if (limits.needs) images.push_back(picture(*limits.needs, file && model_.images.at(*limits.needs).file, pixels, 1));
    const int count = role == ImageRole::reference ? std::min(limits.most, 2) : 1;
    for (int number = 1; number <= count; ++number) images.push_back(picture(role, file, pixels, number));
    return images;
}

bool Matrix::follows(const std::vector<Image>& images) const {
    return std::any_of(images.begin(), images.end(), [&](const Image& image) { return model_.images.at(image.role).sets_ratio; });
}

Result<catalog::Plan> Matrix::plan(const Case& wanted) const {
    Shot shot;
    shot.subject = "a paper boat";
    shot.action = "crosses a puddle";
    catalog::Wishes wishes;
    wishes.model = model_.id;
    wishes.via = route_.name;
    auto images = images_of(wanted.pictures, wanted.ratio);
    if (!wanted.ratio.empty() && !follows(images)) wishes.ratio = *catalog::parse_ratio(wanted.ratio);
    const auto& option = wanted.option;
    const auto space = option.find(' ');
    const auto first = option.substr(0, space), rest = space == std::string::npos ? "" : option.substr(space + 1);
    if (first == "audio") wishes.audio = rest == "on";
    else if (option == "seed") wishes.seed = 7;
    else if (option == "size") wishes.size = images.front().pixels.width > 0 && !model_.sizes.empty() ? images.front().pixels : Size{1280, 720};
    else if (option == "negative prompt") shot.negative_prompt = "text, logo";
    else if (first == "resolution") wishes.resolution = rest;
    else if (rest == "seconds") wishes.seconds = std::stod(first);
    else if (rest == "fps") wishes.fps = std::stoi(first);
    else if (first == "camera") shot.camera = {rest};
    // Rows that have ended are asked for on the day before.
    auto today = *core::parse_iso_time(day);
    if (const auto end = core::parse_iso_time(model_.life.retired)) today = std::min(today, *end - std::chrono::hours(24));
    auto made = catalog::plan(catalog_, shot, wishes, std::move(images), today);
    if (auto* problems = std::get_if<std::vector<catalog::Problem>>(&made)) {
        std::vector<std::string> sentences;
        for (const auto& problem : *problems) sentences.push_back(problem.message);
        return Error{ErrorKind::usage, core::join(sentences, " ")};
    }
    return std::get<catalog::Plan>(std::move(made));
}

json Matrix::run(const Case& wanted) {
    ++cases_;
    const auto name = fmt::format("{} {} {}", wanted.pictures, wanted.ratio, wanted.option);
    auto made = plan(wanted);
    if (!made) return {{"refused", made.error().message}};
    auto shown = cli::dry_run(*made, key_is_set, *core::parse_iso_time(day));
    if (!shown) {
        // What the catalogue lets through the backend must take.
        faults_.push_back(fmt::format("{}: {}", name, shown.error().message));
        return {{"refused by the backend", shown.error().message}};
    }
    check(name, made->order);
    return shortened((*shown)["requests"]);
}

// The same order at the provider of the contract.
void Matrix::check(const std::string& name, const Order& order) {
    auto deps = deps_of(provider_.contract(), "", route_.dialect);
    deps.route = route_.name;
    deps.moved = route_.moved;
    const auto sold = provider_.book().size(), leaks = provider_.leaks().size();
    auto accepted = walk(backend::find_entry(route_.backend)->make(deps)->submit(order, any_intent(fmt::format("attempt-{}", cases_))), provider_);
    if (!accepted) faults_.push_back(fmt::format("{}: {}: {}", name, accepted.error().message, provider_.complaint()));
    else if (provider_.book().size() != sold + 1) faults_.push_back(fmt::format("{}: {} paid requests", name, provider_.book().size() - sold));
    else if (provider_.leaks().size() != leaks) faults_.push_back(fmt::format("{}: {}", name, provider_.leaks().back()));
}

Matrix::Family Matrix::family(const std::string& pictures) {
    const auto all_ratios = ratios();
    auto all_options = options();
    // The ratio is the picture's, whatever shape the size has.
    if (follows(images_of(pictures, all_ratios.front()))) all_options.push_back("size");
    Family made;
    made.first = run({pictures, all_ratios.front(), ""});
    std::map<std::string, json> change;
    const auto single = [&](const std::string& name, const Case& wanted) {
        change[name] = change_of(made.first, run(wanted));
        made.changes.emplace_back(name, change[name]);
    };
    for (std::size_t i = 1; i < all_ratios.size(); ++i) single(all_ratios[i], {pictures, all_ratios[i], ""});
    for (const auto& option : all_options) single(option, {pictures, all_ratios.front(), option});
    for (std::size_t i = 1; i < all_ratios.size(); ++i)
        for (const auto& option : all_options) {
            const auto got = run({pictures, all_ratios[i], option});
            const auto both = changed(changed(made.first, change[all_ratios[i]]), change[option]);
            if (got != both) made.together.emplace_back(all_ratios[i] + ", " + option, change_of(made.first, got));
        }
    if (pictures != "text") return made;
    for (const auto& extra : extras()) single(extra, {pictures, all_ratios.front(), extra});
    return made;
}

std::string Matrix::text() const {
    std::string text;
    for (const auto& [name, family] : families_) {
        text += fmt::format("{}\n  {}: {{\n    {}: {}{}{}\n  }}", text.empty() ? "{" : ",", json(name).dump(), json(ratios().front()).dump(),
                            indented(core::dump(family.first, 2)), printed(family.changes, "changes"), printed(family.together, "together"));
    }
    return text + "\n}\n";
}

}  // namespace shotwire::test
