// The models without factors: the mean of the ratings, damped means of users and items, and those
// of items alone.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& mean_algorithm();
const Algorithm& bias_algorithm();
const Algorithm& popular_algorithm();

}  // namespace tusk
