#include "support/places.hpp"

namespace shotwire::places {
const char* const source = SHOTWIRE_SOURCE_DIR;
const char* const program = SHOTWIRE_PROGRAM;
const char* const media = SHOTWIRE_MEDIA_PROGRAM;
const char* const serve = SHOTWIRE_SERVE_MODULE;
const char* const fault_shim = SHOTWIRE_FAULT_SHIM;
const char* const fault_names = SHOTWIRE_FAULT_NAMES;
}  // namespace shotwire::places
