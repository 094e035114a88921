// Random labels in exact numbers.
#pragma once

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <vector>

#include <tusk/types.hpp>

#include "support/philox.hpp"

namespace tusk {

// Labels 0, 1, ..., counts[l] times label l, in an order in which all are equally likely: each
// place in turn draws one of the labels that are left.
inline std::vector<Label> draw_labels(std::vector<std::uint32_t> counts, RandomSequence& random) {
  auto left = std::accumulate(counts.begin(), counts.end(), std::uint32_t{0});
  std::vector<Label> labels(left);
  for (Label& label : labels) {
    std::uint32_t draw = random.below(left--);
    label = 0;
    while (draw >= counts[label]) draw -= counts[label++];
    --counts[label];
  }
  return labels;
}

}  // namespace tusk
