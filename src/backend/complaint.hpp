#pragma once
#include <string>

#include "core/json.hpp"
#include "core/secrets.hpp"

namespace shotwire::backend {

// What a provider says went wrong, wherever it puts it: {"error": {code, message, param}}, {"error": "text"},
// {"detail": "text"}, {"detail": [{loc, msg}]}, {"message": "text"}, or an error object by itself. Codes come as text or
// as a number. All three are empty where it says nothing we can read; they are masked, cleaned for a terminal and cut, in that order.
struct Complaint {
    std::string code;
    std::string message;
    std::string param;  // the field that it is about
    bool empty() const { return code.empty() && message.empty(); }
};
Complaint read_complaint(const json& body, const core::Mask& mask);

bool refuses_content(const Complaint& complaint);  // moderation, not a mistake in the request
bool purse_is_empty(const Complaint& complaint);   // no waiting helps

// ": Unknown parameter: 'seed' (invalid_value, seed)"; empty where it says nothing.
std::string quote(const Complaint& complaint);

// Text of a provider for one of our sentences: printable, one line, cut.
std::string clean(std::string_view text, std::size_t longest = 300);

}  // namespace shotwire::backend
