#include "cli/model_page.hpp"

#include <spdlog/fmt/fmt.h>

#include "catalog/plan.hpp"
#include "cli/routes.hpp"
#include "core/text.hpp"
#include "report/table.hpp"

namespace shotwire::cli {
namespace {

constexpr std::size_t indent = 14, width = 100;

// A name and what is to be said of it, wrapped.
class Page {
public:
    void line(const char* name, const std::string& said) {
        if (said.empty()) return;
        text += report::wrapped(name, said, indent, width);
    }
    std::string text = {};
};

std::string life_of(const catalog::Life& life, core::Wall today) {
    std::vector<std::string> parts;
    if (!life.since.empty()) parts.push_back("since " + life.since);
    if (!life.retired.empty())
        parts.push_back((life.retired <= core::iso_day(today) ? "retired " : "until ") + life.retired);
    if (!life.earliest.empty()) parts.push_back(fmt::format("until {} or later", life.earliest));
    return core::join(parts, ", ");
}

std::string audio_of(catalog::Audio audio) {
    switch (audio) {
        case catalog::Audio::never: return "never";
        case catalog::Audio::always: return "always";
        case catalog::Audio::untold: return "untold";
        case catalog::Audio::optional: break;
    }
    return "optional";
}

std::string sizes_of(const catalog::Model& model) {
    if (model.any_size) return fmt::format("any, sides of {} to {}", model.least_side, model.most_side);
    std::vector<std::string> sizes;
    for (const auto& size : model.sizes) sizes.push_back(to_string(size.size));
    return core::join(sizes, ", ");
}

std::string fps_of(const catalog::Model& model) {
    if (model.most_fps > 0) return fmt::format("{} to {}", model.least_fps, model.most_fps);
    std::vector<std::string> rates;
    for (const int rate : model.fps) rates.push_back(std::to_string(rate));
    return rates.empty() && model.default_fps ? std::to_string(model.default_fps) : core::join(rates, ", ");
}

std::string picture_of(ImageRole role, const catalog::ImageLimits& limits) {
    std::vector<std::string> parts;
    if (limits.most > 1) parts.push_back(fmt::format("at most {}", limits.most));
    std::vector<std::string> ways;
    if (limits.file) ways.emplace_back("file");
    if (limits.url) ways.emplace_back("URL");
    if (limits.bucket) ways.emplace_back("gs:// address");
    parts.push_back(core::join(ways, " or "));
    std::vector<std::string> types;
    for (const auto& type : limits.media_types) types.push_back(type.substr(type.find('/') + 1));
    if (!types.empty()) parts.push_back(core::join(types, " "));
    if (limits.most_bytes) parts.push_back(fmt::format("up to {:.0f} MB", double(limits.most_bytes) / 1e6));
    if (limits.least_side || limits.most_side)
        parts.push_back(fmt::format("sides from {}{}", limits.least_side, limits.most_side ? fmt::format(" to {}", limits.most_side) : ""));
    if (limits.most_ratio > 0) parts.push_back(fmt::format("ratio {:g} to {:g}", limits.least_ratio, limits.most_ratio));
    if (!limits.alpha) parts.push_back("a PNG without transparency");
    if (limits.exact_size) parts.push_back("in the clip's own pixels");
    if (limits.sets_ratio) parts.push_back("sets the clip's ratio");
    if (limits.needs) parts.push_back("with " + catalog::flag_of(*limits.needs));
    return fmt::format("{}: {}", catalog::flag_of(role), core::join(parts, ", "));
}

std::string condition_of(const catalog::Condition& condition) {
    std::vector<std::string> parts;
    for (const auto& [axis, values] : condition)
        parts.push_back(fmt::format("{} {}", axis == "image" ? "picture" : axis, core::join(values, "/")));
    return core::join(parts, ", ");
}

std::string rate_of(const catalog::Rate& rate) {
    std::vector<std::string> when;
    if (!rate.resolution.empty()) when.push_back(rate.resolution);
    if (rate.seconds) when.push_back(core::print_number(*rate.seconds) + " s");
    if (rate.audio) when.push_back(*rate.audio ? "with sound" : "without sound");
    if (rate.image) when.push_back(*rate.image ? "with a picture" : "without a picture");
    if (rate.operation != Operation::create) when.emplace_back(catalog::to_string(rate.operation));
    return fmt::format("{}{}{}", rate.per_clip ? "USD " + to_string(*rate.per_clip) + " a clip" : "USD " + to_string(rate.per_second) + " a second",
                       when.empty() ? "" : ": ", core::join(when, ", "));
}

void print_prices(Page& page, const catalog::Prices& prices) {
    const char* name = "price";
    const auto line = [&](const std::string& text) {
        page.line(name, text);
        name = "";
    };
    if (prices.free) return line("free");
    for (const auto& rate : prices.rates) line((prices.at_most ? "at most " : "") + rate_of(rate));
    if (prices.per_thousand_tokens)
        line("USD " + to_string(*prices.per_thousand_tokens) + " a thousand tokens (width x height x frames / 1024)");
    for (const auto& [resolution, price] : prices.token_rates)
        line(fmt::format("USD {} a thousand tokens: {}", to_string(price), resolution));
    if (prices.rates.empty() && !prices.per_thousand_tokens) line("unknown");
    if (!prices.as_of.empty()) line(fmt::format("list of {}: {}", prices.as_of, prices.source));
}

void print_route(Page& page, const catalog::Catalog& catalog, const catalog::ModelRoute& there, const char* name) {
    const auto* route = catalog.find_route(there.route);
    if (!route) return;
    const auto key = route->key_needed ? (route->ready ? "its key is set" : "key: " + key_source(*route).shown()) : std::string("no key");
    page.line(name, fmt::format("{}: {} ({})", there.route, catalog::with_values(there.id, route->values), key));
    std::vector<std::string> differing;
    for (const auto& [part, unused] : there.more.items()) differing.push_back(part == "audio" ? "sound" : part);
    if (!differing.empty())
        page.line("", fmt::format("  differs there: {}; see models show {}:{}", core::join(differing, ", "), there.route, there.id));
}

}  // namespace

std::string model_page(const catalog::Catalog& catalog, const catalog::Model& model, core::Wall today) {
    Page page;
    page.line("model", model.id);
    page.line("title", model.title + (model.maker.empty() ? "" : ", by " + model.maker));
    page.line("also", core::join(model.aliases, ", "));
    page.line("good at", core::join(model.strengths, ", "));
    page.line("life", life_of(model.life, today));
    page.line("", model.life.note);
    page.line("followed by", core::join(model.life.successors, ", "));
    for (const auto& there : model.routes) print_route(page, catalog, there, &there == &model.routes.front() ? "routes" : "");
    page.line("seconds", model.lengths.print());
    page.line("ratios", core::join(model.ratios, ", "));
    page.line("resolutions", core::join(model.resolutions, ", "));
    page.line("sizes", sizes_of(model));
    page.line("fps", fps_of(model));
    page.line("sound", audio_of(model.audio));
    const char* name = "pictures";
    for (const auto& [role, limits] : model.images) {
        page.line(name, picture_of(role, limits));
        name = "";
    }
    name = "rules";
    for (const auto& rule : model.rules) {
        page.line(name, fmt::format("{}: only {}{}", condition_of(rule.when), condition_of(rule.only),
                                    rule.why.empty() ? "" : " (" + rule.why + ")"));
        name = "";
    }
    std::vector<std::string> operations, moves;
    for (const auto operation : model.operations) operations.push_back(fmt::format("--{}", catalog::to_string(operation)));
    page.line("operations", core::join(operations, ", "));
    page.line("seed", model.most_seed ? "yes" : "no");
    page.line("negatives", model.prompt.negative_field ? "in a field of their own" : "as words of the prompt");
    for (const auto& [move, word] : model.camera) moves.push_back(move);
    page.line("camera", moves.empty() ? "" : "native: " + core::join(moves, ", "));
    page.line("prompt", model.prompt.limit ? fmt::format("at most {} characters", model.prompt.limit) : "");
    page.line("", model.advice.characters ? fmt::format("at most {} characters are advised", model.advice.characters) : "");
    page.line("", model.advice.chinese ? fmt::format("at most {} Chinese characters are advised", model.advice.chinese) : "");
    page.line("", model.advice.words ? fmt::format("at most {} words are advised", model.advice.words) : "");
    std::vector<std::string> fields;
    for (const auto field : model.prompt.order) fields.emplace_back(shot::to_string(field));
    page.line("", fields.empty() ? "" : "order: " + core::join(fields, ", "));
    page.line("takes about", model.expected_seconds > 0 ? core::print_length(catalog::expected_time(&model, model.default_seconds)) +
                                                              " for " + core::print_number(model.default_seconds) + " s"
                                                        : "");
    print_prices(page, model.prices);
    page.line("note", model.note);
    return page.text;
}

}  // namespace shotwire::cli
