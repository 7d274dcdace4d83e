#pragma once
#include "job/ledger.hpp"

namespace shotwire::job {

std::int64_t to_ms(core::Wall time);
core::Wall from_ms(std::int64_t ms);

// What of a row stands in the ledger's `detail` column: all that no query asks for, but the order, which never changes. It is read
// into a new row.
std::string detail_of(const Row& row);
void read_detail(Row& row, std::string_view detail);

}  // namespace shotwire::job
