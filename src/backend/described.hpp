#pragma once
#include <string>

#include "backend/input_schema.hpp"

namespace shotwire::backend {

// A row of models.json, by name ROUTE:MODEL, for a model that has none: the limits that its fields tell, and the form that fills them.
// What no field is for has neither, so that a wish for it is refused. A model without a field for the length, say, makes clips of a
// length that is not told. Errors: usage: it takes no prompt, or makes no video.
Result<json> described_row(const InputSchema& input, const std::string& model, const std::string& route);

}  // namespace shotwire::backend
