# Writes the file FROM into the C++ source TO as the constant `models_json`.
file(READ ${FROM} text)
file(WRITE ${TO} "#include <string_view>

namespace shotwire::catalog {
extern const std::string_view models_json;
const std::string_view models_json = R\"json(${text})json\";
}  // namespace shotwire::catalog
")
