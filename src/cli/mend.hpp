#pragma once
#include <functional>
#include <optional>
#include <string>

#include "shotwire/result.hpp"
#include "shotwire/shot.hpp"

namespace shotwire::cli {

// The text of a shot file, YAML or JSON, with the words of `before` replaced by those of `after` where they stand, so that comments, order
// and quotes survive. `read` reads such a text: what it does not read as exactly the mended shot is never returned. None: not written in a
// way that this can mend.
std::optional<std::string> mend_text(std::string text, const Shot& before, const Shot& after, const std::function<Result<Shot>(const std::string&)>& read);

}  // namespace shotwire::cli
