#pragma once
#include <mutex>
#include <optional>
#include <random>
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

    double number(double fallback) const;  // the value, where it is one
};

struct FaultKind {
    const char* name;
    const char* help;
};
const std::vector<FaultKind>& fault_kinds();
const std::vector<std::string>& fault_endpoints();

// "create:429=2", "content:truncate=1000:x1", "retrieve:500:p0.3", "create:reset-after:skip2". Errors: usage, naming the part.
Result<Fault> parse_fault(std::string_view spec);

// Which request is hit by which fault. Safe to ask from many threads.
class FaultPlan {
public:
    explicit FaultPlan(const std::vector<Fault>& faults);
    // The first fault whose turn it is at this endpoint; it counts as played.
    std::optional<Fault> draw(std::string_view endpoint);

private:
    std::mutex mutex_;
    std::vector<Fault> faults_;
    std::mt19937 random_;
};

}  // namespace shotwire::serve
