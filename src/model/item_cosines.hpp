// The cosines of items' factors.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <mutex>
#include <span>
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

// Makes the unit vectors when they are first asked for. Any number of threads may use it at a time.
class ItemCosines {
 public:
  explicit ItemCosines(const MfState& state) : state_(state) {}  // borrowed

  // Of the item with each of the others.
  std::vector<float> with(Index item, std::span<const Index> others) const {
    std::call_once(once_, [&] { units_ = unit_vectors(state_); });
    const auto unit = [&](Index one) {
      return units_.data() +
             static_cast<std::size_t>(one) * static_cast<std::size_t>(state_.factors);
    };
    std::vector<float> cosines;
    cosines.reserve(others.size());
    for (const Index other : others) {
      cosines.push_back(std::clamp(dot(unit(item), unit(other), state_.factors), -1.0f, 1.0f));
    }
    return cosines;
  }

 private:
  const MfState& state_;
  mutable std::once_flag once_;
  mutable std::vector<float> units_;
};

}  // namespace tusk
