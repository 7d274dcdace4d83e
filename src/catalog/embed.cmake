# Writes the file FROM into the C++ source TO: each row of "models" as a text of its own, which is read when it is asked for, and the rest.
file(READ ${FROM} text)
string(JSON rest REMOVE "${text}" models)
string(JSON count LENGTH "${text}" models)
math(EXPR last "${count} - 1")
set(rows "")
foreach(at RANGE ${last})
  string(JSON row GET "${text}" models ${at})
  string(APPEND rows "    R\"json(${row})json\",\n")
endforeach()
file(WRITE ${TO} "#include \"catalog/models_json.hpp\"

namespace shotwire::catalog {
namespace {
constexpr std::string_view rows[] = {
${rows}};
}  // namespace
const std::span<const std::string_view> model_rows = rows;
const std::string_view other_rows = R\"json(${rest})json\";
}  // namespace shotwire::catalog
")
