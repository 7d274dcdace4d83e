#pragma once

namespace shotwire::cli {
inline constexpr const char* version = SHOTWIRE_VERSION;  // CMakeLists.txt says it
}
