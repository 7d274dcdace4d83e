#include "shot/compose.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "core/text.hpp"
#include "shot/camera.hpp"
#include "shot/sentences.hpp"
#include "shot/words.hpp"

namespace shotwire::shot {
namespace {

constexpr std::array<std::pair<Field, std::string_view>, 11> names{{{Field::prompt, "prompt"},
                                                                    {Field::subject, "subject"},
                                                                    {Field::action, "action"},
                                                                    {Field::environment, "environment"},
                                                                    {Field::lighting, "lighting"},
                                                                    {Field::camera, "camera"},
                                                                    {Field::style, "style"},
                                                                    {Field::sound, "sound"},
                                                                    {Field::opening, "opening"},
                                                                    {Field::ending, "ending"},
                                                                    {Field::negative_prompt, "negative_prompt"}}};

// A field that was given; camera has one for each entry.
struct Given {
    Field field;
    std::string text;
};

// A move that two entries name in the same words is one.
bool is_said_before(const std::vector<std::string>& entries, std::size_t at) {
    const auto entry = tidy(entries[at]);
    return std::any_of(entries.begin(), entries.begin() + std::ptrdiff_t(at), [&](const auto& other) { return core::equal_fold(tidy(other), entry); });
}

std::vector<Given> given_fields(const Shot& shot, const PromptStyle& style) {
    auto order = style.order;
    for (const auto& [field, name] : names) order.push_back(field);
    // Words that tell what to avoid come last where they are words at all.
    std::erase(order, Field::negative_prompt);
    order.push_back(Field::negative_prompt);
    std::vector<Given> given;
    const auto add = [&](Field field, const std::string& text) {
        // Ready text keeps its lines.
        auto clean = field == Field::prompt ? std::string(core::trim(text)) : tidy(text);
        if (!clean.empty()) given.push_back({field, std::move(clean)});
    };
    for (auto at = order.begin(); at != order.end(); ++at) {
        const auto field = *at;
        if (std::find(order.begin(), at, field) != at) continue;
        switch (field) {
            case Field::prompt: add(field, shot.prompt); break;
            case Field::subject: add(field, shot.subject); break;
            case Field::action: add(field, shot.action); break;
            case Field::environment: add(field, shot.environment); break;
            case Field::lighting: add(field, shot.lighting); break;
            case Field::camera:
                for (std::size_t i = 0; i < shot.camera.size(); ++i)
                    if (!is_said_before(shot.camera, i)) add(field, shot.camera[i]);
                break;
            case Field::style: add(field, shot.style); break;
            case Field::sound: add(field, shot.sound); break;
            case Field::opening: add(field, shot.opening); break;
            case Field::ending: add(field, shot.ending); break;
            case Field::negative_prompt: add(field, shot.negative_prompt); break;
        }
    }
    return given;
}

// A piece of the prompt with what joins it to the one before.
struct Part {
    Piece piece;
    std::string_view joint = " ";
};

// Subject, action and place in one sentence, as far as they follow each other and read as one. At least one of them is taken.
std::size_t weave(const std::vector<Given>& given, std::size_t at, std::vector<Part>& parts) {
    const auto first = parts.size();
    const auto add = [&](const Given& one, std::string words, std::string why) {
        parts.push_back({{one.field, one.text, std::move(words), std::move(why)}});
    };
    const auto is = [&](std::size_t i, Field field) { return i < given.size() && given[i].field == field; };
    bool open = is_one_clause(given[at].text);
    add(given[at], given[at].text,
        given[at].field == Field::subject ? "Begins the sentence: who or what is on screen." : "Begins the sentence: what happens.");
    auto next = at + 1;
    if (given[at].field == Field::subject && is(next, Field::action) && read_as_one(given[at].text, given[next].text)) {
        add(given[next], given[next].text, "Goes on with the sentence: what happens.");
        ++next;
    }
    if (open && is(next, Field::environment))
        if (auto place = place_phrase(given[next].text); !place.empty()) {
            add(given[next], std::move(place), "Ends the sentence: where it happens.");
            ++next;
        }
    for (auto i = first; i < parts.size(); ++i) {
        auto& words = parts[i].piece.words;
        words = i + 1 < parts.size() ? without_end(words) : ended(words);
        if (i == first) words = capitalised(words);
    }
    return next;
}

std::string camera_why(const std::string& entry) {
    std::vector<std::string> moves;
    for (const auto& match : find_moves(entry)) moves.emplace_back(match.move->name);
    if (moves.empty()) return "Kept word for word: no move of the vocabulary.";
    return fmt::format("Names {} of the camera vocabulary: {}.", moves.size() == 1 ? "a move" : "moves", core::join(moves, ", "));
}

std::string camera_text(const std::string& entry, std::string_view before, std::string_view behind) {
    const auto [text, words] = camera_words(entry);
    if (text.empty() || words.empty()) return text + words;
    return fmt::format("{}{}{}{}", text, before, words, behind);
}

constexpr std::string_view as_words = "This model has no field for negatives, so they became words at the end.";

std::vector<Part> prose(const std::vector<Given>& given) {
    std::vector<Part> parts;
    const auto add = [&](const Given& one, std::string words, std::string_view why) {
        parts.push_back({{one.field, one.text, std::move(words), std::string(why)}});
    };
    for (std::size_t i = 0; i < given.size();) {
        const auto& one = given[i];
        if (one.field == Field::subject || one.field == Field::action) {
            i = weave(given, i, parts);
            continue;
        }
        if (one.field == Field::opening && i + 1 < given.size() && given[i + 1].field == Field::ending)
            if (auto pair = time_pair(one.text, given[i + 1].text); !pair.opening.empty()) {
                add(one, std::move(pair.opening), "Says how the clip begins, so that it develops.");
                add(given[i + 1], std::move(pair.ending), "Says how the clip ends.");
                parts.back().joint = "; ";
                i += 2;
                continue;
            }
        switch (one.field) {
            case Field::environment: add(one, environment_sentence(one.text), "A sentence of its own: where it happens."); break;
            case Field::lighting: add(one, lighting_sentence(one.text), "A sentence about light, which models follow closely."); break;
            case Field::camera: add(one, as_sentence(camera_text(one.text, ": ", "")), camera_why(one.text)); break;
            case Field::style: add(one, style_sentence(one.text), "Says how the picture looks."); break;
            case Field::sound: add(one, sound_sentence(one.text), "Says what is heard."); break;
            case Field::opening:
                add(one, as_sentence(time_phrase(Moment::opening, one.text)), "Says how the clip begins, so that it develops.");
                break;
            case Field::ending: add(one, as_sentence(time_phrase(Moment::ending, one.text)), "Says how the clip ends."); break;
            case Field::negative_prompt: add(one, avoid_sentence(one.text), as_words); break;
            default: add(one, given.size() == 1 ? one.text : ended(one.text), "Ready text, word for word."); break;
        }
        ++i;
    }
    return parts;
}

std::vector<Part> labelled(const std::vector<Given>& given) {
    std::vector<Part> parts;
    for (const auto& one : given) {
        const auto name = capitalised(std::string(to_string(one.field)));
        const auto words = one.field == Field::camera            ? camera_text(one.text, " (", ")")
                           : one.field == Field::negative_prompt ? without_end(avoid_sentence(one.text))
                                                                 : one.text;
        const bool has_label = core::lower(words).starts_with(core::lower(name) + ":");
        auto line = one.field == Field::prompt || one.field == Field::negative_prompt || has_label ? words : name + ": " + words;
        auto why = one.field == Field::prompt            ? "Ready text, word for word."
                   : one.field == Field::camera          ? camera_why(one.text)
                   : one.field == Field::negative_prompt ? std::string(as_words)
                                                         : "A line of its own: this model reads labelled lines best.";
        parts.push_back({{one.field, one.text, std::move(line), std::move(why)}, "\n"});
    }
    return parts;
}

std::vector<Part> phrases(const std::vector<Given>& given) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < given.size(); ++i) {
        const auto& one = given[i];
        std::string words = one.text, why = "A phrase of the list: this model reads commas best.";
        std::string_view joint = ", ";
        if (one.field == Field::prompt) why = "Ready text, word for word.";
        if (one.field == Field::camera) words = camera_text(one.text, " (", ")"), why = camera_why(one.text);
        if (one.field == Field::opening) words = time_phrase(Moment::opening, one.text);
        if (one.field == Field::ending) words = time_phrase(Moment::ending, one.text);
        if (one.field == Field::negative_prompt) words = uncapitalised(without_end(avoid_sentence(one.text))), why = as_words;
        if (i > 0 && one.field == Field::action && given[i - 1].field == Field::subject && read_as_one(given[i - 1].text, one.text))
            joint = " ";
        if (!parts.empty() && ended(parts.back().piece.words) == parts.back().piece.words) joint = " ";
        else if (!parts.empty() && one.field != Field::prompt) words = uncapitalised(words);
        parts.push_back({{one.field, one.text, without_end(words), std::move(why)}, joint});
    }
    return parts;
}

