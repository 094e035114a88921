// The directions of items' factors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include <tusk/types.hpp>

#include "model/score.hpp"

namespace tusk {

// The factors of each item at length 1, whose products are cosines; 0 where all are 0. Computed
// with an item's largest factor as unit, so that no square is lost or overflows.
inline std::vector<float> unit_vectors(const MfState& state) {
  const auto factors = static_cast<std::size_t>(state.factors);
  std::vector<float> units(state.item_factors);
  for (std::size_t begin = 0; begin < units.size(); begin += factors) {
    float* const unit = units.data() + begin;
    float largest = 0;
    for (std::size_t f = 0; f < factors; ++f) largest = std::max(largest, std::abs(unit[f]));
    if (largest == 0) continue;
    for (std::size_t f = 0; f < factors; ++f) unit[f] /= largest;
    const float length = std::sqrt(dot(unit, unit, state.factors));
    for (std::size_t f = 0; f < factors; ++f) unit[f] /= length;
  }
  return units;
}

}  // namespace tusk
