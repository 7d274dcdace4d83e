#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <optional>
#include <set>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"
#include "shot/camera.hpp"

namespace shotwire::lint {
namespace {
using shot::Field;

struct Named {
    const shot::Move* move;
    std::size_t text;  // which text
    shot::Match match;
    std::string words;
};

std::vector<Named> moves_of(const Texts& texts) {
    std::vector<Named> all;
    for (std::size_t i = 0; i < texts.size(); ++i)
        for (const auto& match : texts[i].get().moves())
            all.push_back({match.move, i, match, texts[i].get().text.substr(match.begin, match.end - match.begin)});
    return all;
}

// "pan left, then pan right", or "pan left" and an entry "then pan right": one after the other.
bool follow_each_other(const Named& a, const Named& b, const Texts& texts) {
    static const Phrases sequence{"then", "before", "after", "afterwards", "followed by", "finally",
                                  "until", "ends", "ending", "and back", "halfway", "next"};
    const bool in_one_text = a.text == b.text;
    if (!in_one_text && texts[b.text].get().field != Field::camera) return false;
    const auto begin = in_one_text ? a.match.begin : 0, end = in_one_text ? std::max(a.match.end, b.match.end) : b.match.end;
    const auto& text = texts[b.text].get().text;
    return sequence.stand_in(shot::words_of(std::string_view(text).substr(begin, end - begin)));
}

// A tripod turns and zooms; it does not travel.
bool turns_on_tripod(const Named& a, const Named& b) {
    const auto& tripod = a.move->id == "static" ? a : b;
    const auto& other = a.move->id == "static" ? b : a;
    return tripod.words.find("ripod") != std::string::npos &&
           (other.move->motion.pan != 0 || (other.move->motion.tilt != 0 && other.move->motion.pedestal == 0));
}

// Words that are none of the vocabulary's, but right as they stand; many are but a letter away from one of it.
bool is_common(std::string_view word) {
    static const shot::WordSet common{
        "roll", "rolls", "rolling", "low", "high", "top", "crash", "one", "two", "car", "dog", "cat", "man", "woman", "men", "boy", "girl", "side", "back", "front", "wide", "close", "long",
        "full", "medium", "short", "tight", "angle", "level", "lens", "face", "hand", "hands", "eye", "eyes", "room", "road", "street", "sky", "sea", "sun", "moon", "rain", "snow",
        "can", "fan", "van", "ran", "tan", "ban", "pen", "pin", "pun", "pad", "pat", "pair", "plan", "plane", "span", "till", "tile", "title", "doll", "jolly", "holly", "daily", "loom", "doom",
        "bloom", "book", "boat", "boot", "zoo", "trick", "trunk", "struck", "tuck", "trace", "crack", "stack", "tack", "crib", "grab", "cab", "drab", "glide", "guide", "slice", "rush",
        "bush", "hush", "posh", "bull", "dull", "hull", "poll", "pill", "pool", "plain", "crate", "crazy", "job", "rib", "red", "bed", "led", "pet", "art", "ark", "arch", "act", "are", "lift", "loft",
        "light", "night", "fight", "sight", "might", "bright", "eight", "weight", "it", "if", "tin", "win", "our", "cut", "cute", "put", "but", "hut", "us", "cup", "pup", "dawn", "town", "gown",
        "own", "shop", "show", "shoot", "spot", "slot", "shut", "hot", "short", "prone", "done", "serial", "statue", "local", "pack", "jack", "lack", "ship", "chip", "hip", "whisk", "blow", "flow",
        "glow", "slot", "hollow", "fellow", "hello", "pot", "pod", "flask", "flesh", "slash", "swift", "wish", "crush", "brush", "trash", "clash", "snip", "slap", "soap", "rocked", "looked", "blocked",
        "mixed", "flame", "fame", "name", "game", "fist", "thirst", "ground", "black", "bank", "sway", "play", "ride", "tide", "hide", "bird", "birds", "swing", "spin", "spiral", "swirl", "sweep",
        "shake", "shaky", "steady", "still", "macro", "dutch", "canted", "insert", "cutaway", "portrait", "profile", "fast", "quick", "smooth", "soft", "gentle", "walk", "walking", "run", "drive", "cable",
        "rail", "rig", "action", "master", "reverse", "reaction", "opening", "closing", "final", "first", "last", "establishing", "mirror", "window", "underwater", "waist", "chest", "knee", "hip", "split"};
    return common.has(word) || shot::is_preposition(word) || shot::is_determiner(word) || shot::is_pronoun(word) || shot::is_finite_verb(word);
}

struct Name {
    std::string text;
    std::vector<std::string> words;
    std::string joined = {};
};
const std::vector<Name>& move_names() {
    static const auto all = [] {
        std::vector<Name> names;
        const auto add = [&](std::string_view name) {
            if (name.find_first_of("=*") != name.npos) return;
            auto& one = names.emplace_back(Name{std::string(name), {}});
            for (auto& word : shot::words_of(name)) one.joined += word.text, one.words.push_back(std::move(word.text));
        };
        for (const auto& move : shot::vocabulary()) {
            add(move.name);
            for (const auto synonym : move.synonyms) add(synonym);
        }
        return names;
    }();
    return all;
}

// The move that was meant, where what differs from its name is no word of its own: "pan lft", "dollyin"; not "slow pull", "dog shot".
std::optional<std::string> meant_move(const Text& text) {
    static const auto known = [] {
        std::set<std::string, std::less<>> words;
        for (const auto& move : shot::vocabulary())
            for (auto& word : shot::words_of(fmt::format("{} {}", move.name, fmt::join(move.synonyms, " ")))) words.insert(std::move(word.text));
        return words;
    }();
    std::string joined;
    for (const auto& word : text.words) joined += word.text;
    const auto is_slip = [](const std::string& word, const std::string& of) {
        return word == of || (!known.contains(word) && !is_common(word) && core::nearest(word, {of}));
    };
    std::vector<std::string> possible;
    for (const auto& name : move_names()) {
        const auto same = [&](std::size_t i) { return is_slip(text.words[i].text, name.words[i]); };
        std::size_t alike = 0;
        if (name.words.size() == text.words.size())
            while (alike < name.words.size() && same(alike)) ++alike;
        if (alike == name.words.size() || name.joined == joined) possible.push_back(name.text);
    }
    return core::nearest(core::lower(core::trim(text.text)), possible);
}

}  // namespace

Findings conflicting_moves(const Reading& subject) {
    const auto all_texts = subject.texts({Field::camera, Field::prompt});
    const auto moves = moves_of(all_texts);
    Findings found;
    for (std::size_t i = 0; i < moves.size(); ++i)
        for (std::size_t k = i + 1; k < moves.size(); ++k) {
            const auto& excludes = moves[i].move->excludes;
            if (std::find(excludes.begin(), excludes.end(), moves[k].move->id) == excludes.end()) continue;
            if (follow_each_other(moves[i], moves[k], all_texts) || turns_on_tripod(moves[i], moves[k])) continue;
            found.push_back({"conflicting-moves", all_texts[moves[k].text].get().name(),
                             fmt::format("'{}' and '{}' exclude each other", moves[i].words, moves[k].words),
                             "keep one of them, or say which comes first with 'then'"});
        }
    return found;
}

// A camera text that names no move, and has a slip in a word of one that does.
Findings misspelt_move(const Reading& subject) {
    Findings found;
    for (const Text& text : subject.texts({Field::camera})) {
        const auto last = text.words.empty() ? 0 : text.words.size() - 1;
        if (!text.moves().empty() || text.words.empty() || is_negated(text.words, last) || is_negated(text.words, std::min<std::size_t>(last, 1))) continue;
        if (const auto meant = meant_move(text))
            found.push_back({"misspelt-move", "camera", fmt::format("'{}' names no camera move", text.text), fmt::format("did you mean '{}'?", *meant),
                             with_text(subject.shot, text, *meant)});
    }
    return found;
}

Findings too_many_moves(const Reading& subject) {
    constexpr std::size_t most = 3;
    std::vector<std::string> names;
    for (const auto& named : moves_of(subject.texts({Field::camera, Field::prompt})))
        if (std::find(names.begin(), names.end(), named.move->name) == names.end()) names.emplace_back(named.move->name);
    if (names.size() <= most) return {};
    return {{"too-many-moves", "camera", fmt::format("{} camera moves in one shot: {}", names.size(), fmt::join(names, ", ")),
             "keep the one that tells the story, and how it is held"}};
}

}  // namespace shotwire::lint