Result<> check_text(const Shot& shot) {
    const auto check = [](std::string_view field, const std::string& text) -> Result<> {
        if (core::is_utf8(text)) return Ok{};
        return Error{ErrorKind::usage, fmt::format("{} is not valid UTF-8: '{}'", field, core::printable(text.substr(0, 60)))};
    };
    const std::pair<std::string_view, const std::string*> fields[] = {
        {"prompt", &shot.prompt},     {"subject", &shot.subject},
        {"action", &shot.action},     {"environment", &shot.environment},
        {"lighting", &shot.lighting}, {"style", &shot.style},
        {"sound", &shot.sound},       {"opening", &shot.opening},
        {"ending", &shot.ending},     {"negative_prompt", &shot.negative_prompt}};
    for (const auto& [name, text] : fields)
        if (auto checked = check(name, *text); !checked) return checked;
    for (const auto& entry : shot.camera)
        if (auto checked = check("camera", entry); !checked) return checked;
    return Ok{};
}

Result<> check_length(std::string_view what, const std::string& text, std::size_t limit) {
    const auto count = core::count_characters(text);
    if (limit == 0 || count <= limit) return Ok{};
    return Error{ErrorKind::usage, fmt::format("the {} has {} characters, this model takes at most {}; nothing is cut, so shorten it by {}",
                                               what, count, limit, count - limit)};
}

}  // namespace

