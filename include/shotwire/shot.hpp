#pragma once
#include <string>
#include <vector>

namespace shotwire {

// What the user asks for, independent of any model. Empty means not given.
struct Shot {
    std::string subject;
    std::string action;
    std::string environment;
    std::string lighting;
    std::vector<std::string> camera;  // from the vocabulary or free, several combine
    std::string style;
    std::string sound;
    std::string opening;  // how the clip begins
    std::string ending;   // how it ends
    std::string negative_prompt;
    std::string prompt;  // ready text; the fields above join it, they do not replace it

    // A file's path or an http(s) URL.
    std::string first_frame;
    std::string last_frame;
    std::vector<std::string> references;

    friend bool operator==(const Shot&, const Shot&) = default;
};

}  // namespace shotwire
