#pragma once
#include <string>
#include <string_view>
#include <vector>

// How the words of one field become English. Every function keeps the user's words as they are, except for the case of a first letter.
namespace shotwire::shot {

std::string tidy(std::string_view text);         // trimmed, each run of blanks and control characters one space, ".." one "."
std::string capitalised(std::string text);       // ASCII; other first letters stay
std::string uncapitalised(std::string text);     // only where its first word is a small one ("A", "The", "In")
std::string ended(std::string_view text);        // with exactly one end: ".", "?!", "..." stay as they are
std::string as_sentence(std::string_view text);  // and a capital
std::string without_end(std::string_view text);  // without a final "." , "," or ";"; "...", "?" and "!" stay
bool is_one_clause(std::string_view text);       // no sentence, line or colon ends inside
bool read_as_one(std::string_view subject, std::string_view action);  // "a woman" and "walks slowly"; not "she walks"

// Part of a sentence that says where: "on a cobblestone street", "in a kitchen"; empty where English would be guessed.
std::string place_phrase(std::string_view environment);

std::string environment_sentence(std::string_view text);
std::string lighting_sentence(std::string_view text);
std::string style_sentence(std::string_view text);
std::string sound_sentence(std::string_view text);
std::string avoid_sentence(std::string_view text);

// The entry, and the vocabulary's words where it is nothing but a move: "truck left" and "the camera trucks left". An id
// ("truck_left") is replaced by them: `entry` is empty then.
struct CameraWords {
    std::string entry;
    std::string words;
};
CameraWords camera_words(std::string_view entry);

enum class Moment { opening, ending };
std::string time_phrase(Moment moment, std::string_view text);  // "the clip opens on an empty street"
// "the clip opens on ...; it ends with ..." where both are plain pictures; empty otherwise.
struct TimePair {
    std::string opening;
    std::string ending;
};
TimePair time_pair(std::string_view opening, std::string_view ending);

}  // namespace shotwire::shot
