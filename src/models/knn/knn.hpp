// Prediction by the k nearest neighbours.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& user_knn_algorithm();
const Algorithm& item_knn_algorithm();

}  // namespace tusk
