// The weights of a blend.
#pragma once

#include <span>
#include <vector>

namespace tusk {

struct BlendWeights {
  std::vector<float> weight;  // by part
  float constant = 0;
};

// Those with the least sum of squared errors of constant + sum of weight times prediction, plus
// `ridge` times the mean variance of a part's predictions times the squared distance of the weights
// from one over their number. `prediction` is by part, then by rating.
BlendWeights ridge_weights(std::span<const std::vector<float>> prediction,
                           std::span<const float> rating, double ridge);

}  // namespace tusk