std::string_view to_string(Field field) {
    return std::find_if(names.begin(), names.end(), [&](const auto& row) { return row.first == field; })->second;
}

std::optional<Field> field_from(std::string_view word) {
    const auto row = std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.second == word; });
    return row == names.end() ? std::nullopt : std::optional(row->first);
}

Result<Composition> compose(const Shot& shot, const PromptStyle& style) {
    if (auto checked = check_text(shot); !checked) return checked.error();
    auto given = given_fields(shot, style);
    Composition composition;
    std::optional<Piece> negative;
    if (!given.empty() && given.back().field == Field::negative_prompt && style.negative_field) {
        composition.negative_prompt = given.back().text;
        negative =
            Piece{Field::negative_prompt, given.back().text, {}, "Goes to the model's own field for negatives, not into the prompt."};
        given.pop_back();
    }
    if (given.empty() || given.front().field == Field::negative_prompt)
        return Error{ErrorKind::usage, "the shot says nothing: give a prompt, or at least a subject"};

    auto parts = style.form == PromptStyle::Form::prose      ? prose(given)
                 : style.form == PromptStyle::Form::labelled ? labelled(given)
                                                             : phrases(given);
    for (auto& part : parts) {
        if (!composition.prompt.empty()) composition.prompt += part.joint;
        composition.prompt += part.piece.words;
        composition.pieces.push_back(std::move(part.piece));
    }
    if (negative) composition.pieces.push_back(std::move(*negative));
    for (std::size_t i = 0; i < shot.camera.size(); ++i)
        if (auto entry = tidy(shot.camera[i]); !entry.empty() && is_said_before(shot.camera, i))
            composition.pieces.push_back({Field::camera, std::move(entry), {}, "Stands in the prompt already: the same words twice are one move."});
    if (auto checked = check_length("prompt", composition.prompt, style.limit); !checked) return checked.error();
    if (auto checked = check_length("negative prompt", composition.negative_prompt, style.negative_limit); !checked) return checked.error();
    return composition;
}

}  // namespace shotwire::shot
