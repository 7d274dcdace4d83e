#include "catalog/row.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "catalog/measures.hpp"
#include "core/text.hpp"
#include "shot/camera.hpp"

namespace shotwire::catalog {
namespace {

constexpr std::int64_t most_whole = 9007199254740991;  // 2^53 - 1: every JSON reader keeps it exactly
const std::vector<std::string> wishes_of_an_operation{"seconds", "size", "fps", "seed", "audio", "images"};

std::vector<std::string> axes() { return {"resolution", "ratio", "seconds", "fps", "audio", "image", "operation", "camera"}; }

Money dollars(Fields& fields, const std::string& key) { return {std::llround(fields.number(key, 0, 1e6) * 1e6)}; }

}  // namespace

Condition read_condition(Fields& fields, const std::string& key) {
    Condition condition;
    Fields part(fields, key);
    for (const auto& axis : axes())
        if (part.has(axis)) condition[axis] = part.texts(axis);
    fields.take(part);
    return condition;
}

namespace {

void read_life(Fields& fields, Model& model) {
    Fields life(fields, "life");
    model.life.since = life.text("since");
    model.life.retired = life.text("retired");
    model.life.earliest = life.text("earliest");
    model.life.successors = life.texts("successors");
    model.life.note = life.text("note");
    for (const char* key : {"since", "retired", "earliest"})
        if (const auto day = life.text(key); !day.empty() && !core::parse_iso_time(day)) life.fail(key, "a day such as 2026-09-24");
    fields.take(life);
}

void read_seconds(Fields& fields, Model& model) {
    if (!fields.has("seconds")) return;  // not told, and none can be asked for
    Fields seconds(fields, "seconds");
    auto& lengths = model.lengths;
    lengths.list = seconds.numbers("list");
    std::sort(lengths.list.begin(), lengths.list.end());
    lengths.doubtful = seconds.numbers("doubtful");
    lengths.least = seconds.number("least", 0, 86400);
    lengths.most = seconds.number("most", 0, 86400);
    lengths.step = seconds.number("step", 0, 3600);
    model.default_seconds = seconds.number("default", 0, 86400);
    if (lengths.list.empty() && !(lengths.most > 0 && lengths.least <= lengths.most))
        seconds.say(fmt::format("{} needs a \"list\", or \"least\" and \"most\" in that order", seconds.where()));
    if (seconds.error().empty() && model.default_seconds == 0)
        model.default_seconds = lengths.list.empty() ? lengths.least : lengths.list.front();
    if (!lengths.allows(model.default_seconds)) seconds.fail("default", lengths.print());
    fields.take(seconds);
}

AspectRatio read_ratio(Fields& fields, const std::string& key) {
    const auto ratio = parse_ratio(fields.text(key));
    if (ratio) return *ratio;
    fields.fail(key, "a ratio such as 16:9");
    return {16, 9};
}

template <class T>
void add_once(std::vector<T>& list, const T& value) {
    if (std::find(list.begin(), list.end(), value) == list.end()) list.push_back(value);
}

void read_sizes(Fields& fields, Model& model) {
    model.ratios = fields.texts("ratios");
    model.resolutions = fields.texts("resolutions");
    for (const auto& ratio : model.ratios)
        if (!parse_ratio(ratio)) fields.fail("ratios", "ratios such as 16:9");
    for (const auto& resolution : model.resolutions)
        if (lines_of(resolution) == 0) fields.fail("resolutions", "names such as 720p or 4k");
    for (const auto& row : fields.objects("sizes")) {
        Fields part(fields, "sizes", row);
        OutputSize size;
        if (const auto pixels = parse_size(part.text("size")))
            size.size = *pixels;
        else
            part.fail("size", "pixels such as 1280x720");
        size.resolution = part.text("resolution");
        if (lines_of(size.resolution) == 0) part.fail("resolution", "a name such as 720p or 4k");
        size.ratio = read_ratio(part, "ratio");
        fields.take(part);
        model.sizes.push_back(size);
        add_once(model.ratios, to_string(size.ratio));
        add_once(model.resolutions, size.resolution);
    }
    std::stable_sort(model.resolutions.begin(), model.resolutions.end(),
                     [](const auto& a, const auto& b) { return lines_of(a) < lines_of(b); });
    if ((model.any_size = fields.has("any_size"))) {
        Fields any(fields, "any_size");
        model.least_side = int(any.whole("least", 2, 16384, 2));
        model.most_side = int(any.whole("most", model.least_side, 16384, 4096));
        fields.take(any);
    }
}

void read_fps(Fields& fields, Model& model) {
    Fields fps(fields, "fps");
    for (const double rate : fps.numbers("list")) model.fps.push_back(int(rate));
    model.least_fps = int(fps.whole("least", 1, 240));
    model.most_fps = int(fps.whole("most", 1, 240));
    model.default_fps = int(fps.whole("default", 1, 240));
    fields.take(fps);
}

void read_default(Fields& fields, Model& model) {
    Fields wanted(fields, "default");
    const auto first = [](const std::vector<std::string>& list) { return list.empty() ? std::string() : list.front(); };
    model.default_ratio = first(model.ratios);
    model.default_resolution = first(model.resolutions);
    if (!model.ratios.empty()) model.default_ratio = wanted.one_of("ratio", model.ratios, model.default_ratio);
    if (!model.resolutions.empty()) model.default_resolution = wanted.one_of("resolution", model.resolutions, model.default_resolution);
    model.default_audio = wanted.flag("audio", true);
    fields.take(wanted);
}

void read_audio(Fields& fields, Model& model) {
    const auto word = fields.one_of("audio", {"never", "optional", "always", "untold"}, "never");
    model.audio = word == "always" ? Audio::always : word == "optional" ? Audio::optional : word == "untold" ? Audio::untold : Audio::never;
}

void read_images(Fields& fields, Model& model) {
    Fields images(fields, "images");
    for (const auto role : {ImageRole::first_frame, ImageRole::last_frame, ImageRole::reference}) {
        const std::string key(to_string(role));
        if (!images.has(key)) continue;
        Fields part(images, key);
        auto& limits = model.images[role];
        limits.most = int(part.whole("most", 0, 1000, 1));
        limits.media_types = part.texts("types");
        limits.most_bytes = std::size_t(part.whole("most_bytes", 0, most_whole));
        limits.exact_size = part.flag("exact_size", false);
        limits.alpha = part.flag("alpha", true);
        limits.file = part.flag("file", true);
        limits.url = part.flag("url", false);
        limits.bucket = part.flag("bucket", false);
        limits.least_side = int(part.whole("least_side", 0, 100000));
        limits.most_side = int(part.whole("most_side", 0, 100000));
        limits.least_ratio = part.number("least_ratio", 0, 1000);
        limits.most_ratio = part.number("most_ratio", 0, 1000);
        limits.sets_ratio = part.flag("sets_ratio", false);
        if (part.has("needs")) limits.needs = role_from(part.one_of("needs", {"first_frame", "last_frame", "reference"}, ""));
        images.take(part);
    }
    fields.take(images);
}

void read_rules(Fields& fields, Model& model) {
    for (const auto& row : fields.objects("rules")) {
        Fields part(fields, "rules", row);
        part.require("when");
        part.require("only");
        Rule rule{read_condition(part, "when"), read_condition(part, "only"), part.text("why")};
        fields.take(part);
        model.rules.push_back(std::move(rule));
    }
}

void read_operations(Fields& fields, Model& model) {
    Fields operations(fields, "operations");
    for (const auto operation : {Operation::remix, Operation::edit, Operation::extend}) {
        const std::string key(to_string(operation));
        if (!operations.has(key)) continue;
        auto wishes = operations.texts(key);
        for (const auto& wish : wishes)
            if (std::find(wishes_of_an_operation.begin(), wishes_of_an_operation.end(), wish) == wishes_of_an_operation.end())
                operations.fail(key, "a list of " + core::join(wishes_of_an_operation, ", "));
        model.operations.push_back(operation);
        model.operation_wishes[operation] = std::move(wishes);
    }
    fields.take(operations);
}

void read_prompt(Fields& fields, Model& model) {
    Fields prompt(fields, "prompt");
    const auto form = prompt.one_of("form", {"prose", "labelled", "phrases"}, "prose");
    using Form = shot::PromptStyle::Form;
    model.prompt.form = form == "labelled" ? Form::labelled : form == "phrases" ? Form::phrases : Form::prose;
    for (const auto& word : prompt.texts("order")) {
        if (const auto field = shot::field_from(word))
            model.prompt.order.push_back(*field);
        else
            prompt.fail("order", "fields of a shot, such as subject");
    }
    model.prompt.limit = std::size_t(prompt.whole("limit", 0, 10'000'000));
    model.prompt.negative_field = prompt.has("negative");
    Fields negative(prompt, "negative");
    model.prompt.negative_limit = std::size_t(negative.whole("limit", 0, 10'000'000));
    prompt.take(negative);
    model.advice.words = std::size_t(prompt.whole("words_advised", 0, 10'000'000));
    model.advice.characters = std::size_t(prompt.whole("characters_advised", 0, 10'000'000));
    model.advice.chinese = std::size_t(prompt.whole("chinese_advised", 0, 10'000'000));
    model.advice.dialogue_in_quotes = prompt.flag("dialogue_in_quotes", false);
    model.advice.present_tense = prompt.flag("present_tense", false);
    fields.take(prompt);
}

void read_price(Fields& fields, Model& model) {
    Fields price(fields, "price");
    auto& prices = model.prices;
    prices.free = price.flag("free", false);
    prices.at_most = price.flag("at_most", false);
    prices.as_of = price.text("as_of");
    prices.source = price.text("source");
    if (!prices.as_of.empty() && !core::parse_iso_time(prices.as_of.size() == 7 ? prices.as_of + "-01" : prices.as_of))
        price.fail("as_of", "a day or a month such as 2026-09-24 or 2026-09");
    for (const auto& row : price.objects("rates")) {
        Fields part(price, "rates", row);
        Rate rate;
        rate.resolution = part.text("resolution");
        rate.audio = part.flag("audio");
        rate.image = part.flag("image");
        if (part.has("seconds")) rate.seconds = part.number("seconds", 0, 86400);
        rate.operation =
            operation_from(part.one_of("operation", {"create", "remix", "edit", "extend"}, "create")).value_or(Operation::create);
        rate.per_second = dollars(part, "per_second");
        if (part.has("per_clip"))
            rate.per_clip = dollars(part, "per_clip");
        else
            part.require("per_second");
        price.take(part);
        prices.rates.push_back(rate);
    }
    if (price.has("tokens")) {
        Fields tokens(price, "tokens");
        prices.per_thousand_tokens = dollars(tokens, "per_thousand");
        const auto& differing = tokens.object("by_resolution");
        Fields by(tokens, "by_resolution", differing);
        for (const auto& [resolution, unused] : differing.items()) prices.token_rates[resolution] = dollars(by, resolution);
        tokens.take(by);
        price.take(tokens);
    }
    fields.take(price);
}

void read_camera(Fields& fields, Model& model) {
    const auto& moves = fields.object("camera");
    Fields camera(fields, "camera", moves);
    std::vector<std::string> ids;
    for (const auto& move : shot::vocabulary()) ids.emplace_back(move.id);
    for (const auto& [move, unused] : moves.items()) {
        model.camera[move] = camera.text(move);
        if (std::find(ids.begin(), ids.end(), move) == ids.end())
            camera.say(fmt::format("{} names the move \"{}\"; known are {}", camera.where(), core::printable(move), core::join(ids, ", ")));
    }
    fields.take(camera);
}

const std::vector<std::string> form_parts{"prompt", "negative_prompt", "seconds", "frames",      "ratio",      "resolution", "size",  "width", "height",
                                          "fps",    "seed",            "audio",   "first_frame", "last_frame", "reference",  "camera", "model"};

// A part is the name of a field, or an object that tells its type too; null: the endpoint implies it and nothing is sent. Over
// another form a part replaces that one's, also by null.
void check_part(Fields& form, const std::string& key) {
    Fields part(form, key);
    part.require("name");
    part.text("name");
    part.one_of("as", {"string", "integer", "number", "boolean"}, "");
    part.text("suffix");
    part.object("words");
    part.flag("list", false);
    form.take(part);
}

json read_form(Fields& fields, const std::string& key, bool over_another) {
    const auto& given = fields.object(key);
    Fields form(fields, key, given);
    for (const auto& name : form_parts) {
        if (!form.has(name)) continue;
        const auto& part = given.at(name);
        if (part.is_object())
            check_part(form, name);
        else if (!part.is_null() && !part.is_string())
            form.fail(name, "the name of a field, an object with it, null");
    }
    form.object("fixed");
    if (!over_another && !given.empty()) form.require("prompt");
    fields.take(form);
    return given;
}

void read_routes(Fields& fields, Model& model) {
    fields.require("routes");
    for (const auto& row : fields.objects("routes")) {
        Fields part(fields, "routes", row);
        part.require("route");
        part.require("id");
        ModelRoute route;
        route.route = part.text("route");
        route.id = part.text("id");
        route.aliases = part.texts("aliases");
        route.snapshots = part.texts("snapshots");
        route.more = part.object("limits");
        route.form = read_form(part, "form", false);
        for (const auto& other : part.objects("variants")) {
            Fields variant(part, "variants", other);
            variant.require("when");
            variant.require("id");
            route.variants.push_back({read_condition(variant, "when"), variant.text("id"), read_form(variant, "form", true), variant.texts("aliases"),
                                      variant.texts("snapshots")});
            part.take(variant);
        }
        fields.take(part);
        model.routes.push_back(std::move(route));
    }
    if (model.routes.empty()) fields.say(fmt::format("{}: \"routes\" is empty; name at least one", fields.where()));
}

// What a model can do and costs: all but its names and routes, and so what may differ from route to route.
void read_limits(Fields& fields, Model& model) {
    model.title = fields.text("title", model.id);
    model.maker = fields.text("maker");
    read_life(fields, model);
    read_seconds(fields, model);
    read_sizes(fields, model);
    read_fps(fields, model);
    read_default(fields, model);
    read_audio(fields, model);
    read_images(fields, model);
    read_rules(fields, model);
    read_operations(fields, model);
    read_prompt(fields, model);
    read_price(fields, model);
    read_camera(fields, model);
    Fields seed(fields, "seed");
    if (fields.has("seed")) model.most_seed = std::uint64_t(seed.whole("most", 1, most_whole, most_whole));
    fields.take(seed);
    Fields expected(fields, "expected");
    model.expected_seconds = expected.number("seconds", 0, 86400);
    model.expected_per_second = expected.number("per_second", 0, 86400);
    fields.take(expected);
    model.strengths = fields.texts("strengths");
    model.note = fields.text("note");
}

// The row as it differs on one route is a Model itself, so that a plan looks at one only.
Result<> read_differing(const json& row, const std::string& where, Model& model) {
    for (auto& route : model.routes) {
        if (route.more.empty()) continue;
        const auto there = fmt::format("{}, limits of route \"{}\"", where, route.route);
        for (const char* key : {"id", "aliases", "routes"})
            if (route.more.contains(key)) return Error{ErrorKind::usage, fmt::format("{}: \"{}\" cannot differ", there, key)};
        Fields fields(route.more, row, there);
        Model differing;
        for (const char* key : {"id", "aliases", "routes"}) fields.has(key);
        differing.id = model.id;
        differing.aliases = model.aliases;
        read_limits(fields, differing);
        if (auto error = fields.error(); !error.empty()) return Error{ErrorKind::usage, std::move(error)};
        route.differing = std::make_shared<const Model>(std::move(differing));
    }
    return Ok{};
}

}  // namespace

Result<Model> read_model(const json& row, const std::string& where) {
    Fields fields(row, where);
    Model model;
    fields.require("id");
    model.id = fields.text("id");
    model.aliases = fields.texts("aliases");
    read_routes(fields, model);
    read_limits(fields, model);
    if (auto error = fields.error(); !error.empty()) return Error{ErrorKind::usage, std::move(error)};
    if (auto read = read_differing(row, where, model); !read) return read.error();
    return model;
}

}  // namespace shotwire::catalog
