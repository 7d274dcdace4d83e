#pragma once
#include <vector>

#include "lint/lint.hpp"

// The rules' checks; rules() in lint.cpp gives them their ids and reasons.
namespace shotwire::lint {

using Findings = std::vector<Finding>;

Findings missing_part(const Subject& subject);  // rules_parts.cpp
Findings over_long(const Subject& subject);
Findings sound_without_audio(const Subject& subject);
Findings vague_words(const Subject& subject);  // rules_words.cpp
Findings doubled_words(const Subject& subject);
Findings settings_in_prompt(const Subject& subject);
Findings negatives_in_prompt(const Subject& subject);  // rules_negatives.cpp
Findings negated_negatives(const Subject& subject);
Findings flat_light(const Subject& subject);  // rules_light.cpp
Findings contradictory_light(const Subject& subject);
Findings no_time_language(const Subject& subject);  // rules_time.cpp
Findings too_many_beats(const Subject& subject);
Findings asks_for_cuts(const Subject& subject);
Findings conflicting_moves(const Subject& subject);  // rules_camera.cpp
Findings misspelt_move(const Subject& subject);
Findings too_many_moves(const Subject& subject);
Findings legible_text(const Subject& subject);  // rules_content.cpp
Findings extreme_action(const Subject& subject);
Findings real_person(const Subject& subject);  // rules_people.cpp
Findings unquoted_dialogue(const Subject& subject);  // rules_models.cpp
Findings no_negative_field(const Subject& subject);
Findings too_many_words(const Subject& subject);
Findings too_many_characters(const Subject& subject);
Findings not_present_tense(const Subject& subject);

bool names_light(const Shot& shot);  // words for a source or quality of light, anywhere

}  // namespace shotwire::lint
