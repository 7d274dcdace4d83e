#pragma once
#include <span>
#include <string_view>

namespace shotwire::lint {

// Well-known real people whose likeness providers refuse: full names, lower case without accents where both are written.
std::span<const std::string_view> real_people();
// Those who are known by one word; only with a capital.
std::span<const std::string_view> real_people_by_one_name();

}  // namespace shotwire::lint
