#include "lint/lint.hpp"

#include <algorithm>
#include <iterator>

#include "core/text.hpp"
#include "lint/checks.hpp"
#include "lint/scan.hpp"

namespace shotwire::lint {

std::span<const Rule> rules() {
    static constexpr Rule all[] = {
        {"missing-part", "A part of the shot that is left open is invented by the model, differently each time.", missing_part},
        {"vague-words", "Words of praise name nothing that can be seen.", vague_words},
        {"flat-light", "A time of day is no light: without a source and a colour the picture comes out flat.", flat_light},
        {"contradictory-light", "Light that cannot be so at once comes out as a muddle.", contradictory_light},
        {"no-time-language", "A longer clip without a word of development stands still or drifts.", no_time_language},
        {"too-many-beats", "Actions that do not fit into the seconds are hurried or dropped.", too_many_beats},
        {"asks-for-cuts", "One shot is one take: asked for cuts, models morph from one picture to the next.", asks_for_cuts},
        {"misspelt-move", "A camera move with a slip in its name is read as free words, and no control of the model hears of it.", misspelt_move},
        {"conflicting-moves", "Camera moves that exclude each other cancel out.", conflicting_moves},
        {"too-many-moves", "More than three camera moves in one clip are not followed.", too_many_moves},
        {"legible-text", "Models do not spell: text on signs and screens comes out garbled.", legible_text},
        {"real-person", "Providers refuse the likeness of a real person, some after they have billed.", real_person},
        {"extreme-action", "Fights, explosions and dense crowds fall apart into extra limbs and melting shapes.", extreme_action},
        {"negatives-in-prompt", "Named in the prompt, what should be absent tends to appear; the model has a field for it.",
         negatives_in_prompt},
        {"negated-negatives", "A negative prompt lists what to avoid: 'no text' in it asks for text.", negated_negatives},
        {"settings-in-prompt", "Ratio, length, frame rate and resolution are set by flags; as words they only cost attention.",
         settings_in_prompt},
        {"sound-without-audio", "A sound that is described is not heard where the clip is to have none.", sound_without_audio},
        {"unquoted-dialogue", "Spoken words in quotes are spoken by the model; without quotes they are described.", unquoted_dialogue},
        {"no-negative-field", "The model has no field for a negative prompt: what it names becomes words of the prompt, and tends to appear.",
         no_negative_field},
        {"too-many-words", "The model's guide advises fewer words: what stands behind them is lost.", too_many_words},
        {"too-many-characters", "The model's guide advises fewer characters: what stands behind them is lost.", too_many_characters},
        {"not-present-tense", "The model is taught by descriptions in the present tense.", not_present_tense},
        {"doubled-words", "A small word that stands twice is a slip.", doubled_words},
        {"over-long", "Beyond the model's limit a prompt is refused; far below it, details get lost.", over_long},
    };
    return all;
}

std::vector<Finding> lint(const Subject& subject) {
    const Reading reading(subject);
    std::vector<Finding> all;
    for (const auto& rule : rules()) {
        auto found = rule.check(reading);
        for (auto& finding : found) {
            finding.rule = rule.id;
            finding.message = core::printable(finding.message);  // it quotes the user's words, whatever stands in them
            finding.suggestion = core::printable(finding.suggestion);
        }
        if (all.empty()) all = std::move(found);
        else std::move(found.begin(), found.end(), std::back_inserter(all));
    }
    return all;
}

Shot fix(const Subject& subject, std::vector<Finding>* applied) {
    auto shot = subject.shot;
    const auto mend_one = [&] {
        for (auto& finding : lint({shot, subject.model, subject.seconds, subject.audio})) {
            if (!finding.fixed || *finding.fixed == shot) continue;
            shot = *finding.fixed;
            if (applied) applied->push_back(std::move(finding));
            return true;
        }
        return false;
    };
    // Each mend makes the shot shorter; the bound is for rules that would undo each other.
    for (int i = 0; i < 1000 && mend_one(); ++i) {
    }
    return shot;
}

}  // namespace shotwire::lint
