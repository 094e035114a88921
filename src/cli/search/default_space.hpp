// What is searched where nothing is said.
#pragma once

#include <tusk/model.hpp>

#include "cli/search/search_space.hpp"

namespace tusk::cli {

// Around the defaults of the model, which for mf follow `spread`, the standard deviation of the
// ratings. Empty for a model without parameters.
SearchSpace default_space(ModelKind kind, float spread);

}  // namespace tusk::cli
