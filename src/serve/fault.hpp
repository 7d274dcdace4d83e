#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::serve {

// A fault the server plays on purpose: --fault SPEC.
struct Fault {
    std::string endpoint = "any";  // create, retrieve, list, content, delete, remix, models, any
    std::string kind;              // see fault_kinds()
    std::string value;             // what stands behind "=": a status, seconds, bytes
    double probability = 1;
    int count = -1;  // how often at most; -1: always
    int skip = 0;    // how many requests pass before the first
};

struct FaultKind {
    const char* name;
    const char* help;
};
const std::vector<FaultKind>& fault_kinds();

// "create:429=2", "content:truncate=1000:x1", "retrieve:500:p0.3", "create:reset-after:skip2". Errors: usage, naming the part.
Result<Fault> parse_fault(std::string_view spec);

}  // namespace shotwire::serve
