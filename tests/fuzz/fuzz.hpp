#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "shotwire/error.hpp"

// What reads text or bytes from outside, fed by libFuzzer. A target states what holds of its reader for any input, not only that it
// does not crash.
namespace shotwire::fuzz {

struct Target {
    const char* name;
    void (*run)(std::string_view input);
    std::vector<std::string> (*seeds)();  // small, taken from files that the project has anyway
    std::size_t longest = 4096;
};
const std::vector<Target>& targets();

// A property. A false one ends the program, and libFuzzer keeps the input.
void holds(bool property, const char* sentence, std::string_view shown = {});

// An error is one printable sentence of a kind that is not a bug.
void holds_of_error(const Error& error);
void holds_of_text(std::string_view text, const char* sentence);  // no control characters, whole UTF-8

// The bytes as a file that readers can open by its path. One at a time; the next one overwrites it.
std::string as_file(std::string_view bytes);

std::string source_file(const std::string& relative);  // of the checkout
std::vector<std::string> files_in(const std::string& folder, const std::string& extension);  // what is in them
std::vector<std::string> split_at(std::string_view input, char separator, std::size_t most);  // empty parts too
inline constexpr char part_end = '\x1e';  // between the parts of an input that has several

// targets_*.cpp
void run_mp4(std::string_view), run_replies(std::string_view), run_shot_file(std::string_view), run_config(std::string_view), run_model_file(std::string_view),
    run_provider_file(std::string_view), run_url(std::string_view), run_redirect(std::string_view), run_headers(std::string_view), run_template(std::string_view),
    run_spool(std::string_view), run_fault(std::string_view), run_json(std::string_view), run_text(std::string_view), run_row(std::string_view),
    run_words(std::string_view), run_batch(std::string_view);
std::vector<std::string> seeds_of_mp4(), seeds_of_replies(), seeds_of_shot_file(), seeds_of_config(), seeds_of_model_file(), seeds_of_provider_file(), seeds_of_url(),
    seeds_of_redirect(), seeds_of_headers(), seeds_of_template(), seeds_of_spool(), seeds_of_fault(), seeds_of_json(), seeds_of_text(), seeds_of_row(), seeds_of_words(), seeds_of_batch();

}  // namespace shotwire::fuzz
