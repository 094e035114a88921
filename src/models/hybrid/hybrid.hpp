// A model of parts: collaborative, content and popular, each with its own tensors in the one file.
#pragma once

#include "models/algorithm.hpp"

namespace tusk {

const Algorithm& hybrid_algorithm();

}  // namespace tusk
