#include "catalog/plan.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>

#include "catalog/draft.hpp"
#include "catalog/measures.hpp"
#include "catalog/target.hpp"
#include "core/text.hpp"
#include "shot/camera.hpp"

namespace shotwire::catalog {
namespace {

std::string seconds_text(double seconds) { return core::print_number(seconds); }

void choose_seconds(const Model& model, Draft& draft) {
    auto& seconds = draft.choice.seconds;
    seconds = draft.wishes.seconds.value_or(model.default_seconds);
    if (model.lengths.allows(seconds)) {
        seconds = model.lengths.nearest(seconds);
        const auto& doubtful = model.lengths.doubtful;
        if (std::find(doubtful.begin(), doubtful.end(), seconds) != doubtful.end())
            draft.notes.push_back(fmt::format("{} is said to take {} s, but its documentation does not say so", draft.name, seconds_text(seconds)));
        return;
    }
    const auto wished = seconds_text(seconds);
    if (!model.lengths.known() && !draft.wishes.fit)
        return draft.refuse("duration", wished, fmt::format("{} takes no --duration", draft.name));
    if (!model.lengths.known()) {
        seconds = 0;
        draft.changes.push_back(fmt::format("no --duration, which {} does not take", draft.name));
        return;
    }
    if (draft.wishes.fit) {
        seconds = model.lengths.nearest(seconds);
        draft.changes.push_back(fmt::format("duration {} s in place of {} s", seconds_text(seconds), wished));
        return;
    }
    std::vector<std::string> allowed;
    for (const double one : model.lengths.list) allowed.push_back(seconds_text(one));
    if (allowed.empty()) allowed = {model.lengths.print()};
    draft.refuse("duration", wished, fmt::format("{} makes no clips of {} s; allowed: {}", draft.name, wished, model.lengths.print()),
                 allowed);
}

void choose_fps(const Model& model, Draft& draft) {
    auto& fps = draft.choice.fps;
    fps = model.default_fps ? model.default_fps : model.fps.empty() ? 0 : model.fps.front();
    if (!draft.wishes.fps || *draft.wishes.fps == fps) return;
    const int wished = *draft.wishes.fps;
    const bool in_range = model.most_fps > 0 && wished >= model.least_fps && wished <= model.most_fps;
    if (in_range || std::find(model.fps.begin(), model.fps.end(), wished) != model.fps.end()) {
        fps = wished;
        return;
    }
    std::vector<std::string> allowed;
    for (const int rate : model.fps) allowed.push_back(std::to_string(rate));
    if (model.most_fps > 0)
        allowed = {fmt::format("{} to {}", model.least_fps, model.most_fps)};
    else if (allowed.empty() && fps)
        allowed = {std::to_string(fps)};
    if (!draft.wishes.fit)
        return draft.refuse("fps", std::to_string(wished),
                            allowed.empty() ? fmt::format("{} takes no --fps", draft.name)
                                            : fmt::format("{} makes no {} fps; allowed: {}", draft.name, wished, core::join(allowed, ", ")),
                            allowed);
    if (model.most_fps > 0)
        fps = std::clamp(wished, model.least_fps, model.most_fps);
    else if (!model.fps.empty())
        fps = *std::min_element(model.fps.begin(), model.fps.end(),
                                [&](int a, int b) { return std::abs(a - wished) < std::abs(b - wished); });
    draft.changes.push_back(fps ? fmt::format("{} fps in place of {}", fps, wished)
                                : fmt::format("no --fps, which {} does not take", draft.name));
}

void choose_audio(const Model& model, Draft& draft) {
    const auto wished = draft.wishes.audio;
    auto& audio = draft.choice.audio;
    audio = model.audio == Audio::always || (model.audio == Audio::optional && wished.value_or(model.default_audio));
    if (!wished || (*wished == audio && model.audio != Audio::untold)) return;
    if (model.audio == Audio::untold && draft.wishes.fit)
        return draft.changes.push_back(fmt::format("no wish for sound or silence, which {} does not take", draft.name));
    if (model.audio == Audio::untold)
        return draft.refuse("audio", *wished ? "on" : "off", fmt::format("{} takes neither --audio nor --no-audio", draft.name));
    const std::string always = fmt::format("{} always makes sound", draft.name), never = fmt::format("{} makes no sound", draft.name);
    if (draft.wishes.fit)
        draft.changes.push_back(audio ? always : never);
    else
        draft.refuse("audio", *wished ? "on" : "off", audio ? always + "; --no-audio is not possible" : never + "; --audio is not possible",
                     {audio ? "on" : "off"});
}

void check_seed(const Model& model, Draft& draft) {
    if (!draft.wishes.seed) return;
    const auto seed = *draft.wishes.seed;
    if (!model.most_seed)
        draft.refuse("seed", std::to_string(seed), fmt::format("{} takes no --seed", draft.name));
    else if (const auto further = std::uint64_t(draft.wishes.takes - 1); seed > *model.most_seed || further > *model.most_seed - seed)
        draft.refuse("seed", std::to_string(seed), fmt::format("{} takes seeds from 0 to {}, not {}", draft.name, *model.most_seed, further > 0 && seed <= *model.most_seed ? fmt::format("{} for the last of {} takes", seed + further, further + 1) : std::to_string(seed)),
                     {fmt::format("0 to {}", *model.most_seed - further)});
}

// A remix, edit or extension takes most of its measures from the clip it starts from: a wish for them cannot be sent.
void check_operation(const Model& model, Draft& draft) {
    const auto& wishes = draft.wishes;
    const std::string word(to_string(wishes.operation));
    const auto takes = model.operation_wishes.find(wishes.operation);
    if (takes == model.operation_wishes.end()) {
        std::vector<std::string> known;
        for (const auto operation : model.operations) known.emplace_back(to_string(operation));
        return draft.refuse(word, wishes.source_clip,
                            known.empty() ? fmt::format("{} has no --{}; it makes new clips only", draft.name, word)
                                          : fmt::format("{} has no --{}; it has {}", draft.name, word, core::join(known, ", ")),
                            known);
    }
    if (wishes.source_clip.empty()) draft.refuse(word, "", fmt::format("--{} names no clip to start from", word));
    const auto refuse = [&](bool wished, const char* group, const char* field, const std::string& value, const char* flag) {
        if (wished && std::find(takes->second.begin(), takes->second.end(), group) == takes->second.end())
            draft.refuse(field, value, fmt::format("with --{} {} keeps what its clip has: leave {} out", word, draft.name, flag));
    };
    refuse(wishes.seconds.has_value(), "seconds", "duration", seconds_text(wishes.seconds.value_or(0)), "--duration");
    refuse(wishes.size.has_value(), "size", "size", to_string(wishes.size.value_or(Size{})), "--size");
    refuse(wishes.ratio.has_value(), "size", "aspect_ratio", to_string(wishes.ratio.value_or(AspectRatio{})), "--aspect-ratio");
    refuse(!wishes.resolution.empty(), "size", "resolution", wishes.resolution, "--resolution");
    refuse(wishes.fps.has_value(), "fps", "fps", std::to_string(wishes.fps.value_or(0)), "--fps");
    refuse(wishes.seed.has_value(), "seed", "seed", std::to_string(wishes.seed.value_or(0)), "--seed");
    refuse(wishes.audio.has_value(), "audio", "audio", wishes.audio.value_or(false) ? "on" : "off", "--audio");
    refuse(!draft.images.empty(), "images", "first_frame", std::to_string(draft.images.size()), "pictures");
}

bool takes(const Model& model, Operation operation, const char* wish) {
    if (operation == Operation::create) return true;
    const auto found = model.operation_wishes.find(operation);
    return found != model.operation_wishes.end() && std::find(found->second.begin(), found->second.end(), wish) != found->second.end();
}

void choose_by_row(const Model& model, bool native_camera, Draft& draft) {
    const auto operation = draft.wishes.operation;
    auto& choice = draft.choice;
    choice.native_camera = native_camera;
    choice.operation = operation;
    for (const auto& image : draft.images)
        if (const std::string role(to_string(image.role));
            std::find(choice.images.begin(), choice.images.end(), role) == choice.images.end())
            choice.images.push_back(role);
    if (operation != Operation::create) check_operation(model, draft);
    if (takes(model, operation, "size")) choose_frame(model, draft);
    if (takes(model, operation, "seconds")) choose_seconds(model, draft);
    if (takes(model, operation, "fps")) choose_fps(model, draft);
    if (takes(model, operation, "audio")) choose_audio(model, draft);
    if (takes(model, operation, "seed")) check_seed(model, draft);
    // Rules compare what was chosen; where a choice failed they would only repeat it in other words.
    if (draft.problems.empty()) obey_rules(model, draft);
    if (takes(model, operation, "images")) check_images(model, draft);
}

void fill_by_row(const Model& model, const Draft& draft, Order& order) {
    const auto& choice = draft.choice;
    order.size = choice.size;
    order.resolution = choice.resolution;
    if (const auto ratio = parse_ratio(choice.ratio)) order.ratio = *ratio;
    order.seconds = choice.seconds;
    if (choice.fps) order.fps = choice.fps;
    if (takes(model, order.operation, "audio") && model.audio != Audio::untold) order.audio = choice.audio;
}

// No row: explicit wishes go out as they are.
void fill_freely(const Catalog& catalog, const Route& route, Draft& draft, Order& order) {
    const auto& wishes = draft.wishes;
    order.freely = true;
    order.size = wishes.size;
    order.ratio = wishes.ratio;
    order.resolution = wishes.resolution;
    order.seconds = wishes.seconds.value_or(0);
    order.fps = wishes.fps;
    order.audio = wishes.audio;
    for (const auto& image : draft.images)
        if (in_bucket(image))
            draft.refuse(std::string(to_string(image.role)), image.source, fmt::format("{} of {} cannot be a gs:// address", flag_of(image.role), draft.name));
    if (wishes.size) refuse_conflicts(draft, ratio_of(*wishes.size), {});
    const bool in_words = wishes.ratio || !wishes.resolution.empty();
    if (wishes.operation == Operation::create && !wishes.size && in_words && asks_in_pixels(catalog, route)) {
        const auto lines = lines_of(wishes.resolution.empty() ? "720p" : wishes.resolution);
        if (lines == 0)
            return draft.refuse("resolution", wishes.resolution,
                                fmt::format("the resolution {} is no name such as 720p or 4k", core::printable(wishes.resolution)));
        order.size = pixels_of(wishes.ratio.value_or(AspectRatio{16, 9}), lines);
        draft.notes.push_back(fmt::format("{} is asked for {}", draft.name, to_string(*order.size)));
    }
    if (wishes.operation != Operation::create && wishes.source_clip.empty())
        draft.refuse(std::string(to_string(wishes.operation)), "",
                     fmt::format("--{} names no clip to start from", to_string(wishes.operation)));
}

// The row for an order under one id of several: what the id stands for beside pictures is a limit, to which defaults give way.
Model limited_to(const Target& target) {
    auto model = *target.model;
    for (const auto& variant : target.there->variants) {
        if (variant.id != target.pinned.mode) continue;
        auto only = variant.when;
        only.erase("image");
        if (!only.empty()) model.rules.push_back({{}, std::move(only), target.pinned.sent});
        break;
    }
    return model;
}

// Under which id the route is asked, and how it writes the input. An id that was asked for is not exchanged.
void choose_id(const Target& target, Draft& draft, Order& order) {
    order.remote_model = target.pinned.sent;
    if (!target.there) return;
    auto form = target.there->form;
    auto id = target.there->id;
    for (const auto& variant : target.there->variants) {
        if (!holds(variant.when, draft.choice)) continue;
        id = variant.id;
        form.update(variant.form);
        break;
    }
    const auto& mode = target.pinned.mode;
    if (!mode.empty() && mode != id && draft.problems.empty())
        draft.refuse("model", draft.wishes.model,
                     fmt::format("this order needs {}, not {}: its pictures and resolution decide; -m {} takes what fits", id, target.pinned.sent, target.id),
                     {target.id});
    if (mode.empty()) order.remote_model = id;
    order.remote_model = with_values(order.remote_model, target.route->values);
    if (!form.empty()) order.form = core::dump(form);
}

// The moves of a shot, each once, in the order in which they are said.
std::vector<std::string> moves_of(const Shot& shot) {
    std::vector<std::string> moves;
    for (const auto& text : shot.camera)
        for (const auto& match : shot::find_moves(text))
            if (const std::string id(match.move->id); std::find(moves.begin(), moves.end(), id) == moves.end()) moves.push_back(id);
    return moves;
}

// The first move that the model has a word of its own for; empty: none.
std::string native_move(const Model& model, const std::vector<std::string>& moves) {
    const auto found = std::find_if(moves.begin(), moves.end(), [&](const auto& move) { return model.camera.contains(move); });
    return found == moves.end() ? "" : *found;
}

// Model and provider take one move in their field: what else is asked for stays in words, and that is said.
void choose_camera(const Model& model, const std::vector<std::string>& moves, Draft& draft, Order& order) {
    const auto move = native_move(model, moves);
    if (move.empty()) return;
    if (!draft.choice.native_camera)
        return draft.notes.push_back(fmt::format("the camera move stays in words: with {} {} takes none in its own field", order.resolution, draft.name));
    order.camera_motion = model.camera.at(move);
    if (moves.size() > 1)
        draft.notes.push_back(fmt::format("of {} camera moves {} takes {} alone in its own field; the others stay in words", moves.size(), draft.name, move));
}

// What the route's settings have to do with this order. A host of the user's own knows better.
void check_settings(const Route& route, Draft& draft) {
    if (route.moved) return;
    const auto any_holds = [&](const std::vector<Condition>& conditions) {
        return std::any_of(conditions.begin(), conditions.end(), [&](const auto& one) { return holds(one, draft.choice); });
    };
    for (const auto& [name, setting] : route.settings) {
        const auto value = route.values.find(name);
        if (value == route.values.end()) {
            const auto how = fmt::format("set {}: {}", places_of(route, name), setting.why);
            if (any_holds(setting.needed_for)) draft.refuse(name, "", fmt::format("{} over {} needs the {} here; {}", draft.name, route.name, name, how));
            else if (any_holds(setting.advised_for)) draft.notes.push_back(fmt::format("{} over {} had better have a {}; {}", draft.name, route.name, name, how));
        } else if (const auto& offered = setting.offered; !offered.empty() && std::find(offered.begin(), offered.end(), value->second) == offered.end()) {
            draft.notes.push_back(fmt::format("the {} of the route {} is {}; its models and prices are known in {} only", name, route.name,
                                              core::printable(value->second), core::join(offered, ", ")));
        }
    }
}

shot::PromptStyle style_of(const Model* model) {
    if (model) return model->prompt;
    shot::PromptStyle style;
    style.negative_field = true;  // an explicit wish, passed on as it is
    return style;
}

std::vector<std::string> wished_of(const Wishes& wishes) {
    std::vector<std::string> keys;
    for (const auto& [key, is_wished] : {std::pair{"size", wishes.size.has_value()}, std::pair{"aspect_ratio", wishes.ratio.has_value()},
                                         std::pair{"resolution", !wishes.resolution.empty()}, std::pair{"duration", wishes.seconds.has_value()},
                                         std::pair{"fps", wishes.fps.has_value()}, std::pair{"audio", wishes.audio.has_value()}})
        if (is_wished) keys.emplace_back(key);
    return keys;
}

}  // namespace

std::variant<Plan, std::vector<Problem>> plan(const Catalog& catalog, const Shot& shot, const Wishes& wishes, std::vector<Image> images,
                                              core::Wall today) {
    Draft draft{wishes, images, wishes.model};
    const auto target = find_target(catalog, draft, today);
    if (!target.route) return std::move(draft.problems);

    Plan plan;
    auto& order = plan.order;
    draft.name = order.model = target.id;
    order.route = target.route->name;
    order.operation = wishes.operation;
    order.source_clip = wishes.source_clip;
    order.seed = wishes.seed;
    order.params = wishes.params;
    order.wished = wished_of(wishes);
    if (target.model) {
        const auto moves = moves_of(shot);
        const bool native = wishes.operation == Operation::create && !native_move(*target.model, moves).empty();
        if (target.pinned.mode.empty()) choose_by_row(*target.model, native, draft);
        else choose_by_row(limited_to(target), native, draft);
        fill_by_row(*target.model, draft, order);
        if (wishes.operation == Operation::create) choose_camera(*target.model, moves, draft, order);
        if (!shot.negative_prompt.empty() && !target.model->prompt.negative_field)
            draft.notes.push_back(fmt::format("{} has no field for a negative prompt: it became words of the prompt", draft.name));
    } else {
        fill_freely(catalog, *target.route, draft, order);
    }
    choose_id(target, draft, order);
    if (target.model) check_settings(*target.route, draft);

    auto composed = shot::compose(shot, style_of(target.model));
    if (!composed) draft.refuse("prompt", "", composed.error().message);
    if (!draft.problems.empty()) return std::move(draft.problems);
    plan.composition = std::move(*composed);
    order.prompt = plan.composition.prompt;
    order.negative_prompt = plan.composition.negative_prompt;
    order.shot = shot;
    order.images = std::move(images);
    plan.route = *target.route;
    plan.model = target.model;
    plan.choice = target.choice;
    plan.changes = std::move(draft.changes);
    plan.notes = std::move(draft.notes);
    if (target.model)
        order.price = price_of(*target.model, plan.route, order);
    else
        order.price = price_on(plan.route);
    return plan;
}

}  // namespace shotwire::catalog
