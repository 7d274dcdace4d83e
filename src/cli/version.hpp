#pragma once

namespace shotwire::cli {
inline constexpr const char* version = "0.1.0";  // as CMakeLists.txt says; a test compares them
}
