#pragma once
#include "backend/custom/protocol.hpp"

namespace shotwire::backend::custom {

// What an item of the provider's list tells of a model, as a row of models.json without id and routes. What it leaves open (null, or
// no such member) the row does not name.
json listed_row(const Protocol::Listing& listing, const json& item);

}  // namespace shotwire::backend::custom
