#pragma once
#include <string>

namespace shotwire::media::helper {

// What Cairo's plain text lacks for Hebrew and Arabic. Other scripts come back as they are.
std::string with_joined_letters(const std::string& text);  // Arabic letters in the forms that join, still in the order in which they are read
std::string as_seen(const std::string& line);              // from left to right

}  // namespace shotwire::media::helper
