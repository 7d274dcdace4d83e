#pragma once
#include <optional>
#include <string>
#include <vector>

#include "core/json.hpp"

namespace shotwire::catalog {

// Reads one JSON object key by key and keeps the first thing that is wrong with it, in a sentence that names the place, the key,
// the value and what is allowed. A key that was never asked for is unknown.
class Fields {
public:
    Fields(const json& object, std::string where);
    Fields(const json& over, const json& under, std::string where);  // the keys of both, those of `over` first; a null there takes one away
    // A part of another one's object, which outlives it: the object at that key, or one of the list there.
    Fields(Fields& whole, const std::string& key);
    Fields(const Fields& whole, const std::string& key, const json& object);

    bool has(const std::string& key);  // from here on the key is known
    void require(const std::string& key);
    std::string text(const std::string& key, const std::string& fallback = {});
    std::string one_of(const std::string& key, const std::vector<std::string>& allowed, const std::string& fallback);
    std::vector<std::string> texts(const std::string& key);
    bool flag(const std::string& key, bool fallback);
    std::optional<bool> flag(const std::string& key);
    double number(const std::string& key, double least, double most, double fallback = 0);
    std::int64_t whole(const std::string& key, std::int64_t least, std::int64_t most, std::int64_t fallback = 0);
    std::vector<double> numbers(const std::string& key);
    const json& object(const std::string& key);                // an empty one where it is missing
    const std::vector<json>& objects(const std::string& key);  // the same
    const std::vector<json>* list(const std::string& key);     // of anything; null where it is missing or none
    std::string where() const;

    void fail(const std::string& key, const std::string& allowed);  // the value of the key is not `allowed`
    void take(const Fields& part);                                  // its error is ours
    void say(std::string error);
    // The first error, unknown keys included; empty: none.
    std::string error() const;

private:
    const json* find(const std::string& key);

    const json& object_;
    const json& under_;
    const Fields* whole_ = nullptr;  // a place is put into words where something is wrong with it
    std::string where_;              // of it, or in it
    std::string error_;
    std::vector<std::string> known_;
};

}  // namespace shotwire::catalog
