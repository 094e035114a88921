// Slope One (Lemire, Maclachlan: "Slope One Predictors for Online Rating-Based Collaborative
// Filtering", 2005): a user's mean rating plus the mean, over the items that he rated, of how much
// higher those who rated both rated the item asked about.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& slope_one_algorithm();

}  // namespace tusk
