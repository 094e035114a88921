// Blends of the predictions of several models: include/tusk/blend.hpp.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& blend_algorithm();

}  // namespace tusk
