#pragma once
#include <span>
#include <string_view>

namespace shotwire::catalog {

// models.json, as embed.cmake writes it into the program.
extern const std::span<const std::string_view> model_rows;  // a text for each row of "models"
extern const std::string_view other_rows;                   // the document without them

}  // namespace shotwire::catalog
