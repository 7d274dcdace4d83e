#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "shotwire/result.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::shot {

enum class Field { prompt, subject, action, environment, lighting, camera, style, sound, opening, ending, negative_prompt };
std::string_view to_string(Field field);  // as in flags and files: "negative_prompt"
std::optional<Field> field_from(std::string_view word);

// How a model reads a prompt best: a part of its catalogue row.
struct PromptStyle {
    enum class Form {
        prose,     // sentences
        labelled,  // "Camera: ..." lines
        phrases,   // one line, commas
    };
    Form form = Form::prose;
    std::vector<Field> order = {};     // fields that are missing here follow at the end
    std::size_t limit = 0;             // code points; 0: none
    bool negative_field = false;       // the model has a field of its own for negatives; else they become words
    std::size_t negative_limit = 0;
};

// What became of one field.
struct Piece {
    Field field;
    std::string given;
    std::string words;  // as they stand in the prompt; empty where they went elsewhere
    std::string why;    // one sentence
};

struct Composition {
    std::string prompt;
    std::string negative_prompt;  // where the model has a field for it
    std::vector<Piece> pieces;    // in the order of the prompt
};

// The shot in words for that model. No word of the user is lost and nothing is cut. Errors: usage: nothing to say, too long
// (with the count), broken UTF-8.
Result<Composition> compose(const Shot& shot, const PromptStyle& style);

}  // namespace shotwire::shot
