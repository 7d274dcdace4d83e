#pragma once
#include <map>
#include <string>
#include <vector>

#include "catalog/model.hpp"

namespace shotwire::cli {

// Where a row and what its route publishes of the model no longer agree.
struct Drift {
    std::string model, route, id;
    std::string what;  // a sentence
};

// The ids under which a row is asked on a route: its own and those of its variants, with the forms that go with them. A setting
// in them is replaced by its value; without one they are left out.
struct Endpoint {
    std::string id;
    json form;
};
std::vector<Endpoint> endpoints(const catalog::ModelRoute& there, const std::map<std::string, std::string>& settings = {});

// `row` as it is on the route; `published` is the row that was made of the schema of that id (Backend::describe).
std::vector<std::string> compare(const catalog::Model& row, const json& form, const json& published);

// The same of what a list of models tells of it (Backend::list).
std::vector<std::string> compare(const catalog::Model& row, const json& listed);

}  // namespace shotwire::cli
