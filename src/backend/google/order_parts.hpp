#pragma once
#include <string>
#include <vector>

#include "core/json.hpp"
#include "shotwire/order.hpp"

namespace shotwire::backend::google {

// What no Google video model takes: a clip to start from, a size in pixels, a native camera move. Errors: usage.
Result<> check(const Order& order, const std::string& who);

// The file's bytes; Google takes no URLs of other hosts. `types`: the media types it takes. Errors: usage.
Result<std::string> base64_of(const Image& image, const std::vector<std::string>& types);

// --param values, none of which may replace what is there. Errors: usage.
Result<> add_params(json& object, const Order& order);

json number(double value);  // whole where it is

}  // namespace shotwire::backend::google
