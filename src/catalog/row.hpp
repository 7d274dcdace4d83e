#pragma once
#include <string>

#include "catalog/fields.hpp"
#include "catalog/model.hpp"
#include "shotwire/result.hpp"

namespace shotwire::catalog {

// A row of models.json, checked. `where` names it in errors: `mine.json: model "veo-3.1"`. Errors: usage.
Result<Model> read_model(const json& row, const std::string& where);
Result<Route> read_route(const json& row, const std::string& where);
Result<Dialect> read_dialect(const json& row, const std::string& where);

Condition read_condition(Fields& fields, const std::string& key);

}  // namespace shotwire::catalog
