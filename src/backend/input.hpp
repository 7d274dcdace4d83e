#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/json.hpp"
#include "shotwire/order.hpp"

namespace shotwire::backend {

// What backends have in common whose models each have an input of their own, written by the form that came with the order.

// `images`: the texts that stand for the order's images, in their order. Errors: usage: a wish without a field, or an order without
// a form (which says how to get one); bug: a form that is no JSON.
Result<json> input_of(const Order& order, const std::vector<std::string>& images);

// The same for comparing alone: nothing is uploaded for it, and the bytes of a file need not have been loaded.
Result<json> input_to_compare(const Order& order);

// Whether a job whose input the provider tells may be one with that input of ours: each of our fields is there with our value. A picture that
// was given as a file may stand there under an address of the provider's own. What else is told does not count: defaults, say.
bool may_be(const json& told, const json& ours);

// The member of that name; null where there is none, or where it is no object.
const json& member(const json& object, const char* name);

// The share of work that the last line of a log that has one tells, "frame 12:  35%|###   |": 0 to 1.
std::optional<double> progress_in(std::string_view log);

}  // namespace shotwire::backend
