#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "catalog/draft.hpp"
#include "catalog/measures.hpp"
#include "core/json.hpp"
#include "core/text.hpp"

namespace shotwire::catalog {
namespace {

using Values = std::vector<std::string>;

Values values_of(const std::string& axis, const Choice& choice) {
    if (axis == "resolution") return {choice.resolution};
    if (axis == "ratio") return {choice.ratio};
    if (axis == "seconds") return {core::print_number(choice.seconds)};
    if (axis == "fps") return {std::to_string(choice.fps)};
    if (axis == "audio") return {choice.audio ? "on" : "off"};
    if (axis == "camera") return {choice.native_camera ? "native" : "words"};
    if (axis == "operation") return {std::string(to_string(choice.operation))};
    return choice.images.empty() ? Values{"none"} : choice.images;
}

bool same(const std::string& axis, const std::string& a, const std::string& b) {
    if (axis == "seconds" || axis == "fps") return std::abs(std::atof(a.c_str()) - std::atof(b.c_str())) < 1e-6;
    return core::equal_fold(a, b);
}

bool is_among(const std::string& axis, const std::string& value, const Values& allowed) {
    return std::any_of(allowed.begin(), allowed.end(), [&](const auto& one) { return same(axis, value, one); });
}

bool any_holds(const std::string& axis, const Values& allowed, const Choice& choice) {
    const auto values = values_of(axis, choice);
    return std::any_of(values.begin(), values.end(), [&](const auto& value) { return is_among(axis, value, allowed); });
}

bool all_hold(const std::string& axis, const Values& allowed, const Choice& choice) {
    const auto values = values_of(axis, choice);
    return std::all_of(values.begin(), values.end(), [&](const auto& value) { return is_among(axis, value, allowed); });
}

// What the user sees of an axis: its flag, and its values in words.
std::string flag_of_axis(const std::string& axis) {
    if (axis == "seconds") return "duration";
    if (axis == "ratio") return "aspect_ratio";
    if (axis == "image") return "first_frame";
    return axis;
}

std::string in_words(const std::string& axis, const Values& values) {
    Values words;
    for (const auto& value : values) {
        if (axis == "seconds")
            words.push_back(value + " s");
        else if (axis == "fps")
            words.push_back(value + " fps");
        else if (axis == "audio")
            words.push_back(value == "on" ? "sound" : "no sound");
        else if (axis == "image")
            words.push_back(value == "none"
                                ? "no picture"
                                : "--" + value.substr(0, value.find('_')) + (value.find('_') == std::string::npos ? "" : "-frame"));
        else if (axis == "camera")
            words.push_back(value == "native" ? "its own camera control" : "camera moves in words");
        else
            words.push_back(value);
    }
    return core::join(words, " or ");
}

std::string in_words(const Condition& condition) {
    Values parts;
    for (const auto& [axis, values] : condition) parts.push_back(in_words(axis, values));
    return core::join(parts, " with ");
}

bool is_wished(const std::string& axis, const Wishes& wishes) {
    if (axis == "resolution") return !wishes.resolution.empty() || wishes.size;
    if (axis == "ratio") return wishes.ratio || wishes.size;
    if (axis == "seconds") return wishes.seconds.has_value();
    if (axis == "fps") return wishes.fps.has_value();
    if (axis == "audio") return wishes.audio.has_value();
    if (axis == "camera") return false;  // the words stay in the prompt
    return true;  // images and operations never give way
}

bool can_give_way(const std::string& axis, const Model& model) {
    if (axis == "audio") return model.audio == Audio::optional;
    if (axis == "camera") return true;
    return axis == "resolution" || axis == "ratio" || axis == "seconds" || axis == "fps";
}

Values alternatives(const std::string& axis, const Model& model) {
    Values values;
    if (axis == "resolution") return model.resolutions;
    if (axis == "ratio") return model.ratios;
    if (axis == "seconds")
        for (const double one : model.lengths.list) values.push_back(core::print_number(one));
    if (axis == "fps")
        for (const int one : model.fps) values.push_back(std::to_string(one));
    if (axis == "audio") return {"on", "off"};
    return values;
}

double far(const std::string& axis, const std::string& a, const std::string& b) {
    if (axis == "resolution" && lines_of(a) && lines_of(b)) return distance(lines_of(a), lines_of(b));
    if (axis == "ratio") {
        const auto one = parse_ratio(a), other = parse_ratio(b);
        return one && other ? distance(one->value(), other->value()) : 1e9;
    }
    return std::abs(std::atof(a.c_str()) - std::atof(b.c_str()));
}

void set(const std::string& axis, const std::string& value, const Model& model, Choice& choice) {
    if (axis == "resolution") choice.resolution = value;
    if (axis == "ratio") choice.ratio = value;
    if (axis == "seconds") choice.seconds = std::atof(value.c_str());
    if (axis == "fps") choice.fps = std::atoi(value.c_str());
    if (axis == "audio") choice.audio = value == "on";
    if (axis == "camera") choice.native_camera = value == "native";
    if (axis == "resolution" || axis == "ratio") choice.size = size_of(model, choice);
}

std::string nearest(const std::string& axis, const Values& values, const std::string& to) {
    return *std::min_element(values.begin(), values.end(),
                             [&](const auto& a, const auto& b) { return far(axis, a, to) < far(axis, b, to); });
}

// One broken rule: the first axis of `only` that does not hold, and the ways out of it, gentlest first.
class Mend {
public:
    Mend(const Rule& rule, const Model& model, Draft& draft) : rule_(rule), model_(model), draft_(draft) {
        for (const auto& [axis, allowed] : rule.only)
            if (axis_.empty() && !all_hold(axis, allowed, draft.choice)) axis_ = axis;
    }

