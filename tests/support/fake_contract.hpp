#pragma once
#include <memory>
#include <string>

#include "core/json.hpp"
#include "support/seen.hpp"

namespace shotwire::test {

// A request at an endpoint, with the parts that a contract names.
struct Call {
    json endpoint = json::object();
    json path = json::object();  // what stood in the braces
    json query = json::object();
    json headers = json::object();  // names in lower case
    json body;
};

// The value at a place: "query:task_ids", "body:/operationName" or "/operationName", "path:model", "header:x-name"; null where there is none.
json value_at(const Call& call, const std::string& place);

// The form with each "${name}" replaced: a name of `values`, or a place in the call. A text that is only that becomes the value, of whatever type.
json fill(const json& form, const json& values, const Call& call = {});

// "/videos/{id}/content" against "/videos/v1/content": {name} is a part of one segment, {name+} may have slashes in it.
bool match_path(std::string_view pattern, std::string_view path, json& found);

// A contract of tests/fakes, read and checked: a key that no contract has, or a name that stands for nothing, throws std::runtime_error.
class Contract {
public:
    Contract(json document, const std::string& where);
    ~Contract();
    const json& document() const { return document_; }

    const json* state(const std::string& name) const;  // null: none
    const json* error(const std::string& name) const;
    const json* endpoint(const std::string& name) const;
    // The name of the schema for a body: by its type, and by what a place says where the contract tells bodies apart so. Empty: none.
    std::string body_schema(const Call& call, const std::string& content_type) const;
    // What is wrong with the value; empty: it fits. "bytes" needs no schema: whatever is not empty.
    std::string fault(const std::string& schema, const json& value) const;

private:
    struct Schemas;
    json document_;
    std::unique_ptr<Schemas> schemas_;
};
Contract read_contract(const std::string& name);  // tests/fakes/NAME.json

}  // namespace shotwire::test
