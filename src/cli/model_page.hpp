#pragma once
#include <string>

#include "catalog/catalog.hpp"
#include "core/clock.hpp"

namespace shotwire::cli {

// All that is known of a model, for people, within 100 columns.
std::string model_page(const catalog::Catalog& catalog, const catalog::Model& model, core::Wall today);

}  // namespace shotwire::cli
