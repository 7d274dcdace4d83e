#pragma once
#include <vector>

#include "lint/lint.hpp"

// The rules' checks; rules() in lint.cpp gives them their ids and reasons.
namespace shotwire::lint {

using Findings = std::vector<Finding>;

Findings missing_part(const Reading& subject);  // rules_parts.cpp
Findings over_long(const Reading& subject);
Findings sound_without_audio(const Reading& subject);
Findings vague_words(const Reading& subject);  // rules_words.cpp
Findings doubled_words(const Reading& subject);
Findings settings_in_prompt(const Reading& subject);
Findings negatives_in_prompt(const Reading& subject);  // rules_negatives.cpp
Findings negated_negatives(const Reading& subject);
Findings flat_light(const Reading& subject);  // rules_light.cpp
Findings contradictory_light(const Reading& subject);
Findings no_time_language(const Reading& subject);  // rules_time.cpp
Findings too_many_beats(const Reading& subject);
Findings asks_for_cuts(const Reading& subject);
Findings conflicting_moves(const Reading& subject);  // rules_camera.cpp
Findings misspelt_move(const Reading& subject);
Findings too_many_moves(const Reading& subject);
Findings legible_text(const Reading& subject);  // rules_content.cpp
Findings extreme_action(const Reading& subject);
Findings real_person(const Reading& subject);  // rules_people.cpp
Findings unquoted_dialogue(const Reading& subject);  // rules_models.cpp
Findings no_negative_field(const Reading& subject);
Findings too_many_words(const Reading& subject);
Findings too_many_characters(const Reading& subject);
Findings not_present_tense(const Reading& subject);

bool names_light(const Reading& subject);  // words for a source or quality of light, anywhere

}  // namespace shotwire::lint
