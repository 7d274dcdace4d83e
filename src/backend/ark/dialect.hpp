#pragma once
#include <map>
#include <optional>
#include <string>

#include "core/json.hpp"
#include "shotwire/measure.hpp"
#include "shotwire/result.hpp"

namespace shotwire::backend::ark {

// The keys of an ark route's dialect, see ark.md.
struct Dialect {
    std::string safety_identifier;      // of this installation, sent along and found by
    std::map<std::string, double> prices;  // dollars for a million tokens, by "MODEL RESOLUTION" or "MODEL"; "" is for any

    std::optional<double> price(const std::string& model, const std::string& resolution) const;
};

// Errors: usage, naming the key and what is allowed.
Result<Dialect> read_dialect(const json& dialect);

}  // namespace shotwire::backend::ark
