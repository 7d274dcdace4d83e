#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "shotwire/result.hpp"

namespace shotwire::core {

// A credential. It cannot be printed or compared by accident; `expose` is called where bytes leave for its origin.
class Key {
public:
    Key() = default;
    explicit Key(std::string value) : value_(std::move(value)) {}
    bool empty() const { return value_.empty(); }
    const std::string& expose() const { return value_; }

private:
    std::string value_;
};

// Checks text from outside before it becomes a key: no spaces, no control bytes, at most 16 KiB; a final line break
// is dropped. `where` names its place in the error ("$FAL_KEY"). Errors: auth.
Result<Key> parse_key(std::string text, std::string_view where);

// Hides keys by their value, wherever they appear: as they are, URL-encoded, in Base64.
class Mask {
public:
    void add(const Key& key);
    std::string operator()(std::string_view text) const;

private:
    std::vector<std::string> forms_;  // longest first
};

}  // namespace shotwire::core
