#pragma once
#include <optional>
#include <string>
#include <vector>

#include "shotwire/error.hpp"
#include "shotwire/measure.hpp"

namespace shotwire::report {

// A row of a batch when nothing more happens to it.
struct RowEnd {
    std::string row, job, state, clip, model;
    std::optional<Error> error;  // none: done
    double seconds = 0;          // since it was made
    std::optional<Money> cost;
    std::string exec = {};       // how the command for its clip failed; empty: it did not
    bool ran = true;             // false: the batch was refused, and the error is that of it
};

// JUnit's XML: a row a case; a failure has the kind of its error as type. Not done by our own fault or by the user's word is an error
// or skipped, so that CI tells a refused shot from one that was interrupted. A batch that was `refused` is an error beside its rows.
std::string junit(const std::string& batch, const std::vector<RowEnd>& rows, const std::optional<Error>& refused = {});

}  // namespace shotwire::report
