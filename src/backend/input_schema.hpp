#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace shotwire::backend {

// A field of a model's input, as the OpenAPI document that its provider publishes tells it.
struct InputField {
    std::string name;
    std::string type;                    // string, integer, number, boolean, array, object; empty: not told
    std::string item_type;               // of an array
    std::vector<json> values;            // the allowed ones; empty: any
    std::optional<double> least, most;   // of a number
    std::size_t longest = 0, most_items = 0;  // of a text, of an array; 0: not told
    json fallback;                       // what it is where it is not sent; null: not told
    bool required = false;
};

struct InputSchema {
    std::vector<InputField> fields;
    bool makes_video = true;  // false: what comes out is surely something else
};

// The input of the POST at that path, or of the first one. Errors: provider.
Result<InputSchema> input_of_endpoint(const json& openapi, const std::string& path);
// The input that stands under that name among the document's schemas. Errors: provider.
Result<InputSchema> input_named(const json& openapi, const std::string& name);

}  // namespace shotwire::backend
