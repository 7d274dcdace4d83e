#pragma once
#include "backend/json_api.hpp"
#include "backend/openai/dialect.hpp"

namespace shotwire::backend::openai {

// The paid request of an order: create, remix, edit or extend, as JSON or multipart. Errors: usage, naming the field (an image
// or a --param that has no place in it).
Result<http::Request> paid_request(const Order& order, const Intent& intent, const JsonApi& api, const Dialect& dialect);

// A clip's length as the protocol writes it: "8", "2.5".
std::string seconds_text(double seconds);

}  // namespace shotwire::backend::openai
