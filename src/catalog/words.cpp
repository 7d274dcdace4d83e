#include "catalog/model.hpp"

namespace shotwire::catalog {

std::string_view to_string(ImageRole role) {
    switch (role) {
        case ImageRole::first_frame: return "first_frame";
        case ImageRole::last_frame: return "last_frame";
        case ImageRole::reference: return "reference";
    }
    return "";
}

std::string_view to_string(Operation operation) {
    switch (operation) {
        case Operation::create: return "create";
        case Operation::remix: return "remix";
        case Operation::edit: return "edit";
        case Operation::extend: return "extend";
    }
    return "";
}

std::string flag_of(ImageRole role) {
    return role == ImageRole::first_frame ? "--first-frame" : role == ImageRole::last_frame ? "--last-frame" : "--reference";
}

std::optional<ImageRole> role_from(std::string_view word) {
    for (const auto role : {ImageRole::first_frame, ImageRole::last_frame, ImageRole::reference})
        if (to_string(role) == word) return role;
    return {};
}

std::optional<Operation> operation_from(std::string_view word) {
    for (const auto operation : {Operation::create, Operation::remix, Operation::edit, Operation::extend})
        if (to_string(operation) == word) return operation;
    return {};
}

}  // namespace shotwire::catalog