    bool give_way_unwished() {
        if (!is_free(axis_) || allowed().empty()) return give_way_elsewhere();
        set(axis_, nearest(axis_, allowed(), value()), model_, draft_.choice);
        return true;
    }

    bool fit() {
        if (!draft_.wishes.fit || !can_give_way(axis_, model_) || allowed().empty()) return false;
        const auto before = value();
        set(axis_, nearest(axis_, allowed(), before), model_, draft_.choice);
        draft_.changes.push_back(
            fmt::format("{} in place of {}, since {}", in_words(axis_, {value()}), in_words(axis_, {before}), reason()));
        return true;
    }

    void refuse() {
        auto given = values_of(axis_, draft_.choice);
        std::erase_if(given, [&](const auto& one) { return is_among(axis_, one, allowed()); });
        draft_.refuse(flag_of_axis(axis_), value(), fmt::format("{}, not with {}", reason(), in_words(axis_, given)), allowed());
    }

private:
    const Values& allowed() const { return rule_.only.at(axis_); }
    std::string value() const { return values_of(axis_, draft_.choice).front(); }
    bool is_free(const std::string& axis) const { return can_give_way(axis, model_) && !is_wished(axis, draft_.wishes); }
    std::string reason() const {
        const auto what = rule_.when.empty() ? "renders" : "takes " + in_words(rule_.when);
        return fmt::format("{} {} {}{}", draft_.name, what, partners(), rule_.why.empty() ? "" : " (" + rule_.why + ")");
    }

    // A picture may be alone, or have those beside it that the rule names too.
    std::string partners() const {
        const auto asked = rule_.when.find(axis_);
        if (asked == rule_.when.end()) return "only with " + in_words(axis_, allowed());
        auto others = allowed();
        std::erase_if(others, [&](const auto& one) { return is_among(axis_, one, asked->second); });
        return others.empty() ? "alone" : "alone or with " + in_words(axis_, others);
    }

    // The wish stands; what the rule asks of it came from a default, and another value lifts the rule.
    bool give_way_elsewhere() {
        for (const auto& [axis, values] : rule_.when) {
            if (!is_free(axis)) continue;
            auto others = alternatives(axis, model_);
            std::erase_if(others, [&, &when = values, &name = axis](const auto& one) { return is_among(name, one, when); });
            if (others.empty()) continue;
            set(axis, nearest(axis, others, values_of(axis, draft_.choice).front()), model_, draft_.choice);
            return true;
        }
        return false;
    }

    const Rule& rule_;
    const Model& model_;
    Draft& draft_;
    std::string axis_;
};

bool is_broken(const Rule& rule, const Choice& choice) {
    if (!holds(rule.when, choice)) return false;
    return std::any_of(rule.only.begin(), rule.only.end(), [&](const auto& only) { return !all_hold(only.first, only.second, choice); });
}

}  // namespace

bool holds(const Condition& condition, const Choice& choice) {
    return std::all_of(condition.begin(), condition.end(), [&](const auto& axis) { return any_holds(axis.first, axis.second, choice); });
}

void obey_rules(const Model& model, Draft& draft) {
    // Rules may push each other around; after that many turns what is broken stays broken and is said.
    int turns = 32;
    for (bool moved = true; moved && turns > 0; --turns) {
        moved = false;
        for (const auto& rule : model.rules) {
            if (!is_broken(rule, draft.choice)) continue;
            Mend mend(rule, model, draft);
            moved = mend.give_way_unwished() || mend.fit();
            if (moved) break;
        }
    }
    for (const auto& rule : model.rules)
        if (is_broken(rule, draft.choice)) Mend(rule, model, draft).refuse();
}

}  // namespace shotwire::catalog
