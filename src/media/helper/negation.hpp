#pragma once
#include <string>
#include <string_view>

namespace shotwire::media::helper {

// The text without what it says is not there: of "a meadow, no rain" the meadow, of "Avoid: rain, neon." nothing.
std::string affirmed(std::string_view text);

}  // namespace shotwire::media::helper
